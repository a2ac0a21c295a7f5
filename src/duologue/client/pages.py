"""Lists over REST: one page as read from an answer, and walking all pages by cursor (PAG). No endpoint stands here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import httpx
import msgspec

from duologue.client.errors import ProtocolError
from duologue.client.transport import data_of
from duologue.client.wire import CursorMeta, Page

T = TypeVar("T")

POSITION = "Duologue-Position"


def page(response: httpx.Response, name: str, kind: type[T]) -> Page[T]:
    """Read `data.<name>`, `data.meta` and the position header of a list.

    Raises:
        ProtocolError: the list is missing or does not fit.
    """
    data = data_of(response, dict[str, msgspec.Raw])
    try:
        items = msgspec.json.decode(data[name], type=tuple[kind, ...])  # type: ignore[valid-type]
        meta = msgspec.json.decode(data["meta"], type=CursorMeta)
    except (KeyError, msgspec.MsgspecError) as error:
        raise ProtocolError(f"list of {name}: {error}") from error
    header = response.headers.get(POSITION)
    return Page(items, meta.has_more, meta.next_cursor, int(header) if header is not None else None)


async def pages(fetch: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[Page[T]]:
    """All pages from the first on: `fetch` takes a cursor, as in `pages(lambda c: rest.messages(id, cursor=c))`."""
    cursor: str | None = None
    while True:
        current = await fetch(cursor)
        yield current
        cursor = current.next_cursor
        if not current.has_more or cursor is None:
            return


async def every(fetch: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """All items of all pages, one by one."""
    async for current in pages(fetch):
        for item in current:
            yield item
