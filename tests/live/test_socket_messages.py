"""Messages over dialect A's socket: T-077 to T-079, T-083 to T-086, keyed sends (G-08), and who learns of them."""

import asyncio
from uuid import uuid4

import pytest
from tests.live.chat import after_greeting, chat, contents, positions, refusal, say
from tests.live.people import Place

MESSAGE = {
    "id", "conversationId", "senderId", "receiverId", "type", "content", "media", "status", "isRead", "createdAt", "updatedAt",
    "sender",
}  # fmt: skip
SENT = ["message.sent", "conversation.updated"]
NEW_TO_SENDER = ["message.new", "conversation.updated"]
NEW = ["message.new", "conversation.updated", "notification.unread"]


@pytest.fixture
def live(still: Place) -> Place:
    """Count every fact: none of delivery may come between."""
    return still


async def test_t077_a_message_reaches_the_other_and_is_acknowledged(live: Place) -> None:
    """message.sent with the tempId and the message to the sender, message.new with the same message to the receiver."""
    one, two, conversation = await chat(live)
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("message.send", conversationId=conversation, content="Hello!", tempId="temp-123")
        sent = (await mine.expect("message.sent")).payload
        new = (await theirs.expect("message.new")).payload
        assert set(sent) == {"tempId", "message", "unreadCount", "totalUnread"}
        assert set(new) == {"message", "unreadCount", "totalUnread"}
        assert sent["tempId"] == sent["message"]["tempId"] == "temp-123"
        assert set(new["message"]) == MESSAGE
        assert {name: sent["message"][name] for name in MESSAGE} == new["message"]
        assert (new["message"]["content"], new["message"]["type"]) == ("Hello!", "text")
        assert (new["message"]["senderId"], new["message"]["receiverId"]) == (one.id, two.id)
        assert (await two.get(f"messages/{new['message']['id']}")).data == new["message"]
        assert (await one.get(f"messages/{new['message']['id']}")).data == sent["message"]


async def test_t078_both_learn_of_the_preview_and_the_receiver_of_the_total(live: Place) -> None:
    """conversation.updated to both, notification.unread to the receiver, in the order of G-07."""
    one, two, conversation = await chat(live)
    async with one.socket() as mine, two.socket() as theirs:
        sent = await say(mine, conversation)
        unread = (await theirs.expect("notification.unread")).payload
        await mine.quiet()
        assert after_greeting(mine) == ["user.online", *SENT]
        assert after_greeting(theirs) == NEW
        preview = {
            name: sent.payload["message"][name] for name in ("id", "senderId", "type", "content", "createdAt", "isRead")
        }
        for socket in (mine, theirs):
            updated = await socket.expect("conversation.updated")
            assert updated.payload == {"conversationId": conversation, "lastMessage": preview}
        assert unread == {"conversationId": conversation, "totalUnread": 1, "unreadCount": 1}


async def test_t079_nothing_comes_twice(live: Place) -> None:
    """One message.new per message and connection, sent by socket or by REST."""
    one, two, conversation = await chat(live)
    async with one.socket() as mine, two.socket() as theirs:
        await say(mine, conversation, "by socket")
        await one.send(conversation, "by REST")
        await theirs.expect("notification.unread", totalUnread=2)
        await theirs.quiet()
        await mine.quiet()
        assert contents(theirs) == ["by socket", "by REST"]
        assert contents(mine) == ["by REST"]
        assert contents(mine, "message.sent") == ["by socket"]


@pytest.mark.parametrize("by_receiver", [True, False])
async def test_t083_a_block_refuses_the_message(live: Place, *, by_receiver: bool) -> None:
    """BLOCKED with the stated text, message.error with the tempId, nothing delivered, whoever of the two blocks."""
    one, two, conversation = await chat(live)
    blocker, blocked = (one, two) if by_receiver else (two, one)
    assert (await blocker.post("blocks", {"username": blocked.username})).status == 201
    async with one.socket() as theirs, two.socket() as mine:
        await mine.send("message.send", command_id=1, conversationId=conversation, content="Hello!", tempId="temp-1")
        error, failed = await mine.expect("error"), await mine.expect("message.error")
        said = "Cannot send message: user is blocked"
        assert error.payload == {"code": "BLOCKED", "message": said, "tempId": "temp-1"}
        assert failed.payload == {"tempId": "temp-1", "error": said, "code": "BLOCKED"}
        assert (error.id, failed.id) == (1, 1)
        await mine.quiet()
        await theirs.quiet()
        assert after_greeting(mine) == ["error", "message.error"]
        assert after_greeting(theirs) == []
    assert await two.messages(conversation) == []


