"""Blocks and privacy of dialect B over REST: T-127 to T-135, T-164, G-13, G-18."""

from uuid import UUID, uuid4

import pytest
from tests.live.people import Person, Place
from tests.live.v1 import CONVERSATIONS, history, ids, listed, opened, say, send

NO_USER = (404, "NOT_FOUND", "User not found")
NOBODY = "User does not accept messages"
FOLLOWERS_ONLY = "User only accepts messages from followers"


async def reason(one: Person, other: Person) -> str | None:
    """Return why somebody cannot write to another; None if they can."""
    data = (await one.get(f"/v1/users/{other.id}/can-message")).data
    assert data["can_message"] is (data["reason"] is None)
    found: str | None = data["reason"]
    return found


async def accepts(person: Person, whom: str) -> None:
    """Set who may begin a conversation with somebody."""
    assert (await person.patch("/api/v1/users/me", {"whoCanMessage": whom})).status == 200


async def test_t127_everyone_may_write(live: Place) -> None:
    """The default; of an unknown user nothing is told."""
    one, other = await live.people(2)
    answer = await one.get(f"/v1/users/{other.id}/can-message")
    assert (answer.status, answer.data) == (200, {"can_message": True, "reason": None})
    assert (await one.get(f"/v1/users/{uuid4()}/can-message")).refusal == NO_USER
    assert await reason(one, one) == "Cannot message yourself"


async def test_t128_nobody_may_begin(live: Place) -> None:
    """False with the reason, and a conversation is refused with the same words."""
    one, other = await live.people(2)
    await accepts(other, "none")
    assert await reason(one, other) == NOBODY
    assert (await one.post(CONVERSATIONS, {"recipient_id": other.id})).refusal == (403, "FORBIDDEN", NOBODY)
    assert await listed(one) == []


async def test_t129_an_existing_conversation_goes_on(live: Place) -> None:
    """With messages in it; whoever wrote them."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    await say(other, conversation)
    await accepts(other, "none")
    assert await reason(one, other) is None
    assert (await send(one, conversation, content="still here")).status == 201
    assert (await one.post(CONVERSATIONS, {"recipient_id": other.id})).status == 200


async def test_an_empty_conversation_does_not_count(live: Place) -> None:
    """One that the refused side made before is found, and each send is judged (B-37)."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    await accepts(other, "none")
    assert (await one.post(CONVERSATIONS, {"recipient_id": other.id})).status == 200
    assert await reason(one, other) == NOBODY
    assert (await send(one, conversation, content="x")).refusal == (403, "FORBIDDEN", NOBODY)
    assert await reason(other, one) is None


async def test_t130_followers_may_begin(live: Place) -> None:
    """Who does not follow may not, who does may; being followed is not enough (G-17)."""
    one, other = await live.people(2)
    await accepts(other, "followers")
    assert await reason(one, other) == FOLLOWERS_ONLY
    follow = "INSERT INTO follows (follower_id, followed_id) VALUES ($1, $2)"  # the platform's graph
    await live.sql(follow, UUID(other.id), UUID(one.id))
    assert (await one.post(CONVERSATIONS, {"recipient_id": other.id})).refusal == (403, "FORBIDDEN", FOLLOWERS_ONLY)
    await live.sql(follow, UUID(one.id), UUID(other.id))
    assert await reason(one, other) is None
    assert (await one.post(CONVERSATIONS, {"recipient_id": other.id})).status == 201


async def test_t131_dialect_a_is_no_way_around(live: Place) -> None:
    """Nor B around what was set in A: one rule for both (B-37)."""
    one, other = await live.people(2)
    await accepts(other, "none")
    refused = await one.get(f"conversations/with/{other.username}")
    assert refused.refusal == (403, "FORBIDDEN", NOBODY)
    assert await reason(one, other) == NOBODY


async def test_t132_a_block_is_a_reason(live: Place) -> None:
    """Of either side, the own one first, before privacy, with or without a conversation (G-18)."""
    one, other = await live.people(2)
    await accepts(one, "none")
    await other.post(f"/v1/users/{one.id}/block")
    assert await reason(one, other) == "User has blocked you"
    assert await reason(other, one) == "You have blocked this user"
    await one.post(f"/v1/users/{other.id}/block")
    assert await reason(one, other) == await reason(other, one) == "You have blocked this user"
    assert (await one.post(CONVERSATIONS, {"recipient_id": other.id})).refusal[:2] == (403, "BLOCKED")


