"""Events without a socket: long polling, as long as no socket can be opened (WSC-31, design part 4)."""

import asyncio
import logging
from collections.abc import Callable

from duologue.client.backoff import Backoff
from duologue.client.errors import ApiError, Unreachable
from duologue.client.feed import Feed
from duologue.client.jobs import stop
from duologue.client.options import SessionOptions
from duologue.client.outbox import Draft, Outbox
from duologue.client.rest import Rest
from duologue.client.timing import Timing
from duologue.client.wire import Sent

_LOG = logging.getLogger("duologue.client")


class Polling:
    """Fills the feed and empties the outbox over REST, for `poll_for` seconds at a time."""

    def __init__(self, *, rest: Rest, feed: Feed, outbox: Outbox, options: SessionOptions, timing: Timing) -> None:
        self._rest = rest
        self._feed = feed
        self._outbox = outbox
        self._options = options
        self._timing = timing
        self._backoff = Backoff(random=timing.random, base=options.backoff_base, cap=options.backoff_cap)
        self._lost = Backoff(random=timing.random, base=options.backoff_base, cap=options.backoff_cap)

    async def run(self, begun: Callable[[], None]) -> bool:
        """Poll for a while, calling `begun` after the first answer; False when the server cannot be reached this way either.

        Raises:
            ApiError: the server refuses for good (401, 403, 404 ...).
        """
        until = self._timing.monotonic() + self._options.poll_for
        jobs: list[asyncio.Task[None]] = []
        try:
            if not await self._poll(wait=0):
                return False
            begun()
            jobs.append(asyncio.create_task(self._deliver()))
            while self._timing.monotonic() < until:
                await self._poll(wait=self._options.poll_wait)
        except Unreachable as error:
            _LOG.warning("no polling: %s", error)
            return False
        finally:
            ends = await stop(jobs)
        for end in ends:
            raise end
        return True

    async def _poll(self, *, wait: int) -> bool:
        """One poll; False when the server asked to come later, after having waited."""
        feed = self._feed
        try:
            page = await self._rest.events(since=feed.position, epoch=feed.epoch, limit=500, wait=wait)
        except ApiError as error:
            if error.status < 500 and error.status != 429:
                raise
            drawn = self._backoff.next()
            await self._timing.sleep(drawn if error.retry_after is None else error.retry_after)
            return False
        self._backoff.reset()
        if page.reset:
            feed.reset(page.position, page.epoch, page.reason)
            return True
        for frame in page.frames:
            feed.take(frame)
        feed.reached(page.position, page.epoch)
        return True

    async def _deliver(self) -> None:
        """Send what waits, one by one to keep the order; after a lost answer again, while the poll goes on."""
        while True:
            await self._outbox.run(self._send, window=1)
            await self._timing.sleep(self._lost.next())

    async def _send(self, draft: Draft) -> Sent:
        sent = await self._rest.send(draft.conversation_id, draft.content, temp_id=draft.key)
        self._lost.reset()
        return sent
