"""What befalls files on their way in: no room, no store, no database, a worker or the server killed.

Whoever uploads is told so and may try again, nothing is half stored, and people who talk do not notice.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import boto3
import psutil
import pytest
from moto.server import ThreadedMotoServer
from PIL import Image
from tests.blobs.papers import pdf_bomb
from tests.blobs.pictures import encoded, picture
from tests.faults.crowd import until
from tests.faults.process import GONE, Service, free_port, service
from tests.live.files import UPLOAD, Slow, form, post_files, stored, upload, uploaded
from tests.live.people import Answer, Person, Place, eventually

from duologue.storage.embedded import EmbeddedPostgres

FULL = bool(os.environ.get("FULL"))
MB = 1 << 20
PATIENCE = 120.0  # seconds
NO_ROOM = (507, "STORAGE_FULL", "Server storage limit reached. Please try again later.")
TEXT = ("a.txt", "text/plain", b"a\n" * MB)
PNG = ("a.png", "image/png", encoded(picture(), "PNG"))
NOISE = ("noise.png", "image/png", encoded(Image.effect_noise((1000, 1100), 90), "PNG"))
WORKER = "duologue.blobs.worker_"


@asynccontextmanager
async def serving_files(dsn: str, **settings: str) -> AsyncIterator[tuple[Service, Place]]:
    """A service of its own on this database, and the way to it."""
    async with service(DATABASE_URL=dsn, **settings) as made:
        await made.start()
        async with going_on(made, dsn) as place:
            yield made, place


@asynccontextmanager
async def going_on(made: Service, dsn: str) -> AsyncIterator[Place]:
    """The way to a service that runs."""
    place = Place(made.url, dsn, made.folder, patience=PATIENCE)
    await place.read_contract()
    try:
        yield place
    finally:
        await place.close()


class Talk:
    """A pair that talks over sockets for as long as the context lasts: each word is acknowledged and arrives, in order."""

    def __init__(self, one: Person, other: Person) -> None:
        self._one, self._other = one, other
        self.said = 0

    async def __aenter__(self) -> Self:
        """Begin, and have something said."""
        self._chat = await self._one.conversation(self._other)
        self._task = asyncio.create_task(self._talk())
        await self.goes_on()
        return self

    async def __aexit__(self, failed: type[BaseException] | None, *_: object) -> None:
        """Say a few words more, and stop."""
        try:
            if failed is None:
                await self.goes_on()
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def goes_on(self, words: int = 5) -> None:
        """Wait until so many more are said and heard."""
        least = self.said + words
        await until(lambda: self._task.done() or self.said >= least, "people talk")
        if self._task.done():
            self._task.result()

    async def _talk(self) -> None:
        async with self._one.socket() as speaker, self._other.socket() as listener:
            while True:
                text = f"word {self.said}"
                await speaker.send("message.send", conversationId=self._chat, content=text)
                assert (await speaker.expect("message.sent")).payload["message"]["content"] == text
                assert (await listener.expect("message.new")).payload["message"]["content"] == text
                self.said += 1


@asynccontextmanager
async def talking(place: Place) -> AsyncIterator[Talk]:
    """Two people who talk."""
    one, other = await place.people(2)
    async with Talk(one, other) as talk:
        yield talk


async def records(place: Place) -> int:
    """How many files the database knows."""
    (row,) = await place.sql("SELECT count(*) AS found FROM attachments")
    found: int = row["found"]
    return found


def is_away(answer: Answer) -> bool:
    """Whether it says: not now, try again."""
    return (answer.status, answer.error["code"]) == (503, "UNAVAILABLE")


# -- no room ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk() -> Iterator[Callable[..., Path]]:
    """Give what mounts file systems in memory, as `mount` is told; skips where that is not allowed."""
    folders: list[Path] = []

    def mount(folder: Path, options: str) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("a small file system cannot be mounted here: that takes root")
        folders.append(folder)
        return folder

    yield mount
    for folder in folders:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    """Make it larger."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


REFUSED_FILES = [(TEXT,), (NOISE,), (PNG, NOISE, TEXT)]