async def test_deactivated_users_accept_nothing(live: Place) -> None:
    """No more is told than that."""
    one, other = await live.people(2)
    await live.sql("UPDATE users SET state = 'deactivated' WHERE id = $1", UUID(other.id))
    assert await reason(one, other) == NOBODY


@pytest.mark.parametrize(
    ("body", "noted"),
    [
        ({"reason": "spam"}, "spam"),
        ({}, None),
        (None, None),
        ({"reason": None}, None),
        ({"reason": " \x00\x07 "}, None),
    ],
    ids=["reason", "empty", "no body", "null", "controls"],
)
async def test_t133_a_block_with_or_without_reason(live: Place, body: object, noted: str | None) -> None:
    """200, also again, and the list shows it."""
    one, other = await live.person(), await live.person(name="Spammer User")
    for _ in range(2):
        answer = await one.post(f"/v1/users/{other.id}/block", body)
        assert (answer.status, answer.body["message"]) == (200, "User blocked successfully")
    [item] = (await one.get("/v1/users/blocked")).data["blocked_users"]
    assert item.pop("blocked_at")
    assert item == {"id": other.id, "username": other.username, "full_name": "Spammer User", "reason": noted}


async def test_blocks_that_cannot_be(live: Place) -> None:
    """Unknown user 404, oneself 400, a reason that is long or no text 400 (G-13)."""
    one, other = await live.people(2)
    assert (await one.post(f"/v1/users/{uuid4()}/block")).refusal == NO_USER
    assert (await one.post(f"/v1/users/{one.id}/block")).refusal == (400, "VALIDATION_ERROR", "Cannot block yourself")
    for bad in ("x" * 501, 7, ["x"]):
        answer = await one.post(f"/v1/users/{other.id}/block", {"reason": bad})
        assert (answer.status, answer.error["details"]) == (400, {"field": "reason"})
    assert (await one.get("/v1/users/blocked")).data["blocked_users"] == []


async def test_blocked_users_come_in_pages(live: Place) -> None:
    """The last one first, up to 100 at once; next_cursor goes on."""
    one, *others = await live.people(6)
    for other in others:
        await one.post(f"/v1/users/{other.id}/block")
    whole = (await one.get("/v1/users/blocked")).data
    assert ids(whole["blocked_users"]) == [other.id for other in reversed(others)]
    assert whole["pagination"] == {"limit": 100, "has_more": False, "next_cursor": None}
    found, cursor = [], ""
    while cursor is not None:
        data = (await one.get("/v1/users/blocked", limit=2, cursor=cursor)).data
        found += ids(data["blocked_users"])
        cursor = data["pagination"]["next_cursor"]
    assert found == ids(whole["blocked_users"])
    assert (await one.get("/v1/users/blocked", cursor="x")).refusal == (400, "VALIDATION_ERROR", "Invalid cursor")


async def test_t134_unblocked_users_write_again(live: Place) -> None:
    """200; once more is 404, as for who was never blocked and who does not exist."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    await one.post(f"/v1/users/{other.id}/block")
    assert (await send(other, conversation, content="x")).status == 403
    answer = await one.delete(f"/v1/users/{other.id}/block")
    assert (answer.status, answer.body["message"], answer.data["id"]) == (200, "User unblocked successfully", other.id)
    assert (await send(other, conversation, content="x")).status == 201
    assert (await one.delete(f"/v1/users/{other.id}/block")).refusal == (404, "NOT_FOUND", "User is not blocked")
    assert (await one.delete(f"/v1/users/{one.id}/block")).refusal == (404, "NOT_FOUND", "User is not blocked")
    assert (await one.delete(f"/v1/users/{uuid4()}/block")).refusal == NO_USER


async def test_t135_who_is_blocked_cannot_send(live: Place) -> None:
    """Nothing is stored, in either direction; the blocker still reads old messages."""
    one, other = await live.people(2)
    conversation = await opened(one, other)
    [old] = await say(other, conversation, "old")
    await one.post(f"/v1/users/{other.id}/block")
    refused = (403, "BLOCKED", "Cannot send message to this user")
    assert (await send(other, conversation, content="new")).refusal == refused
    assert (await send(one, conversation, content="new")).refusal == refused
    assert ids((await history(one, conversation))["messages"]) == [old]


async def test_t164_a_block_of_a_counts_in_b(live: Place) -> None:
    """can-message and the list of B know it."""
    one, other = await live.people(2)
    await one.post("blocks", {"username": other.username})
    assert await reason(other, one) == "User has blocked you"
    assert ids((await one.get("/v1/users/blocked")).data["blocked_users"]) == [other.id]
