"""Long polling: the events of a user without a socket (design part 4, Without a socket). HTTP is the dialect's.

All polls of one user are one session with a lease, renewed by each: it counts for presence, and once for the connection limit.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from duologue.core.callers import DEACTIVATED, ENDED, Callers
from duologue.core.errors import Forbidden, RateLimited, Unauthorized
from duologue.core.events import EndReason, Event, SessionsEnded
from duologue.core.model import Caller
from duologue.core.ports import EventLog, Missed
from duologue.realtime.codec import Codec, ResetReason
from duologue.realtime.deliveries import Deliveries
from duologue.realtime.hub import Hub, News
from duologue.realtime.presence import Edges
from duologue.realtime.resume import judge
from duologue.realtime.runtime import Runtime

LEASE = 45.0  # seconds
TOO_MANY = "Too many connections"


@dataclass(slots=True)
class Polled:
    """An answer: whole frames as JSON texts, and where to go on; `reset` in place of events when that is not possible."""

    position: int
    epoch: str
    frames: Sequence[bytes] = field(default_factory=list)
    has_more: bool = False
    reset: ResetReason | None = None

    @property
    def is_empty(self) -> bool:
        """There is nothing to tell yet."""
        return not self.frames and self.reset is None


class Polls:
    """The polls of this node."""

    def __init__(
        self,
        *,
        hub: Hub,
        log: EventLog,
        callers: Callers,
        edges: Edges,
        deliveries: Deliveries,
        runtime: Runtime,
        max_per_user: int,
    ) -> None:
        self._hub = hub
        self._log = log
        self._callers = callers
        self._edges = edges
        self._deliveries = deliveries
        self._runtime = runtime
        self._max_per_user = max_per_user
        self._leases: dict[UUID, tuple[UUID, float]] = {}  # user -> connection, end of its lease
        self._proved: dict[UUID, int] = {}  # user -> the last `since` of this lease

    @property
    def leases(self) -> list[tuple[UUID, UUID]]:
        """The (user, connection)s that stand."""
        return [(user_id, connection_id) for user_id, (connection_id, _) in self._leases.items()]

    async def events(
        self, caller: Caller, codec: Codec, *, since: int | None, epoch: str | None, limit: int, wait: float
    ) -> Polled:
        """What happened after `since`, at most `limit` facts; waits up to `wait` seconds for the first. Without `since`: the head."""
        await self._renew(caller.id)
        if since is None:
            heads = await self._log.heads((caller.id,))
            return Polled(heads.get(caller.id, 0), await self._log.epoch())
        news = self._hub.news(caller)
        try:
            polled = await self._read(caller.id, codec, since, epoch, limit)
            if polled.is_empty and wait > 0:
                await self._wait(caller, news, wait)
            if polled.is_empty and news.done():
                polled = await self._read(caller.id, codec, polled.position, polled.epoch, limit)
        finally:
            self._hub.unwatch(caller.id, news)
        return polled

    async def _read(self, user_id: UUID, codec: Codec, since: int, epoch: str | None, limit: int) -> Polled:
        """The next facts that this dialect shows, judged anew; what it does not show is passed over."""
        judgement = await judge(self._log, user_id, since, epoch)
        if judgement.reset is not None:
            return Polled(judgement.head, judgement.epoch, reset=judgement.reset)
        if self._proved.get(user_id) != since:
            self._proved[user_id] = since
            self._deliveries.proved(user_id, since)
        position, frames = since, list[bytes]()
        while position < judgement.head and not frames:
            missed = await self._log.after(user_id, position, limit)
            if missed.upto <= position or not missed.is_dense:  # pruned since it was judged
                return Polled(judgement.head, judgement.epoch, reset=ResetReason.EXPIRED)
            position = missed.upto
            await self._edges.fill(missed.facts)
            frames = _frames(codec, missed)
            self._deliveries.told(user_id, missed.facts)
        return Polled(position, judgement.epoch, frames, has_more=position < judgement.head)

    async def _wait(self, caller: Caller, news: News, seconds: float) -> None:
        """Until there is news, or the time is over; raises when the caller was signed out, or is by then."""
        # Where nobody could be told yet, the database knows.
        reason = news.result() if news.done() else await self._callers.ended(caller)
        if reason is None and not news.done():
            await self._until(news, seconds)
        if reason is None and news.done():
            reason = news.result()
        if reason is EndReason.SIGNED_OUT:
            raise Unauthorized(ENDED)
        if reason is not None:
            raise Forbidden(DEACTIVATED)

    async def _until(self, news: News, seconds: float) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self._runtime.later(seconds, over.cancel)
        try:
            await asyncio.wait((news, over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()

    async def _renew(self, user_id: UUID) -> None:
        """Take or renew the user's one lease; `RateLimited` when all connections are taken."""
        end = self._runtime.clock.monotonic() + LEASE
        known = self._leases.get(user_id)
        if known is not None:
            self._leases[user_id] = (known[0], end)
            await self._edges.renew(((user_id, known[0]),))
            return
        connection_id = self._hub.connection_id()
        self._leases[user_id] = (connection_id, end)
        first = await self._edges.arrive(user_id, connection_id)
        if await self._edges.count(user_id) > self._max_per_user:
            self._drop(user_id)
            now = self._runtime.clock.now()
            raise RateLimited(TOO_MANY, retry_after=LEASE, limit=self._max_per_user, reset_at=now + LEASE)
        if first:
            await self._edges.announce(user_id)

    def deliver(self, events: Sequence[Event]) -> None:
        """What the broker calls: who was shut out polls no more, so their lease ends at once."""
        for event in events:
            if isinstance(event, SessionsEnded) and event.reason is EndReason.DEACTIVATED:
                self._drop(event.user_id)

    def expire(self, now: float) -> None:
        """End the leases that nobody renewed."""
        for user_id in [user_id for user_id, (_, end) in self._leases.items() if end <= now]:
            self._drop(user_id)

    def _drop(self, user_id: UUID) -> None:
        self._proved.pop(user_id, None)
        lease = self._leases.pop(user_id, None)
        if lease is not None:
            self._edges.leave(user_id, lease[0])


def _frames(codec: Codec, missed: Missed) -> list[bytes]:
    frames = (codec.first_frame(fact, fact.notices[0]) for fact in missed.facts)
    return [frame for frame in frames if frame is not None]
