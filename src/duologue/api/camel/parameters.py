"""Parameters of dialect A's REST: what stands in queries and headers, and how it is read. Bodies are in bodies.py.

Everything comes in as text, "" when it is missing; a number that is none has its default (B-23), one above the most is the
most (C-08).
"""

from typing import Annotated
from uuid import UUID

from litestar.params import HeaderParameter, PathParameter, QueryParameter

from duologue.api.camel.wire import parse_uuid
from duologue.core.errors import ValidationFailed

DEFAULT_LIMIT = 20
MOST = 50  # conversations, blocks, galleries (RA-04, G-44)
MOST_MESSAGES = 100  # (C-07)
DEFAULT_EVENTS, MOST_EVENTS = 100, 500
MOST_WAIT = 30  # seconds

INVALID_KEY = "Idempotency-Key must be a UUID"


def _number(description: str, default: int, most: int) -> QueryParameter:
    text = f"{description}: {default} if this is none, {most} if it is more"
    return QueryParameter(description=text, schema_extra={"type": "integer", "default": default})


ConversationId = Annotated[UUID, PathParameter(name="conversationId")]
MessageId = Annotated[UUID, PathParameter(name="messageId")]
CursorText = Annotated[str, QueryParameter(description="`nextCursor` of the page before; none or empty: the first")]
AfterText = Annotated[str, QueryParameter(description="The page of newer ones next to this cursor")]
LimitText = Annotated[str, _number("Items per page", DEFAULT_LIMIT, MOST)]
MessagesLimitText = Annotated[str, _number("Items per page", DEFAULT_LIMIT, MOST_MESSAGES)]
EventsLimitText = Annotated[str, _number("Facts at most", DEFAULT_EVENTS, MOST_EVENTS)]
NeighboursText = Annotated[str, _number("Neighbours on this side", DEFAULT_LIMIT, MOST)]
WaitText = Annotated[str, _number("Seconds to wait for the first fact", 0, MOST_WAIT)]
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
        description="A UUID that names this send for ever; wins over `tempId`",
        schema_extra={"format": "uuid"},
    ),
]


def number(text: str, default: int, most: int, *, least: int = 1) -> int:
    """A count: below `least`, missing or no number is the default."""
    if not (text.isascii() and text.isdigit()):
        return default
    value = int(text) if len(text) < 10 else most
    return default if value < least else min(value, most)


def limit_of(text: str, most: int = MOST) -> int:
    """The size of a page (RA-03, RA-04, VAL-04)."""
    return number(text, DEFAULT_LIMIT, most)


def key_of(header: str | None) -> UUID | None:
    """The key that `Idempotency-Key` holds; quotes around it, as in the IETF's draft, are taken off."""
    if header is None:
        return None
    key = parse_uuid(header.strip().strip('"'))
    if key is None:
        raise ValidationFailed(INVALID_KEY, details={"header": "Idempotency-Key"})
    return key
