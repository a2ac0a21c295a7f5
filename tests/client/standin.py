"""A stand-in for the server on real sockets: socket A with a log of facts, and REST answers that a test writes down.

It speaks the protocol of design parts 4 and 5 for one user. A test may script single connections; the rest are `live`.
"""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

NOW = "2026-01-02T03:04:05.000006Z"
ME = "00000000-0000-7000-8000-000000000001"
PARTNER = "00000000-0000-7000-8000-000000000002"
CONVERSATION = "00000000-0000-7000-8000-0000000000c1"


def user(number: int = 2, name: str = "partner") -> dict[str, Any]:
    """Write a UserShortDTO."""
    return {"id": f"00000000-0000-7000-8000-{number:012d}", "username": name, "displayName": name, "avatar": ""}


def message(number: int, content: str = "hello", sender: str = PARTNER, temp_id: str | None = None) -> dict[str, Any]:
    """Write a MessageDTO; a higher number is a later message."""
    at = f"2026-01-02T03:04:05.{number:06d}Z"
    named = {} if temp_id is None else {"tempId": temp_id}
    return {
        "id": f"00000000-0000-7000-8001-{number:012d}",
        "conversationId": CONVERSATION,
        "senderId": sender,
        "content": content,
        "isRead": False,
        "status": "sent",
        "createdAt": at,
        "updatedAt": at,
        **named,
    }


def conversation(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Write a ConversationDTO with user number + 1."""
    return {
        "id": f"00000000-0000-7000-8000-{0xC0 + number:012x}",
        "otherUser": user(number + 1, f"user{number + 1}"),
        "lastMessage": None,
        "unreadCount": 0,
        "updatedAt": NOW,
        "isBlocked": False,
        **fields,
    }


class Peer:
    """The server's end of one socket."""

    def __init__(self, ws: ServerConnection, request: Request) -> None:
        self.ws = ws
        self.headers = request.headers
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}

    async def send(self, kind: str, payload: object, **fields: object) -> None:
        """Send one frame; `position` and `id` are fields."""
        named = {name: value for name, value in fields.items() if value is not None}
        await self.ws.send(json.dumps({"type": kind, "payload": payload} | named))

    async def receive(self) -> dict[str, Any]:
        """Receive the next command."""
        frame: dict[str, Any] = json.loads(await self.ws.recv())
        return frame

    async def hello(self, position: int = 0, epoch: str = "e1") -> None:
        """Send the connect frames."""
        told = {"userId": ME, "connectionId": "k", "connectedAt": NOW, "position": position, "epoch": epoch}
        await self.send("auth_success", told)
        await self.send("connection.success", told)
        await self.send("status.bulk", {"statuses": {PARTNER: True}})

    def abort(self) -> None:
        """Cut the connection without a close frame: the client sees 1006."""
        self.ws.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


