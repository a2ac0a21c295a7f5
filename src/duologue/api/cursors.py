"""Cursors of lists: where to go on, as clients carry it (PAG-02 to PAG-05)."""

import base64
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from duologue.api.wire import timestamp
from duologue.core.errors import ValidationFailed
from duologue.core.model import Cursor

INVALID_CURSOR = "Invalid cursor"  # ERR-01

CursorField = Literal["created_at", "updated_at"]

_json = msgspec.json.Encoder()
_Time = Annotated[datetime, Meta(tz=True)]


class _CreatedCursor(Struct):
    created_at: _Time
    id: UUID


class _UpdatedCursor(Struct):
    updated_at: _Time
    id: UUID


_created = msgspec.json.Decoder(_CreatedCursor)
_updated = msgspec.json.Decoder(_UpdatedCursor)


def encode_cursor(cursor: Cursor, field: CursorField) -> str:
    """Standard base64 of `{"created_at" | "updated_at": ..., "id": ...}`, only the field that matters (PAG-02 to 04, B-20)."""
    body = _json.encode({field: timestamp(cursor.at), "id": cursor.id})
    return base64.b64encode(body).decode("ascii")


def decode_cursor(text: str | None, field: CursorField) -> Cursor | None:
    """The place a cursor names; none or empty is the beginning (PAG-05). Either alphabet, padded or not, a space as `+` (B-22).

    Raises `ValidationFailed("Invalid cursor")` for anything else, a cursor of the other kind of list included (B-21).
    """
    if not text:
        return None
    try:
        body = _unbase64(text)
        if field == "created_at":
            created = _created.decode(body)
            return Cursor(created.created_at.astimezone(UTC), created.id)
        updated = _updated.decode(body)
        return Cursor(updated.updated_at.astimezone(UTC), updated.id)
    except (ValueError, OverflowError, RecursionError) as error:  # msgspec's and base64's errors are ValueErrors
        raise ValidationFailed(INVALID_CURSOR) from error


def _unbase64(text: str) -> bytes:
    plain = text.translate(_ALPHABET).rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


_ALPHABET = str.maketrans(" -_", "++/")
