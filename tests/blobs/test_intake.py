"""The way of a file from its first byte to the store: limits as early as the bytes allow, nothing left of what fails."""

import asyncio
import hashlib
import os
import resource
import signal
import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

import pytest
from PIL import Image
from tests.blobs.bunny import ACCESS_KEY, zone
from tests.blobs.daemon import EICAR, daemon
from tests.blobs.papers import legacy, office, pdf, rar, script, seven, zipped
from tests.blobs.pictures import encoded, photograph, picture
from tests.blobs.recordings import film, voice

from duologue.blobs.clamav import ClamAV, Scanner
from duologue.blobs.desk import IntakeLimits
from duologue.blobs.intake import FileIntake
from duologue.blobs.jobs import Limits
from duologue.blobs.processing import Processing
from duologue.blobs.spool import Spool
from duologue.blobs.stores.local import LocalBlobs
from duologue.blobs.stores.urls import open_store
from duologue.blobs.workers import Workers
from duologue.core.errors import (
    FileRejected,
    OutcomeUnknown,
    PayloadTooLarge,
    RateLimited,
    StorageFull,
    Unauthorized,
    Unavailable,
    ValidationFailed,
)
from duologue.core.files import BlobStore, FileRules, Intake, Room, ScanState, StoredFile
from duologue.core.model import FileKind, MessageType
from duologue.core.uploads import record

OWNER = UUID(int=1)
MB = 1 << 20


class NoonOfNovember:
    """A clock that stands."""

    def now(self) -> float:
        """21 November 2026."""
        return 1_795_262_400.0

    def monotonic(self) -> float:
        """The same."""
        return 0.0


@dataclass
class Quota:
    """What the records say is left."""

    room: Room = field(default_factory=Room)

    async def left(self, owner_id: UUID) -> Room:  # noqa: ARG002 -- the port's own
        """For everybody."""
        return self.room


@dataclass
class House:
    """An intake with its parts, in a folder of its own."""

    folder: Path
    workers: Workers
    store: BlobStore
    quota: Quota = field(default_factory=Quota)
    scanner: Scanner | None = None
    on_findings: Literal["refuse", "flag"] = "refuse"
    spare: int = 0

    def __post_init__(self) -> None:
        """Put it together."""
        self.spool = Spool(self.folder / "spool")
        clock = NoonOfNovember()
        processing = Processing(
            spool=self.spool,
            workers=self.workers,
            store=self.store,
            scanner=self.scanner,
            clock=clock,
            on_findings=self.on_findings,
        )
        limits = IntakeLimits(spare=self.spare)
        self.intake = FileIntake(
            spool=self.spool, processing=processing, clock=clock, allowance=self.quota, limits=limits
        )

    async def send(
        self,
        *files: tuple[str, bytes],
        rules: FileRules = FileRules.SNAKE,
        as_type: MessageType | None = None,
        chunk: int = 65_536,
    ) -> list[StoredFile]:
        """Files of one request, in pieces; the type is not declared."""
        async with self.intake.batch(OWNER, rules, as_type) as batch:
            for name, data in files:
                async with batch.open(name, None) as upload:
                    for at in range(0, len(data), chunk):
                        await upload.write(data[at : at + chunk])
                    await upload.finish()
            return batch.stored

    async def read(self, key: str | None) -> bytes:
        """A blob."""
        assert key is not None
        return b"".join([chunk async for chunk in (await self.store.get(key)).chunks])

    async def keys(self) -> set[str]:
        """Everything in the store."""
        return {entry.key async for entry in self.store.entries()}

    def spooled(self) -> list[str]:
        """What lies on the way in."""
        return sorted(path.name for path in self.spool.folder.iterdir() if path.name != "lock")


