"""Limits of sockets: T-098, floods of frames, and the retries that cost nothing (design parts 1 and 9; RLM, WSC-39)."""

from uuid import uuid4

import pytest
from tests.live.chat import chat, contents, refusal, say
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.people import Place
from tests.live.socket import Socket

FLOOD = 4002
SENDS = 30  # a minute, in dialect A
FRAMES = 600  # a minute and connection
REFUSALS = 10  # that close a connection


@pytest.fixture
async def place(start_server: StartServer) -> Place:
    """Give a server with the limits of production."""
    return await start_server()


async def send(socket: Socket, conversation: str, count: int, text: str = "Hello!") -> None:
    """Send messages without waiting."""
    for number in range(count):
        await socket.send("message.send", command_id=number, conversationId=conversation, content=text, tempId="t")


async def test_t098_thirty_messages_a_minute_are_sent_and_no_more(place: Place) -> None:
    """The 31st is RATE_LIMITED with retryAfter, told and not stored; the other user sends on."""
    one, two, conversation = await chat(place)
    async with one.socket() as mine, two.socket() as theirs:
        await send(mine, conversation, SENDS + 1)
        error = await mine.reply(SENDS)
        assert set(error.payload) == {"code", "message", "tempId", "retryAfter"}
        assert (error.type, error.payload["code"], error.payload["tempId"]) == ("error", "RATE_LIMITED", "t")
        assert type(error.payload["retryAfter"]) is int
        assert 50 <= error.payload["retryAfter"] <= 60
        failed = await mine.expect("message.error")
        assert (failed.payload["code"], failed.payload["tempId"]) == ("RATE_LIMITED", "t")
        await theirs.expect("message.new", totalUnread=SENDS)
        await say(theirs, conversation, "still here")
        await mine.expect("message.new")
        await theirs.quiet()
        assert len(contents(theirs)) == SENDS
    assert len(await one.messages(conversation, limit=100)) == SENDS + 1


async def test_t098_rest_and_all_sockets_share_the_limit(place: Place) -> None:
    """Ten by REST, ten on each of two sockets; then all three are refused, and after a minute all are free."""
    one, _, conversation = await chat(place)
    async with one.socket() as phone, one.socket() as laptop:
        for number in range(10):
            await one.send(conversation)
            await say(phone, conversation)
            await say(laptop, conversation)
            assert number < SENDS // 3
        for socket in (phone, laptop):
            await socket.send("message.send", conversationId=conversation, content="Hello!")
            assert refusal(await socket.expect("error"))[0] == "RATE_LIMITED"
        answer = await one.post(f"conversations/{conversation}/messages", {"content": "Hello!"})
        assert answer.refusal[:2] == (429, "RATE_LIMITED")


