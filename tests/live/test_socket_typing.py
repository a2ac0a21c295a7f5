"""Typing over dialect A's socket: T-095, its end by time and by message, and blocks (design part 4)."""

from uuid import uuid4

import pytest
from tests.live.chat import after_greeting, chat, refusal, say
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.people import Place


async def test_t095_typing_reaches_the_partner_alone(live: Place) -> None:
    """typing.start and typing.stop with conversation and user: not to oneself, one's other devices, or third people."""
    one, two, conversation = await chat(live)
    third = await live.person()
    await third.conversation(one)
    await third.conversation(two)
    async with (
        one.socket() as phone,
        one.socket() as laptop,
        two.socket() as first,
        two.socket() as second,
        third.socket() as other,
    ):
        for kind in ("typing.start", "typing.stop"):
            await phone.send(kind, conversationId=conversation)
            for socket in (first, second):
                frame = await socket.expect(kind)
                assert frame.payload == {"conversationId": conversation, "userId": one.id}
                assert frame.position is None
        for socket in (phone, laptop, other):
            await socket.quiet()
            assert not [kind for kind in socket.kinds() if kind.startswith("typing")]


async def test_typing_stops_by_itself(start_server: StartServer) -> None:
    """After 6 s without another typing.start the partner gets typing.stop, once; a repeated start prolongs it."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later)
    one, two, conversation = await chat(place)
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("typing.start", conversationId=conversation)
        await theirs.expect("typing.start")
        clock.advance(5)
        await mine.send("typing.start", conversationId=conversation)
        await theirs.expect("typing.start")
        clock.advance(5)
        await theirs.nothing("typing.stop")
        clock.advance(2)
        stopped = await theirs.expect("typing.stop")
        assert stopped.payload == {"conversationId": conversation, "userId": one.id}
        clock.advance(60)
        await theirs.nothing("typing.stop")


@pytest.mark.parametrize("by_rest", [False, True])
async def test_typing_stops_with_the_message(start_server: StartServer, *, by_rest: bool) -> None:
    """The message ends it for the partner, by socket or REST; its time ends nothing more."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later)
    one, two, conversation = await chat(place)
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("typing.start", conversationId=conversation)
        await theirs.expect("typing.start")
        await (one.send(conversation) if by_rest else say(mine, conversation))
        await theirs.expect("typing.stop")
        kinds = after_greeting(theirs)
        assert sorted(kinds) == sorted(
            ["typing.start", "message.new", "conversation.updated", "notification.unread", "typing.stop"]
        )
        clock.advance(60)
        await theirs.nothing("typing.stop")


async def test_typing_that_was_stopped_does_not_stop_again(start_server: StartServer) -> None:
    """After typing.stop its time and the message say nothing more."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later)
    one, two, conversation = await chat(place)
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("typing.start", conversationId=conversation)
        await mine.send("typing.stop", conversationId=conversation)
        await theirs.expect("typing.stop")
        await say(mine, conversation)
        await theirs.expect("message.new")
        clock.advance(60)
        await theirs.nothing("typing.stop")


async def test_typing_does_not_stop_with_the_partner_s_message(live: Place) -> None:
    """Only one's own message ends one's typing."""
    one, two, conversation = await chat(live)
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("typing.start", conversationId=conversation)
        await theirs.expect("typing.start")
        await say(theirs, conversation)
        await theirs.nothing("typing.stop")


@pytest.mark.parametrize("by_typist", [True, False])
async def test_typing_does_not_cross_a_block(live: Place, *, by_typist: bool) -> None:
    """Whoever of the two blocks, nothing arrives, and the typist is not told why."""
    one, two, conversation = await chat(live)
    blocker, blocked = (one, two) if by_typist else (two, one)
    await blocker.post("blocks", {"username": blocked.username})
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("typing.start", conversationId=conversation)
        await mine.send("typing.stop", conversationId=conversation)
        await mine.quiet()
        await theirs.quiet()
        assert after_greeting(mine) == []
        assert after_greeting(theirs) == []


@pytest.mark.parametrize("by_typist", [True, False])
async def test_a_block_ends_typing_without_a_word(start_server: StartServer, *, by_typist: bool) -> None:
    """Neither its time nor typing.stop says across the block who typed, and after an unblock nothing is left over."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later)
    one, two, conversation = await chat(place)
    blocker, blocked = (one, two) if by_typist else (two, one)
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("typing.start", conversationId=conversation)
        await theirs.expect("typing.start")
        assert (await blocker.post("blocks", {"username": blocked.username})).status == 201
        clock.advance(7)
        await theirs.nothing("typing.stop")
        await mine.send("typing.stop", conversationId=conversation)
        await mine.quiet()
        await theirs.nothing("typing.stop")
        assert (await blocker.delete(f"blocks/{blocked.username}")).status == 200
        await say(mine, conversation)
        await theirs.expect("message.new")
        await theirs.nothing("typing.stop")


async def test_a_block_leaves_other_typing_alone(start_server: StartServer) -> None:
    """What one of the two types to somebody else ends in its time."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later)
    one, two, conversation = await chat(place)
    third = await place.person()
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("typing.start", conversationId=conversation)
        await theirs.expect("typing.start")
        await third.conversation(one)
        assert (await one.post("blocks", {"username": third.username})).status == 201
        clock.advance(7)
        await theirs.expect("typing.stop")


async def test_typing_elsewhere_is_an_error(live: Place) -> None:
    """In a conversation of others FORBIDDEN, in none NOT_FOUND; nobody is told."""
    one, two, conversation = await chat(live)
    stranger = await live.person()
    async with one.socket() as first, two.socket() as second, stranger.socket() as third:
        for kind in ("typing.start", "typing.stop"):
            await third.send(kind, command_id=kind, conversationId=conversation)
            assert refusal(await third.reply(kind)) == ("FORBIDDEN", "Not a participant")
        await third.send("typing.start", conversationId=str(uuid4()))
        assert refusal(await third.expect("error")) == ("NOT_FOUND", "Conversation not found")
        for socket in (first, second):
            await socket.nothing("typing.start")
