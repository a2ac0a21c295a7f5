"""Fixtures of the client's tests: a stand-in server on real sockets, and a pace that never waits."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from tests.client.standin import Standin, running

from duologue.client import Rest, Session, SessionOptions, Timing, TokenProvider

TOKEN = "t"


class Pace:
    """Time that a test moves: `sleep` notes its seconds, moves the clock and returns at once; `random` is always `drawn`."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.now = 1_000_000.0
        self.drawn = 1.0
        self.timing = Timing(
            sleep=self._sleep, random=lambda: self.drawn, clock=lambda: self.now, monotonic=lambda: self.now
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    """Serve one user."""
    async with running() as server:
        yield server


@pytest.fixture
def pace() -> Pace:
    """Hand out a fresh pace."""
    return Pace()


@pytest.fixture
async def rest(standin: Standin, pace: Pace) -> AsyncIterator[Rest]:
    """Speak REST with the stand-in, three tries a call."""
    async with Rest(standin.base_url, token="t", tries=3, timing=pace.timing) as client:
        yield client


Connect = Callable[..., Session]


@pytest.fixture
def connect(standin: Standin, pace: Pace) -> Connect:
    """Make sessions with the stand-in."""

    def made(
        token: str | TokenProvider = TOKEN,
        since: int | None = None,
        epoch: str | None = None,
        options: SessionOptions | None = None,
    ) -> Session:
        return Session(
            standin.base_url,
            token=token,
            since=since,
            epoch=epoch,
            url=standin.socket_url,
            options=options,
            timing=pace.timing,
        )

    return made
