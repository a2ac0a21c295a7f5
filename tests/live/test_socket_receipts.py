"""Reading over dialect A's socket: T-087, T-088, and what design part 5 says of receipts."""

from uuid import uuid4

from tests.live.chat import after_greeting, chat, positions, refusal, say
from tests.live.people import Place

READ = ["message.read_ack", "notification.unread"]


async def test_t087_reading_is_told_to_both(live: Place) -> None:
    """read_ack with count and time to the reader, read_update with ids, reader and the same time to the sender."""
    one, two, conversation = await chat(live)
    ids = [(await one.send(conversation, text))["id"] for text in ("a", "b")]
    async with one.socket() as sender, two.socket() as reader:
        await reader.send("message.read", command_id="r", conversationId=conversation)
        ack, update = await reader.expect("message.read_ack"), await sender.expect("message.read_update")
        assert (ack.id, ack.position, update.position) == ("r", 4, 4)
        read_at = ack.payload["readAt"]
        assert ack.payload == {
            "conversationId": conversation, "markedCount": 2, "readAt": read_at,
            "unreadCount": 0, "totalUnread": 0, "upTo": ids[1],
        }  # fmt: skip
        assert update.payload == {
            "conversationId": conversation, "messageIds": ids[::-1], "count": 2,
            "upTo": ids[1], "readBy": two.id, "readAt": read_at,
        }  # fmt: skip
        await sender.quiet()
        await reader.quiet()
        assert after_greeting(reader) == READ
        assert after_greeting(sender) == ["user.online", "message.read_update"]
    assert [message["readAt"] for message in await one.messages(conversation)] == [read_at] * 2


async def test_t088_reading_by_rest_is_told_to_the_sender(live: Place) -> None:
    """The sender gets message.read_update, and the reader's sockets message.read_ack."""
    one, two, conversation = await chat(live)
    message = await one.send(conversation)
    async with one.socket() as sender, two.socket() as reader:
        read = (await two.post(f"conversations/{conversation}/read", {})).data
        update = (await sender.expect("message.read_update")).payload
        assert (update["messageIds"], update["readBy"], update["readAt"]) == ([message["id"]], two.id, read["readAt"])
        ack = await reader.expect("message.read_ack")
        assert ack.payload["markedCount"] == 1
        assert ack.id is None


async def test_reading_empties_the_counts_on_every_device_of_the_reader(live: Place) -> None:
    """All get read_ack and the new totals; only the asking one its id."""
    one, two, conversation = await chat(live)
    third = await live.person()
    other = await third.conversation(two)
    await third.send(other)
    async with two.socket() as phone, two.socket() as laptop:
        await one.send(conversation)
        for socket in (phone, laptop):
            assert (await socket.expect("notification.unread")).payload["totalUnread"] == 2
        await phone.send("message.read", command_id=1, conversationId=conversation)
        acks = [await socket.expect("message.read_ack") for socket in (phone, laptop)]
        assert [ack.id for ack in acks] == [1, None]
        assert acks[0].payload == acks[1].payload
        assert acks[0].position == acks[1].position
        assert (acks[0].payload["unreadCount"], acks[0].payload["totalUnread"]) == (0, 1)
        for socket in (phone, laptop):
            unread = (await socket.expect("notification.unread")).payload
            assert unread == {"conversationId": conversation, "unreadCount": 0, "totalUnread": 1}


async def test_reading_nothing_is_answered_to_the_caller_alone(live: Place) -> None:
    """Count 0 and no time, without position: no fact came to be."""
    one, two, conversation = await chat(live)
    async with one.socket() as sender, two.socket() as phone, two.socket() as laptop:
        await phone.send("message.read", command_id="none", conversationId=conversation)
        ack = await phone.reply("none")
        assert ack.type == "message.read_ack"
        assert ack.position is None
        assert ack.payload == {
            "conversationId": conversation, "markedCount": 0, "readAt": None, "unreadCount": 0, "totalUnread": 0,
        }  # fmt: skip
        for socket in (sender, phone, laptop):
            await socket.quiet()
        assert after_greeting(phone) == ["message.read_ack"]
        assert after_greeting(laptop) == []
        assert after_greeting(sender) == ["user.online"]
        sent = await say(sender, conversation)
        assert sent.position == 2


