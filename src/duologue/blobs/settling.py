"""Work that has to come to its end before anybody tidies up after it, also when its caller is cancelled."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")


async def settled(work: Awaitable[Result]) -> Result:
    """Await to the end. A cancellation in between is raised afterwards; the work itself is never cancelled."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        task.exception()  # whoever wanted to hear of it has gone
        raise cancelled
    return task.result()
