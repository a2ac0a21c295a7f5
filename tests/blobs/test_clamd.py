"""The virus scanner's client against Debian's clamd. What a daemon may do besides: `test_clamav.py`."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.blobs.clamd import LIMIT, Clamd, clamd
from tests.blobs.daemon import EICAR
from tests.blobs.papers import zipped

from duologue.blobs.clamav import ClamAV
from duologue.core.files import ScanState


@pytest.fixture(scope="module")
def running() -> Iterator[Clamd]:
    """Give a daemon for all tests."""
    with clamd() as found:
        yield found


@pytest.fixture(params=["unix", "tcp"])
def scanner(request: pytest.FixtureRequest, running: Clamd) -> ClamAV:
    """Give a client on either kind of socket."""
    return ClamAV(running.unix if request.param == "unix" else running.tcp)


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    """A file in pieces."""
    for part in parts:
        yield part


async def test_clamd_answers_a_ping(scanner: ClamAV) -> None:
    """For health checks."""
    assert await scanner.ping()


async def test_clamd_finds_a_clean_file_clean(scanner: ClamAV) -> None:
    """Also an empty one, and one of exactly as many bytes as it takes."""
    assert await scanner.scan(chunks(b"a" * 10, b"b" * 200_000, b"", b"c")) is ScanState.CLEAN
    assert await scanner.scan(chunks()) is ScanState.CLEAN
    assert await scanner.scan(chunks(*[bytes(1 << 16)] * (LIMIT >> 16))) is ScanState.CLEAN


@pytest.mark.parametrize(
    "parts",
    [(EICAR,), (b"x" * 99_999, EICAR), (EICAR[:20], EICAR[20:]), (zipped({"a.txt": EICAR}),)],
    ids=["bare", "at the end", "in two pieces", "in an archive"],
)
async def test_clamd_knows_the_test_virus(scanner: ClamAV, parts: tuple[bytes, ...]) -> None:
    """Wherever it stands."""
    assert await scanner.scan(chunks(*parts)) is ScanState.INFECTED


async def test_a_file_that_clamd_does_not_take_is_pending(scanner: ClamAV) -> None:
    """Over its StreamMaxLength it answers and hangs up while we still send, whatever the file holds."""
    assert await scanner.scan(chunks(bytes(LIMIT), b"x")) is ScanState.PENDING
    assert await scanner.scan(chunks(EICAR, *[bytes(1 << 16)] * (LIMIT >> 14))) is ScanState.PENDING


async def test_clamd_judges_many_at_once(scanner: ClamAV) -> None:
    """Each file gets its own verdict."""
    files = [b"x" * 100_000, b"x" * 100_000 + EICAR] * 8
    verdicts = await asyncio.gather(*(scanner.scan(chunks(file)) for file in files))
    assert verdicts == [ScanState.CLEAN, ScanState.INFECTED] * 8
