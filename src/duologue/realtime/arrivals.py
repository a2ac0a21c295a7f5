"""Arriving: what a new connection is told, and from where it goes on.

Authentication comes before (api/socket.py), catching up is resume.py's, presence presence.py's.
"""

from duologue.core.callers import Callers
from duologue.core.errors import ChatError, ValidationFailed
from duologue.core.model import Caller
from duologue.core.ports import Connect, EventLog
from duologue.realtime.closing import CODES, CloseCode
from duologue.realtime.codec import CommandId, Greeting
from duologue.realtime.connects import Batched
from duologue.realtime.hub import Hub
from duologue.realtime.link import text_frames
from duologue.realtime.presence import Edges
from duologue.realtime.resume import Resume, parse_since
from duologue.realtime.session import Session, State


class Arrivals:
    """Lets an authenticated caller in on a session. `max_per_user` connections, polls counting as one (design part 5)."""

    def __init__(
        self,
        *,
        hub: Hub,
        connects: Batched,
        callers: Callers,
        edges: Edges,
        resume: Resume,
        log: EventLog,
        max_per_user: int,
    ) -> None:
        self._hub = hub
        self._connects = connects
        self._callers = callers
        self._edges = edges
        self._resume = resume
        self._log = log
        self._max_per_user = max_per_user

    async def join(self, session: Session, caller: Caller, command_id: CommandId = None) -> None:
        """Register, then read the head; connect frames, then what was missed, then live (design part 4)."""
        self._hub.join(session, caller)
        first = await self._edges.arrive(caller.id, session.id)
        if session.state is not State.CONNECTING:  # it ended meanwhile: the lease must not stay
            self._edges.leave(caller.id, session.id)
            return
        if await self._edges.count(caller.id) > self._max_per_user:
            session.close(CloseCode.TOO_MANY_CONNECTIONS)
            return
        await self._look_again(session, caller)
        if session.state is not State.CONNECTING:
            return
        connect = await self._connects.load(caller.id)
        if first:
            self._edges.online(caller.id, connect)
        await self._greet(session, caller, connect, command_id)

    async def renew(self, session: Session, caller: Caller) -> None:
        """The same user showed a fresh token, maybe of another sign-in session."""
        session.renew(caller)
        try:
            await self._look_again(session, caller)
        except ChatError:  # whether it stands nobody knows
            session.close(CloseCode.INTERNAL_ERROR)
            raise

    async def _look_again(self, session: Session, caller: Caller) -> None:
        """Who was signed out after the token was judged and before the hub knew the session has no other way to learn of it."""
        reason = await self._callers.ended(caller)
        if reason is not None:
            session.close(CODES[reason])

    async def _greet(self, session: Session, caller: Caller, connect: Connect, command_id: CommandId) -> None:
        since, epoch = session.asked
        refused: ChatError | None = None
        position: int | None = None
        try:
            position = None if since is None else parse_since(since)
        except ValidationFailed as error:
            refused = error
        session.epoch = current = await self._log.epoch()
        online = await self._edges.online_among(connect.partners)
        start = connect.head if position is None else position
        greeting = Greeting(
            caller.id, session.id, session.connected_at, start, current if epoch is None or position is None else epoch
        )
        statuses = session.codec.statuses({partner: partner in online for partner in connect.partners})
        session.send(text_frames((*session.codec.greeting(greeting, command_id), statuses)))
        if position is not None:
            await self._resume.resume(session, position, epoch)
            return
        session.begin(connect.head)
        if refused is not None:
            session.send(text_frames((session.codec.error(refused),)))
