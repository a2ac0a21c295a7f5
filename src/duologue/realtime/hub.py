"""Who is connected to this process, and the way of every event to them: encoded once per dialect and user, shared by devices.

What a session does with a frame is session.py's; where events come from is relay.py's.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from duologue.core.events import (
    EndReason,
    Event,
    Fact,
    MessageSent,
    Notice,
    Origin,
    PresenceChanged,
    SessionsEnded,
    TypingChanged,
)
from duologue.core.model import Caller
from duologue.core.ports import Clock, Deliveries, Ids
from duologue.realtime.closing import CODES
from duologue.realtime.codec import Codec
from duologue.realtime.link import Link, text_frames
from duologue.realtime.session import Reply, Reports, Session

News = asyncio.Future[EndReason | None]


class Hub:
    """User -> sessions. `gap` and `gone` are told of a session that misses a fact, and of an authenticated one that ended.

    `deliveries` is told of what was written to its receiver.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        max_connections: int,
        gap: Callable[[Session], None],
        gone: Callable[[UUID, UUID], None],
        deliveries: Deliveries,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._max_connections = max_connections
        self._gone = gone
        self._reports = Reports(gap, self.remove, deliveries.reached)
        self._sessions: set[Session] = set()
        self._users: dict[UUID, tuple[Session, ...]] = {}  # replaced, never changed: a delivery may be walking over it
        self._waiting: dict[UUID, dict[News, UUID | None]] = {}  # user -> who waits, and in which sign-in session
        self._draining = False

    # -- who is here ------------------------------------------------------------------------------------------------------

    @property
    def is_full(self) -> bool:
        """No further connection is taken: MAX_CONNECTIONS are open, or the server is stopping."""
        return self._draining or len(self._sessions) >= self._max_connections

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All open sessions, those that are not authenticated yet included."""
        return tuple(self._sessions)

    @property
    def users(self) -> Sequence[UUID]:
        """The users with a session here."""
        return tuple(self._users)

    def of_user(self, user_id: UUID) -> tuple[Session, ...]:
        """The user's sessions here."""
        return self._users.get(user_id, ())

    def connection_id(self) -> UUID:
        """A name for a connection, a socket or polls."""
        return self._ids()

    def open(self, link: Link, codec: Codec) -> Session:
        """A session for a new connection, of nobody yet."""
        session = Session(
            link,
            codec,
            connection_id=self.connection_id(),
            opened=self._clock.monotonic(),
            connected_at=datetime.fromtimestamp(self._clock.now(), UTC),
            reports=self._reports,
        )
        self._sessions.add(session)
        return session

    def join(self, session: Session, caller: Caller) -> None:
        """From now on the session is told what concerns this user; until it goes live it holds it."""
        session.caller = caller
        session.due = 0.0  # the heartbeat must learn of it
        if session in self._sessions:
            self._users[caller.id] = (*self._users.get(caller.id, ()), session)

    def remove(self, session: Session) -> None:
        """Forget a session; again changes nothing (B-03)."""
        if session not in self._sessions:
            return
        self._sessions.remove(session)
        if session.caller is None:
            return
        user_id = session.caller.id
        left = tuple(other for other in self._users.get(user_id, ()) if other is not session)
        if left:
            self._users[user_id] = left
        else:
            self._users.pop(user_id, None)
        self._gone(user_id, session.id)

    def drain(self) -> None:
        """Take nobody any more, and let no poll wait. The sessions themselves are drained through their links."""
        self._draining = True
        for user_id in tuple(self._waiting):
            self._signal(user_id)

    # -- waiting for news -------------------------------------------------------------------------------------------------

    def news(self, caller: Caller) -> News:
        """Done at the caller's next fact on this node, or when the server stops: None; or with why the caller is signed out.

        Give it back with `unwatch`.
        """
        news: News = asyncio.get_running_loop().create_future()
        if self._draining:
            news.set_result(None)
        else:
            self._waiting.setdefault(caller.id, {})[news] = caller.session_id
        return news

    def unwatch(self, user_id: UUID, news: News) -> None:
        """Nobody waits for it any more."""
        waiting = self._waiting.get(user_id)
        if waiting is not None:
            waiting.pop(news, None)
            if not waiting:
                del self._waiting[user_id]

    def _signal(self, user_id: UUID) -> None:
        for news in self._waiting.get(user_id, ()):
            if not news.done():
                news.set_result(None)

    # -- delivery ---------------------------------------------------------------------------------------------------------

    def deliver(self, events: Sequence[Event]) -> None:
        """Hand events to those they concern, in order."""
        for event in events:
            if isinstance(event, TypingChanged):
                self._tell(event, (event.to,))
            elif isinstance(event, PresenceChanged):
                self._tell(event, event.to)
            elif isinstance(event, SessionsEnded):
                self._end(event)
            else:
                self._deliver_fact(event)

    def _deliver_fact(self, fact: Fact) -> None:
        for notice in fact.notices:
            sessions = self._users.get(notice.user_id)
            if sessions is not None:
                self._push(fact, notice, sessions)
            if self._waiting:
                self._signal(notice.user_id)

    def _push(self, fact: Fact, notice: Notice, sessions: tuple[Session, ...]) -> None:
        position, origin = notice.position, fact.origin
        if position is None:
            return
        codec: Codec | None = None
        data, count = b"", 0
        message = fact.message if isinstance(fact, MessageSent) and _is_its_receivers(fact, notice) else None
        for session in sessions:
            if origin is not None and session.id == origin.connection_id:
                frames = session.codec.fact_frames(fact, notice, origin=True, command_id=origin.command_id)
                reply = _reply(session.codec, fact, notice, origin)
                session.push(position, text_frames(frames), len(frames), reply=reply)
                continue
            if session.codec is not codec:
                codec = session.codec
                frames = codec.fact_frames(fact, notice)
                data, count = text_frames(frames), len(frames)
            session.push(position, data, count, message=message)

    def _tell(self, event: TypingChanged | PresenceChanged, to: Sequence[UUID]) -> None:
        """Presence has two forms: with and without last seen."""
        exact = event.last_seen_to if isinstance(event, PresenceChanged) else frozenset[UUID]()
        made: dict[tuple[Codec, bool], bytes] = {}
        for user_id in to:
            for session in self._users.get(user_id, ()):
                form = (session.codec, user_id in exact)
                if form not in made:
                    payload = session.codec.ephemeral(event, user_id)
                    made[form] = text_frames((payload,)) if payload is not None else b""
                if made[form]:
                    session.signal(made[form])

    def _end(self, event: SessionsEnded) -> None:
        for session in self._users.get(event.user_id, ()):
            if session.caller is not None and event.concerns(session.caller.session_id):
                session.close(CODES[event.reason])
        for news, session_id in self._waiting.get(event.user_id, {}).items():
            if event.concerns(session_id) and not news.done():
                news.set_result(event.reason)


def _is_its_receivers(fact: MessageSent, notice: Notice) -> bool:
    """Whether this is the receiver's share: the sender's own devices prove nothing."""
    receiver_id = fact.message.receiver_id
    return notice.user_id is receiver_id or notice.user_id == receiver_id


def _reply(codec: Codec, fact: Fact, notice: Notice, origin: Origin) -> Reply:
    def reply() -> bytes:
        unplaced = Notice(notice.user_id, None, notice.unread_count, notice.total_unread, notice.conversation)
        frames = codec.fact_frames(fact, unplaced, origin=True, command_id=origin.command_id)
        return text_frames(frames[:1])

    return reply
