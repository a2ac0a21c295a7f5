"""What happened, in the past tense: durable facts with a position per user, and ephemeral events without one.

A fact is made by the pipeline after its commit, or read back from the log; a dialect turns it into frames. A `Notice` is
a fact's share for one user: position and absolute totals, never deltas (design part 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from duologue.core.model import Block, Conversation, Message, Profile, User


class Kind(IntEnum):
    """How the log names a fact: `user_events.kind`. Numbers are for ever."""

    MESSAGE_SENT = 1
    MESSAGES_READ = 2
    CONVERSATION_OPENED = 3
    BLOCKED = 4
    UNBLOCKED = 5
    SETTINGS_CHANGED = 6
    MESSAGES_DELIVERED = 7
    MESSAGE_DELETED = 8
    CONVERSATION_DELETED = 9
    USER_CHANGED = 10


@dataclass(slots=True)
class Notice:
    """A fact for one user. `position` is None in an answer that is no fact; `conversation` stands when it (re)appears in the list."""

    user_id: UUID
    position: int | None
    unread_count: int = 0
    total_unread: int = 0
    conversation: Conversation | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The socket command that caused a fact: its connection, and the client's `id` to echo (any JSON scalar)."""

    connection_id: UUID
    command_id: str | int | None = None


@dataclass(slots=True)
class MessageSent:
    """A message was stored. Notices: the sender's and the receiver's."""

    message: Message
    notices: Sequence[Notice]
    origin: Origin | None = None


@dataclass(slots=True)
class MessagesRead:
    """The reader marked messages: the newest 100 ids at most, `up_to` when all up to it were read (design part 5, Receipts).

    `reader_up_to` is the same as the reader sees it: what they deleted with the conversation is not there for them.
    """

    conversation_id: UUID
    reader_id: UUID
    message_ids: Sequence[UUID]
    count: int
    up_to: UUID | None
    read_at: datetime
    notices: Sequence[Notice]
    origin: Origin | None = None
    reader_up_to: UUID | None = None


@dataclass(slots=True)
class ConversationOpened:
    """A conversation came to be, empty; each notice carries it as that user's list shows it."""

    conversation_id: UUID
    notices: Sequence[Notice]
    origin: Origin | None = None


@dataclass(slots=True)
class BlockChanged:
    """A block was put (`added`) or taken away. The other user has a notice only if the pair has a conversation.

    `is_blocked` is the state after it, either direction; `hidden` says whether the conversation is out of the other's list.
    """

    block: Block
    added: bool
    conversation_id: UUID | None
    is_blocked: bool
    hidden: bool
    notices: Sequence[Notice]
    origin: Origin | None = None


@dataclass(slots=True)
class SettingsChanged:
    """A user changed profile or settings; told to their own devices."""

    user: User
    notices: Sequence[Notice]
    origin: Origin | None = None


@dataclass(slots=True)
class MessagesDelivered:
    """All messages to `receiver_id` up to `up_to` reached them; told to their sender alone (design part 1, Per-user state)."""

    conversation_id: UUID
    receiver_id: UUID
    up_to: UUID
    delivered_at: datetime
    notices: Sequence[Notice]
    origin: Origin | None = None


@dataclass(slots=True)
class MessageDeleted:
    """A message is gone for both (B-28). Its text is in no fact."""

    conversation_id: UUID
    message_id: UUID
    deleted_at: datetime
    notices: Sequence[Notice]
    origin: Origin | None = None


@dataclass(slots=True)
class ConversationDeleted:
    """A user took a conversation out of their own list, with its history so far; told to their own devices (G-20)."""

    conversation_id: UUID
    notices: Sequence[Notice]
    origin: Origin | None = None


@dataclass(slots=True)
class UserChanged:
    """A partner was erased, deactivated or reactivated: how they show from now on; one fact per conversation, to the other one."""

    conversation_id: UUID
    profile: Profile
    notices: Sequence[Notice]
    origin: Origin | None = None


Fact = (
    MessageSent
    | MessagesRead
    | MessagesDelivered
    | MessageDeleted
    | ConversationOpened
    | ConversationDeleted
    | BlockChanged
    | SettingsChanged
    | UserChanged
)


@dataclass(slots=True)
class TypingChanged:
    """A participant started or stopped typing; told to the other one."""

    conversation_id: UUID
    user_id: UUID
    to: UUID
    is_typing: bool


@dataclass(slots=True)
class PresenceChanged:
    """A user came online or went offline. `last_seen_to` are those of `to` who may also know when (show_last_seen, both ways)."""

    user_id: UUID
    is_online: bool
    at: datetime
    to: Sequence[UUID]
    last_seen_to: frozenset[UUID] = frozenset()


class EndReason(StrEnum):
    """Why sockets are closed from above."""

    SIGNED_OUT = "signed_out"
    DEACTIVATED = "deactivated"


@dataclass(slots=True)
class SessionsEnded:
    """A user's sockets must close: all of them, or those of one sign-in session."""

    user_id: UUID
    session_id: UUID | None
    reason: EndReason

    def concerns(self, session_id: UUID | None) -> bool:
        """Whether somebody of the user who signed in by this session, or by no session of ours, is meant."""
        return self.session_id is None or self.session_id == session_id


Event = Fact | TypingChanged | PresenceChanged | SessionsEnded
