"""Many large files of many users at once: what they cost a server that runs, while people talk."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from tests.faults.process import GONE
from tests.faults.uploads import MB, TEXT, serving_files, talking, workers
from tests.live.files import UPLOAD, form, stored, upload
from tests.live.people import Person, Place

pytestmark = pytest.mark.faults
FULL = bool(os.environ.get("FULL"))
USERS = 20 if FULL else 6
FILES, SIZE = 5, 20 * MB
PIECE = b"abcdefghijklmnop" * 4096  # of a text, again and again


async def pour(place: Place, person: Person) -> int:
    """Upload five files of 20 MB in one request, in pieces; the status."""
    names = [f"{number}.txt" for number in range(FILES)]
    body, headers = form([("files", name, "text/plain", b"<here>") for name in names])
    frames = body.split(b"<here>")
    length = sum(map(len, frames)) + FILES * SIZE
    where: Any = urlsplit(place.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    lines = {"Host": "t", "Authorization": f"Bearer {person.token}", "Content-Length": str(length), **headers}
    writer.write((f"POST {UPLOAD} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n").encode())
    for number, frame in enumerate(frames):
        writer.write(frame)
        for _ in range(SIZE // len(PIECE) if number < FILES else 0):
            writer.write(PIECE)
            await writer.drain()
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


def peak(pid: int, *, anew: bool = False) -> int:
    """The most bytes that a process has had resident; `anew`: from now on."""
    if anew:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def together(pid: int) -> int:
    """Bytes that a process and its workers have resident."""
    found = 0
    for process in (psutil.Process(pid), *workers(pid)):
        with suppress(*GONE):
            found += process.memory_info().rss
    return found


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel does not count here")
@pytest.mark.timeout(1200 if FULL else 300)
async def test_large_files_of_many_users_at_once_take_little_memory(database: str) -> None:
    """5 files of 20 MB of each: the server grows by less than 100 MiB, several come in at a time, and people talk."""
    async with serving_files(database) as (made, place), talking(place) as talk:
        users = await place.people(USERS)
        assert (await upload(users[0], TEXT)).status == 200  # what is loaded with the first one is not of the files
        before = len(stored(place))
        at_first = peak(made.pid, anew=True)
        all_at_first = most = together(made.pid)
        coming = asyncio.gather(*(pour(place, user) for user in users))
        at_once = 0
        while not coming.done():
            await talk.goes_on(1)
            most = max(most, together(made.pid))
            at_once = max(at_once, len(list((made.folder / "files" / "spool").rglob("*-*"))))
        assert set(await coming) == {200}
        assert len(stored(place)) == before + USERS * FILES
        grown, with_workers = peak(made.pid) - at_first, most - all_at_first
        shown = f"grown by {grown / MB:.1f} MiB, with workers {with_workers / MB:.1f}; {at_once} files at a time"
        print(shown, f"{talk.said} words", sep="; ")  # noqa: T201 - shown by -rP
        assert max(grown, with_workers) < 100 * MB
        assert at_once >= 3