@pytest.fixture
async def house(tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    """Give an intake over a local folder."""
    made = House(tmp_path, workers, LocalBlobs(tmp_path / "blobs"))
    yield made
    assert made.spooled() == []
    made.spool.close()


def test_the_intake_answers_its_port(house: House) -> None:
    """Whoever wires it sees the port alone; the type checker holds the rest."""
    port: Intake = house.intake
    assert port.batch(OWNER, FileRules.SNAKE, None) is not None


KEPT = {
    "a.pdf": pdf(),
    "a.doc": legacy("doc"),
    "a.docx": office("docx"),
    "a.xls": legacy("xls"),
    "a.xlsx": office("xlsx"),
    "a.ppt": legacy("ppt"),
    "a.pptx": office("pptx"),
    "a.txt": "Grüße".encode(),
    "a.zip": zipped({"x": b"y"}),
    "a.rar": rar({"x": (b"y", 1)}),
    "a.7z": seven({"x": b"y"}),
    "a.csv": b"a,b\r\n",
    "a.json": b"{}",
    "a.xml": b"<a/>",
}


@pytest.mark.parametrize("name", KEPT)
async def test_t138_documents_archives_and_data_are_stored_byte_for_byte(house: House, name: str) -> None:
    """With name, size, digest and type."""
    data = KEPT[name]
    (stored,) = await house.send((name, data))
    assert await house.read(stored.key) == data
    assert (stored.kind, stored.name, stored.size, stored.digest) == (
        FileKind.FILE,
        name,
        len(data),
        hashlib.sha256(data).digest(),
    )
    assert stored.key == f"messages/files/2026/11/{stored.id}{name[1:]}"
    assert stored.state is ScanState.CLEAN
    assert await house.keys() == {stored.key}


async def test_t136_t137_a_photograph_is_stored_anew_with_a_thumbnail(house: House) -> None:
    """Metadata, keys, and nothing of what the camera knew."""
    (stored,) = await house.send(("IMG_1.JPG", photograph()), as_type=MessageType.IMAGE)
    main, thumbnail = await house.read(stored.key), await house.read(stored.thumbnail_key)
    assert (stored.kind, stored.media_type, stored.width, stored.height) == (FileKind.IMAGE, "image/jpeg", 1920, 1280)
    assert (stored.size, stored.digest) == (len(main), hashlib.sha256(main).digest())
    assert stored.key == f"messages/images/2026/11/{stored.id}.jpg"
    assert stored.thumbnail_key == f"messages/images/thumbnails/{stored.id}.jpg"
    assert stored.id.version == 4
    assert stored.placeholder
    assert b"GPSPLACE" not in main + thumbnail
    assert await house.keys() == set(stored.keys)


async def test_a_video_is_stored_as_it_came_with_poster_and_thumbnail(house: House) -> None:
    """Dialect A alone."""
    data = film(sound=True)
    (stored,) = await house.send(("clip.mp4", data), rules=FileRules.CAMEL, as_type=MessageType.VIDEO)
    assert await house.read(stored.key) == data
    assert (stored.kind, stored.media_type, stored.codec, stored.width) == (FileKind.VIDEO, "video/mp4", "h264", 320)
    assert await house.keys() == {
        f"messages/videos/2026/11/{stored.id}.mp4",
        f"messages/videos/thumbnails/{stored.id}.jpg",
        f"messages/videos/posters/{stored.id}.jpg",
    }


async def test_a_voice_message_is_stored_as_aac_in_mp4(house: House) -> None:
    """Whatever it was recorded as, in both dialects."""
    for rules in FileRules:
        (stored,) = await house.send(("voice.weba", voice("webm", "libopus")), rules=rules, as_type=MessageType.FILE)
        assert (stored.kind, stored.media_type, stored.codec) == (FileKind.AUDIO, "audio/mp4", "aac")
        assert stored.key.endswith(".m4a")
        assert len(stored.waveform or ()) == 64
        assert stored.duration == pytest.approx(2.0, abs=0.15)
        assert (await house.read(stored.key))[4:8] == b"ftyp"


async def test_t139_exactly_the_limit_passes_and_one_byte_more_is_refused_with_that_byte(house: House) -> None:
    """The rest of a file that is too large is not waited for."""
    (stored,) = await house.send(("a.csv", b"a" * (10 * MB)))
    assert stored.size == 10 * MB
    async with house.intake.batch(OWNER, FileRules.SNAKE) as batch, batch.open("b.csv", "text/csv") as upload:
        for _ in range(160):
            await upload.write(b"a" * 65_536)
        with pytest.raises(PayloadTooLarge, match="File exceeds maximum size limit"):
            await upload.write(b"a")
    assert await house.keys() == {stored.key}


async def test_t141_files_of_one_message_are_limited_together(house: House) -> None:
    """The third archive of 40 MB is refused as it passes 100 MB, and the first two go."""
    archive = zipped({"x": bytes(range(256)) * 160_000}, 0)[: 40 * MB]
    async with house.intake.batch(OWNER, FileRules.SNAKE) as batch:
        for name in ("a.zip", "b.zip"):
            async with batch.open(name, None) as upload:
                await upload.write(archive)
        async with batch.open("c.zip", None) as upload:
            await upload.write(archive[: 100 * MB - 2 * len(archive)])
            with pytest.raises(PayloadTooLarge, match="100MB"):
                await upload.write(b"x")


async def test_t140_a_sixth_file_is_refused_and_the_five_are_removed(house: House) -> None:
    """A request is taken whole or not at all."""
    with pytest.raises(ValidationFailed, match="Maximum 5 files per message"):
        await house.send(*[(f"{index}.txt", b"hello") for index in range(6)])
    assert await house.keys() == set()


async def test_t142_t143_what_is_not_taken_is_refused_before_it_has_come(house: House) -> None:
    """By name before a byte, by content with the first 4096."""
    with pytest.raises(ValidationFailed, match="File type not supported"):
        await house.send(("evil.exe", b""))
    async with house.intake.batch(OWNER, FileRules.SNAKE) as batch, batch.open("photo.jpg", "image/jpeg") as upload:
        with pytest.raises(ValidationFailed, match="File type not supported"):
            await upload.write(b"MZ" + bytes(5000))
        assert house.spooled() == []
    with pytest.raises(ValidationFailed, match="File type not supported"):
        await house.send(("photo.jpg", b"MZ"))


async def test_t146_an_empty_file_is_refused(house: House) -> None:
    """0 bytes, of whatever kind (G-30)."""
    for name in ("a.png", "a.txt", "a.zip"):
        with pytest.raises(ValidationFailed, match="File is empty"):
            await house.send((name, b""))


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("a.png", encoded(picture(), "PNG")[:200], ValidationFailed),
        ("a.pdf", pdf(OpenAction=script()), FileRejected),
        ("a.docx", office("docx", {"word/vbaProject.bin": b"x"}), FileRejected),
        ("a.zip", zipped({"x": bytes(60 * MB)}), FileRejected),
        ("a.m4a", film(), ValidationFailed),
    ],
    ids=["broken", "script", "macro", "bomb", "disguised"],
)
async def test_a_refused_file_leaves_nothing(house: House, name: str, data: bytes, error: type[Exception]) -> None:
    """And with it go the files of the request that were fine."""
    with pytest.raises(error) as refused:
        await house.send(("good.txt", b"hello"), ("good.png", encoded(picture(), "PNG")), (name, data))
    if error is FileRejected:
        assert str(refused.value) == "File rejected: Security scan failed"
    assert await house.keys() == set()


