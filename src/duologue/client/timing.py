"""Time and chance as parameters, so that tests need neither wait nor be lucky."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """`sleep` takes seconds, `random` gives 0 to 1, `clock` is Unix seconds (tokens), `monotonic` measures durations."""

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
