"""Messages of dialect B over REST: T-113 to T-119, T-124 to T-126, pages beside ids (G-24, G-25), keys."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.live.people import Person, Place
from tests.live.v1 import CONVERSATIONS, FOREIGN, MISSING, history, ids, inbox, opened, say, send, totals

NO_MESSAGE = (404, "NOT_FOUND", "Message not found")
TWO_PLACES = (400, "VALIDATION_ERROR", "before_id, after_id and a page above 1 cannot be used together")
NOT_OF_IT = (400, "VALIDATION_ERROR", "This is no message of the conversation")


async def two_talking(live: Place) -> tuple[Person, Person, str]:
    """Return two users and their conversation."""
    one, other = await live.people(2)
    return one, other, await opened(one, other)


async def test_t113_a_message_is_answered_whole(live: Place) -> None:
    """201, with all that seed 003 shows, and what design part 5 adds."""
    one, other, conversation = await two_talking(live)
    answer = await send(one, conversation, message_type="text", content="Hey!")
    assert (answer.status, answer.body["message"]) == (201, "Message sent successfully")
    message = answer.data
    assert UUID(message.pop("id")).version == 7
    assert message.pop("created_at") == message.pop("updated_at")
    assert message == {
        "conversation_id": conversation,
        "sender_id": one.id,
        "receiver_id": other.id,
        "sender": {"id": one.id, "username": one.username, "full_name": one.username, "avatar_url": None},
        "message_type": "text",
        "content": "Hey!",
        "attachments": None,
        "status": "sent",
        "is_read": False,
        "read_at": None,
        "temp_id": None,
        "deleted_at": None,
    }


@pytest.mark.parametrize(
    "body",
    [
        {"message_type": "voice", "content": "x"},
        {"message_type": "text"},
        {"message_type": "text", "content": None},
        {"message_type": "text", "content": ""},
        {"message_type": "text", "content": " \n"},
        {"message_type": "text", "content": "x" * 10_001},
        {"message_type": "text", "content": 7},
        {"message_type": "text", "content": "x", "attachments": [{"type": "image"}]},
        {"content": "x", "temp_id": "x" * 201},
        # T-115: an image needs attachments, which nobody has yet.
        {"message_type": "image"},
        {"message_type": "image", "content": "x", "attachments": []},
        {"message_type": "file", "content": "x", "attachments": None},
    ],
    ids=str,
)
async def test_t114_t115_what_is_no_message_is_400(live: Place, body: dict[str, Any]) -> None:
    """Nothing is stored."""
    one, other, conversation = await two_talking(live)
    answer = await send(one, conversation, **body)
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert (await history(other, conversation))["messages"] == []


async def test_t114_10000_characters_are_a_message(live: Place) -> None:
    """Counted as code points."""
    one, _, conversation = await two_talking(live)
    text = "\N{GRINNING FACE}" * 10_000
    assert (await send(one, conversation, content=text, attachments=[])).data["content"] == text


@pytest.fixture(scope="module")
async def long(live: Place) -> tuple[Person, str, list[str]]:
    """Give a sender of 120 messages, the conversation, and the messages' ids, newest first."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    found = await say(one, conversation, *(f"message {number}" for number in range(120)))
    return one, conversation, found[::-1]


async def test_t116_a_page_of_history(long: tuple[Person, str, list[str]]) -> None:
    """50 of 120, newest first; at most 100; missing or senseless limits are 50."""
    one, conversation, everything = long
    data = await history(one, conversation)
    assert ids(data["messages"]) == everything[:50]
    assert data["pagination"] == {"page": 1, "limit": 50, "has_more": True, "next_cursor": everything[49]}
    most = await history(one, conversation, limit=1000)
    assert (ids(most["messages"]), most["pagination"]["limit"]) == (everything[:100], 100)
    for limit in ("0", "-1", "x"):
        assert (await history(one, conversation, limit=limit))["pagination"]["limit"] == 50


async def test_t117_older_ones_before_an_id(long: tuple[Person, str, list[str]]) -> None:
    """next_cursor as before_id, again and again: all 120 once each."""
    one, conversation, everything = long
    data = await history(one, conversation, limit=25)
    found = ids(data["messages"])
    while data["pagination"]["has_more"]:
        data = await history(one, conversation, limit=25, before_id=data["pagination"]["next_cursor"])
        found += ids(data["messages"])
    assert found == everything
    assert data["pagination"] == {"page": 1, "limit": 25, "has_more": False, "next_cursor": None}


