"""A stand-in for the server: the frames of dialect A that the generator needs, and no product behind them.

It shows what the generator itself can do (``PROFILE=ceiling``), and loses or doubles deliveries on demand, so that tests
can show that the generator notices. Run as ``python -m bench.standin`` it prints its port and serves until it is killed.
"""

import asyncio
import contextlib
import itertools
import json
import uuid
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from typing import Any

import jwt
import msgspec
import uvloop
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

MESSAGE = (
    b'{"id":"%s","conversationId":"%s","senderId":"%s","receiverId":"%s","sender":{"id":"%s","username":"%s",'
    b'"displayName":"%s","avatar":null,"isOnline":true},"type":"text","content":"%s","media":[],"status":"sent",'
    b'"isRead":false,"createdAt":"2026-01-01T00:00:00.000000Z","updatedAt":"2026-01-01T00:00:00.000000Z"}'
)
SENT = b'{"type":"message.sent","payload":{"tempId":"%s","message":%s,"unreadCount":0,"totalUnread":0},"position":%d}'
NEW = b'{"type":"message.new","payload":{"message":%s,"unreadCount":1,"totalUnread":1},"position":%d}'
UPDATED = b'{"type":"conversation.updated","payload":{"conversationId":"%s","lastMessage":%s}}'
UNREAD = b'{"type":"notification.unread","payload":{"conversationId":"%s","totalUnread":1}}'


class Draft(msgspec.Struct, rename="camel"):
    """What a sender says."""

    conversation_id: str
    content: str
    temp_id: str


class Command(msgspec.Struct):
    """The only command the stand-in knows: message.send."""

    payload: Draft


@dataclass
class Standin:
    """The state: who is connected, who talks to whom, and which texts (by order of arrival) to lose or to double."""

    lose: Collection[int] = ()
    double: Collection[int] = ()
    sessions: dict[str, "Session"] = field(default_factory=dict)
    members: dict[str, tuple[str, str]] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def answer(self, request: WSUpgradeRequest) -> "Session | WSUpgradeResponseWithListener":
        """Take a socket, or open the conversation that a GET asks for."""
        path = request.path.decode()
        if "/ws?token=" in path:
            return Session(self, _claims(path.partition("token=")[2]))
        caller = _claims(request.headers["Authorization"].removeprefix("Bearer "))["username"]
        pair = sorted((caller, path.rpartition("/")[2]))
        conversation_id = str(uuid.uuid5(uuid.NAMESPACE_URL, " ".join(pair)))
        self.members[conversation_id] = (pair[0], pair[1])
        body = json.dumps({"success": True, "data": {"id": conversation_id}}).encode()
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_ok_response(body), None)


class Session(WSListener):
    """One connected user."""

    def __init__(self, house: Standin, claims: dict[str, Any]) -> None:
        self.house = house
        self.user_id, self.username = claims["sub"].encode(), claims["username"]

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Greet with the connect frames."""
        self.transport = transport
        self.house.sessions[self.username] = self
        for kind in (b"auth_success", b"connection.success", b"status.bulk"):
            self.write(b'{"type":"%s","payload":{}}' % kind)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Answer the sender and deliver to the partner, one write each."""
        if frame.msg_type != WSMsgType.TEXT:
            transport.disconnect()
            return
        draft = COMMANDS.decode(frame.get_payload_as_bytes()).payload
        number = next(self.house.numbers)
        left, right = self.house.members[draft.conversation_id]
        other = self.house.sessions[right if left == self.username else left]
        conversation, name = draft.conversation_id.encode(), self.username.encode()
        message_id = b"01980000-0000-7000-8000-%012x" % number
        sender = (self.user_id, other.user_id, self.user_id, name, name)
        message = MESSAGE % (message_id, conversation, *sender, draft.content.encode())
        updated = UPDATED % (conversation, message)
        self.write(SENT % (draft.temp_id.encode(), message, number), updated)
        times = 0 if number in self.house.lose else 2 if number in self.house.double else 1
        for _ in range(times):
            other.write(NEW % (message, number), updated, UNREAD % conversation)

    def write(self, *texts: bytes) -> None:
        """Send text frames in one write, as the server does."""
        self.transport.underlying_transport.write(b"".join(map(_framed, texts)))


COMMANDS = msgspec.json.Decoder(Command)


def _claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def _framed(text: bytes) -> bytes:
    length = len(text)
    return (b"\x81%c" % length if length < 126 else b"\x81\x7e" + length.to_bytes(2, "big")) + text


@contextlib.asynccontextmanager
async def listening(house: Standin) -> AsyncIterator[str]:
    """Serve on a free port of the loopback and yield the URL."""
    server = await ws_create_server(house.answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _main() -> None:
    async with listening(Standin()) as url:
        print(url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_main())
