"""What waits for a flush: bounded in count and bytes, fair between users, in order of arrival.

A user holds at most an eighth of it, so nobody can fill it alone. Full: the caller waits at most 5 s (design part 3).
"""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable
from uuid import UUID

from duologue.core.errors import Unavailable
from duologue.core.items import Item
from duologue.core.ports import Clock

PATIENCE = 5.0  # seconds
RETRY_AFTER = 1.0  # seconds


class Queue:
    """Items between entering and their outcome. Room is taken on entering and given back by `release`."""

    def __init__(self, *, clock: Clock, max_items: int = 8_192, max_bytes: int = 32 * 2**20) -> None:
        self._clock = clock
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._max_per_user = max(max_items // 8, 1)
        self._items: deque[Item] = deque()
        self._held_count = 0
        self._held_bytes = 0
        self._per_user: Counter[UUID] = Counter()
        self._waiters: deque[tuple[Item, asyncio.Future[None]]] = deque()
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        """Items that no flush has taken yet."""
        return len(self._items)

    @property
    def held(self) -> int:
        """Items without outcome, those in a flush included."""
        return self._held_count

    async def enter(self, item: Item) -> None:
        """Take room and join; waits for room up to 5 s, then `Unavailable`."""
        if not self._waiters and self._fits(item):
            self._admit(item)
            return
        room: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (item, room)
        self._waiters.append(entry)
        try:
            await asyncio.wait_for(room, PATIENCE)
        except TimeoutError:
            self._waiters.remove(entry)
            raise Unavailable(retry_after=RETRY_AFTER) from None
        except asyncio.CancelledError:
            if entry in self._waiters:
                self._waiters.remove(entry)
            raise

    def _fits(self, item: Item) -> bool:
        return (
            self._held_count < self._max_items
            and (self._held_bytes + item.size <= self._max_bytes or not self._held_count)
            and self._per_user[item.user_id] < self._max_per_user
        )

    def _admit(self, item: Item) -> None:
        item.entered = self._clock.monotonic()
        self._held_count += 1
        self._held_bytes += item.size
        self._per_user[item.user_id] += 1
        self._items.append(item)
        self._wake.set()
        self._empty.clear()

    def release(self, item: Item) -> None:
        """Give an answered item's room back, and let in who waits, in order; a user at their share does not block others."""
        self._held_count -= 1
        self._held_bytes -= item.size
        self._per_user[item.user_id] -= 1
        if not self._per_user[item.user_id]:
            del self._per_user[item.user_id]
        if self._waiters:
            self._let_in()
        if not self._held_count:
            self._empty.set()

    async def drained(self) -> None:
        """Wait until every item has its outcome."""
        await self._empty.wait()

    def _let_in(self) -> None:
        staying: deque[tuple[Item, asyncio.Future[None]]] = deque()
        while self._waiters:
            item, room = self._waiters.popleft()
            if room.done():
                continue
            if self._fits(item):
                self._admit(item)
                room.set_result(None)
            else:
                staying.append((item, room))
        self._waiters = staying

    async def ready(self) -> None:
        """Wait until there is something to take."""
        await self._wake.wait()

    def take(self, max_items: int, max_bytes: int) -> list[Item]:
        """The next items in order, bounded; at least one if there is one."""
        taken: list[Item] = []
        size = 0
        while self._items and len(taken) < max_items:
            size += self._items[0].size
            if taken and size > max_bytes:
                break
            taken.append(self._items.popleft())
        if not self._items:
            self._wake.clear()
        return taken

    def put_back(self, items: Iterable[Item]) -> None:
        """Items whose locks were held elsewhere: before everything else, in their order."""
        self._items.extendleft(reversed(list(items)))
        if self._items:
            self._wake.set()
