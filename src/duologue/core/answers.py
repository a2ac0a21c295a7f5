"""Waiting for a pipeline item's outcome: the bridge from `done` callbacks to `await`."""

import asyncio
from typing import Generic, TypeVar

from duologue.core.errors import ChatError

T = TypeVar("T")


class Answering(Generic[T]):
    """One outcome to come. `done` is given to the item; `result` waits for it and raises what refused it."""

    def __init__(self) -> None:
        self._future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def done(self, outcome: T | ChatError) -> None:
        """Take the outcome. A waiter that went away (its request was cut off) is no error."""
        if self._future.done():
            return
        if isinstance(outcome, ChatError):
            self._future.set_exception(outcome)
            self._future.exception()  # a waiter that left must not make the loop complain
        else:
            self._future.set_result(outcome)

    async def result(self) -> T:
        """The answer, or the error raised."""
        return await self._future
