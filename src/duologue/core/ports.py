"""What the core asks of the outside, one small protocol per noun; adapters in storage, brokers and pipeline answer.

Every method may raise `Unavailable` when what stands behind it is away; a failed look-up is an error, never a permission.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from duologue.core.events import Event, Fact, Kind
from duologue.core.items import Item
from duologue.core.model import (
    Block,
    BlockStatus,
    Caller,
    Context,
    Conversation,
    Cursor,
    Link,
    Message,
    MessageType,
    Page,
    Profile,
    Unread,
    User,
)


class Clock(Protocol):
    """Time, injected."""

    def now(self) -> float:
        """Unix seconds, wall clock."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...


Ids = Callable[[], UUID]
LONG_AGO = datetime.fromtimestamp(0, UTC)  # before every message


# -- limits and presence ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """Never more than `count` in any `window` seconds."""

    name: str
    count: int
    window: float


@dataclass(frozen=True, slots=True)
class Charge:
    """A limiter's answer: seconds, and Unix seconds for `reset_at`. `token` is what `refund` takes back."""

    allowed: bool
    limit: int
    remaining: int
    retry_after: float
    reset_at: float
    token: object


class Limiter(Protocol):
    """Sliding windows per name and key (RLM-11, C-31). An unknown or unlimited name is always allowed."""

    async def charge(self, name: str, key: str) -> Charge:
        """Count one use, or say when the next is allowed; a refused use is not counted."""
        ...

    async def refund(self, name: str, key: str, token: object) -> None:
        """Take a use back: an answer to a retry costs nothing."""
        ...


class Presence(Protocol):
    """Who is connected, by lease (design part 4)."""

    async def connect(self, user_id: UUID, connection_id: UUID) -> bool:
        """Add a connection; True: it is the user's first live one."""
        ...

    async def renew(self, connections: Sequence[tuple[UUID, UUID]]) -> None:
        """Renew the leases of (user, connection)s."""
        ...

    async def disconnect(self, user_id: UUID, connection_id: UUID) -> bool:
        """Remove a connection; True: it was the user's last."""
        ...

    async def online(self, user_ids: Collection[UUID]) -> set[UUID]:
        """Those of `user_ids` with a live connection."""
        ...

    async def count(self, user_id: UUID) -> int:
        """How many live connections the user has."""
        ...

    async def expire(self) -> list[UUID]:
        """Remove lapsed leases; the users whose last one lapsed."""
        ...


class Broker(Protocol):
    """Facts and ephemeral events to every node, this one included."""

    def publish(self, events: Sequence[Event]) -> None:
        """Hand over in order; never blocks, never raises."""
        ...

    def subscribe(self, deliver: Callable[[Sequence[Event]], None]) -> None:
        """Call `deliver` with everything published, in order."""
        ...


# -- the send pipeline --------------------------------------------------------------------------------------------------


class Pipeline(Protocol):
    """The one way to write a conversation (design part 3)."""

    async def enter(self, item: Item) -> None:
        """Queue an item; waits up to 5 s for room, then raises `Unavailable`. The item's `done` gets its outcome."""
        ...


@dataclass(slots=True)
class ConversationRow:
    """A locked conversation with both sides' facts; the pipeline keeps it current while it plans. Index 0 is the lower user id."""

    id: UUID
    users: tuple[UUID, UUID]
    updated_at: datetime
    created_at: datetime
    last_message_id: UUID | None
    unread: list[int] = field(default_factory=lambda: [0, 0])
    read_to: list[datetime] = field(default_factory=lambda: [LONG_AGO, LONG_AGO])
    deleted_to: list[datetime | None] = field(default_factory=lambda: [None, None])

    def side(self, user_id: UUID) -> int:
        """Which of the two lists' places is this participant's."""
        return 0 if user_id == self.users[0] else 1

    def other(self, user_id: UUID) -> UUID:
        """The other participant (WSC-37)."""
        return self.users[1] if user_id == self.users[0] else self.users[0]


@dataclass(slots=True)
class PositionRow:
    """A locked user: head position and unread total."""

    user_id: UUID
    head: int
    unread_total: int


@dataclass(slots=True)
class UnreadSpan:
    """What a read item would mark: how many, the newest 100 ids, newest first. `target_at` is None when its message is not there."""

    target_at: datetime | None
    count: int
    newest: list[UUID]


@dataclass(slots=True)
class KeyRow:
    """A send key that is taken: its fingerprint and the message it names."""

    fingerprint: bytes
    message: Message


