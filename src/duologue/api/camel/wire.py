"""Dialect A on the wire: its DTOs as pure structs. No rule, no I/O, no frame (frames.py).

DTOA-01 to DTOA-12 and design part 5, "Bodies, A". Field names are camelCase; a field that is UNSET is left out.
"""

from collections.abc import Sequence
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from duologue.api.json import encode as encode  # noqa: PLC0414  told on: the way every struct here goes out
from duologue.api.wire import (
    Audience,
    Count,
    FileType,
    Kind,
    Peaks,
    Preview,
    Status,
    TempId,
    Time,
    Url,
    file_fields,
    status_of,
    timestamp,
)
from duologue.core.model import Attachment, Block, BlockStatus, Conversation, Message, Profile, User

TEMP_ID = "tempId"  # its name here

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


class MediaDTO(Struct, rename="camel"):
    """A file of a message (DTOA-11, G-11). Both names are the cleaned original; URLs want a token, or a signed link (C-36, C-37)."""

    id: UUID
    type: FileType
    url: Url
    filename: str
    original_filename: str
    size: Count
    mime_type: str
    uploaded_at: Time
    thumbnail_url: Url | UnsetType = UNSET
    width: Count | UnsetType = UNSET
    height: Count | UnsetType = UNSET
    duration: float | UnsetType = UNSET
    waveform: Peaks | UnsetType = UNSET
    placeholder: str | UnsetType = UNSET

    @classmethod
    def of(cls, file: Attachment) -> "MediaDTO":
        """A file; what does not apply to it is left out."""
        return cls(*file_fields(file))


class MessageDTO(Struct, rename="camel"):
    """A message (DTOA-04, DTOA-11, design part 5). `media` is empty for text; `tempId` goes to its sender alone.

    `content` is empty of a deleted one, which a key may still name.
    """

    id: UUID
    conversation_id: UUID
    sender_id: UUID
    receiver_id: UUID
    type: Kind
    content: Preview | None
    media: Sequence[MediaDTO]
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
            [MediaDTO.of(file) for file in message.attachments] if message.attachments else (),
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
