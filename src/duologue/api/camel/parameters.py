"""Parameters of dialect A's REST that are its own. What both dialects take is in `api/parameters.py`, bodies are in bodies.py."""

from typing import Annotated
from uuid import UUID

from litestar.params import PathParameter, QueryParameter

from duologue.api.parameters import number, number_parameter

DEFAULT_LIMIT = 20
MOST = 50  # conversations, blocks, galleries (RA-04, G-44)
MOST_MESSAGES = 100  # (C-07)

ConversationId = Annotated[UUID, PathParameter(name="conversationId")]
MessageId = Annotated[UUID, PathParameter(name="messageId")]
UploadId = Annotated[UUID, PathParameter(name="uploadId")]
CursorText = Annotated[str, QueryParameter(description="`nextCursor` of the page before; none or empty: the first")]
AfterText = Annotated[str, QueryParameter(description="The page of newer ones next to this cursor")]
LimitText = Annotated[str, number_parameter("Items per page", DEFAULT_LIMIT, MOST)]
MessagesLimitText = Annotated[str, number_parameter("Items per page", DEFAULT_LIMIT, MOST_MESSAGES)]
NeighboursText = Annotated[str, number_parameter("Neighbours on this side", DEFAULT_LIMIT, MOST)]


def limit_of(text: str, most: int = MOST) -> int:
    """The size of a page (RA-03, RA-04, VAL-04)."""
    return number(text, DEFAULT_LIMIT, most)
