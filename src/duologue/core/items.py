"""What enters the send pipeline: one item per wish to write a conversation, and what became of it.

An item is answered exactly once through `done`, on the event loop, after the commit that holds it or when it is refused.
`users` are the users whose position rows it needs; `group` is what must keep its order while it waits (design part 3).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from duologue.core.errors import ChatError
from duologue.core.events import Fact, Origin
from duologue.core.model import Block, Conversation, Message, MessageType


@dataclass(slots=True)
class Sent:
    """A send's answer; `replayed` when its key already named a message."""

    message: Message
    replayed: bool = False


@dataclass(slots=True)
class Marked:
    """A read's answer; nothing marked: count 0 and no time."""

    conversation_id: UUID
    count: int
    read_at: datetime | None
    unread_count: int
    total_unread: int


@dataclass(slots=True)
class Opened:
    """An opening's answer: the conversation's id, and whether this call made it; the view stands only then."""

    conversation_id: UUID
    created: bool
    conversation: Conversation | None = None


@dataclass(slots=True)
class BlockPut:
    """A block's answer; `changed` is False when it already stood."""

    block: Block
    changed: bool


@dataclass(slots=True)
class BlockGone:
    """An unblock's answer: the block that was taken away."""

    block: Block


@dataclass(slots=True)
class Delivered:
    """A delivery's answer: whether the mark moved."""

    moved: bool


@dataclass(slots=True)
class MessageGone:
    """A message's deletion: when it went."""

    conversation_id: UUID
    message_id: UUID
    deleted_at: datetime


@dataclass(slots=True)
class ConversationGone:
    """A conversation's deletion; `changed` is False when it was out of the list already."""

    conversation_id: UUID
    changed: bool


Answer = Sent | Marked | Delivered | Opened | BlockPut | BlockGone | MessageGone | ConversationGone
Done = Callable[[Any], None]


@dataclass(slots=True)
class Witness:
    """The first event row an attempt wrote; found again after a lost connection, it proves that the attempt committed."""

    user_id: UUID
    position: int
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Item:
    """What all items share. `skips` counts looks that found its locks held elsewhere, `skipped` is the last one that counted.

    `entered` and `skipped` are monotonic seconds.
    """

    user_id: UUID
    done: Done
    origin: Origin | None = None
    size: int = 200
    entered: float = 0.0
    skips: int = 0
    skipped: float = 0.0
    witness: Witness | None = None
    answer: Answer | None = None
    fact: Fact | None = None
    aside: Fact | None = None  # a second fact, published after the first

    @property
    def group(self) -> object:
        """What keeps its order: the conversation, or the pair."""
        raise NotImplementedError


@dataclass(slots=True, kw_only=True)
class ConversationItem(Item):
    """An item of an existing conversation."""

    conversation_id: UUID

    @property
    def group(self) -> object:
        """The conversation."""
        return self.conversation_id


@dataclass(slots=True, kw_only=True)
class Send(ConversationItem):
    """Send a message: text normalised, ids drawn. `links` are (id, url), `attachments` (id, place); `fingerprint` belongs to `key`."""

    message_id: UUID
    type: MessageType
    content: str | None
    temp_id: str | None = None
    key: UUID | None = None
    fingerprint: bytes = b""
    links: tuple[tuple[UUID, str], ...] = ()
    attachments: Sequence[tuple[UUID, UUID]] = ()
    sender_online: bool = True


@dataclass(slots=True, kw_only=True)
class Read(ConversationItem):
    """Mark as read: everything, or all up to and including `message_id`, or these messages `only` (C-28, C-29)."""

    message_id: UUID | None = None
    only: tuple[UUID, ...] = ()
    span: int = 0  # where its `UnreadSpan` stands in the facts


@dataclass(slots=True, kw_only=True)
class Deliver(ConversationItem):
    """Mark what was sent to `user_id` as delivered, up to a message (G-05)."""

    message_id: UUID
    up_to: datetime


@dataclass(slots=True, kw_only=True)
class DeleteMessage(ConversationItem):
    """Delete a message for both. `user_id` is its sender, who alone may (DEL-01); `deleted_by` who did, an operator is nobody."""

    message_id: UUID
    deleted_by: UUID | None


@dataclass(slots=True, kw_only=True)
class DeleteConversation(ConversationItem):
    """Take a conversation out of one's own list (RB-15)."""


@dataclass(slots=True, kw_only=True)
class PairItem(Item):
    """An item between two users, whether or not they have a conversation. `online` holds those of both who are."""

    other_id: UUID
    online: frozenset[UUID] = field(default_factory=frozenset)

    @property
    def group(self) -> object:
        """The pair, in order."""
        return self.pair

    @property
    def pair(self) -> tuple[UUID, UUID]:
        """Both users, the lower id first (CNV-02)."""
        return (self.user_id, self.other_id) if self.user_id < self.other_id else (self.other_id, self.user_id)


@dataclass(slots=True, kw_only=True)
class Open(PairItem):
    """Get or create the conversation of a pair (RA-12); `conversation_id` is its id if it must be made."""

    conversation_id: UUID


@dataclass(slots=True, kw_only=True)
class PutBlock(PairItem):
    """Block the other user (RK-01)."""

    block_id: UUID
    reason: str | None = None


@dataclass(slots=True, kw_only=True)
class RemoveBlock(PairItem):
    """Unblock the other user (RK-04)."""


Outcome = Answer | ChatError
