"""Keeps a session connected: opens sockets one after the other, obeys close codes, falls back to long polling.

What comes in goes to the feed; what waits to be sent comes from the outbox. The user's side of it is `session`.
"""

import asyncio
import logging
from enum import StrEnum

from duologue.client.backoff import Backoff
from duologue.client.codes import TOKEN_EXPIRED, describe, reconnects, retry_delay
from duologue.client.errors import ApiError, Disconnected, DuologueError, Overflow, SessionStopped, Unreachable
from duologue.client.feed import Feed
from duologue.client.jobs import stop
from duologue.client.options import SessionOptions
from duologue.client.outbox import Draft, Outbox
from duologue.client.polling import Polling
from duologue.client.rest import Rest
from duologue.client.socket import Socket
from duologue.client.timing import Timing
from duologue.client.tokens import FixedToken, TokenProvider, expires_at
from duologue.client.wire import Sent

_LOG = logging.getLogger("duologue.client")


class SessionState(StrEnum):
    """Open: a socket lives. Polling: no socket can be opened, events come by long polling. Waiting: before the next try."""

    CONNECTING = "connecting"
    OPEN = "open"
    POLLING = "polling"
    WAITING = "waiting"
    STOPPED = "stopped"


class Keeper:
    """One user's connections, one after the other; `run` ends only by an exception."""

    def __init__(
        self,
        *,
        url: str,
        rest: Rest,
        token: TokenProvider,
        feed: Feed,
        outbox: Outbox,
        options: SessionOptions,
        timing: Timing,
    ) -> None:
        self.state = SessionState.CONNECTING
        self.socket: Socket | None = None
        self.up = asyncio.Event()
        self._url = url
        self._token = token
        self._feed = feed
        self._outbox = outbox
        self._options = options
        self._timing = timing
        self._backoff = Backoff(random=timing.random, base=options.backoff_base, cap=options.backoff_cap)
        self._polling = Polling(rest=rest, feed=feed, outbox=outbox, options=options, timing=timing)
        self._fresh = False
        self._failed = 0

    async def run(self) -> None:
        """Stay connected.

        Raises:
            SessionStopped: a close code from 4500 up, or an expired token that cannot be renewed.
            ApiError: polling was refused for good.
        """
        while True:
            self.enter(SessionState.CONNECTING)
            delay = await self._visit()
            self.enter(SessionState.WAITING)
            _LOG.info("next try in %.1f s", delay)
            await self._timing.sleep(delay)

    def enter(self, state: SessionState) -> None:
        """Change the state, and let go who waits for a connection."""
        self.state = state
        if state in {SessionState.OPEN, SessionState.POLLING, SessionState.STOPPED}:
            self.up.set()
        else:
            self.up.clear()

    async def _visit(self) -> float:
        """One connection, from opening to its end; returns the seconds to wait before the next."""
        try:
            token = await self._token(fresh=self._fresh)
            socket = Socket(
                self._url,
                token=token,
                since=self._feed.position,
                epoch=self._feed.epoch,
                options=self._options.socket,
            )
            await socket.open()
        except (Unreachable, ApiError) as error:
            return await self._missed(error)
        self._failed = 0
        self._fresh = False
        opened = self._timing.monotonic()
        await self._live(socket, token)
        if self._timing.monotonic() - opened >= self._options.stable_after:
            self._backoff.reset()
        return self._verdict(socket.close_code, socket.close_reason)

    async def _missed(self, error: Unreachable | ApiError) -> float:
        """After an opening that failed; polls when it was one too many."""
        _LOG.warning("no socket: %s", error)
        self._failed += 1
        delay = self._verdict(error.code, error.reason) if isinstance(error, Disconnected) else self._backoff.next()
        if isinstance(error, ApiError):
            if error.status == 401:
                if self._fresh or isinstance(self._token, FixedToken):
                    raise error
                self._fresh = True
            delay = max(delay, error.retry_after or 0.0)
        if self._failed >= self._options.poll_after and await self._polling.run(
            lambda: self.enter(SessionState.POLLING)
        ):
            return 0.0
        return delay

    def _verdict(self, code: int | None, reason: str) -> float:
        """What the close code says: the seconds to wait, or the end."""
        _LOG.info("socket closed: %s", describe(code))
        if not reconnects(code):
            raise SessionStopped(code, reason)
        if code == TOKEN_EXPIRED:
            if isinstance(self._token, FixedToken):
                raise SessionStopped(code, reason)
            self._fresh = True
        asked = retry_delay(code, reason)
        return self._backoff.next() if asked is None else asked

    async def _live(self, socket: Socket, token: str) -> None:
        """An open socket until it is closed."""
        self.socket = socket
        self.enter(SessionState.OPEN)
        jobs = [asyncio.create_task(self._deliver(socket)), asyncio.create_task(self._renew(socket, token))]
        try:
            async for frame in socket:
                self._feed.take(frame)
        except Overflow as error:
            _LOG.warning("%s", error)
        finally:
            self.socket = None
            ends = await stop(jobs)
            await socket.close()
        for end in ends:
            raise end

    async def _deliver(self, socket: Socket) -> None:
        async def send(draft: Draft) -> Sent:
            answer = await socket.send(draft.conversation_id, draft.content, temp_id=draft.key)
            return Sent(answer.message, answer.replayed)

        await self._outbox.run(send, window=self._options.window)
        await socket.close()  # an answer did not come: only another connection helps

    async def _renew(self, socket: Socket, token: str) -> None:
        """Authenticate again before the token expires, as long as fresh ones live longer."""
        expiry = expires_at(token)
        while expiry is not None and not isinstance(self._token, FixedToken):
            left = expiry - self._timing.clock()
            await self._timing.sleep(max(0.0, left - min(self._options.renew_before, left / 5)))
            try:
                token = await self._token(fresh=True)
                await socket.auth(token)
            except DuologueError as error:
                _LOG.warning("token not renewed: %s", error)
                return
            renewed = expires_at(token)
            expiry = renewed if renewed is not None and renewed > expiry else None
