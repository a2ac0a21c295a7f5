"""What comes first when much is under way, and when a conversation is held elsewhere (design part 3)."""

from tests.live.chat import after_greeting, chat, contents, refusal
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.people import Place

OUTSTANDING = 32


async def test_sends_of_a_connection_are_stored_and_answered_in_order(live: Place) -> None:
    """A hundred sent without waiting: answers, deliveries and history have the order of sending."""
    one, two, conversation = await chat(live)
    texts = [f"message {number}" for number in range(100)]
    async with one.socket() as mine, two.socket() as theirs:
        for number, text in enumerate(texts):
            await mine.send("message.send", command_id=number, conversationId=conversation, content=text)
        await mine.reply(99)
        await theirs.expect("message.new", unreadCount=100)
        assert contents(mine, "message.sent") == texts
        assert [frame.id for frame in mine.frames if frame.type == "message.sent"] == list(range(100))
        assert contents(theirs) == texts
    assert [message["content"] for message in await one.messages(conversation, limit=100)] == texts[::-1]


async def test_with_32_commands_under_way_the_connection_is_not_read(live: Place) -> None:
    """A ping behind 31 waiting sends is answered at once, one behind 32 only after the first of them is; other sockets go on."""
    one, two, conversation = await chat(live)
    async with one.socket() as busy, one.socket() as full, two.socket() as other, live.hand() as hand:
        async with hand.transaction():
            await hand.execute("SELECT FROM conversations WHERE id = $1 FOR UPDATE", conversation)
            for socket, count in ((busy, OUTSTANDING - 1), (full, OUTSTANDING)):
                for number in range(count):
                    await socket.send("message.send", conversationId=conversation, content=f"message {number}")
                await socket.send("ping", command_id="behind")
            await busy.reply("behind")
            for _ in range(5):
                await other.quiet()
            assert "pong" not in full.kinds()
            assert after_greeting(busy) == after_greeting(full) == ["user.online"]
        await full.reply("behind")
        kinds = full.kinds()
        assert kinds.index("message.sent") < kinds.index("pong")
        await other.expect("message.new", unreadCount=2 * OUTSTANDING - 1)


async def test_a_conversation_that_is_held_delays_only_itself(live: Place) -> None:
    """Sends to another conversation, refusals and pings on the same connection overtake what waits; its order stays."""
    one, two, held = await chat(live)
    three = await live.person()
    free = await three.conversation(one)
    async with one.socket() as mine, two.socket() as theirs, three.socket() as others, live.hand() as hand:
        async with hand.transaction():
            await hand.execute("SELECT FROM conversations WHERE id = $1 FOR UPDATE", held)
            for number in range(3):
                await mine.send("message.send", command_id=number, conversationId=held, content=f"{number}")
            await mine.send("message.send", command_id="free", conversationId=free, content="Hello!")
            await mine.send("message.send", command_id="bad", conversationId=held, content="")
            await mine.quiet()
            assert (await mine.reply("free")).type == "message.sent"
            assert refusal(await mine.reply("bad")) == ("VALIDATION_ERROR", "content cannot be empty")
            await others.expect("message.new")
            assert not [frame for frame in mine.frames if frame.id in {0, 1, 2}]
        for number in range(3):
            await mine.reply(number)
        assert contents(mine, "message.sent") == ["Hello!", "0", "1", "2"]
        await theirs.expect("message.new", unreadCount=3)
        assert contents(theirs) == ["0", "1", "2"]


async def test_what_cannot_be_stored_in_five_seconds_is_given_back(start_server: StartServer) -> None:
    """UNAVAILABLE with retryAfter and message.error; it is not written later, and the connection goes on."""
    clock = Clock()
    place = await start_server(clock=clock, later=clock.later)
    one, two, conversation = await chat(place)
    async with one.socket() as mine, two.socket() as theirs, place.hand() as hand:
        async with hand.transaction():
            await hand.execute("SELECT FROM conversations WHERE id = $1 FOR UPDATE", conversation)
            await mine.send("message.send", command_id=1, conversationId=conversation, content="lost", tempId="t")
            await mine.quiet()
            clock.advance(6)
            error, failed = await mine.expect("error"), await mine.expect("message.error")
        assert (error.id, error.payload["code"], error.payload["tempId"]) == (1, "UNAVAILABLE", "t")
        assert error.payload["retryAfter"] >= 1
        assert (failed.payload["code"], failed.payload["tempId"]) == ("UNAVAILABLE", "t")
        await mine.send("message.send", command_id=2, conversationId=conversation, content="again")
        assert (await mine.reply(2)).type == "message.sent"
        await theirs.expect("message.new")
        await theirs.quiet()
        assert contents(theirs) == ["again"]
        assert after_greeting(mine)[-2:] == ["message.sent", "conversation.updated"]
