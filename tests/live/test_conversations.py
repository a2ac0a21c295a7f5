"""Conversations of dialect A over REST: T-010 to T-027, and what design part 5 says on opening and positions."""

import asyncio
import base64
import json
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from tests.live.people import Person, Place, eventually

FOLLOWERS_ONLY = "User only accepts messages from followers"
NOBODY = "User does not accept messages"


def cursor(document: object) -> str:
    """Encode a cursor as the server does."""
    return base64.b64encode(json.dumps(document).encode()).decode()


async def with_conversations(live: Place, count: int) -> tuple[Person, list[str]]:
    """Return somebody with so many conversations, oldest first."""
    one, *others = await live.people(count + 1)
    return one, [await one.conversation(other) for other in others]


async def test_t010_a_new_conversation_is_empty(live: Place) -> None:
    """Asking for the conversation with somebody makes it, empty and unblocked."""
    one, other = await live.people(2)
    answer = await one.get(f"conversations/with/{other.username}")
    assert answer.status == 200
    found = answer.data
    assert UUID(found.pop("id"))
    assert found.pop("updatedAt")
    assert found == {
        "otherUser": {
            "id": other.id,
            "username": other.username,
            "displayName": other.username,
            "avatar": "",
            "isOnline": False,
        },
        "lastMessage": None,
        "unreadCount": 0,
        "isBlocked": False,
    }


async def test_t010_names_and_pictures_come_from_the_token(live: Place) -> None:
    """A partner is shown with the name and the picture that the platform gave them."""
    one = await live.person()
    other = await live.person(name="Anna B.", picture="https://img.example.com/a.png")
    found = (await one.get(f"conversations/with/{other.username}")).data["otherUser"]
    assert (found["displayName"], found["avatar"]) == ("Anna B.", "https://img.example.com/a.png")


async def test_t011_it_is_the_same_for_both(live: Place) -> None:
    """Asked again, by either of the two, in any case of the name, it is the same conversation."""
    one, other = await live.people(2)
    first = await one.conversation(other)
    assert await one.conversation(other) == first
    assert await other.conversation(one) == first
    again = await one.get(f"conversations/with/{other.username.upper()}")
    assert again.data["id"] == first


async def test_t012_twenty_first_contacts_make_one_conversation(live: Place) -> None:
    """First contacts of both sides at the same moment meet in one conversation."""
    one, other = await live.people(2)
    calls = [one.get(f"conversations/with/{other.username}") for _ in range(10)]
    calls += [other.get(f"conversations/with/{one.username}") for _ in range(10)]
    answers = await asyncio.gather(*calls)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.data["id"] for answer in answers}) == 1
    assert len(await one.conversations()) == len(await other.conversations()) == 1


async def test_t013_nobody_talks_to_themselves(live: Place) -> None:
    """The conversation with oneself is 400, and none is made."""
    one = await live.person()
    answer = await one.get(f"conversations/with/{one.username}")
    assert answer.refusal == (400, "VALIDATION_ERROR", "Cannot message yourself")
    assert await one.conversations() == []


async def test_t014_an_unknown_user_is_404(live: Place) -> None:
    """There is no conversation with somebody the server does not know."""
    one = await live.person()
    answer = await one.get("conversations/with/nobody-at-all")
    assert answer.refusal == (404, "NOT_FOUND", "User not found")


@pytest.mark.parametrize(
    "name", ["messages", "media", "links", "files", "read", "with", "unread-count", "\u00c4nne 7%?#"]
)
async def test_t015_a_user_may_be_named_like_a_route(live: Place, name: str) -> None:
    """Names that other routes use, and names that URLs must escape, lead to their user."""
    one, other = await live.person(), await live.person(name)
    quoted = name.replace("%", "%25").replace("?", "%3F").replace("#", "%23").replace(" ", "%20")
    answer = await one.get(f"conversations/with/{quoted}")
    assert answer.data["otherUser"]["id"] == other.id
    status = await one.get(f"blocks/status/{quoted}")
    assert status.data["canSendMessage"] is True


async def test_t016_a_list_without_conversations(live: Place) -> None:
    """Nobody to talk to: an empty list, no more, no cursor."""
    one = await live.person()
    assert (await one.get("conversations")).data == {"conversations": [], "meta": {"hasMore": False}}


