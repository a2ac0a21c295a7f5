"""Keyset pages: what "from the top" means to a statement, and how `limit + 1` rows become a page (RA-09)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from duologue.core.model import Cursor, Page

T = TypeVar("T")

TOP = Cursor(datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))  # above everything: one statement for every page

BOTTOM = Cursor(datetime.min.replace(tzinfo=UTC), UUID(int=0))  # below everything


def page(items: Sequence[T], limit: int, place: Callable[[T], Cursor]) -> Page[T]:
    """Of at most `limit + 1` items the first `limit`; `place` tells an item's cursor."""
    kept = items[:limit]
    if len(items) <= limit:
        return Page(kept)
    return Page(kept, has_more=True, next=place(kept[-1]))


def page_above(items: Sequence[T], limit: int, place: Callable[[T], Cursor]) -> Page[T]:
    """Of at most `limit + 1` items, oldest first, the first `limit`, newest first; `next` is the newest one's place."""
    kept = items[:limit][::-1]
    return Page(kept, has_more=len(items) > limit, next=place(kept[0]) if kept else None)
