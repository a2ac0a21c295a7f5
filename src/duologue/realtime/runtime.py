"""What everything that waits or runs by itself is given: the clock, timers and background tasks. In tests, hand-driven ones."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from duologue.core.ports import Clock
from duologue.realtime.background import Background


class Timer(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None:
        """Do not make it."""
        ...


Later = Callable[[float, Callable[[], object]], Timer]


def on_loop(delay: float, callback: Callable[[], object]) -> Timer:
    """Call back after `delay` seconds of the running loop."""
    return asyncio.get_running_loop().call_later(delay, callback)


@dataclass(frozen=True, slots=True)
class Runtime:
    """`later` calls back after so many seconds."""

    clock: Clock
    later: Later = on_loop
    background: Background = field(default_factory=Background)

    def utc(self) -> datetime:
        """The time of the wall clock."""
        return datetime.fromtimestamp(self.clock.now(), UTC)
