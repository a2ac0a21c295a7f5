"""Parameters of REST that both dialects take: keys, places in the log of events, numbers. Names that differ are the dialects'.

Everything comes in as text, "" when it is missing; a number that is none has its default (B-23), one above the most is the
most (C-08).
"""

from typing import Annotated
from uuid import UUID

from litestar.params import HeaderParameter, QueryParameter

from duologue.api.wire import parse_uuid
from duologue.core.errors import ValidationFailed

DEFAULT_EVENTS, MOST_EVENTS = 100, 500
MOST_WAIT = 30  # seconds

INVALID_KEY = "Idempotency-Key must be a UUID"


def number_parameter(description: str, default: int, most: int | None = None) -> QueryParameter:
    """A whole number in a query."""
    text = f"{description}: {default} if this is none" + (f", {most} if it is more" if most else "")
    return QueryParameter(description=text, schema_extra={"type": "integer", "default": default})


EventsLimitText = Annotated[str, number_parameter("Facts at most", DEFAULT_EVENTS, MOST_EVENTS)]
WaitText = Annotated[str, number_parameter("Seconds to wait for the first fact", 0, MOST_WAIT)]
SinceText = Annotated[
    str,
    QueryParameter(
        description="The last position seen; none: only the head is answered",
        schema_extra={"type": "integer", "minimum": 0},
    ),
]
EpochText = Annotated[str, QueryParameter(description="The epoch that position belongs to; none: the current one")]
KeyText = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="A UUID that names this send for ever; wins over the temporary id in the body",
        schema_extra={"format": "uuid"},
    ),
]


def number(text: str, default: int, most: int, *, least: int = 1) -> int:
    """A count: below `least`, missing or no number is the default."""
    if not (text.isascii() and text.isdigit()):
        return default
    value = int(text) if len(text) < 10 else most
    return default if value < least else min(value, most)


def key_of(header: str | None) -> UUID | None:
    """The key that `Idempotency-Key` holds; quotes around it, as in the IETF's draft, are taken off."""
    if header is None:
        return None
    key = parse_uuid(header.strip().strip('"'))
    if key is None:
        raise ValidationFailed(INVALID_KEY, details={"header": "Idempotency-Key"})
    return key
