"""What the operator measures: every metric of the server, its name and help, in the format of Prometheus (OBS-07 to OBS-12).

Counting is done where things happen, by plain numbers that are read here when somebody asks; only HTTP is counted here. Labels
are few and come from us, never from a request (B-43).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Where the numbers stand; each is called when they are asked for. Totals only grow, as long as the process lives."""

    messages: Callable[[], int]  # stored
    connections: Callable[[], int]  # open sockets
    queued: Callable[[], int]  # items in the pipeline without an outcome
    commits: Callable[[], int]  # flushes that committed
    items: Callable[[], int]  # items in them: divided by `commits`, items per flush
    failures: Callable[[], int]  # flushes that failed, before they were tried again or refused
    loop_lag: Callable[[], float]  # seconds
    infected: Callable[[], int]  # files that a later scan found to be so


class Metrics:
    """The metrics of one server."""

    def __init__(self, readings: Readings) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a third of the lines, of no use to anybody
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._registry.register(_Read(readings))
        self._answers = Counter(
            "chat_http_requests_total",
            "HTTP answers by route template and status",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "chat_http_request_seconds",
            "Time from an HTTP request's head to its answer's",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def answered(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count an answer."""
        method = method if method in _METHODS else "other"
        route = route or "unknown"
        self._answers.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Everything, in the text format."""
        return generate_latest(self._registry)


class _Read(Collector):
    """Reads the numbers when they are asked for."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        """Every number with its name."""
        readings = self._readings
        yield CounterMetricFamily("chat_messages", "Total number of messages sent", readings.messages())
        yield GaugeMetricFamily("chat_ws_connections", "Number of active WebSocket connections", readings.connections())
        yield GaugeMetricFamily("chat_pipeline_queue_length", "Items without an outcome", readings.queued())
        yield CounterMetricFamily("chat_pipeline_commits", "Flushes that committed", readings.commits())
        yield CounterMetricFamily("chat_pipeline_items", "Items in the flushes that committed", readings.items())
        yield CounterMetricFamily("chat_pipeline_failures", "Flushes that failed", readings.failures())
        yield CounterMetricFamily("chat_files_infected", "Files that a later scan found infected", readings.infected())
        yield GaugeMetricFamily("chat_loop_lag_seconds", "How late the event loop runs timers", readings.loop_lag())
