"""Work that nobody waits for: kept from being collected, its failures logged, waited for or ended at the stop."""

import asyncio
import traceback
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import structlog

from duologue.core.errors import Unavailable

_log = structlog.get_logger(__name__)


class Background:
    """A set of tasks."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Run `work`; `what` names it in the log if it fails."""
        task = asyncio.get_running_loop().create_task(work, name=what)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)
            await asyncio.sleep(0)

    async def stop(self, patience: float) -> None:
        """Give what is under way `patience` seconds, and what it spawns meanwhile; then cancel it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self.idle()
        while self._tasks:  # what is cancelled may spawn on its way out
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
            await asyncio.sleep(0)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Unavailable):
            _log.warning("unavailable", work=task.get_name())
        elif error is not None:  # its own words may quote a message's text: type and place have to do
            place = "".join(traceback.format_tb(error.__traceback__))
            _log.error("background work failed", work=task.get_name(), error=type(error).__name__, place=place)
