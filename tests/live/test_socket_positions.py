"""Positions and counts of facts, and facts that got lost between two servers: found and sent by the server (design part 4)."""

import asyncio

import pytest
from tests.live.chat import Chat, after_greeting, chat, contents, positions, say
from tests.live.clock import Clock, without_marks
from tests.live.conftest import StartServer
from tests.live.people import Person, Place
from tests.live.socket import Socket

# What may carry a position: the first frame of each group.
FIRST = {
    "message.new", "message.sent", "message.read_ack", "message.read_update", "conversation.updated", "block.added",
    "block.removed", "settings.updated",
}  # fmt: skip


@pytest.fixture
def live(still: Place) -> Place:
    """Count every fact: none of delivery may come between."""
    return still


async def test_positions_are_dense_on_every_device(live: Place) -> None:
    """Openings, messages, reads, blocks and settings: 1, 2, 3 ... for each user, the same on all their devices."""
    one, two = await live.people(2)
    async with one.socket() as phone, one.socket() as laptop, two.socket() as other:
        conversation = await two.conversation(one)
        await say(phone, conversation)
        await one.send(conversation)
        await two.send(conversation)
        await phone.send("message.read", conversationId=conversation)
        await phone.expect("message.read_ack")
        await other.send("message.read", conversationId=conversation)
        await other.expect("message.read_ack")
        await phone.send("block.add", username=two.username)
        await phone.expect("block.added")
        await one.patch("/api/v1/users/me", {"whoCanMessage": "followers"})
        await phone.expect("settings.updated")
        await phone.send("block.remove", username=two.username)
        await phone.expect("block.removed")
        for socket in (phone, laptop, other):
            await socket.quiet()
        assert positions(phone) == positions(laptop) == list(range(1, 10))
        assert positions(other) == list(range(1, 9))  # the settings are none of theirs
        assert {frame.type for socket in (phone, other) for frame in socket.frames if frame.position} == FIRST


async def test_only_the_first_frame_of_a_group_has_a_position(live: Place) -> None:
    """What follows it in the same write says nothing new, and has none."""
    one, two, conversation = await chat(live)
    async with one.socket() as mine, two.socket() as theirs:
        await say(mine, conversation)
        await theirs.send("message.read", conversationId=conversation)
        await mine.expect("message.read_update")
        for socket in (mine, theirs):
            await socket.quiet()
        placed = [(frame.type, frame.position) for frame in theirs.frames if frame.type != "pong"][3:]
        assert placed == [
            ("message.new", 2), ("conversation.updated", None), ("notification.unread", None),
            ("message.read_ack", 3), ("notification.unread", None),
        ]  # fmt: skip
        placed = [(frame.type, frame.position) for frame in mine.frames if frame.type not in {"pong", "user.online"}][
            3:
        ]
        assert placed == [("message.sent", 2), ("conversation.updated", None), ("message.read_update", 3)]


async def test_counts_are_absolute(live: Place) -> None:
    """Each fact says what is unread after it, in its conversation and in all, for whoever it is told."""
    one, two, first = await chat(live)
    three = await live.person()
    second = await three.conversation(two)
    async with two.socket() as socket:
        for person, conversation in ((one, first), (one, first), (three, second), (one, first)):
            await person.send(conversation)
        news = [await socket.expect("message.new") for _ in range(4)]
        assert [counts(frame.payload) for frame in news] == [(1, 1), (2, 2), (1, 3), (3, 4)]
        sent = await say(socket, first)
        assert counts(sent.payload) == (3, 4)
        await socket.send("message.read", conversationId=first)
        assert counts((await socket.expect("message.read_ack")).payload) == (0, 1)
        await one.send(first)
        assert counts((await socket.expect("message.new", unreadCount=1)).payload) == (1, 2)
        assert await two.unread() == 2


def counts(payload: dict[str, int]) -> tuple[int, int]:
    """Return the unread messages of a conversation and of all."""
    return payload["unreadCount"], payload["totalUnread"]


async def test_all_devices_of_both_see_one_order(live: Place) -> None:
    """Both send 60 messages at once over two devices each: one order by time and id, everywhere, without a gap."""
    one, two, conversation = await chat(live)
    async with one.socket() as a, one.socket() as b, two.socket() as c, two.socket() as d:
        devices = (a, b, c, d)

        async def write(device: Socket, name: str) -> None:
            for number in range(30):
                await device.send("message.send", conversationId=conversation, content=f"{name} {number}")

        await asyncio.gather(*(write(device, name) for device, name in zip(devices, "abcd", strict=True)))
        for device in devices:
            for _ in range(90):
                await device.expect("message.new")
            for _ in range(30):
                await device.expect("message.sent")
        orders = [
            [frame.payload["message"]["id"] for frame in device.frames if frame.type in {"message.new", "message.sent"}]
            for device in devices
        ]
        history = await one.walk(f"conversations/{conversation}/messages", "messages", limit=100)
        newest_first = [message["id"] for page in history for message in page]
        assert orders == [newest_first[::-1]] * 4
        assert [positions(device) for device in devices] == [list(range(2, 122))] * 4