async def test_pages_by_number(long: tuple[Person, str, list[str]]) -> None:
    """The same order; below 1 is 1, beyond the end is empty, and far beyond what can be walked is refused (G-24)."""
    one, conversation, everything = long
    pages = [await history(one, conversation, page=page) for page in (1, 2, 3)]
    assert [each for page in pages for each in ids(page["messages"])] == everything
    assert [page["pagination"]["page"] for page in pages] == [1, 2, 3]
    assert [page["pagination"]["has_more"] for page in pages] == [True, True, False]
    assert ids((await history(one, conversation, page=-1))["messages"]) == everything[:50]
    beyond = await history(one, conversation, page=4)
    assert beyond == {"messages": [], "pagination": {"page": 4, "limit": 50, "has_more": False, "next_cursor": None}}
    far = await one.get(f"{CONVERSATIONS}/{conversation}/messages", page=999_999_999)
    assert far.refusal == (400, "VALIDATION_ERROR", "page is too far: go on with before_id")


async def test_t118_newer_ones_after_an_id(live: Place) -> None:
    """Exactly the two that arrived, newest first (G-25); nothing newer is an empty page without a cursor."""
    one, other, conversation = await two_talking(live)
    [known] = await say(one, conversation)
    first, second = await say(other, conversation, "a", "b")
    data = await history(one, conversation, after_id=known)
    assert ids(data["messages"]) == [second, first]
    assert data["pagination"] == {"page": 1, "limit": 50, "has_more": False, "next_cursor": second}
    nothing = await history(one, conversation, after_id=second)
    assert nothing == {"messages": [], "pagination": {"page": 1, "limit": 50, "has_more": False, "next_cursor": None}}


async def test_newer_ones_are_those_next_to_the_id(long: tuple[Person, str, list[str]]) -> None:
    """Walked upwards by next_cursor, the newest of each page, all come once (design part 5, Newer pages)."""
    one, conversation, everything = long
    oldest, found = everything[-1], [everything[-1]]
    data = await history(one, conversation, after_id=oldest, limit=50)
    assert ids(data["messages"]) == everything[69:119]
    assert data["pagination"]["next_cursor"] == everything[69]
    while data["messages"]:
        found = ids(data["messages"]) + found
        data = await history(one, conversation, after_id=data["pagination"]["next_cursor"], limit=50)
    assert found == everything


async def test_a_place_must_be_one_message_of_the_conversation(live: Place) -> None:
    """Both ids, an id with a page, no UUID, an unknown one, and one of another conversation are 400 (G-24)."""
    one, other, conversation = await two_talking(live)
    third = await live.person()
    [mine] = await say(one, conversation)
    [foreign] = await say(one, await opened(one, third))
    path = f"{CONVERSATIONS}/{conversation}/messages"
    assert (await one.get(path, before_id=mine, after_id=mine)).refusal == TWO_PLACES
    assert (await one.get(path, before_id=mine, page=2)).refusal == TWO_PLACES
    assert (await one.get(path, after_id=mine, page=2)).refusal == TWO_PLACES
    assert (await one.get(path, after_id=mine, page=1)).status == 200
    for name in ("before_id", "after_id"):
        for bad, refusal in (
            ("x", (400, "VALIDATION_ERROR", f"{name} must be a UUID")),
            (str(uuid4()), NOT_OF_IT),
            (foreign, NOT_OF_IT),
        ):
            assert (await one.get(f"{path}?{name}={bad}")).refusal == refusal
        assert (await third.get(f"{path}?{name}={mine}")).refusal == FOREIGN
        assert (await one.get(f"{CONVERSATIONS}/{uuid4()}/messages?{name}={mine}")).refusal == MISSING
    assert (await other.get(path, before_id=mine)).status == 200


async def test_a_deleted_message_is_still_a_place(live: Place) -> None:
    """Who has its id as a cursor goes on from there."""
    one, other, conversation = await two_talking(live)
    first, second, third = await say(one, conversation, "a", "b", "c")
    await one.delete(f"/v1/messages/{second}")
    assert ids((await history(other, conversation, before_id=second))["messages"]) == [first]
    assert ids((await history(other, conversation, after_id=second))["messages"]) == [third]


async def test_t119_each_message_has_its_sender(live: Place) -> None:
    """With name and picture."""
    one, other = await live.person(name="Ann", picture="https://img.example.com/a.png"), await live.person()
    conversation = await opened(one, other)
    await say(one, conversation)
    await say(other, conversation)
    theirs, mine = (await history(one, conversation))["messages"]
    assert mine["sender"] == {
        "id": one.id, "username": one.username, "full_name": "Ann", "avatar_url": "https://img.example.com/a.png",
    }  # fmt: skip
    assert theirs["sender"]["id"] == other.id