async def test_t017_a_page_has_twenty(live: Place) -> None:
    """Of 25 conversations the first page shows 20 and where to go on."""
    one, _ = await with_conversations(live, 25)
    data = (await one.get("conversations")).data
    assert len(data["conversations"]) == 20
    assert data["meta"]["hasMore"] is True
    assert data["meta"]["nextCursor"]


async def test_t018_a_limit_above_fifty_is_fifty(live: Place) -> None:
    """Whoever asks for 100 of 60 gets 50, and no error."""
    one, _ = await with_conversations(live, 60)
    assert len(await one.conversations(limit=100)) == 50
    assert len(await one.conversations(limit="9" * 40)) == 50


async def test_t019_all_pages_together_are_the_list(live: Place) -> None:
    """Pages of seven show each of 60 conversations once, newest first, to the end."""
    one, made = await with_conversations(live, 60)
    pages = await one.walk("conversations", "conversations", limit=7)
    assert [len(page) for page in pages] == [7] * 8 + [4]
    found = [item for page in pages for item in page]
    assert [item["id"] for item in found] == made[::-1]
    times = [item["updatedAt"] for item in found]
    assert times == sorted(times, reverse=True)


async def test_t020_what_moves_up_is_not_shown_twice(live: Place) -> None:
    """A conversation that moves to the top between two pages is neither repeated nor does it shift the others."""
    one, made = await with_conversations(live, 10)
    first = (await one.get("conversations", limit=4)).data
    await one.send(made[2])
    rest = await one.walk("conversations", "conversations", limit=4, cursor=first["meta"]["nextCursor"])
    shown = [item["id"] for item in [*first["conversations"], *(item for page in rest for item in page)]]
    expected = made[::-1]
    expected.remove(made[2])
    assert shown == expected
    assert (await one.conversations())[0]["id"] == made[2]


async def test_t021_a_cursor_that_is_none_is_400(live: Place) -> None:
    """What is no base64 is no cursor."""
    one = await live.person()
    answer = await one.get("conversations", cursor="!!!notbase64")
    assert answer.refusal == (400, "VALIDATION_ERROR", "Invalid cursor")


NOW = "2026-01-01T00:00:00.000000Z"
BAD_CURSORS = {
    "other members": {"foo": 1},
    "an id that is no UUID": {"updated_at": NOW, "id": "7"},
    "no id": {"updated_at": NOW},
    "no time": {"id": str(uuid4())},
    "the time of another list": {"created_at": NOW, "id": str(uuid4())},
    "a time without a zone": {"updated_at": "2026-01-01T00:00:00", "id": str(uuid4())},
    "a time that is none": {"updated_at": "2026-13-41T00:00:00Z", "id": str(uuid4())},
    "a time before all calendars": {"updated_at": "0001-01-01T00:00:00+14:00", "id": str(uuid4())},
    "an array": [NOW, str(uuid4())],
    "null": None,
}


@pytest.mark.parametrize("kind", BAD_CURSORS)
async def test_t022_a_cursor_of_something_else_is_400(live: Place, kind: str) -> None:
    """Valid base64 of anything but this list's cursor is refused, never a fault of ours."""
    one = await live.person()
    answer = await one.get("conversations", cursor=cursor(BAD_CURSORS[kind]))
    assert answer.refusal == (400, "VALIDATION_ERROR", "Invalid cursor")


async def test_t023_an_empty_cursor_is_the_first_page(live: Place) -> None:
    """`cursor=` says nothing."""
    one, _ = await with_conversations(live, 3)
    assert (await one.get("conversations?cursor=")).data == (await one.get("conversations")).data


async def test_t024_a_cursor_names_time_and_id(live: Place) -> None:
    """A cursor is base64 of JSON: `updated_at` and `id` for conversations, `created_at` and `id` for messages."""
    one, made = await with_conversations(live, 2)
    first = (await one.get("conversations", limit=1)).data
    decoded = json.loads(base64.b64decode(first["meta"]["nextCursor"], validate=True))
    shown = first["conversations"][0]
    assert decoded == {"id": shown["id"], "updated_at": shown["updatedAt"]}
    for _ in range(2):
        await one.send(made[0])
    page = (await one.get(f"conversations/{made[0]}/messages", limit=1)).data
    decoded = json.loads(base64.b64decode(page["meta"]["nextCursor"], validate=True))
    assert decoded == {"id": page["messages"][0]["id"], "created_at": page["messages"][0]["createdAt"]}


