"""One contract for every store, and what is each one's own.

S3 is moto's server. GCS is the same server, and Google's emulator for what little that knows: `google.py` says why. Azure is azurite
(`azure.py`), Bunny is `bunny.py`.
"""

import asyncio
import os
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from tests.blobs.azure import azurite
from tests.blobs.bunny import ACCESS_KEY, Zone, zone
from tests.blobs.cut import cut
from tests.blobs.google import emulator, through_s3

from duologue.blobs.stores.local import LocalBlobs
from duologue.blobs.stores.urls import open_store
from duologue.core.errors import NotFound, StorageFull, Unavailable
from duologue.core.files import BlobStore

KEY = "messages/files/2026/11/0b7e1c6e-7d1e-4f6a-9a55-0d9e4c1f2a3b.pdf"
DATA = bytes(range(256)) * 50_000  # 12.8 MB: three parts


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Give the address of an S3 that has the bucket `files`."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id="key", aws_secret_access_key="se/cret", region_name="us-east-1"
    )
    client.create_bucket(Bucket="files")
    client.close()
    yield endpoint
    server.stop()


@pytest.fixture(scope="module")
def bunny() -> Iterator[Zone]:
    """Give a running zone."""
    with zone() as server:
        yield server


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of a container of azurite."""
    with azurite(tmp_path_factory.mktemp("azurite")) as url:
        yield url


def url_of(kind: str, request: pytest.FixtureRequest, prefix: str) -> str:
    """The STORAGE_URL of a running store, where nothing is yet below the prefix."""
    if kind == "s3":
        return f"s3://key:se%2Fcret@files/{prefix}?region=us-east-1&endpoint={request.getfixturevalue('s3')}"
    if kind == "gs":
        return through_s3(request.getfixturevalue("s3")).format(prefix=prefix)
    if kind == "az":
        url: str = request.getfixturevalue("azure")
        return url.format(prefix=prefix)
    return f"bunny://{ACCESS_KEY}@127.0.0.1:{request.getfixturevalue('bunny').server_port}/zone/{prefix}?scheme=http"


@pytest.fixture(params=["folder", "s3", "gs", "az", "bunny"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BlobStore]:
    """Give each store in turn, empty."""
    url = f"file://{tmp_path}/blobs" if request.param == "folder" else url_of(request.param, request, tmp_path.name)
    opened = open_store(url, tmp_path)
    yield opened
    await opened.close()


def spooled(data: bytes = DATA) -> Path:
    """A file that has come in."""
    descriptor, name = tempfile.mkstemp()
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return Path(name)


async def put(store: BlobStore, key: str = KEY, data: bytes = DATA) -> None:
    """Store bytes under a key; the source goes."""
    source = spooled(data)
    try:
        await store.put(key, source, media_type="application/pdf")
    finally:
        source.unlink(missing_ok=True)


async def read(store: BlobStore, key: str = KEY, *, offset: int = 0, length: int | None = None) -> tuple[int, bytes]:
    """Size and bytes."""
    blob = await store.get(key, offset=offset, length=length)
    return blob.size, b"".join([chunk async for chunk in blob.chunks])


async def keys(store: BlobStore, prefix: str = "") -> dict[str, int]:
    """What is listed, with sizes."""
    return {entry.key: entry.size async for entry in store.entries(prefix)}


async def test_what_is_put_is_read_back_whole_and_in_parts(store: BlobStore) -> None:
    """Bytes, sizes, and ranges from anywhere, also beyond the end."""
    await put(store)
    assert await read(store) == (len(DATA), DATA)
    assert await read(store, offset=1000, length=500) == (len(DATA), DATA[1000:1500])
    assert await read(store, offset=len(DATA) - 10) == (len(DATA), DATA[-10:])
    assert await read(store, offset=len(DATA) - 10, length=500) == (len(DATA), DATA[-10:])
    assert await read(store, offset=0, length=1) == (len(DATA), DATA[:1])


async def test_a_blob_comes_in_pieces(store: BlobStore) -> None:
    """No store hands over a whole file at once."""
    await put(store)
    blob = await store.get(KEY)
    assert max([len(chunk) async for chunk in blob.chunks]) <= 1 << 20


async def test_what_is_not_there_is_not_found(store: BlobStore) -> None:
    """Reading fails; removing is no error, and the rest is removed all the same."""
    with pytest.raises(NotFound):
        await read(store)
    with pytest.raises(NotFound):
        await read(store, offset=5, length=5)
    await put(store)
    await store.delete([KEY.replace("0b", "1c"), KEY])
    with pytest.raises(NotFound):
        await read(store)
    await store.delete([KEY])


async def test_everything_is_listed_by_folder(store: BlobStore) -> None:
    """For housekeeping: keys, sizes, times."""
    assert await keys(store) == {}
    assert await keys(store, "messages/images/") == {}
    await put(store, data=b"12345")
    await put(store, "messages/images/thumbnails/a.jpg", b"1")
    await put(store, "messages/images/2026/11/a.jpg", b"123")
    assert await keys(store) == {KEY: 5, "messages/images/thumbnails/a.jpg": 1, "messages/images/2026/11/a.jpg": 3}
    assert await keys(store, "messages/images/") == {
        "messages/images/thumbnails/a.jpg": 1,
        "messages/images/2026/11/a.jpg": 3,
    }
    zones = {entry.modified.tzinfo is not None async for entry in store.entries("messages/files/")}
    assert zones == {True}


async def test_a_blob_is_read_by_many_at_once(store: BlobStore) -> None:
    """Readers do not disturb each other."""
    await put(store)
    found = await asyncio.gather(*(read(store, offset=at * 1000, length=1000) for at in range(20)))
    assert [data for _, data in found] == [DATA[at * 1000 : at * 1000 + 1000] for at in range(20)]


@pytest.mark.parametrize("kind", ["s3", "gs", "az", "bunny"])
async def test_a_put_that_is_cut_off_leaves_nothing(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """The line breaks in the middle of a file and stays broken: said within seconds, nothing to read or to list."""
    url = url_of(kind, request, tmp_path.name)
    direct = open_store(url, tmp_path)
    async with cut(url, after=6 << 20) as line:
        through = open_store(line.url, tmp_path)
        async with asyncio.timeout(20):
            with pytest.raises(Unavailable):
                await put(through)
        await through.close()
    assert line.passed > 6 << 20
    assert await keys(direct) == {}
    with pytest.raises(NotFound):
        await read(direct)
    await put(direct)
    assert await keys(direct) == {KEY: len(DATA)}
    await direct.close()


async def test_google_has_a_file_under_its_name_and_type(tmp_path: Path) -> None:
    """Asked by Google's own API; the emulator leaves out what obstore needs to call that a success."""
    with emulator(tmp_path) as google:
        store = open_store(google.url.format(prefix="a/b"), tmp_path)
        with pytest.raises(NotFound):
            await read(store)
        with pytest.raises(Unavailable):
            await put(store, data=b"12345")
        assert google.known() == [(f"a/b/{KEY}", "application/pdf", b"12345")]
        await store.close()