async def test_g32_findings_can_be_flagged_instead(tmp_path: Path, workers: Workers) -> None:
    """Macros and scripts pass with a flag when the policy says so; bombs never do."""
    house = House(tmp_path, workers, LocalBlobs(tmp_path / "blobs"), on_findings="flag")
    macro, active = await house.send(
        ("a.docx", office("docx", {"word/vbaProject.bin": b"x"})), ("a.pdf", pdf(OpenAction=script()))
    )
    assert (macro.flags, active.flags) == (("macros",), ("active_content",))
    with pytest.raises(FileRejected):
        await house.send(("a.zip", zipped({"x": bytes(60 * MB)})))
    house.spool.close()


async def test_t153_a_fourth_upload_of_one_user_is_refused(house: House) -> None:
    """Others are not, and a place that is given back is free again."""
    async with (
        house.intake.batch(OWNER, FileRules.SNAKE),
        house.intake.batch(OWNER, FileRules.CAMEL),
        house.intake.batch(OWNER, FileRules.SNAKE),
    ):
        with pytest.raises(RateLimited) as refused:
            async with house.intake.batch(OWNER, FileRules.SNAKE):
                pass
        assert refused.value.retry_after == 1.0
        async with house.intake.batch(uuid4(), FileRules.SNAKE):
            pass
    await house.send(("a.txt", b"hello"))


@pytest.mark.parametrize("room", [Room(of_user=1000), Room(of_store=1000)], ids=["user", "store"])
async def test_g33_a_quota_is_refused_with_the_byte_that_passes_it(house: House, room: Room) -> None:
    """Exactly what is left passes; what is on its way in counts."""
    house.quota.room = room
    await house.send(("a.txt", b"x" * 1000))
    async with house.intake.batch(OWNER, FileRules.SNAKE) as batch, batch.open("a.txt", None) as upload:
        await upload.write(b"x" * 600)
        async with house.intake.batch(OWNER, FileRules.SNAKE) as other, other.open("b.txt", None) as second:
            await second.write(b"x" * 400)
            with pytest.raises(StorageFull) as refused:
                await second.write(b"x")
            assert refused.value.message == "Server storage limit reached. Please try again later."
        await upload.write(b"x" * 400)


