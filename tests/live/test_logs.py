"""What a server writes while it works: nothing for what goes well, however often it happens (design part 8)."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog
from tests.live.people import Place

from duologue.app.logs import configure_logs


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Give what is logged from level info upwards."""
    output = io.StringIO()
    configure_logs("info", output)
    yield output
    structlog.reset_defaults()
    logging.basicConfig(force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)


async def test_sockets_that_come_and_go_write_no_line(live: Place, log: io.StringIO) -> None:
    """Clients that come back together do not fill the log."""
    person = await live.person()
    begun = len(log.getvalue())  # what the test's own client says of its requests
    for _ in range(3):
        async with person.socket() as socket:
            await socket.quiet()
    assert log.getvalue()[begun:] == ""
