"""What nobody sent goes, what nobody scanned is asked about again, blobs without a record go (FST-34, FST-46, G-31)."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.factories import Make
from tests.shelf import Shelf, a_file
from tests.storage.handclock import HandClock
from tests.storage.waiting import lock_is_waited_for

from duologue.blobs.desk import Desk, IntakeLimits
from duologue.blobs.partial import PartFiles
from duologue.blobs.spool import Spool
from duologue.core.errors import NotFound, Unavailable
from duologue.core.files import BlobEntry, FileRules, ScanState
from duologue.core.housekeeping import Bounds, Housekeeping, file_of
from duologue.core.parts import Terms
from duologue.storage.housekeeping import HousekeepingStore
from duologue.storage.postgres import Postgres

if TYPE_CHECKING:
    Hand = asyncpg.Connection[asyncpg.Record]

HOUR = 3600.0
SMALL = Bounds(chunk=2, chunks=3, scans=4, silent=2, blobs=4, walks=24 * HOUR)


class Scanner:
    """Says of each blob what the test wrote down, else that it is away; keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, ScanState | Exception] = {}
        self.asked: list[str] = []

    async def ask(self, key: str) -> ScanState:
        """Answer."""
        self.asked.append(key)
        answer = self.answers.get(key, ScanState.PENDING)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def shelf(postgres: Postgres, tmp_path: Path) -> Shelf:
    """Give a store and its records."""
    return Shelf(postgres, tmp_path / "files")


@pytest.fixture
def clock() -> HandClock:
    """Give a clock that begins now."""
    return HandClock(datetime.now(UTC).timestamp())


@pytest.fixture
def scanner() -> Scanner:
    """Give a scanner."""
    return Scanner()


@pytest.fixture
def parts(tmp_path: Path, clock: HandClock) -> Iterator[PartFiles]:
    """Give the parts of files on this machine."""
    spool = Spool(tmp_path / "spool")
    desk = Desk(spool, clock, None, IntakeLimits())
    yield PartFiles(tmp_path / "partial", spool=spool, desk=desk, clock=clock, ttl=24 * HOUR)
    spool.close()


Open = Callable[..., Housekeeping]


@pytest.fixture
def keep(shelf: Shelf, parts: PartFiles, clock: HandClock, scanner: Scanner) -> Open:
    """Make a node that keeps house."""

    def make(bounds: Bounds = SMALL, **values: Any) -> Housekeeping:
        given: dict[str, Any] = {"store": HousekeepingStore(shelf.postgres), "blobs": shelf.blobs, "parts": parts}
        return Housekeeping(**given | {"rescan": scanner.ask, "clock": clock, "bounds": bounds, **values})

    return make


def ago(clock: HandClock, **span: float) -> datetime:
    """Return a time before now."""
    return datetime.fromtimestamp(clock.now(), UTC) - timedelta(**span)


# -- uploads that nobody sent --------------------------------------------------------------------------------------------


async def test_an_upload_that_nobody_sent_goes_with_its_blobs_and_its_owner_has_its_room_again(
    shelf: Shelf, keep: Open, clock: HandClock, make: Make
) -> None:
    """At 24 hours it stays, a moment later record, picture and thumbnail are gone; younger ones and other owners' stay."""
    ann, bob = await make.user(), await make.user()
    old = await shelf.take_in(ann.id, b"12345", at=ago(clock, hours=24))
    young = await shelf.take_in(ann.id, b"123", at=ago(clock, hours=23))
    other = await shelf.take_in(bob.id, at=ago(clock, hours=1))
    house = keep()

    assert (await house.round()).unsent == 0
    clock.seconds += 1
    assert (await house.round()).unsent == 1

    assert await shelf.ids() == {young.id, other.id}
    assert await shelf.keys() == {*young.keys, *other.keys}
    assert old.key not in await shelf.keys()
    assert (await shelf.use(ann.id), await shelf.use(bob.id)) == ((1, 3), (1, 7))


