"""Presence: T-076, T-090 to T-094, T-099, T-100, its grace, blocks and last seen (design part 4). Minutes pass in seconds here."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from tests.live.chat import after_greeting, chat
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.people import Person, Place, eventually
from tests.live.raw import RawSocket
from websockets.frames import Opcode

BRISK = 10.0  # two seconds take 0.2 s
HASTY = 40.0  # a minute takes 1.5 s


@pytest.fixture
async def brisk(start_server: StartServer) -> tuple[Place, Clock]:
    """Give a server with the settings of production, for which time passes ten times as fast."""
    clock = Clock(BRISK)
    place = await start_server(clock=clock, later=clock.later, AUTH_TIMEOUT="10m", RATE_LIMITS="off")
    return place, clock


async def other_user(viewer: Person, conversation: str) -> Any:
    """Return how the viewer's list shows the other one of a conversation."""
    return next(listed["otherUser"] for listed in await viewer.conversations() if listed["id"] == conversation)


async def is_online(viewer: Person, conversation: str) -> bool:
    """Tell what the viewer's list says."""
    online: bool = (await other_user(viewer, conversation))["isOnline"]
    return online


async def test_t076_a_new_connection_is_told_who_is_online(live: Place) -> None:
    """status.bulk names every partner, and nobody else, with true or false."""
    one, two, _ = await chat(live)
    three, stranger = await live.people(2)
    await three.conversation(one)
    async with two.socket(), stranger.socket(), one.socket() as socket:
        assert socket.frames[2].payload == {"statuses": {two.id: True, three.id: False}}


async def test_t090_partners_learn_who_comes_and_goes(brisk: tuple[Place, Clock]) -> None:
    """user.online with the first connection, user.offline with time and last seen after the last one."""
    place, clock = brisk
    one, two, conversation = await chat(place)
    async with two.socket() as watching:
        async with one.socket():
            online = (await watching.expect("user.online")).payload
            assert online["userId"] == one.id
            assert set(online) == {"userId", "onlineAt"}
            assert abs(datetime.fromisoformat(online["onlineAt"]).timestamp() - clock.now()) < 60
            assert await is_online(two, conversation)
        offline = (await watching.expect("user.offline")).payload
        assert offline["userId"] == one.id
        assert offline["lastSeen"] == offline["offlineAt"] > online["onlineAt"]
        shown = await eventually(lambda: other_user(two, conversation), lambda user: "lastSeen" in user)
        assert (shown["isOnline"], shown["lastSeen"]) == (False, offline["lastSeen"])
        assert after_greeting(watching) == ["user.online", "user.offline"]


async def test_t091_strangers_learn_nothing(brisk: tuple[Place, Clock]) -> None:
    """Who shares no conversation is not told; when a partner was told of the end, the stranger was not."""
    place, _ = brisk
    one, two, _ = await chat(place)
    stranger = await place.person()
    async with two.socket() as partner, stranger.socket() as third:
        async with one.socket():
            await partner.expect("user.online")
        await partner.expect("user.offline")
        await third.quiet()
        assert after_greeting(third) == []


async def test_t092_one_of_two_connections_may_go(brisk: tuple[Place, Clock]) -> None:
    """The second connection is no news, and the end of one of two neither; both gone is offline, once."""
    place, _ = brisk
    one, two, conversation = await chat(place)
    third = await place.person()
    await third.conversation(two)
    async with two.socket() as watching:
        async with one.socket():
            async with one.socket(), third.socket():
                await watching.expect("user.online", userId=third.id)
            await watching.expect("user.offline", userId=third.id)  # so the grace of the other end is over as well
            assert await is_online(two, conversation)
            assert [frame.type for frame in watching.frames if frame.payload.get("userId") == one.id] == ["user.online"]
        await watching.expect("user.offline", userId=one.id)


async def test_who_returns_within_two_seconds_was_never_away(brisk: tuple[Place, Clock]) -> None:
    """No user.offline and no second user.online; the list tells the truth in between."""
    place, _ = brisk
    one, two, conversation = await chat(place)
    third = await place.person()
    await third.conversation(two)
    async with two.socket() as watching, third.socket() as marker:
        async with one.socket():
            await watching.expect("user.online", userId=one.id)
        async with one.socket():
            assert await is_online(two, conversation)
            await marker.connection.close()
            await watching.expect("user.offline", userId=third.id)  # left later: the time of the first is over
            told = [frame.type for frame in watching.frames if frame.payload.get("userId") == one.id]
            assert told == ["user.online"]


async def test_the_list_knows_at_once_who_went(live: Place) -> None:
    """The list says offline before user.offline comes, which waits for a return."""
    one, two, conversation = await chat(live)
    async with two.socket() as watching:
        async with one.socket():
            await watching.expect("user.online")
        await eventually(lambda: is_online(two, conversation), lambda online: not online)
        assert "user.offline" not in watching.kinds()
        await watching.expect("user.offline")


async def test_t093_nobody_stays_online(brisk: tuple[Place, Clock]) -> None:
    """More than 60 s after the end isOnline is false, and stays so."""
    place, clock = brisk
    one, two, conversation = await chat(place)
    clock.hurry(HASTY)
    async with one.socket():
        assert await is_online(two, conversation)
    left = clock.now()
    await eventually(lambda: is_online(two, conversation), lambda online: not online)

    async def later() -> bool:
        assert not await is_online(two, conversation)
        return clock.now() > left + 70

    await eventually(later, bool)
    async with two.socket() as socket:
        assert socket.frames[2].payload == {"statuses": {one.id: False}}


