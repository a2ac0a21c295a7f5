"""Dialect B on the wire: conversations, messages, users and blocks as pure structs. No rule, no I/O, no frame.

RB, RN and design part 5. Field names are snake_case; unlike dialect A, what is not there is null. Names as RN-26 has them.
"""

from collections.abc import Sequence
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from duologue.api.wire import (
    Audience,
    Count,
    FileRef,
    FileType,
    Kind,
    Peaks,
    Preview,
    Status,
    TempId,
    Text,
    Time,
    Url,
    file_fields,
    named_files,
    status_of,
    timestamp,
)
from duologue.core.errors import ValidationFailed
from duologue.core.files import MAX_FILES, TOO_MANY
from duologue.core.model import Attachment, Block, Conversation, Message, Profile, User

TEMP_ID = "temp_id"  # its name here
SEND_LIMIT = "send_message_b"  # of REST and socket together (C-30)


def files_of(attachments: Sequence[FileRef] | None) -> tuple[UUID, ...]:
    """The files of a message: at most five of any kind (VAL-06, C-33)."""
    if attachments and len(attachments) > MAX_FILES:
        raise ValidationFailed(TOO_MANY, details={"field": "attachments"})
    return named_files(attachments)


class UserResponse(Struct):
    """Another user (RB-04). Without a display name the username, without an avatar null (G-45)."""

    id: UUID
    username: str
    full_name: str
    avatar_url: str | None

    @classmethod
    def of(cls, profile: Profile) -> "UserResponse":
        """A profile without presence."""
        return cls(profile.id, profile.username, profile.display_name or profile.username, profile.avatar_url)


class ParticipantResponse(Struct):
    """The other participant, with presence as it may be shown (RB-14); a hidden last seen is null."""

    id: UUID
    username: str
    full_name: str
    avatar_url: str | None
    is_online: bool
    last_seen: Time | None

    @classmethod
    def of(cls, profile: Profile) -> "ParticipantResponse":
        """A profile as it may be shown: presence was judged before."""
        seen = profile.last_seen_at
        return cls(
            profile.id,
            profile.username,
            profile.display_name or profile.username,
            profile.avatar_url,
            profile.is_online,
            None if seen is None else timestamp(seen),
        )


class MeResponse(Struct):
    """The caller's own profile and settings: the body of `settings_updated` (design part 4)."""

    id: UUID
    username: str
    full_name: str
    avatar_url: str | None
    who_can_message: Audience
    send_read_receipts: bool
    show_last_seen: bool

    @classmethod
    def of(cls, user: User) -> "MeResponse":
        """The user as they see themselves."""
        return cls(
            user.id,
            user.username,
            user.display_name or user.username,
            user.avatar_url,
            user.who_can_message.value,
            user.send_read_receipts,
            user.show_last_seen,
        )


class LastMessageResponse(Struct):
    """A message in a preview (RB-09); the text of a deleted one is null (B-29)."""

    id: UUID
    content: Preview | None
    sender_id: UUID
    message_type: Kind
    is_read: bool
    created_at: Time

    @classmethod
    def of(cls, message: Message, viewer_id: UUID) -> "LastMessageResponse":
        """A message as `viewer_id` may know it."""
        return cls(
            message.id,
            None if message.deleted_at is not None else message.content,
            message.sender_id,
            message.type.value,
            message.read_at_for(viewer_id) is not None,
            timestamp(message.created_at),
        )


class AttachmentResponse(Struct):
    """A file of a message (RN-27, FST-18, FST-19). Both names are the cleaned original; URLs want a token, or a signed link (C-36)."""

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
    def of(cls, file: Attachment) -> "AttachmentResponse":
        """A file; what does not apply to it is left out."""
        return cls(*file_fields(file))


class MessageResponse(Struct):
    """A message (RN-05, RN-11, design part 5). `attachments` is null for text; `temp_id` goes to its sender alone."""

    id: UUID
    conversation_id: UUID
    sender_id: UUID
    receiver_id: UUID
    sender: UserResponse | None
    message_type: Kind
    content: Text | None
    attachments: Sequence[AttachmentResponse] | None
    status: Status
    is_read: bool
    read_at: Time | None
    temp_id: TempId | None
    created_at: Time
    updated_at: Time
    deleted_at: Time | None

    @classmethod
    def of(cls, message: Message, viewer_id: UUID) -> "MessageResponse":
        """A message as `viewer_id` may know it."""
        read_at, sender, deleted_at = message.read_at_for(viewer_id), message.sender, message.deleted_at
        created_at = timestamp(message.created_at)
        return cls(
            message.id,
            message.conversation_id,
            message.sender_id,
            message.receiver_id,
            None if sender is None else UserResponse.of(sender),
            message.type.value,
            None if deleted_at is not None else message.content,
            [AttachmentResponse.of(file) for file in message.attachments] if message.attachments else None,
            status_of(message, viewer_id),
            read_at is not None,
            None if read_at is None else timestamp(read_at),
            message.temp_id if viewer_id == message.sender_id else None,
            created_at,
            created_at if message.updated_at == message.created_at else timestamp(message.updated_at),
            None if deleted_at is None else timestamp(deleted_at),
        )


class ConversationResponse(Struct):
    """A conversation as the viewer's inbox shows it (RB-04, RB-09, RB-14)."""

    id: UUID
    participant: ParticipantResponse
    last_message: LastMessageResponse | None
    unread_count: Count
    is_blocked: bool
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, conversation: Conversation, viewer_id: UUID) -> "ConversationResponse":
        """A conversation for `viewer_id`."""
        last = conversation.last_message
        return cls(
            conversation.id,
            ParticipantResponse.of(conversation.other),
            None if last is None else LastMessageResponse.of(last, viewer_id),
            conversation.unread_count,
            conversation.is_blocked,
            timestamp(conversation.created_at),
            timestamp(conversation.updated_at),
        )


class BlockedUserResponse(Struct):
    """Whom the caller blocks, since when (RN-20), and the reason they noted."""

    id: UUID
    username: str
    full_name: str
    blocked_at: Time
    reason: str | None

    @classmethod
    def of(cls, block: Block) -> "BlockedUserResponse":
        """A block, for the blocker."""
        user = block.blocked
        return cls(
            user.id, user.username, user.display_name or user.username, timestamp(block.created_at), block.reason
        )