async def test_an_upload_cut_off_leaves_nothing(house: House) -> None:
    """While it is being sent, and while it is being stored."""
    started = asyncio.Event()

    async def half() -> None:
        async with house.intake.batch(OWNER, FileRules.SNAKE) as batch:
            async with batch.open("a.txt", None) as upload:
                await upload.write(b"done")
                await upload.finish()
            async with batch.open("b.txt", None) as upload:
                await upload.write(b"x" * MB)
                started.set()
                await asyncio.Event().wait()

    task = asyncio.create_task(half())
    await started.wait()
    assert house.spooled() != []
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await house.keys() == set()
    assert house.spooled() == []


async def test_an_upload_cancelled_at_any_moment_leaves_nothing(house: House) -> None:
    """A dozen moments, from the first byte to the last move."""
    data = photograph(1200, 800)
    for step in range(12):
        task = asyncio.create_task(house.send(("a.jpg", data), ("b.jpg", data)))
        done, _ = await asyncio.wait([task], timeout=0.03 * step)
        if done:
            await house.intake.discard([key for file in task.result() for key in file.keys])
        task.cancel()
        await asyncio.wait([task])
        assert await house.keys() == set(), step
        assert house.spooled() == [], step


async def test_a_worker_killed_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    """The client is told to try again, and the next upload goes through."""
    pool = Workers(1, Limits())
    house = House(tmp_path, pool, LocalBlobs(tmp_path / "blobs"))
    upload = asyncio.create_task(house.send(("a.mp4", film(size=(1280, 720), seconds=20)), rules=FileRules.CAMEL))
    async with asyncio.timeout(20):
        while not pool.pids:  # noqa: ASYNC110 -- a process of the kernel sets no event
            await asyncio.sleep(0.005)
    os.kill(pool.pids[0], signal.SIGKILL)
    with pytest.raises(Unavailable):
        await upload
    assert await house.keys() == set()
    assert house.spooled() == []
    await house.send(("a.png", encoded(picture(), "PNG")))
    await pool.close()
    house.spool.close()


async def test_a_store_that_is_away_leaves_nothing(tmp_path: Path, workers: Workers) -> None:
    """Unavailable, with an empty spool; chat does not notice."""
    url = "s3://key:secret@files?region=us-east-1&endpoint=http://127.0.0.1:1"
    house = House(tmp_path, workers, open_store(url, tmp_path))
    with pytest.raises(Unavailable):
        await house.send(("a.png", encoded(picture(), "PNG")))
    assert house.spooled() == []
    house.spool.close()


async def test_a_store_that_fills_up_in_the_middle_keeps_nothing(tmp_path: Path, workers: Workers) -> None:
    """The picture has been stored, its thumbnail is refused: both are gone."""
    with zone() as server:
        store = open_store(f"bunny://{ACCESS_KEY}@127.0.0.1:{server.server_port}/zone?scheme=http", tmp_path)
        house = House(tmp_path, workers, store)
        server.room = 1
        with pytest.raises(StorageFull):
            await house.send(("a.png", encoded(picture(), "PNG")))
        assert server.files == {}
        await store.close()
        house.spool.close()


async def test_a_full_disk_is_said_and_leaves_nothing(small_disk: Path, workers: Workers) -> None:
    """While the file comes in, and while a worker writes."""
    house = House(small_disk, workers, LocalBlobs(small_disk / "blobs"))
    with pytest.raises(StorageFull):
        await house.send(("a.txt", b"x" * (3 * MB)))
    noise = encoded(Image.effect_noise((1000, 1100), 90), "PNG")
    assert MB < len(noise) < 2 * MB
    with pytest.raises(StorageFull):
        await house.send(("a.png", noise))
    assert house.spooled() == []
    assert await house.keys() == set()
    await house.send(("a.txt", b"x" * MB))
    house.spool.close()


async def test_a_disk_that_is_nearly_full_takes_no_more(tmp_path: Path, workers: Workers) -> None:
    """Some of it stays free for the database."""
    house = House(tmp_path, workers, LocalBlobs(tmp_path / "blobs"), spare=1 << 60)
    with pytest.raises(StorageFull):
        await house.send(("a.txt", b"x"))
    house.spool.close()


