"""What a session hands to its user: each fact once, in order, with the position to resume from. No I/O."""

import asyncio
from dataclasses import dataclass

from duologue.client.codec import Frame
from duologue.client.frames import Hello, Pong, ResumeDone, ResumeReset


@dataclass(frozen=True, slots=True)
class Reset:
    """What was missed cannot be said: load a snapshot and go on from there.

    `reason` is expired, too_far, ahead or epoch from the server, overflow when this side was not read.
    """

    position: int | None
    epoch: str | None
    reason: str


class Feed:
    """A queue of events, in which no fact comes twice: those not above `position` are dropped.

    When `limit` events wait unread they are dropped for one `Reset`: nothing may wait for a reader who perhaps waits for an answer
    himself, and a snapshot holds all that was dropped.
    """

    def __init__(self, *, position: int | None, epoch: str | None, limit: int) -> None:
        self.position = position
        self.epoch = epoch
        self._limit = limit
        self._waiting: asyncio.Queue[Frame | Reset | None] = asyncio.Queue()
        self._error: Exception | None = None

    def take(self, frame: Frame) -> None:
        """A frame from a socket or a poll."""
        told = frame.payload
        if isinstance(told, ResumeReset):
            self.reset(told.position, told.epoch, told.reason)
            return
        if frame.position is not None:
            if self.position is not None and frame.position <= self.position:
                return
            self.position = frame.position
        elif isinstance(told, Hello | Pong | ResumeDone):
            self.reached(told.position, told.epoch)
        self._put(frame)

    def reached(self, position: int | None, epoch: str | None) -> None:
        """Everything up to `position` was handed over; another epoch counts from anew."""
        if position is None:
            return
        if epoch is not None and epoch != self.epoch:
            self.position, self.epoch = position, epoch
        else:
            self.position = max(position, self.position or 0)

    def reset(self, position: int, epoch: str | None, reason: str) -> None:
        """Start again from here."""
        self.position, self.epoch = position, epoch
        self._put(Reset(position, epoch, reason))

    def end(self, error: Exception | None) -> None:
        """No more events; readers get `error` after what still waits, or a plain end."""
        self._error = error
        self._waiting.put_nowait(None)

    async def next(self) -> Frame | Reset:
        """The next event.

        Raises:
            StopAsyncIteration: the session was closed.
            Exception: why it ended.
        """
        event = await self._waiting.get()
        if event is not None:
            return event
        self._waiting.put_nowait(None)  # the end stays the end
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    def _put(self, event: Frame | Reset) -> None:
        if self._waiting.qsize() >= self._limit:
            while not self._waiting.empty():
                self._waiting.get_nowait()
            event = Reset(self.position, self.epoch, "overflow")
        self._waiting.put_nowait(event)
