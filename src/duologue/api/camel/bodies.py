"""What REST of dialect A takes and answers: requests, and the `data` of each list (PATH-10, PATH-11, design part 5).

Parts that other places show too (a message, a conversation, a block) are in wire.py.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeVar
from uuid import UUID

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from duologue.api.camel.wire import (
    BlockDTO,
    ConversationDTO,
    CursorMeta,
    MediaDTO,
    MessageDTO,
)
from duologue.api.cursors import CursorField, encode_cursor
from duologue.api.files import FileLink
from duologue.api.wire import Count, FileRef, SentAs, TempId, Text, Time, Url, file_fields, timestamp
from duologue.core.items import ConversationGone, MessageGone
from duologue.core.model import Attachment, Context, Cursor, Link, Message, Page, Shared
from duologue.core.users import MAX_AVATAR_URL, MAX_DISPLAY_NAME, MAX_USERNAME

T = TypeVar("T")
Name = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": MAX_USERNAME})]
DisplayName = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": MAX_DISPLAY_NAME})]
Avatar = Annotated[str, Meta(extra_json_schema={"maxLength": MAX_AVATAR_URL})]
# A socket frame as bytes; asyncapi.py describes them one by one.
Fact = Annotated[
    Raw,
    Meta(
        extra_json_schema={
            "type": "object",
            "description": "A fact's first frame, as sockets get it: see `/asyncapi.json`",
            "properties": {
                "type": {"type": "string"},
                "payload": {"type": "object"},
                "position": {"type": "integer", "minimum": 1},
            },
            "required": ["type", "payload", "position"],
        }
    ),
]

# -- requests -----------------------------------------------------------------------------------------------------------


class SendBody(Struct, rename="camel"):
    """A message to send (DTOA-05, RM-06): 1 to 10,000 characters, which media may lack. A UUID as `tempId` names the send for ever."""

    NEEDED: ClassVar = ("content", "media")  # judged by the rules of sending

    content: Text | None = None
    type: SentAs = "text"
    media: Sequence[FileRef] | None = None
    temp_id: TempId | None = None


class ReadBody(Struct, rename="camel"):
    """What to mark as read (DTOA-06): all, or all up to this message."""

    message_id: UUID | None = None


class BlockBody(Struct, rename="camel"):
    """Whom to block (DTOA-07)."""

    username: Name


# -- answers ------------------------------------------------------------------------------------------------------------


class ConversationList(Struct):
    """`data` of the conversation list (RA-07)."""

    conversations: Sequence[ConversationDTO]
    meta: CursorMeta


class MessageList(Struct):
    """`data` of a history."""

    messages: Sequence[MessageDTO]
    meta: CursorMeta


class BlockList(Struct):
    """`data` of the block list (RK-05)."""

    blocks: Sequence[BlockDTO]
    meta: CursorMeta


class UploadDTO(Struct, rename="camel"):
    """What a resumable upload has become; nothing as long as it is not finished."""

    media: Sequence[MediaDTO]

    @classmethod
    def of(cls, files: Sequence[Attachment]) -> "UploadDTO":
        """None, or one."""
        return cls([MediaDTO.of(file) for file in files])


class FileLinkDTO(Struct, rename="camel"):
    """A file's address without a token, for the caller alone until `expiresAt`; `thumbnailUrl` if it has one."""

    id: UUID
    url: Url
    expires_at: Time
    thumbnail_url: Url | UnsetType = UNSET

    @classmethod
    def of(cls, link: FileLink) -> "FileLinkDTO":
        """A link."""
        thumbnail = UNSET if link.thumbnail_url is None else link.thumbnail_url
        return cls(link.id, link.url, timestamp(link.expires_at), thumbnail)


class FileLinkList(Struct):
    """`data` of signed links: of what the caller may not see there is none."""

    links: Sequence[FileLinkDTO]


