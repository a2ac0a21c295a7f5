"""Parts of files on the disk: what is counted, who has one in hand, what is left of which after a crash."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.live.clock import Clock

from duologue.blobs.desk import Desk, IntakeLimits
from duologue.blobs.durable import second_name
from duologue.blobs.partial import PartFiles
from duologue.blobs.spool import Spool
from duologue.core.errors import Conflict, NotFound, StorageFull, Unavailable
from duologue.core.files import FileRules, Room
from duologue.core.parts import Terms

QUOTA = 1_000
OWNER = uuid4()


class Quota:
    """A thousand bytes for everybody, of which nothing is recorded."""

    async def left(self, _owner_id: UUID) -> Room:
        """What is left."""
        return Room(of_user=QUOTA)


class Disk:
    """A folder for parts, as several processes may open it one after another, or at once."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.clock = Clock()
        self._stack = stack

    def opened(self, limits: IntakeLimits | None = None) -> tuple[PartFiles, Desk]:
        """Open it as a process does."""
        spool = Spool(self.folder / "spool")
        self._stack.callback(spool.close)
        desk = Desk(spool, self.clock, Quota(), limits or IntakeLimits())
        return PartFiles(self.folder / "partial", spool=spool, desk=desk, clock=self.clock, ttl=3_600), desk

    def names(self) -> set[str]:
        """What lies there."""
        return {path.name for path in (self.folder / "partial").iterdir()}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Give a folder."""
    with ExitStack() as stack:
        yield Disk(tmp_path, stack)


def terms(length: int = 10) -> Terms:
    """Announce a text."""
    return Terms(OWNER, FileRules.SNAKE, length, "a.txt", "text/plain")


async def left(desk: Desk) -> int | None:
    """What the quota leaves the owner."""
    return (await desk.room(OWNER)).of_user


async def test_what_has_expired_goes_but_what_is_in_hand_stays(disk: Disk) -> None:
    """Its bytes are counted no more."""
    parts, desk = disk.opened()
    first, second = await parts.begin(terms()), await parts.begin(terms())
    async with parts.hold(first.id) as held:
        await held.write(b"hello")
        await held.settle()
    assert await left(desk) == QUOTA - 5
    async with parts.hold(second.id):
        assert await parts.sweep() == 0
        disk.clock.advance(3_601)
        assert await parts.find(first.id) is None
        assert await parts.sweep() == 1
        assert disk.names() == {f"{second.id}.json", f"{second.id}.part"}
    assert await parts.sweep() == 1
    assert disk.names() == set()
    assert await left(desk) == QUOTA


async def test_one_process_at_a_time_has_a_part_in_hand(disk: Disk) -> None:
    """By a lock on the file; what another one began is counted as soon as it is in hand."""
    (one, _), (other, desk) = disk.opened(), disk.opened()
    part = await one.begin(terms())
    async with one.hold(part.id) as held:
        await held.write(b"hello")
        with pytest.raises(Conflict):
            async with other.hold(part.id):
                pass
        await held.settle()
    async with other.hold(part.id) as held:
        await held.write(b"world")
        await held.settle()
        assert held.part.is_whole
    assert await left(desk) == QUOTA - 10


async def test_a_start_removes_what_belongs_to_nothing(disk: Disk) -> None:
    """Bytes without a state, states that cannot be read or were being written, bytes of what was finished."""
    parts, _ = disk.opened()
    part, done = await parts.begin(terms()), await parts.begin(terms())
    async with parts.hold(done.id) as held:
        await held.finish()
    folder = disk.folder / "partial"
    (folder / f"{done.id}.part").write_bytes(b"left behind")
    (folder / f"{uuid4()}.part").write_bytes(b"nobody's")
    (folder / f".{uuid4()}.json.00").write_bytes(b"{")
    torn = uuid4()
    (folder / f"{torn}.json").write_bytes(b"{")
    (folder / f"{torn}.part").write_bytes(b"a")
    parts, desk = disk.opened()
    assert disk.names() == {f"{part.id}.json", f"{part.id}.part", f"{done.id}.json"}
    assert await left(desk) == QUOTA
    found = await parts.find(done.id)
    assert found is not None
    assert (found.is_done, found.offset) == (True, 10)
    with pytest.raises(NotFound):
        async with parts.hold(done.id):
            pass
    with pytest.raises(NotFound):
        async with parts.hold(uuid4()):
            pass


async def test_what_was_on_trial_counts_only_when_it_was_settled(disk: Disk) -> None:
    """Also for who finds it after a crash."""
    parts, _ = disk.opened()
    part = await parts.begin(terms())
    async with parts.hold(part.id) as held:
        await held.write(b"hell")
        await held.settle()
        await held.on_trial()
        (disk.folder / "partial" / f"{part.id}.part").write_bytes(b"hellfire")  # and here it dies
    parts, desk = disk.opened()
    found = await parts.find(part.id)
    assert found is not None
    assert found.offset == 4
    async with parts.hold(part.id) as held:
        assert held.part.offset == 4
        await held.on_trial()
        await held.write(b"o")
        await held.settle()
    found = await parts.find(part.id)
    assert found is not None
    assert found.offset == 5
    assert await left(desk) == QUOTA - 5


async def test_a_disk_that_is_nearly_full_takes_no_more(disk: Disk) -> None:
    """507 when an upload begins, and when bytes come."""
    parts, _ = disk.opened()
    part = await parts.begin(terms())
    parts, _ = disk.opened(IntakeLimits(spare=1 << 62))
    with pytest.raises(StorageFull):
        await parts.begin(terms())
    async with parts.hold(part.id) as held:
        await held.write(b"hello")
        with pytest.raises(StorageFull):
            await held.settle()


async def test_a_folder_that_went_away_is_unavailable_and_nothing_is_counted(disk: Disk) -> None:
    """Begun is what is on the disk."""
    parts, desk = disk.opened()
    (disk.folder / "partial").rmdir()
    with pytest.raises(Unavailable):
        await parts.begin(terms())
    assert await left(desk) == QUOTA


async def test_bytes_that_the_store_made_read_only_are_still_taken_in_hand(disk: Disk) -> None:
    """It had them under a second name, and then had no room."""
    parts, _ = disk.opened()
    part = await parts.begin(terms())
    (disk.folder / "partial" / f"{part.id}.part").chmod(0o440)
    async with parts.hold(part.id) as held:
        await held.write(b"hello")
        await held.settle()


def test_a_second_name_is_no_copy(tmp_path: Path) -> None:
    """The same bytes of the disk; where there is nothing there is no name."""
    (tmp_path / "a").write_bytes(b"a")
    second_name(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a").stat().st_ino == (tmp_path / "b").stat().st_ino
    with pytest.raises(FileNotFoundError):
        second_name(tmp_path / "nothing", tmp_path / "c")