async def test_history_is_for_its_two(live: Place) -> None:
    """Reading and sending: 403 for a stranger, 404 where nothing is (RB-16)."""
    _, _, conversation = await two_talking(live)
    stranger = await live.person()
    assert (await stranger.get(f"{CONVERSATIONS}/{conversation}/messages")).refusal == FOREIGN
    assert (await send(stranger, conversation, content="x")).refusal == FOREIGN
    assert (await stranger.get(f"{CONVERSATIONS}/{uuid4()}/messages")).refusal == MISSING
    assert (await send(stranger, str(uuid4()), content="x")).refusal == MISSING


async def test_a_temp_id_comes_back_to_its_sender_alone(live: Place) -> None:
    """Whatever it says; as a UUID it names the send, and a repeat is answered 200 with the same message (G-08)."""
    one, other, conversation = await two_talking(live)
    assert (await send(one, conversation, content="a", temp_id="temp-1")).data["temp_id"] == "temp-1"
    assert (await history(one, conversation))["messages"][0]["temp_id"] == "temp-1"
    assert (await history(other, conversation))["messages"][0]["temp_id"] is None
    key = str(uuid4())
    first, second = [await send(one, conversation, content="b", temp_id=key) for _ in range(2)]
    assert (first.status, second.status) == (201, 200)
    assert second.headers["idempotent-replayed"] == "true"
    assert first.data["id"] == second.data["id"]
    assert (await send(one, conversation, content="c", temp_id=key)).refusal[:2] == (409, "CONFLICT")
    path = f"{CONVERSATIONS}/{conversation}/messages"
    again = await one.post(path, {"content": "b"}, headers={"Idempotency-Key": key})
    assert (again.status, again.data["id"]) == (200, first.data["id"])
    bad = await one.post(path, {"content": "b"}, headers={"Idempotency-Key": "x"})
    assert bad.refusal == (400, "VALIDATION_ERROR", "Idempotency-Key must be a UUID")
    assert len((await history(one, conversation))["messages"]) == 2


async def test_a_key_is_one_for_both_dialects(live: Place) -> None:
    """What was sent in A is answered, not sent anew, in B."""
    one, _, conversation = await two_talking(live)
    key = str(uuid4())
    sent = await one.send(conversation, "a", tempId=key)
    again = await send(one, conversation, content="a", temp_id=key)
    assert (again.status, again.data["id"], again.data["temp_id"]) == (200, sent["id"], key)


async def test_t124_a_deleted_message_is_gone_for_both(live: Place) -> None:
    """Absent from both histories, the count lowered, the row kept; a second deletion finds nothing."""
    one, other, conversation = await two_talking(live)
    kept, gone = await say(one, conversation, "a", "secret")
    answer = await one.delete(f"/v1/messages/{gone}")
    assert (answer.status, answer.body["message"]) == (200, "Message deleted successfully")
    assert answer.data.pop("deleted_at")
    assert answer.data == {"conversation_id": conversation, "message_id": gone}
    assert await totals(other) == (1, 1)
    for person in (one, other):
        assert ids((await history(person, conversation))["messages"]) == [kept]
    [row] = await live.sql("SELECT deleted_at FROM messages WHERE id = $1", UUID(gone))
    assert row["deleted_at"] is not None
    for path in (f"/v1/messages/{gone}", f"/v1/messages/{uuid4()}"):
        assert (await one.delete(path)).refusal == NO_MESSAGE
    assert (await other.post(f"/v1/messages/{gone}/read")).refusal == NO_MESSAGE


async def test_t125_nobody_deletes_what_another_said(live: Place) -> None:
    """403 for the receiver and for strangers."""
    one, other, conversation = await two_talking(live)
    [message] = await say(one, conversation)
    assert (await other.delete(f"/v1/messages/{message}")).refusal[:2] == (403, "FORBIDDEN")
    assert (await (await live.person()).delete(f"/v1/messages/{message}")).refusal == FOREIGN
    assert ids((await history(other, conversation))["messages"]) == [message]


async def test_t126_the_preview_of_a_deleted_message_says_nothing(live: Place) -> None:
    """Order, id and time stay; the text is null (B-29)."""
    one, other, third = await live.people(3)
    conversation, later = await opened(one, other), await opened(one, third)
    await say(one, later)
    [message] = await say(one, conversation, "secret")
    before = (await inbox(other))["conversations"][0]
    await one.delete(f"/v1/messages/{message}")
    data = await inbox(one)
    assert ids(data["conversations"]) == [conversation, later]
    last = data["conversations"][0]["last_message"]
    assert (last["id"], last["content"], last["created_at"]) == (message, None, before["last_message"]["created_at"])
    assert data["conversations"][0]["updated_at"] == before["updated_at"]
