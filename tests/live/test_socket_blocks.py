"""Blocks and openings as frames of dialect A's socket: T-096, and what design parts 4 and 5 say of both."""

from tests.live.chat import after_greeting, chat, positions, refusal, say
from tests.live.people import Place, eventually
from tests.live.socket import Frame

BLOCK = {"id", "blockedUser", "createdAt"}


async def test_t096_a_block_over_the_socket_stops_the_other(live: Place) -> None:
    """After block.add the blocks list it and the other's message fails; block.remove reverses both."""
    one, two, conversation = await chat(live)
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("block.add", command_id="b", username=two.username)
        added = await mine.reply("b")
        assert (added.type, added.position) == ("block.added", 2)
        assert set(added.payload) == BLOCK
        assert added.payload["blockedUser"]["id"] == two.id
        assert (await one.get("blocks")).data["blocks"] == [added.payload]
        await theirs.send("message.send", conversationId=conversation, content="Hello!")
        assert refusal(await theirs.expect("error"))[0] == "BLOCKED"
        await mine.send("block.remove", command_id="u", username=two.username)
        removed = await mine.reply("u")
        assert (removed.type, removed.position, removed.payload["id"]) == ("block.removed", 3, added.payload["id"])
        assert (await one.get("blocks")).data["blocks"] == []
        await say(theirs, conversation)
        await mine.expect("message.new")


async def test_a_block_reaches_all_devices_of_the_blocker(live: Place) -> None:
    """block.added and block.removed with the same position; only the asking one gets its id, and a block by REST has none."""
    one, two, _ = await chat(live)
    async with one.socket() as phone, one.socket() as laptop:
        await phone.send("block.add", command_id=1, username=two.username.upper())
        first, second = await phone.expect("block.added"), await laptop.expect("block.added")
        assert (first.id, second.id) == (1, None)
        assert (first.payload, first.position) == (second.payload, second.position)
        assert (await one.delete(f"blocks/{two.username}")).status == 200
        for socket in (phone, laptop):
            gone = await socket.expect("block.removed")
            assert (gone.id, gone.position, gone.payload) == (None, 3, first.payload)


async def test_the_blocked_learns_of_the_effect_alone(live: Place) -> None:
    """conversation.updated: blocked and hidden, with their totals without it; no word of a block."""
    one, two, conversation = await chat(live)
    third = await live.person()
    await third.send(await third.conversation(two))
    await one.send(conversation)
    async with two.socket() as phone, two.socket() as laptop:
        await one.post("blocks", {"username": two.username})
        for socket in (phone, laptop):
            updated = await socket.expect("conversation.updated")
            assert updated.position == 5
            assert updated.payload == {
                "conversationId": conversation, "isBlocked": True, "hidden": True, "unreadCount": 1, "totalUnread": 1,
            }  # fmt: skip
            await socket.quiet()
            assert after_greeting(socket) == ["conversation.updated"]
    assert [listed["id"] for listed in await two.conversations()] != [conversation]
    assert await two.unread() == 1


async def test_an_unblock_brings_the_conversation_back(live: Place) -> None:
    """The other's conversation.updated carries the conversation as their list shows it, and the total with it."""
    one, two, conversation = await chat(live)
    await one.send(conversation)
    await one.post("blocks", {"username": two.username})
    async with two.socket() as theirs:
        await one.delete(f"blocks/{two.username}")
        updated = (await theirs.expect("conversation.updated")).payload
        (listed,) = await two.conversations()
        assert updated == {
            "conversationId": conversation, "isBlocked": False, "hidden": False, "unreadCount": 1, "totalUnread": 1,
            "conversation": listed,
        }  # fmt: skip
        assert listed["isBlocked"] is False


async def test_an_unblock_shows_who_is_online(live: Place) -> None:
    """No user.online follows, so block.removed and the answer of DELETE say it, live and in a replay; an added block never does."""
    one, two, conversation = await chat(live)
    async with two.socket(), one.socket() as mine:
        await mine.send("block.add", username=two.username)
        assert shown(await mine.expect("block.added")) == (False, False)
        await mine.send("block.remove", username=two.username)
        assert shown(await mine.expect("block.removed")) == (True, False)
        await mine.send("block.add", username=two.username)
        await mine.expect("block.added")
        gone = (await one.delete(f"blocks/{two.username}")).data["blockedUser"]
        (listed,) = await one.conversations()
        assert (listed["id"], gone) == (conversation, listed["otherUser"])
        async with one.socket(since=3) as again:
            await again.expect("resume.done")
            assert [shown(frame) for frame in again.frames if frame.type == "block.removed"] == [(True, False)]


async def test_an_unblock_shows_when_somebody_was_last_seen(live: Place) -> None:
    """Of one who is away, if both show it, as the list does."""
    one, two, _ = await chat(live)
    async with two.socket():
        pass
    await eventually(one.conversations, lambda listed: "lastSeen" in listed[0]["otherUser"])
    for shows in (True, False):
        await one.patch("/api/v1/users/me", {"showLastSeen": shows})
        await one.post("blocks", {"username": two.username})
        gone = (await one.delete(f"blocks/{two.username}")).data["blockedUser"]
        (listed,) = await one.conversations()
        assert gone == listed["otherUser"]
        assert ("lastSeen" in gone) is shows
        async with one.socket(since=0) as socket:
            await socket.expect("resume.done")
            replayed = [shown(frame) for frame in socket.frames if frame.type == "block.removed"]
            assert set(replayed) == {(False, shows)}


