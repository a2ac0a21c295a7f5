"""The copy of somebody's data as JSON lines, for HTTP and the command line. What belongs to it is core/export.py's."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self, TypeAlias
from uuid import UUID

from msgspec import Struct

from duologue.api.json import encode
from duologue.api.wire import UPLOADS, Count, FileType, Kind, Time, Url, timestamp
from duologue.core import export
from duologue.core.admin import Known
from duologue.core.model import Attachment, Block, Message


class UserLine(Struct, rename="camel", tag_field="kind", tag="user"):
    """Profile and settings."""

    id: UUID
    external_id: str | None
    username: str
    display_name: str | None
    avatar: str | None
    who_can_message: str
    send_read_receipts: bool
    show_last_seen: bool
    state: str
    last_seen: Time | None
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, known: Known) -> "UserLine":
        """A user."""
        user = known.user
        return cls(
            user.id,
            known.external_id,
            user.username,
            user.display_name,
            user.avatar_url,
            user.who_can_message.value,
            user.send_read_receipts,
            user.show_last_seen,
            user.state.value,
            _time(user.last_seen_at),
            timestamp(known.created_at),
            timestamp(known.updated_at),
        )


class SessionLine(Struct, rename="camel", tag_field="kind", tag="session"):
    """A sign-in session."""

    id: UUID
    created_at: Time
    expires_at: Time
    ended_at: Time | None

    @classmethod
    def of(cls, signed: export.Signed) -> "SessionLine":
        """A session."""
        return cls(signed.id, timestamp(signed.created_at), timestamp(signed.expires_at), _time(signed.ended_at))


class FollowLine(Struct, rename="camel", tag_field="kind", tag="follow"):
    """Somebody whom the user follows, or a follower."""

    user_id: UUID
    username: str
    is_follower: bool
    created_at: Time

    @classmethod
    def of(cls, followed: export.Followed) -> "FollowLine":
        """A follow."""
        return cls(followed.user_id, followed.username, followed.is_follower, timestamp(followed.created_at))


class BlockLine(Struct, rename="camel", tag_field="kind", tag="block"):
    """A block that the user put."""

    id: UUID
    blocked_id: UUID
    username: str
    reason: str | None
    created_at: Time

    @classmethod
    def of(cls, block: Block) -> "BlockLine":
        """A block."""
        return cls(block.id, block.blocked.id, block.blocked.username, block.reason, timestamp(block.created_at))


class ConversationLine(Struct, rename="camel", tag_field="kind", tag="conversation"):
    """A conversation; its messages follow. `deletedTo`: the user took what was there until then out of their list."""

    id: UUID
    other_id: UUID
    other_username: str
    created_at: Time
    unread_count: Count
    deleted_to: Time | None

    @classmethod
    def of(cls, talk: export.Talk) -> "ConversationLine":
        """A conversation."""
        return cls(
            talk.id,
            talk.other.id,
            talk.other.username,
            timestamp(talk.created_at),
            talk.unread_count,
            _time(talk.deleted_to),
        )


class FileOfMessage(Struct, rename="camel"):
    """A file that a message carries. The URL wants a token of one of its users, as ever."""

    id: UUID
    type: FileType
    filename: str
    mime_type: str
    size: Count
    url: Url
    uploaded_at: Time

    @classmethod
    def of(cls, file: Attachment) -> Self:
        """A file."""
        url = UPLOADS + file.key
        return cls(file.id, file.kind.value, file.name, file.media_type, file.size, url, timestamp(file.uploaded_at))


class UploadLine(FileOfMessage, rename="camel", tag_field="kind", tag="upload"):
    """A file that the user never sent; it is removed when it is old enough."""


class MessageLine(Struct, rename="camel", tag_field="kind", tag="message"):
    """A message that the user wrote or was sent; of a deleted one text and files are not shown to anybody any more."""

    id: UUID
    conversation_id: UUID
    sender_id: UUID
    receiver_id: UUID
    type: Kind
    content: str | None
    temp_id: str | None
    created_at: Time
    read_at: Time | None
    deleted_at: Time | None
    files: Sequence[FileOfMessage]

    @classmethod
    def of(cls, message: Message) -> "MessageLine":
        """A message."""
        return cls(
            message.id,
            message.conversation_id,
            message.sender_id,
            message.receiver_id,
            message.type.value,
            message.content,
            message.temp_id,
            timestamp(message.created_at),
            _time(message.read_at),
            _time(message.deleted_at),
            [FileOfMessage.of(file) for file in message.attachments],
        )


class EndLine(Struct, tag_field="kind", tag="end"):
    """The copy is whole; so many lines stand before this one."""

    records: Count

    @classmethod
    def of(cls, end: export.End) -> "EndLine":
        """The end."""
        return cls(end.records)


ExportLine: TypeAlias = (
    UserLine | SessionLine | FollowLine | BlockLine | UploadLine | ConversationLine | MessageLine | EndLine
)

_LINES: Mapping[type, Callable[[Any], ExportLine]] = MappingProxyType(
    {
        Known: UserLine.of,
        export.Signed: SessionLine.of,
        export.Followed: FollowLine.of,
        Block: BlockLine.of,
        Attachment: UploadLine.of,
        export.Talk: ConversationLine.of,
        Message: MessageLine.of,
        export.End: EndLine.of,
    }
)


async def lines_of(chunks: AsyncIterator[Sequence[export.Record]]) -> AsyncIterator[bytes]:
    """Chunks of records as chunks of lines."""
    async for chunk in chunks:
        if chunk:
            yield b"".join(encode(_LINES[type(record)](record)) + b"\n" for record in chunk)


def _time(at: datetime | None) -> str | None:
    return None if at is None else timestamp(at)
