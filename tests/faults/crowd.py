"""Pairs of people who talk without a pause, whatever happens to the server; and what must be true when it is over.

Each is a `Session` of the Python client with sends that go on over connections. How much is said is allowed in portions, so
that a run ends by what was done and not by the clock.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Self
from uuid import UUID, uuid4

import jwt
from tests.live.people import SECRET

from duologue.client import (
    Frame,
    Inbox,
    Refused,
    Reset,
    Rest,
    Session,
    SessionOptions,
    SessionState,
    Snapshot,
    Socket,
    SocketOptions,
    SocketState,
    Unreachable,
    take,
)
from duologue.client.paths import socket_url

if TYPE_CHECKING:
    from tests.live.people import Hand

PATIENCE = 60.0  # seconds for everybody to get through after a fault
WRITERS = 3  # sends that one person has on the way
READS_EVERY = 11  # of so many who have sent, one marks as read
TRIES = 20  # to see everything while nothing moves
EAGER = SessionOptions(
    poll_after=3, poll_for=1.0, poll_wait=1, backoff_base=0.1, backoff_cap=0.5, socket=SocketOptions(open_timeout=5.0)
)


def token(user_id: str, username: str) -> str:
    """A platform's token, good for an hour."""
    return jwt.encode({"user_id": user_id, "username": username, "exp": int(time.time()) + 3600}, SECRET, "HS256")


