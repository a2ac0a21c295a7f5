"""Conversations of dialect B over REST: T-005, T-103 to T-112, numbered pages (G-23, G-24), and positions."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.live.people import Person, Place, eventually
from tests.live.v1 import CONVERSATIONS, FOREIGN, MISSING, history, ids, inbox, listed, opened, say, send, totals


async def test_t103_a_conversation_is_made_once(live: Place) -> None:
    """The first request makes it, 201; the next finds it, 200, with the same id, from either side."""
    one, other = await live.people(2)
    answer = await one.post(CONVERSATIONS, {"recipient_id": other.id})
    assert answer.status == 201
    found = answer.data
    assert UUID(found["id"])
    assert found.pop("created_at") == found.pop("updated_at")
    assert found == {
        "id": found["id"],
        "participant": {
            "id": other.id,
            "username": other.username,
            "full_name": other.username,
            "avatar_url": None,
            "is_online": False,
            "last_seen": None,
        },
        "last_message": None,
        "unread_count": 0,
        "is_blocked": False,
    }
    again = await one.post(CONVERSATIONS, {"recipient_id": other.id})
    assert (again.status, again.data["id"]) == (200, found["id"])
    theirs = await other.post(CONVERSATIONS, {"recipient_id": one.id})
    assert (theirs.status, theirs.data["id"]) == (200, found["id"])


async def test_t103_a_found_conversation_shows_its_last_message(live: Place) -> None:
    """Name, picture, last message and count are those of the caller's side."""
    one, other = await live.person(), await live.person(name="Anna B.", picture="https://img.example.com/a.png")
    conversation = await opened(one, other)
    [message] = await say(other, conversation, "Hey!")
    found = (await one.post(CONVERSATIONS, {"recipient_id": other.id})).data
    participant, last = found["participant"], found["last_message"]
    assert (participant["full_name"], participant["avatar_url"]) == ("Anna B.", "https://img.example.com/a.png")
    assert last.pop("created_at") == found["updated_at"] > found["created_at"]
    assert last == {
        "id": message, "content": "Hey!", "sender_id": other.id, "message_type": "text", "is_read": False,
    }  # fmt: skip
    assert found["unread_count"] == 1


async def test_t104_a_recipient_must_be_somebody_else(live: Place) -> None:
    """Missing, null, no UUID and oneself are 400, an unknown one 404; nothing is made."""
    one = await live.person()
    bodies: list[Any] = [None, {}, {"recipient_id": None}, {"recipient_id": "nobody"}, {"recipient_id": one.id}]
    for body in bodies:
        answer = await one.post(CONVERSATIONS, body)
        assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR"), body
    unknown = await one.post(CONVERSATIONS, {"recipient_id": str(uuid4())})
    assert unknown.refusal == (404, "NOT_FOUND", "User not found")
    assert (await inbox(one))["pagination"]["total"] == 0