@dataclass(slots=True)
class Facts:
    """Everything the rules need, read after the locks. `blocks` is keyed (blocker, blocked), `pairs` by ordered pair."""

    now: datetime
    conversations: dict[UUID, ConversationRow] = field(default_factory=dict)
    users: dict[UUID, User] = field(default_factory=dict)
    blocks: dict[tuple[UUID, UUID], Block] = field(default_factory=dict)
    follows: set[tuple[UUID, UUID]] = field(default_factory=set)
    keys: dict[tuple[UUID, UUID], KeyRow] = field(default_factory=dict)
    pairs: dict[tuple[UUID, UUID], ConversationRow] = field(default_factory=dict)
    last_messages: dict[UUID, Message] = field(default_factory=dict)
    spans: dict[int, UnreadSpan] = field(default_factory=dict)
    witnessed: set[tuple[UUID, int]] = field(default_factory=set)

    def take_key(self, sender_id: UUID, key: UUID, fingerprint: bytes, message: Message) -> None:
        """A key taken by this flush: a twin behind it in the same flush is a replay."""
        self.keys[(sender_id, key)] = KeyRow(fingerprint, message)


# One row of the log: user, position, kind, conversation, message, data (JSON).
EventRow = tuple[UUID, int, Kind, UUID | None, UUID | None, str | None]


@dataclass(slots=True)
class ReadMark:
    """Mark the reader's unread messages of a conversation up to a time."""

    conversation_id: UUID
    reader_id: UUID
    after: datetime
    up_to: datetime
    read_at: datetime
    shown: bool


@dataclass(slots=True)
class Writes:
    """What one flush writes, ready for the database: rows in their final state. `now` is the time of its events."""

    now: datetime
    messages: list[Message] = field(default_factory=list)
    links: list[tuple[UUID, UUID, UUID, UUID, str, datetime]] = field(default_factory=list)
    keys: list[tuple[UUID, UUID, bytes, UUID]] = field(default_factory=list)
    opened: list[ConversationRow] = field(default_factory=list)
    last_message: dict[UUID, Message] = field(default_factory=dict)
    participants: dict[tuple[UUID, UUID], tuple[int, datetime]] = field(default_factory=dict)
    reads: list[ReadMark] = field(default_factory=list)
    blocks_put: list[Block] = field(default_factory=list)
    blocks_gone: list[UUID] = field(default_factory=list)
    positions: dict[UUID, PositionRow] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """True when there is nothing to commit."""
        return not self.events

    def remove_block(self, block: Block) -> None:
        """Take a block away; one put by this very flush was never written."""
        if block in self.blocks_put:
            self.blocks_put.remove(block)
        else:
            self.blocks_gone.append(block.id)


class LedgerTransaction(Protocol):
    """One flush's transaction: lock, read facts, write, commit, each by ordered statements (design part 3)."""

    async def lock(self, conversation_ids: Collection[UUID]) -> tuple[dict[UUID, ConversationRow], set[UUID]]:
        """Lock conversations in id order; and the ids of those held elsewhere, skipped unless the transaction waits."""
        ...

    async def lock_users(self, user_ids: Collection[UUID]) -> dict[UUID, PositionRow]:
        """Lock position rows in user order; likewise."""
        ...

    async def facts(self, items: Sequence[Item], conversations: Mapping[UUID, ConversationRow]) -> Facts:
        """Read what the rules need for these items, by later statements."""
        ...

    async def write(self, writes: Writes) -> None:
        """Write the plan."""
        ...

    async def commit(self) -> None:
        """Commit; raises `TryAgain` when the connection is lost under way: the outcome is unknown then."""
        ...

    async def rollback(self) -> None:
        """Give everything back."""
        ...


class Ledger(Protocol):
    """Opens the pipeline's transactions."""

    async def begin(self, *, wait: bool) -> LedgerTransaction:
        """A transaction that skips locked rows, or waits for them up to the lock timeout (`LockHeld` then)."""
        ...


class LedgerError(Exception):
    """A flush failed in a way the pipeline knows how to meet."""


class BadItem(LedgerError):
    """SQLSTATE class 22 or 23: one of the items is at fault."""


class TryAgain(LedgerError):
    """Deadlock, serialisation failure or a lost connection: the same batch may run again."""


class LockHeld(LedgerError):
    """A waiting transaction met its lock timeout."""


class StoreAway(LedgerError):
    """The database refuses work: read-only, out of resources or shutting down."""


# -- what the log keeps -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Missed:
    """A page of the log, rendered as today's facts, each with this user's one notice. `upto` is the last position read."""

    facts: Sequence[Fact]
    upto: int