# -- two servers without a way between them: what one of them writes, the other must find -----------------------------------


async def apart(start_server: StartServer, clock: Clock) -> tuple[Place, Chat, Chat]:
    """Return a server with two people, and the same two at another server on the same database."""
    here = await start_server(clock=clock, later=without_marks(clock.later))
    there = await start_server(later=without_marks())
    one, two, conversation = await chat(here)
    return here, Chat(one, two, conversation), Chat(at(there, one), at(there, two), conversation)


def at(place: Place, person: Person) -> Person:
    """Return the same person at another server."""
    return Person(place, person.id, person.username, person.token)


async def test_a_lost_fact_is_filled_in_before_the_next_one(start_server: StartServer) -> None:
    """A fact beyond a gap waits, the log gives what is missing, and both arrive in order, once."""
    _, here, there = await apart(start_server, Clock())
    async with here.two.socket() as phone, here.two.socket() as laptop, here.one.socket() as sender:
        for number in range(3):
            await there.one.send(here.id, f"lost {number}")
        await say(sender, here.id, "seen")
        for socket in (phone, laptop):
            await socket.expect("message.new", totalUnread=4)
            await socket.quiet()
            assert contents(socket) == ["lost 0", "lost 1", "lost 2", "seen"]
            assert positions(socket) == [2, 3, 4, 5]
        await sender.quiet()
        assert positions(sender) == [2, 3, 4, 5]
        assert contents(sender, "message.sent") == ["seen"]


async def test_a_lost_fact_is_found_within_thirty_seconds(start_server: StartServer) -> None:
    """Nothing else happens: the heads in the database tell. Until then `position` says what was really sent."""
    clock = Clock()
    _, here, there = await apart(start_server, clock)
    async with here.two.socket() as socket, here.one.socket() as sender:
        message = await there.one.send(here.id, "lost")
        assert await standing(socket) == 1
        clock.advance(30)
        new = await socket.expect("message.new")
        assert new.position == 2
        assert new.payload["message"]["id"] == message["id"]
        assert await standing(socket) == 2
        assert (await sender.expect("message.new")).position == 2
        await socket.quiet()
        assert [kind for kind in after_greeting(socket) if kind == "message.new"] == ["message.new"]


async def test_a_read_elsewhere_is_found_as_well(start_server: StartServer) -> None:
    """Not messages alone: receipts and blocks of another server arrive too."""
    clock = Clock()
    _, here, there = await apart(start_server, clock)
    await here.one.send(here.id)
    async with here.two.socket() as reader, here.one.socket() as sender:
        await there.two.post(f"conversations/{here.id}/read", {})
        await there.two.post("blocks", {"username": here.one.username})
        clock.advance(30)
        assert (await reader.expect("message.read_ack")).position == 3
        assert (await reader.expect("block.added")).position == 4
        assert (await sender.expect("message.read_update")).position == 3
        assert (await sender.expect("conversation.updated", hidden=True)).position == 4


async def standing(socket: Socket) -> int:
    """Return the position that a pong tells."""
    await socket.send("ping")
    position: int = (await socket.expect("pong")).payload["position"]
    return position


# -- position, snapshot, facts ------------------------------------------------------------------------------------------


async def test_a_snapshot_and_the_facts_after_its_position_are_the_truth(live: Place) -> None:
    """`Duologue-Position` of a list, the list, and a resume from there give what a fresh list shows."""
    one, two, first = await chat(live)
    three, four = await live.people(2)
    second = await three.conversation(one)
    await two.send(first)
    answer = await one.get("conversations")
    position = int(answer.headers["duologue-position"])
    shown = {listed["id"]: listed["unreadCount"] for listed in answer.data["conversations"]}
    assert shown == {first: 1, second: 0}
    await three.send(second)
    await two.send(first)
    await one.post(f"conversations/{first}/read", {})
    third = await four.conversation(one)
    async with one.socket(since=position) as socket:
        await four.send(third)
        done = await socket.expect("resume.done")
        await socket.expect("message.new", unreadCount=1, totalUnread=2)
        await socket.quiet()
        for frame in socket.frames:
            if frame.position is not None:
                payload = frame.payload
                about = payload["message"]["conversationId"] if "message" in payload else payload["conversationId"]
                shown[about] = payload["unreadCount"]
        assert done.payload["position"] >= position + 4
    assert shown == {listed["id"]: listed["unreadCount"] for listed in await one.conversations()}


async def test_a_fact_that_the_snapshot_holds_changes_nothing(live: Place) -> None:
    """The position is read before the list: what comes after it may be in the list, and says the same again."""
    one, two, conversation = await chat(live)
    position = int((await one.get("conversations")).headers["duologue-position"])
    message = await two.send(conversation)
    (listed,) = await one.conversations()
    async with one.socket(since=position) as socket:
        new = await socket.expect("message.new")
        assert new.payload["message"]["id"] == message["id"] == listed["lastMessage"]["id"]
        assert new.payload["unreadCount"] == listed["unreadCount"] == 1
