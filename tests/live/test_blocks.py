"""Blocks in dialect A over REST: T-057 to T-065, and what a block hides (C-09, C-10, design part 5, Blocks)."""

import asyncio
from uuid import UUID

import pytest
from tests.live.people import Person, Place

REFUSED = (403, "BLOCKED", "Cannot send message to this user")


async def block(person: Person, other: Person) -> None:
    """Block somebody."""
    assert (await person.post("blocks", {"username": other.username})).status == 201


async def status(person: Person, other: Person) -> tuple[bool, bool, bool]:
    """Return whether the person blocks, is blocked, may send."""
    data = (await person.get(f"blocks/status/{other.username}")).data
    assert set(data) == {"isBlocked", "isBlockedBy", "canSendMessage"}
    return data["isBlocked"], data["isBlockedBy"], data["canSendMessage"]


async def test_t057_a_block_is_answered_with_whom_it_meets(live: Place) -> None:
    """Blocking is 201 and shows the block: id, the blocked user, time."""
    one, other = await live.people(2)
    answer = await one.post("blocks", {"username": other.username})
    assert answer.status == 201
    assert UUID(answer.data["id"])
    assert answer.data["blockedUser"]["username"] == other.username
    assert set(answer.data) == {"id", "blockedUser", "createdAt"}


