"""What the virus scanner's client makes of a daemon's answers, and of its silence."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.blobs.daemon import EICAR, Daemon, daemon

from duologue.blobs.clamav import ClamAV
from duologue.core.files import ScanState


@pytest.fixture(params=["tcp", "unix"])
async def scanner(request: pytest.FixtureRequest) -> AsyncIterator[Daemon]:
    """Give a daemon on either kind of socket."""
    with tempfile.TemporaryDirectory() as folder:  # short enough for the name of a socket
        async with daemon(Path(folder) / "clamd.ctl" if request.param == "unix" else None) as running:
            yield running


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    """A file in pieces."""
    for part in parts:
        yield part


async def test_a_clean_file_is_clean_and_was_sent_whole(scanner: Daemon) -> None:
    """Pieces of any size, also larger than what is sent at once."""
    parts = (b"a" * 10, b"b" * 200_000, b"", b"c")
    assert await ClamAV(scanner.url).scan(chunks(*parts)) is ScanState.CLEAN
    assert scanner.streams == [b"".join(parts)]


async def test_the_test_virus_is_found(scanner: Daemon) -> None:
    """Wherever it stands."""
    assert await ClamAV(scanner.url).scan(chunks(b"x" * 99_999, EICAR)) is ScanState.INFECTED


async def test_a_file_over_the_daemons_limit_is_pending(scanner: Daemon) -> None:
    """It answers and hangs up while we still send: not clean, and no error of ours."""
    scanner.limit = 100_000
    assert await ClamAV(scanner.url).scan(chunks(*[b"x" * 65_536] * 200)) is ScanState.PENDING


async def test_a_silent_daemon_is_pending(scanner: Daemon) -> None:
    """Slow is as good as away."""
    scanner.is_silent = True
    assert await ClamAV(scanner.url, timeout=0.2).scan(chunks(b"x")) is ScanState.PENDING


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.ctl"])
async def test_no_daemon_is_pending(url: str) -> None:
    """Nobody listens."""
    client = ClamAV(url)
    assert await client.scan(chunks(b"x")) is ScanState.PENDING
    assert not await client.ping()


async def test_a_daemon_answers_a_ping(scanner: Daemon) -> None:
    """For health checks."""
    assert await ClamAV(scanner.url).ping()


@pytest.mark.parametrize("url", ["", "clamd", "http://localhost", "tcp://", "unix://"])
def test_a_wrong_url_is_said_to_be_wrong(url: str) -> None:
    """With a sentence that says how it looks."""
    with pytest.raises(ValueError, match="CLAMAV_URL"):
        ClamAV(url)
