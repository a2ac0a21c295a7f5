"""The bodies of dialect A as the client reads them (DTOA, RA, RM, RK): camelCase on the wire, snake_case here. No I/O.

Unknown fields are ignored, so that a newer server stays readable. Times are aware datetimes in UTC; ids are strings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Wire(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What all bodies share."""


class UserShort(Wire, frozen=True, kw_only=True):
    """A user as another one sees them (DTOA-02); `last_seen` only where it may be known."""

    id: str
    username: str
    display_name: str = ""
    avatar: str = ""
    is_online: bool = False
    last_seen: datetime | None = None


class User(Wire, frozen=True, kw_only=True):
    """The caller's own profile and settings (design part 6)."""

    id: str
    username: str
    display_name: str = ""
    avatar: str = ""
    who_can_message: str = "everyone"
    send_read_receipts: bool = True
    show_last_seen: bool = True


class MessageShort(Wire, frozen=True, kw_only=True):
    """The preview in a conversation (DTOA-03)."""

    id: str
    sender_id: str
    content: str | None = None
    created_at: datetime
    is_read: bool = False
    type: str = "text"


class Media(Wire, frozen=True, kw_only=True):
    """A file of a message (DTOA-11): `type` is image, video, audio or file; `duration` is in seconds, `waveform` up to 100.

    `url` and `thumbnail_url` are paths of the server and want its token.
    """

    id: str
    type: str
    url: str
    filename: str
    original_filename: str = ""
    size: int
    mime_type: str
    uploaded_at: datetime
    thumbnail_url: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    waveform: tuple[int, ...] | None = None
    placeholder: str | None = None


class GalleryItem(Media, frozen=True, kw_only=True):
    """A file of a conversation, and the message that carries it (G-11)."""

    message_id: str
    sender_id: str
    created_at: datetime


class FileLink(Wire, frozen=True, kw_only=True):
    """Links to a file and its thumbnail that need no token until `expires_at`."""

    id: str
    url: str
    thumbnail_url: str | None = None
    expires_at: datetime


class FileLinks(Wire, frozen=True, kw_only=True):
    """`data` of signing links."""

    links: tuple[FileLink, ...] = ()


class Message(Wire, frozen=True, kw_only=True):
    """A message (DTOA-04). `status` is sent, delivered or read; `temp_id` is shown to its sender alone."""

    id: str
    conversation_id: str
    sender_id: str
    receiver_id: str = ""
    sender: UserShort | None = None
    type: str = "text"
    content: str | None = None
    media: tuple[Media, ...] = ()
    status: str = "sent"
    is_read: bool = False
    read_at: datetime | None = None
    temp_id: str | None = None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


class Conversation(Wire, frozen=True, kw_only=True):
    """A conversation as the caller's list shows it (DTOA-01)."""

    id: str
    other_user: UserShort
    last_message: MessageShort | None = None
    unread_count: int = 0
    updated_at: datetime
    is_blocked: bool = False


class Block(Wire, frozen=True, kw_only=True):
    """A block the caller put (DTOA-08)."""

    id: str
    blocked_user: UserShort
    created_at: datetime


class BlockStatus(Wire, frozen=True, kw_only=True):
    """Both directions between the caller and another user (DTOA-09)."""

    is_blocked: bool
    is_blocked_by: bool
    can_send_message: bool


class Link(Wire, frozen=True, kw_only=True):
    """A URL of a conversation (G-11)."""

    url: str
    message_id: str
    sender_id: str
    created_at: datetime


class ReadResult(Wire, frozen=True, kw_only=True):
    """How many messages were marked, and when; nothing marked: 0 and None (G-09)."""

    marked_count: int
    read_at: datetime | None = None


class UnreadTotals(Wire, frozen=True, kw_only=True):
    """The caller's total (G-09)."""

    total_unread: int


class Context(Wire, frozen=True, kw_only=True):
    """A message with its neighbours, newest first (RM-17, G-10)."""

    messages: tuple[Message, ...]
    target_message_id: str
    has_more_before: bool
    has_more_after: bool
    before_cursor: str | None = None
    after_cursor: str | None = None


class SignedIn(Wire, frozen=True, kw_only=True):
    """The answer to register, login and refresh; `expires_in` is the access token's life in seconds (design part 6)."""

    user: User
    access_token: str
    refresh_token: str
    expires_in: int


class CursorMeta(Wire, frozen=True, kw_only=True):
    """What stands beside every list (DTOA-10)."""

    has_more: bool
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that is stored; `replayed` when an earlier try with the same key had stored it."""

    message: Message
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `position` is the header `Duologue-Position`: the snapshot holds at least every fact up to it."""

    items: tuple[T, ...]
    has_more: bool
    next_cursor: str | None
    position: int | None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