class LinkDTO(Struct, rename="camel"):
    """A URL of a conversation (G-11)."""

    url: str
    message_id: UUID
    sender_id: UUID
    created_at: Time

    @classmethod
    def of(cls, link: Link) -> "LinkDTO":
        """A link."""
        return cls(link.url, link.message_id, link.sender_id, timestamp(link.created_at))


class LinkList(Struct):
    """`data` of the links gallery."""

    links: Sequence[LinkDTO]
    meta: CursorMeta


class GalleryItemDTO(MediaDTO, rename="camel", kw_only=True):
    """A file of a gallery, and the message that carries it (G-11)."""

    message_id: UUID
    sender_id: UUID
    created_at: Time

    @classmethod
    def of_shared(cls, item: Shared) -> "GalleryItemDTO":
        """A file as its messages show it, with one of them."""
        return cls(
            *file_fields(item.attachment),
            message_id=item.message_id,
            sender_id=item.sender_id,
            created_at=timestamp(item.created_at),
        )


class MediaList(Struct):
    """`data` of the media gallery: images and videos."""

    media: Sequence[GalleryItemDTO]
    meta: CursorMeta


class FileList(Struct):
    """`data` of the files gallery."""

    files: Sequence[GalleryItemDTO]
    meta: CursorMeta


class UnreadDTO(Struct, rename="camel"):
    """The caller's total, under its three names (G-09)."""

    unread_count: Count
    count: Count
    total_unread: Count


class ReadDTO(Struct, rename="camel"):
    """What a read marked; nothing: 0 and null (G-09)."""

    marked_count: Count
    read_at: Time | None

    @classmethod
    def of(cls, count: int, read_at: datetime | None) -> "ReadDTO":
        """A read's answer."""
        return cls(count, None if read_at is None else timestamp(read_at))


class DeletedMessageDTO(Struct, rename="camel"):
    """A message that is gone."""

    conversation_id: UUID
    message_id: UUID
    deleted_at: Time

    @classmethod
    def of(cls, gone: MessageGone) -> "DeletedMessageDTO":
        """A deletion's answer."""
        return cls(gone.conversation_id, gone.message_id, timestamp(gone.deleted_at))


class DeletedConversationDTO(Struct, rename="camel"):
    """A conversation that is out of the caller's list."""

    conversation_id: UUID

    @classmethod
    def of(cls, gone: ConversationGone) -> "DeletedConversationDTO":
        """A deletion's answer."""
        return cls(gone.conversation_id)


class ContextDTO(Struct, rename="camel"):
    """A message with its neighbours, newest first, and where to go on in either direction (G-10)."""

    messages: Sequence[MessageDTO]
    target_message_id: UUID
    has_more_before: bool
    has_more_after: bool
    before_cursor: str | UnsetType = UNSET
    after_cursor: str | UnsetType = UNSET

    @classmethod
    def of(cls, context: Context, viewer_id: UUID) -> "ContextDTO":
        """A context as `viewer_id` may see it; a cursor stands only where there is more."""
        newest, oldest = context.messages[0], context.messages[-1]
        return cls(
            [MessageDTO.of(message, viewer_id) for message in context.messages],
            context.target_id,
            context.has_more_before,
            context.has_more_after,
            _cursor(oldest) if context.has_more_before else UNSET,
            _cursor(newest) if context.has_more_after else UNSET,
        )


class EventList(Struct, rename="camel"):
    """Facts as whole socket frames, and where to go on (design part 4, Without a socket)."""

    events: Sequence[Fact]
    position: Count
    epoch: str
    has_more: bool


class EventReset(Struct):
    """In place of events when catching up is not possible: take a snapshot, go on from `position`."""

    reset: Literal[True]
    reason: Literal["expired", "too_far", "ahead", "epoch"]
    position: Count
    epoch: str


# -- parts --------------------------------------------------------------------------------------------------------------


def meta_of(page: Page[T], field: CursorField) -> CursorMeta:
    """Where the list goes on."""
    return CursorMeta(page.has_more, UNSET if page.next is None else encode_cursor(page.next, field))


def _cursor(message: Message) -> str:
    return encode_cursor(Cursor(message.created_at, message.id), "created_at")
