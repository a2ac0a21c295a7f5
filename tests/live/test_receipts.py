"""Read and unread in dialect A over REST: T-049 to T-056, and who learns of a reading (design parts 1 and 5)."""

import asyncio
from uuid import uuid4

import pytest
from tests.live.people import Person, Place

NOTHING = {"markedCount": 0, "readAt": None}


async def received(live: Place, count: int) -> tuple[Person, Person, str, list[str]]:
    """Return a reader, a sender, their conversation and the ids of so many messages, oldest first."""
    reader, sender = await live.people(2)
    conversation = await reader.conversation(sender)
    sent = [(await sender.send(conversation, f"message {number}"))["id"] for number in range(count)]
    return reader, sender, conversation, sent


async def counts(person: Person) -> dict[str, int]:
    """Return the unread count of each conversation of the person's list."""
    return {item["id"]: item["unreadCount"] for item in await person.conversations()}


async def test_t049_unread_messages_are_counted(live: Place) -> None:
    """Three messages received are three unread, under all three names of the count (G-09); the sender has none."""
    reader, sender, conversation, _ = await received(live, 3)
    answer = await reader.get("conversations/unread-count")
    assert answer.data == {"unreadCount": 3, "count": 3, "totalUnread": 3}
    assert await counts(reader) == {conversation: 3}
    assert await sender.unread() == 0


async def test_t050_looking_marks_nothing(live: Place) -> None:
    """No GET of dialect A marks anything as read (C-29)."""
    reader, _, conversation, sent = await received(live, 3)
    for path in (f"conversations/{conversation}/messages", f"messages/{sent[0]}", f"messages/{sent[0]}/context"):
        assert (await reader.get(path)).status == 200
    assert await reader.unread() == 3
    assert [message["isRead"] for message in await reader.messages(conversation)] == [False] * 3


async def test_t051_a_conversation_is_read_as_a_whole(live: Place) -> None:
    """Reading without a body marks all three at one time, for both sides; again marks none."""
    reader, sender, conversation, _ = await received(live, 3)
    marked = (await reader.post(f"conversations/{conversation}/read")).data
    assert marked["markedCount"] == 3
    assert await reader.unread() == 0
    assert await counts(reader) == {conversation: 0}
    for person in (reader, sender):
        for message in await person.messages(conversation):
            assert (message["isRead"], message["status"], message["readAt"]) == (True, "read", marked["readAt"])
    assert (await sender.conversations())[0]["lastMessage"]["isRead"] is True
    assert (await reader.post(f"conversations/{conversation}/read", {})).data == NOTHING


async def test_t052_reading_up_to_a_message(live: Place) -> None:
    """With the second of three as messageId one stays unread; an older one named later marks nothing."""
    reader, sender, conversation, sent = await received(live, 3)
    marked = (await reader.post(f"conversations/{conversation}/read", {"messageId": sent[1]})).data
    assert marked["markedCount"] == 2
    assert await reader.unread() == 1
    assert [message["isRead"] for message in await sender.messages(conversation)] == [False, True, True]
    assert (await reader.post(f"conversations/{conversation}/read", {"messageId": sent[0]})).data == NOTHING
    assert await reader.unread() == 1


async def test_t052_a_message_from_elsewhere_marks_nothing(live: Place) -> None:
    """An unknown messageId, or one of another conversation, is 404; one that is no UUID 400."""
    reader, _, conversation, _ = await received(live, 2)
    other = await live.person()
    elsewhere = await other.send(await other.conversation(reader))
    for message_id in (str(uuid4()), elsewhere["id"]):
        refused = await reader.post(f"conversations/{conversation}/read", {"messageId": message_id})
        assert refused.refusal == (404, "NOT_FOUND", "Message not found")
    refused = await reader.post(f"conversations/{conversation}/read", {"messageId": "7"})
    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")
    assert await reader.unread() == 3


async def test_t053_nobody_reads_their_own_messages(live: Place) -> None:
    """Reading marks received messages alone: the sender marks none, and the receiver still has them unread."""
    reader, sender, conversation, sent = await received(live, 2)
    assert (await sender.post(f"conversations/{conversation}/read")).data == NOTHING
    assert (await sender.post(f"conversations/{conversation}/read", {"messageId": sent[1]})).data == NOTHING
    assert await reader.unread() == 2
    assert [message["isRead"] for message in await reader.messages(conversation)] == [False, False]


