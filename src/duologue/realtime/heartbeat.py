"""One sweeper for all connections: pings, late pongs, deadlines, leases and typing that ends. No connection has a timer.

Every figure comes in; the clock and the timer too, so tests move time by hand.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from duologue.realtime.closing import CloseCode
from duologue.realtime.hub import Hub
from duologue.realtime.polls import Polls
from duologue.realtime.presence import Edges
from duologue.realtime.runtime import Runtime, Timer
from duologue.realtime.session import Session
from duologue.realtime.typing import TypingTable

NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Intervals:
    """Seconds, as configured (design part 9)."""

    ping: float = 30.0
    pong: float = 30.0
    auth: float = 10.0
    lease: float = 60.0

    @property
    def tick(self) -> float:
        """How often to look: a tenth of the shortest, at most a second."""
        return max(0.01, min(1.0, self.ping / 10, self.pong / 10, self.auth / 10, self.lease / 10))


class Heartbeat:
    """Looks at every session when it is due."""

    def __init__(
        self,
        *,
        hub: Hub,
        polls: Polls,
        typing: TypingTable,
        edges: Edges,
        intervals: Intervals,
        runtime: Runtime,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._spread = spread
        self._hub = hub
        self._polls = polls
        self._typing = typing
        self._edges = edges
        self._intervals = intervals
        self._runtime = runtime
        self._next_renewal = 0.0
        self._timer: Timer | None = None

    def start(self) -> None:
        """Begin to tick."""
        self._next_renewal = self._runtime.clock.monotonic() + self._intervals.lease / 3
        self._timer = self._runtime.later(self._intervals.tick, self._tick)

    def stop(self) -> None:
        """No further ticks."""
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self) -> None:
        self._timer = self._runtime.later(self._intervals.tick, self._tick)
        self.sweep()

    def sweep(self) -> None:
        """Look at everything that is due now."""
        now = self._runtime.clock.monotonic()
        for session in self._hub.sessions:
            if session.due <= now:
                self._look(session, now)
        self._typing.expire(now)
        self._polls.expire(now)
        if now >= self._next_renewal:
            self._next_renewal = now + self._intervals.lease / 3
            self._runtime.background.spawn(self._renew(), "renew leases")

    def _look(self, session: Session, now: float) -> None:
        caller = session.caller
        if caller is None:
            session.due = session.opened + self._intervals.auth
            if now >= session.due:
                session.close(CloseCode.NO_AUTH)
            return
        expires_in = NEVER if caller.expires_at is None else caller.expires_at - self._runtime.clock.now()
        if expires_in <= 0:
            session.close(CloseCode.TOKEN_EXPIRED)
            return
        if self._is_late(session, now):
            session.abort()
            return
        if now >= session.next_ping:
            self._ping(session, now)
        deadline = session.unanswered + self._intervals.pong if session.unanswered else NEVER
        session.due = min(session.next_ping, deadline, now + expires_in)

    def _is_late(self, session: Session, now: float) -> bool:
        """Anything that came in counts as a sign of life; while we do not read, nothing can (C-21, B-06, B-07)."""
        if not session.unanswered:
            return False
        if session.link.heard or session.link.is_deaf:
            session.unanswered = 0.0
        return bool(session.unanswered) and now >= session.unanswered + self._intervals.pong

    def _ping(self, session: Session, now: float) -> None:
        """The first one comes at a random part of the interval: connections that came together are not pinged together."""
        interval = self._intervals.ping
        if not session.next_ping:
            session.next_ping = now + (0.1 + 0.9 * self._spread()) * interval
            return
        if not session.unanswered:
            session.unanswered = now
            session.link.heard = False
        session.link.ping()
        session.next_ping = max(session.next_ping, now - interval) + interval

    async def _renew(self) -> None:
        """Renew every lease of this node in one call, then see whose lapsed."""
        sessions = [(session.caller.id, session.id) for session in self._hub.sessions if session.caller is not None]
        await self._edges.renew([*sessions, *self._polls.leases])
        await self._edges.expire()
