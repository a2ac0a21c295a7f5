"""A file's way out, on a real connection: as fast as the client reads, no further than it stays, whole or broken off."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import uvicorn
from tests.api.conftest import TOKEN, ManualClock, OneCaller, zeros

from duologue.api.bearer import SignedIn
from duologue.api.camel.errors import ErrorBody
from duologue.api.files import FileServing, file_handlers
from duologue.api.metrics import Metrics
from duologue.api.protocol import BoundedHttp
from duologue.api.server import Surroundings, frame
from duologue.auth.links import Links
from duologue.brokers.memory.limits import MemoryLimiter
from duologue.core.downloads import Downloads, Shown
from duologue.core.errors import Unavailable
from duologue.core.files import Blob, BlobEntry, ScanState
from duologue.core.model import Attachment, FileKind, UserState

FILE = UUID("0190a5c8-5b7e-4c3a-9d55-000000000001")
KEY = f"messages/files/2026/11/{FILE}.bin"
PIECE = 256 << 10
PIECES = 1_000  # 250 MiB
HELD = (
    8 << 20
)  # bytes that may lie between the store and the client: buffers of the two sockets, and what the server holds
PATIENCE = 10.0  # seconds


class OneFile:
    """Knows one file, which everybody may have."""

    async def shown(self, viewer_id: UUID, attachment_id: UUID) -> Shown | None:
        """The file."""
        found = await self.shown_many(viewer_id, [attachment_id])
        return found[0] if found else None

    async def shown_many(self, viewer_id: UUID, ids: Sequence[UUID]) -> list[Shown]:
        """The file, if it is among them."""
        at = datetime.fromtimestamp(0, UTC)
        file = Attachment(FILE, FileKind.FILE, "a.bin", "application/octet-stream", PIECE * PIECES, KEY, at)
        shown = Shown(
            attachment=file,
            owner_id=viewer_id,
            digest=bytes(32),
            poster_key=None,
            state=ScanState.CLEAN,
            viewer=UserState.ACTIVE,
            is_sent=False,
            takes_part=False,
            is_gone=False,
        )
        return [shown for id_ in ids if id_ == FILE]


class Tap:
    """A store whose blobs never wait: it counts what was taken, and fails after so many pieces if it is told to."""

    def __init__(self) -> None:
        self.opened = 0
        self.given = 0
        self.fails_after = PIECES + 1
        self.ended = asyncio.Event()
        self.chunks: list[AsyncIterator[bytes]] = []  # held, so that only who closes them ends them

    async def get(self, key: str, *, offset: int = 0, length: int | None = None) -> Blob:
        """Read a blob."""
        assert (key, offset, length) == (KEY, 0, None)
        self.opened += 1
        self.chunks.append(self._pieces())
        return Blob(PIECE * PIECES, self.chunks[-1])

    async def _pieces(self) -> AsyncIterator[bytes]:
        try:
            for number in range(PIECES):
                if number == self.fails_after:
                    raise Unavailable
                self.given += PIECE
                yield bytes(PIECE)
        finally:
            self.ended.set()

    async def put(self, *_: object, **__: object) -> None:
        """Nobody stores here."""
        raise NotImplementedError

    async def delete(self, keys: Sequence[str]) -> None:
        """Nobody removes here."""
        raise NotImplementedError

    def entries(self, prefix: str = "") -> AsyncIterator[BlobEntry]:
        """Nobody lists here."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing to let go of."""


class Impatient(BoundedHttp):
    """Waits half a second for a client to take something."""

    stall_timeout = 0.5


@pytest.fixture
def tap() -> Tap:
    """Give the store."""
    return Tap()


@pytest.fixture
async def port(tap: Tap, clock: ManualClock) -> AsyncIterator[int]:
    """Serve the one file as the server does; give the port."""
    async with serving(tap, clock, BoundedHttp) as found:
        yield found


@pytest.fixture
async def impatient_port(tap: Tap, clock: ManualClock) -> AsyncIterator[int]:
    """Give the port of a server that waits for nobody."""
    async with serving(tap, clock, Impatient) as found:
        yield found


@asynccontextmanager
async def serving(tap: Tap, clock: ManualClock, protocol: type[BoundedHttp]) -> AsyncIterator[int]:
    """Serve."""
    signed_in = SignedIn(OneCaller())
    downloads = Downloads(store=OneFile(), blobs=tap, limiter=MemoryLimiter(clock, {}))
    files = FileServing(downloads, Links(bytes(32), clock=clock.now, ttl=60.0), signed_in)
    surroundings = Surroundings(version="0", clock=clock, ids=uuid4, limits={})
    app = frame([*file_handlers(files, ErrorBody)], surroundings, Metrics(zeros()))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(
        socket.SOL_SOCKET, socket.SO_SNDBUF, 16 << 10
    )  # accepted sockets inherit it: little is hidden in them
    config = uvicorn.Config(app, http=protocol, log_config=None, access_log=False, lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    yield listener.getsockname()[1]
    await server.shutdown(sockets=[listener])


class Client:
    """One connection that reads no more than it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, method: str = "GET", *headers: str) -> tuple[int, str]:
        """Send a request; status and head of the answer."""
        lines = [f"{method} /uploads/{KEY} HTTP/1.1", "Host: a", f"Authorization: Bearer {TOKEN}", *headers, "", ""]
        self.writer.write("\r\n".join(lines).encode())
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        return int(head.split()[1]), head.lower()


@asynccontextmanager
async def client(port: int) -> AsyncIterator[Client]:
    """Connect, with little room on this side."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
    connection.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=connection, limit=64 << 10)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