@dataclass
class Seen:
    """A REST request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    """A REST answer; a status of 0 cuts the connection instead."""

    data: object = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


class Standin:
    """One user's server: `log[n]` is the fact at position n + 1. `scripts` serve the next connections, `live` all others."""

    def __init__(self) -> None:
        self.base_url = ""
        self.socket_url = ""
        self.epoch = "e1"
        self.log: list[dict[str, Any]] = []
        self.sent: dict[str, dict[str, Any]] = {}
        self.scripts: deque[Script] = deque()
        self.refusals: deque[Response | None] = deque()
        self.peers: list[Peer] = []
        self.requests: list[Seen] = []
        self.answers: dict[tuple[str, str], deque[Answer]] = {}
        self.lost_answers = 0
        self.polls_wait = True
        self.commands: list[dict[str, Any]] = []
        self.changed = asyncio.Event()
        self._serving: set[asyncio.Task[None]] = set()

    # -- what a test does ---------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, *answers: Answer) -> None:
        """Answer the next requests to a path; the last one for ever."""
        self.answers[method, path] = deque(answers)

    async def fact(self, kind: str, payload: dict[str, Any]) -> None:
        """Append a fact to the log and send it to all live sockets."""
        self.log.append({"type": kind, "payload": payload, "position": len(self.log) + 1})
        self._stir()
        for peer in list(self.peers):
            with contextlib.suppress(ConnectionClosed):
                await peer.ws.send(json.dumps(self.log[-1]))

    def end_polls(self) -> None:
        """Let the polls that wait answer now, and later ones at once."""
        self.polls_wait = False
        self._stir()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that this server saw makes `condition` true."""
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    # -- socket -------------------------------------------------------------------------------------------------------

    async def live(self, peer: Peer) -> None:
        """Serve a connection as the server does: connect frames, replay, commands."""
        since = peer.query.get("since")
        epoch = peer.query.get("epoch", self.epoch)
        head = len(self.log)
        await peer.hello(head if since is None else int(since), epoch)
        self.peers.append(peer)
        self._stir()
        if since is not None and epoch != self.epoch:
            await peer.send("resume.reset", {"position": head, "epoch": self.epoch, "reason": "epoch"})
        elif since is not None:
            for fact in self.log[int(since) : head]:
                await peer.ws.send(json.dumps(fact))
            await peer.send("notification.unread", {"conversationId": None, "totalUnread": 0})
            await peer.send("resume.done", {"position": head, "epoch": self.epoch})
        while True:
            await self.obey(peer, await peer.receive())

    async def obey(self, peer: Peer, command: dict[str, Any]) -> None:
        """Answer one command."""
        self.commands.append(command)
        self._stir()
        kind, payload, number = command["type"], command["payload"], command.get("id")
        if kind == "message.send":
            await self._store(peer, payload, number)
        elif kind == "message.read":
            told = {"conversationId": payload["conversationId"], "markedCount": 0, "readAt": None}
            await peer.send("message.read_ack", told, id=number)
        elif kind == "ping":
            told = {"timestamp": 1, "serverTime": NOW, "position": len(self.log)}
            await peer.send("pong", told, id=number)
        elif kind == "auth":
            told = {"userId": ME, "connectedAt": NOW, "position": len(self.log), "epoch": self.epoch}
            await peer.send("auth_success", told, id=number)

    async def _store(self, peer: Peer, payload: dict[str, Any], number: object) -> None:
        key = payload.get("tempId", "")
        known = key in self.sent
        if not known:
            self.sent[key] = message(len(self.log) + 1, payload["content"], ME, key)
            self.log.append(
                {"type": "message.sent", "payload": {"message": self.sent[key]}, "position": len(self.log) + 1}
            )
            self._stir()
        if self.lost_answers:
            self.lost_answers -= 1
            peer.abort()
            return
        answer = {"tempId": key, "message": self.sent[key], "unreadCount": 0, "totalUnread": 0}
        if known:
            await peer.send("message.sent", answer | {"replayed": True}, id=number)
        else:
            await peer.send("message.sent", answer, id=number, position=len(self.log))

    async def _serve(self, ws: ServerConnection) -> None:
        assert ws.request is not None
        peer = Peer(ws, ws.request)
        script = self.scripts.popleft() if self.scripts else self.live
        self._stir()
        try:
            await script(peer)
        except ConnectionClosed:
            pass
        finally:
            if peer in self.peers:
                self.peers.remove(peer)
            self._stir()

    def _judge(self, _ws: ServerConnection, _request: Request) -> Response | None:
        return self.refusals.popleft() if self.refusals else None

    def _stir(self) -> None:
        self.changed.set()

    # -- REST ---------------------------------------------------------------------------------------------------------

    async def end(self) -> None:
        """Cut what is open over REST, and wait for it."""
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            while True:
                seen = await _read_request(reader)
                self.requests.append(seen)
                self._stir()
                reply = await self._reply(seen)
                if reply.status == 0:
                    writer.transport.abort()
                    return
                writer.write(_written(reply))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self._serving.discard(task)

    async def _reply(self, seen: Seen) -> Answer:
        answers = self.answers.get((seen.method, seen.path))
        if answers:
            return answers.popleft() if len(answers) > 1 else answers[0]
        if seen.path.endswith("/events"):
            return await self._events(seen.query)
        return error(404, "NOT_FOUND", "Not found")

    async def _events(self, query: dict[str, str]) -> Answer:
        """Answer a long poll; one that waits ends with a fact, or when the test says that its time is over."""
        since = int(query.get("since", len(self.log)))
        if query["wait"] != "0":
            while len(self.log) <= since and self.polls_wait:
                self.changed.clear()
                await self.changed.wait()
        told = {"events": self.log[since:], "position": len(self.log), "epoch": self.epoch, "hasMore": False}
        return Answer(told)


def error(status: int, code: str, text: str, headers: dict[str, str] | None = None, **fields: object) -> Answer:
    """Write an error envelope."""
    body = {"success": False, "message": text, "error": {"code": code, "message": text, "requestId": "r1", **fields}}
    return Answer(status=status, headers=headers or {}, raw=json.dumps(body).encode())


def page(name: str, items: list[Any], cursor: str | None = None, position: int | None = None) -> Answer:
    """Write a list."""
    meta: dict[str, object] = {"hasMore": cursor is not None}
    if cursor is not None:
        meta["nextCursor"] = cursor
    headers = {} if position is None else {"Duologue-Position": str(position)}
    return Answer({name: items, "meta": meta}, headers=headers)


def refuse(status: HTTPStatus, headers: dict[str, str], body: bytes = b"") -> Response:
    """Refuse an upgrade."""
    return Response(status, status.phrase, Headers({"Content-Length": str(len(body)), **headers}), body)


async def _read_request(reader: asyncio.StreamReader) -> Seen:
    """Read one HTTP/1.1 request; the end of the stream is an IncompleteReadError."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    path, _, search = target.partition("?")
    query = {name: values[0] for name, values in parse_qs(search).items()}
    return Seen(method, path, query, headers, json.loads(body) if body else None)


def _written(reply: Answer) -> bytes:
    body = reply.raw
    if body is None:
        body = json.dumps({"success": True, "message": "ok", "data": reply.data}).encode()
    headers = {"Content-Length": str(len(body)), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Standin]:
    """Start a stand-in on two free ports of the loopback."""
    standin = Standin()
    rest = await asyncio.start_server(standin._http, "127.0.0.1", 0)
    async with rest, serve(standin._serve, "127.0.0.1", 0, process_request=standin._judge, compression=None) as sockets:
        standin.base_url = f"http://127.0.0.1:{rest.sockets[0].getsockname()[1]}"
        standin.socket_url = f"ws://127.0.0.1:{next(iter(sockets.sockets)).getsockname()[1]}/api/v1/chat/ws"
        try:
            yield standin
        finally:
            await standin.end()