async def test_t024_a_cursor_survives_what_urls_do_to_it(live: Place) -> None:
    """With the URL alphabet, without padding, or with a plus that became a space, it is the same cursor (B-22)."""
    one, made = await with_conversations(live, 3)
    plain = (await one.get("conversations", limit=1)).data["meta"]["nextCursor"]
    for text in (plain, plain.rstrip("="), plain.replace("+", "-").replace("/", "_"), plain.replace("+", " ")):
        assert [item["id"] for item in await one.conversations(cursor=text)] == made[1::-1]


@pytest.mark.parametrize("limit", ["0", "-5", "abc", "", "7.5", "\u0667"])
async def test_t025_a_limit_that_is_none_is_the_default(live: Place, limit: str) -> None:
    """Zero, negative or no number: 200 with the default page."""
    one, _ = await with_conversations(live, 21)
    answer = await one.get("conversations", limit=limit)
    assert (answer.status, len(answer.data["conversations"])) == (200, 20)


async def test_t026_a_message_brings_its_conversation_to_the_top(live: Place) -> None:
    """A message from somebody puts their conversation first, with the message as preview and one unread."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    await one.conversation(await live.person())
    message = await other.send(conversation, "Hello!")
    first = (await one.conversations())[0]
    assert (first["id"], first["unreadCount"]) == (conversation, 1)
    assert first["updatedAt"] == message["createdAt"]
    assert first["lastMessage"] == {
        "id": message["id"],
        "senderId": other.id,
        "type": "text",
        "content": "Hello!",
        "createdAt": message["createdAt"],
        "isRead": False,
    }


async def test_t027_online_while_connected_and_last_seen_after(live: Place) -> None:
    """A partner is online while a socket is open, and has been seen last when it was closed."""
    one, other = await live.people(2)
    await one.conversation(other)

    async def shown() -> dict[str, object]:
        user: dict[str, object] = (await one.conversations())[0]["otherUser"]
        return user

    assert (await shown())["isOnline"] is False
    async with other.socket():
        online = await shown()
        assert online["isOnline"] is True
        assert "lastSeen" not in online
    offline = await eventually(shown, lambda user: user["isOnline"] is False and "lastSeen" in user)
    seen = datetime.fromisoformat(str(offline["lastSeen"]))
    assert abs((datetime.now(seen.tzinfo) - seen).total_seconds()) < 30


async def test_last_seen_shows_only_between_two_who_show_it(live: Place) -> None:
    """Whoever hides when they were last seen does not see it of others either."""
    one, other = await live.people(2)
    await one.conversation(other)
    async with other.socket():
        pass

    async def last_seen(viewer: Person) -> bool:
        return "lastSeen" in (await viewer.conversations())[0]["otherUser"]

    await eventually(lambda: last_seen(one), bool)
    await one.patch("/api/v1/users/me", {"showLastSeen": False})
    assert not await last_seen(one)
    await one.patch("/api/v1/users/me", {"showLastSeen": True})
    assert await last_seen(one)
    await other.patch("/api/v1/users/me", {"showLastSeen": False})
    assert not await last_seen(one)


# -- opening (design part 5) ----------------------------------------------------------------------------------------------


async def test_a_conversation_is_listed_for_both_from_its_creation(live: Place) -> None:
    """The partner sees the empty conversation in their list, too, without a notification."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    assert [item["id"] for item in await other.conversations()] == [conversation]
    assert await other.unread() == 0


@pytest.mark.parametrize(("setting", "text"), [("none", NOBODY), ("followers", FOLLOWERS_ONLY)])
async def test_privacy_refuses_a_first_contact(live: Place, setting: str, text: str) -> None:
    """Who takes messages from nobody, or from followers alone, is not written to by strangers; no row is made."""
    one, other = await live.people(2)
    answer = await other.patch("/api/v1/users/me", {"whoCanMessage": setting})
    assert answer.data["whoCanMessage"] == setting
    refused = await one.get(f"conversations/with/{other.username}")
    assert refused.refusal == (403, "FORBIDDEN", text)
    assert await one.conversations() == await other.conversations() == []
    rows = await live.sql("SELECT FROM conversations WHERE $1 IN (user1_id, user2_id)", UUID(one.id))
    assert rows == []