async def test_reading_up_to_a_message_leaves_the_newer_ones(live: Place) -> None:
    """With messageId all up to and including it are marked, and `upTo` names it (C-28)."""
    one, two, conversation = await chat(live)
    ids = [(await one.send(conversation, text))["id"] for text in ("a", "b", "c")]
    async with one.socket() as sender, two.socket() as reader:
        await reader.send("message.read", conversationId=conversation, messageId=ids[1])
        ack = (await reader.expect("message.read_ack")).payload
        assert (ack["markedCount"], ack["unreadCount"], ack["totalUnread"]) == (2, 1, 1)
        update = (await sender.expect("message.read_update")).payload
        assert (update["messageIds"], update["count"], update["upTo"]) == (ids[1::-1], 2, ids[1])
    assert [message["isRead"] for message in await one.messages(conversation)] == [False, True, True]


async def test_a_read_update_names_the_newest_hundred(live: Place) -> None:
    """`count` is all of them, `messageIds` the newest 100 at most, newest first."""
    one, two, conversation = await chat(live)
    async with one.socket() as sender, two.socket() as reader:
        for number in range(120):
            await sender.send("message.send", conversationId=conversation, content=f"message {number}")
        await reader.expect("message.new", totalUnread=120)
        await reader.send("message.read", conversationId=conversation)
        assert (await reader.expect("message.read_ack")).payload["markedCount"] == 120
        update = (await sender.expect("message.read_update")).payload
        newest = [message["id"] for message in await one.messages(conversation, limit=100)]
        assert (update["count"], update["messageIds"], update["upTo"]) == (120, newest, newest[0])


async def test_reading_what_is_not_there_is_an_error(live: Place) -> None:
    """A message or conversation that is unknown, and those of others; nothing is marked."""
    one, two, conversation = await chat(live)
    stranger = await live.person()
    elsewhere = await stranger.conversation(one)
    foreign = (await stranger.send(elsewhere))["id"]
    await one.send(conversation)
    async with two.socket() as reader:
        for message in (str(uuid4()), foreign):
            await reader.send("message.read", command_id=message, conversationId=conversation, messageId=message)
            assert refusal(await reader.reply(message)) == ("NOT_FOUND", "Message not found")
        await reader.send("message.read", command_id=1, conversationId=str(uuid4()))
        assert refusal(await reader.reply(1)) == ("NOT_FOUND", "Conversation not found")
        await reader.send("message.read", command_id=2, conversationId=elsewhere)
        assert refusal(await reader.reply(2)) == ("FORBIDDEN", "Not a participant")
    assert await two.unread() == 1


async def test_one_s_own_messages_are_not_marked(live: Place) -> None:
    """The sender reads nothing of what they sent (UNR-02)."""
    one, two, conversation = await chat(live)
    async with one.socket() as sender, two.socket() as reader:
        await say(sender, conversation)
        await sender.send("message.read", command_id=1, conversationId=conversation)
        assert (await sender.reply(1)).payload["markedCount"] == 0
        await reader.quiet()
        assert "message.read_update" not in reader.kinds()
    assert await two.unread() == 1


async def test_a_block_keeps_the_reading_secret_for_ever(live: Place) -> None:
    """Across a block the reader's counts change, the sender gets no frame and no position, also not after the unblock."""
    one, two, conversation = await chat(live)
    await one.send(conversation)
    await two.post("blocks", {"username": one.username})
    async with one.socket() as sender, two.socket() as reader:
        await reader.send("message.read", conversationId=conversation)
        assert (await reader.expect("message.read_ack")).payload["markedCount"] == 1
        await two.delete(f"blocks/{one.username}")
        await sender.expect("conversation.updated", isBlocked=False)
        assert positions(sender) == [4]  # opened, sent, blocked, and now unblocked
        assert "message.read_update" not in sender.kinds()
    (message,) = await one.messages(conversation)
    assert (message["isRead"], message["status"]) == (False, "sent")


async def test_who_shows_no_receipts_reads_in_secret(live: Place) -> None:
    """With sendReadReceipts off, of the reader or of the sender, nothing is told; the reader's own devices know."""
    one, two, conversation = await chat(live)
    assert (await two.patch("/api/v1/users/me", {"sendReadReceipts": False})).status == 200
    for sender, reader in ((one, two), (two, one)):
        async with sender.socket() as theirs, reader.socket() as mine:
            await say(theirs, conversation)
            await mine.send("message.read", conversationId=conversation)
            assert (await mine.expect("message.read_ack")).payload["markedCount"] == 1
            await theirs.quiet()
            assert "message.read_update" not in theirs.kinds()
