"""Presence: T-076, T-090 to T-094, T-099, T-100, its grace, blocks and last seen (design part 4). Minutes pass in seconds here."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.live.chat import after_greeting, chat
from tests.live.clock import Clock, soon
from tests.live.conftest import StartServer
from tests.live.people import Person, Place, eventually
from tests.live.raw import RawSocket
from tests.live.socket import Socket
from websockets.frames import Opcode


@pytest.fixture
async def brisk(start_server: StartServer) -> Place:
    """Give a server that does after 0.2 s what it should do after two."""
    return await start_server(later=soon, RATE_LIMITS="off")


@pytest.fixture
async def timed(start_server: StartServer) -> tuple[Place, Clock]:
    """Give a server whose time is the test's."""
    clock = Clock()
    return await start_server(clock=clock, later=clock.later, RATE_LIMITS="off"), clock


async def second(clock: Clock, watching: Socket) -> None:
    """Let a second pass, and wait until the server has done what is due, and sent it."""
    clock.advance(1)
    await watching.quiet()


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


async def test_t090_partners_learn_who_comes_and_goes(brisk: Place) -> None:
    """user.online with the first connection, user.offline with time and last seen after the last one."""
    one, two, conversation = await chat(brisk)
    before = datetime.now(UTC)
    async with two.socket() as watching:
        async with one.socket():
            online = (await watching.expect("user.online")).payload
            assert online["userId"] == one.id
            assert set(online) == {"userId", "onlineAt"}
            assert before <= datetime.fromisoformat(online["onlineAt"]) <= datetime.now(UTC)
            assert await is_online(two, conversation)
        offline = (await watching.expect("user.offline")).payload
        assert offline["userId"] == one.id
        assert offline["lastSeen"] == offline["offlineAt"] > online["onlineAt"]
        shown = await eventually(lambda: other_user(two, conversation), lambda user: "lastSeen" in user)
        assert (shown["isOnline"], shown["lastSeen"]) == (False, offline["lastSeen"])
        assert after_greeting(watching) == ["user.online", "user.offline"]


async def test_t091_strangers_learn_nothing(brisk: Place) -> None:
    """Who shares no conversation is not told; when a partner was told of the end, the stranger was not."""
    one, two, _ = await chat(brisk)
    stranger = await brisk.person()
    async with two.socket() as partner, stranger.socket() as third:
        async with one.socket():
            await partner.expect("user.online")
        await partner.expect("user.offline")
        await third.quiet()
        assert after_greeting(third) == []


async def test_t092_one_of_two_connections_may_go(brisk: Place) -> None:
    """The second connection is no news, and the end of one of two neither; both gone is offline, once."""
    one, two, conversation = await chat(brisk)
    third = await brisk.person()
    await third.conversation(two)
    async with two.socket() as watching:
        async with one.socket():
            async with one.socket(), third.socket():
                await watching.expect("user.online", userId=third.id)
            await watching.expect("user.offline", userId=third.id)  # so the grace of the other end is over as well
            assert await is_online(two, conversation)
            assert [frame.type for frame in watching.frames if frame.payload.get("userId") == one.id] == ["user.online"]
        await watching.expect("user.offline", userId=one.id)


async def test_who_returns_within_two_seconds_was_never_away(brisk: Place) -> None:
    """No user.offline and no second user.online; the list tells the truth in between."""
    one, two, conversation = await chat(brisk)
    third = await brisk.person()
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


async def test_t093_nobody_stays_online(timed: tuple[Place, Clock]) -> None:
    """More than 60 s after the end isOnline is false, and was so all the time."""
    place, clock = timed
    one, two, conversation = await chat(place)
    async with two.socket() as watching:
        async with one.socket():
            assert await is_online(two, conversation)
        await eventually(lambda: is_online(two, conversation), lambda online: not online)
        for _ in range(7):
            for _ in range(10):
                await second(clock, watching)
            assert not await is_online(two, conversation)
    async with two.socket() as socket:
        assert socket.frames[2].payload == {"statuses": {one.id: False}}


async def test_t094_who_answers_pings_alone_stays_online(timed: tuple[Place, Clock]) -> None:
    """90 s of nothing but pongs, three leases: still online, and the partner was told nothing else."""
    place, clock = timed
    one, two, conversation = await chat(place)
    async with two.socket() as watching, RawSocket(place, token=one.token) as raw:
        await raw.expect("status.bulk")
        for _ in range(90):
            await second(clock, watching)
            for opcode in raw.here():
                assert opcode is Opcode.PING
                await raw.pong()
            assert await is_online(two, conversation)
        assert after_greeting(watching) == ["user.online"]


