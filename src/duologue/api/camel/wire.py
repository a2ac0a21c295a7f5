"""Dialect A on the wire: its DTOs as pure structs, times and cursors. No rule, no I/O, no frame (frames.py).

DTOA-01 to DTOA-12 and design part 5, "Bodies, A". Field names are camelCase; a field that is UNSET is left out.
"""

import base64
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct, UnsetType

from duologue.api.json import encode as encode  # noqa: PLC0414  told on: the way every struct here goes out
from duologue.api.wire import Audience, Count, Kind, Preview, Status, TempId, Text, Time, status_of, timestamp
from duologue.core.errors import ValidationFailed
from duologue.core.model import Block, BlockStatus, Conversation, Cursor, Message, Profile, User

INVALID_CURSOR = "Invalid cursor"  # ERR-01
TEMP_ID = "tempId"  # its name here

CursorField = Literal["created_at", "updated_at"]

_json = msgspec.json.Encoder()

# -- DTOs ---------------------------------------------------------------------------------------------------------------


class UserShortDTO(Struct, rename="camel"):
    """Another user (DTOA-02). Without a display name the username, without an avatar "" (G-45)."""

    id: UUID
    username: str
    display_name: str
    avatar: str
    is_online: bool
    last_seen: Time | UnsetType = UNSET

    @classmethod
    def of(cls, profile: Profile) -> "UserShortDTO":
        """A profile as it may be shown: presence was judged before."""
        seen = profile.last_seen_at
        return cls(
            profile.id,
            profile.username,
            profile.display_name or profile.username,
            profile.avatar_url or "",
            profile.is_online,
            UNSET if seen is None else timestamp(seen),
        )


class MeDTO(Struct, rename="camel"):
    """The caller's own profile and settings: the body of `/users/me` and of `settings.updated` (design parts 4 and 6)."""

    id: UUID
    username: str
    display_name: str
    avatar: str
    who_can_message: Audience
    send_read_receipts: bool
    show_last_seen: bool

    @classmethod
    def of(cls, user: User) -> "MeDTO":
        """The user as they see themselves."""
        return cls(
            user.id,
            user.username,
            user.display_name or user.username,
            user.avatar_url or "",
            user.who_can_message.value,
            user.send_read_receipts,
            user.show_last_seen,
        )


class MessageShortDTO(Struct, rename="camel"):
    """A message in a preview (DTOA-03, and `type`)."""

    id: UUID
    sender_id: UUID
    type: Kind
    content: Preview | None
    created_at: Time
    is_read: bool

    @classmethod
    def of(cls, message: Message, viewer_id: UUID) -> "MessageShortDTO":
        """A message as `viewer_id` may know it."""
        return cls(
            message.id,
            message.sender_id,
            message.type.value,
            message.content,
            timestamp(message.created_at),
            message.read_at_for(viewer_id) is not None,
        )


class MessageDTO(Struct, rename="camel"):
    """A message (DTOA-04, DTOA-11, design part 5). `media` is empty for text; `tempId` goes to its sender alone."""

    id: UUID
    conversation_id: UUID
    sender_id: UUID
    receiver_id: UUID
    type: Kind
    content: Text | None
    media: tuple[object, ...]
    status: Status
    is_read: bool
    created_at: Time
    updated_at: Time
    sender: UserShortDTO | UnsetType = UNSET
    temp_id: TempId | UnsetType = UNSET
    read_at: Time | UnsetType = UNSET
    deleted_at: Time | UnsetType = UNSET

    @classmethod
    def of(cls, message: Message, viewer_id: UUID) -> "MessageDTO":
        """A message as `viewer_id` may know it."""
        read_at, sender, deleted_at = message.read_at_for(viewer_id), message.sender, message.deleted_at
        created_at = timestamp(message.created_at)
        return cls(
            message.id,
            message.conversation_id,
            message.sender_id,
            message.receiver_id,
            message.type.value,
            message.content,
            (),
            status_of(message, viewer_id),
            read_at is not None,
            created_at,
            created_at if message.updated_at == message.created_at else timestamp(message.updated_at),
            UNSET if sender is None else UserShortDTO.of(sender),
            UNSET if message.temp_id is None or viewer_id != message.sender_id else message.temp_id,
            UNSET if read_at is None else timestamp(read_at),
            UNSET if deleted_at is None else timestamp(deleted_at),
        )