async def test_t054_a_stranger_reads_nothing(live: Place) -> None:
    """Reading a foreign conversation is 403 and marks nothing."""
    reader, _, conversation, _ = await received(live, 1)
    third = await live.person()
    refused = await third.post(f"conversations/{conversation}/read")
    assert refused.refusal == (403, "FORBIDDEN", "Not a participant")
    assert await reader.unread() == 1


async def test_t055_the_total_is_the_sum(live: Place) -> None:
    """With 2 and 3 unread, reading one conversation leaves exactly the other's."""
    reader, one, other = await live.people(3)
    first, second = await reader.conversation(one), await reader.conversation(other)
    for sender, conversation, count in ((one, first, 2), (other, second, 3)):
        for _ in range(count):
            await sender.send(conversation)
    assert await reader.unread() == 5
    assert await counts(reader) == {first: 2, second: 3}
    await reader.post(f"conversations/{first}/read")
    assert await reader.unread() == 3
    assert await counts(reader) == {first: 0, second: 3}


async def test_t056_fifty_at_once_are_fifty(live: Place) -> None:
    """Messages sent at the same moment by ten people are all counted, in total and per conversation."""
    reader, *senders = await live.people(11)
    conversations = [await sender.conversation(reader) for sender in senders]
    sends = [sender.send(conversation) for sender, conversation in zip(senders, conversations, strict=True)]
    sends += [senders[n % 10].send(conversations[n % 10], f"again {n}") for n in range(40)]
    await asyncio.gather(*sends)
    assert await reader.unread() == 50
    assert await counts(reader) == dict.fromkeys(conversations, 5)


async def test_reading_while_messages_come_loses_no_count(live: Place) -> None:
    """What is marked and what is left unread add up to what was sent, however the two meet."""
    reader, sender, conversation, _ = await received(live, 1)
    calls = [sender.post(f"conversations/{conversation}/messages", {"content": f"{n}"}) for n in range(40)]
    calls += [reader.post(f"conversations/{conversation}/read") for _ in range(10)]
    answers = await asyncio.gather(*calls)
    assert {answer.status for answer in answers} == {200, 201}
    marked = sum(answer.data["markedCount"] for answer in answers[40:])
    unread = await reader.unread()
    messages = await reader.messages(conversation, limit=100)
    assert marked + unread == len(messages) == 41
    assert sum(not message["isRead"] for message in messages) == unread
    assert await counts(reader) == {conversation: unread}


async def test_reading_does_not_move_a_conversation(live: Place) -> None:
    """Only a new message moves a conversation in the list (C-46)."""
    reader, _, conversation, _ = await received(live, 1)
    other = await live.person()
    newer = await reader.conversation(other)
    before = {item["id"]: item["updatedAt"] for item in await reader.conversations()}
    await reader.post(f"conversations/{conversation}/read")
    after = {item["id"]: item["updatedAt"] for item in await reader.conversations()}
    assert list(after.items()) == list(before.items())
    assert list(after) == [newer, conversation]


@pytest.mark.parametrize("side", ["reader", "sender"])
async def test_receipts_are_shown_only_between_two_who_send_them(live: Place, side: str) -> None:
    """If either side sends no read receipts the sender never learns of a reading, also when the switch is put back."""
    reader, sender, conversation, _ = await received(live, 2)
    switched = reader if side == "reader" else sender
    await switched.patch("/api/v1/users/me", {"sendReadReceipts": False})
    assert (await reader.post(f"conversations/{conversation}/read")).data["markedCount"] == 2
    await switched.patch("/api/v1/users/me", {"sendReadReceipts": True})
    assert [message["isRead"] for message in await reader.messages(conversation)] == [True, True]
    for message in await sender.messages(conversation):
        assert (message["isRead"], message["status"]) == (False, "delivered")
        assert "readAt" not in message
    assert (await sender.conversations())[0]["lastMessage"]["isRead"] is False
    await sender.send(conversation)
    await reader.post(f"conversations/{conversation}/read")
    assert [message["isRead"] for message in await sender.messages(conversation)] == [True, False, False]


async def test_receipts_do_not_cross_a_block(live: Place) -> None:
    """What is read while a block stands is never shown as read to its sender (G-15)."""
    reader, sender, conversation, _ = await received(live, 1)
    await reader.post("blocks", {"username": sender.username})
    assert (await reader.post(f"conversations/{conversation}/read")).data["markedCount"] == 1
    await reader.delete(f"blocks/{sender.username}")
    assert [message["isRead"] for message in await sender.messages(conversation)] == [False]
    assert [message["isRead"] for message in await reader.messages(conversation)] == [True]
