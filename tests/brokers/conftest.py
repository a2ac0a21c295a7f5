"""The contract of the brokers runs against every backend: a new one adds a class and a line here, and no test."""

from collections.abc import Mapping
from typing import Protocol

import pytest

from duologue.brokers.memory.fanout import MemoryBroker
from duologue.brokers.memory.limits import MemoryLimiter
from duologue.brokers.memory.presence import MemoryPresence
from duologue.core.ports import Broker, Clock, Limit, Limiter, Presence


class ManualClock:
    """Time that moves when it is told to; the wall clock may jump, the other never goes back."""

    def __init__(self) -> None:
        self.wall = 1_700_000_000.0
        self.steady = 4096.0

    def now(self) -> float:
        """Unix seconds."""
        return self.wall

    def monotonic(self) -> float:
        """Seconds."""
        return self.steady

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.wall += seconds
        self.steady += seconds


class Backend(Protocol):
    """Makes fresh, empty brokers of one kind."""

    def limiter(self, clock: Clock, limits: Mapping[str, Limit]) -> Limiter:
        """A limiter that has seen no charge."""
        ...

    def presence(self, clock: Clock, ttl: float) -> Presence:
        """A presence without connections."""
        ...

    def broker(self) -> Broker:
        """A broker without subscribers."""
        ...


class MemoryBackend:
    """The single node's."""

    def limiter(self, clock: Clock, limits: Mapping[str, Limit]) -> Limiter:
        """In memory."""
        return MemoryLimiter(clock, limits)

    def presence(self, clock: Clock, ttl: float) -> Presence:
        """In memory."""
        return MemoryPresence(clock, ttl)

    def broker(self) -> Broker:
        """In memory."""
        return MemoryBroker()


@pytest.fixture(scope="session", params=[MemoryBackend()], ids=["memory"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each backend in turn."""
    chosen: Backend = request.param
    return chosen


@pytest.fixture(scope="session")
def new_clock() -> type[ManualClock]:
    """Makes a clock for each example of a property."""
    return ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """Time in the hands of the test."""
    return ManualClock()