async def test_t094_who_answers_pings_alone_stays_online(brisk: tuple[Place, Clock]) -> None:
    """90 s of nothing but pongs: still online, and the partner was told nothing else."""
    place, clock = brisk
    one, two, conversation = await chat(place)
    clock.hurry(HASTY)
    async with two.socket() as watching, RawSocket(place, token=one.token) as raw:
        await raw.expect("status.bulk")
        begun = clock.now()
        while clock.now() < begun + 90:
            await raw.ping()
            await raw.pong()
        assert await is_online(two, conversation)
        await watching.quiet()
        assert after_greeting(watching) == ["user.online"]


async def test_t099_who_answers_nothing_is_cut_off(brisk: tuple[Place, Clock]) -> None:
    """Without a pong the connection is aborted 30 s after a ping, 60 to 90 s into silence at most, and the user goes offline."""
    place, clock = brisk
    one, two, conversation = await chat(place)
    clock.hurry(HASTY)
    async with two.socket() as watching, RawSocket(place, token=one.token) as raw:
        await raw.expect("status.bulk")
        begun = clock.now()
        await raw.ping()
        pinged = clock.now()
        assert await raw.closed() == 1006
        assert 30 - HASTY * 0.05 < clock.now() - pinged < 60
        assert clock.now() - begun < 90
        await watching.expect("user.offline", userId=one.id)
        assert not await is_online(two, conversation)


async def test_t100_pings_come_every_thirty_seconds(brisk: tuple[Place, Clock]) -> None:
    """Within 65 s of a connection at least two ping frames."""
    place, clock = brisk
    person = await place.person()
    clock.hurry(HASTY)
    begun = clock.now()
    async with RawSocket(place, token=person.token) as raw:
        await raw.ping()
        first = clock.now()
        await raw.pong()
        await raw.ping()
        second = clock.now()
        assert second - begun < 65
        assert 25 < second - first < 35


async def test_anything_that_comes_in_is_a_sign_of_life(brisk: tuple[Place, Clock]) -> None:
    """Who sends commands and never a pong stays (B-07)."""
    place, clock = brisk
    person = await place.person()
    clock.hurry(HASTY)
    async with RawSocket(place, token=person.token) as raw:
        begun = clock.now()
        while clock.now() < begun + 120:
            await raw.ping()
            await raw.send("ping")
            await raw.expect("pong")


async def test_a_client_may_ping_too(live: Place) -> None:
    """A ping frame is answered by a pong frame with the same bytes."""
    person = await live.person()
    async with RawSocket(live, token=person.token) as raw:
        await raw.expect("status.bulk")
        await raw.frame(Opcode.PING, b"are you there")
        assert await raw.next() == (Opcode.PONG, b"are you there")


@pytest.mark.parametrize("by_watcher", [True, False])
async def test_presence_does_not_cross_a_block(brisk: tuple[Place, Clock], *, by_watcher: bool) -> None:
    """Neither frames, nor status.bulk, nor the list; after the unblock the truth is shown again."""
    place, _ = brisk
    one, two, conversation = await chat(place)
    third = await place.person()
    await third.conversation(one)
    blocker, blocked = (two, one) if by_watcher else (one, two)
    await blocker.post("blocks", {"username": blocked.username})
    async with two.socket() as watching, third.socket() as partner:
        async with one.socket() as socket:
            await partner.expect("user.online", userId=one.id)
            assert socket.frames[2].payload["statuses"] == {third.id: True}
            if by_watcher:
                assert not await is_online(two, conversation)
        await partner.expect("user.offline", userId=one.id)
        await watching.quiet()
        assert [kind for kind in watching.kinds() if kind.startswith("user.")] == []
        await blocker.delete(f"blocks/{blocked.username}")
        async with one.socket() as socket:
            await watching.expect("user.online", userId=one.id)
            assert socket.frames[2].payload["statuses"] == {third.id: True, two.id: True}
            assert await is_online(two, conversation)


@pytest.mark.parametrize("hides", ["who goes", "who stays"])
async def test_last_seen_is_shown_between_two_who_show_it(brisk: tuple[Place, Clock], hides: str) -> None:
    """Who hides it is shown without it, and sees nobody's."""
    place, _ = brisk
    one, two, conversation = await chat(place)
    await (one if hides == "who goes" else two).patch("/api/v1/users/me", {"showLastSeen": False})
    async with two.socket() as watching:
        async with one.socket():
            await watching.expect("user.online")
        offline = (await watching.expect("user.offline")).payload
        assert set(offline) == {"userId", "offlineAt"}
        assert "lastSeen" not in await other_user(two, conversation)


async def test_many_who_leave_together_are_told_one_by_one(brisk: tuple[Place, Clock]) -> None:
    """Twenty partners close at the same time: twenty user.offline, each once."""
    place, _ = brisk
    person, *partners = await place.people(21)
    await asyncio.gather(*(person.conversation(partner) for partner in partners))
    async with person.socket() as watching:
        sockets = [partner.socket() for partner in partners]
        await asyncio.gather(*(socket.__aenter__() for socket in sockets))
        await asyncio.gather(*(socket.__aexit__(None, None, None) for socket in sockets))
        for partner in partners:
            await watching.expect("user.offline", userId=partner.id)
        assert sorted(after_greeting(watching)) == ["user.offline"] * 20 + ["user.online"] * 20