async def test_an_unblock_shows_nothing_while_the_other_blocks_too(live: Place) -> None:
    """Presence crosses in neither direction until the last block is gone."""
    one, two, _ = await chat(live)
    async with two.socket() as theirs, one.socket() as mine:
        await mine.send("block.add", username=two.username)
        await theirs.send("block.add", username=one.username)
        await theirs.expect("block.added")
        await mine.send("block.remove", username=two.username)
        assert shown(await mine.expect("block.removed")) == (False, False)
        async with one.socket(since=1) as again:
            await again.expect("resume.done")
            assert [shown(frame) for frame in again.frames if frame.type == "block.removed"] == [(False, False)]
        await theirs.send("block.remove", username=one.username)
        assert shown(await theirs.expect("block.removed")) == (True, False)


async def test_a_stranger_cannot_be_watched_by_blocks(live: Place) -> None:
    """Blocking and unblocking somebody one never wrote to does not tell whether they are online."""
    one, two = await live.people(2)
    async with two.socket():
        await one.post("blocks", {"username": two.username})
        gone = (await one.delete(f"blocks/{two.username}")).data["blockedUser"]
        assert (gone["isOnline"], "lastSeen" in gone) == (False, False)
        async with one.socket(since=0) as socket:
            await socket.expect("resume.done")
            assert shown(await socket.expect("block.removed")) == (False, False)


def shown(frame: Frame) -> tuple[bool, bool]:
    """Return what a block's frame says of presence: online, and whether last seen is told."""
    user = frame.payload["blockedUser"]
    return user["isOnline"], "lastSeen" in user


async def test_a_block_of_both_hides_it_from_both_until_the_last_goes(live: Place) -> None:
    """`hidden` means that the other one blocks: it follows each block by itself, `isBlocked` follows either."""
    one, two, _ = await chat(live)
    async with one.socket() as first, two.socket() as second:
        await first.send("block.add", username=two.username)
        assert seen(await second.expect("conversation.updated")) == (True, True)
        await second.send("block.add", username=one.username)
        assert seen(await first.expect("conversation.updated")) == (True, True)
        assert (await one.conversations(), await two.conversations()) == ([], [])
        await first.send("block.remove", username=two.username)
        back = await second.expect("conversation.updated")
        assert seen(back) == (True, False)
        assert back.payload["conversation"]["isBlocked"] is True
        assert (len(await one.conversations()), len(await two.conversations())) == (0, 1)
        await second.send("block.remove", username=one.username)
        assert seen(await first.expect("conversation.updated")) == (False, False)
        assert len(await one.conversations()) == 1


def seen(frame: Frame) -> tuple[bool, bool]:
    """Return what a conversation.updated says of blocks."""
    return frame.payload["isBlocked"], frame.payload["hidden"]


async def test_a_block_again_is_answered_and_is_no_fact(live: Place) -> None:
    """The same block without position, to the caller alone (G-13)."""
    one, two, _ = await chat(live)
    async with one.socket() as phone, one.socket() as laptop, two.socket() as theirs:
        await phone.send("block.add", username=two.username)
        first = await phone.expect("block.added")
        await phone.send("block.add", command_id=2, username=two.username)
        again = await phone.reply(2)
        assert (again.type, again.position, again.payload) == ("block.added", None, first.payload)
        for socket in (laptop, theirs):
            await socket.quiet()
        assert laptop.kinds().count("block.added") == 1
        assert theirs.kinds().count("conversation.updated") == 1


async def test_blocks_that_make_no_sense_are_errors(live: Place) -> None:
    """Oneself, nobody, and an unblock of who is not blocked; nothing changes."""
    one, two, _ = await chat(live)
    cases = [
        ("block.add", one.username, ("VALIDATION_ERROR", "Cannot block yourself")),
        ("block.add", "nobody-of-this-name", ("NOT_FOUND", "User not found")),
        ("block.remove", two.username, ("NOT_FOUND", "User is not blocked")),
        ("block.remove", one.username, ("NOT_FOUND", "User is not blocked")),
    ]
    async with one.socket() as socket:
        for kind, username, said in cases:
            await socket.send(kind, command_id=kind + username, username=username)
            assert refusal(await socket.reply(kind + username)) == said
        await socket.quiet()
        assert after_greeting(socket) == ["error"] * 4


async def test_without_a_conversation_the_blocked_hears_nothing(live: Place) -> None:
    """The block is the blocker's fact alone."""
    one, two = await live.people(2)
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("block.add", username=two.username)
        assert (await mine.expect("block.added")).position == 1
        await mine.send("block.remove", username=two.username)
        assert (await mine.expect("block.removed")).position == 2
        await theirs.quiet()
        assert after_greeting(theirs) == []


async def test_a_conversation_that_opens_appears_for_both(live: Place) -> None:
    """conversation.updated with `conversation` as each one's list shows it, on all devices; no notification."""
    one, two = await live.people(2)
    async with one.socket() as mine, two.socket() as phone, two.socket() as laptop:
        conversation = await one.conversation(two)
        for person, socket in ((one, mine), (two, phone), (two, laptop)):
            opened = await socket.expect("conversation.updated")
            (listed,) = await person.conversations()
            assert opened.position == 1
            assert opened.payload == {
                "conversationId": conversation, "lastMessage": None, "unreadCount": 0, "totalUnread": 0,
                "conversation": listed,
            }  # fmt: skip
            await socket.quiet()
            assert after_greeting(socket) == ["conversation.updated"]
        await one.conversation(two)  # answered, and nothing happens
        for socket in (mine, phone, laptop):
            await socket.quiet()
            assert positions(socket) == [1]
