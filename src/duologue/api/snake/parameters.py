"""Parameters of dialect B's REST that are its own. What both dialects take is in `api/parameters.py`, bodies are in bodies.py."""

from typing import Annotated
from uuid import UUID

from litestar.params import PathParameter, QueryParameter

from duologue.api.parameters import number, number_parameter
from duologue.api.wire import parse_uuid
from duologue.core.errors import ValidationFailed
from duologue.core.model import Gallery

DEFAULT_CONVERSATIONS, MOST_CONVERSATIONS = 20, 50  # (RB-07)
DEFAULT_MESSAGES, MOST_MESSAGES = 50, 100  # (RN-08)
DEFAULT_BLOCKED, MOST_BLOCKED = 100, 100  # RN-20 knows no pages: a list as it is seldom exceeded comes whole
_MOST_PAGES = 10**9

NOT_A_BOOLEAN = "unread_only must be true or false"
NOT_A_FILTER = "filter must be media, links or files"

_BOOLEANS = {"": False, "false": False, "0": False, "true": True, "1": True}

ConversationId = Annotated[UUID, PathParameter(name="conversation_id")]
FileId = Annotated[UUID, PathParameter(name="file_id")]
MessageId = Annotated[UUID, PathParameter(name="message_id")]
UploadId = Annotated[UUID, PathParameter(name="upload_id")]
UserId = Annotated[UUID, PathParameter(name="user_id")]
PageText = Annotated[str, number_parameter("The page's number, from 1", 1)]
ConversationsLimitText = Annotated[str, number_parameter("Items per page", DEFAULT_CONVERSATIONS, MOST_CONVERSATIONS)]
MessagesLimitText = Annotated[str, number_parameter("Items per page", DEFAULT_MESSAGES, MOST_MESSAGES)]
BlockedLimitText = Annotated[str, number_parameter("Items per page", DEFAULT_BLOCKED, MOST_BLOCKED)]
UnreadOnlyText = Annotated[
    str,
    QueryParameter(
        description="Only conversations with unread messages", schema_extra={"type": "boolean", "default": False}
    ),
]
BeforeText = Annotated[
    str,
    QueryParameter(
        description="A message's id, such as `next_cursor`: the page of older ones next to it",
        schema_extra={"format": "uuid"},
    ),
]
AfterText = Annotated[
    str,
    QueryParameter(
        description="A message's id, such as `next_cursor`: the page of newer ones next to it",
        schema_extra={"format": "uuid"},
    ),
]
FilterText = Annotated[
    str,
    QueryParameter(
        name="filter",
        description="Only messages with images and videos, with links, or with other files; reads nothing",
        schema_extra={"enum": [gallery.value for gallery in Gallery]},
    ),
]
CursorText = Annotated[str, QueryParameter(description="`next_cursor` of the page before; none or empty: the first")]


def page_of(text: str) -> int:
    """A page's number; missing, none or below 1 is 1 (RB-06, RN-07, G-24)."""
    return number(text, 1, _MOST_PAGES)


def boolean_of(text: str) -> bool:
    """`unread_only` (RB-08)."""
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise ValidationFailed(NOT_A_BOOLEAN, details={"field": "unread_only"})
    return value


def filter_of(text: str) -> Gallery | None:
    """`filter`; none or empty is none."""
    if not text:
        return None
    try:
        return Gallery(text)
    except ValueError:
        raise ValidationFailed(NOT_A_FILTER, details={"field": "filter"}) from None


def id_of(text: str, name: str) -> UUID | None:
    """A message's id in a query; none or empty is none."""
    if not text:
        return None
    found = parse_uuid(text)
    if found is None:
        raise ValidationFailed(f"{name} must be a UUID", details={"field": name})
    return found