async def test_the_age_is_a_setting(shelf: Shelf, keep: Open, clock: HandClock, make: Make) -> None:
    """An hour and a second, where an hour is set."""
    ann = await make.user()
    await shelf.take_in(ann.id, at=ago(clock, seconds=HOUR + 1))
    assert (await keep(upload_ttl=HOUR).round()).unsent == 1


async def test_files_of_messages_stay_however_old(shelf: Shelf, keep: Open, clock: HandClock, make: Make) -> None:
    """Only what nobody sent is an orphan (FST-46)."""
    ann = await make.user()
    sent = await shelf.take_in(ann.id, at=ago(clock, days=900))
    await attach(shelf, make, sent.id)
    assert (await keep().round()).unsent == 0
    assert await shelf.keys() == set(sent.keys)


async def test_they_go_in_chunks_oldest_first_and_a_round_is_bounded(
    shelf: Shelf, keep: Open, clock: HandClock, make: Make
) -> None:
    """Of nine the oldest six in three transactions of two; the rest in the next round."""
    ann, bob = await make.user(), await make.user()
    files = [
        await shelf.take_in((ann, bob)[number % 2].id, at=ago(clock, days=3, minutes=-number)) for number in range(9)
    ]
    house = keep()
    assert (await house.round()).unsent == 6
    assert await shelf.ids() == {file.id for file in files[6:]}
    assert (await shelf.use(ann.id), await shelf.use(bob.id)) == ((2, 14), (1, 7))
    assert (await house.round()).unsent == 3
    assert await shelf.keys() == set()
    assert (await shelf.use(ann.id), await shelf.use(bob.id)) == ((0, 0), (0, 0))


async def test_one_that_somebody_holds_is_left_for_the_next_round(
    shelf: Shelf, keep: Open, clock: HandClock, make: Make, hand: "Hand"
) -> None:
    """Nobody waits for it."""
    ann = await make.user()
    held, free = [await shelf.take_in(ann.id, at=ago(clock, days=2)) for _ in range(2)]
    async with asyncio.timeout(5), hand.transaction():
        await hand.execute("SELECT FROM attachments WHERE id = $1 FOR NO KEY UPDATE", held.id)
        assert (await keep().round()).unsent == 1
        assert await shelf.ids() == {held.id}
    assert await shelf.keys() == set(held.keys)
    assert free.key not in await shelf.keys()
    assert (await keep().round()).unsent == 1


async def test_what_an_owner_adds_meanwhile_is_counted(
    shelf: Shelf, keep: Open, clock: HandClock, make: Make, hand: "Hand"
) -> None:
    """A removal that waited for the owner's figures lowers what they are then."""
    ann = await make.user()
    await shelf.take_in(ann.id, at=ago(clock, days=2))
    transaction = hand.transaction()
    await transaction.start()
    await hand.execute("UPDATE storage_use SET files = files + 5, bytes = bytes + 50 WHERE owner_id = $1", ann.id)
    removing = asyncio.create_task(keep().round())
    await lock_is_waited_for(shelf.postgres)
    await transaction.commit()
    assert (await removing).unsent == 1
    row = await shelf.postgres.fetchrow("SELECT files, bytes FROM storage_use WHERE owner_id = $1", ann.id)
    assert row is not None
    assert tuple(row) == (5, 50)