async def test_the_limit_slides(start_server: StartServer) -> None:
    """Never more than so many in any 60 s: what was sent a minute ago is free again, the rest is not."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later, RATE_LIMITS="send_message=2/min")
    one, _, conversation = await chat(place)
    async with one.socket() as socket:
        await say(socket, conversation)
        clock.advance(29)
        await say(socket, conversation)
        clock.advance(29)
        await socket.send("message.send", conversationId=conversation, content="Hello!")
        error = await socket.expect("error")
        assert (error.payload["code"], error.payload["retryAfter"]) == ("RATE_LIMITED", 2)
        clock.advance(2)
        await say(socket, conversation)
        await socket.send("message.send", conversationId=conversation, content="Hello!")
        assert (await socket.expect("error")).payload["retryAfter"] in {28, 29}


async def test_an_answer_to_a_retry_costs_nothing(start_server: StartServer) -> None:
    """A repeat is answered over the limit too, and those within it take nothing from it."""
    place = await start_server(RATE_LIMITS="send_message=3/min")
    one, _, conversation = await chat(place)
    key = str(uuid4())
    async with one.socket() as socket:
        await say(socket, conversation, tempId=key)
        for _ in range(5):
            assert (await say(socket, conversation, tempId=key)).payload["replayed"] is True
        await say(socket, conversation)
        await say(socket, conversation)
        await socket.send("message.send", conversationId=conversation, content="Hello!")
        assert refusal(await socket.expect("error"))[0] == "RATE_LIMITED"
        assert (await say(socket, conversation, tempId=key)).payload["replayed"] is True


async def test_what_was_refused_for_another_reason_is_charged_all_the_same(start_server: StartServer) -> None:
    """Trying at a closed door is trying: a blocked user cannot knock for ever."""
    place = await start_server(RATE_LIMITS="send_message=3/min")
    one, two, conversation = await chat(place)
    await two.post("blocks", {"username": one.username})
    async with one.socket() as socket:
        for said in ("BLOCKED", "BLOCKED", "BLOCKED", "RATE_LIMITED"):
            await socket.send("message.send", conversationId=conversation, content="Hello!")
            assert refusal(await socket.expect("error"))[0] == said


async def test_reads_have_a_limit(start_server: StartServer) -> None:
    """`mark_read`, over REST and socket together."""
    place = await start_server(RATE_LIMITS="mark_read=2/min")
    one, _, conversation = await chat(place)
    async with one.socket() as socket:
        await socket.send("message.read", conversationId=conversation)
        await socket.expect("message.read_ack")
        assert (await one.post(f"conversations/{conversation}/read", {})).status == 200
        await socket.send("message.read", command_id=1, conversationId=conversation)
        error = await socket.reply(1)
        assert refusal(error)[0] == "RATE_LIMITED"
        assert error.payload["retryAfter"] >= 1


async def test_ten_refusals_within_a_minute_close_the_connection(start_server: StartServer) -> None:
    """4002 after the tenth; the user's other connection, which was not refused, stays, and coming back is allowed."""
    place = await start_server(RATE_LIMITS="send_message=1/min")
    one, two, conversation = await chat(place)
    async with one.socket() as mine, one.socket() as other, two.socket() as theirs:
        await say(mine, conversation)
        await send(mine, conversation, REFUSALS)
        assert await mine.closed() == FLOOD
        refused = [frame for frame in mine.frames if frame.type == "error"]
        assert [frame.payload["code"] for frame in refused] == ["RATE_LIMITED"] * REFUSALS
        await other.quiet()
        await theirs.quiet()
        assert contents(theirs) == ["Hello!"]
    async with one.socket() as back:
        await back.quiet()


async def test_ten_refusals_over_a_longer_time_close_nothing(start_server: StartServer) -> None:
    """Within a minute is what counts."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later, RATE_LIMITS="frames=off,send_message=1/h")
    one, _, conversation = await chat(place)
    async with one.socket() as socket:
        await say(socket, conversation)
        for number in range(2 * REFUSALS):
            await socket.send("message.send", command_id=number, conversationId=conversation, content="Hello!")
            assert refusal(await socket.reply(number))[0] == "RATE_LIMITED"
            clock.advance(7)
        await socket.quiet()


async def test_six_hundred_frames_a_minute_are_dealt_with_and_no_more(place: Place) -> None:
    """Every frame counts, whatever it says; beyond the limit each is told so with its id, and ten of them are a flood."""
    one, other = await place.people(2)
    async with one.socket() as socket, other.socket() as fine:
        for number in range(FRAMES + REFUSALS):
            await socket.send("ping" if number % 2 else "foo", command_id=number)
        assert await socket.closed() == FLOOD
        answers = [(frame.type, frame.payload.get("code"), frame.id) for frame in socket.frames[3:]]
        assert answers[:FRAMES:2] == [("error", "UNKNOWN_EVENT", number) for number in range(0, FRAMES, 2)]
        assert answers[1:FRAMES:2] == [("pong", None, number) for number in range(1, FRAMES, 2)]
        assert answers[FRAMES:] == [("error", "RATE_LIMITED", FRAMES + number) for number in range(REFUSALS)]
        assert all(frame.payload["retryAfter"] >= 1 for frame in socket.frames[3 + FRAMES :])
        await fine.quiet()


async def test_the_limit_of_frames_is_a_connection_s_own(start_server: StartServer) -> None:
    """Another connection of the same user is not touched by it."""
    place = await start_server(RATE_LIMITS="frames=5/min")
    person = await place.person()
    async with person.socket() as busy, person.socket() as other:
        for number in range(6):
            await busy.send("ping", command_id=number)
        assert refusal(await busy.reply(5))[0] == "RATE_LIMITED"
        await other.send("ping", command_id=1)
        assert (await other.reply(1)).type == "pong"
