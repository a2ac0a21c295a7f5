"""Receipts of dialect B over REST: T-120 to T-123, T-166; what reading history marks and what it does not (C-29, B-36)."""

import asyncio
from uuid import uuid4

from tests.live.people import Place
from tests.live.v1 import CONVERSATIONS, FOREIGN, MISSING, history, ids, inbox, opened, say, totals


async def test_t120_reading_history_marks_what_it_shows(live: Place) -> None:
    """The count is 0, the answer shows the state afterwards, and the sender's socket hears of it."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    sent = await say(one, conversation, "a", "b")
    async with one.socket() as socket:
        messages = (await history(other, conversation))["messages"]
        update = (await socket.expect("message.read_update")).payload
    assert ids(messages) == sent[::-1]
    read_at = {message["read_at"] for message in messages}
    assert {(message["is_read"], message["status"]) for message in messages} == {(True, "read")}
    assert (update["messageIds"], update["readBy"], {update["readAt"]}) == (sent[::-1], other.id, read_at)
    assert await totals(other) == (0, 0)
    assert {message["read_at"] for message in (await history(one, conversation))["messages"]} == read_at


async def test_only_what_was_returned_is_marked(live: Place) -> None:
    """A page by number, older ones before an id, newer ones after an id: each marks its own and no other (B-36)."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    first, second, third, fourth, fifth = await say(one, conversation, *"abcde")

    async def unread() -> list[str]:
        messages = (await history(one, conversation))["messages"]
        return [message["id"] for message in messages if not message["is_read"]]

    await history(other, conversation, limit=1)
    assert await unread() == [fourth, third, second, first]
    await history(other, conversation, before_id=third, limit=1)
    assert await unread() == [fourth, third, first]
    await history(other, conversation, after_id=third, limit=1)
    assert await unread() == [third, first]
    await history(other, conversation, page=3, limit=1)
    assert await unread() == [first]
    assert await totals(other) == (1, 1)
    assert fifth not in await unread()


async def test_t121_the_senders_look_marks_nothing(live: Place) -> None:
    """Own messages stay unread; so do all where one is no participant, or asks for the list alone."""
    one, other, stranger = await live.people(3)
    conversation = await opened(one, other)
    await say(one, conversation)
    [message] = (await history(one, conversation))["messages"]
    assert (message["is_read"], message["read_at"]) == (False, None)
    await inbox(other)
    await other.get(f"{CONVERSATIONS}/{conversation}")
    await stranger.get(f"{CONVERSATIONS}/{conversation}/messages")
    assert await totals(other) == (1, 1)


async def test_reading_in_dialect_a_marks_nothing(live: Place) -> None:
    """The same history asked for in A (C-29)."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    await say(one, conversation)
    await other.messages(conversation)
    assert await totals(other) == (1, 1)


async def test_many_devices_read_the_same_page(live: Place) -> None:
    """Whoever comes first marks; every answer shows the messages as read, and the sender is told once of each."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    sent = await say(one, conversation, *"abcdefghij")
    async with one.socket() as socket:
        pages = await asyncio.gather(*(history(other, conversation, limit=limit) for limit in (3, 5, 10, 10, 10)))
        assert all(message["is_read"] for page in pages for message in page["messages"])
        assert len({(m["id"], m["read_at"]) for page in pages for m in page["messages"]}) == 10
        told: list[str] = []
        while len(told) < len(sent):
            told += (await socket.expect("message.read_update")).payload["messageIds"]
        await socket.quiet()
    assert sorted(told) == sorted(sent)
    assert await totals(other) == (0, 0)


async def test_t122_one_message_is_read(live: Place) -> None:
    """Exactly one; for its receiver alone, again it changes nothing."""
    one, other, stranger = await live.people(3)
    conversation = await opened(one, other)
    first, second, third = await say(one, conversation, "a", "b", "c")
    answer = await other.post(f"/v1/messages/{second}/read")
    assert (answer.status, answer.body["message"]) == (200, "Message marked as read")
    assert answer.data["marked_count"] == 1
    assert answer.data["read_at"]
    assert await totals(other) == (2, 1)
    again = await other.post(f"/v1/messages/{second}/read")
    assert (again.status, again.data) == (200, {"marked_count": 0, "read_at": None})
    assert [m["is_read"] for m in (await history(one, conversation))["messages"]] == [False, True, False]
    assert (await one.post(f"/v1/messages/{first}/read")).refusal[:2] == (403, "FORBIDDEN")
    assert (await stranger.post(f"/v1/messages/{third}/read")).refusal == FOREIGN
    assert (await other.post(f"/v1/messages/{uuid4()}/read")).refusal == (404, "NOT_FOUND", "Message not found")


async def test_t123_a_conversation_is_read(live: Place) -> None:
    """All of it; nothing left is no error."""
    one, other, stranger = await live.people(3)
    conversation = await opened(one, other)
    await say(one, conversation, "a", "b")
    answer = await other.post(f"{CONVERSATIONS}/{conversation}/read")
    assert (answer.status, answer.body["message"]) == (200, "Conversation marked as read")
    assert answer.data["marked_count"] == 2
    assert await totals(other) == (0, 0)
    again = await other.post(f"{CONVERSATIONS}/{conversation}/read")
    assert (again.status, again.data) == (200, {"marked_count": 0, "read_at": None})
    assert (await stranger.post(f"{CONVERSATIONS}/{conversation}/read")).refusal == FOREIGN
    assert (await other.post(f"{CONVERSATIONS}/{uuid4()}/read")).refusal == MISSING


async def test_t166_reading_in_b_counts_in_a(live: Place) -> None:
    """A's count drops, and the sender's A socket gets message.read_update."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    sent = await one.send(conversation)
    assert await other.unread() == 1
    async with one.socket() as socket:
        await other.post(f"/v1/messages/{sent['id']}/read")
        assert (await socket.expect("message.read_update")).payload["messageIds"] == [sent["id"]]
    assert await other.unread() == 0


async def test_t165_a_message_is_the_same_in_both_dialects(live: Place) -> None:
    """Id, text and time, whichever way it was sent."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    sent = await one.send(conversation, "from A")
    await say(one, conversation, "from B")
    in_a = [(m["id"], m["content"], m["createdAt"]) for m in await other.messages(conversation)]
    in_b = [(m["id"], m["content"], m["created_at"]) for m in (await history(other, conversation))["messages"]]
    assert in_a == in_b
    assert in_b[1] == (sent["id"], "from A", sent["createdAt"])


async def test_a_hidden_reading_shows_as_delivered(live: Place) -> None:
    """Who sends no receipts reads in silence: the own count drops, the sender sees no time (part 5 of the privacy rules)."""
    one, other = await live.people(2)
    await other.patch("/api/v1/users/me", {"sendReadReceipts": False})
    conversation = await opened(one, other)
    await say(one, conversation)
    [mine] = (await history(other, conversation))["messages"]
    assert (mine["is_read"], mine["status"]) == (True, "read")
    assert await totals(other) == (0, 0)
    [theirs] = (await history(one, conversation))["messages"]
    assert (theirs["is_read"], theirs["read_at"], theirs["status"]) == (False, None, "delivered")
