"""A clock for servers under test: moved on by hand, or as many times as fast as wanted, timers included."""

import asyncio
import time
from collections.abc import Callable


class Clock:
    """Seconds as the server sees them: at `speed` 50 its minute takes 1.2 s, whatever waits for it.

    Give it as `start_server(clock=clock, later=clock.later)`. The pipeline has 5 of these seconds to store a message: what
    is to be stored at a high speed may not be.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._real = time.monotonic()
        self._passed = 0.0
        self._begin = self._real
        self._wall = time.time()

    def _elapsed(self) -> float:
        return self._passed + (time.monotonic() - self._real) * self._speed

    def now(self) -> float:
        """Unix seconds."""
        return self._wall + self._elapsed()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self._begin + self._elapsed()

    def later(self, delay: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        """Call back after so many of these seconds, at the speed of now."""
        return asyncio.get_running_loop().call_later(delay / self._speed, callback)

    def advance(self, seconds: float) -> None:
        """Let time pass at once; timers that run already keep theirs."""
        self._passed += seconds

    def hurry(self, speed: float) -> None:
        """Go on so many times as fast."""
        self._passed, self._real = self._elapsed(), time.monotonic()
        self._speed = speed