async def test_t005_the_inbox_says_where_it_stands(live: Place) -> None:
    """Conversations, and page, limit and the three totals."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    await say(other, conversation, "a", "b")
    data = await inbox(one)
    assert ids(data["conversations"]) == [conversation]
    assert data["pagination"] == {"page": 1, "limit": 20, "total": 1, "total_pages": 1, "total_unread": 2}


@pytest.fixture(scope="module")
async def popular(live: Place) -> tuple[Person, list[str]]:
    """Give somebody with 45 conversations, oldest first."""
    one, *others = await live.people(46)
    return one, [await opened(other, one) for other in others]


async def test_t105_45_conversations_are_three_pages_of_20(popular: tuple[Person, list[str]]) -> None:
    """Newest first, each once."""
    one, conversations = popular
    pages = [await inbox(one, page=page) for page in (1, 2, 3)]
    assert [len(page["conversations"]) for page in pages] == [20, 20, 5]
    assert [each for page in pages for each in ids(page["conversations"])] == conversations[::-1]
    assert pages[0]["pagination"] == {"page": 1, "limit": 20, "total": 45, "total_pages": 3, "total_unread": 0}


async def test_t106_a_page_holds_at_most_50(popular: tuple[Person, list[str]]) -> None:
    """A limit above 50 is 50; one that is no number, or below 1, is 20 (B-23)."""
    one, conversations = popular
    whole = await inbox(one, limit=500)
    assert ids(whole["conversations"]) == conversations[::-1]
    assert (whole["pagination"]["limit"], whole["pagination"]["total_pages"]) == (50, 1)
    for limit in ("0", "-5", "abc", ""):
        assert (await inbox(one, limit=limit))["pagination"]["limit"] == 20


async def test_pages_outside_the_list(popular: tuple[Person, list[str]]) -> None:
    """A page below 1 is the first; one beyond the end is empty and has the totals (G-24)."""
    one, conversations = popular
    for page in ("0", "-3", "x"):
        data = await inbox(one, page=page)
        assert (data["pagination"]["page"], data["conversations"][0]["id"]) == (1, conversations[-1])
    for page in ("4", "99999999999999999999"):
        beyond = await inbox(one, page=page)
        assert beyond["conversations"] == []
        assert (beyond["pagination"]["total"], beyond["pagination"]["total_pages"]) == (45, 3)


async def test_an_empty_inbox_has_no_pages(live: Place) -> None:
    """Nothing is a page, too."""
    one = await live.person()
    assert await inbox(one) == {
        "conversations": [],
        "pagination": {"page": 1, "limit": 20, "total": 0, "total_pages": 0, "total_unread": 0},
    }


async def test_t107_only_unread_ones(live: Place) -> None:
    """2 unread of 5: those 2, counted and paged as such; total_unread is the sum of their messages (G-23)."""
    one, *others = await live.people(6)
    conversations = [await opened(one, other) for other in others]
    await say(others[1], conversations[1], "a", "b")
    await say(others[3], conversations[3], "c")
    data = await inbox(one, unread_only="true")
    assert ids(data["conversations"]) == [conversations[3], conversations[1]]
    assert data["pagination"] == {"page": 1, "limit": 20, "total": 2, "total_pages": 1, "total_unread": 3}
    second = await inbox(one, unread_only="1", page=2, limit=1)
    assert ids(second["conversations"]) == [conversations[1]]
    assert second["pagination"] == {"page": 2, "limit": 1, "total": 2, "total_pages": 2, "total_unread": 3}
    for off in ("false", "0", ""):
        assert len((await inbox(one, unread_only=off))["conversations"]) == 5
    refused = await one.get(CONVERSATIONS, unread_only="perhaps")
    assert refused.refusal == (400, "VALIDATION_ERROR", "unread_only must be true or false")


async def test_t108_who_is_online_shows(live: Place) -> None:
    """While a socket of the partner is open."""
    one, other = await live.people(2)
    await opened(one, other)
    async with other.socket():
        [item] = (await inbox(one))["conversations"]
        assert item["participant"]["is_online"] is True


async def test_t109_details_of_a_conversation(live: Place) -> None:
    """The partner with presence, the count, the block and when it began; not for others, and not of what is not there."""
    one, other, stranger = await live.people(3)
    conversation = await opened(one, other)
    await say(other, conversation)
    async with other.socket():
        details = (await one.get(f"{CONVERSATIONS}/{conversation}")).data
        assert details["participant"]["is_online"] is True
        assert details["participant"]["last_seen"] is None
    assert (details["id"], details["unread_count"], details["is_blocked"]) == (conversation, 1, False)
    assert details["created_at"] < details["updated_at"]
    assert (await stranger.get(f"{CONVERSATIONS}/{conversation}")).refusal == FOREIGN
    assert (await one.get(f"{CONVERSATIONS}/{uuid4()}")).refusal == MISSING
    assert (await one.get(f"{CONVERSATIONS}/messages")).status == 404


async def test_last_seen_shows_between_two_who_show_it(live: Place) -> None:
    """After the socket is closed; null in both directions when one of the two hides it (PRS-11)."""
    one, other = await live.people(2)
    conversation = await opened(one, other)

    async def last_seen(person: Person) -> Any:
        return (await person.get(f"{CONVERSATIONS}/{conversation}")).data["participant"]["last_seen"]

    for person in (one, other):
        async with person.socket():
            pass
    for person in (one, other):
        await eventually(partial(last_seen, person), lambda seen: seen is not None)
    await one.patch("/api/v1/users/me", {"showLastSeen": False})
    assert (await last_seen(one), await last_seen(other)) == (None, None)


async def test_t110_unread_counts(live: Place) -> None:
    """Messages and conversations; the path is not taken for a conversation's id (B-24)."""
    one, *others = await live.people(3)
    assert await totals(one) == (0, 0)
    for other, texts in zip(others, (("a", "b"), ("c",)), strict=True):
        await say(other, await opened(other, one), *texts)
    assert await totals(one) == (3, 2)


