"""What the tests of realtime stand on: time moved by hand, a list as socket, a log in memory, a dialect that says least."""

import asyncio
import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast
from uuid import UUID

from duologue.brokers.memory.fanout import MemoryBroker
from duologue.brokers.memory.presence import MemoryPresence
from duologue.core.callers import Asked, Callers, Found, Identity
from duologue.core.errors import ChatError, Unavailable
from duologue.core.events import (
    ConversationOpened,
    Event,
    Fact,
    MessageSent,
    Notice,
    Origin,
    PresenceChanged,
    TypingChanged,
)
from duologue.core.items import Deliver, Delivered, Item
from duologue.core.model import Caller, Message, MessageType, Unread, User, UserState
from duologue.core.ports import Connect, Missed
from duologue.realtime.arrivals import Arrivals
from duologue.realtime.codec import Codec, CommandId, Greeting, ResetReason
from duologue.realtime.connects import Batched
from duologue.realtime.deliveries import Deliveries
from duologue.realtime.heartbeat import Heartbeat, Intervals
from duologue.realtime.hub import Hub
from duologue.realtime.polls import Polls
from duologue.realtime.presence import Edges
from duologue.realtime.relay import Relay
from duologue.realtime.resume import Resume
from duologue.realtime.runtime import Runtime, Timer
from duologue.realtime.session import Session
from duologue.realtime.typing import TypingTable

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(order=True)
class _Call:
    at: float
    number: int
    callback: Callable[[], object] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class Time:
    """A clock and its timers; both stand still until `advance`."""

    def __init__(self) -> None:
        self.passed = 1_000.0
        self._numbers = count()
        self._calls: list[_Call] = []

    def now(self) -> float:
        """Unix seconds."""
        return START.timestamp() + self.passed

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self.passed

    def later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Call back when so much time was advanced."""
        call = _Call(self.passed + delay, next(self._numbers), callback)
        heapq.heappush(self._calls, call)
        return call

    def advance(self, seconds: float) -> None:
        """Let time pass, making every call that falls due at its own moment."""
        end = self.passed + seconds
        while self._calls and self._calls[0].at <= end:
            call = heapq.heappop(self._calls)
            self.passed = max(self.passed, call.at)
            if not call.cancelled:
                call.callback()
        self.passed = end

    @property
    def waiting(self) -> int:
        """How many calls are still to come."""
        return sum(not call.cancelled for call in self._calls)


class Wire:
    """A link that keeps what was sent; `is_full` by hand, or after each write if it is `narrow`."""

    def __init__(self) -> None:
        self.heard = False
        self.is_full = False
        self.narrow = False
        self.is_deaf = False
        self.pings = 0
        self.closed: tuple[int, str] | None = None
        self.aborted = False
        self.writes: list[list[str]] = []

    @property
    def sent(self) -> list[str]:
        """The texts of all frames, in order."""
        return [text for write in self.writes for text in write]

    def take(self) -> list[str]:
        """The texts since the last `take`."""
        taken = self.sent
        self.writes = []
        return taken

    def write(self, data: bytes) -> None:
        """Take frames apart again."""
        assert self.closed is None, "written after the close"
        self.writes.append(texts(data))
        self.is_full = self.is_full or self.narrow

    def ping(self) -> None:
        """Count it."""
        self.pings += 1

    def close(self, code: int, reason: str = "") -> None:
        """Keep why."""
        assert self.closed is None, "closed twice"
        self.closed = (int(code), reason)

    def abort(self) -> None:
        """Keep that."""
        self.aborted = True


def texts(data: bytes) -> list[str]:
    """The payloads of unmasked text frames (RFC 6455, 5.2)."""
    found: list[str] = []
    while data:
        assert data[0] == 0x81, "not a final text frame"
        length, head = data[1], 2
        assert length < 128, "a server must not mask"
        if length >= 126:
            head = 4 if length == 126 else 10
            length = int.from_bytes(data[2:head], "big")
        found.append(data[head : head + length].decode())
        data = data[head + length :]
    return found


class PlainCodec:
    """A dialect whose frames are a word and a number: `new@5`, and ` in` for the connection that caused it."""

    def fact_frames(
        self, fact: Fact, notice: Notice, *, origin: bool = False, command_id: CommandId = None
    ) -> Sequence[bytes]:
        """The fact with its position; a message has a second frame."""
        first = _echo(f"{'sent' if origin else 'new'}@{notice.position}", command_id)
        return (first, b"more") if isinstance(fact, MessageSent) else (first,)

    def first_frame(self, fact: Fact, notice: Notice) -> bytes | None:
        """Like on another connection; an opening is not shown in this dialect."""
        return None if isinstance(fact, ConversationOpened) else f"log@{notice.position}".encode()

    def ephemeral(self, event: TypingChanged | PresenceChanged, viewer_id: UUID) -> bytes | None:
        """Who does what."""
        if isinstance(event, TypingChanged):
            return f"typing {event.is_typing}".encode()
        seen = " seen" if viewer_id in event.last_seen_to else ""
        return f"{'online' if event.is_online else 'offline'} {event.user_id.int}{seen}".encode()

    def greeting(self, greeting: Greeting, command_id: CommandId = None) -> Sequence[bytes]:
        """One frame."""
        return (_echo(f"hello {greeting.position} {greeting.epoch}", command_id),)

    def authenticated(self, greeting: Greeting, command_id: CommandId) -> bytes:
        """As the greeting."""
        return _echo(f"hello again {greeting.position}", command_id)

    def auth_failed(self, error: ChatError, command_id: CommandId = None) -> bytes:
        """The code."""
        return _echo(error.code, command_id)

    def statuses(self, statuses: Mapping[UUID, bool]) -> bytes:
        """The numbers of the users who are online."""
        return f"statuses {sorted(user_id.int for user_id, online in statuses.items() if online)}".encode()

    def unread_totals(self, unread: Unread) -> bytes:
        """The total."""
        return f"unread {unread.total}".encode()

    def resume_done(self, position: int, epoch: str, command_id: CommandId = None) -> bytes:
        """Where."""
        return _echo(f"done {position} {epoch}", command_id)

    def resume_reset(self, position: int, epoch: str, reason: ResetReason, command_id: CommandId = None) -> bytes:
        """Where and why."""
        return _echo(f"reset {position} {epoch} {reason.value}", command_id)

    def error(self, error: ChatError, command_id: CommandId = None) -> bytes:
        """The code."""
        return _echo(error.code, command_id)


def _echo(text: str, command_id: CommandId) -> bytes:
    return (text if command_id is None else f"{text}#{command_id}").encode()


class Log:
    """The log, the unread totals and the partners, in memory; counts its statements. `away`: the database does not answer."""

    def __init__(self) -> None:
        self.facts: dict[UUID, list[Fact]] = {}
        self.floor = 0  # up to here it was pruned
        self.delivered: dict[UUID, int] = {}  # up to here it is known as delivered
        self.chunk = 5_000  # facts that `unmarked` looks at
        self.name = "e1"  # as it was last read
        self.stored = "e1"  # as the database has it
        self.away = False
        self.statements: list[str] = []
        self.partners: dict[UUID, tuple[UUID, ...]] = {}
        self.last_seen_to: dict[UUID, frozenset[UUID]] = {}
        self.seen_users: list[tuple[UUID, datetime]] = []
        self.totals: dict[UUID, int] = {}
        self.loading = 0
        self.before_load: Callable[[], None] = lambda: None

    def append(self, fact: Fact) -> Fact:
        """A fact as the pipeline makes it: each of its notices gets the user's next position."""
        for notice in fact.notices:
            facts = self.facts.setdefault(notice.user_id, [])
            facts.append(fact)
            notice.position = len(facts)
        return fact

    def lose(self, user_id: UUID, number: int) -> None:
        """The user's last facts are gone: a standby that had not got them was promoted."""
        del self.facts[user_id][-number:]

    def head(self, user_id: UUID) -> int:
        """The last position."""
        return len(self.facts.get(user_id, ()))

    def _ask(self, statement: str) -> None:
        self.statements.append(statement)
        if self.away:
            raise Unavailable

    async def epoch(self) -> str:
        """The log's name as it was last read; no statement."""
        return self.name

    async def heads(self, user_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Several at once."""
        self._ask("heads")
        return {user_id: self.head(user_id) for user_id in user_ids}

    async def named_heads(self, user_ids: Sequence[UUID]) -> tuple[str, dict[UUID, int]]:
        """The same, with the name as it is stored."""
        heads = await self.heads(user_ids)
        self.name = self.stored
        return self.name, heads

    async def after(self, user_id: UUID, since: int, limit: int) -> Missed:
        """A page, each fact with the one notice of this user."""
        self._ask("after")
        start = max(since, self.floor)
        page = self.facts.get(user_id, [])[start : start + limit]
        upto = start + len(page) if page else since
        return Missed([_of(fact, user_id) for fact in page], upto, is_dense=len(page) == upto - since)

    async def count(self, user_id: UUID, since: int) -> tuple[int, int]:
        """Head, and what is there above `since`."""
        self._ask("count")
        head = self.head(user_id)
        return head, min(max(head - max(since, self.floor), 0), 5_001)

    async def unmarked(self, user_id: UUID, upto: int) -> tuple[Sequence[Message], int]:
        """The port `DeliveryLog`: the newest received message of each conversation, a few facts at a time."""
        self._ask("unmarked")
        start = self.delivered.get(user_id, 0)
        page = self.facts.get(user_id, [])[start : min(upto, start + self.chunk)]
        newest: dict[UUID, Message] = {}
        for fact in page:
            if isinstance(fact, MessageSent) and fact.message.receiver_id == user_id:
                newest[fact.message.conversation_id] = fact.message
        return list(newest.values()), start + len(page) if page else 0

    async def marked(self, user_id: UUID, upto: int) -> None:
        """Of the same port."""
        self._ask("marked")
        self.delivered[user_id] = max(upto, self.delivered.get(user_id, 0))

    async def prune(self, before: datetime) -> int:
        """Not here."""
        raise NotImplementedError

    async def load(self, user_ids: Sequence[UUID]) -> dict[UUID, Connect]:
        """The port `Connects`."""
        self._ask("load")
        self.loading += 1
        assert self.loading == 1, "two statements at once: they should have been one"
        found = {
            user_id: Connect(
                self.head(user_id),
                self.partners.get(user_id, ()),
                self.last_seen_to.get(user_id, frozenset()),
            )
            for user_id in user_ids
        }
        self.before_load()
        await asyncio.sleep(0)
        self.loading -= 1
        return found

    async def unread(self, user_id: UUID) -> Unread:
        """Of `ConversationStore`."""
        self._ask("unread")
        return Unread(self.totals.get(user_id, 7), 1)

    async def seen(self, user_ids: Sequence[UUID], at: datetime) -> None:
        """Of `UserStore`."""
        self._ask("seen")
        self.seen_users += [(user_id, at) for user_id in user_ids]


class Pipe:
    """The pipeline: keeps the marks that enter, and answers them at once, unless it is `away` or `holds` them."""

    def __init__(self) -> None:
        self.marks: list[Deliver] = []
        self.away = False
        self.is_closed = False
        self.holds = False
        self.held: list[Deliver] = []
        self.tries = 0

    @property
    def marked(self) -> list[tuple[int, datetime]]:
        """(receiver, up to), in the order in which they were answered."""
        return [(item.user_id.int, item.up_to) for item in self.marks]

    async def enter(self, item: Item) -> None:
        """The port `Pipeline`."""
        assert isinstance(item, Deliver), "only marks come from here"
        self.tries += 1
        if self.is_closed:
            raise Unavailable
        if self.holds:
            self.held.append(item)
        else:
            self.answer(item)

    def answer(self, item: Deliver) -> None:
        """What becomes of it."""
        if self.away:
            item.done(Unavailable())
        else:
            self.marks.append(item)
            item.done(Delivered(moved=True))

    def let_go(self) -> None:
        """Answer what is held, and hold nothing more."""
        held, self.held, self.holds = self.held, [], False
        for item in held:
            self.answer(item)


class People:
    """Users and sign-in sessions, in memory: everybody stands who is not named here. `before_find` comes before each look."""

    def __init__(self) -> None:
        self.ended: set[UUID] = set()  # sessions
        self.deactivated: set[UUID] = set()
        self.away = False
        self.before_find: Callable[[], object] = lambda: None

    async def find(self, asked: Sequence[Asked]) -> dict[Asked, Found]:
        """The port `CallerStore`."""
        self.before_find()
        if self.away:
            raise Unavailable
        return {(user_id, session_id): self._found(user_id, session_id) for user_id, session_id in asked}

    def _found(self, user_id: UUID, session_id: UUID | None) -> Found:
        state = UserState.DEACTIVATED if user_id in self.deactivated else UserState.ACTIVE
        return Found(User(user_id, f"user{user_id.int}", state=state), 0, 0, session_id not in self.ended)

    async def admit(self, identity: Identity, *, is_new: bool) -> None:
        """Not here."""
        raise NotImplementedError


def _of(fact: Fact, user_id: UUID) -> Fact:
    notices = [notice for notice in fact.notices if notice.user_id == user_id]
    return type(fact)(**{**_fields(fact), "notices": notices})


def _fields(fact: Fact) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in fact.__dataclass_fields__}


class Desk:
    """A node's sockets, put together as the server does it, over the log in memory."""

    def __init__(self, *, max_connections: int = 100, max_per_user: int = 10) -> None:
        self.time = Time()
        self.log = Log()
        self.published: list[Event] = []
        self._numbers = count(1)
        self.runtime = Runtime(self.time, self.time.later)
        self.broker = MemoryBroker()
        self.broker.subscribe(self.published.extend)
        presence = MemoryPresence(self.time, 60.0)
        self.presence = presence
        store = cast("Any", self.log)
        self.batched = Batched(self.log, self.runtime.background)
        self.people = People()
        callers = Callers(self.people)
        self.edges = Edges(
            presence=presence, users=store, connects=self.batched, broker=self.broker, runtime=self.runtime
        )
        self.pipe = Pipe()
        self.deliveries = Deliveries(pipeline=self.pipe, log=self.log, runtime=self.runtime)
        self.resume = Resume(
            log=self.log,
            conversations=store,
            edges=self.edges,
            deliveries=self.deliveries,
            runtime=self.runtime,
        )
        self.hub = Hub(
            clock=self.time,
            ids=self.id,
            max_connections=max_connections,
            gap=self.resume.gap,
            gone=self.edges.leave,
            deliveries=self.deliveries,
        )
        self.arrivals = Arrivals(
            hub=self.hub,
            connects=self.batched,
            callers=callers,
            edges=self.edges,
            resume=self.resume,
            log=self.log,
            max_per_user=max_per_user,
        )
        self.typing = TypingTable(broker=self.broker, ttl=6.0)
        self.polls = Polls(
            hub=self.hub,
            log=self.log,
            callers=callers,
            edges=self.edges,
            deliveries=self.deliveries,
            runtime=self.runtime,
            max_per_user=max_per_user,
        )
        self.relay = Relay(
            hub=self.hub,
            broker=self.broker,
            typing=self.typing,
            log=self.log,
            resume=self.resume,
            runtime=self.runtime,
        )
        self.relay.start()
        self.heartbeat = Heartbeat(
            hub=self.hub,
            polls=self.polls,
            typing=self.typing,
            edges=self.edges,
            intervals=Intervals(),
            runtime=self.runtime,
            spread=lambda: 1.0,
        )
        self.codec: Codec = PlainCodec()

    def id(self) -> UUID:
        """The next id."""
        return UUID(int=(7 << 76) + (8 << 60) + next(self._numbers))

    def open(self) -> tuple[Session, Wire]:
        """A connection of nobody yet."""
        wire = Wire()
        return self.hub.open(wire, self.codec), wire

    async def join(
        self,
        user_id: UUID,
        *,
        since: str | None = None,
        epoch: str | None = None,
        expires_at: float | None = None,
        session_id: UUID | None = None,
    ) -> tuple[Session, Wire]:
        """A connection of a user, live."""
        session, wire = self.open()
        session.asked = (since, epoch)
        await self.arrivals.join(session, caller(user_id, expires_at=expires_at, session_id=session_id))
        await self.settle()
        return session, wire

    async def lose(self, session: Session) -> None:
        """The connection is gone."""
        session.lost()
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self.runtime.background.idle()

    async def turn(self) -> None:
        """Let everything go on by a step."""
        await asyncio.sleep(0)

    async def pass_(self, seconds: float) -> None:
        """Let time pass in small steps, and what falls due happen."""
        end = self.time.passed + seconds
        while self.time.passed < end:
            self.time.advance(min(0.5, end - self.time.passed))
            await self.settle()

    def publish(self, *facts: Fact) -> None:
        """Store facts and publish them."""
        self.broker.publish([self.log.append(fact) for fact in facts])

    def store(self, fact: Fact) -> Fact:
        """Store a fact whose publication is lost, or comes later."""
        return self.log.append(fact)


def user(number: int) -> UUID:
    """A user's id by number."""
    return UUID(int=number)


def caller(user_id: UUID, *, expires_at: float | None = None, session_id: UUID | None = None) -> Caller:
    """A user as a token shows them."""
    return Caller(User(user_id, f"user{user_id.int}"), 0, session_id, expires_at)


def at(seconds: float) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=seconds)


def message(
    sender: UUID,
    receiver: UUID,
    *,
    origin: Session | None = None,
    command_id: CommandId = None,
    sent_at: float = 0.0,
    conversation: int = 98,
) -> MessageSent:
    """A message as a fact, not yet in the log; `sent_at` in seconds after the start."""
    when = at(sent_at)
    made = Message(UUID(int=99), UUID(int=conversation), sender, receiver, MessageType.TEXT, "Hello!", when, when)
    notices = [Notice(sender, None), Notice(receiver, None, 1, 1)]
    return MessageSent(made, notices, None if origin is None else Origin(origin.id, command_id))
