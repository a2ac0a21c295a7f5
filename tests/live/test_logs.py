"""What a server writes while it works: nothing for what goes well, however often it happens (design part 8)."""

import asyncio
import io
import logging
from collections.abc import Iterator

import pytest
import structlog
from tests.live.conftest import StartServer
from tests.live.files import send_files, uploaded
from tests.live.people import Place
from tests.live.socket import PATIENCE

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


async def test_neither_links_nor_tokens_stand_in_the_log(start_server: StartServer, log: io.StringIO) -> None:
    """Whether a fetch is answered, refused, or fails within: no signature, no token, no query (design part 8)."""
    place = await start_server(LOG_LEVEL="info")
    one, two = await place.people(2)
    (file,) = await uploaded(one, ("notes.txt", "text/plain", b"Notes."))
    await send_files(one, await one.conversation(two), "file", file["id"])
    link = (await two.post("files/links", {"ids": [file["id"]]})).data["links"][0]["url"]
    begun = len(log.getvalue())
    statuses = [await _status(place, link), await _status(place, link.replace("expires=", "expires=9"))]
    stored = place.folder / "files" / file["url"].removeprefix("/uploads/")
    stored.unlink()
    stored.write_bytes(b"another size")
    statuses.append(await _status(place, link, f"Authorization: Bearer {two.token}"))
    assert statuses == [200, 401, 500]
    said = log.getvalue()[begun:]
    assert "request_failed" in said
    for secret in (link.rpartition("signature=")[2], "signature=", "viewer=", "expires=", two.token):
        assert secret not in said


async def _status(place: Place, target: str, *headers: str) -> int:
    """Ask by hand: the tests' own client would log the URL."""
    host, _, port = place.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [f"GET {target} HTTP/1.1", "Host: a", "Connection: close", *headers, "", ""]
    writer.write("\r\n".join(lines).encode())
    answer = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    return int(answer.split()[1])