@pytest.mark.parametrize("spare", [0, 1], ids=["not for what comes", "not for what is made of it"])
async def test_a_full_disk_is_said_and_keeps_nothing(
    spare: int, database: str, small_disk: Callable[..., Path]
) -> None:
    """ENOSPC for spool, worker and store: 507 with ERR-12's text in both dialects; with room again it goes on by itself."""
    async with service(DATABASE_URL=database) as made:
        # Much is free, so that nobody stops before: it is names that it has no more room for.
        folder = small_disk(made.folder / "files", "size=1g,nr_inodes=10k")
        await made.start()
        async with going_on(made, database) as place, talking(place):
            found = os.statvfs(folder)
            remount(folder, f"nr_inodes={found.f_files - found.f_ffree + spare}")
            one, chat = await nothing_is_taken(place)
            assert stored(place) == []
            remount(folder, "nr_inodes=10k")
            assert len(await uploaded(one, TEXT, NOISE)) == 2
            assert (await post_files(one, chat, PNG)).status == 201
        await made.clear()


async def test_a_full_store_is_said_and_keeps_nothing(
    database: str, small_disk: Callable[..., Path], tmp_path: Path
) -> None:
    """Another disk than the spool's, which a file fills while it is copied there: the same."""
    folder = small_disk(tmp_path / "store", "size=1m")
    async with serving_files(database, STORAGE_URL=f"file://{folder}") as (_, place), talking(place):
        one, chat = await nothing_is_taken(place)
        assert lying(folder) == stored(place) == []
        found = os.statvfs(folder)
        remount(
            folder, f"size=64m,nr_inodes={found.f_files - found.f_ffree + 1}"
        )  # for a picture, not for its thumbnail
        assert (await upload(one, PNG)).refusal == NO_ROOM
        assert lying(folder) == stored(place) == []
        remount(folder, "nr_inodes=10k")
        assert len(await uploaded(one, TEXT, NOISE)) == 2
        assert (await post_files(one, chat, PNG)).status == 201
        assert len(lying(folder)) == 5


async def nothing_is_taken(place: Place) -> tuple[Person, str]:
    """Somebody and a conversation for whom there is no room."""
    one, other = await place.people(2)
    chat = await one.conversation(other)
    for files in REFUSED_FILES:
        assert (await upload(one, *files)).refusal == NO_ROOM
        assert (await post_files(one, chat, *files)).refusal == NO_ROOM
    assert (await records(place), await one.messages(chat)) == (0, [])
    return one, chat


def lying(folder: Path) -> list[Path]:
    """Every file below, but what marks a spool as taken."""
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]


async def test_a_disk_that_is_nearly_full_is_left_to_the_database(
    database: str, small_disk: Callable[..., Path]
) -> None:
    """507 while there still is room, and taken again when there is more."""
    async with service(DATABASE_URL=database) as made:
        folder = small_disk(made.folder / "files", "size=100m")
        await made.start()
        async with going_on(made, database) as place:
            (one,) = await place.people(1)
            assert (await upload(one, PNG)).refusal == NO_ROOM
            assert stored(place) == []
            remount(folder, "size=1g")
            assert (await upload(one, PNG)).status == 200
        await made.clear()


# -- no store -----------------------------------------------------------------------------------------------------------


@contextmanager
def bucket(port: int) -> Iterator[Callable[[], list[str]]]:
    """An S3 on this port with the bucket `files`; what lies in it."""
    server = ThreadedMotoServer("127.0.0.1", port)
    server.start()
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", **keys)
    client.create_bucket(Bucket="files")
    try:
        yield lambda: [found["Key"] for found in client.list_objects_v2(Bucket="files").get("Contents", [])]
    finally:
        client.close()
        server.stop()


async def test_a_store_that_cannot_be_reached_is_said_and_found_again(database: str) -> None:
    """503 within seconds while it is away, nothing recorded or left; it works as soon as the store does, without a restart."""
    port = free_port()
    url = f"s3://key:secret@files?region=us-east-1&endpoint=http://127.0.0.1:{port}"
    async with serving_files(database, STORAGE_URL=url) as (_, place), talking(place):
        one, other = await place.people(2)
        chat = await one.conversation(other)
        for _ in range(2):
            async with asyncio.timeout(20):
                assert is_away(await upload(one, PNG, TEXT))
                assert is_away(await post_files(one, chat, PNG))
            assert (stored(place), await records(place), await one.messages(chat)) == ([], 0, [])
            with bucket(port) as keys:
                before = set(keys())
                files = await uploaded(one, PNG, TEXT)
                assert (await post_files(one, chat, PNG)).status == 201
                assert {file["url"].removeprefix("/uploads/") for file in files} <= set(keys())
                assert len(set(keys()) - before) == 5
                assert stored(place) == []
            await place.sql("DELETE FROM messages")
            await place.sql("DELETE FROM attachments")


# -- no worker, no server -----------------------------------------------------------------------------------------------


