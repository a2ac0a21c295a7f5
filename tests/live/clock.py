"""A clock for servers under test: moved on by hand, or as many times as fast as wanted. Its timers follow it."""

import asyncio
import time
from collections.abc import Callable


class Clock:
    """Seconds as the server sees them: at `speed` 50 its minute takes 1.2 s, whatever waits for it.

    Give it as `start_server(clock=clock, later=clock.later)`. The pipeline has 5 of these seconds to store a message: what
    is to be stored at a high speed may not be.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._real = time.monotonic()
        self._passed = 0.0
        self._begin = self._real
        self._wall = time.time()
        self._timers: set[Timer] = set()

    def _elapsed(self) -> float:
        return self._passed + (time.monotonic() - self._real) * self.speed

    def now(self) -> float:
        """Unix seconds."""
        return self._wall + self._elapsed()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self._begin + self._elapsed()

    def later(self, delay: float, callback: Callable[[], object]) -> "Timer":
        """Call back after so many of these seconds."""
        return Timer(self, self._timers, self.monotonic() + delay, callback)

    def advance(self, seconds: float) -> None:
        """Let time pass at once; what became due by it is called next."""
        self._passed += seconds
        self._follow()

    def hurry(self, speed: float) -> None:
        """Go on so many times as fast."""
        self._passed, self._real = self._elapsed(), time.monotonic()
        self.speed = speed
        self._follow()

    def _follow(self) -> None:
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
        delay = max(0.0, (self._due - self._clock.monotonic()) / self._clock.speed)
        self._handle = asyncio.get_running_loop().call_later(delay, self._call)

    def cancel(self) -> None:
        """Do not call."""
        self._timers.discard(self)
        if self._handle is not None:
            self._handle.cancel()

    def _call(self) -> None:
        self._timers.discard(self)
        self._callback()