async def test_t084_a_stranger_sends_nothing_into_a_conversation(live: Place) -> None:
    """FORBIDDEN for a conversation of others, NOT_FOUND for one that is none; neither participant hears of it."""
    one, two, conversation = await chat(live)
    stranger = await live.person()
    async with one.socket() as first, two.socket() as second, stranger.socket() as third:
        await third.send("message.send", conversationId=conversation, content="Hello!", tempId="t")
        error = await third.expect("error")
        assert refusal(error) == ("FORBIDDEN", "Not a participant")
        assert (await third.expect("message.error")).payload["tempId"] == "t"
        await third.send("message.send", conversationId=str(uuid4()), content="Hello!")
        assert refusal(await third.expect("error"))[0] == "NOT_FOUND"
        for socket in (first, second):
            await socket.quiet()
            assert after_greeting(socket) == (["user.online"] if socket is first else [])
    assert await one.messages(conversation) == []


async def test_t085_a_message_sent_by_rest_reaches_the_socket(live: Place) -> None:
    """The receiver gets message.new, the sender's socket too, since none of its own commands caused it (G-06)."""
    one, two, conversation = await chat(live)
    async with one.socket() as mine, two.socket() as theirs:
        message = await one.send(conversation, tempId="temp-7")
        new = (await theirs.expect("message.new")).payload
        assert new["message"] == {name: message[name] for name in MESSAGE}
        own = (await mine.expect("message.new")).payload
        assert own == {"message": message, "unreadCount": 0, "totalUnread": 0}
        await mine.quiet()
        assert after_greeting(mine) == ["user.online", *NEW_TO_SENDER]


async def test_t086_every_device_of_both_learns_of_a_message(live: Place) -> None:
    """Both devices of the receiver and the sender's other one get message.new; the sending one message.sent alone."""
    one, two, conversation = await chat(live)
    async with one.socket() as phone, one.socket() as laptop, two.socket() as first, two.socket() as second:
        sent = await say(phone, conversation, tempId="temp-1")
        learnt = await laptop.expect("message.new")
        assert learnt.payload["message"] == sent.payload["message"]
        assert learnt.position == sent.position
        news = [await socket.expect("message.new") for socket in (first, second)]
        assert news[0] == news[1]
        for socket, kinds in ((phone, SENT), (laptop, NEW_TO_SENDER), (first, NEW), (second, NEW)):
            await socket.quiet()
            assert [kind for kind in after_greeting(socket) if kind != "user.online"] == kinds


async def test_nobody_else_hears_of_a_message(live: Place) -> None:
    """A partner of both gets no frame of their conversation."""
    one, two, conversation = await chat(live)
    third = await live.person()
    await third.conversation(one)
    await third.conversation(two)
    async with one.socket() as mine, third.socket() as theirs:
        await say(mine, conversation)
        await theirs.quiet()
        assert after_greeting(theirs) == []


async def test_privacy_refuses_the_first_message(live: Place) -> None:
    """An open but empty conversation is judged with each send: FORBIDDEN with its text; once they talk, no more (B-37)."""
    one, two, conversation = await chat(live)
    await two.patch("/api/v1/users/me", {"whoCanMessage": "none"})
    async with one.socket() as mine, two.socket() as theirs:
        await mine.send("message.send", conversationId=conversation, content="Hello!", tempId="t")
        assert refusal(await mine.expect("error")) == ("FORBIDDEN", "User does not accept messages")
        assert (await mine.expect("message.error")).payload["tempId"] == "t"
        await say(theirs, conversation)
        await say(mine, conversation)
        assert (await theirs.expect("message.new")).position == 4  # opened, set, sent by themselves


# -- keyed sends --------------------------------------------------------------------------------------------------------


async def test_a_send_repeated_with_its_uuid_is_answered_and_not_sent_again(live: Place) -> None:
    """The original with `replayed`, without position or counts, to the asking connection alone (G-08)."""
    one, two, conversation = await chat(live)
    key = str(uuid4())
    async with one.socket() as phone, one.socket() as laptop, two.socket() as theirs:
        sent = await say(phone, conversation, tempId=key)
        await laptop.send("message.send", command_id="re", conversationId=conversation, content="Hello!", tempId=key)
        again = await laptop.reply("re")
        assert again.type == "message.sent"
        assert again.position is None
        assert again.payload == {"tempId": key, "message": sent.payload["message"], "replayed": True}
        assert "replayed" not in sent.payload
        for socket in (phone, laptop, theirs):
            await socket.quiet()
        assert contents(theirs) == ["Hello!"]
        assert contents(laptop) == ["Hello!"]
        assert positions(phone) == positions(laptop) == positions(theirs) == [2]
    assert len(await one.messages(conversation)) == 1


