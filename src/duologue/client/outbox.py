"""Sends that wait for their acknowledgement, across connections: in order, each under a key that names it for ever.

What becomes of a send whose answer was lost is unknown, so it is sent again under the same key; the server stores it once
(design part 1, Idempotent send). How a send travels is the caller's: see `session`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from duologue.client.errors import Refused, Unreachable
from duologue.client.wire import Sent

LATER = frozenset({"RATE_LIMITED", "UNAVAILABLE"})
"""Refusals that only mean: not now."""


@dataclass(slots=True, eq=False)
class Draft:
    """One send. `flying` while a try is under way; `answer` ends with what became of it."""

    key: str
    conversation_id: str
    content: str
    answer: asyncio.Future[Sent]
    flying: bool = False


class Outbox:
    """Holds at most `limit` sends.

    After a refusal that means "not now" it waits as long as that says, then goes one by one until the first is taken, since
    many refusals make the server close the socket (4002).
    """

    def __init__(self, *, sleep: Callable[[float], Awaitable[None]], limit: int = 1000) -> None:
        self._sleep = sleep
        self._limit = limit
        self._drafts: dict[str, Draft] = {}
        self._stirred = asyncio.Event()
        self._pause: float | None = None
        self._one_by_one = False
        self._lost = False

    def __len__(self) -> int:
        return len(self._drafts)

    def put(self, key: str, conversation_id: str, content: str) -> asyncio.Future[Sent]:
        """Queue a send; the future ends with the acknowledgement or the refusal. Cancelling it takes the send out.

        Raises:
            ValueError: this key already waits.
            asyncio.QueueFull: too many wait.
        """
        if key in self._drafts:
            raise ValueError("a send with this key is already waiting")
        if len(self._drafts) >= self._limit:
            raise asyncio.QueueFull(f"{self._limit} sends wait for an acknowledgement")
        answer: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self._forget(key))
        self._drafts[key] = Draft(key, conversation_id, content, answer)
        self._stirred.set()
        return answer

    def close(self, error: Exception) -> None:
        """Give up everything that waits."""
        for draft in list(self._drafts.values()):
            if not draft.answer.done():
                draft.answer.set_exception(error)

    async def run(self, send: Callable[[Draft], Awaitable[Sent]], *, window: int) -> None:
        """Send what waits, at most `window` at a time, starting in order; return when `send` cannot reach the server.

        Whatever is unanswered then stays, and goes out first in the next run.
        """
        self._lost = False
        flying: set[asyncio.Task[None]] = set()
        try:
            while not self._lost:
                self._stirred.clear()
                if self._pause is not None and not flying:
                    pause, self._pause = self._pause, None
                    await self._sleep(pause)
                draft = self._next(1 if self._one_by_one else window)
                if draft is None:
                    await self._stirred.wait()
                    flying = {task for task in flying if not task.done()}
                    continue
                draft.flying = True
                flying.add(asyncio.create_task(self._try(draft, send)))
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)

    def _forget(self, key: str) -> None:
        self._drafts.pop(key, None)
        self._stirred.set()

    def _next(self, window: int) -> Draft | None:
        """The oldest send at rest, if there is room for it."""
        if self._pause is not None:
            return None
        for number, draft in enumerate(self._drafts.values()):
            if number >= window:
                return None
            if not draft.flying and not draft.answer.done():
                return draft
        return None

    async def _try(self, draft: Draft, send: Callable[[Draft], Awaitable[Sent]]) -> None:
        try:
            sent = await send(draft)
        except Refused as refusal:
            if refusal.code in LATER:
                self._one_by_one = True
                self._pause = max(self._pause or 0.0, 1.0 if refusal.retry_after is None else refusal.retry_after)
            elif not draft.answer.done():
                draft.answer.set_exception(refusal)
        except Unreachable:
            self._lost = True
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits for this send
            if not draft.answer.done():
                draft.answer.set_exception(error)
        else:
            self._one_by_one = False
            if not draft.answer.done():
                draft.answer.set_result(sent)
        finally:
            draft.flying = False
            self._stirred.set()
