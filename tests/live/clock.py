"""Time for servers under test: a clock that is moved on by hand with the timers that follow it, and timers that are early."""

import asyncio
import time
from collections.abc import Callable

from duologue.realtime.deliveries import INTERVAL
from duologue.realtime.runtime import Later, on_loop


class Clock:
    """The time of now, and as much more as the test let pass: `start_server(clock=clock, later=clock.later)`."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._timers: set[Timer] = set()

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + self._ahead

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic() + self._ahead

    def later(self, delay: float, callback: Callable[[], object]) -> "Timer":
        """Call back after so many of these seconds."""
        return Timer(self, self._timers, self.monotonic() + delay, callback)

    def advance(self, seconds: float) -> None:
        """Let time pass at once; what became due by it is called next."""
        self._ahead += seconds
        for timer in tuple(self._timers):
            timer.set()


class Timer:
    """One call to come."""

    def __init__(self, clock: Clock, timers: set["Timer"], due: float, callback: Callable[[], object]) -> None:
        self._clock = clock
        self._timers = timers
        self._due = due
        self._callback = callback
        self._handle: asyncio.TimerHandle | None = None
        timers.add(self)
        self.set()

    def set(self) -> None:
        """Wait as long as the clock says now."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = asyncio.get_running_loop().call_later(self._due - self._clock.monotonic(), self._call)

    def cancel(self) -> None:
        """Do not call."""
        self._timers.discard(self)
        if self._handle is not None:
            self._handle.cancel()

    def _call(self) -> None:
        self._timers.discard(self)
        self._callback()


def without_marks(later: Later = on_loop) -> Later:
    """Call back as `later` does, but for what marks messages as delivered: that waits for an hour."""
    return marking_within(3_600, later)


def marking_within(seconds: float, later: Later = on_loop) -> Later:
    """Call back as `later` does, but for what marks messages as delivered: that waits so long."""
    return lambda delay, callback: later(seconds if delay == INTERVAL else delay, callback)


def soon(delay: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
    """Call back after a tenth of the time, for tests that wait for a timer: `start_server(later=soon)`."""
    return asyncio.get_running_loop().call_later(delay / 10, callback)