class Shaky:
    """A store that cannot be reached while `is_away`."""

    def __init__(self, shelf: Shelf) -> None:
        self._blobs = shelf.blobs
        self.is_away = True

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove."""
        self._reach()
        await self._blobs.delete(keys)

    async def entries(self, prefix: str) -> AsyncIterator[BlobEntry]:
        """List."""
        self._reach()
        async for entry in self._blobs.entries(prefix):
            yield entry

    def _reach(self) -> None:
        if self.is_away:
            raise Unavailable


async def test_blobs_that_could_not_be_removed_are_found_a_day_later(
    shelf: Shelf, keep: Open, clock: HandClock, make: Make
) -> None:
    """The record is gone, the store was away: the other steps go on, and the walk through the store finds what was left."""
    ann = await make.user()
    old = await shelf.take_in(ann.id, at=ago(clock, days=2))
    cut = await keep(blobs=Shaky(shelf)).round()
    assert (cut.unsent, cut.failed) == (1, ["unsent", "strays"])
    assert (await shelf.ids(), await shelf.keys()) == (set(), set(old.keys))
    house = keep()
    assert (await house.round()).strays == 0
    clock.seconds += 25 * HOUR
    assert (await house.round()).strays == 2
    assert await shelf.keys() == set()


# -- what erased users had on its way in ---------------------------------------------------------------------------------


async def test_parts_of_erased_users_go_from_this_machine(
    keep: Open, parts: PartFiles, postgres: Postgres, make: Make, tmp_path: Path
) -> None:
    """Bytes and what was announced, on every node, whoever's turn it is; one in hand goes as soon as it is free. Others' stay."""
    ann, bob = await make.user(), await make.user(state="erased")
    for person in (ann, bob, bob):
        part = await parts.begin(Terms(person.id, FileRules.SNAKE, 10, "canary.txt", "text/plain"))
    house = keep()
    async with HousekeepingStore(postgres).turn(), parts.hold(part.id) as held:
        await held.write(b"canary")
        assert (await house.round()).parts == 1
        assert part.id in {UUID(path.stem) for path in (tmp_path / "partial").iterdir()}
    assert (await house.round()).parts == 1
    assert parts.owners() == {ann.id}
    assert len({path.stem for path in (tmp_path / "partial").iterdir()}) == 1


# -- files the scanner has not seen --------------------------------------------------------------------------------------


async def state_of(shelf: Shelf, file_id: UUID) -> str:
    """Return what is kept of the scanner's word."""
    state: str = await shelf.postgres.fetchval("SELECT state FROM attachments WHERE id = $1", file_id)
    return state


async def test_a_pending_file_becomes_what_the_scanner_says(
    shelf: Shelf, keep: Open, scanner: Scanner, clock: HandClock, make: Make
) -> None:
    """Clean or infected, which stays where it is (FST-34); pending as long as it is away; each is counted."""
    ann = await make.user()
    clean, infected, unknown = [
        await shelf.take_in(ann.id, at=ago(clock, hours=5 - n), state=ScanState.PENDING) for n in range(3)
    ]
    await shelf.take_in(ann.id)
    scanner.answers = {clean.key: ScanState.CLEAN, infected.key: ScanState.INFECTED}
    house = keep()
    done = await house.round()
    assert (done.clean, done.infected, house.infected) == (1, [infected.id], 1)
    assert [await state_of(shelf, file.id) for file in (clean, infected, unknown)] == ["clean", "infected", "pending"]
    assert scanner.asked == [clean.key, infected.key, unknown.key]
    assert set(infected.keys) <= await shelf.keys()
    scanner.answers = {unknown.key: ScanState.CLEAN}
    assert (await house.round()).clean == 1
    assert scanner.asked[3:] == [unknown.key]


async def test_files_without_an_answer_do_not_stand_in_others_way(
    shelf: Shelf, keep: Open, scanner: Scanner, clock: HandClock, make: Make
) -> None:
    """After two of them a round ends; the next goes on behind them, and comes back to them at the end."""
    ann = await make.user()
    files = [await shelf.take_in(ann.id, at=ago(clock, hours=9 - n), state=ScanState.PENDING) for n in range(5)]
    scanner.answers = {files[4].key: ScanState.CLEAN}
    house = keep()
    asked = []
    for _ in range(4):
        scanner.asked = []
        await house.round()
        asked.append([files.index(next(f for f in files if f.key == key)) for key in scanner.asked])
    assert asked == [[0, 1], [2, 3], [4], [0, 1]]
    assert await state_of(shelf, files[4].id) == "clean"


async def test_a_pending_file_whose_blob_is_gone_is_told(
    shelf: Shelf, keep: Open, scanner: Scanner, clock: HandClock, make: Make
) -> None:
    """It stays pending, and the others are asked about all the same."""
    ann = await make.user()
    lost, found = [await shelf.take_in(ann.id, at=ago(clock, hours=5 - n), state=ScanState.PENDING) for n in range(2)]
    scanner.answers = {lost.key: NotFound(), found.key: ScanState.CLEAN}
    done = await keep().round()
    assert (done.missing, done.clean) == ([lost.id], 1)
    assert await state_of(shelf, lost.id) == "pending"


