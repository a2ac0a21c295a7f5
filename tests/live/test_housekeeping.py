"""A server keeps house of files by itself, and says what it did without anybody's names (FST-34, FST-46, G-31)."""

import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from tests.blobs.daemon import EICAR, daemon
from tests.factories import Make
from tests.live.conftest import StartServer
from tests.live.people import eventually
from tests.shelf import Shelf

from duologue.app.logs import configure_logs
from duologue.core.files import ScanState
from duologue.storage.postgres import Postgres


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Give what is logged from level info upwards."""
    output = io.StringIO()
    configure_logs("info", output)
    yield output
    structlog.reset_defaults()
    logging.basicConfig(force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)


async def test_a_server_removes_what_nobody_sent_and_asks_the_scanner_again(
    start_server: StartServer, postgres: Postgres, make: Make, tmp_path: Path, log: io.StringIO
) -> None:
    """In its first round: an old upload is gone, pending files are clean or infected; the metric counts, the log has no name."""
    shelf = Shelf(postgres, tmp_path / "server" / "files")
    ann, now = await make.user("canary.name"), datetime.now(UTC)
    old = await shelf.take_in(ann.id, name="canary.jpg", at=now - timedelta(minutes=3))
    files = {"name": "canary.jpg", "at": now, "state": ScanState.PENDING}
    good, bad = await shelf.take_in(ann.id, b"harmless", **files), await shelf.take_in(ann.id, EICAR, **files)
    async with daemon() as scanner:
        place = await start_server(
            DATA_DIR=str(tmp_path / "server"), UPLOAD_TTL="2m", CLAMAV_URL=scanner.url, LOG_LEVEL="debug"
        )

        async def states() -> dict[str, str]:
            found = await postgres.fetch("SELECT id, state FROM attachments")
            return {str(row["id"]): row["state"] for row in found}

        expected = {str(good.id): "clean", str(bad.id): "infected"}
        assert await eventually(states, lambda found: found == expected) == expected
        metrics = await place.request("GET", "/metrics")
    assert await shelf.keys() == {*good.keys, *bad.keys}
    assert await shelf.use(ann.id) == (2, good.size + bad.size)
    assert "chat_files_infected_total 1.0" in metrics.raw.decode()
    said = log.getvalue()
    assert str(bad.id) in said
    assert '"unsent": 1' in said
    assert "canary" not in said
    assert old.key not in said
