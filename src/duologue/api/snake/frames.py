"""Dialect B's socket frames: `{type, data, position?, id?}` as structs (WSB-04 to WSB-07, design part 5, Socket B).

What a client sends is commands.py's; users and messages are wire.py's. `EVENTS` is the table of what the server sends.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from duologue.api.asyncapi import Event
from duologue.api.codes import Seconds, SocketCode
from duologue.api.json import encode
from duologue.api.snake.wire import (
    BlockedUserResponse,
    ConversationResponse,
    LastMessageResponse,
    MeResponse,
    MessageResponse,
    ParticipantResponse,
)
from duologue.api.wire import Count, TempId, Time
from duologue.realtime.codec import CommandId


class Frame(Struct):
    """One frame. `position` stands in facts alone; `id` echoes the command's that it answers."""

    type: str
    data: Struct
    position: int | UnsetType = UNSET
    id: str | int | UnsetType = UNSET


# -- the connection -----------------------------------------------------------------------------------------------------


class AuthSuccess(Struct):
    """`auth_success`: everything up to `position` was sent on this connection."""

    user_id: UUID
    connection_id: UUID
    connected_at: Time
    position: Count
    epoch: str


class AuthFailed(Struct):
    """`auth_failed`: a close follows."""

    message: str


class StatusBulk(Struct):
    """`status_bulk`: who of the 500 most recent partners is online."""

    statuses: Mapping[UUID, bool]


class Pong(Struct):
    """`pong`."""

    timestamp: Time
    server_time: Time
    position: Count


class ResumeDone(Struct):
    """`resume_done`: what was missed has been sent."""

    position: Count
    epoch: str


class ResumeReset(Struct):
    """`resume_reset`: take a snapshot; live goes on after `position`."""

    position: Count
    epoch: str
    reason: Literal["expired", "too_far", "ahead", "epoch"]


class Error(Struct):
    """`error`: a command was refused, or what came in is none. `retry_after` in whole seconds."""

    code: SocketCode
    message: str
    temp_id: TempId | UnsetType = UNSET
    details: Mapping[str, object] | UnsetType = UNSET
    retry_after: Seconds | UnsetType = UNSET


# -- facts --------------------------------------------------------------------------------------------------------------


class NewMessage(MessageResponse, kw_only=True):
    """`new_message` (WSB-04): the message, and absolute counts after it; `conversation` when it appears in this user's list with it."""

    unread_count: Count
    total_unread: Count
    conversation: ConversationResponse | UnsetType = UNSET


class MessageSent(MessageResponse, kw_only=True):
    """`message_sent`: the answer to `message`; `replayed` when its key already named the message, then without counts."""

    unread_count: Count | UnsetType = UNSET
    total_unread: Count | UnsetType = UNSET
    conversation: ConversationResponse | UnsetType = UNSET
    replayed: bool | UnsetType = UNSET


class MessageRead(Struct):
    """`message_read` (WSB-05), to the sender: `message_id` is the newest of `message_ids`, of which there are 100 at most."""

    message_id: UUID
    conversation_id: UUID
    read_by: UUID
    read_at: Time
    message_ids: Sequence[UUID]
    count: Count
    up_to: UUID | UnsetType = UNSET


class MessageReadAck(Struct):
    """`message_read_ack`, to the reader. Nothing marked: 0 and null. `up_to`: all up to this message was read."""

    conversation_id: UUID
    marked_count: Count
    read_at: Time | None
    unread_count: Count
    total_unread: Count
    up_to: UUID | UnsetType = UNSET


class MessageDelivered(Struct):
    """`message_delivered`, to the sender: all up to this message reached the partner."""

    conversation_id: UUID
    up_to: UUID
    delivered_at: Time


class MessageDeleted(Struct):
    """`message_deleted`: gone for both (G-21)."""

    conversation_id: UUID
    message_id: UUID
    deleted_at: Time
    unread_count: Count
    total_unread: Count


class ConversationDeleted(Struct):
    """`conversation_deleted`, to its owner's devices: out of the list, with its history so far."""

    conversation_id: UUID
    unread_count: Count
    total_unread: Count


class ConversationPreview(Struct):
    """`conversation_updated` after a message: the same for both users."""

    conversation_id: UUID
    last_message: LastMessageResponse


class ConversationUpdated(Struct):
    """`conversation_updated` as a first frame: opened, changed by a block of the other user, or that user shows otherwise now."""

    conversation_id: UUID
    unread_count: Count
    total_unread: Count
    last_message: LastMessageResponse | UnsetType | None = UNSET
    is_blocked: bool | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET
    conversation: ConversationResponse | UnsetType = UNSET
    other_user: ParticipantResponse | UnsetType = UNSET


class UnreadCount(Struct):
    """`unread_count`; after a replay of no conversation, and only then with `unread_conversations` (docs/protocol/snake.md)."""

    conversation_id: UUID | None
    total_unread: Count
    unread_count: Count | UnsetType = UNSET
    unread_conversations: Count | UnsetType = UNSET


# -- ephemeral events ---------------------------------------------------------------------------------------------------


class UserTyping(Struct):
    """`user_typing` (WSB-06)."""

    conversation_id: UUID
    user_id: UUID
    is_typing: bool


class UserStatus(Struct):
    """`user_status` (WSB-07); `last_seen` is null where it may not be known, and of who is online."""

    user_id: UUID
    is_online: bool
    last_seen: Time | None


# A fact that may answer a command goes out without its position if that was written already.
EVENTS: Mapping[str, tuple[Event, ...]] = MappingProxyType(
    {
        "auth_success": (Event(AuthSuccess, answers=True),),
        "auth_failed": (Event(AuthFailed, answers=True),),
        "status_bulk": (Event(StatusBulk),),
        "pong": (Event(Pong, answers=True),),
        "resume_done": (Event(ResumeDone, answers=True),),
        "resume_reset": (Event(ResumeReset, answers=True),),
        "error": (Event(Error, answers=True),),
        "new_message": (Event(NewMessage, fact=True),),
        "message_sent": (Event(MessageSent, fact=True, answers=True),),
        "message_read": (Event(MessageRead, fact=True),),
        "message_read_ack": (Event(MessageReadAck, fact=True, answers=True),),
        "message_delivered": (Event(MessageDelivered, fact=True),),
        "message_deleted": (Event(MessageDeleted, fact=True),),
        "conversation_deleted": (Event(ConversationDeleted, fact=True),),
        "conversation_updated": (Event(ConversationPreview), Event(ConversationUpdated, fact=True)),
        "unread_count": (Event(UnreadCount),),
        "block_added": (Event(BlockedUserResponse, fact=True),),
        "block_removed": (Event(BlockedUserResponse, fact=True),),
        "settings_updated": (Event(MeResponse, fact=True),),
        "user_typing": (Event(UserTyping),),
        "user_status": (Event(UserStatus),),
    }
)


def frame(kind: str, data: Struct, *, position: int | None = None, command_id: CommandId = None) -> bytes:
    """A frame's JSON."""
    placed = UNSET if position is None else position
    return encode(Frame(kind, data, placed, UNSET if command_id is None else command_id))
