"""The store of files compared with the records, for an operator who asks: nothing is changed. Removing is housekeeping.py's."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from duologue.core.files import BlobEntry
from duologue.core.housekeeping import AGE, file_of

CHUNK = 1_000  # records, or blobs, in one statement
EXAMPLES = 5
MARGIN = timedelta(minutes=5)  # by which clocks may differ: what came in later than that is not judged


class Records(Protocol):
    """The records of files."""

    async def recorded(self, after: UUID, before: datetime, limit: int) -> Sequence[tuple[UUID, bool, list[str]]]:
        """The next files by id, whether they were there before a time, and the keys of their blobs."""
        ...

    async def strays(self, blobs: Sequence[tuple[UUID, datetime]]) -> Mapping[int, bool]:
        """Which of these blobs, by id and time, have no record: their places in the list."""
        ...


@dataclass(slots=True)
class Found:
    """How many there are, how many of these are at fault, and the first of those."""

    looked_at: int = 0
    faults: int = 0
    examples: list[UUID] = field(default_factory=list)

    def fault(self, file_id: UUID) -> None:
        """One more."""
        self.faults += 1
        if len(self.examples) < EXAMPLES and file_id not in self.examples:
            self.examples.append(file_id)


@dataclass(slots=True)
class Stock:
    """`files`: those at fault lack a blob. `blobs`: those at fault belong to no file, and are old enough not to be on their way in."""

    files: Found = field(default_factory=Found)
    blobs: Found = field(default_factory=Found)


async def take_stock(
    records: Records, entries: AsyncIterator[BlobEntry], *, now: datetime, chunk: int = CHUNK
) -> Stock:
    """Compare both ways; `entries` are all blobs of ours. Some 70 bytes of memory for each blob."""
    stock, seen, part = Stock(), set[int](), list[tuple[UUID, datetime]]()
    async for entry in entries:
        stock.blobs.looked_at += 1
        seen.add(hash(entry.key))
        file_id = file_of(entry.key)
        if file_id is not None and entry.modified < now - AGE:
            part.append((file_id, entry.modified))
        if len(part) == chunk:
            await _judge(records, part, stock.blobs)
            part.clear()
    await _judge(records, part, stock.blobs)
    last = UUID(int=0)
    while found := await records.recorded(last, now - MARGIN, chunk):
        last = found[-1][0]
        stock.files.looked_at += len(found)
        for file_id, was_there, keys in found:
            if was_there and any(hash(key) not in seen for key in keys):
                stock.files.fault(file_id)
    return stock


async def _judge(records: Records, part: Sequence[tuple[UUID, datetime]], blobs: Found) -> None:
    for place in await records.strays(part) if part else ():
        blobs.fault(part[place][0])
