"""Rate limits of dialect A: T-169, T-171, T-172, their headers, and what costs nothing (design part 9). Time is moved by hand."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.people import Answer, Person, Place

LIMITED = (429, "RATE_LIMITED", "Too many requests")


async def post(person: Person, conversation: str, text: str = "Hello!", **more: Any) -> Answer:
    """Send a message."""
    return await person.post(f"conversations/{conversation}/messages", {"content": text, **more})


async def times(count: int, call: Callable[[], Awaitable[Answer]]) -> list[int]:
    """Call one after the other; return the statuses."""
    return [(await call()).status for _ in range(count)]


def is_limited(answer: Answer) -> bool:
    """Tell whether an answer is refused by a limit and says everywhere alike when to come back."""
    wait = int(answer.headers["retry-after"])
    return answer.refusal == LIMITED and answer.error["retryAfter"] == wait and 1 <= wait <= 60


async def test_t169_thirty_messages_a_minute(start_server: StartServer) -> None:
    """The 31st message within a minute is 429 and not stored; somebody else is not limited."""
    place = await start_server()
    one, other = await place.people(2)
    conversation = await one.conversation(other)
    assert await times(30, lambda: post(one, conversation)) == [201] * 30
    refused = await post(one, conversation)
    assert is_limited(refused)
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert len(await other.messages(conversation, limit=100)) == 30
    assert (await post(other, conversation)).status == 201


async def test_t169_a_socket_and_rest_share_the_limit(start_server: StartServer) -> None:
    """Whichever way messages go, they are counted together (C-30)."""
    place = await start_server()
    one, other = await place.people(2)
    conversation = await one.conversation(other)
    async with one.socket() as socket:
        for _ in range(15):
            await socket.send("message.send", conversationId=conversation, content="Hello!")
            await socket.expect("message.sent")
        assert await times(15, lambda: post(one, conversation)) == [201] * 15
        await socket.send("message.send", conversationId=conversation, content="Hello!")
        refused = await socket.expect("error")
        assert refused.payload["code"] == "RATE_LIMITED"
        assert 1 <= refused.payload["retryAfter"] <= 60
    assert is_limited(await post(one, conversation))


async def test_t169_the_window_slides(start_server: StartServer) -> None:
    """Never more than 30 in any 60 s: what was sent at the begin of a minute makes room one minute later, no more than that."""
    clock = Clock()
    place = await start_server(clock=clock)
    one, other = await place.people(2)
    conversation = await one.conversation(other)
    assert await times(10, lambda: post(one, conversation)) == [201] * 10
    clock.advance(40)
    assert await times(20, lambda: post(one, conversation)) == [201] * 20
    refused = await post(one, conversation)
    assert is_limited(refused)
    assert 15 <= int(refused.headers["retry-after"]) <= 20
    clock.advance(int(refused.headers["retry-after"]))
    assert await times(11, lambda: post(one, conversation)) == [201] * 10 + [429]
    clock.advance(61)
    assert await times(31, lambda: post(one, conversation)) == [201] * 30 + [429]


async def test_limits_are_announced_before_they_are_met(start_server: StartServer) -> None:
    """Each charged answer says limit, what is left and when it is whole again, in both kinds of headers."""
    clock = Clock()
    place = await start_server(clock=clock)
    one, other = await place.people(2)
    conversation = await one.conversation(other)
    for left in (29, 28):
        headers = (await post(one, conversation)).headers
        assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("30", str(left))
        assert 58 <= int(headers["x-ratelimit-reset"]) - clock.now() <= 62
        assert headers["ratelimit-policy"] == '"send_message";q=30;w=60'
        current = re.fullmatch(r'"send_message";r=(\d+);t=(\d+)', headers["ratelimit"])
        assert current is not None
        assert int(current[1]) == left
        assert 58 <= int(current[2]) <= 61
        assert "retry-after" not in headers
    assert "x-ratelimit-limit" not in (await one.get("conversations/unread-count")).headers


async def test_t171_ten_new_conversations_a_minute(start_server: StartServer) -> None:
    """The 11th new conversation within a minute is 429; finding an existing one is never counted (C-49)."""
    place = await start_server()
    one, *others = await place.people(12)
    for other in others[:10]:
        await one.conversation(other)
        assert (await one.get(f"conversations/with/{other.username}")).status == 200
    assert is_limited(await one.get(f"conversations/with/{others[10].username}"))
    assert await times(20, lambda: one.get(f"conversations/with/{others[0].username}")) == [200] * 20
    assert (await others[10].get(f"conversations/with/{one.username}")).status == 200


async def test_t171_an_opening_that_made_nothing_costs_nothing(start_server: StartServer) -> None:
    """Refused by privacy or by a block, or met by the other's opening, it leaves the ten to use."""
    place = await start_server()
    one, closed, blocking, *others = await place.people(13)
    await closed.patch("/api/v1/users/me", {"whoCanMessage": "none"})
    await blocking.post("blocks", {"username": one.username})
    for person in (closed, blocking):
        path = f"conversations/with/{person.username}"
        assert [(await one.get(path)).status for _ in range(10)] == [403] * 10
    answers = await asyncio.gather(*(one.get(f"conversations/with/{others[0].username}") for _ in range(10)))
    assert {answer.status for answer in answers} == {200}
    assert [(await one.get(f"conversations/with/{other.username}")).status for other in others[1:]] == [200] * 9


