"""A storage zone that behaves like Bunny's: keys, checksums, ranges, folders; over HTTP."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

ACCESS_KEY = "zone-password"


class Zone(ThreadingHTTPServer):
    """Files by path; the next `failures` requests are answered 500, `room` is how many files it still takes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.failures = 0
        self.room = 1 << 30


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Zone

    def do_PUT(self) -> None:
        """Store, if the checksum is right."""
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self._refuses():
            return
        if len(self.server.files) >= self.server.room:
            self._answer(507)
        elif self.headers.get("Checksum", "") != hashlib.sha256(data).hexdigest().upper():
            self._answer(400, b'{"HttpCode":400,"Message":"Checksum mismatch"}')
        else:
            self.server.files[self.path] = data
            self._answer(201, b'{"HttpCode":201,"Message":"File uploaded."}')

    def do_GET(self) -> None:
        """A file, a range of it, or a folder."""
        if self._refuses():
            return
        if self.path.endswith("/"):
            self._answer(200, json.dumps(list(self._folder())).encode())
            return
        data = self.server.files.get(self.path)
        if data is None:
            self._answer(404, b'{"HttpCode":404,"Message":"Object Not Found"}')
        elif said := self.headers.get("Range"):
            first, _, last = said.removeprefix("bytes=").partition("-")
            end = min(int(last) + 1 if last else len(data), len(data))
            self._answer(206, data[int(first) : end], {"Content-Range": f"bytes {first}-{end - 1}/{len(data)}"})
        else:
            self._answer(200, data)

    def do_DELETE(self) -> None:
        """Remove."""
        if not self._refuses():
            self._answer(200 if self.server.files.pop(self.path, None) is not None else 404)

    def _folder(self) -> Iterator[dict[str, object]]:
        seen = set()
        for path, data in self.server.files.items():
            name, slash, _ = path.removeprefix(self.path).partition("/") if path.startswith(self.path) else ("", "", "")
            if name and name not in seen:
                seen.add(name)
                size = 0 if slash else len(data)
                yield {
                    "ObjectName": name,
                    "IsDirectory": bool(slash),
                    "Length": size,
                    "LastChanged": "2026-11-21T04:00:00.123",
                }

    def _refuses(self) -> bool:
        if self.headers.get("AccessKey") != ACCESS_KEY:
            self._answer(401)
        elif self.server.failures:
            self.server.failures -= 1
            self._answer(500)
        else:
            return False
        return True

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def zone() -> Iterator[Zone]:
    """A running zone."""
    with Zone() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