async def settled(number: Callable[[], int]) -> int:
    """A number when it has stood still for a thousand turns of the loop."""
    found, still = number(), 0
    while still < 1_000:
        await asyncio.sleep(0)
        still = still + 1 if number() == found else 0
        found = number()
    return found


async def test_a_slow_client_holds_up_the_reading_of_its_file(port: int, tap: Tap) -> None:
    """However little it reads, no more than a few pieces lie in between; a server that does not wait would hold 250 MiB."""
    async with client(port) as slow:
        assert (await slow.ask())[0] == 200
        read = 0
        for _ in range(20):
            assert await settled(lambda: tap.given) <= read + HELD
            read += len(await slow.reader.readexactly(PIECE))
        assert not tap.ended.is_set()


async def test_a_client_that_reads_gets_all_of_it(port: int, tap: Tap) -> None:
    """And the connection serves the next request."""
    async with client(port) as quick:
        status, head = await quick.ask()
        assert (status, f"content-length: {PIECE * PIECES}\r\n" in head) == (200, True)
        async with asyncio.timeout(60):
            for _ in range(PIECES):
                assert await quick.reader.readexactly(PIECE) == bytes(PIECE)
        await asyncio.wait_for(tap.ended.wait(), PATIENCE)
        assert (await quick.ask("HEAD"))[0] == 200


async def test_who_leaves_ends_the_reading(port: int, tap: Tap) -> None:
    """The store lets go of what it held open, at once."""
    async with client(port) as one:
        await one.ask()
        await one.reader.readexactly(PIECE)
    await asyncio.wait_for(tap.ended.wait(), PATIENCE)
    assert tap.given <= PIECE + HELD


async def test_a_store_that_fails_on_the_way_breaks_the_connection_off(
    port: int, tap: Tap, caplog: pytest.LogCaptureFixture
) -> None:
    """A part must not pass for the whole; that the store failed is its own to log, it is no fault here."""
    tap.fails_after = 3
    async with client(port) as one:
        assert (await one.ask())[0] == 200
        async with asyncio.timeout(PATIENCE):
            assert len(await one.reader.read(-1)) == 3 * PIECE
    assert "Exception" not in caplog.text


async def test_a_store_that_fails_at_once_is_answered(port: int, tap: Tap) -> None:
    """503 in the envelope: nothing had been sent yet."""
    tap.fails_after = 0
    async with client(port) as one:
        status, head = await one.ask()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        body = json.loads(await one.reader.readexactly(length))
    assert (status, body["error"]["code"]) == (503, "UNAVAILABLE")


async def test_a_head_and_what_is_unchanged_open_no_blob(port: int, tap: Tap) -> None:
    """Nor does a range behind the end."""
    async with client(port) as one:
        status, head = await one.ask("HEAD")
        assert (status, f"content-length: {PIECE * PIECES}\r\n" in head) == (200, True)
        tag = head.partition("\r\netag: ")[2].partition("\r\n")[0]
        assert (await one.ask("GET", "If-None-Match: *"))[0] == 304
        assert tag
        assert (await one.ask("GET", f"Range: bytes={PIECE * PIECES}-"))[0] == 416
    assert tap.opened == 0


async def test_who_takes_nothing_is_given_up(impatient_port: int, tap: Tap) -> None:
    """Half a file that nobody reads is not held open for ever."""
    async with client(impatient_port) as one:
        await one.ask()
        await asyncio.wait_for(tap.ended.wait(), PATIENCE)
    assert tap.given <= PIECE + HELD


async def test_who_takes_a_little_is_waited_for(impatient_port: int) -> None:
    """A piece takes longer than the server would wait for who takes nothing of it."""
    async with client(impatient_port) as one:
        await one.ask()
        begun = asyncio.get_running_loop().time()
        for _ in range(24):
            assert await one.reader.readexactly(PIECE // 8)
            await quiet(Impatient.stall_timeout / 5)
        assert asyncio.get_running_loop().time() - begun > 4 * Impatient.stall_timeout


async def test_who_has_taken_all_is_not_watched_any_more(impatient_port: int) -> None:
    """The connection stays for the next request."""
    async with client(impatient_port) as one:
        await one.ask()
        async with asyncio.timeout(60):
            for _ in range(PIECES):
                await one.reader.readexactly(PIECE)
        await quiet(3 * Impatient.stall_timeout)
        assert (await one.ask("HEAD"))[0] == 200


async def quiet(seconds: float) -> None:
    """Let time pass in which this side does nothing: it is what the server measures."""
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