async def test_t111_a_deleted_conversation_is_gone_for_one(live: Place) -> None:
    """Gone from the caller's list and totals, still in the partner's; again, it is the same answer."""
    one, other, stranger = await live.people(3)
    conversation = await opened(one, other)
    await say(other, conversation)
    for _ in range(2):
        answer = await one.delete(f"{CONVERSATIONS}/{conversation}")
        assert (answer.status, answer.body["message"]) == (200, "Conversation deleted successfully")
        assert answer.data == {"conversation_id": conversation}
    data = await inbox(one)
    assert (data["conversations"], data["pagination"]["total"], data["pagination"]["total_unread"]) == ([], 0, 0)
    assert await totals(one) == (0, 0)
    assert await listed(other) == [conversation]
    assert (await stranger.delete(f"{CONVERSATIONS}/{conversation}")).refusal == FOREIGN
    assert (await one.delete(f"{CONVERSATIONS}/{uuid4()}")).refusal == MISSING


async def test_t112_a_deleted_conversation_comes_back_with_the_next_message(live: Place) -> None:
    """With it alone: the older history stays away, by page and by id (G-20)."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    [old] = await say(other, conversation, "before")
    await one.delete(f"{CONVERSATIONS}/{conversation}")
    assert (await history(one, conversation))["messages"] == []
    [new] = await say(other, conversation, "after")
    [item] = (await inbox(one))["conversations"]
    assert (item["id"], item["unread_count"], item["last_message"]["id"]) == (conversation, 1, new)
    assert ids((await history(one, conversation))["messages"]) == [new]
    assert (await history(one, conversation, before_id=new))["messages"] == []
    assert ids((await history(one, conversation, after_id=old))["messages"]) == [new]


async def test_the_order_is_that_of_the_last_messages(live: Place) -> None:
    """A new message moves its conversation to the top (RB-11)."""
    one, *others = await live.people(4)
    conversations = [await opened(one, other) for other in others]
    await say(one, conversations[1])
    await say(others[0], conversations[0])
    assert await listed(one) == [conversations[0], conversations[1], conversations[2]]


async def test_who_is_blocked_does_not_see_the_conversation(live: Place) -> None:
    """Out of the blocked one's list and totals; the blocker keeps it, marked (C-09, G-22)."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    await say(one, conversation)
    await one.post(f"/v1/users/{other.id}/block")
    assert (await inbox(other))["pagination"] | {"limit": 0} == {
        "page": 1, "limit": 0, "total": 0, "total_pages": 0, "total_unread": 0,
    }  # fmt: skip
    assert (await inbox(other, unread_only="true"))["conversations"] == []
    [item] = (await inbox(one))["conversations"]
    assert (item["id"], item["is_blocked"]) == (conversation, True)


async def test_a_race_of_openings_makes_one_conversation(live: Place) -> None:
    """Twenty at once, from both sides: one 201, one id (CNV-02)."""
    one, other = await live.people(2)
    answers = await asyncio.gather(
        *(me.post(CONVERSATIONS, {"recipient_id": them.id}) for me, them in [(one, other), (other, one)] * 10)
    )
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert len({answer.data["id"] for answer in answers}) == 1


async def test_lists_say_which_facts_they_hold(live: Place) -> None:
    """`Duologue-Position` on inbox, counts, history and blocked users (design part 4)."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    await send(one, conversation, content="a")
    for path in (
        "conversations",
        "conversations/unread-count",
        f"conversations/{conversation}/messages",
        "users/blocked",
    ):
        assert (await one.get(f"/v1/{path}")).headers["duologue-position"] == "2", path