async def test_t172_marking_and_listing_are_limited(start_server: StartServer) -> None:
    """The 61st marking, the 61st list of conversations and the 121st list of messages within a minute are 429."""
    place = await start_server()
    one, other = await place.people(2)
    conversation = await one.conversation(other)
    calls: list[tuple[int, Callable[[], Awaitable[Answer]]]] = [
        (60, lambda: one.post(f"conversations/{conversation}/read")),
        (60, lambda: one.get("conversations")),
        (120, lambda: one.get(f"conversations/{conversation}/messages")),
    ]
    for most, call in calls:
        assert await times(most, call) == [200] * most
        assert is_limited(await call())
    assert (await other.get("conversations")).status == 200


async def test_search_and_events_are_limited(start_server: StartServer) -> None:
    """The 31st search and the 121st event list within a minute are 429."""
    place = await start_server()
    one = await place.person()
    calls: list[tuple[int, Callable[[], Awaitable[Answer]]]] = [
        (30, lambda: one.get("/api/v1/users", query="a")),
        (120, lambda: one.get("events")),
    ]
    for most, call in calls:
        assert await times(most, call) == [200] * most
        assert is_limited(await call())


async def test_a_replay_costs_nothing(start_server: StartServer) -> None:
    """Repeats under a key are answered before and beyond the limit without using it up."""
    place = await start_server(RATE_LIMITS="send_message=3/min")
    one, other = await place.people(2)
    conversation = await one.conversation(other)
    key = str(uuid4())
    first = await post(one, conversation, tempId=key)
    assert first.headers["x-ratelimit-remaining"] == "2"
    replays = [await post(one, conversation, tempId=key) for _ in range(10)]
    assert {(answer.status, answer.data["id"]) for answer in replays} == {(200, first.data["id"])}
    assert {answer.headers["x-ratelimit-remaining"] for answer in replays} == {"2"}
    assert await times(3, lambda: post(one, conversation)) == [201, 201, 429]
    beyond = await post(one, conversation, tempId=key)
    assert (beyond.status, beyond.data["id"]) == (200, first.data["id"])
    assert (await post(one, conversation, "another text", tempId=key)).status == 409
    assert is_limited(await post(one, conversation, tempId=str(uuid4())))


async def test_parallel_replays_are_charged_once(start_server: StartServer) -> None:
    """Twenty sends at once under one key cost what one costs."""
    place = await start_server(RATE_LIMITS="send_message=3/min")
    one, other = await place.people(2)
    conversation = await one.conversation(other)
    key = str(uuid4())
    answers = await asyncio.gather(*(post(one, conversation, tempId=key) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert await times(3, lambda: post(one, conversation)) == [201, 201, 429]


async def test_what_was_never_a_message_costs_nothing(start_server: StartServer) -> None:
    """A body that is refused for what it is leaves the limit as it was."""
    place = await start_server(RATE_LIMITS="send_message=1/min")
    one, other = await place.people(2)
    conversation = await one.conversation(other)
    for text in ("", "x" * 10_001):
        assert (await post(one, conversation, text)).status == 400
    assert await times(2, lambda: post(one, conversation)) == [201, 429]


async def off(place: Place) -> set[int]:
    """Return the statuses of more messages than the default limit allows."""
    one, other = await place.people(2)
    conversation = await one.conversation(other)
    return set(await times(40, lambda: post(one, conversation)))


@pytest.mark.parametrize("setting", ["off", "send_message=off", "send_message=40/s"])
async def test_limits_are_what_the_settings_say(start_server: StartServer, setting: str) -> None:
    """All off, one off, or another figure for one."""
    assert await off(await start_server(RATE_LIMITS=setting)) == {201}
