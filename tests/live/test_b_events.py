"""Without a socket in dialect B: the events of `GET /v1/events` as B's frames, long polling, resets (design part 4)."""

import asyncio
from typing import Any

from tests.live.people import Person, Place
from tests.live.v1 import history, opened, say

EVENTS = "/v1/events"


async def missed(person: Person, **query: Any) -> tuple[list[tuple[str, int]], int, bool]:
    """Poll; return type and position of each event, where to go on, and whether more is there."""
    data = (await person.get(EVENTS, **query)).data
    assert set(data) == {"events", "position", "epoch", "has_more"}
    return [(event["type"], event["position"]) for event in data["events"]], data["position"], data["has_more"]


async def test_a_first_poll_tells_the_head(live: Place) -> None:
    """Without `since` no events, but the position that the lists say, and A's epoch."""
    one, other = await live.people(2)
    await say(one, await opened(one, other), "a", "b")
    assert await missed(other) == ([], 3, False)
    assert (await other.get(EVENTS)).data["epoch"] == (await other.get("events")).data["epoch"]


async def test_a_poll_brings_dialect_bs_frames(live: Place) -> None:
    """The first frame of each fact, `{type, data, position}`; pages by `limit`."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    [message] = await say(one, conversation, "Hey!")
    await history(other, conversation)
    expected = [("conversation_updated", 1), ("new_message", 2), ("message_read_ack", 3)]
    assert await missed(other, since=0) == (expected, 3, False)
    assert await missed(other, since=0, limit=2) == (expected[:2], 2, True)
    assert await missed(other, since=2, limit=2) == (expected[2:], 3, False)
    new = (await other.get(EVENTS, since=1, limit=1)).data["events"][0]
    assert set(new) == {"type", "data", "position"}
    assert (new["data"]["id"], new["data"]["content"], new["data"]["sender_id"]) == (message, "Hey!", one.id)


async def test_a_poll_waits_for_what_happens(live: Place) -> None:
    """With `wait` it returns as soon as something happened, long before the time is over."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    async with one.socket() as socket:
        poll = asyncio.create_task(missed(other, since=1, wait=30))
        await socket.expect("user.online")  # what can be seen of a poll that has begun
        await say(one, conversation)
        async with asyncio.timeout(5):
            assert await poll == ([("new_message", 2)], 2, False)


async def test_a_poll_of_another_log_is_reset(live: Place) -> None:
    """Ahead of the head, or of another epoch: where to take a snapshot."""
    one = await live.person()
    for query, reason in (("since=99", "ahead"), ("since=0&epoch=another", "epoch")):
        data = (await one.get(f"{EVENTS}?{query}")).data
        assert (data["reset"], data["reason"], data["position"]) == (True, reason, 0)
    bad = await one.get(EVENTS, since="x")
    assert (bad.status, bad.error["code"]) == (400, "VALIDATION_ERROR")
