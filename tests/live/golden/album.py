"""A server whose every answer and frame is kept, the first of each kind, with ids, times and tokens replaced by what they are."""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.live.people import API, Answer, Headers, Person, Place
from tests.live.socket import Socket

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
SIGNED = re.compile(r"expires=\d+&signature=[\w-]+")
MONTH = re.compile(r"(/uploads/messages/\w+)/\d{4}/\d{2}/")
ERASED = re.compile(r"deleted-[0-9a-f]{8}")
OPAQUE = {"nextCursor", "next_cursor", "beforeCursor", "afterCursor", "requestId", "request_id", "epoch", "placeholder"}
# Numbers that depend on when marks of delivery are written, on clocks, and on encoders of pictures.
MOVING = {"position", "retryAfter", "retry_after", "expiresIn", "size"}
REWRITE = "GOLDEN"  # GOLDEN=write pytest tests/live/golden writes the files anew


class Album(Place):
    """A place that keeps what it answers: (method, path, status) -> body, frame's type and members -> frame."""

    def __init__(self, url: str, dsn: str, prefix: str) -> None:
        """`prefix`: what is kept lies below it."""
        super().__init__(url, dsn)
        self._prefix = prefix
        self._ids: dict[str, str] = {}  # of the document at hand
        self.answers: dict[str, Any] = {}
        self.frames: dict[str, Any] = {}

    async def request(
        self, method: str, path: str, *, headers: Headers | None = None, body: Any = None, **query: Any
    ) -> Answer:
        """Send a request and keep what comes back."""
        answer = await super().request(method, path, headers=headers, body=body, **query)
        target = (path if path.startswith("/") else f"{API}/{path}").partition("?")[0]
        if target.startswith(self._prefix) and self._contract is not None:
            template = self._contract.template(target)
            self.answers.setdefault(f"{method} {template} {answer.status}", self._page(answer.body))
        return answer

    def socket(self, path: str = "/chat/ws", **given: Any) -> Socket:
        """Return a socket whose frames are kept."""
        socket = super().socket(path, **given)
        socket.watchers.append(self._keep)
        return socket

    def _keep(self, frame: Mapping[str, Any]) -> None:
        body = frame.get("payload", frame.get("data", {}))
        members = ", ".join(sorted(body))
        self.frames.setdefault(f"{frame['type']} {{{members}}}", self._page(frame))

    def _page(self, document: Any) -> Any:
        self._ids = {}
        return self._plain(document)

    def _plain(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {self._text(name): self._plain(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._plain(inner, key) for inner in value]
        if isinstance(value, str):
            return f"<{key}>" if key in OPAQUE and not self._is_known(value) else self._text(value)
        return f"<{key}>" if key in MOVING else value

    def _is_known(self, value: str) -> bool:
        """A message's id may be the next cursor of one dialect: then it is told."""
        return value in self._ids

    def _text(self, value: str) -> str:
        value = MONTH.sub(r"\1/<month>/", SIGNED.sub("<signed>", value))
        value = ERASED.sub("deleted-<hex>", TOKEN.sub("<token>", TIME.sub("<time>", value)))
        return UUID.sub(lambda found: self._ids.setdefault(found[0], f"<id {len(self._ids) + 1}>"), value)

    def check_complete(self, socket: str, mine: Callable[[str], bool]) -> None:
        """Every documented success and every documented frame of the socket was seen; `mine` chooses the paths."""
        assert self._contract is not None
        successes = {f"{method} {path} {status}" for method, path, status in self._contract.successes() if mine(path)}
        assert successes <= self.answers.keys(), f"never answered: {sorted(successes - self.answers.keys())}"
        kinds = {name.partition(" ")[0] for name in self.frames}
        documented = self._contract.server_frames(socket)
        assert documented <= kinds, f"never sent: {sorted(documented - kinds)}"

    async def register(self, username: str) -> Person:
        """An account of the stand-alone server."""
        answer = await super().request(
            "POST", "/api/v1/auth/register", body={"username": username, "password": "a long password"}
        )
        return Person(self, answer.data["user"]["id"], username, answer.data["accessToken"])


def compare(path: Path, found: Mapping[str, Any]) -> None:
    """Hold what was found against the file; every difference is named."""
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get(REWRITE) == "write":
        path.write_text(text, encoding="utf-8")
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for part in sorted(known.keys() | found.keys()):
        ours, theirs = known.get(part, {}), found.get(part, {})
        assert theirs.keys() == ours.keys(), f"not in both, {part}: {sorted(theirs.keys() ^ ours.keys())}"
        for name in sorted(ours):
            assert theirs[name] == ours[name], f"{part}: {name} is {theirs[name]}, and was {ours[name]}"


def keys(value: Any) -> set[str]:
    """Every key of a document, however deep, but those that are ids."""
    if isinstance(value, dict):
        return {name for name in value if not name.startswith("<id ")}.union(*map(keys, value.values()))
    if isinstance(value, list):
        return set().union(*map(keys, value))
    return set()
