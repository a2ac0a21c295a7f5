"""The socket itself, on real connections: frames however they are cut, what is refused and how it ends, what is logged."""

import asyncio
import base64
import json
import logging
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from websockets.speedups import apply_mask

from duologue.api.asgi import LINK, Inbound
from duologue.api.dialects import error_bodies
from duologue.api.transport import MAX_INBOX, SocketLink
from duologue.realtime.link import text_frames

LIMIT = 70_000  # bytes in a message
TEXT, CONT, BINARY, CLOSE, PING, PONG = 1, 0, 2, 8, 9, 10
PATIENCE = 5.0
NAMED = UUID(int=7)


class QuickLink(SocketLink):
    """Waits less, so that tests do."""

    write_timeout = 0.2
    answer_timeout = 0.2


@dataclass
class Served:
    """The server's side of one connection."""

    link: SocketLink
    told: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def writable(self) -> None:
        """Note it."""
        self.told.append("writable")

    def lost(self) -> None:
        """Note it."""
        self.told.append("lost")
        self.ended.set()

    def drain(self, reason: str) -> None:
        """Close as a session without outstanding commands does."""
        self.link.close(1001, reason)

    async def messages(self, number: int) -> list[bytes]:
        """The next messages, without what is only counted."""
        found: list[bytes] = []
        while len(found) < number:
            item = await asyncio.wait_for(self.link.next(), PATIENCE)
            assert item is not Inbound.LOST
            if isinstance(item, bytes):
                found.append(item)
        return found


@dataclass
class Client:
    """The client's side: frames by hand."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: str

    def send(self, opcode: int, payload: bytes = b"", *, fin: bool = True) -> None:
        """Send one frame."""
        self.writer.write(frame(opcode, payload, fin=fin))

    async def receive(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload."""
        first, second = await self._exactly(2)
        length = second
        if length == 126:
            (length,) = struct.unpack("!H", await self._exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self._exactly(8))
        return first & 0x0F, await self._exactly(length)

    async def closing(self) -> tuple[int, str]:
        """Code and reason of the close frame, whatever comes before it."""
        while True:
            opcode, payload = await self.receive()
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0], payload[2:].decode()

    async def ended(self) -> None:
        """Wait until the server has ended the connection."""
        with suppress(ConnectionError):
            while await asyncio.wait_for(self.reader.read(65_536), PATIENCE):
                pass

    async def _exactly(self, number: int) -> bytes:
        return await asyncio.wait_for(self.reader.readexactly(number), PATIENCE)


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """A masked frame."""
    length = len(payload)
    head = bytes((opcode | (0x80 if fin else 0),))
    if length < 126:
        head += bytes((0x80 | length,))
    elif length < 65_536:
        head += struct.pack("!BH", 0x80 | 126, length)
    else:
        head += struct.pack("!BQ", 0x80 | 127, length)
    mask = os.urandom(4)
    return head + mask + apply_mask(payload, mask)


Connect = Callable[..., Awaitable[tuple[Client, Served]]]


