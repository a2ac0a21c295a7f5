"""Connecting: what a new connection is told and from where it goes on, and the batching that makes a storm of them cheap.

Authentication comes before (api), catching up is resume.py's, presence presence.py's.
"""

import asyncio
from uuid import UUID

from duologue.core.errors import ChatError, ValidationFailed
from duologue.core.model import Caller
from duologue.core.ports import Connect, Connects, EventLog
from duologue.realtime.background import Background
from duologue.realtime.closing import CloseCode
from duologue.realtime.codec import CommandId, Greeting
from duologue.realtime.hub import Hub
from duologue.realtime.link import text_frames
from duologue.realtime.presence import Edges
from duologue.realtime.resume import Resume, parse_since
from duologue.realtime.session import Session, State

BATCH = 500  # users in one statement


class Batched:
    """`Connects` for one user at a time: those who wait while a statement runs share the next one."""

    def __init__(self, store: Connects, background: Background) -> None:
        self._store = store
        self._background = background
        self._waiting: dict[UUID, asyncio.Future[Connect]] = {}
        self._running = False

    async def load(self, user_id: UUID) -> Connect:
        """What the user's connection needs, read after this call; raises `Unavailable`."""
        future = self._waiting.get(user_id)
        if future is None:
            future = self._waiting[user_id] = asyncio.get_running_loop().create_future()
        if not self._running:
            self._running = True
            self._background.spawn(self._run(), "load connects")
        return await asyncio.shield(future)

    async def _run(self) -> None:
        try:
            while self._waiting:
                user_ids = list(self._waiting)[:BATCH]
                await self._answer({user_id: self._waiting.pop(user_id) for user_id in user_ids})
        finally:
            self._running = False

    async def _answer(self, asking: "dict[UUID, asyncio.Future[Connect]]") -> None:
        try:
            found = await self._store.load(list(asking))
        except Exception as error:  # noqa: BLE001  whoever waits gets it
            for future in asking.values():
                future.set_exception(error)
                future.exception()  # somebody who left must not make the loop complain
            return
        for user_id, future in asking.items():
            future.set_result(found.get(user_id) or Connect(0, (), frozenset()))


class Arrivals:
    """Lets an authenticated caller in on a session. `max_per_user` connections, polls counting as one (design part 5)."""

    def __init__(
        self,
        *,
        hub: Hub,
        connects: Batched,
        edges: Edges,
        resume: Resume,
        log: EventLog,
        max_per_user: int,
    ) -> None:
        self._hub = hub
        self._connects = connects
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
        connect = await self._connects.load(caller.id)
        if first:
            self._edges.online(caller.id, connect)
        await self._greet(session, caller, connect, command_id)

    async def _greet(self, session: Session, caller: Caller, connect: Connect, command_id: CommandId) -> None:
        since, epoch = session.asked
        refused: ChatError | None = None
        position: int | None = None
        try:
            position = None if since is None else parse_since(since)
        except ValidationFailed as error:
            refused = error
        current = await self._log.epoch()
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
