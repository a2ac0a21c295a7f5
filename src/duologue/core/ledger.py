"""What a flush of the send pipeline reads and writes: locked rows, facts, the plan's rows, and the port to the database.

Plain values that the pipeline keeps current while it plans; storage/ledger.py fills and writes them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from duologue.core.attachments import Upload
from duologue.core.events import Kind
from duologue.core.items import Item
from duologue.core.model import Block, Message, User
from duologue.core.ports import KeyRow

LONG_AGO = datetime.fromtimestamp(0, UTC)  # before every message


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
    delivered_to: list[datetime] = field(default_factory=lambda: [LONG_AGO, LONG_AGO])
    deleted_to: list[datetime | None] = field(default_factory=lambda: [None, None])

    def side(self, user_id: UUID) -> int:
        """Which of the two lists' places is this participant's."""
        return 0 if user_id == self.users[0] else 1

    def other(self, user_id: UUID) -> UUID:
        """The other participant (WSC-37)."""
        return self.users[1] if user_id == self.users[0] else self.users[0]

    def is_deleted(self, side: int) -> bool:
        """This participant took it out of their list, and nothing was sent since (G-20)."""
        deleted_to = self.deleted_to[side]
        return deleted_to is not None and deleted_to >= self.updated_at

    def shows(self, side: int, at: datetime) -> bool:
        """A message of this time is in the history of this participant."""
        deleted_to = self.deleted_to[side]
        return deleted_to is None or at > deleted_to


@dataclass(slots=True)
class PositionRow:
    """A locked user: head position and unread total."""

    user_id: UUID
    head: int
    unread_total: int


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that is locked elsewhere: a conversation's, or a user's position."""

    id: UUID
    is_conversation: bool


@dataclass(slots=True)
class UnreadSpan:
    """What a read item would mark: how many, the newest ones with their times, newest first.

    The newest 100, and as many more as this flush's items name. `target_at` is None when its message is not there.
    """

    target_at: datetime | None
    count: int
    newest: list[tuple[UUID, datetime]]


@dataclass(slots=True)
class Facts:
    """Everything the rules need, read after the locks. `blocks` is keyed (blocker, blocked), `pairs` by ordered pair.

    `messages` and `uploads` are those that items name; `online` is asked only when a conversation may reappear in somebody's list.
    `arrived`: of a delivery, by its message, the newest received messages from there on backwards, with their times.
    """

    now: datetime
    conversations: dict[UUID, ConversationRow] = field(default_factory=dict)
    users: dict[UUID, User] = field(default_factory=dict)
    blocks: dict[tuple[UUID, UUID], Block] = field(default_factory=dict)
    follows: set[tuple[UUID, UUID]] = field(default_factory=set)
    keys: dict[tuple[UUID, UUID], KeyRow] = field(default_factory=dict)
    pairs: dict[tuple[UUID, UUID], ConversationRow] = field(default_factory=dict)
    last_messages: dict[UUID, Message] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    uploads: dict[UUID, Upload] = field(default_factory=dict)
    online: frozenset[UUID] = frozenset()
    spans: dict[int, UnreadSpan] = field(default_factory=dict)
    arrived: dict[UUID, list[tuple[UUID, datetime]]] = field(default_factory=dict)
    witnessed: set[tuple[UUID, int]] = field(default_factory=set)

    def take_key(self, sender_id: UUID, key: UUID, fingerprint: bytes, message: Message) -> None:
        """A key taken by this flush: a twin behind it in the same flush is a replay."""
        self.keys[(sender_id, key)] = KeyRow(fingerprint, message)


# A participant's state: unread count, read to, delivered to, deleted to.
Participation = tuple[int, datetime, datetime, datetime | None]
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
    attached: list[tuple[UUID, UUID, UUID, datetime, UUID]] = field(
        default_factory=list
    )  # its id, whereto, when, place
    keys: list[tuple[UUID, UUID, bytes, UUID]] = field(default_factory=list)
    opened: list[ConversationRow] = field(default_factory=list)
    last_message: dict[UUID, Message] = field(default_factory=dict)
    participants: dict[tuple[UUID, UUID], Participation] = field(default_factory=dict)
    reads: list[ReadMark] = field(default_factory=list)
    reads_of: list[tuple[UUID, datetime, bool]] = field(default_factory=list)  # message, read at, shown
    deleted: list[tuple[UUID, datetime, UUID | None]] = field(default_factory=list)  # message, when, by whom
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

    async def let_go(self) -> None:
        """Give everything back, to wait holding nothing; `wait_for` comes next."""
        ...

    async def wait_for(self, row: HeldRow) -> None:
        """Begin anew by waiting for this row, up to the lock timeout (`LockHeld` then)."""
        ...

    async def lock(self, conversation_ids: Collection[UUID]) -> tuple[dict[UUID, ConversationRow], set[UUID]]:
        """Lock conversations in id order, but what is held elsewhere; and the ids of those."""
        ...

    async def lock_users(self, user_ids: Collection[UUID]) -> dict[UUID, PositionRow]:
        """Lock position rows in user order; those held elsewhere are missing."""
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

    async def abandon(self) -> None:
        """Drop the connection, whatever it is doing; never waits for the database."""
        ...


class Ledger(Protocol):
    """Opens the pipeline's transactions."""

    async def begin(self) -> LedgerTransaction:
        """A transaction."""
        ...


class LedgerError(Exception):
    """A flush failed in a way the pipeline knows how to meet."""


class BadItem(LedgerError):
    """One of the items is at fault: SQLSTATE class 22 or 23, or a statement that took too long (57014)."""


class TryAgain(LedgerError):
    """Deadlock, serialisation failure or a lost connection: the same batch may run again."""


class LockHeld(LedgerError):
    """A waiting transaction met its lock timeout."""


class StoreAway(LedgerError):
    """The database refuses work: read-only, out of resources or shutting down."""
