"""Fan-out within one process: what is published reaches every subscriber, in order, before `publish` returns.

What the events mean, and who of the connected gets them, is the relay's matter.
"""

import traceback
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from duologue.core.events import Event

_log = structlog.get_logger(__name__)


class MemoryBroker:
    """The `Broker` of a single node. It keeps nothing: without a subscriber, events are gone."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[Sequence[Event]], None]] = []
        self._waiting: deque[Sequence[Event]] = deque()
        self._delivering = False

    def subscribe(self, deliver: Callable[[Sequence[Event]], None]) -> None:
        """Call `deliver` with every batch published from now on, for as long as the broker lives."""
        self._subscribers.append(deliver)

    def publish(self, events: Sequence[Event]) -> None:
        """Hand `events` to every subscriber, in the order of subscription; never blocks, never raises.

        A batch that a subscriber publishes while it is being called comes after the current one, for everybody.
        """
        if not events:
            return
        self._waiting.append(events)
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._waiting:
                self._deliver(self._waiting.popleft())
        finally:
            self._delivering = False

    def _deliver(self, events: Sequence[Event]) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(events)
            except Exception as error:  # noqa: BLE001  one subscriber's fault must not stop the others
                _report(error, len(events))


def _report(error: Exception, events: int) -> None:
    # The error's own words may quote a message's text, so its type and place have to do.
    place = "".join(traceback.format_tb(error.__traceback__))
    _log.error("subscriber failed", error=type(error).__name__, place=place, events=events)