@dataclass(slots=True)
class Connect:
    """What a connecting socket needs, read in one statement for all that wait (design part 4)."""

    caller: Caller
    head: int
    partners: Sequence[UUID]
    last_seen_to: frozenset[UUID]


class EventLog(Protocol):
    """The per-user log of facts."""

    async def epoch(self) -> str:
        """The name of the log."""
        ...

    async def heads(self, user_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Head positions, 1,000 users per statement."""
        ...

    async def after(self, user_id: UUID, since: int, limit: int) -> Missed:
        """The facts after `since`, in order, as today's state; what may no longer be shown is left out."""
        ...

    async def count(self, user_id: UUID, since: int) -> tuple[int, int]:
        """(head, rows found above `since`, at most 5,001): what `resume` judges by."""
        ...

    async def prune(self, before: datetime) -> int:
        """Delete at most 5,000 facts older than `before`; how many went."""
        ...


# -- reads by noun ------------------------------------------------------------------------------------------------------


class ConversationStore(Protocol):
    """Conversations as one user sees them."""

    async def page(self, viewer: User, cursor: Cursor | None, limit: int) -> Page[Conversation]:
        """The viewer's list, newest first; hidden and deleted ones are out."""
        ...

    async def of_pair(self, viewer: User, other_id: UUID) -> Conversation | None:
        """The conversation with `other_id`, hidden or not."""
        ...

    async def get(self, viewer: User, conversation_id: UUID) -> Conversation:
        """One conversation; `NotFound`, `NotParticipant`."""
        ...

    async def unread(self, user_id: UUID) -> Unread:
        """The user's totals."""
        ...

    async def partners(self, user_id: UUID, limit: int) -> tuple[list[UUID], frozenset[UUID]]:
        """The most recent partners without a block in either direction, and those with whom last seen is shared."""
        ...

    async def may_signal(self, user_id: UUID, conversation_id: UUID) -> UUID | None:
        """The partner to whom typing goes, None across a block; `NotFound`, `NotParticipant`."""
        ...


class MessageStore(Protocol):
    """Messages as one participant sees them; all raise `NotFound`, `NotParticipant`."""

    async def page(
        self, viewer_id: UUID, conversation_id: UUID, *, before: Cursor | None, after: Cursor | None, limit: int
    ) -> Page[Message]:
        """History, newest first; with `after` the ones next above it (design part 5, Newer pages)."""
        ...

    async def get(self, viewer_id: UUID, message_id: UUID) -> Message:
        """One message."""
        ...

    async def context(self, viewer_id: UUID, message_id: UUID, before: int, after: int) -> Context:
        """A message with its neighbours."""
        ...

    async def links(self, viewer_id: UUID, conversation_id: UUID, cursor: Cursor | None, limit: int) -> Page[Link]:
        """The links gallery; `Forbidden` for who is blocked by the other (C-10)."""
        ...

    async def gallery(
        self, viewer_id: UUID, conversation_id: UUID, types: Sequence[MessageType], cursor: Cursor | None, limit: int
    ) -> Page[Message]:
        """Messages of these types, newest first; `Forbidden` as for links."""
        ...

    async def by_key(self, sender_id: UUID, key: UUID) -> KeyRow | None:
        """The message a send key names."""
        ...


class BlockStore(Protocol):
    """The block list."""

    async def page(self, blocker_id: UUID, cursor: Cursor | None, limit: int) -> Page[Block]:
        """Whom the user blocks, newest first."""
        ...

    async def status(self, user_id: UUID, other_id: UUID) -> BlockStatus:
        """Both directions."""
        ...


class UserStore(Protocol):
    """Users and the graph."""

    async def by_username(self, username: str) -> User | None:
        """A user by name, without case."""
        ...

    async def get(self, user_id: UUID) -> User | None:
        """A user by id."""
        ...

    async def search(self, prefix: str, limit: int, *, except_id: UUID) -> list[Profile]:
        """Active users whose username starts so; blocks of either direction are left out."""
        ...

    async def update(self, user_id: UUID, changes: Mapping[str, Any]) -> tuple[User, int, int]:
        """Change profile fields or settings; the user, the new position, the unread total."""
        ...

    async def follow(self, follower_id: UUID, followed_id: UUID) -> None:
        """Follow; again changes nothing."""
        ...

    async def unfollow(self, follower_id: UUID, followed_id: UUID) -> None:
        """Stop following; when not following changes nothing."""
        ...

    async def seen(self, user_ids: Sequence[UUID], at: datetime) -> None:
        """Write last_seen_at for users who went offline."""
        ...
