"""One flush: lock, facts, rules, write, commit; and how failures are met (design part 3, Failures)."""

import asyncio
import random
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from duologue.core.errors import ChatError, Internal, Unavailable, ValidationFailed
from duologue.core.items import ConversationItem, DeleteConversation, Item, PairItem
from duologue.core.ledger import (
    BadItem,
    ConversationRow,
    Facts,
    HeldRow,
    Ledger,
    LedgerTransaction,
    LockHeld,
    PositionRow,
    StoreAway,
    TryAgain,
)
from duologue.core.ports import Clock, Presence
from duologue.pipeline.plan import Judged, Plan
from duologue.pipeline.queue import PATIENCE, RETRY_AFTER

ATTEMPTS = 4  # the first, and three more
BACKOFF = 0.05  # seconds, doubled each time, with full jitter
GRACE = 1.0  # seconds that an attempt has in any case
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Flushed:
    """What became of a batch: the judged ones, and those whose rows are held elsewhere, in order."""

    judged: list[Judged] = field(default_factory=list)
    held: list[Item] = field(default_factory=list)

    def add(self, other: "Flushed") -> "Flushed":
        """Both together."""
        self.judged += other.judged
        self.held += other.held
        return self


class Flush:
    """Runs batches over one ledger, one at a time.

    It counts, for the operator, from its start: `attempts`, `commits`, the `items` and `messages` in them, and `failures` of every kind.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        clock: Clock,
        presence: Presence,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._presence = presence
        self._sleep = sleep
        self.attempts = self.commits = self.items = self.messages = self.failures = 0
        self._holds = False  # rows, or is about to; not while it waits for one
        self._rounds = 0  # how often it began to hold

    async def run(self, items: Sequence[Item], *, wait: bool = False) -> Flushed:
        """Everything a batch can meet: reruns, halving, giving up. Never raises for the batch's sake.

        An attempt has the time that its oldest item has left, and at least `GRACE`; what is past its 5 s is refused
        before a further attempt.
        """
        batch, outcome = list(items), Flushed()
        for attempt in range(ATTEMPTS):
            if attempt:
                batch = self._drop_late(batch, outcome)
            if not batch:
                return outcome
            try:
                async with asyncio.timeout(self._time_left(batch)):
                    return outcome.add(await self._once(batch, wait=wait))
            except BadItem as error:
                self.failures += 1
                return outcome.add(await self._halve(batch, ValidationFailed(), str(error), wait=wait))
            except LockHeld:
                return outcome.add(Flushed(held=batch))
            except (TryAgain, TimeoutError) as error:
                self.failures += 1
                _log.warning("flush_again", attempt=attempt, reason=str(error) or "late", items=len(batch))
                await self._sleep(random.uniform(0, BACKOFF * 2**attempt))  # noqa: S311 - jitter, not a secret
            except StoreAway as error:
                self.failures += 1
                _log.warning("store_away", sqlstate=str(error), items=len(batch))
                break
            except Exception as error:  # noqa: BLE001 - a fault of ours must cost one item, not the lane
                self.failures += 1
                return outcome.add(await self._halve(batch, Internal(), _place(error), wait=wait))
        return outcome.add(Flushed([_unavailable(item) for item in batch]))

    def _time_left(self, items: Sequence[Item]) -> float:
        oldest = min(item.entered for item in items)
        return max(oldest + PATIENCE - self._clock.monotonic(), GRACE)

    def _drop_late(self, items: Sequence[Item], outcome: Flushed) -> list[Item]:
        """An item without outcome after 5 s is answered `Unavailable` and not tried again."""
        oldest = self._clock.monotonic() - PATIENCE
        outcome.judged += [_unavailable(item) for item in items if item.entered < oldest]
        return [item for item in items if item.entered >= oldest]

    async def _halve(self, items: Sequence[Item], refusal: ChatError, reason: str, *, wait: bool) -> Flushed:
        """Find the bad one, in arrival order; alone it is refused."""
        if len(items) == 1:
            _log.error("item_refused", reason=reason, kind=type(items[0]).__name__)
            return Flushed([Judged(items[0], refusal, None)])
        middle = len(items) // 2
        first = await self.run(items[:middle], wait=wait)
        groups = {item.group for item in first.held}
        rest = [item for item in items[middle:] if item.group not in groups]
        behind = [item for item in items[middle:] if item.group in groups]
        return first.add(await self.run(rest, wait=wait) if rest else Flushed()).add(Flushed(held=behind))

    @property
    def hold(self) -> tuple[bool, int]:
        """(rows are held, how often it began to): twice the same with nothing held, and in between it held nothing."""
        return self._holds, self._rounds

    async def _once(self, items: Sequence[Item], *, wait: bool) -> Flushed:
        self._take_hold()
        try:
            return await self._transact(items, wait=wait)
        finally:
            self._holds = False

    def _take_hold(self) -> None:
        self._holds, self._rounds = True, self._rounds + 1

    async def _transact(self, items: Sequence[Item], *, wait: bool) -> Flushed:
        self.attempts += 1
        transaction = await self._ledger.begin()
        try:
            locked = await _lock(transaction, items)
            if wait and locked.missing:
                await transaction.let_go()
                self._holds = False
                await transaction.wait_for(locked.missing)
                self._take_hold()
                locked = await _lock(transaction, items)
            if not locked.free:
                await transaction.rollback()
                return Flushed(held=locked.held)
            plan, judged = await self._judge(transaction, locked)
            if plan.writes.nothing:
                await transaction.rollback()
                return Flushed(judged, locked.held)
            await transaction.write(plan.writes)
            await transaction.commit()
        except Exception:
            await transaction.rollback()
            raise
        except BaseException:  # out of time: what the connection is doing nobody waits for any more
            await transaction.abandon()
            raise
        self.commits += 1
        self.items += len(judged)
        self.messages += len(plan.writes.messages)
        return Flushed(judged, locked.held)

    async def _judge(self, transaction: LedgerTransaction, locked: "_Locked") -> tuple[Plan, list[Judged]]:
        facts = await transaction.facts(locked.free, locked.conversations)
        facts.online = await self._online(facts, locked.free)
        plan = Plan(facts, locked.positions)
        return plan, plan.judge(locked.free)

    async def _online(self, facts: Facts, items: Sequence[Item]) -> frozenset[UUID]:
        """Who is online of those whose conversation may reappear in a list; if nobody can tell, nobody is."""
        deleting = {item.conversation_id for item in items if isinstance(item, DeleteConversation)}
        asked = {
            user_id
            for conversation in facts.conversations.values()
            if conversation.is_deleted(0) or conversation.is_deleted(1) or conversation.id in deleting
            for user_id in conversation.users
        }
        try:
            return frozenset(await self._presence.online(asked)) if asked else frozenset()
        except Unavailable:
            return frozenset()


def _unavailable(item: Item) -> Judged:
    return Judged(item, Unavailable(retry_after=RETRY_AFTER), None)


def _place(error: Exception) -> str:
    """Where an unexpected error arose, without its message, which may quote a text."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.filename}:{last.lineno}"


