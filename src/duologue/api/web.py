"""The web client as it is served: files that were built before, read once, each with its tag and its gzip. No person's data is among them.

It stands before the routes of the API, because below `/chat` a browser that asks for a page gets the client, and everybody else dialect A.
"""

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from duologue.api.conditions import is_unchanged
from duologue.api.exchange import App, Message, RawHeaders, Receive, Scope, Send
from duologue.api.json import encode
from duologue.api.policy import PagePolicy

INDEX = "/index.html"
EMBED = "/duologue.js"  # the custom element, for pages of other sites
WORKER = "/sw.js"
ABOUT = "/web.json"
SOCKET = "/chat/ws"

# What a file is, by the end of its name; others are not served.
TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".ico": "image/x-icon",
        ".jpg": "image/jpeg",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".mp3": "audio/mpeg",
        ".png": "image/png",
        ".svg": "image/svg+xml; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
        ".webp": "image/webp",
        ".woff2": "font/woff2",
    }
)
_PACKED = frozenset({".css", ".html", ".ico", ".js", ".json", ".svg", ".txt", ".wasm", ".webmanifest"})
_ASK_EACH_TIME = (b"cache-control", b"no-cache")
_FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")  # the name holds the content's digest
_FOR_ALL_SITES: RawHeaders = (
    (b"cache-control", b"public, max-age=300"),
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
_OF_BODIES = (
    b"content-type",
    b"content-encoding",
)  # a 304 has none; its other headers take the place of those that were kept
_SETTINGS = re.compile(r"/settings(/.*)?")
_CHAT = re.compile(r"/chat(/.*)?")


@dataclass(frozen=True, slots=True)
class Form:
    """One of the ways a file goes over the wire. `tag` is its strong entity tag, in quotes."""

    body: bytes
    tag: str
    headers: RawHeaders


@dataclass(frozen=True, slots=True)
class WebFile:
    """A file as it is, and packed if that is shorter. `is_page`: what it may do is said by the policy of pages."""

    plain: Form
    packed: Form | None
    is_page: bool

    def form(self, accept_encoding: str) -> Form:
        """The one for this client."""
        return self.packed if self.packed and names("gzip", accept_encoding) else self.plain


@dataclass(frozen=True, slots=True)
class About:
    """What the client asks of its server before anybody is signed in; `origins` may hand it a token by postMessage."""

    accounts: bool
    origins: Sequence[str]
    version: str


class WebClient:
    """The built client. `files`: path -> file."""

    def __init__(self, files: Mapping[str, WebFile], policy: PagePolicy) -> None:
        self._files = files
        self.policy = policy
        self.index = files[INDEX]

    @staticmethod
    def read(folder: Path, about: About, policy: PagePolicy) -> "WebClient | None":
        """Read and pack all of a build; None: there is none. Blocks, for some tenths of a second."""
        if not (folder / INDEX[1:]).is_file():
            return None
        found = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix in TYPES]
        files = {f"/{file.relative_to(folder).as_posix()}": file.read_bytes() for file in found}
        files[ABOUT] = encode(about)
        return WebClient({path: _web_file(path, body) for path, body in files.items()}, policy)

    def find(self, path: str) -> tuple[WebFile, str] | None:
        """What stands at a path, and what the path is counted as."""
        if path == "/" or _SETTINGS.fullmatch(path):
            return self.index, "/" if path == "/" else "/settings"
        file = self._files.get(path)
        if file is None:
            return None
        folder, _, name = path[1:].rpartition("/")
        return file, f"/{folder}/{{name}}" if folder else f"/{name}"

    def hides(self, routes: Iterable[str]) -> set[str]:
        """Those of these routes that nobody could reach; `/` is the client's."""
        own = {_first(path) for path in (*self._files, "/settings")}
        return {route for route in routes if _first(route) in own}


class Pages:
    """An ASGI application around the API: answers what is the client's, and passes on the rest."""

    def __init__(self, app: App, client: WebClient) -> None:
        self._app = app
        self._client = client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; HEAD comes as GET."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _CHAT.fullmatch(scope["path"]):
            await self._negotiate(scope, receive, send)
        elif found := self._client.find(scope["path"]):
            file, scope["path_template"] = found
            await self._answer(file, scope, send)
        else:
            await self._app(scope, receive, send)

    async def _negotiate(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Below `/chat` who names text/html itself gets the client; the socket's address stays the socket's."""
        is_socket = scope["path"].rstrip("/") == SOCKET
        if scope["method"] != "GET" or is_socket:
            await self._app(scope, receive, send)
        elif names("text/html", _header(scope, b"accept")):
            scope["path_template"] = "/chat/{username}"
            await self._answer(self._client.index, scope, _varying(send))
        else:
            await self._app(scope, receive, _varying(send))

    async def _answer(self, file: WebFile, scope: Scope, send: Send) -> None:
        if scope["method"] != "GET":
            await _send(send, 405, [(b"allow", b"GET, HEAD")])
            return
        form = file.form(_header(scope, b"accept-encoding"))
        headers = [*form.headers]
        if file.is_page:
            headers += self._client.policy.headers(_header(scope, b"host"))
        if is_unchanged(_header(scope, b"if-none-match") or None, form.tag):
            await _send(send, 304, [header for header in headers if header[0] not in _OF_BODIES])
        else:
            await _send(send, 200, [*headers, (b"content-length", b"%d" % len(form.body))], form.body)


def names(wanted: str, accepted: str) -> bool:
    """Whether `Accept` or `Accept-Encoding` names this very thing, not by a wildcard, and does not refuse it by `q=0`."""
    for item in accepted.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        if name == wanted:
            return not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", parameter) for parameter in parameters)
    return False


def _web_file(path: str, body: bytes) -> WebFile:
    end = Path(path).suffix
    packed = gzip.compress(body, 9, mtime=0) if end in _PACKED else body
    headers = [(b"content-type", TYPES[end].encode("ascii")), *_caching(path)]
    if end in _PACKED:
        headers.append((b"vary", b"Accept-Encoding"))
    digest = hashlib.sha256(body).hexdigest()[:32]
    return WebFile(
        _form(body, f'"{digest}"', headers),
        _form(packed, f'"{digest}-gzip"', [*headers, (b"content-encoding", b"gzip")])
        if len(packed) < len(body)
        else None,
        is_page=end == ".html" or path == WORKER,  # what a worker may fetch is said by its own script's policy
    )


def _form(body: bytes, tag: str, headers: RawHeaders) -> Form:
    return Form(body, tag, [*headers, (b"etag", tag.encode("ascii"))])


def _caching(path: str) -> RawHeaders:
    if path.startswith("/assets/"):
        return (_FOR_EVER,)
    if path == EMBED:
        return _FOR_ALL_SITES
    return (_ASK_EACH_TIME, (b"service-worker-allowed", b"/")) if path == WORKER else (_ASK_EACH_TIME,)


def _header(scope: Scope, wanted: bytes) -> str:
    return ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == wanted)


def _first(path: str) -> str:
    """The first step of a path; the whole for the root."""
    return path[1:].partition("/")[0] or path


def _varying(send: Send) -> Send:
    """What is answered here depends on `Accept`."""

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = message["headers"]
            varies = [b"Accept", *(value for name, value in own if name == b"vary")]
            message["headers"] = [*(each for each in own if each[0] != b"vary"), (b"vary", b", ".join(varies))]
        await send(message)

    return answer


async def _send(send: Send, status: int, headers: RawHeaders, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
