"""Fan-out: what is published reaches every subscriber, in order, and nobody's fault stops the others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from structlog.testing import capture_logs

from duologue.brokers.memory.fanout import MemoryBroker
from duologue.core.events import Event, TypingChanged

if TYPE_CHECKING:
    from tests.brokers.conftest import Backend


def typing(number: int) -> Event:
    """An event that can be told from others."""
    return TypingChanged(UUID(int=number), UUID(int=1), UUID(int=2), is_typing=True)


class Inbox:
    """A subscriber that keeps what it got."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._came = asyncio.Event()

    def deliver(self, events: Sequence[Event]) -> None:
        """Take a batch."""
        self.events.extend(events)
        self._came.set()

    async def holds(self, expected: Sequence[Event]) -> None:
        """Wait until as many came as expected, then compare."""
        async with asyncio.timeout(5):
            while len(self.events) < len(expected):
                self._came.clear()
                await self._came.wait()
        assert self.events == list(expected)


async def test_every_subscriber_gets_every_event_in_order(backend: Backend) -> None:
    """Order holds within a batch and between batches."""
    broker, first, second = backend.broker(), Inbox(), Inbox()
    broker.subscribe(first.deliver)
    broker.subscribe(second.deliver)
    events = [typing(number) for number in range(5)]
    broker.publish(events[:2])
    broker.publish([])
    broker.publish(events[2:])
    await first.holds(events)
    await second.holds(events)


async def test_publishing_without_subscribers_is_no_error(backend: Backend) -> None:
    """A later subscriber gets what comes after it."""
    broker, inbox = backend.broker(), Inbox()
    broker.publish([typing(1)])
    broker.subscribe(inbox.deliver)
    broker.publish([typing(2)])
    await inbox.holds([typing(2)])


async def test_a_subscriber_that_fails_stops_nobody_and_is_logged_once_without_its_words(backend: Backend) -> None:
    """The words of an error may quote a message, so its type and place have to do."""
    broker, inbox = backend.broker(), Inbox()
    words = "canary"

    def fail(_: Sequence[Event]) -> None:
        raise RuntimeError(words)

    broker.subscribe(fail)
    broker.subscribe(inbox.deliver)
    with capture_logs() as logs:
        broker.publish([typing(1), typing(2)])
        await inbox.holds([typing(1), typing(2)])
    (line,) = logs
    assert (line["log_level"], line["error"], line["events"]) == ("error", "RuntimeError", 2)
    assert "in fail" in line["place"]
    assert words not in str(line)


async def test_what_a_subscriber_publishes_comes_after_what_it_was_called_with(backend: Backend) -> None:
    """For every subscriber, so that all see one order."""
    broker, inbox = backend.broker(), Inbox()

    def answer(events: Sequence[Event]) -> None:
        if events == [typing(1)]:
            broker.publish([typing(2)])
            broker.publish([typing(3)])

    broker.subscribe(answer)
    broker.subscribe(inbox.deliver)
    broker.publish([typing(1)])
    await inbox.holds([typing(1), typing(2), typing(3)])


def test_one_node_delivers_before_publish_returns() -> None:
    """No task, no delay, and no call for an empty batch."""
    broker = MemoryBroker()
    batches: list[Sequence[Event]] = []
    broker.subscribe(batches.append)
    broker.publish([])
    broker.publish([typing(1)])
    assert batches == [[typing(1)]]
