"""Unread, delivered, read: the same counts and marks for two people, whatever dialect each of them speaks (T-166, T-157)."""

from tests.live.people import eventually
from tests.live.scenarios.conftest import Pair


async def test_t166_reading_in_one_dialect_shows_in_the_other(pair: Pair) -> None:
    """The reader's totals drop, and the sender's socket hears of it; the message is read for both."""
    one, two, conversation = pair
    sent = [(await one.say(conversation, f"message {number}")).id for number in range(3)]
    assert await two.unread() == 3
    assert (await two.inbox())[0].unread == 3
    async with one.ear() as here:
        await two.read(conversation)
        await here.hears_read(sent[-1])
    assert await two.unread() == 0
    assert [(message.status, message.is_read) for message in await one.history(conversation)] == [("read", True)] * 3


async def test_t157_a_message_is_sent_then_delivered_then_read(pair: Pair) -> None:
    """Nobody there: sent. Written to the receiver's socket: delivered, and the sender hears it. Marked: read."""
    one, two, conversation = pair
    async with one.ear() as here:
        alone = await here.say(conversation, "nobody there")
        assert (await one.history(conversation))[0].status == "sent"
        await here.nothing_more()
        async with two.ear() as there:
            sent = await here.say(conversation, "somebody there")
            assert sent.status == "sent"
            await there.hears_new("somebody there")
            await here.hears_delivered(sent.id)
            assert [message.status for message in await one.history(conversation)] == ["delivered", "delivered"]
        await two.read(conversation)
        await here.hears_read(alone.id)
    assert [message.status for message in await one.history(conversation)] == ["read", "read"]


async def test_a_hidden_reading_shows_as_delivered(pair: Pair) -> None:
    """Who sends no receipts reads unseen: the sender knows of the delivery and no more, live and in the history."""
    one, two, conversation = pair
    await two.settings(sendReadReceipts=False)
    sent = await one.say(conversation, "Have you read this?")
    async with one.ear() as here:
        await two.read(conversation)
        await here.hears_delivered(sent.id)
        await here.nothing_more()
    assert await two.unread() == 0
    assert [(message.status, message.is_read) for message in await one.history(conversation)] == [("delivered", False)]


async def test_only_the_receivers_messages_are_marked(pair: Pair) -> None:
    """Reading marks what one received, never what one sent (UNR-02)."""
    one, two, conversation = pair
    await one.say(conversation, "mine")
    await one.read(conversation)
    assert await two.unread() == 1
    assert (await one.history(conversation))[0].status == "sent"


async def test_totals_add_up_over_several_conversations(pair: Pair) -> None:
    """Counts of the list and the total are one truth after mixed traffic."""
    one, two, conversation = pair
    for number in range(4):
        await one.say(conversation, f"to two {number}")
        await two.say(conversation, f"to one {number}")
    assert (await one.unread(), await two.unread()) == (4, 4)
    await one.read(conversation)
    assert (await one.unread(), await two.unread()) == (0, 4)

    async def listed() -> int:
        return sum(entry.unread for entry in await two.inbox())

    assert await eventually(listed, lambda count: count == 4) == 4
