"""The two lanes: one flush after another, and a second lane for conversations whose rows are held elsewhere.

The first lane never waits for a lock. After three skips a conversation moves to the second lane, where its later items
follow; that lane tries all of its own by skipping and waits for one conversation at a time (design part 3, Many nodes).
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence

import structlog

from duologue.core.errors import Unavailable
from duologue.core.events import Fact
from duologue.core.items import Item
from duologue.core.ports import Broker, Clock
from duologue.pipeline.flush import Flush, Flushed
from duologue.pipeline.plan import Judged
from duologue.pipeline.queue import PATIENCE, RETRY_AFTER, Queue

MAX_SKIPS = 3
SKIPS_APART = 0.005  # seconds: rows that another node's flush holds for a moment are no reason to change lanes
FLUSH_ITEMS = 512
FLUSH_BYTES = 4 * 2**20
GLANCE = 0.25  # seconds between two looks for items that wait too long
_log = structlog.get_logger(__name__)


class Lanes:
    """The pipeline: implements `core.ports.Pipeline`. `start` before the first item, `stop` after the last."""

    def __init__(self, *, queue: Queue, first: Flush, second: Flush, broker: Broker, clock: Clock) -> None:
        self._queue = queue
        self._first = first
        self._second = second
        self._broker = broker
        self._clock = clock
        self._slow: deque[Item] = deque()
        self._slow_groups: set[object] = set()
        self._slow_wake = asyncio.Event()
        self._in_flight: dict[int, Item] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def enter(self, item: Item) -> None:
        """Queue an item (`core.ports.Pipeline`)."""
        await self._queue.enter(item)

    def start(self) -> None:
        """Run both lanes, and the one who looks for what waits too long."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(lane()) for lane in (self._first_lane, self._second_lane, self._watch)]

    async def stop(self, patience: float = PATIENCE) -> None:
        """Let what has entered be answered, up to `patience` seconds; then end. What is left is answered `Unavailable`."""
        try:
            await asyncio.wait_for(self._queue.drained(), patience)
        except TimeoutError:
            _log.warning("pipeline_stopped_with_items", items=self._queue.held)
        self._queue.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        waiting = (*self._queue.take(self._queue.held, 2**62), *self._slow)
        for item in (*self._in_flight.values(), *waiting):
            self._answer(Judged(item, Unavailable(retry_after=RETRY_AFTER), None))

    async def _first_lane(self) -> None:
        while True:
            await self._queue.ready()
            batch = self._divert(self._alive(self._queue.take(FLUSH_ITEMS, FLUSH_BYTES)))
            if not batch:
                continue
            before = self._second.hold
            flushed = await self._run(self._first, batch)
            self._finish(flushed.judged)
            alone = before == self._second.hold and not before[0]
            self._queue.put_back(self._skipped(flushed.held) if alone else flushed.held)

    async def _second_lane(self) -> None:
        while True:
            await self._slow_wake.wait()
            batch = self._alive(self._slow)
            self._slow = deque(batch[FLUSH_ITEMS:])
            flushed = await self._run(self._second, batch[:FLUSH_ITEMS]) if batch else Flushed()
            self._finish(flushed.judged)
            if flushed.held:
                flushed.held = await self._wait_for_one(flushed.held)
            self._slow.extendleft(reversed(flushed.held))
            self._slow_groups = {item.group for item in self._slow}
            if not self._slow:
                self._slow_wake.clear()

    async def _watch(self) -> None:
        """Answer what has waited too long behind a flush that hangs; what is in a flush has its outcome there."""
        while True:
            await asyncio.sleep(GLANCE)
            for item in self._queue.expired(self._clock.monotonic() - PATIENCE):
                self._answer(Judged(item, Unavailable(retry_after=RETRY_AFTER), None))

    async def _run(self, flush: Flush, batch: list[Item], *, wait: bool = False) -> Flushed:
        """Flush, and know meanwhile what is in it."""
        self._in_flight.update((id(item), item) for item in batch)
        flushed = await flush.run(batch, wait=wait)
        for item in batch:
            del self._in_flight[id(item)]
        return flushed

    async def _wait_for_one(self, held: list[Item]) -> list[Item]:
        """Wait for the first conversation alone, holding nothing; if a row of it stays held it goes behind the others."""
        group = held[0].group
        mine = [item for item in held if item.group == group]
        others = [item for item in held if item.group != group]
        flushed = await self._run(self._second, mine, wait=True)
        self._finish(flushed.judged)
        return others + flushed.held

    def _divert(self, items: Sequence[Item]) -> list[Item]:
        """Later items of a conversation in the second lane follow it there."""
        if not self._slow_groups:
            return list(items)
        for item in items:
            if item.group in self._slow_groups:
                self._slow.append(item)
        return [item for item in items if item.group not in self._slow_groups]

    def _skipped(self, held: Sequence[Item]) -> list[Item]:
        """Count the skip; those who had enough move to the second lane, the others stay for the next flush.

        Not asked when it was this node's own second lane that held rows meanwhile: behind it they would wait for nothing.
        """
        now = self._clock.monotonic()
        for item in held:
            if now - item.skipped < SKIPS_APART:
                continue
            item.skips, item.skipped = item.skips + 1, now
            if item.skips >= MAX_SKIPS:
                self._slow_groups.add(item.group)
        staying = self._divert(held)
        if self._slow:
            self._slow_wake.set()
        return staying

    def _alive(self, items: Iterable[Item]) -> list[Item]:
        """Those that are not too old; the others are answered `Unavailable` and never written."""
        oldest = self._clock.monotonic() - PATIENCE
        alive: list[Item] = []
        for item in items:
            if item.entered < oldest:
                self._answer(Judged(item, Unavailable(retry_after=RETRY_AFTER), None))
            else:
                alive.append(item)
        return alive

    def _finish(self, judged: Sequence[Judged]) -> None:
        """Publish and answer on the loop's next round: the next flush's first statement is on its way by then."""
        if judged:
            asyncio.get_running_loop().call_soon(self._deliver, judged)

    def _deliver(self, judged: Sequence[Judged]) -> None:
        facts: list[Fact] = []
        for one in judged:  # in the order of their positions
            if one.fact is not None:
                facts.append(one.fact)
                if one.item.aside is not None:
                    facts.append(one.item.aside)
        if facts:
            self._broker.publish(facts)
        for one in judged:
            self._answer(one)

    def _answer(self, judged: Judged) -> None:
        self._queue.release(judged.item)
        try:
            judged.item.done(judged.outcome)
        except Exception:  # noqa: BLE001 - a fault of the asker must not stop the lane
            _log.exception("answer_failed", kind=type(judged.item).__name__)
