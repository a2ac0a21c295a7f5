"""Dialect A's socket frames: `{type, payload, position?, id?}` as structs, and the pure functions that fill them (WSA, G-02 to G-07).

What a client sends is ws.py's; DTOs are wire.py's. `EVENTS` is the table of what the server sends.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from duologue.api.asyncapi import Event
from duologue.api.camel.wire import (
    BlockDTO,
    ConversationDTO,
    MeDTO,
    MessageDTO,
    MessageShortDTO,
    UserShortDTO,
    encode,
)
from duologue.api.codes import Seconds, SocketCode
from duologue.api.wire import Count, TempId, Time
from duologue.core.model import Conversation
from duologue.realtime.codec import CommandId


class Frame(Struct):
    """One frame. `position` stands in facts alone; `id` echoes the command's that it answers."""

    type: str
    payload: Struct
    position: int | UnsetType = UNSET
    id: str | int | UnsetType = UNSET


# -- the connection -----------------------------------------------------------------------------------------------------


class Hello(Struct, rename="camel"):
    """`auth_success`, `connection.success` (C-22): everything up to `position` was sent on this connection."""

    user_id: UUID
    connection_id: UUID
    connected_at: Time
    position: Count
    epoch: str


class AuthFailed(Struct):
    """`auth_failed` (ERR-22): a close follows."""

    message: str


class StatusBulk(Struct):
    """`status.bulk`: who of the 500 most recent partners is online."""

    statuses: Mapping[UUID, bool]


class Pong(Struct, rename="camel"):
    """`pong` (WSA-14)."""

    timestamp: Time
    server_time: Time
    position: Count


class ResumeDone(Struct):
    """`resume.done`: what was missed has been sent."""

    position: Count
    epoch: str


class ResumeReset(Struct):
    """`resume.reset`: take a snapshot; live goes on after `position`."""

    position: Count
    epoch: str
    reason: Literal["expired", "too_far", "ahead", "epoch"]


class Error(Struct, rename="camel"):
    """`error` (C-23): a command was refused, or what came in is none. `retryAfter` in whole seconds."""

    code: SocketCode
    message: str
    temp_id: TempId | UnsetType = UNSET
    details: Mapping[str, object] | UnsetType = UNSET
    retry_after: Seconds | UnsetType = UNSET


class MessageError(Struct, rename="camel"):
    """`message.error`: follows the `error` of a failed `message.send`."""

    temp_id: TempId | None
    error: str
    code: SocketCode


# -- facts --------------------------------------------------------------------------------------------------------------


class MessageNew(Struct, rename="camel"):
    """`message.new`: absolute counts after it; `conversation` when it appears in this user's list with it."""

    message: MessageDTO
    unread_count: Count
    total_unread: Count
    conversation: ConversationDTO | UnsetType = UNSET


class MessageSent(Struct, rename="camel"):
    """`message.sent`: the answer to `message.send`; `replayed` when its key already named the message, then without counts."""

    temp_id: TempId | None
    message: MessageDTO
    unread_count: Count | UnsetType = UNSET
    total_unread: Count | UnsetType = UNSET
    conversation: ConversationDTO | UnsetType = UNSET
    replayed: bool | UnsetType = UNSET


class ReadAck(Struct, rename="camel"):
    """`message.read_ack`, to the reader (C-26). Nothing marked: 0 and null. `upTo`: all up to this message was read.

    Where single messages were read, the newest 100 of them stand in place of `upTo`.
    """

    conversation_id: UUID
    marked_count: Count
    read_at: Time | None
    unread_count: Count
    total_unread: Count
    up_to: UUID | UnsetType = UNSET
    message_ids: Annotated[Sequence[UUID], Meta(extra_json_schema={"minItems": 1, "maxItems": 100})] | UnsetType = UNSET


class ReadUpdate(Struct, rename="camel"):
    """`message.read_update`, to the sender (C-27): the newest 100 ids at most."""

    conversation_id: UUID
    message_ids: Annotated[Sequence[UUID], Meta(extra_json_schema={"minItems": 1, "maxItems": 100})]
    count: Annotated[int, Meta(extra_json_schema={"minimum": 1})]
    read_by: UUID
    read_at: Time
    up_to: UUID | UnsetType = UNSET


