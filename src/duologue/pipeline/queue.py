"""What waits for a flush: bounded in count and bytes, fair between users, in order of arrival.

A user holds at most an eighth of it, in count and bytes, so nobody can fill it alone. Full: the caller waits at most 5 s (design part 3).
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
        self._items: deque[Item] = deque()
        self._held_count = 0
        self._held_bytes = 0
        self._per_user: Counter[UUID] = Counter()
        self._bytes_per_user: Counter[UUID] = Counter()
        self._waiting_users: Counter[UUID] = Counter()
        self._closed = False
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
        """Take room and join; waits for room up to 5 s, then `Unavailable`. So too when the pipeline has stopped."""
        if self._closed:
            raise Unavailable(retry_after=RETRY_AFTER)
        if item.user_id not in self._waiting_users and self._fits(item):
            self._admit(item)
            return
        await self._wait_for_room(item)

    async def _wait_for_room(self, item: Item) -> None:
        room: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (item, room)
        self._waiters.append(entry)
        self._waiting_users[item.user_id] += 1
        try:
            await asyncio.wait_for(asyncio.shield(room), PATIENCE)
        except TimeoutError:
            if not room.done():  # else it was let in, in the very round in which it gave up waiting
                self._waiters.remove(entry)
                raise Unavailable(retry_after=RETRY_AFTER) from None
        except asyncio.CancelledError:
            if not room.done():
                self._waiters.remove(entry)
            raise
        finally:
            self._waiting_users[item.user_id] -= 1
            if not self._waiting_users[item.user_id]:
                del self._waiting_users[item.user_id]

    def _fits(self, item: Item) -> bool:
        return (
            self._held_count < self._max_items
            and (self._held_bytes + item.size <= self._max_bytes or not self._held_count)
            and self._share(item)
        )

    def _share(self, item: Item) -> bool:
        """A user holds at most an eighth, in count and in bytes; one item always."""
        count, size = self._per_user[item.user_id], self._bytes_per_user[item.user_id]
        return not count or (count < self._max_items // 8 and size + item.size <= self._max_bytes // 8)

    def _admit(self, item: Item) -> None:
        item.entered = self._clock.monotonic()
        self._held_count += 1
        self._held_bytes += item.size
        self._per_user[item.user_id] += 1
        self._bytes_per_user[item.user_id] += item.size
        self._items.append(item)
        self._wake.set()
        self._empty.clear()

    def release(self, item: Item) -> None:
        """Give an answered item's room back, and let in who waits, in order; a user at their share does not block others."""
        self._held_count -= 1
        self._held_bytes -= item.size
        self._per_user[item.user_id] -= 1
        self._bytes_per_user[item.user_id] -= item.size
        if not self._per_user[item.user_id]:
            del self._per_user[item.user_id], self._bytes_per_user[item.user_id]
        if self._waiters:
            self._let_in()
        if not self._held_count:
            self._empty.set()

    def close(self) -> None:
        """Take nothing any more, and let nobody wait."""
        self._closed = True
        while self._waiters:
            _, room = self._waiters.popleft()
            if not room.done():
                room.set_exception(Unavailable(retry_after=RETRY_AFTER))

    def expired(self, oldest: float) -> list[Item]:
        """Take out what no flush has taken and entered before `oldest` (monotonic seconds)."""
        gone = [item for item in self._items if item.entered < oldest]
        if gone:
            self._items = deque(item for item in self._items if item.entered >= oldest)
            if not self._items:
                self._wake.clear()
        return gone

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