async def test_t058_blocking_again_changes_nothing(live: Place) -> None:
    """A second block of the same user is 200 with the first one; twenty at once are one."""
    one, other = await live.people(2)
    first = (await one.post("blocks", {"username": other.username})).data
    again = await one.post("blocks", {"username": other.username.upper()})
    assert (again.status, again.data) == (200, first)
    assert (await one.get("blocks")).data["blocks"] == [first]
    third = await live.person()
    answers = await asyncio.gather(*(one.post("blocks", {"username": third.username}) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert len({answer.data["id"] for answer in answers}) == 1
    assert len((await one.get("blocks")).data["blocks"]) == 2


async def test_t059_whom_one_cannot_block(live: Place) -> None:
    """No username is 400, an unknown one 404, oneself 400; nothing is stored."""
    one = await live.person()
    for body in (None, {}, {"username": None}, {"username": 7}):
        refused = await one.post("blocks", body)
        assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")
    unknown = await one.post("blocks", {"username": "nobody-at-all"})
    assert unknown.refusal == (404, "NOT_FOUND", "User not found")
    myself = await one.post("blocks", {"username": one.username})
    assert myself.refusal == (400, "VALIDATION_ERROR", "Cannot block yourself")
    assert (await one.get("blocks")).data["blocks"] == []


async def test_t060_a_block_stops_both(live: Place) -> None:
    """Neither the blocked one nor the blocker can send, and nothing arrives."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    await block(one, other)
    for person in (one, other):
        refused = await person.post(f"conversations/{conversation}/messages", {"content": "Hello!"})
        assert refused.refusal == REFUSED
        assert await person.messages(conversation) == []


async def test_t060_a_message_and_a_block_at_the_same_moment(live: Place) -> None:
    """Whatever was sent around a block was either refused or stands in the history: nothing between."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    calls = [other.post(f"conversations/{conversation}/messages", {"content": f"{n}"}) for n in range(30)]
    calls.insert(15, one.post("blocks", {"username": other.username}))
    answers = await asyncio.gather(*calls)
    assert answers.pop(15).status == 201
    sent = [answer for answer in answers if answer.status == 201]
    refused = [answer for answer in answers if answer.status != 201]
    assert {answer.refusal for answer in refused} <= {REFUSED}
    stored = {message["content"] for message in await one.messages(conversation, limit=100)}
    assert stored == {answer.data["content"] for answer in sent}
    last = await other.post(f"conversations/{conversation}/messages", {"content": "after"})
    assert last.refusal == REFUSED


async def test_t061_each_side_sees_its_own_direction(live: Place) -> None:
    """The status names who blocks whom, for either side, and that neither may send."""
    one, other = await live.people(2)
    assert await status(one, other) == (False, False, True)
    await block(one, other)
    assert await status(one, other) == (True, False, False)
    assert await status(other, one) == (False, True, False)
    await block(other, one)
    assert await status(one, other) == (True, True, False)
    assert (await one.get("blocks/status/nobody-at-all")).status == 404


async def test_t062_unblocking_restores_everything(live: Place) -> None:
    """After the block is taken away both can send, and the status is clear; a second time there is none to take."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    await block(one, other)
    gone = await one.delete(f"blocks/{other.username}")
    assert (gone.status, gone.data["blockedUser"]["username"]) == (200, other.username)
    assert await status(other, one) == (False, False, True)
    await other.send(conversation)
    await one.send(conversation)
    assert (await one.get("blocks")).data["blocks"] == []
    again = await one.delete(f"blocks/{other.username}")
    assert (again.status, again.error["code"]) == (404, "NOT_FOUND")
    assert (await one.delete("blocks/nobody-at-all")).status == 404


async def test_t062_only_the_blocker_can_unblock(live: Place) -> None:
    """The blocked one has no block to take away, and taking one's own leaves the other's in force."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    await block(one, other)
    assert (await other.delete(f"blocks/{one.username}")).status == 404
    await block(other, one)
    await one.delete(f"blocks/{other.username}")
    assert await status(one, other) == (False, True, False)
    refused = await one.post(f"conversations/{conversation}/messages", {"content": "Hello!"})
    assert refused.refusal == REFUSED


async def test_t063_the_block_list_is_paged(live: Place) -> None:
    """25 blocks in pages of ten: three pages, each once, the last block first; nobody else sees them."""
    one, *others = await live.people(26)
    for other in others:
        await block(one, other)
    pages = await one.walk("blocks", "blocks", limit=10)
    assert [len(page) for page in pages] == [10, 10, 5]
    names = [entry["blockedUser"]["username"] for page in pages for entry in page]
    assert names == [other.username for other in others][::-1]
    assert (await others[0].get("blocks")).data == {"blocks": [], "meta": {"hasMore": False}}


async def test_t064_a_block_hides_the_conversation_from_the_blocked(live: Place) -> None:
    """It leaves the blocked one's list and totals and stays in the blocker's, marked; unblocking brings it back."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    await one.send(conversation)
    await other.send(conversation)
    await block(one, other)
    assert await other.conversations() == []
    assert await other.unread() == 0
    kept = await one.conversations()
    assert [(item["id"], item["isBlocked"], item["unreadCount"]) for item in kept] == [(conversation, True, 1)]
    assert await one.unread() == 1
    await one.delete(f"blocks/{other.username}")
    for person in (one, other):
        back = await person.conversations()
        assert [(item["id"], item["isBlocked"], item["unreadCount"]) for item in back] == [(conversation, False, 1)]
        assert await person.unread() == 1


async def test_t064_who_blocks_each_other_hides_from_each_other(live: Place) -> None:
    """When both block, it is out of both lists and totals; each unblocking brings it back for the other one."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    for person in (one, other):
        await person.send(conversation)
    await block(one, other)
    await block(other, one)
    for person in (one, other):
        assert (await person.conversations(), await person.unread()) == ([], 0)
    await one.delete(f"blocks/{other.username}")
    back = await other.conversations()
    assert [(item["id"], item["isBlocked"]) for item in back] == [(conversation, True)]
    assert (await other.unread(), await one.unread(), await one.conversations()) == (1, 0, [])


async def test_t064_history_stays_readable_to_both(live: Place) -> None:
    """A hidden conversation is still there by its id: history, messages and context, for both (C-09)."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    message = await one.send(conversation)
    await block(one, other)
    for person in (one, other):
        assert [found["id"] for found in await person.messages(conversation)] == [message["id"]]
        assert (await person.get(f"messages/{message['id']}")).status == 200
        assert (await person.get(f"messages/{message['id']}/context")).status == 200


async def test_galleries_are_closed_to_the_blocked(live: Place) -> None:
    """Media, links and files are 403 for the blocked one and open to the blocker (C-10)."""
    one, other = await live.people(2)
    conversation = await one.conversation(other)
    await other.send(conversation, "https://example.com/a")
    await block(one, other)
    for gallery in ("media", "links", "files"):
        refused = await other.get(f"conversations/{conversation}/{gallery}")
        assert (refused.status, refused.error["code"]) == (403, "FORBIDDEN")
        assert (await one.get(f"conversations/{conversation}/{gallery}")).status == 200
    await one.delete(f"blocks/{other.username}")
    assert len((await other.get(f"conversations/{conversation}/links")).data["links"]) == 1


async def test_t065_a_blocker_is_never_seen_online(live: Place) -> None:
    """To the blocked one the blocker is offline, in answers and on the socket, and has not been seen lately either."""
    one, other, third = await live.people(3)
    conversation = await one.conversation(other)
    await one.conversation(third)
    await one.send(conversation)
    await block(one, other)
    async with other.socket() as socket, third.socket() as witness, one.socket():
        await witness.expect("user.online", userId=one.id)
        await socket.nothing("user.online", userId=one.id)
        for answer in (
            await other.get(f"conversations/with/{one.username}"),
            await other.get(f"blocks/status/{one.username}"),
            await other.get(f"conversations/{conversation}/messages"),
        ):
            assert b'"isOnline":true' not in answer.raw
            assert b'"lastSeen"' not in answer.raw
        async with other.socket() as another:
            statuses = await another.expect("status.bulk")
            assert one.id not in {user for user, online in statuses.payload["statuses"].items() if online}


@pytest.mark.parametrize("blocked", [False, True])
async def test_a_blocked_user_does_not_find_the_blocker(live: Place, *, blocked: bool) -> None:
    """Search by name leaves out who stands across a block, on either side."""
    one, other = await live.people(2)
    if blocked:
        await block(one, other)
    for person, partner in ((one, other), (other, one)):
        found = (await person.get("/api/v1/users", query=partner.username)).data["users"]
        assert (partner.id in {user["id"] for user in found}) is not blocked
