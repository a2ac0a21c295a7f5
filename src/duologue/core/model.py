"""The nouns of the product as plain values: users, conversations, messages, blocks, pages. No behaviour, no I/O.

Times are timezone-aware UTC datetimes with microseconds; ids are UUIDs. Values are never changed after they were made;
the ones made per message are not `frozen` only because that would double the cost of making them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

T = TypeVar("T")


class WhoCanMessage(StrEnum):
    """Who may start a conversation with a user (PRV-01)."""

    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    NONE = "none"


class UserState(StrEnum):
    """Whether a user takes part; only `active` ones sign in, send and are written to."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    ERASED = "erased"


class MessageType(StrEnum):
    """What a message holds (DTOA-11, C-14)."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    FILE = "file"


class FileKind(StrEnum):
    """What an attachment is to who looks at it; the `type` of its metadata."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"


class Gallery(StrEnum):
    """What a conversation holds beside text (RM-18 to RM-20): images and videos, URLs, all other files."""

    MEDIA = "media"
    LINKS = "links"
    FILES = "files"


@dataclass(slots=True)
class Attachment:
    """A file that a message carries, as both of its users see it (RN-27). Keys are the ends of the unsigned URLs (C-36).

    Attributes:
        name: the cleaned original name (FST-13).
        size: bytes as stored.
        duration: seconds.
        waveform: 64 peaks from 0 to 100.
        placeholder: a BlurHash.
    """

    id: UUID
    kind: FileKind
    name: str
    media_type: str
    size: int
    key: str
    uploaded_at: datetime
    thumbnail_key: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    waveform: tuple[int, ...] | None = None
    placeholder: str | None = None


@dataclass(slots=True)
class User:
    """A user's profile and settings. `display_name` and `avatar_url` may be unset (G-45)."""

    id: UUID
    username: str
    display_name: str | None = None
    avatar_url: str | None = None
    who_can_message: WhoCanMessage = WhoCanMessage.EVERYONE
    send_read_receipts: bool = True
    show_last_seen: bool = True
    last_seen_at: datetime | None = None
    state: UserState = UserState.ACTIVE


@dataclass(slots=True)
class Profile:
    """A user as another one sees them: `is_online` and `last_seen_at` obey blocks and switches (C-09, PRS-11).

    `shows_presence` is False across a block; then neither is ever set.
    """

    id: UUID
    username: str
    display_name: str | None
    avatar_url: str | None
    is_online: bool = False
    last_seen_at: datetime | None = None
    shows_presence: bool = True


@dataclass(slots=True)
class Message:
    """One message. `read_shown` says whether its sender may learn that it was read (design part 1, Per-user state)."""

    id: UUID
    conversation_id: UUID
    sender_id: UUID
    receiver_id: UUID
    type: MessageType
    content: str | None
    created_at: datetime
    updated_at: datetime
    temp_id: str | None = None
    read_at: datetime | None = None
    read_shown: bool = False
    delivered: bool = False
    deleted_at: datetime | None = None
    sender: Profile | None = None
    attachments: Sequence[Attachment] = ()

    def read_at_for(self, viewer_id: UUID) -> datetime | None:
        """When it was read, as `viewer_id` may know it: the reader always, the sender only if it was shown."""
        return self.read_at if viewer_id == self.receiver_id or self.read_shown else None


@dataclass(slots=True)
class Conversation:
    """A conversation as one user's list shows it (DTOA-01, C-09)."""

    id: UUID
    other: Profile
    last_message: Message | None
    unread_count: int
    created_at: datetime
    updated_at: datetime
    is_blocked: bool = False
    hidden: bool = False


@dataclass(slots=True)
class Block:
    """`blocker_id` blocks `blocked` (C-11). One-way: the reverse is another block."""

    id: UUID
    blocker_id: UUID
    blocked: Profile
    created_at: datetime
    reason: str | None = None


@dataclass(slots=True)
class BlockStatus:
    """Both directions between a user and another (DTOA-09)."""

    is_blocked: bool
    is_blocked_by: bool

    @property
    def can_send_message(self) -> bool:
        """False while either direction stands (BLK-16)."""
        return not (self.is_blocked or self.is_blocked_by)


@dataclass(slots=True)
class Link:
    """A URL found in a message when it was written (RM-19, G-11)."""

    id: UUID
    url: str
    message_id: UUID
    sender_id: UUID
    created_at: datetime


@dataclass(slots=True)
class Shared:
    """An attachment as a gallery shows it, with the message that carries it (G-11). `place` orders those of one message."""

    attachment: Attachment
    place: UUID
    message_id: UUID
    sender_id: UUID
    created_at: datetime


@dataclass(slots=True)
class Unread:
    """A user's totals (UNR-01, UNR-18); hidden and deleted conversations do not count (G-22)."""

    total: int
    conversations: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list that is ordered by time, then id, newest first (PAG-08)."""

    at: datetime
    id: UUID


@dataclass(slots=True)
class Page(Generic[T]):
    """One page of a list; `next` is the cursor of its last item when more follow."""

    items: Sequence[T]
    has_more: bool = False
    next: Cursor | None = None


@dataclass(slots=True)
class Inbox:
    """A numbered page of the list: how many there are of its kind, and what the user has unread in all (RB-10, G-23)."""

    items: Sequence[Conversation]
    total: int
    total_unread: int


@dataclass(slots=True)
class Reach:
    """What stands between a user and somebody they would write to (PRV-05)."""

    other: User
    is_blocking: bool
    is_blocked_by: bool
    follows: bool
    has_messages: bool


@dataclass(slots=True)
class Context:
    """A message with its neighbours, newest first (RM-17, G-10)."""

    messages: Sequence[Message]
    target_id: UUID
    has_more_before: bool
    has_more_after: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an active user, their settings and, stand-alone, their session. `head` was read with the user (design part 4).

    `charges`, where the transport wants to know, takes what each limit answered while this was served: limit's name -> `Charge`.
    """

    user: User
    head: int
    session_id: UUID | None = None
    expires_at: float | None = None
    unread_total: int = 0
    charges: dict[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def id(self) -> UUID:
        """The user's id."""
        return self.user.id
