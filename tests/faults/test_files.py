"""What befalls files on their way in: no room, no store, no database, a worker or the server killed.

Whoever uploads is told so and may try again, nothing is half stored, and people who talk do not notice.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from PIL import Image
from tests.blobs.papers import pdf_bomb
from tests.blobs.pictures import encoded, picture
from tests.faults.crowd import until
from tests.faults.process import GONE, free_port, service
from tests.faults.uploads import PATIENCE, TEXT, WORKER, going_on, serving_files, talking, workers
from tests.live.files import NO_ROOM, Slow, post_files, stored, upload, uploaded
from tests.live.people import Answer, Person, Place, eventually

from duologue.storage.embedded import EmbeddedPostgres

pytestmark = pytest.mark.faults
MB = 1 << 20
PNG = ("a.png", "image/png", encoded(picture(), "PNG"))
NOISE = ("noise.png", "image/png", encoded(Image.effect_noise((1000, 1100), 90), "PNG"))


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


async def busy(parent: int) -> int:
    """Wait for one of them; its process id."""
    await until(lambda: at_work(parent), "a worker is at work")
    return at_work(parent)[0]


@cache
def heavy() -> tuple[str, str, bytes]:
    """A document below every limit, and work for seconds."""
    return "a.pdf", "application/pdf", pdf_bomb(200 * MB, 5)


@pytest.mark.timeout(300)
async def test_a_worker_killed_at_work_is_said_and_replaced(database: str) -> None:
    """Whoever did it (kill -9): 503 for that upload, which is tried again as it is and taken; nothing of the first is left."""
    async with serving_files(database, MEDIA_WORKERS="1") as (made, place), talking(place):
        one, other = await place.people(2)
        chat = await one.conversation(other)

        ways: list[Callable[[], Awaitable[Answer]]] = [
            partial(upload, one, TEXT, heavy()),
            partial(post_files, one, chat, TEXT, heavy()),
        ]
        for way in ways:
            coming = asyncio.ensure_future(way())
            os.kill(await busy(made.pid), signal.SIGKILL)
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
        looked_at = asyncio.ensure_future(upload(other, heavy()))
        await busy(made.pid)
        made.kill()
        await made.ended()
        slow.cut()
        assert isinstance((await asyncio.gather(looked_at, return_exceptions=True))[0], Exception)
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