class Delivered(Struct, rename="camel"):
    """`message.delivered`, to the sender: all up to this message reached the partner."""

    conversation_id: UUID
    up_to: UUID
    delivered_at: Time


class MessageDeleted(Struct, rename="camel"):
    """`message.deleted`: gone for both (G-21)."""

    conversation_id: UUID
    message_id: UUID
    deleted_at: Time
    unread_count: Count
    total_unread: Count


class ConversationDeleted(Struct, rename="camel"):
    """`conversation.deleted`, to its owner's devices: out of the list, with its history so far."""

    conversation_id: UUID
    unread_count: Count
    total_unread: Count


class ConversationPreview(Struct, rename="camel"):
    """`conversation.updated` after a message (WSA-22): the same for both users."""

    conversation_id: UUID
    last_message: MessageShortDTO


class ConversationUpdated(Struct, rename="camel"):
    """`conversation.updated` as a first frame: opened, changed by a block of the other user, or that user shows otherwise now."""

    conversation_id: UUID
    unread_count: Count
    total_unread: Count
    last_message: MessageShortDTO | UnsetType | None = UNSET
    is_blocked: bool | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET
    conversation: ConversationDTO | UnsetType = UNSET
    other_user: UserShortDTO | UnsetType = UNSET


class NotificationUnread(Struct, rename="camel"):
    """`notification.unread` (WSA-23); after a replay of no conversation."""

    conversation_id: UUID | None
    total_unread: Count
    unread_count: Count | UnsetType = UNSET


# -- ephemeral events ---------------------------------------------------------------------------------------------------


class Typing(Struct, rename="camel"):
    """`typing.start`, `typing.stop` (G-03)."""

    conversation_id: UUID
    user_id: UUID


class UserOnline(Struct, rename="camel"):
    """`user.online` (WSA-24)."""

    user_id: UUID
    online_at: Time


class UserOffline(Struct, rename="camel"):
    """`user.offline` (G-02); `lastSeen` where it may be known."""

    user_id: UUID
    offline_at: Time
    last_seen: Time | UnsetType = UNSET


# A fact that may answer a command goes out without its position if that was written already.
EVENTS: Mapping[str, tuple[Event, ...]] = MappingProxyType(
    {
        "auth_success": (Event(Hello, answers=True),),
        "connection.success": (Event(Hello),),
        "auth_failed": (Event(AuthFailed, answers=True),),
        "status.bulk": (Event(StatusBulk),),
        "pong": (Event(Pong, answers=True),),
        "resume.done": (Event(ResumeDone, answers=True),),
        "resume.reset": (Event(ResumeReset, answers=True),),
        "error": (Event(Error, answers=True),),
        "message.error": (Event(MessageError, answers=True),),
        "message.new": (Event(MessageNew, fact=True),),
        "message.sent": (Event(MessageSent, fact=True, answers=True),),
        "message.read_ack": (Event(ReadAck, fact=True, answers=True),),
        "message.read_update": (Event(ReadUpdate, fact=True),),
        "message.delivered": (Event(Delivered, fact=True),),
        "message.deleted": (Event(MessageDeleted, fact=True),),
        "conversation.deleted": (Event(ConversationDeleted, fact=True),),
        "conversation.updated": (Event(ConversationPreview), Event(ConversationUpdated, fact=True)),
        "notification.unread": (Event(NotificationUnread),),
        "block.added": (Event(BlockDTO, fact=True, answers=True),),
        "block.removed": (Event(BlockDTO, fact=True, answers=True),),
        "settings.updated": (Event(MeDTO, fact=True),),
        "typing.start": (Event(Typing),),
        "typing.stop": (Event(Typing),),
        "user.online": (Event(UserOnline),),
        "user.offline": (Event(UserOffline),),
    }
)


def frame(kind: str, payload: Struct, *, position: int | None = None, command_id: CommandId = None) -> bytes:
    """A frame's JSON."""
    placed = UNSET if position is None else position
    return encode(Frame(kind, payload, placed, UNSET if command_id is None else command_id))


def conversation_or_unset(conversation: Conversation | None, viewer_id: UUID) -> ConversationDTO | UnsetType:
    """A conversation that appears in the viewer's list, or nothing."""
    return UNSET if conversation is None else ConversationDTO.of(conversation, viewer_id)