def workers(parent: int) -> list[psutil.Process]:
    """The media workers of a server."""
    found = []
    for process in psutil.Process(parent).children(recursive=True):
        try:
            if any(word.startswith(WORKER) for word in process.cmdline()):
                found.append(process)
        except GONE:
            continue
    return found


def at_work(parent: int) -> list[int]:
    """Those that have worked for a while: a document is being looked through."""
    found = []
    for process in workers(parent):
        try:
            times = process.cpu_times()
            if "documents" in process.cmdline()[-1] and times.user + times.system > 0.8:
                found.append(process.pid)
        except GONE:
            continue
    return found


HEAVY = ("a.pdf", "application/pdf", pdf_bomb(200 * MB, 5))  # below every limit, and work for seconds


@pytest.mark.timeout(300)
async def test_a_worker_killed_at_work_is_said_and_replaced(database: str) -> None:
    """Whoever did it (kill -9): 503 for that upload, which is tried again as it is and taken; nothing of the first is left."""
    async with serving_files(database, MEDIA_WORKERS="1") as (made, place), talking(place):
        one, other = await place.people(2)
        chat = await one.conversation(other)

        async def busy() -> list[int]:
            return at_work(made.pid)

        ways: list[Callable[[], Awaitable[Answer]]] = [
            partial(upload, one, TEXT, HEAVY),
            partial(post_files, one, chat, TEXT, HEAVY),
        ]
        for way in ways:
            coming = asyncio.ensure_future(way())
            (pid,) = await eventually(busy, lambda found: found)
            os.kill(pid, signal.SIGKILL)
            assert is_away(await coming)
            assert (stored(place), await records(place), await one.messages(chat)) == ([], 0, [])
        assert (await upload(one, PNG)).status == 200
        assert (await ways[1]()).status == 201


@pytest.mark.timeout(300)
async def test_a_server_killed_in_the_middle_of_an_upload_starts_with_an_empty_spool(database: str) -> None:
    """While bytes come (kill -9), and while a worker reads them: nothing is recorded, no worker stays, nothing is left."""
    async with serving_files(database) as (made, place):
        one, other = await place.people(2)
        await one.conversation(other)
        slow = await Slow.begin(place, one)
        heavy = asyncio.ensure_future(upload(other, HEAVY))
        await until(lambda: heavy.done() or at_work(made.pid), "a worker is at work")
        made.kill()
        await made.ended()
        slow.cut()
        assert isinstance((await asyncio.gather(heavy, return_exceptions=True))[0], Exception)
        assert len(stored(place)) == 2
        await made.start()
        assert (stored(place), await records(place)) == ([], 0)
        await until(lambda: sum(WORKER in line for line in made.processes()) == 0, "no worker of the dead one stays")
        (file,) = await uploaded(one, TEXT)
        assert [path.stem for path in stored(place)] == [file["id"]]


async def test_a_server_that_is_stopped_waits_for_no_upload_for_ever(database: str) -> None:
    """SIGTERM while bytes come: it ends by itself with 0, nothing of the file is left, and nothing is recorded."""
    async with serving_files(database) as (made, place):
        (one,) = await place.people(1)
        slow = await Slow.begin(place, one)
        made.kill(signal.SIGTERM)
        assert await made.ended() == 0
        slow.cut()
        assert (stored(place), await records(place)) == ([], 0)
        assert made.processes() == []


# -- no database --------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(300)
async def test_a_database_that_goes_while_a_file_comes_in_leaves_no_blob() -> None:
    """503 in both dialects, with the blobs discarded; when it is back, uploads are taken again, and there is no record more."""
    folder = Path(tempfile.mkdtemp(prefix="duologue-"))
    postgres = EmbeddedPostgres(folder)
    try:
        dsn = await postgres.start()
        async with serving_files(dsn) as (_, place):
            one, other = await place.people(2)
            chat = await one.conversation(other)
            coming = [
                await Slow.begin(place, one),
                await Slow.begin(place, one, f"/api/v1/chat/conversations/{chat}/messages"),
            ]
            assert postgres.pid is not None
            os.kill(postgres.pid, signal.SIGKILL)
            async with asyncio.timeout(PATIENCE):
                assert [await each.finish() for each in coming] == [503, 503]
            assert stored(place) == []
            assert await postgres.start() == dsn
            await eventually(lambda: place.get("/health/ready"), lambda answer: answer.status == 200)
            assert (await records(place), await one.messages(chat)) == (0, [])
            assert (await upload(one, PNG)).status == 200
            assert (await post_files(one, chat, PNG)).status == 201
    finally:
        await postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


# -- many large ones at once --------------------------------------------------------------------------------------------

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
