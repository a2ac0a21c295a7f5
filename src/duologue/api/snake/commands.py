"""What a client may send on socket B (WSB-01 to WSB-03), and what is said of everything else. Pure; what is done with it: ws.py.

Fields stand at top level, beside `type` and `id` (design part 5, Socket B).
"""

import functools
import operator
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from msgspec import Struct

from duologue.api.codes import InvalidMessage
from duologue.api.incoming import INVALID_ID, Id, Malformed, fits, unknown
from duologue.api.snake.wire import TEMP_ID
from duologue.api.wire import FileRef, SentAs, TempId, Text, invalid_temp_id
from duologue.core.errors import ChatError, ValidationFailed
from duologue.core.rules import MAX_TEMP_ID
from duologue.realtime.resume import BAD_SINCE

BAD_TYPE = "message_type must be file, image, text or video"
BAD_ATTACHMENTS = "attachments must be an array of objects with id or url"
NO_PLACE = "conversation_id or recipient_id is required"
TWO_PLACES = "conversation_id and recipient_id cannot be used together"
NOTHING_TO_READ = "message_id or conversation_id is required"
TWO_TO_READ = "message_id and conversation_id cannot be used together"


class Auth(Struct, tag_field="type", tag="auth", kw_only=True):
    """A token: the first one, or a fresh one for the same user."""

    token: str
    id: Id = None


class Ping(Struct, tag_field="type", tag="ping", kw_only=True):
    """A sign of life."""

    id: Id = None


class Resume(Struct, tag_field="type", tag="resume", kw_only=True):
    """From where to catch up (design part 4)."""

    since: int | str
    epoch: str | None = None
    id: Id = None


class Message(Struct, tag_field="type", tag="message", kw_only=True):
    """A message (WSB-01) to a conversation, or to a user, with whom one is opened (B-38). A UUID as `temp_id` names it for ever."""

    NEEDED: ClassVar = ("content", "attachments")  # judged by the rules of sending

    conversation_id: UUID | None = None
    recipient_id: UUID | None = None
    message_type: SentAs = "text"
    content: Text | None = None
    attachments: Sequence[FileRef] | None = None
    temp_id: TempId | None = None
    id: Id = None


class Typing(Struct, tag_field="type", tag="typing", kw_only=True):
    """Somebody types, or stopped (WSB-02)."""

    conversation_id: UUID
    is_typing: bool
    id: Id = None


class Read(Struct, tag_field="type", tag="read", kw_only=True):
    """Mark exactly one message as read (WSB-03, C-28), or a whole conversation."""

    message_id: UUID | None = None
    conversation_id: UUID | None = None
    id: Id = None


FRAMES: Mapping[str, type[Struct]] = MappingProxyType(
    {"auth": Auth, "ping": Ping, "message": Message, "typing": Typing, "read": Read, "resume": Resume}
)

# What is said of a field: when it is missing, when it is wrong. In the order in which they are looked at.
_FIELDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "conversation_id": ("conversation_id is required", "conversation_id must be a UUID"),
        "recipient_id": ("recipient_id is required", "recipient_id must be a UUID"),
        "message_id": ("message_id is required", "message_id must be a UUID"),
        "is_typing": ("is_typing is required", "is_typing must be true or false"),
        "content": ("content cannot be empty", "content must be a string"),
        "temp_id": (invalid_temp_id(TEMP_ID), invalid_temp_id(TEMP_ID)),
        "message_type": (BAD_TYPE, BAD_TYPE),
        "attachments": (BAD_ATTACHMENTS, BAD_ATTACHMENTS),
        "token": ("token is required", "token must be a string"),
        "since": (BAD_SINCE, BAD_SINCE),
        "epoch": ("epoch must be a string", "epoch must be a string"),
    }
)

_commands: msgspec.json.Decoder[Any] = msgspec.json.Decoder(functools.reduce(operator.or_, FRAMES.values()))
_anything: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def decode(data: bytes) -> Any:
    """A command's frame; its type says which one. `Malformed` for everything else, never a raise."""
    try:
        frame = _commands.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return made_out(data)
    fault = _of_places(frame)
    return frame if fault is None else Malformed(fault, frame.__struct_config__.tag, _temp_id(frame), frame.id)


def made_out(data: bytes) -> Malformed:
    """What is wrong with a frame, and whom to answer. For one that is in order: what it is (refused for another reason)."""
    try:
        found = _anything.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return Malformed(InvalidMessage(), is_json=False)
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        return Malformed(InvalidMessage())
    command, temp_id = found["type"], found.get(TEMP_ID)
    if not isinstance(temp_id, str) or len(temp_id) > MAX_TEMP_ID:
        temp_id = None
    if not fits(found.get("id"), Id):
        return Malformed(ValidationFailed(INVALID_ID), command, temp_id)
    return Malformed(_fault(command, found), command, temp_id, found.get("id"))


def _fault(command: str, given: Mapping[str, object]) -> ChatError:
    if command not in FRAMES:
        return unknown(command)
    fields = {field.encode_name: field for field in msgspec.structs.fields(FRAMES[command])}
    for name, (missing, wrong) in _FIELDS.items():
        field = fields.get(name)
        if field is None or (name not in given and not field.required):
            continue
        if name not in given:
            return ValidationFailed(missing)
        if not fits(given[name], field.type):
            return ValidationFailed(wrong)
    return ValidationFailed()


def _of_places(frame: object) -> ChatError | None:
    """One of the two, not both: what types cannot say."""
    if isinstance(frame, Message):
        return _one_of(frame.conversation_id, frame.recipient_id, NO_PLACE, TWO_PLACES)
    if isinstance(frame, Read):
        return _one_of(frame.message_id, frame.conversation_id, NOTHING_TO_READ, TWO_TO_READ)
    return None


def _one_of(one: UUID | None, other: UUID | None, neither: str, both: str) -> ChatError | None:
    if one is None and other is None:
        return ValidationFailed(neither)
    return ValidationFailed(both) if one is not None and other is not None else None


def _temp_id(frame: object) -> str | None:
    found: str | None = getattr(frame, TEMP_ID, None)
    return None if found is None or len(found) > MAX_TEMP_ID else found