# -- blobs without a record ----------------------------------------------------------------------------------------------


async def test_a_blob_without_a_record_goes_when_it_is_a_day_old(
    shelf: Shelf, keep: Open, clock: HandClock, make: Make
) -> None:
    """Not before: it may be on its way in. Recorded ones stay, and so does what is not named by us."""
    ann = await make.user()
    stray = a_file()
    await shelf.store(stray)
    (shelf.folder / "messages/images/notes.txt").write_text("the operator's")
    await attach(shelf, make, (kept := await shelf.take_in(ann.id)).id)
    assert (await keep(Bounds()).round()).strays == 0
    clock.seconds += 24 * HOUR + 5
    assert (await keep(Bounds()).round()).strays == 2
    assert await shelf.keys() == {*kept.keys, "messages/images/notes.txt"}


async def test_what_is_older_than_the_records_is_left(shelf: Shelf, keep: Open, clock: HandClock) -> None:
    """The database was lost, or is another one's: nothing is deleted, and the round tells how much there is."""
    stray = a_file()
    await shelf.store(stray)
    before = ago(clock, days=30).timestamp()
    for key in stray.keys:
        os.utime(shelf.folder / key, (before, before))
    done = await keep().round()
    assert (done.strays, done.foreign) == (0, 2)
    assert await shelf.keys() == set(stray.keys)


async def test_the_store_is_walked_slowly_and_once_a_day(shelf: Shelf, keep: Open, clock: HandClock) -> None:
    """Four blobs a round; at the end the next walk begins a day after the last one began."""
    for _ in range(5):
        await shelf.store(a_file())
    clock.seconds += 48 * HOUR
    house = keep()
    assert [(await house.round()).strays for _ in range(4)] == [4, 4, 2, 0]
    await shelf.store(a_file())
    clock.seconds += 23 * HOUR
    assert (await house.round()).strays == 0
    clock.seconds += HOUR
    assert (await house.round()).strays == 2


async def test_a_walk_that_was_cut_short_begins_anew(shelf: Shelf, keep: Open, clock: HandClock) -> None:
    """The store was away for a moment."""
    await shelf.store(a_file())
    clock.seconds += 48 * HOUR
    store = Shaky(shelf)
    house = keep(blobs=store)
    assert (await house.round()).failed == ["strays"]
    store.is_away = False
    assert (await house.round()).strays == 2


def test_a_blob_tells_its_file() -> None:
    """By its name; also what was being copied when the power went."""
    file_id = uuid4()
    assert file_of(f"messages/images/2026/01/{file_id}.jpg") == file_id
    assert file_of(f"messages/files/2026/01/.{file_id}.pdf") == file_id
    for key in ("messages/readme.txt", f"messages/{file_id.hex}.jpg", f"messages/{str(file_id).upper()}.jpg", ""):
        assert file_of(key) is None


# -- one node at a time --------------------------------------------------------------------------------------------------


async def test_one_node_at_a_time_keeps_house(
    shelf: Shelf, keep: Open, scanner: Scanner, clock: HandClock, make: Make
) -> None:
    """While one is at it another does nothing; afterwards it may."""
    ann = await make.user()
    await shelf.take_in(ann.id, at=ago(clock, days=2))
    async with HousekeepingStore(shelf.postgres).turn() as is_mine:
        assert is_mine
        assert (await keep().round()).unsent == 0
        assert scanner.asked == []
    assert (await keep().round()).unsent == 1


@pytest.fixture
async def hand(database: str) -> AsyncIterator["Hand"]:
    """Give a connection of the operator's own."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def attach(shelf: Shelf, make: Make, file_id: UUID) -> None:
    """Let a file be part of a message, as a send would."""
    await shelf.postgres.execute(
        "UPDATE attachments SET conversation_id = $2, message_id = $3, sent_at = now(), place = $4 WHERE id = $1",
        *(file_id, make.id(), make.id(), make.id()),
    )