async def test_an_infected_file_is_refused(tmp_path: Path, workers: Workers) -> None:
    """The scanner sees the bytes as they came, of every kind."""
    async with daemon() as scanner:
        house = House(tmp_path, workers, LocalBlobs(tmp_path / "blobs"), scanner=ClamAV(scanner.url))
        (clean,) = await house.send(("a.txt", b"hello"))
        assert clean.state is ScanState.CLEAN
        for name, data in (("a.txt", EICAR), ("a.jpg", encoded(picture(), "JPEG") + EICAR)):
            with pytest.raises(FileRejected, match="File rejected: Security scan failed"):
                await house.send((name, data))
        assert await house.keys() == {clean.key}
        assert scanner.streams[-1].endswith(EICAR)
        house.spool.close()


async def test_a_file_waits_for_a_scanner_that_is_away(tmp_path: Path, workers: Workers) -> None:
    """Stored as pending, asked about again: clean or infected."""
    store = LocalBlobs(tmp_path / "blobs")
    house = House(tmp_path, workers, store, scanner=ClamAV("tcp://127.0.0.1:1"))
    good, bad = await house.send(("a.txt", b"hello"), ("b.txt", EICAR))
    assert (good.state, bad.state) == (ScanState.PENDING, ScanState.PENDING)
    assert await house.intake.rescan(good.key) is ScanState.PENDING
    house.spool.close()
    async with daemon() as scanner:
        later = House(tmp_path, workers, store, scanner=ClamAV(scanner.url))
        assert await later.intake.rescan(good.key) is ScanState.CLEAN
        assert await later.intake.rescan(bad.key) is ScanState.INFECTED
        later.spool.close()


async def test_what_a_dead_process_left_is_removed_and_what_a_living_one_holds_is_not(tmp_path: Path) -> None:
    """At the next start; folders that belong to nobody are left alone."""
    living = Spool(tmp_path)
    (living.folder / "x").write_bytes(b"x")
    dead = tmp_path / "0123456789abcdef"
    dead.mkdir()
    (dead / "lock").touch()
    (dead / "half").write_bytes(b"x")
    other = Spool(tmp_path)
    assert not dead.exists()
    assert (living.folder / "x").exists()
    living.close()
    other.close()
    assert not living.folder.exists()


async def test_memory_does_not_grow_with_the_files(house: House) -> None:
    """Twenty users with 20 MB each at once: less than 100 MiB more in this process; the loop answers meanwhile."""
    piece = bytes(range(256)) * 256
    text = piece.translate(bytes(32 + value % 90 for value in range(256)))
    longest = at_work = 0.0

    async def one(owner: UUID) -> Sequence[StoredFile]:
        async with house.intake.batch(owner, FileRules.SNAKE) as batch, batch.open("a.txt", None) as upload:
            for _ in range(20 * 16):
                await upload.write(text)
            await upload.finish()
            return batch.stored

    async def watch() -> None:
        nonlocal longest, at_work
        loop = asyncio.get_running_loop()
        while True:
            before, worked = loop.time(), time.thread_time()
            await asyncio.sleep(0.01)
            longest = max(longest, loop.time() - before - 0.01)
            at_work = max(at_work, time.thread_time() - worked)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    watching = asyncio.create_task(watch())
    stored = await asyncio.gather(*(one(UUID(int=index)) for index in range(20)))
    watching.cancel()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert {file.size for files in stored for file in files} == {20 * MB}
    assert grown < 100 * 1024  # kilobytes
    assert at_work < 0.5  # seconds of the loop's own thread in one go
    assert longest < 2  # seconds, beside whatever else the machine does


class Records:
    """Records whose answer is this error; what they did before it nobody knows."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def add(self, owner_id: UUID, files: Sequence[StoredFile]) -> None:  # noqa: ARG002 -- the port's own
        """Answer so."""
        raise self.error

    async def take_back(self, owner_id: UUID, ids: Collection[UUID]) -> list[str]:  # noqa: ARG002 -- the port's own
        """Know of none."""
        return []


@pytest.mark.parametrize(
    ("error", "stays"), [(OutcomeUnknown(), True), (OSError(), True), (Unavailable(), False), (Unauthorized(), False)]
)
async def test_what_may_be_recorded_stays_stored(error: Exception, stays: bool, house: House) -> None:  # noqa: FBT001
    """A record without its blobs would be a loss; blobs without a record are found by housekeeping."""
    keys: set[str] = set()

    async def take_in() -> None:
        async with house.intake.batch(OWNER, FileRules.SNAKE, None) as batch:
            async with batch.open("a.txt", None) as upload:
                await upload.write(b"a")
                keys.add((await upload.finish()).key)
            await record(Records(error), batch, OWNER, batch.stored)

    with pytest.raises(type(error)):
        await take_in()
    assert await house.keys() == (keys if stays else set())
