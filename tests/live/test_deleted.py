"""What was deleted is gone by every way there is to see it, and its text is in no byte that anybody gets (DEL, B-28, B-29, G-20, G-21)."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.live.people import Person, Place

SECRET = "regretted https://secret.example/path"
GONE = (404, "NOT_FOUND", "Message not found")


async def regretted(live: Place) -> tuple[Person, Person, str, str]:
    """Two people, their conversation, and a message with a link that was deleted between two that stand."""
    one, two = await live.people(2)
    conversation = await one.conversation(two)
    await one.send(conversation, "before https://kept.example")
    gone = (await one.send(conversation, SECRET))["id"]
    await one.send(conversation, "after")
    assert (await one.delete(f"messages/{gone}")).status == 200
    return one, two, conversation, gone


async def test_a_deleted_message_is_404_by_its_id(live: Place) -> None:
    """Single, context and reading up to it, for both; a second deletion too."""
    one, two, conversation, gone = await regretted(live)
    for person in (one, two):
        assert (await person.get(f"messages/{gone}")).refusal == GONE
        assert (await person.get(f"messages/{gone}/context")).refusal == GONE
    assert (await two.post(f"conversations/{conversation}/read", {"messageId": gone})).refusal == GONE
    assert (await two.post(f"/v1/messages/{gone}/read")).refusal == GONE
    assert (await one.delete(f"messages/{gone}")).refusal == GONE
    assert (await one.delete(f"/v1/messages/{gone}")).refusal == GONE


@pytest.mark.parametrize("who", [0, 1], ids=["sender", "receiver"])
async def test_its_text_is_in_no_answer(live: Place, who: int) -> None:
    """Lists, histories, neighbours, galleries and events of both dialects: none shows it, and what stands is still there."""
    *people, conversation, gone = await regretted(live)
    person = people[who]
    kept = (await person.messages(conversation))[0]["id"]
    paths = [
        "conversations",
        f"conversations/{conversation}/messages",
        f"messages/{kept}/context",
        *(f"conversations/{conversation}/{gallery}" for gallery in ("media", "links", "files")),
        "events?since=0",
        "/v1/conversations",
        f"/v1/conversations/{conversation}/messages",
        f"/v1/conversations/{conversation}",
        "/v1/events?since=0",
    ]
    for path in paths:
        answer = await person.get(path)
        assert answer.status == 200
        assert b"regretted" not in answer.raw, path
        assert b"secret.example" not in answer.raw, path
    links = (await person.get(f"conversations/{conversation}/links")).data["links"]
    assert [link["url"] for link in links] == ["https://kept.example"]
    assert gone not in [message["id"] for message in await person.messages(conversation)]


async def test_its_key_answers_without_its_text(live: Place) -> None:
    """A repeat of the send is told which message it was, and no more (design part 1, Idempotent send)."""
    one, two = await live.people(2)
    conversation, key = await one.conversation(two), {"Idempotency-Key": str(uuid4())}
    path, body = f"conversations/{conversation}/messages", {"content": SECRET}
    sent = (await one.post(path, body, headers=key)).data
    await one.delete(f"messages/{sent['id']}")
    again = await one.post(path, body, headers=key)
    assert (again.status, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert (again.data["id"], again.data["content"]) == (sent["id"], "")
    assert again.data["deletedAt"]
    in_b = await one.post(f"/v1/{path}", {"message_type": "text", "content": SECRET}, headers=key)
    assert (in_b.data["id"], in_b.data["content"]) == (sent["id"], None)
    assert b"regretted" not in again.raw + in_b.raw
    assert len(await two.messages(conversation)) == 0


async def test_the_row_stays_for_the_operator(live: Place) -> None:
    """Deleted is a mark: when, and by whom (DEL-02, DEL-04)."""
    one, _, _, gone = await regretted(live)
    [row] = await live.sql("SELECT content, deleted_at, deleted_by FROM messages WHERE id = $1", UUID(gone))
    assert (row["content"], row["deleted_by"]) == (SECRET, UUID(one.id))
    assert row["deleted_at"] is not None


async def test_a_stranger_deletes_nothing(live: Place) -> None:
    """Neither a message nor a conversation of others, in either dialect."""
    one, two, stranger = await live.people(3)
    conversation = await one.conversation(two)
    sent = await one.send(conversation)
    for path in (f"messages/{sent['id']}", f"/v1/messages/{sent['id']}", f"conversations/{conversation}"):
        assert (await stranger.delete(path)).status == 403
    assert [message["id"] for message in await two.messages(conversation)] == [sent["id"]]
    assert len(await one.conversations()) == 1


async def test_history_before_a_conversations_deletion_is_out_of_reach(live: Place) -> None:
    """For who deleted it by no way: list, single, context, neighbours, galleries; for the partner nothing changed (G-20)."""
    one, two = await live.people(2)
    conversation = await one.conversation(two)
    old = (await two.send(conversation, "old https://old.example"))["id"]
    await one.delete(f"conversations/{conversation}")
    new = (await two.send(conversation, "new"))["id"]
    assert (await one.get(f"messages/{old}")).refusal == GONE
    assert (await one.get(f"messages/{old}/context")).refusal == GONE
    context = (await one.get(f"messages/{new}/context")).data
    assert ([message["id"] for message in context["messages"]], context["hasMoreBefore"]) == ([new], False)
    assert (await one.get(f"conversations/{conversation}/links")).data["links"] == []
    in_b = (await one.get(f"/v1/conversations/{conversation}/messages")).data["messages"]
    assert [message["id"] for message in in_b] == [new]
    assert [message["id"] for message in await two.messages(conversation)] == [new, old]
    assert (await two.get(f"conversations/{conversation}/links")).data["links"]


async def test_opening_a_deleted_conversation_does_not_list_it(live: Place) -> None:
    """It is answered, empty, and stands in the list again with the next message only."""
    one, two = await live.people(2)
    conversation = await one.conversation(two)
    await two.send(conversation, "old")
    await one.delete(f"conversations/{conversation}")
    opened = (await one.get(f"conversations/with/{two.username}")).data
    assert (opened["id"], opened["lastMessage"], opened["unreadCount"]) == (conversation, None, 0)
    assert await one.conversations() == []


async def test_the_frame_that_brings_a_conversation_back_carries_it(live: Place) -> None:
    """`message.new` and `message.sent` show it as the list does, presence included; the next frame does not."""
    one, two = await live.people(2)
    conversation = await one.conversation(two)
    await two.send(conversation, "old")
    async with one.socket() as mine, two.socket() as theirs:
        await mine.expect("user.online")
        for writer, socket, kind in ((two, mine, "message.new"), (one, mine, "message.sent")):
            await one.delete(f"conversations/{conversation}")
            await mine.expect("conversation.deleted")
            if writer is two:
                await two.send(conversation, "back")
            else:
                await socket.send("message.send", conversationId=conversation, content="back")
            frame = await socket.expect(kind)
            _is_listed(frame.payload["conversation"], await one.conversations())
        await theirs.send("message.send", conversationId=conversation, content="once more")
        assert "conversation" not in (await mine.expect("message.new")).payload


def _is_listed(shown: dict[str, Any], listed: list[dict[str, Any]]) -> None:
    """What a frame showed is what the list shows; presence too."""
    assert shown == listed[0]
    assert shown["otherUser"]["isOnline"] is True
