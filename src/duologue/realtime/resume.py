"""Catching up from the log: a client that resumes, a session that missed a fact, or one whose log is gone (design part 4, Resume, Loss).

Who notices that something is missing: the session itself at a gap, relay.py every 30 s.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from duologue.core.errors import ChatError, ValidationFailed
from duologue.core.ports import ConversationStore, EventLog, Missed
from duologue.realtime.closing import CloseCode
from duologue.realtime.codec import CommandId, ResetReason
from duologue.realtime.deliveries import Deliveries
from duologue.realtime.link import text_frames
from duologue.realtime.presence import Edges
from duologue.realtime.runtime import Runtime
from duologue.realtime.session import Reply, Session, State

PAGE = 200  # facts
MAX_FACTS = 5_000
PATIENCE = 0.1  # seconds that a gap may take to close by itself
LARGEST = 2**63 - 1

BAD_SINCE = "since must be a whole number of at least 0"


@dataclass(slots=True)
class Judgement:
    """Where the log stands for a client that was last at `since`; `reset` when it cannot catch up."""

    head: int
    epoch: str
    reset: ResetReason | None


def parse_since(since: object) -> int:
    """A position as a client gives it: a whole number of at least 0, as a number or in digits."""
    if isinstance(since, str) and since.isascii() and since.isdigit() and len(since) <= 20:
        since = int(since)
    if not isinstance(since, int) or isinstance(since, bool) or since < 0:
        raise ValidationFailed(BAD_SINCE)
    return min(since, LARGEST)


async def judge(log: EventLog, user_id: UUID, since: int, epoch: str | None) -> Judgement:
    """Can a client go on from `since`? Without `epoch` the current one is meant."""
    head, found = await log.count(user_id, since)
    current = await log.epoch()  # after the count, which may be what connects to a promoted server
    reset: ResetReason | None = None
    if epoch is not None and epoch != current:
        reset = ResetReason.EPOCH
    elif since > head:
        reset = ResetReason.AHEAD
    elif found > MAX_FACTS:
        reset = ResetReason.TOO_FAR
    elif found != head - since:
        reset = ResetReason.EXPIRED
    return Judgement(head, current, reset)


class Resume:
    """Replays the log on sessions, one replay of a session at a time."""

    def __init__(
        self,
        *,
        log: EventLog,
        conversations: ConversationStore,
        edges: Edges,
        deliveries: Deliveries,
        runtime: Runtime,
    ) -> None:
        self._log = log
        self._conversations = conversations
        self._edges = edges
        self._deliveries = deliveries
        self._runtime = runtime
        self._suspected: set[Session] = set()

    async def resume(self, session: Session, since: int, epoch: str | None, command_id: CommandId = None) -> None:
        """Replay after `since`, today's totals, `resume.done`, live; or `resume.reset`, live."""
        caller = session.caller
        if caller is None:
            return
        await session.until(lambda: session.state is not State.REPLAYING)
        if session.state >= State.CLOSING:
            return
        before = session.sent if session.state is State.LIVE else None
        session.replay_from(since)
        judgement: Judgement | None = None
        try:
            judgement = await judge(self._log, caller.id, since, epoch)
            if judgement.reset is None and await self._catch_up(session, caller.id, since, judgement.head):
                unread = await self._conversations.unread(caller.id)
                session.epoch = judgement.epoch
                done = session.codec.resume_done(session.sent, judgement.epoch, command_id)
                session.send(text_frames((session.codec.unread_totals(unread), done)))
            else:
                self._reset(session, judgement, judgement.reset or ResetReason.EXPIRED, command_id)
        except ChatError:
            if before is None:
                raise
            session.begin(max(before, session.sent) if judgement else before)  # it stays where it was
            raise
        session.begin(session.sent)

    async def _catch_up(self, session: Session, user_id: UUID, since: int, head: int) -> bool:
        """Replay to a client that has everything up to `since`: so each page written proves all before it, too."""
        self._deliveries.proved(user_id, since)
        return await self._replay(session, user_id, head, lambda missed: self._deliveries.proved(user_id, missed.upto))

    def gap(self, session: Session) -> None:
        """A fact is missing: if it does not come within 100 ms, read the log."""
        if session not in self._suspected:
            self._suspected.add(session)
            self._runtime.later(PATIENCE, lambda: self._look(session))

    def _look(self, session: Session) -> None:
        self._suspected.discard(session)
        if session.is_behind:
            self._runtime.background.spawn(self.fill(session), "fill a session")

    async def fill(self, session: Session) -> None:
        """Send a live session what it missed. If that fails it is closed: the client comes back and resumes."""
        caller = session.caller
        if caller is None or session.state is not State.LIVE:
            return
        session.replay_from(session.sent)
        replies = session.let_go()  # what was heard of by now is in the log; what comes from now on may not be read
        try:
            judgement = await judge(self._log, caller.id, session.sent, session.epoch)
            if judgement.reset is not None or not await self._fill(session, caller.id, judgement.head):
                self._reset(session, judgement, judgement.reset or ResetReason.EXPIRED, None)
        except Exception:
            session.close(CloseCode.INTERNAL_ERROR)
            raise
        _go_on(session, replies)

    async def _fill(self, session: Session, user_id: UUID, head: int) -> bool:
        """Replay to a session that may have begun at the head of its day: what it writes proves nothing of before."""
        return await self._replay(session, user_id, head, lambda missed: self._deliveries.told(user_id, missed.facts))

    def compare(self, session: Session, head: int, epoch: str, stood: int) -> None:
        """A live session beside the database, which was read after the session stood at `stood`: fill it, or reset it.

        A session that was told of another log, or of facts beyond the head, would drop new facts as old ones: what it was
        told is gone, after a failover or a restore.
        """
        if session.state is not State.LIVE:
            return  # what it is told next is judged by itself; if that was under the old name, the next repair finds it
        if session.epoch != epoch:
            reason = ResetReason.EPOCH
        elif min(stood, session.sent) > head:
            reason = ResetReason.AHEAD
        else:
            session.missed(head)
            return
        sent, replies = session.sent, session.let_go()
        self._reset(session, Judgement(head, epoch, reason), reason, None)
        session.known = sent  # facts of the new log may have come up to here since it was read
        _go_on(session, replies)

    async def _replay(self, session: Session, user_id: UUID, head: int, written: Callable[[Missed], None]) -> bool:
        """Write the log's facts up to `head`, reporting each page; False if they are not all there any more."""
        while session.sent < head and session.state is State.REPLAYING:
            since = session.sent
            missed = await self._log.after(user_id, since, PAGE)
            if missed.upto <= since or not missed.is_dense:  # pruned since it was judged
                return False
            await self._edges.fill(missed.facts)
            frames = [session.codec.first_frame(fact, fact.notices[0]) for fact in missed.facts]
            page = text_frames([frame for frame in frames if frame is not None])
            if await session.write_page(page, missed.upto):
                written(missed)
        return True

    def _reset(self, session: Session, judgement: Judgement, reason: ResetReason, command_id: CommandId) -> None:
        session.replay_from(judgement.head)
        session.epoch = judgement.epoch
        frame = session.codec.resume_reset(judgement.head, judgement.epoch, reason, command_id)
        session.send(text_frames((frame,)))


def _go_on(session: Session, replies: Sequence[Reply]) -> None:
    for reply in replies:
        session.send(reply())
    session.begin(session.sent)