@dataclass(slots=True)
class _Locked:
    """What a flush could lock: the items whose rows it has, those of which a row is held elsewhere, and one such row."""

    conversations: dict[UUID, ConversationRow]
    positions: dict[UUID, PositionRow]
    free: list[Item] = field(default_factory=list)
    held: list[Item] = field(default_factory=list)
    missing: HeldRow | None = None


async def _lock(transaction: LedgerTransaction, items: Sequence[Item]) -> _Locked:
    """Conversations, then position rows, each in id order; an item with any of them held elsewhere is held whole."""
    wanted = {item.conversation_id for item in items if isinstance(item, ConversationItem)}
    conversations, held_ids = await transaction.lock(wanted) if wanted else ({}, set())
    users = {user_id for conversation in conversations.values() for user_id in conversation.users}
    users.update(user_id for item in items if isinstance(item, PairItem) for user_id in item.pair)
    positions = await transaction.lock_users(users) if users else {}
    locked = _Locked(conversations, positions)
    for item in items:  # items of one group need the same rows, so a group is free or held as a whole
        missing = _missing(item, locked, held_ids)
        locked.missing = locked.missing or missing
        (locked.held if missing else locked.free).append(item)
    return locked


def _missing(item: Item, locked: _Locked, held_ids: set[UUID]) -> HeldRow | None:
    """The first row that an item needs and that is held elsewhere."""
    users: tuple[UUID, ...] = ()
    if isinstance(item, PairItem):
        users = item.pair
    elif isinstance(item, ConversationItem):
        if item.conversation_id in held_ids:
            return HeldRow(item.conversation_id, is_conversation=True)
        conversation = locked.conversations.get(item.conversation_id)
        users = conversation.users if conversation else ()
    return next((HeldRow(id_, is_conversation=False) for id_ in users if id_ not in locked.positions), None)