async def test_a_file_is_moved_into_the_folder_and_closed_to_others(tmp_path: Path) -> None:
    """The spooled file itself becomes the blob, read-only (FST-29)."""
    store = open_store("", tmp_path / "blobs")
    source = tmp_path / "source"
    source.write_bytes(b"12345")
    inode = source.stat().st_ino
    await store.put(KEY, source, media_type="application/pdf")
    target = tmp_path / "blobs" / KEY
    assert not source.exists()
    assert target.stat().st_ino == inode
    assert stat.S_IMODE(target.stat().st_mode) == 0o440
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in list(target.parents)[:5]} == {0o700}


def elsewhere(folder: Path) -> Path:
    """A name on another file system."""
    source = Path("/dev/shm") / f"duologue-{os.getpid()}"  # noqa: S108 -- another file system
    if not source.parent.is_dir() or source.parent.stat().st_dev == folder.stat().st_dev:
        pytest.skip("there is no other file system here")
    return source


async def test_a_file_of_another_file_system_is_copied_whole(tmp_path: Path) -> None:
    """The spool may lie elsewhere; nothing half-written has the final name."""
    source = elsewhere(tmp_path)
    source.write_bytes(DATA)
    store = open_store("", tmp_path / "blobs")
    await store.put(KEY, source, media_type="application/pdf")
    assert not source.exists()
    assert await read(store) == (len(DATA), DATA)
    assert await keys(store) == {KEY: len(DATA)}


async def test_a_folder_without_room_says_so(tmp_path: Path, small_disk: Path) -> None:
    """Disk full: 507 in the end, nothing half-stored, nothing lost."""
    store = LocalBlobs(small_disk / "blobs")
    source = tmp_path / "source"
    source.write_bytes(bytes(3 << 20))
    with pytest.raises(StorageFull):
        await store.put(KEY, source, media_type="application/pdf")
    assert await keys(store) == {}


async def test_a_zone_without_room_says_so(bunny: Zone, tmp_path: Path) -> None:
    """Bunny's 507 is ours."""
    store = open_store(f"bunny://{ACCESS_KEY}@127.0.0.1:{bunny.server_port}/zone?scheme=http", tmp_path)
    bunny.room = 0
    try:
        with pytest.raises(StorageFull):
            await put(store)
    finally:
        bunny.room = 1 << 30
        await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "s3://key:secret@files?region=us-east-1&endpoint=http://127.0.0.1:1",
        "bunny://key@127.0.0.1:1/zone?scheme=http",
        through_s3("http://127.0.0.1:1").format(prefix="x"),
        "az://account:a2V5@files?endpoint=http://127.0.0.1:1/account",
    ],
    ids=["s3", "bunny", "gs", "az"],
)
async def test_a_store_that_is_away_is_unavailable(url: str, tmp_path: Path) -> None:
    """Within seconds, for every operation."""
    store = open_store(url, tmp_path)
    try:
        async with asyncio.timeout(40):
            with pytest.raises(Unavailable):
                await put(store)
            with pytest.raises(Unavailable):
                await read(store)
            with pytest.raises(Unavailable):
                await keys(store)
            with pytest.raises(Unavailable):
                await store.delete([KEY])
    finally:
        await store.close()


async def test_a_zone_that_fails_is_unavailable(bunny: Zone, tmp_path: Path) -> None:
    """Any other status than those with a meaning, and a wrong key."""
    for key, failures in ((ACCESS_KEY, 4), ("wrong", 0)):
        store = open_store(f"bunny://{key}@127.0.0.1:{bunny.server_port}/zone?scheme=http", tmp_path)
        bunny.failures = failures
        for operation in (put(store), read(store), keys(store), store.delete([KEY])):
            with pytest.raises(Unavailable):
                await operation
        await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/x",
        "s3://",
        "bunny://storage.bunnycdn.com/zone",
        "bunny://k@storage.bunnycdn.com",
        "file://host/x",
        "s3://b?colour=red",
    ],
)
def test_a_wrong_url_is_said_to_be_wrong(url: str, tmp_path: Path) -> None:
    """With a sentence that names the setting and repeats no secret."""
    with pytest.raises(ValueError, match="STORAGE_URL"):
        open_store(url, tmp_path)