async def test_a_send_by_rest_is_repeated_over_the_socket(live: Place) -> None:
    """One key space for both transports: the key of REST is the tempId of the socket."""
    one, _, conversation = await chat(live)
    key = str(uuid4())
    first = await one.post(
        f"conversations/{conversation}/messages", {"content": "Hello!"}, headers={"Idempotency-Key": key}
    )
    async with one.socket() as socket:
        again = await say(socket, conversation, tempId=key)
        assert again.payload["replayed"] is True
        assert again.payload["message"]["id"] == first.data["id"]


async def test_a_send_repeated_after_a_block_is_still_answered(live: Place) -> None:
    """The key is looked up before every rule: what was sent was sent, while a new message is BLOCKED."""
    one, two, conversation = await chat(live)
    key = str(uuid4())
    async with one.socket() as socket:
        sent = await say(socket, conversation, tempId=key)
        await two.post("blocks", {"username": one.username})
        again = await say(socket, conversation, tempId=key)
        assert again.payload["message"]["id"] == sent.payload["message"]["id"]
        await socket.send("message.send", conversationId=conversation, content="Hello!", tempId=str(uuid4()))
        assert refusal(await socket.expect("error"))[0] == "BLOCKED"


async def test_a_key_of_another_message_is_a_conflict(live: Place) -> None:
    """Another text under the same key is CONFLICT, and message.error says so."""
    one, _, conversation = await chat(live)
    key = str(uuid4())
    async with one.socket() as socket:
        await say(socket, conversation, tempId=key)
        await socket.send("message.send", conversationId=conversation, content="Something else", tempId=key)
        assert refusal(await socket.expect("error"))[0] == "CONFLICT"
        assert (await socket.expect("message.error")).payload["code"] == "CONFLICT"
    assert len(await one.messages(conversation)) == 1


async def test_twins_from_two_devices_make_one_message(live: Place) -> None:
    """Ten sends with one key at the same time: one message, ten answers, nine of them replays."""
    one, two, conversation = await chat(live)
    key = str(uuid4())
    async with one.socket() as phone, one.socket() as laptop, two.socket() as theirs:
        for _ in range(5):
            for socket in (phone, laptop):
                await socket.send("message.send", conversationId=conversation, content="Hello!", tempId=key)
        sent = await asyncio.gather(*(socket.expect("message.sent") for socket in (phone, laptop) for _ in range(5)))
        assert len({frame.payload["message"]["id"] for frame in sent}) == 1
        assert sorted("replayed" in frame.payload for frame in sent) == [False] + [True] * 9
        await theirs.quiet()
        assert contents(theirs) == ["Hello!"]


async def test_the_same_temp_id_that_is_no_uuid_names_nothing(live: Place) -> None:
    """It is only echoed: two sends, two messages."""
    one, _, conversation = await chat(live)
    async with one.socket() as socket:
        first, second = await say(socket, conversation, tempId="t"), await say(socket, conversation, tempId="t")
        assert first.payload["message"]["id"] != second.payload["message"]["id"]


@pytest.mark.parametrize("temp_id", ["x" * 201, "a\u0000b", 17, ["t"]])
async def test_a_temp_id_that_cannot_be_kept_is_refused(live: Place, temp_id: object) -> None:
    """Over 200 characters, with NUL or no string: VALIDATION_ERROR, echoed by nobody, nothing stored."""
    one, _, conversation = await chat(live)
    async with one.socket() as socket:
        await socket.send("message.send", command_id=1, conversationId=conversation, content="Hello!", tempId=temp_id)
        error, failed = await socket.expect("error"), await socket.expect("message.error")
        assert refusal(error) == ("VALIDATION_ERROR", "tempId must be a string of at most 200 characters")
        assert (error.id, failed.id) == (1, 1)
        assert failed.payload["code"] == "VALIDATION_ERROR"
        await socket.quiet()
    assert await one.messages(conversation) == []


async def test_a_temp_id_of_200_characters_is_echoed(live: Place) -> None:
    """Whatever it holds, up to the limit."""
    one, _, conversation = await chat(live)
    temp_id = "\U0001f600<&\"'\\" * 33 + "xy"
    assert len(temp_id) == 200
    async with one.socket() as socket:
        assert (await say(socket, conversation, tempId=temp_id)).payload["tempId"] == temp_id


async def test_a_text_comes_as_it_was_written(live: Place) -> None:
    """Markup, emoji, right-to-left marks and line ends arrive whole; control characters are left out before."""
    one, two, conversation = await chat(live)
    async with one.socket() as mine, two.socket() as theirs:
        text = "<script>alert('1')</script> \U0001f468\u200d\U0001f469 \u202eabc\u202c\ta\nb & \"c\""
        sent = await say(mine, conversation, text)
        assert sent.payload["message"]["content"] == text
        assert (await theirs.expect("message.new")).payload["message"]["content"] == text
        assert (await say(mine, conversation, "a\u0000b\r\nc\u0085")).payload["message"]["content"] == "ab\nc"
