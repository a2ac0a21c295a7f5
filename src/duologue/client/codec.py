"""Frames of socket A, read and written (PATH-13). The payloads are in `frames`. No I/O.

Payloads are typed by the frame's `type`; a type this client does not know keeps its payload as a plain dict.
"""

from typing import Any

import msgspec

from duologue.client.errors import ProtocolError
from duologue.client.frames import (
    AuthFailed,
    ConversationDeleted,
    ConversationUpdated,
    Delivered,
    Failure,
    Hello,
    MessageDeleted,
    MessageFailed,
    MessageNew,
    MessageSent,
    Pong,
    ReadAck,
    ReadUpdate,
    ResumeDone,
    ResumeReset,
    StatusBulk,
    Typing,
    UnreadNotice,
    UserOffline,
    UserOnline,
)
from duologue.client.wire import Block, User, Wire

PAYLOADS: dict[str, type[Wire]] = {
    "auth_success": Hello,
    "connection.success": Hello,
    "auth_failed": AuthFailed,
    "pong": Pong,
    "status.bulk": StatusBulk,
    "message.new": MessageNew,
    "message.sent": MessageSent,
    "message.error": MessageFailed,
    "message.read_ack": ReadAck,
    "message.read_update": ReadUpdate,
    "message.delivered": Delivered,
    "message.deleted": MessageDeleted,
    "conversation.updated": ConversationUpdated,
    "conversation.deleted": ConversationDeleted,
    "notification.unread": UnreadNotice,
    "typing.start": Typing,
    "typing.stop": Typing,
    "user.online": UserOnline,
    "user.offline": UserOffline,
    "block.added": Block,
    "block.removed": Block,
    "settings.updated": User,
    "error": Failure,
    "resume.done": ResumeDone,
    "resume.reset": ResumeReset,
}


class Frame(msgspec.Struct, frozen=True):
    """One frame from the server. `position` stands on durable facts alone; `id` names the command it answers."""

    type: str
    payload: Any
    position: int | None = None
    id: str | int | None = None


class _Raw(msgspec.Struct):
    type: str
    payload: msgspec.Raw = msgspec.Raw(b"{}")
    position: int | None = None
    id: str | int | None = None


def decode(data: bytes | str | msgspec.Raw) -> Frame:
    """Read one frame.

    Raises:
        ProtocolError: it is no frame, or a known type with a payload that does not fit.
    """
    try:
        raw = msgspec.json.decode(data, type=_Raw)
        payload = msgspec.json.decode(raw.payload, type=PAYLOADS.get(raw.type, dict[str, Any]))
    except msgspec.MsgspecError as error:
        raise ProtocolError(f"unreadable frame: {error}") from error
    return Frame(raw.type, payload, raw.position, raw.id)


def encode(kind: str, payload: dict[str, Any], number: str | None = None) -> str:
    """Write one command; fields that are None are left out."""
    frame: dict[str, Any] = {"type": kind, "payload": {name: v for name, v in payload.items() if v is not None}}
    if number is not None:
        frame["id"] = number
    return msgspec.json.encode(frame).decode()
