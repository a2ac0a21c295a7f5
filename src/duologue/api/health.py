"""Is the server alive, and may it be given work? `/health`, `/health/live`, `/health/ready`, `/metrics` (G-38, design part 9)."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import structlog
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from duologue.api.answers import Answer
from duologue.api.metrics import CONTENT_TYPE, Metrics
from duologue.core.errors import Unavailable
from duologue.core.ports import Clock

_log = structlog.get_logger(__name__)

PATIENCE = 2.0  # seconds for the database to answer
FRESH = 1.0  # seconds for which an answer of the database is taken for today's
MAX_LAG = 1.0  # seconds: a loop that is later serves nobody well
_INTERVAL = 0.25  # seconds between two looks at the loop
_KEPT = 8  # looks

NOT_READY = "Not ready"


class LoopLag:
    """How late the event loop runs its timers: a probe that looks at it all the time, at next to no cost."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=_KEPT)
        self._timer: asyncio.TimerHandle | None = None

    @property
    def seconds(self) -> float:
        """The worst of the last two seconds."""
        return max(self._late, default=0.0)

    def start(self) -> None:
        """Look from now on."""
        loop = asyncio.get_running_loop()
        due = loop.time() + _INTERVAL

        def look() -> None:
            self._late.append(max(0.0, loop.time() - due))
            self.start()

        self._timer = loop.call_at(due, look)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Ready(Struct, rename="camel"):
    """The server may be given work."""

    loop_lag_ms: float
    postgres: Literal["up"] = "up"
    status: Literal["ready"] = "ready"


class Alive(Struct):
    """The process serves."""

    version: str
    status: Literal["ok"] = "ok"


class Health:
    """`ping` asks the database for something that only a writable one does, and raises otherwise; `draining`: the server stops."""

    def __init__(
        self,
        *,
        ping: Callable[[], Awaitable[object]],
        draining: Callable[[], bool],
        lag: LoopLag,
        metrics: Metrics,
        clock: Clock,
        version: str,
    ) -> None:
        self._ping = ping
        self._draining = draining
        self._lag = lag
        self._metrics = metrics
        self._clock = clock
        self._version = version
        self._asking = asyncio.Lock()
        self._asked = float("-inf")
        self._writable = False

    async def live(self) -> Answer[Alive]:
        """The process serves; whether it can do work is another question."""
        return Answer(Alive(self._version))

    async def ready(self) -> Answer[Ready]:
        """PostgreSQL takes writes, the server is not stopping, the event loop is on time; otherwise 503."""
        writable, draining, lag = await self._is_writable(), self._draining(), self._lag.seconds
        milliseconds = round(lag * 1_000, 1)
        if draining or not writable or lag > MAX_LAG:
            postgres = "up" if writable else "down"
            details = {"postgres": postgres, "draining": draining, "loopLagMs": milliseconds}
            raise Unavailable(NOT_READY, details=details)
        return Answer(Ready(milliseconds))

    async def metrics(self) -> Answer[bytes]:
        """Metrics in the text format of Prometheus."""
        return Answer(self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def _is_writable(self) -> bool:
        """Ask the database, once for all who want to know, and at most once a second."""
        async with self._asking:
            if self._clock.monotonic() - self._asked >= FRESH:
                self._writable = await self._answers()
                self._asked = self._clock.monotonic()
            return self._writable

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ping()
        except Exception as error:  # noqa: BLE001  whatever it is, work cannot be done
            _log.warning("database_not_writable", kind=type(error).__name__)
            return False
        return True


def health_handlers(health: Health) -> Sequence[HTTPRouteHandler]:
    """The routes."""
    routes = (
        (["/health", "/health/live"], health.live),
        (["/health/ready"], health.ready),
        (["/metrics"], health.metrics),
    )
    return [HTTPRouteHandler(paths, http_method="GET", include_in_schema=False)(answer) for paths, answer in routes]