async def test_a_follower_may_write_to_who_takes_followers(live: Place) -> None:
    """The sender must follow the receiver; being followed by them does not help (G-17)."""
    one, other, third = await live.people(3)
    await other.patch("/api/v1/users/me", {"whoCanMessage": "followers"})
    follow = "INSERT INTO follows (follower_id, followed_id) VALUES ($1, $2)"
    await live.sql(follow, UUID(one.id), UUID(other.id))
    await live.sql(follow, UUID(other.id), UUID(third.id))
    conversation = await one.conversation(other)
    assert (await one.send(conversation))["receiverId"] == other.id
    refused = await third.get(f"conversations/with/{other.username}")
    assert refused.refusal == (403, "FORBIDDEN", FOLLOWERS_ONLY)


async def test_who_takes_no_messages_may_write_first(live: Place) -> None:
    """Privacy is asked of the receiver alone, and a conversation that holds messages stays open to both."""
    one, other = await live.people(2)
    await other.patch("/api/v1/users/me", {"whoCanMessage": "none"})
    conversation = await other.conversation(one)
    refused = await one.post(f"conversations/{conversation}/messages", {"content": "Hello!"})
    assert refused.refusal == (403, "FORBIDDEN", NOBODY)
    await other.send(conversation)
    assert (await one.send(conversation, "And to you."))["content"] == "And to you."


async def test_an_empty_conversation_does_not_evade_privacy(live: Place) -> None:
    """A setting that came after the opening holds for the first message, and the conversation is still answered 200."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    await other.patch("/api/v1/users/me", {"whoCanMessage": "none"})
    assert await one.conversation(other) == conversation
    refused = await one.post(f"conversations/{conversation}/messages", {"content": "Hello!"})
    assert refused.refusal == (403, "FORBIDDEN", NOBODY)
    assert await other.messages(conversation) == []


async def test_across_a_block_a_new_pair_is_refused_and_an_old_one_is_answered(live: Place) -> None:
    """A block, of either side, refuses the opening as BLOCKED; an existing conversation is found whatever stands."""
    one, other, third = await live.people(3)
    conversation = await one.conversation(other)
    for name in (other.username, third.username):
        await one.post("blocks", {"username": name})
    for refused in (
        await one.get(f"conversations/with/{third.username}"),
        await third.get(f"conversations/with/{one.username}"),
    ):
        assert refused.refusal == (403, "BLOCKED", "Cannot send message to this user")
    for answer in (
        await one.get(f"conversations/with/{other.username}"),
        await other.get(f"conversations/with/{one.username}"),
    ):
        assert (answer.status, answer.data["id"], answer.data["isBlocked"]) == (200, conversation, True)


# -- positions (design part 4) --------------------------------------------------------------------------------------------


async def test_lists_carry_the_position_they_hold(live: Place) -> None:
    """Every list says up to which position of the caller's log it is current; facts move it."""
    one, other = await live.people(2)
    assert (await one.get("conversations")).headers["duologue-position"] == "0"
    conversation = await one.conversation(other)
    message = await other.send(conversation)
    paths = (
        "conversations",
        "conversations/unread-count",
        f"conversations/{conversation}/messages",
        f"messages/{message['id']}/context",
        f"conversations/{conversation}/links",
        f"conversations/{conversation}/media",
        f"conversations/{conversation}/files",
        "blocks",
    )
    found = {path: (await one.get(path)).headers["duologue-position"] for path in paths}
    assert found == dict.fromkeys(paths, "2")


async def test_the_position_is_taken_before_the_snapshot(live: Place) -> None:
    """What happens while the list is read is in the list but not in its position: a client may apply it again, and loses nothing."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    head = int((await one.get("conversations")).headers["duologue-position"])
    async with live.hand() as hand, hand.transaction():
        await hand.execute("LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE")
        reading = asyncio.create_task(one.get("conversations"))
        await eventually(live.someone_waits, bool)
        # What another node would commit meanwhile.
        await hand.execute("UPDATE positions SET head = head + 1, unread_total = 7 WHERE user_id = $1", UUID(one.id))
        await hand.execute(
            "UPDATE conversation_participants SET unread_count = 7 WHERE conversation_id = $1 AND user_id = $2",
            UUID(conversation),
            UUID(one.id),
        )
    answer = await reading
    assert answer.data["conversations"][0]["unreadCount"] == 7
    assert answer.headers["duologue-position"] == str(head)