class Place:
    """A server whose application accepts every socket and hands it to the test."""

    def __init__(self) -> None:
        self.served: asyncio.Queue[Served] = asyncio.Queue()
        self.clients: list[Client] = []
        self.server = uvicorn.Server(
            uvicorn.Config(
                self._app,
                port=0,
                interface="asgi3",
                ws=QuickLink.refusing(error_bodies, lambda: NAMED),
                ws_max_size=LIMIT,
                ws_ping_interval=None,
                lifespan="off",
                log_config=None,
                http="httptools",
                timeout_graceful_shutdown=3,
            )
        )

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        served = Served(scope["extensions"][LINK])
        served.link.listen(served)
        await receive()
        if b"refuse" in scope["query_string"]:
            raise ValueError(scope["query_string"])
        await send({"type": "websocket.accept"})
        if b"fail" in scope["query_string"]:
            raise ValueError(scope["query_string"])
        await self.served.put(served)
        await served.ended.wait()

    async def start(self) -> None:
        """Listen."""
        self.server.config.load()
        self.server.lifespan = self.server.config.lifespan_class(self.server.config)
        await self.server.startup()
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    async def open(self, path: str = "/", *headers: str) -> Client:
        """Shake hands."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [
            f"GET {path} HTTP/1.1", "Host: test", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", *headers,
        ]  # fmt: skip
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        client = Client(reader, writer, head.decode().lower())
        self.clients.append(client)
        return client

    async def connect(self, path: str = "/", *headers: str) -> tuple[Client, Served]:
        """Both sides of a connection."""
        client = await self.open(path, *headers)
        assert client.head.startswith("http/1.1 101")
        return client, await asyncio.wait_for(self.served.get(), PATIENCE)

    async def stop(self) -> None:
        """Cut what is open, and stop."""
        for client in self.clients:
            client.writer.close()
        await self.server.shutdown()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """Give a running server."""
    place = Place()
    await place.start()
    yield place
    await place.stop()


async def test_messages_arrive_however_they_are_cut(place: Place) -> None:
    """Three lengths of header, each byte in a segment of its own, then all in one."""
    client, served = await place.connect()
    texts = [b"x" * length for length in (0, 1, 125, 126, 300)] + ["grüße".encode(), b"y" * LIMIT]
    data = b"".join(frame(TEXT, text) for text in texts[:-1])
    for place_in_data in range(len(data)):
        served.link.data_received(data[place_in_data : place_in_data + 1])
    assert await served.messages(len(texts) - 1) == texts[:-1]
    client.writer.write(b"".join(frame(TEXT, text) for text in texts))
    assert await served.messages(len(texts)) == texts


async def test_fragments_make_one_message(place: Place) -> None:
    """With a ping in between, which is answered at once; fragments and pings are counted."""
    client, served = await place.connect()
    client.send(TEXT, "gr\u00fc".encode()[:-1], fin=False)
    client.send(PING, b"p")
    client.send(CONT, "gr\u00fc".encode()[-1:], fin=False)
    client.send(CONT, "ße".encode())
    client.send(TEXT, b"next")
    assert await client.receive() == (PONG, b"p")
    items = [await asyncio.wait_for(served.link.next(), PATIENCE) for _ in range(6)]
    assert items == [*[Inbound.COUNTED] * 4, "grüße".encode(), b"next"]


async def test_framed_bytes_go_out_as_they_are(place: Place) -> None:
    """All three lengths, unmasked, several in one write."""
    client, served = await place.connect()
    texts = [b"x" * 125, b"y" * 126, b"z" * 65_536]
    served.link.write(text_frames(texts))
    assert [await client.receive() for _ in texts] == [(TEXT, text) for text in texts]


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([(TEXT, b"x" * (LIMIT + 1), True)], 1009),
        ([(TEXT, b"x" * LIMIT, False), (CONT, b"x", True)], 1009),
        ([(TEXT, b"\xff\xfe", True)], 1007),
        ([(TEXT, b"\xc3", False), (CONT, b"(", True)], 1007),
        ([(BINARY, b"x", True)], 1003),
        ([(BINARY, b"x", False)], 1003),
        ([(CONT, b"x", True)], 1002),
        ([(TEXT, b"x", False), (TEXT, b"y", True)], 1002),
        ([(PING, b"x" * 126, True)], 1002),
        ([(3, b"x", True)], 1002),
    ],
)
async def test_what_is_refused_closes_with_its_code(
    place: Place, frames: list[tuple[int, bytes, bool]], code: int
) -> None:
    """1009, 1007, 1003, 1002; what follows is discarded, the client learns why although it goes on sending."""
    client, served = await place.connect()
    for opcode, payload, fin in frames:
        client.send(opcode, payload, fin=fin)
    client.send(TEXT, b"more" * 10_000)
    assert (await client.closing())[0] == code
    client.send(CLOSE, struct.pack("!H", code))
    await client.ended()
    assert await asyncio.wait_for(served.link.next(), PATIENCE) is Inbound.LOST
    await asyncio.wait_for(served.ended.wait(), PATIENCE)


async def test_an_unmasked_frame_is_a_protocol_error(place: Place) -> None:
    """RFC 6455, 5.1."""
    client, _ = await place.connect()
    client.writer.write(text_frames((b"x",)))
    assert (await client.closing())[0] == 1002


async def test_a_frame_over_the_limit_is_refused_by_its_head(place: Place) -> None:
    """Nothing of a gigabyte is waited for."""
    client, _ = await place.connect()
    client.writer.write(struct.pack("!BBQ", 0x81, 0xFF, 2**30))
    assert (await client.closing())[0] == 1009


async def test_compression_is_never_negotiated(place: Place) -> None:
    """Even if uvicorn's own setting, on by default, was left as it is."""
    client, _ = await place.connect("/", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
    assert "sec-websocket-extensions" not in client.head


async def test_a_full_inbox_stops_reading(place: Place) -> None:
    """Beyond 32 messages the socket is not read until half of them are dealt with."""
    client, served = await place.connect()
    for number in range(MAX_INBOX + 1):
        served.link.data_received(frame(TEXT, str(number).encode()))
    assert served.link.is_deaf
    assert not served.link.transport.is_reading()
    client.send(TEXT, b"last")
    found = await served.messages(MAX_INBOX + 1)
    assert not served.link.is_deaf
    assert served.link.transport.is_reading()
    assert [*found, *await served.messages(1)][-2:] == [str(MAX_INBOX).encode(), b"last"]


async def test_the_listener_learns_when_there_is_room_again(place: Place) -> None:
    """Above the high-water mark the link is full; a client that reads makes it writable."""
    client, served = await place.connect()
    fill(served)
    assert served.told == []
    while served.link.is_full:
        await client.receive()
    assert served.told == ["writable"]


def fill(served: Served) -> None:
    """Write until the transport has had enough."""
    for _ in range(1_000):
        if served.link.is_full:
            return
        served.link.write(text_frames((b"x" * 60_000,)))
    raise AssertionError("the link takes everything")


async def test_a_close_is_answered_and_over(place: Place) -> None:
    """The closing handshake, begun by the server."""
    client, served = await place.connect()
    served.link.close(4503, "why")
    assert await client.closing() == (4503, "why")
    client.send(CLOSE, struct.pack("!H", 4503))
    await asyncio.wait_for(served.ended.wait(), PATIENCE)
    await client.ended()


async def test_a_close_that_is_not_answered_is_over_too(place: Place) -> None:
    """The other side has its time, then the connection is cut."""
    client, served = await place.connect()
    served.link.close(4500)
    assert (await client.closing())[0] == 4500
    await asyncio.wait_for(served.ended.wait(), PATIENCE)


async def test_a_close_frame_that_cannot_be_written_aborts(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that does not read: it sees no close frame, and its answer is not waited for."""
    monkeypatch.setattr(QuickLink, "answer_timeout", 2 * PATIENCE)
    _, served = await place.connect()
    fill(served)
    served.link.close(4000)
    await asyncio.wait_for(served.ended.wait(), PATIENCE)


async def test_abort_ends_at_once(place: Place) -> None:
    """Without a close frame: the client sees 1006."""
    client, served = await place.connect()
    served.link.abort()
    await asyncio.wait_for(served.ended.wait(), PATIENCE)
    await client.ended()


async def test_what_a_client_sent_before_it_left_is_still_dealt_with(place: Place) -> None:
    """Messages, then the end, again and again."""
    client, served = await place.connect()
    client.send(TEXT, b"one")
    client.send(TEXT, b"two")
    client.send(CLOSE, struct.pack("!H", 1000))
    assert (await client.closing())[0] == 1000
    await asyncio.wait_for(served.ended.wait(), PATIENCE)
    assert [await served.link.next() for _ in range(4)] == [b"one", b"two", Inbound.LOST, Inbound.LOST]


async def test_nothing_is_written_on_a_link_that_ended(place: Place) -> None:
    """Whoever is late does no harm: no error, no second close frame."""
    client, served = await place.connect()
    served.link.close(4001)
    served.link.close(4002)
    served.link.write(text_frames((b"late",)))
    served.link.ping()
    assert (await client.closing())[0] == 4001
    client.send(CLOSE, struct.pack("!H", 4001))
    with pytest.raises(asyncio.IncompleteReadError):
        await client.receive()


async def test_pings_go_out_and_pongs_are_heard(place: Place) -> None:
    """The answer to our ping costs the client nothing; one that nobody asked for is counted."""
    client, served = await place.connect()
    served.link.heard = False
    served.link.ping()
    assert await client.receive() == (PING, b"")
    client.send(PONG)
    client.send(PONG)
    assert await asyncio.wait_for(served.link.next(), PATIENCE) is Inbound.COUNTED
    assert served.link.heard
    client.send(TEXT, b"x")
    assert await asyncio.wait_for(served.link.next(), PATIENCE) == b"x"


async def test_a_server_that_stops_says_when_to_come_back(place: Place) -> None:
    """1001 with `retry=<ms>` (design part 5, Close codes)."""
    client, _ = await place.connect()
    stopping = asyncio.ensure_future(place.server.shutdown())
    code, reason = await client.closing()
    client.send(CLOSE, struct.pack("!H", 1001))
    await stopping
    assert code == 1001
    assert 100 <= int(reason.removeprefix("retry=")) <= 10_000


async def test_an_application_that_fails_closes_with_1011(place: Place) -> None:
    """And says nothing of why, here or in the log."""
    client = await place.open("/?fail=secret-of-mine")
    assert await client.closing() == (1011, "")


async def test_an_application_that_fails_in_the_handshake_is_500_in_the_envelope(place: Place) -> None:
    """As any other route that fails; what was wrong is not told."""
    client = await place.open("/?refuse=secret-of-mine", "X-Request-Id: mine")
    body = await asyncio.wait_for(client.reader.read(), PATIENCE)
    assert client.head.startswith("http/1.1 500 ")
    assert "x-content-type-options: nosniff" in client.head
    assert json.loads(body)["error"] == {"code": "INTERNAL_ERROR", "message": "Internal error", "requestId": "mine"}


async def test_a_handshake_that_the_library_does_not_read_is_400_in_the_envelope(place: Place) -> None:
    """Where uvicorn stands before it without the bounds of protocol.py; named by the ids that are given."""
    client = await place.open("/", "X-Long: " + "a" * 9_000)
    body = await asyncio.wait_for(client.reader.read(), PATIENCE)
    assert client.head.startswith("http/1.1 400 ")
    error = json.loads(body)["error"]
    assert (error["code"], error["requestId"]) == ("VALIDATION_ERROR", str(NAMED))


async def test_b46_no_line_of_the_log_holds_a_query_string(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Not of uvicorn, not of the framing library, whatever the level: the token is in it."""
    with caplog.at_level(logging.DEBUG):
        for path in ("/chat?token=secret-of-mine", "/chat?fail=1&token=secret-of-mine"):
            client = await place.open(path)
            client.send(TEXT, b"\xff")
            await client.closing()
        await place.open("/?token=secret-of-mine", "Sec-WebSocket-Version: 12")
    assert "/chat" in caplog.text
    assert "secret-of-mine" not in caplog.text
