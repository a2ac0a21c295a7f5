"""What a client may send on socket A (WSA-01 to WSA-08), and what is said of everything else. Pure; what is done with it: ws.py."""

import functools
import operator
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from msgspec import Struct

from duologue.api.camel.errors import CONVERSATION_REQUIRED, INVALID_CONVERSATION
from duologue.api.camel.wire import TEMP_ID
from duologue.api.codes import InvalidMessage
from duologue.api.incoming import INVALID_ID, Id, Malformed, fits, unknown
from duologue.api.wire import FileRef, SentAs, TempId, Text, invalid_temp_id
from duologue.core.errors import ChatError, ValidationFailed
from duologue.core.rules import MAX_TEMP_ID
from duologue.realtime.resume import BAD_SINCE

BAD_TYPE = "type must be file, image, text or video"
BAD_MEDIA = "media must be an array of objects with id or url"
INVALID_PAYLOAD = "payload must be an object"


class AuthPayload(Struct):
    """A token: the first one, or a fresh one for the same user."""

    token: str


class PingPayload(Struct):
    """Nothing is asked for."""


class SendPayload(Struct, rename="camel"):
    """A message (WSA-03, WSA-31), or files that were uploaded before. `tempId` is echoed; a UUID names the send for ever."""

    NEEDED: ClassVar = ("content", "media")  # judged by the rules of sending

    conversation_id: UUID
    content: Text | None = None
    temp_id: TempId | None = None
    type: SentAs = "text"
    media: Sequence[FileRef] | None = None


class ReadPayload(Struct, rename="camel"):
    """What to mark as read: all, or all up to a message (C-28)."""

    conversation_id: UUID
    message_id: UUID | None = None


class TypingPayload(Struct, rename="camel"):
    """Where somebody types (G-02)."""

    conversation_id: UUID


class BlockPayload(Struct):
    """Whom to block or unblock (G-02)."""

    username: str


class ResumePayload(Struct):
    """From where to catch up (design part 4)."""

    since: int | str
    epoch: str | None = None


PAYLOADS: Mapping[str, type[Struct]] = MappingProxyType(
    {
        "auth": AuthPayload,
        "ping": PingPayload,
        "message.send": SendPayload,
        "message.read": ReadPayload,
        "typing.start": TypingPayload,
        "typing.stop": TypingPayload,
        "block.add": BlockPayload,
        "block.remove": BlockPayload,
        "resume": ResumePayload,
    }
)

# What is said of a payload's field: when it is missing, when it is wrong. In the order in which they are looked at.
_FIELDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "conversationId": (CONVERSATION_REQUIRED, INVALID_CONVERSATION),
        "messageId": ("messageId is required", "messageId must be a UUID"),
        "content": ("content cannot be empty", "content must be a string"),
        "tempId": (invalid_temp_id(TEMP_ID), invalid_temp_id(TEMP_ID)),
        "type": (BAD_TYPE, BAD_TYPE),
        "media": (BAD_MEDIA, BAD_MEDIA),
        "token": ("token is required", "token must be a string"),
        "username": ("username is required", "username must be a string"),
        "since": (BAD_SINCE, BAD_SINCE),
        "epoch": ("epoch must be a string", "epoch must be a string"),
    }
)


def _frame(name: str, payload: type[Struct]) -> Any:
    """The frame of one command; a ping may come without payload (WSA-02)."""
    bare = payload is PingPayload
    fields: list[Any] = [("payload", payload | None, None) if bare else ("payload", payload), ("id", Id, None)]
    title = name.title().replace(".", "")
    return msgspec.defstruct(title, fields, tag_field="type", tag=name, kw_only=True, module=__name__)


FRAMES: Mapping[str, Any] = MappingProxyType({name: _frame(name, payload) for name, payload in PAYLOADS.items()})

_commands: msgspec.json.Decoder[Any] = msgspec.json.Decoder(functools.reduce(operator.or_, FRAMES.values()))
_anything: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def decode(data: bytes) -> Any:
    """A command's frame, with `payload` and `id`; its type says which one. `Malformed` for everything else, never a raise."""
    try:
        return _commands.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return made_out(data)


def made_out(data: bytes) -> Malformed:
    """What is wrong with a frame, and whom to answer. For one that is in order: what it is (refused for another reason)."""
    try:
        found = _anything.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return Malformed(InvalidMessage(), is_json=False)
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        return Malformed(InvalidMessage())
    command, payload = found["type"], found.get("payload")
    temp_id = payload.get("tempId") if isinstance(payload, dict) else None
    if not isinstance(temp_id, str) or len(temp_id) > MAX_TEMP_ID:
        temp_id = None
    if not fits(found.get("id"), Id):
        return Malformed(ValidationFailed(INVALID_ID), command, temp_id)
    return Malformed(_fault(command, payload), command, temp_id, found.get("id"))


def _fault(command: str, payload: object) -> ChatError:
    if command not in PAYLOADS:
        return unknown(command)
    if payload is not None and not isinstance(payload, dict):
        return ValidationFailed(INVALID_PAYLOAD)
    given = payload or {}
    fields = {field.encode_name: field for field in msgspec.structs.fields(PAYLOADS[command])}
    for name, (missing, wrong) in _FIELDS.items():
        field = fields.get(name)
        if field is None or (name not in given and not field.required):
            continue
        if name not in given or (name == "conversationId" and not isinstance(given[name], str)):
            return ValidationFailed(missing)
        if not fits(given[name], field.type):
            return ValidationFailed(wrong)
    return ValidationFailed(INVALID_PAYLOAD)
