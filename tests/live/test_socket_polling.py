"""Without a socket: the events of `GET /events`, long polling, its lease and limits (design part 4; WSC-31)."""

import asyncio
import time
from typing import Any

import pytest
from tests.live.chat import Chat, chat, say
from tests.live.clock import Clock, soon
from tests.live.conftest import StartServer
from tests.live.people import Person, Place, eventually

TOO_MANY = 4503


async def missed(person: Person, **query: Any) -> tuple[list[tuple[str, int]], int, bool]:
    """Poll; return type and position of each event, where to go on, and whether more is there."""
    data = (await person.get("events", **query)).data
    assert set(data) == {"events", "position", "epoch", "hasMore"}
    return [(event["type"], event["position"]) for event in data["events"]], data["position"], data["hasMore"]


async def written(place: Place, count: int) -> Chat:
    """Return two people of whom the first sent so many messages: positions 2 and up."""
    found = await chat(place)
    for number in range(count):
        await found.one.send(found.id, f"message {number}")
    return found


async def test_a_first_poll_tells_the_head(live: Place) -> None:
    """Without `since` no events, the position and the epoch to go on from; `wait` does not hold it up."""
    _, two, _ = await written(live, 2)
    async with asyncio.timeout(5):
        assert await missed(two, wait=20) == ([], 3, False)
    async with two.socket() as socket:
        assert (await two.get("events")).data["epoch"] == socket.frames[0].payload["epoch"]


async def test_a_poll_brings_whole_frames(live: Place) -> None:
    """The first frame of each group after `since`, byte for byte what a replay on a socket sends."""
    one, two, conversation = await written(live, 2)
    await two.send(conversation)
    await one.post(f"conversations/{conversation}/read", {})
    await two.post(f"conversations/{conversation}/read", {})
    answer = await two.get("events", since=0)
    assert [event["type"] for event in answer.data["events"]] == [
        "conversation.updated", "message.new", "message.new", "message.new", "message.read_update", "message.read_ack",
    ]  # fmt: skip
    async with two.socket(since=0) as socket:
        await socket.expect("resume.done")
        frames = [frame.raw for frame in socket.frames if frame.position is not None]
    again = await two.get("events", since=0)
    assert [frame in again.raw for frame in frames] == [True] * 6


async def test_a_poll_has_pages(live: Place) -> None:
    """`limit` counts facts; `position` is where the next page begins, `hasMore` says that there is one."""
    _, two, _ = await written(live, 5)
    assert await missed(two, since=1, limit=2) == ([("message.new", 2), ("message.new", 3)], 3, True)
    assert await missed(two, since=3, limit=2) == ([("message.new", 4), ("message.new", 5)], 5, True)
    assert await missed(two, since=5, limit=2) == ([("message.new", 6)], 6, False)
    assert await missed(two, since=6) == ([], 6, False)
    assert len((await missed(two, since=0, limit="many"))[0]) == 6
    assert len((await missed(two, since=0, limit=10_000))[0]) == 6


async def test_a_poll_waits_for_what_happens(live: Place) -> None:
    """With `wait` it returns as soon as something happened, long before the time is over, by REST or socket."""
    one, two, conversation = await written(live, 1)
    async with one.socket() as socket:
        for position in (3, 4):
            poll = asyncio.create_task(missed(two, since=position - 1, wait=30))
            # Being online is what can be seen of a poll that has begun.
            await socket.expect("user.online") if position == 3 else await socket.quiet()
            await (say(socket, conversation) if position == 3 else one.send(conversation))
            async with asyncio.timeout(5):
                assert await poll == ([("message.new", position)], position, False)


async def test_a_poll_does_not_wait_when_something_is_there(live: Place) -> None:
    """`wait` is for the first event only."""
    _, two, _ = await written(live, 1)
    async with asyncio.timeout(5):
        assert await missed(two, since=1, wait=30) == ([("message.new", 2)], 2, False)


async def test_a_poll_that_waited_in_vain_is_empty(start_server: StartServer) -> None:
    """After `wait` seconds, here a tenth of them: no events, the same position."""
    place = await start_server(later=soon)
    _, two, _ = await written(place, 1)
    begun = time.monotonic()
    assert await missed(two, since=2, wait=10) == ([], 2, False)
    assert time.monotonic() - begun >= 1


async def test_signing_out_ends_a_poll_that_waits(start_server: StartServer) -> None:
    """It is 401 at once; the poll of another sign-in waits on."""
    place = await start_server(JWT_SECRET="")
    account = {"username": "anna", "password": "correct horse battery"}
    first = (await place.post("/api/v1/auth/register", account)).data
    second = (await place.post("/api/v1/auth/login", account)).data
    user_id = first["user"]["id"]
    phone, laptop = (Person(place, user_id, "anna", session["accessToken"]) for session in (first, second))
    polls = [asyncio.create_task(person.get("events", since=0, wait=30)) for person in (phone, laptop)]
    await laptop.get("conversations/unread-count")  # the polls are as far as this one by now
    await place.post("/api/v1/auth/logout", {"refreshToken": first["refreshToken"]})
    async with asyncio.timeout(5):
        assert (await polls[0]).refusal == (401, "UNAUTHORIZED", "Session has ended")
    await laptop.get("conversations/unread-count")
    assert not polls[1].done()
    assert (await laptop.post("/api/v1/auth/logout-all")).status < 300
    async with asyncio.timeout(5):
        assert (await polls[1]).status == 401