class ConversationDTO(Struct, rename="camel"):
    """A conversation as the viewer's list shows it (DTOA-01)."""

    id: UUID
    other_user: UserShortDTO
    last_message: MessageShortDTO | None
    unread_count: Count
    updated_at: Time
    is_blocked: bool

    @classmethod
    def of(cls, conversation: Conversation, viewer_id: UUID) -> "ConversationDTO":
        """A conversation for `viewer_id`."""
        last = conversation.last_message
        return cls(
            conversation.id,
            UserShortDTO.of(conversation.other),
            None if last is None else MessageShortDTO.of(last, viewer_id),
            conversation.unread_count,
            timestamp(conversation.updated_at),
            conversation.is_blocked,
        )


class BlockDTO(Struct, rename="camel"):
    """A block, for the blocker (DTOA-08)."""

    id: UUID
    blocked_user: UserShortDTO
    created_at: Time

    @classmethod
    def of(cls, block: Block) -> "BlockDTO":
        """A block."""
        return cls(block.id, UserShortDTO.of(block.blocked), timestamp(block.created_at))


class BlockStatusDTO(Struct, rename="camel"):
    """Both directions between two users (DTOA-09)."""

    is_blocked: bool
    is_blocked_by: bool
    can_send_message: bool

    @classmethod
    def of(cls, status: BlockStatus) -> "BlockStatusDTO":
        """The status for the caller."""
        return cls(status.is_blocked, status.is_blocked_by, status.can_send_message)


class CursorMeta(Struct, rename="camel"):
    """Where a list goes on (DTOA-10); no `nextCursor` on the last page (PAG-11)."""

    has_more: bool
    next_cursor: str | UnsetType = UNSET


# -- cursors ------------------------------------------------------------------------------------------------------------

_Time = Annotated[datetime, msgspec.Meta(tz=True)]


class _CreatedCursor(Struct):
    created_at: _Time
    id: UUID


class _UpdatedCursor(Struct):
    updated_at: _Time
    id: UUID


_created = msgspec.json.Decoder(_CreatedCursor)
_updated = msgspec.json.Decoder(_UpdatedCursor)


def encode_cursor(cursor: Cursor, field: CursorField) -> str:
    """Standard base64 of `{"created_at" | "updated_at": ..., "id": ...}`, only the field that matters (PAG-02 to 04, B-20)."""
    body = _json.encode({field: timestamp(cursor.at), "id": cursor.id})
    return base64.b64encode(body).decode("ascii")


def decode_cursor(text: str | None, field: CursorField) -> Cursor | None:
    """The place a cursor names; none or empty is the beginning (PAG-05). Either alphabet, padded or not, a space as `+` (B-22).

    Raises `ValidationFailed("Invalid cursor")` for anything else, a cursor of the other kind of list included (B-21).
    """
    if not text:
        return None
    try:
        body = _unbase64(text)
        if field == "created_at":
            created = _created.decode(body)
            return Cursor(created.created_at.astimezone(UTC), created.id)
        updated = _updated.decode(body)
        return Cursor(updated.updated_at.astimezone(UTC), updated.id)
    except (ValueError, OverflowError, RecursionError) as error:  # msgspec's and base64's errors are ValueErrors
        raise ValidationFailed(INVALID_CURSOR) from error


def _unbase64(text: str) -> bytes:
    plain = text.translate(_ALPHABET).rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


_ALPHABET = str.maketrans(" -_", "++/")
