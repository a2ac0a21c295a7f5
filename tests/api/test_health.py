"""Liveness, readiness and metrics."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.api.conftest import LIMITS, ManualClock, Probe, zeros

from duologue.api.health import MAX_LAG, PATIENCE, Health, LoopLag, health_handlers
from duologue.api.metrics import Metrics
from duologue.api.server import Surroundings, frame
from duologue.brokers.memory.limits import MemoryLimiter
from duologue.core.errors import Unavailable


@dataclass
class Database:
    """What stands behind `ping`."""

    fault: Exception | None = None
    asked: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def ping(self) -> None:
        """Answer once the gate is open."""
        self.asked += 1
        self.is_asked.set()
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault


@dataclass
class Lagging(LoopLag):
    """A loop that is late by this."""

    late: float = 0.0

    @property
    def seconds(self) -> float:
        """The lag."""
        return self.late


@dataclass
class Operated:
    """A server with its health, and the levers of the test."""

    get: Callable[[str], Awaitable[httpx.Response]]
    database: Database
    lag: Lagging
    clock: ManualClock
    draining: bool = False


@pytest.fixture
async def operated(clock: ManualClock) -> Any:
    """Give a server without load."""
    database, lag = Database(), Lagging()
    metrics = Metrics(zeros(messages=lambda: 5, connections=lambda: 2, commits=lambda: 3, items=lambda: 9))
    health = Health(
        ping=database.ping, draining=lambda: found.draining, lag=lag, metrics=metrics, clock=clock, version="1.2.3"
    )
    surroundings = Surroundings(version="1.2.3", clock=clock, ids=uuid4, limits=LIMITS)
    handlers = [*health_handlers(health), *Probe(MemoryLimiter(clock, LIMITS)).handlers()]
    transport = httpx.ASGITransport(frame(handlers, surroundings, metrics))
    async with httpx.AsyncClient(transport=transport, base_url="http://duologue.test") as client:
        found = Operated(client.get, database, lag, clock)
        yield found


@pytest.mark.parametrize("path", ["/health", "/health/live"])
async def test_a_process_that_serves_is_alive(operated: Operated, path: str) -> None:
    """Whatever its database does."""
    operated.database.fault = Unavailable()
    answer = await operated.get(path)
    assert (answer.status_code, answer.json()) == (200, {"version": "1.2.3", "status": "ok"})


async def test_ready_when_the_database_takes_writes(operated: Operated) -> None:
    """200, with what it stands on."""
    answer = await operated.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"loopLagMs": 0.0, "postgres": "up", "status": "ready"}


@pytest.mark.parametrize("fault", [Unavailable(), OSError("refused"), RuntimeError("anything")])
async def test_not_ready_when_the_database_does_not(operated: Operated, fault: Exception) -> None:
    """503 in the envelope; details say what is wrong."""
    operated.database.fault = fault
    answer = await operated.get("/health/ready")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == ("UNAVAILABLE", "Not ready")
    assert error["details"] == {"postgres": "down", "draining": False, "loopLagMs": 0.0}


async def test_ready_again_when_the_database_is_back(operated: Operated) -> None:
    """An answer is taken for today's for a second, no longer."""
    operated.database.fault = Unavailable()
    assert (await operated.get("/health/ready")).status_code == 503
    operated.database.fault = None
    operated.clock.at += 1
    assert (await operated.get("/health/ready")).status_code == 200


async def test_not_ready_while_draining(operated: Operated) -> None:
    """So that nobody new is sent here."""
    operated.draining = True
    answer = await operated.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["error"]["details"]["draining"] is True


async def test_not_ready_while_the_loop_is_late(operated: Operated) -> None:
    """More than a second late serves nobody well."""
    operated.lag.late = MAX_LAG
    assert (await operated.get("/health/ready")).status_code == 200
    operated.lag.late = MAX_LAG + 0.001
    answer = await operated.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["error"]["details"]["loopLagMs"] == 1001.0


async def test_many_probes_ask_the_database_once(operated: Operated) -> None:
    """Anybody may ask; the database must not feel it."""
    operated.database.gate.clear()
    probes = [asyncio.ensure_future(operated.get("/health/ready")) for _ in range(20)]
    await asyncio.wait_for(operated.database.is_asked.wait(), 5)
    operated.database.gate.set()
    answers = await asyncio.gather(*probes)
    assert {answer.status_code for answer in answers} == {200}
    assert operated.database.asked == 1


async def test_a_database_that_hangs_is_down(operated: Operated) -> None:
    """After two seconds."""
    operated.database.gate.clear()
    async with asyncio.timeout(PATIENCE + 3):
        answer = await operated.get("/health/ready")
    assert answer.status_code == 503


async def test_the_probe_sees_a_blocked_loop() -> None:
    """A callback that blocks the loop makes its timers late."""
    lag, loop = LoopLag(), asyncio.get_running_loop()
    lag.start()
    assert lag.seconds == 0.0
    until = loop.time() + 0.4
    while loop.time() < until:
        pass
    looked = loop.create_future()
    loop.call_later(0, looked.set_result, None)  # behind the probe's timer, which is due already
    await looked
    lag.stop()
    assert 0.1 < lag.seconds < 2


async def test_metrics_show_what_the_parts_count(operated: Operated) -> None:
    """In the text format of Prometheus, with the process beside."""
    answer = await operated.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = set(answer.text.splitlines())
    assert {"chat_messages_total 5.0", "chat_ws_connections 2.0"} <= lines
    assert {"chat_pipeline_commits_total 3.0", "chat_pipeline_items_total 9.0"} <= lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)


async def test_requests_are_counted_by_template_and_status(operated: Operated) -> None:
    """No path, name or method of a request becomes a label."""
    await operated.get("/refuse/Blocked")
    await operated.get("/refuse/NotFound")
    await operated.get("/no/such/route")
    text = (await operated.get("/metrics")).text
    lines = set(text.splitlines())
    assert 'chat_http_requests_total{method="GET",route="/refuse/{name}",status="403"} 1.0' in lines
    assert 'chat_http_requests_total{method="GET",route="/refuse/{name}",status="404"} 1.0' in lines
    assert 'chat_http_requests_total{method="GET",route="unknown",status="404"} 1.0' in lines
    assert 'chat_http_request_seconds_count{method="GET",route="/refuse/{name}"} 2.0' in lines
    assert "such" not in text


def test_an_unheard_of_method_is_one_label() -> None:
    """Whatever a client invents."""
    metrics = Metrics(zeros())
    metrics.answered("BREW", None, 405, 0.001)
    metrics.answered("STEEP", None, 405, 0.001)
    assert b'chat_http_requests_total{method="other",route="unknown",status="405"} 2.0' in metrics.text()