async def until(ready: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait for a condition."""
    try:
        async with asyncio.timeout(patience):
            while not ready():  # noqa: ASYNC110 - what it waits for happens in other processes too
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"in {patience:g} s it did not happen: {what}") from None


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person whom the server knows."""

    name: str
    token: str
    rest: Rest


@asynccontextmanager
async def pair(url: str) -> AsyncIterator[tuple[Somebody, Somebody, str]]:
    """Two people and their conversation."""
    names = [f"{side}-{uuid4().hex[:8]}" for side in ("anna", "bert")]
    tokens = [token(str(uuid4()), name) for name in names]
    async with Rest(url, token=tokens[0]) as one, Rest(url, token=tokens[1]) as two:
        await asyncio.gather(one.me(), two.me())
        chat = (await one.open(names[1])).id
        yield Somebody(names[0], tokens[0], one), Somebody(names[1], tokens[1], two), chat


@dataclass(slots=True)
class Talker:
    """One of a pair: a session, what it was told, what it said and what became of that."""

    name: str
    token: str
    chat: str
    session: Session
    inbox: Inbox
    start: int
    acknowledged: dict[str, str] = field(default_factory=dict)  # message id -> text
    facts: list[Frame] = field(default_factory=list)
    resets: list[Reset] = field(default_factory=list)

    async def listen(self) -> None:
        """Keep what comes."""
        async for event in self.session:
            if isinstance(event, Reset):
                self.resets.append(event)
            elif event.position is not None:
                self.facts.append(event)
                self.inbox.apply(event)

    async def say(self, text: str) -> None:
        """Send under a key, however long it takes."""
        sent = await self.session.send(self.chat, text, temp_id=str(uuid4()))
        assert sent.message.content == text
        assert sent.message.id not in self.acknowledged, "two sends were answered with one message"
        self.acknowledged[sent.message.id] = text

    def is_at(self, head: int) -> bool:
        """Whether the fact of this position was told."""
        return head == self.start or (bool(self.facts) and (self.facts[-1].position or 0) >= head)

    async def fresh(self, url: str) -> Snapshot:
        """What a device sees that has just come."""
        async with Rest(url, token=self.token) as rest:
            return (await take(rest)).snapshot()


class Crowd:
    """Everybody. `async with Crowd.of(url, pairs=3) as crowd`."""

    def __init__(self, url: str, talkers: Sequence[Talker]) -> None:
        self.url = url
        self.talkers = talkers
        self._quota = asyncio.Semaphore(0)
        self._numbers = itertools.count(1)
        self._allowed = self._busy = 0
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def of(cls, url: str, *, pairs: int, options: SessionOptions = EAGER) -> "Crowd":
        """Make people who have opened their conversations and loaded what there is."""
        talkers: list[Talker] = []
        for _ in range(pairs):
            async with pair(url) as (one, two, chat):
                for person in (one, two):
                    rest = person.rest
                    inbox, epoch = await take(rest), (await rest.events()).epoch
                    session = Session(url, token=person.token, since=inbox.position, epoch=epoch, options=options)
                    talkers.append(Talker(person.name, person.token, chat, session, inbox, inbox.position))
        return cls(url, talkers)

    async def __aenter__(self) -> Self:
        """Connect, and be ready to talk."""
        for talker in self.talkers:
            await talker.session.__aenter__()
            self._tasks.append(asyncio.create_task(talker.listen()))
            self._tasks.extend(asyncio.create_task(self._talk(talker)) for _ in range(WRITERS))
        await asyncio.gather(*(talker.session.opened() for talker in self.talkers))
        return self

    async def __aexit__(self, *error: object) -> None:
        """Go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(talker.session.close() for talker in self.talkers))

    async def _talk(self, talker: Talker) -> None:
        while True:
            await self._quota.acquire()
            self._busy += 1
            number = next(self._numbers)
            await talker.say(f"{talker.name} {number}")
            if number % READS_EVERY == 0:
                with suppress(Refused, Unreachable):
                    await talker.session.read(talker.chat)
            self._busy -= 1

    # -- how much is said -------------------------------------------------------------------------------------------------

    def allow(self, count: int) -> None:
        """Let so many more messages be said."""
        self._allowed += count
        for _ in range(count):
            self._quota.release()

    @property
    def acknowledged(self) -> int:
        """How many sends were acknowledged."""
        return sum(len(talker.acknowledged) for talker in self.talkers)

    async def hears(self, count: int) -> None:
        """Wait until so many sends in all are acknowledged."""
        await until(lambda: self._sound() and self.acknowledged >= count, f"{count} acknowledgements; {self._story()}")

    async def finished(self) -> None:
        """Wait until everything that was allowed is said and acknowledged."""
        await until(lambda: self._sound() and self._is_done(), f"the last send is acknowledged; {self._story()}")

    def _is_done(self) -> bool:
        return self.acknowledged == self._allowed and not self._busy

    async def state(self, *states: SessionState, everybody: bool = True) -> None:
        """Wait until all sessions are, or one is, in one of these states."""
        judge: Callable[[Iterable[object]], bool] = all if everybody else any
        await until(lambda: judge(talker.session.state in states for talker in self.talkers), f"sessions are {states}")

    def _sound(self) -> bool:
        """Raise what ended a task that must not end."""
        for task in self._tasks:
            if task.done():
                task.result()
                raise AssertionError("a session ended")
        return True

    def _story(self) -> str:
        return f"{self.acknowledged} of {self._allowed} so far, {[talker.session.state for talker in self.talkers]}"

    # -- what must be true ------------------------------------------------------------------------------------------------

    async def check(self, connection: "Hand") -> None:
        """Every acknowledged message once, every fact once and in order, the same order for all, and state = fresh snapshot."""
        await self.finished()
        rows = await connection.fetch(
            "SELECT id, conversation_id, content FROM messages WHERE conversation_id = ANY($1) ORDER BY created_at, id",
            {UUID(talker.chat) for talker in self.talkers},
        )
        order: dict[str, list[str]] = {}
        for row in rows:
            order.setdefault(str(row["conversation_id"]), []).append(str(row["id"]))
        said = {key: text for talker in self.talkers for key, text in talker.acknowledged.items()}
        assert {str(row["id"]): row["content"] for row in rows} == said
        assert len({row["content"] for row in rows}) == len(rows) == self._allowed, "something is there twice"
        heads, fresh = await self._at_rest(connection)
        for talker, snapshot in zip(self.talkers, fresh, strict=True):
            self._check_facts(talker, heads[talker.inbox.user.id], order)
            assert talker.inbox.snapshot() == snapshot, f"{talker.name} has another state than a fresh snapshot"

    async def _at_rest(self, connection: "Hand") -> tuple[dict[str, int], list[Snapshot]]:
        """The heads, with everybody there, and fresh snapshots between which and the heads nothing happened."""
        for _ in range(TRIES):
            heads = await _heads(connection)
            for talker in self.talkers:
                await until(partial(talker.is_at, heads[talker.inbox.user.id]), f"{talker.name} hears of the last fact")
            fresh = [await talker.fresh(self.url) for talker in self.talkers]
            if await _heads(connection) == heads:
                return heads, fresh
        raise AssertionError("facts come without end")

    def _check_facts(self, talker: Talker, head: int, order: dict[str, list[str]]) -> None:
        assert not talker.resets
        positions = [fact.position for fact in talker.facts]
        assert positions == list(range(talker.start + 1, head + 1)), (
            f"{talker.name} was not told every fact once, in order"
        )
        told = [fact.payload.message.id for fact in talker.facts if fact.type in {"message.new", "message.sent"}]
        assert told == order.get(talker.chat, []), f"{talker.name} was told another order"


async def _heads(connection: "Hand") -> dict[str, int]:
    return {str(row["user_id"]): row["head"] for row in await connection.fetch("SELECT user_id, head FROM positions")}


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a socket ended."""

    code: int | None
    reason: str


class Witness:
    """Somebody on a bare socket, who sends one message after the other until it ends, and sees how it ends."""

    def __init__(self, url: str) -> None:
        self.acknowledged: list[str] = []
        self._url = url

    async def __aenter__(self) -> Self:
        """Connect and begin."""
        async with pair(self._url) as (one, _, chat):
            self._socket = Socket(socket_url(self._url), token=one.token)
        await self._socket.open()
        self._task = asyncio.create_task(self._talk(chat))
        return self

    async def __aexit__(self, *error: object) -> None:
        """Go."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._socket.close()

    async def _talk(self, chat: str) -> None:
        for number in itertools.count():
            sent = await self._socket.send(chat, f"witness {number}")
            self.acknowledged.append(sent.message.id)

    async def closed(self) -> Closed:
        """Wait for the end."""
        await until(lambda: self._socket.state is SocketState.CLOSED, "the socket is closed")
        return Closed(self._socket.close_code, self._socket.close_reason)
