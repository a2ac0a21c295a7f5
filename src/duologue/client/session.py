"""A user's connection that stays: what a bot uses. It reconnects, resumes, sends again, and yields each fact once.

The loop over connections is `keeper`, the events and the position are `feed`; this file is what the user holds.
"""

import asyncio
import contextlib
from types import TracebackType
from typing import Self
from uuid import uuid4

from duologue.client.codec import Frame
from duologue.client.errors import SessionStopped, Unreachable
from duologue.client.feed import Feed, Reset
from duologue.client.keeper import Keeper, SessionState
from duologue.client.keys import is_key
from duologue.client.options import SessionOptions
from duologue.client.outbox import Outbox
from duologue.client.paths import socket_url
from duologue.client.rest import Rest
from duologue.client.timing import Timing
from duologue.client.tokens import FixedToken, TokenProvider
from duologue.client.wire import ReadResult, Sent


class Session:
    """`async with Session(base_url, token=...) as session`, then `async for event in session` and `await session.send(...)`.

    Events are frames, and `Reset` when a snapshot must be loaded. To go on after a restart without a gap, keep the `position` of
    the last event that was dealt with and the session's `epoch`, and give them as `since` and `epoch`. `token` is one token,
    or a provider of tokens (`SignIn`) for a session that outlives it.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str | TokenProvider,
        since: int | None = None,
        epoch: str | None = None,
        url: str | None = None,
        options: SessionOptions | None = None,
        timing: Timing | None = None,
    ) -> None:
        options = options or SessionOptions()
        timing = timing or Timing()
        provider = FixedToken(token) if isinstance(token, str) else token
        self.rest = Rest(base_url, token=provider, timing=timing)
        self._feed = Feed(position=since, epoch=epoch, limit=options.max_events)
        self._outbox = Outbox(sleep=timing.sleep, limit=options.max_sends)
        self._keeper = Keeper(
            url=url or socket_url(base_url),
            rest=self.rest,
            token=provider,
            feed=self._feed,
            outbox=self._outbox,
            options=options,
            timing=timing,
        )
        self._task: asyncio.Task[None] | None = None
        self._ended: Exception | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="duologue-session")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame | Reset:
        return await self._feed.next()

    @property
    def state(self) -> SessionState:
        """What it is doing."""
        return self._keeper.state

    @property
    def position(self) -> int | None:
        """Every fact up to here was yielded or waits to be; None before the first connection."""
        return self._feed.position

    @property
    def epoch(self) -> str | None:
        """The name of the log that `position` counts in."""
        return self._feed.epoch

    @property
    def unacknowledged(self) -> int:
        """How many sends have no answer yet."""
        return len(self._outbox)

    async def opened(self) -> None:
        """Wait until events flow, by socket or by polling.

        Raises:
            SessionStopped, ApiError, ProtocolError: the session has ended; so it has by an error of the token provider.
        """
        await self._keeper.up.wait()
        if self._ended is not None:
            raise self._ended

    async def send(self, conversation_id: str, content: str, *, temp_id: str | None = None) -> Sent:
        """Send a text, across as many connections as it takes; it is stored exactly once. Cancelling gives up waiting for it.

        `temp_id`, a UUID, names it; one is drawn if none is given.

        Raises:
            CommandError, ApiError: the server refused it.
            SessionStopped: the session ended first; whether it was stored is unknown.
            ValueError: `temp_id` is no UUID, or waits already.
            asyncio.QueueFull: too many are unacknowledged.
        """
        if self._ended is not None:
            raise self._ended
        key = temp_id or str(uuid4())
        if not is_key(key):
            raise ValueError("temp_id must be a UUID, or the send could not be repeated safely")
        return await self._outbox.put(key, conversation_id, content)

    async def read(self, conversation_id: str, message_id: str | None = None) -> ReadResult:
        """Mark as read: all, or all up to `message_id`; by socket if there is one, else over REST."""
        socket = self._keeper.socket
        if socket is not None:
            try:
                ack = await socket.read(conversation_id, message_id=message_id)
            except Unreachable:
                pass  # marking again marks nothing twice
            else:
                return ReadResult(marked_count=ack.marked_count, read_at=ack.read_at)
        return await self.rest.read(conversation_id, message_id)

    async def typing(self, conversation_id: str, *, started: bool = True) -> None:
        """Say that the user types, or no longer; without a socket nobody is told."""
        socket = self._keeper.socket
        if socket is not None:
            with contextlib.suppress(Unreachable):
                await socket.typing(conversation_id, started=started)

    async def close(self) -> None:
        """End the session; what is unacknowledged fails with SessionStopped."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self.rest.close()

    async def _run(self) -> None:
        try:
            await self._keeper.run()
        except asyncio.CancelledError:
            self._end(SessionStopped(None), shown=None)
        except Exception as error:  # noqa: BLE001 - the token provider's own errors too: whoever waits gets them
            self._end(error, shown=error)

    def _end(self, error: Exception, *, shown: Exception | None) -> None:
        """Nobody waits any longer: senders get `error`, the iteration `shown` or a plain end."""
        self._ended = error
        self._outbox.close(error)
        self._feed.end(shown)
        self._keeper.enter(SessionState.STOPPED)
