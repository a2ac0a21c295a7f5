"""One connection as a state machine: what was sent on it, what waits, and when it must end. No I/O of its own, no dialect.

    connecting --begin--> live <--> replaying        (facts are held while it is not live)
         any --close--> closing --lost--> closed     (nothing is sent any more)

A session keeps one number, `sent`: the fact at `sent + 1` is written, a lower one dropped, a higher one held until the gap is
filled from the log (design part 4). A reply to a command is never dropped. A message counts as delivered when its bytes are
handed to the link, not while they wait here (G-05).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from duologue.core.events import Origin
from duologue.core.model import Caller, Message
from duologue.realtime.closing import CloseCode
from duologue.realtime.codec import Codec
from duologue.realtime.link import Link

MAX_OUTBOX = 256  # frames that wait for a full link (WSC-12)
MAX_HELD = 256  # facts that wait for a lower position
MAX_OUTSTANDING = 32  # commands without an answer; then the connection is not read (design part 3)
MAX_REFUSALS = 10  # RATE_LIMITED answers within a minute that close the connection (design part 9)
MINUTE = 60.0

Reply = Callable[[], bytes]  # makes the answer without a position, in case its position was written already
_Fact = tuple[bytes, int, Reply | None, Message | None]  # frames, how many, what it answers, what it brings


class State(IntEnum):
    """Where a session stands."""

    CONNECTING = 0
    LIVE = 1
    REPLAYING = 2
    CLOSING = 3
    CLOSED = 4


@dataclass(frozen=True, slots=True)
class Reports:
    """Whom a session tells: of a missing fact, once of its end, and of each message written to its receiver."""

    gap: "Callable[[Session], None]"
    ended: "Callable[[Session], None]"
    reached: Callable[[UUID, Message], None]


class Session:
    """A connection of one user."""

    __slots__ = (
        "_held", "_outbox", "_queued", "_refusals", "_reports", "_waiters", "asked", "caller", "codec",
        "connected_at", "drain_reason", "due", "epoch", "id", "known", "link", "name", "next_ping", "opened", "origin", "outstanding",
        "sent", "state", "unanswered",
    )  # fmt: skip

    def __init__(
        self,
        link: Link,
        codec: Codec,
        *,
        connection_id: UUID,
        opened: float,
        connected_at: datetime,
        reports: "Reports",
    ) -> None:
        self.id = connection_id
        self.name = str(connection_id)
        self.link = link
        self.codec = codec
        self.caller: Caller | None = None
        self.origin = Origin(connection_id)  # of commands without an id
        self.opened = opened  # monotonic
        self.connected_at = connected_at
        self.asked: tuple[str | None, str | None] = (None, None)  # `since` and `epoch` as the connection asked for them
        self.state = State.CONNECTING
        self.sent = 0
        self.epoch = ""  # the log's name as this connection was told: `sent` is a place in that log
        self.known = 0  # the highest position heard of that is neither sent nor held: the log has it
        self.outstanding = 0
        self.drain_reason: str | None = None
        self.due = 0.0  # when the heartbeat looks at it next, monotonic
        self.next_ping = 0.0
        self.unanswered = 0.0  # when the oldest ping without a sign of life was sent; 0: none
        self._reports = reports
        # Made when needed: most connections are idle most of the time.
        self._held: dict[int, _Fact] | None = None
        self._outbox: deque[tuple[bytes, int, Message | None]] | None = None
        self._queued = 0
        self._waiters: list[asyncio.Future[None]] | None = None
        self._refusals: deque[float] | None = None

    # -- sending ----------------------------------------------------------------------------------------------------------

    def push(
        self, position: int, data: bytes, count: int, *, reply: Reply | None = None, message: Message | None = None
    ) -> None:
        """Take a fact for this user: `count` frames as one write.

        `reply` stands when it also answers a command of ours, `message` when it brings its receiver one.
        """
        if position == self.sent + 1 and self.state is State.LIVE:
            self.sent = position
            self._put(data, count, message)
            if self._held:
                self._settle()
        elif self.state >= State.CLOSING:
            return
        elif position <= self.sent and self.state is not State.CONNECTING:
            if reply is not None:
                self._put(reply(), 1)
        else:
            self._hold(position, (data, count, reply, message))

    def send(self, data: bytes) -> None:
        """Send a frame that is no fact, such as a reply."""
        if self.state < State.CLOSING:
            self._put(data, 1)

    def signal(self, data: bytes) -> None:
        """Send an ephemeral event; before the connection is greeted there is nobody to tell."""
        if self.state is State.LIVE or self.state is State.REPLAYING:
            self._put(data, 1)

    def _put(self, data: bytes, count: int, message: Message | None = None) -> None:
        if not self._outbox and not self.link.is_full:
            self._write(data, message)
            return
        self._queued += count
        if self._queued > MAX_OUTBOX:
            self.close(CloseCode.SLOW)
            return
        if self._outbox is None:
            self._outbox = deque()
        self._outbox.append((data, count, message))

    def _write(self, data: bytes, message: Message | None) -> None:
        if data:
            self.link.write(data)
            if message is not None:
                self._reports.reached(message.receiver_id, message)

    def _hold(self, position: int, fact: _Fact) -> None:
        if self._held is None:
            self._held = {}
        if len(self._held) < MAX_HELD or fact[2] is not None:  # replies are bounded by MAX_OUTSTANDING
            self._held[position] = fact
        else:
            self.known = max(self.known, position)
        if self.state is State.LIVE:
            self._reports.gap(self)

    def _settle(self) -> None:
        """Send what is held and next, answer what was overtaken by the log; beyond a gap it stays held."""
        held, self._held = self._held or {}, None
        for position in sorted(held):
            data, count, reply, message = held[position]
            self.push(position, data, count, reply=reply, message=message)

    def let_go(self) -> Sequence[Reply]:
        """Hold nothing and know of nothing any more, for the log is read now; the replies that are still to be given."""
        held, self._held = self._held or {}, None
        self.known = 0
        return [reply for _, (_, _, reply, _) in sorted(held.items()) if reply is not None]

    def missed(self, head: int) -> None:
        """The user's log goes on to `head`; what does not come by itself is read from it."""
        if self.state is State.LIVE and self.sent < head:
            self.known = max(self.known, head)
            self._reports.gap(self)

    @property
    def is_behind(self) -> bool:
        """A fact is missing that only the log can give."""
        return self.state is State.LIVE and (bool(self._held) or self.sent < self.known)

    # -- the log ----------------------------------------------------------------------------------------------------------

    def begin(self, position: int) -> None:
        """Go live after `position`: everything up to it was sent, or is not wanted."""
        if self.state >= State.CLOSING:
            return
        self.sent = position
        self.state = State.LIVE
        self._settle()
        if self.sent < self.known:
            self._reports.gap(self)
        self._wake()

    def replay_from(self, position: int) -> None:
        """Facts are now read from the log, beginning after `position`; what comes in is held."""
        if self.state < State.CLOSING:
            self.state = State.REPLAYING
            self.sent = position

    async def write_page(self, data: bytes, upto: int) -> bool:
        """Write a page of the log once everything before it is on its way; not counted as queued. False: it is closing."""
        await self.until(lambda: not self._outbox and not self.link.is_full)
        if self.state >= State.CLOSING:
            return False
        if data:
            self.link.write(data)
        self.sent = upto
        return True

    # -- commands ---------------------------------------------------------------------------------------------------------

    @property
    def has_room(self) -> bool:
        """Fewer than 32 commands are outstanding."""
        return self.outstanding < MAX_OUTSTANDING

    def release(self) -> None:
        """A command was answered."""
        self.outstanding -= 1
        if self._waiters:
            self._wake()
        if self.drain_reason is not None and not self.outstanding:
            self.close(CloseCode.GOING_AWAY, self.drain_reason)

    def refused(self, now: float) -> None:
        """A rate limit refused something; ten times within a minute are a flood (WSC-39)."""
        if self._refusals is None:
            self._refusals = deque(maxlen=MAX_REFUSALS)
        self._refusals.append(now)
        if len(self._refusals) == MAX_REFUSALS and now - self._refusals[0] < MINUTE:
            self.close(CloseCode.FLOOD)

    def renew(self, caller: Caller) -> None:
        """The same user showed a fresh token."""
        self.caller = caller
        self.due = 0.0  # the heartbeat must learn when it expires

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait for a change of this session that makes `ready` true, or for its end."""
        while self.state < State.CLOSING and not ready():
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            if self._waiters is None:
                self._waiters = []
            self._waiters.append(waiter)
            await waiter

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, None
        for waiter in waiters or ():
            if not waiter.done():
                waiter.set_result(None)

    # -- the link ---------------------------------------------------------------------------------------------------------

    def writable(self) -> None:
        """The link takes more: send what waits."""
        while self._outbox and not self.link.is_full:
            data, count, message = self._outbox.popleft()
            self._queued -= count
            self._write(data, message)
        if not self._outbox:
            self._outbox = None
        self._wake()

    def drain(self, reason: str) -> None:
        """Answer what is outstanding, then close with 1001; no further command is taken."""
        if self.outstanding and self.state < State.CLOSING:
            self.drain_reason = reason
            self._wake()
        else:
            self.close(CloseCode.GOING_AWAY, reason)

    def close(self, code: CloseCode, reason: str = "") -> None:
        """Say why and end; again changes nothing."""
        if self.state < State.CLOSING:
            self._end(State.CLOSING)
            self.link.close(code, reason)

    def abort(self) -> None:
        """End without a word: the other side is not there."""
        if self.state < State.CLOSING:
            self._end(State.CLOSING)
        self.link.abort()

    def lost(self) -> None:
        """The connection is gone."""
        if self.state < State.CLOSING:
            self._end(State.CLOSED)
        self.state = State.CLOSED

    def _end(self, state: State) -> None:
        self.state = state
        self._held = self._outbox = None
        self._queued = 0
        self._reports.ended(self)
        self._wake()
