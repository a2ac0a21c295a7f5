"""What REST of dialect B takes and answers: requests, and the `data` of each answer (RB, RN, design part 5). Names as RN-25 and RN-26.

Parts that other places show too (a message, a conversation, a block) are in wire.py.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from duologue.api.cursors import encode_cursor
from duologue.api.files import FileLink
from duologue.api.snake.wire import AttachmentResponse, BlockedUserResponse, ConversationResponse, MessageResponse
from duologue.api.wire import Count, FileRef, SentAs, TempId, Text, Time, Url, timestamp
from duologue.core.blocks import MAX_REASON
from duologue.core.items import ConversationGone, MessageGone
from duologue.core.model import Attachment, Block, Caller, Inbox, Message, Page, Unread

Reason = Annotated[str, Meta(extra_json_schema={"maxLength": MAX_REASON})]
# A socket frame as bytes; asyncapi.py describes them one by one.
Fact = Annotated[
    Raw,
    Meta(
        extra_json_schema={
            "type": "object",
            "description": "A fact's first frame, as sockets get it: see `/asyncapi.json`",
            "properties": {
                "type": {"type": "string"},
                "data": {"type": "object"},
                "position": {"type": "integer", "minimum": 1},
            },
            "required": ["type", "data", "position"],
        }
    ),
]

# -- requests -----------------------------------------------------------------------------------------------------------


class CreateConversationRequest(Struct):
    """With whom (RB-02)."""

    recipient_id: UUID


class SendMessageRequest(Struct):
    """A message to send (RN-02 to RN-04): 1 to 10,000 characters, which files may lack. A UUID as `temp_id` names the send for ever."""

    NEEDED: ClassVar = ("content", "attachments")  # judged by the rules of sending

    content: Text | None = None
    message_type: SentAs = "text"
    attachments: Sequence[FileRef] | None = None
    temp_id: TempId | None = None


class BlockUserRequest(Struct):
    """Why (RN-18); shown to nobody but the caller."""

    reason: Reason | None = None


# -- answers ------------------------------------------------------------------------------------------------------------


class UploadResponse(Struct):
    """`data` of an upload."""

    attachments: Sequence[AttachmentResponse]

    @classmethod
    def of(cls, files: Sequence[Attachment]) -> "UploadResponse":
        """What files have become; none of a resumable upload that is not finished."""
        return cls([AttachmentResponse.of(file) for file in files])


class FileLinkResponse(Struct):
    """A file's address without a token, for the caller alone until `expires_at`; `thumbnail_url` if it has one."""

    id: UUID
    url: Url
    expires_at: Time
    thumbnail_url: Url | UnsetType = UNSET

    @classmethod
    def of(cls, link: FileLink) -> "FileLinkResponse":
        """A link."""
        thumbnail = UNSET if link.thumbnail_url is None else link.thumbnail_url
        return cls(link.id, link.url, timestamp(link.expires_at), thumbnail)


class FileLinksResponse(Struct):
    """`data` of signed links: of what the caller may not see there is none."""

    links: Sequence[FileLinkResponse]


class ConversationPagination(Struct):
    """Which page of how many, and what is unread in all (RB-10); totals are those of the filtered list (G-23)."""

    page: int
    limit: int
    total: Count
    total_pages: Count
    total_unread: Count


class ConversationListResponse(Struct):
    """`data` of the inbox."""

    conversations: Sequence[ConversationResponse]
    pagination: ConversationPagination

    @classmethod
    def of(cls, inbox: Inbox, caller: Caller, page: int, limit: int) -> "ConversationListResponse":
        """A page of the caller's inbox."""
        found = [ConversationResponse.of(conversation, caller.id) for conversation in inbox.items]
        pages = -(-inbox.total // limit)
        return cls(found, ConversationPagination(page, limit, inbox.total, pages, inbox.total_unread))


class MessagePagination(Struct):
    """Where a history goes on (RN-12): `next_cursor` is a message's id, to be sent as `before_id` or `after_id`."""

    page: int
    limit: int
    has_more: bool
    next_cursor: UUID | None


class MessageListResponse(Struct):
    """`data` of a history, newest first."""

    messages: Sequence[MessageResponse]
    pagination: MessagePagination

    @classmethod
    def of(cls, found: Page[Message], caller: Caller, page: int, limit: int) -> "MessageListResponse":
        """A page as the caller may see it."""
        messages = [MessageResponse.of(message, caller.id) for message in found.items]
        following = None if found.next is None else found.next.id
        return cls(messages, MessagePagination(page, limit, found.has_more, following))


class UnreadCountResponse(Struct):
    """The caller's totals (RN-17)."""

    total_unread: Count
    unread_conversations: Count

    @classmethod
    def of(cls, unread: Unread) -> "UnreadCountResponse":
        """Totals."""
        return cls(unread.total, unread.conversations)


class MarkReadResponse(Struct):
    """What a read marked; nothing: 0 and null (G-09)."""

    marked_count: Count
    read_at: Time | None

    @classmethod
    def of(cls, count: int, read_at: datetime | None) -> "MarkReadResponse":
        """A read's answer."""
        return cls(count, None if read_at is None else timestamp(read_at))


class DeletedMessageResponse(Struct):
    """A message that is gone."""

    conversation_id: UUID
    message_id: UUID
    deleted_at: Time

    @classmethod
    def of(cls, gone: MessageGone) -> "DeletedMessageResponse":
        """A deletion's answer."""
        return cls(gone.conversation_id, gone.message_id, timestamp(gone.deleted_at))


class DeletedConversationResponse(Struct):
    """A conversation that is out of the caller's inbox."""

    conversation_id: UUID

    @classmethod
    def of(cls, gone: ConversationGone) -> "DeletedConversationResponse":
        """A deletion's answer."""
        return cls(gone.conversation_id)


class CanMessageResponse(Struct):
    """Whether the caller can write to a user; if not, why (RN-21)."""

    can_message: bool
    reason: str | None


class BlockedUserPagination(Struct):
    """Where the list of blocked users goes on; null: nowhere."""

    limit: int
    has_more: bool
    next_cursor: str | None


class BlockedUserListResponse(Struct):
    """`data` of the list of blocked users, the last one first (RN-20)."""

    blocked_users: Sequence[BlockedUserResponse]
    pagination: BlockedUserPagination

    @classmethod
    def of(cls, found: Page[Block], limit: int) -> "BlockedUserListResponse":
        """A page of the caller's blocks."""
        following = None if found.next is None else encode_cursor(found.next, "created_at")
        pagination = BlockedUserPagination(limit, found.has_more, following)
        return cls([BlockedUserResponse.of(block) for block in found.items], pagination)


class EventListResponse(Struct):
    """Facts as whole socket frames, and where to go on (design part 4, Without a socket)."""

    events: Sequence[Fact]
    position: Count
    epoch: str
    has_more: bool


class EventResetResponse(Struct):
    """In place of events when catching up is not possible: take a snapshot, go on from `position`."""

    reset: Literal[True]
    reason: Literal["expired", "too_far", "ahead", "epoch"]
    position: Count
    epoch: str