async def test_every_poll_of_a_user_hears_of_news(live: Place) -> None:
    """Two tabs wait, both return; a stranger's poll does not."""
    one, two, conversation = await written(live, 0)
    stranger = await live.person()
    async with one.socket() as socket:
        polls = [asyncio.create_task(missed(two, since=1, wait=30)) for _ in range(2)]
        other = asyncio.create_task(missed(stranger, since=0, wait=30))
        await socket.expect("user.online")
        await one.get("conversations/unread-count")  # the second poll is as far as this one by now
        await say(socket, conversation)
        async with asyncio.timeout(5):
            assert await asyncio.gather(*polls) == [([("message.new", 2)], 2, False)] * 2
        assert not other.done()
        other.cancel()


@pytest.mark.parametrize("since", ["abc", "-1", "1.5", "1e3", "\u0661"])
async def test_a_since_that_is_none_is_refused(live: Place, since: str) -> None:
    """400 VALIDATION_ERROR."""
    person = await live.person()
    assert (await person.get("events", since=since)).refusal[:2] == (400, "VALIDATION_ERROR")


async def test_a_poll_counts_for_presence(start_server: StartServer) -> None:
    """Who polls is online for 45 s after each poll, and offline after that."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later)
    one, two, _ = await chat(place)
    async with two.socket() as watching:
        await one.get("events")
        assert (await watching.expect("user.online")).payload["userId"] == one.id
        for _ in range(3):
            for seconds in (41, 3):  # an end would be told two seconds later
                clock.advance(seconds)
                await watching.quiet()
            await one.get("events", since=1)
        clock.advance(2)
        await watching.quiet()
        assert [frame.type for frame in watching.frames if frame.type.startswith("user.")] == ["user.online"]
        clock.advance(46)
        await watching.quiet()
        clock.advance(3)
        await watching.expect("user.offline", userId=one.id)


async def test_a_socket_takes_over_from_a_poll_without_a_flicker(start_server: StartServer) -> None:
    """The end of the lease says nothing while a socket is open."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later)
    one, two, _ = await chat(place)
    async with two.socket() as watching:
        await one.get("events")
        await watching.expect("user.online")
        async with one.socket():
            clock.advance(50)
            await watching.quiet()
            clock.advance(5)
            await watching.quiet()
            assert [kind for kind in watching.kinds() if kind.startswith("user.")] == ["user.online"]


async def test_all_polls_count_as_one_connection(start_server: StartServer) -> None:
    """Over the limit a poll is 429 and a socket 4503; polls of one user do not add up."""
    place = await start_server(MAX_CONNECTIONS_PER_USER="2")
    one, two = await place.people(2)
    await asyncio.gather(*(one.get("events", since=0) for _ in range(5)))
    async with one.socket():
        async with one.socket(greeted=False) as late:
            assert await late.closed() == TOO_MANY
        await one.get("events", since=0)
    async with two.socket() as first, two.socket() as second:
        answer = await two.get("events", since=0)
        assert answer.refusal[:2] == (429, "RATE_LIMITED")
        assert int(answer.headers["retry-after"]) >= 1
        await first.quiet()
        await second.connection.close()

        async def polls() -> bool:
            return (await two.get("events", since=0)).status == 200

        await eventually(polls, bool)


async def test_polls_have_a_rate_limit(start_server: StartServer) -> None:
    """`events` a minute, then 429 with Retry-After; other users go on."""
    place = await start_server(RATE_LIMITS="events=3/min")
    one, two = await place.people(2)
    for _ in range(3):
        assert (await one.get("events")).status == 200
    answer = await one.get("events")
    assert answer.refusal[:2] == (429, "RATE_LIMITED")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.error["retryAfter"] == int(answer.headers["retry-after"])
    assert (await two.get("events")).status == 200


async def test_polls_alone_keep_a_client_up_to_date(live: Place) -> None:
    """Going from position to position, while messages come in, misses nothing and repeats nothing."""
    one, two, conversation = await written(live, 0)
    seen: list[tuple[str, int]] = []

    async def follow() -> None:
        position = 1
        while position < 51:
            events, position, _ = await missed(two, since=position, wait=30, limit=7)
            seen.extend(events)

    async with one.socket() as socket, asyncio.timeout(20):
        following = asyncio.create_task(follow())
        for number in range(50):
            await say(socket, conversation, f"{number}")
        await following
    assert seen == [("message.new", position) for position in range(2, 52)]
