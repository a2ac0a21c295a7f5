"""What comes in on a socket and is no command, and what both dialects ask of the `id` beside one. Pure."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from duologue.api.codes import UNKNOWN_TYPE, UnknownEvent
from duologue.core.errors import ChatError
from duologue.realtime.codec import CommandId

MAX_ID = 200  # characters
MAX_TYPE = 100  # characters of an unknown event's type that are told
_SAFE = 2**53 - 1  # what every JSON parser can hold exactly
Id = Annotated[str, Meta(max_length=MAX_ID)] | Annotated[int, Meta(ge=-_SAFE, le=_SAFE)] | None

INVALID_ID = f"id must be a string of at most {MAX_ID} characters or a whole number"


class Malformed(Struct):
    """What came in instead of a command, as far as it can be made out: enough to answer it."""

    error: ChatError
    command: str = ""
    temp_id: str | None = None
    id: CommandId = None
    is_json: bool = True


def unknown(kind: str) -> UnknownEvent:
    """What is said of a type that nobody knows (ERR-15)."""
    return UnknownEvent(UNKNOWN_TYPE.format(kind[:MAX_TYPE]))


def fits(value: object, kind: Any) -> bool:
    """Whether a decoded value is of this type."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True