async def test_t099_who_answers_nothing_is_cut_off(timed: tuple[Place, Clock]) -> None:
    """30 s after an unanswered ping, so 60 s into its silence at the latest, it is aborted and the user goes offline."""
    place, clock = timed
    one, two, conversation = await chat(place)
    async with two.socket() as watching, RawSocket(place, token=one.token) as raw:
        await raw.expect("status.bulk")
        begun = clock.monotonic()
        pinged: list[float] = []
        while Opcode.CLOSE not in (opcodes := raw.here()):
            pinged += [clock.monotonic()] * opcodes.count(Opcode.PING)
            await second(clock, watching)
            assert clock.monotonic() - begun < 65
        assert 28 < clock.monotonic() - pinged[0] < 33
        assert not await is_online(two, conversation)
        clock.advance(2)
        await watching.expect("user.offline", userId=one.id)
        assert after_greeting(watching) == ["user.online", "user.offline"]


async def test_t100_pings_come_every_thirty_seconds(timed: tuple[Place, Clock]) -> None:
    """At least two ping frames in 65 s, for a connection that answers them, 30 s apart."""
    place, clock = timed
    one, two, _ = await chat(place)
    async with two.socket() as watching, RawSocket(place, token=one.token) as raw:
        await raw.expect("status.bulk")
        begun = clock.monotonic()
        pinged: list[float] = []
        while clock.monotonic() - begun < 64:
            await second(clock, watching)
            for opcode in raw.here():
                assert opcode is Opcode.PING
                pinged.append(clock.monotonic())
                await raw.pong()
        assert len(pinged) >= 2
        assert 28 < pinged[1] - pinged[0] < 33


async def test_anything_that_comes_in_is_a_sign_of_life(timed: tuple[Place, Clock]) -> None:
    """Who never sends a pong, but a command within 30 s of each ping, stays (B-07)."""
    place, clock = timed
    one, two, _ = await chat(place)
    async with two.socket() as watching, RawSocket(place, token=one.token) as raw:
        await raw.expect("status.bulk")
        for number in range(120):
            await second(clock, watching)
            assert Opcode.CLOSE not in raw.here()
            if number % 20 == 0:
                await raw.send("ping")


async def test_a_client_may_ping_too(live: Place) -> None:
    """A ping frame is answered by a pong frame with the same bytes."""
    person = await live.person()
    async with RawSocket(live, token=person.token) as raw:
        await raw.expect("status.bulk")
        await raw.frame(Opcode.PING, b"are you there")
        assert await raw.next() == (Opcode.PONG, b"are you there")


@pytest.mark.parametrize("by_watcher", [True, False])
async def test_presence_does_not_cross_a_block(brisk: Place, *, by_watcher: bool) -> None:
    """Neither frames, nor status.bulk, nor the list; after the unblock the truth is shown again."""
    one, two, conversation = await chat(brisk)
    third = await brisk.person()
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
async def test_last_seen_is_shown_between_two_who_show_it(brisk: Place, hides: str) -> None:
    """Who hides it is shown without it, and sees nobody's."""
    one, two, conversation = await chat(brisk)
    await (one if hides == "who goes" else two).patch("/api/v1/users/me", {"showLastSeen": False})
    async with two.socket() as watching:
        async with one.socket():
            await watching.expect("user.online")
        offline = (await watching.expect("user.offline")).payload
        assert set(offline) == {"userId", "offlineAt"}
        assert "lastSeen" not in await other_user(two, conversation)


async def test_many_who_leave_together_are_told_one_by_one(brisk: Place) -> None:
    """Twenty partners close at the same time: twenty user.offline, each once."""
    person, *partners = await brisk.people(21)
    await asyncio.gather(*(person.conversation(partner) for partner in partners))
    async with person.socket() as watching:
        sockets = [partner.socket() for partner in partners]
        await asyncio.gather(*(socket.__aenter__() for socket in sockets))
        await asyncio.gather(*(socket.__aexit__(None, None, None) for socket in sockets))
        for partner in partners:
            await watching.expect("user.offline", userId=partner.id)
        assert sorted(after_greeting(watching)) == ["user.offline"] * 20 + ["user.online"] * 20
