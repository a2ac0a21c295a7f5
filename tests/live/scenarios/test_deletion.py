"""Deletion of messages and conversations, whatever dialect each of the two speaks (DEL, T-111, T-112, T-124 to T-126)."""

import pytest
from tests.live.scenarios.conftest import Pair
from tests.live.scenarios.speaker import Refused


async def test_t124_a_deleted_message_is_gone_for_both(pair: Pair) -> None:
    """From both histories; both sockets hear it; the unread count drops; a second time it is not there."""
    one, two, conversation = pair
    kept = await one.say(conversation, "kept")
    gone = await one.say(conversation, "regretted")
    assert await two.unread() == 2
    async with one.ear() as here, two.ear() as there:
        await one.delete(gone.id)
        await here.hears_deleted(gone.id)
        await there.hears_deleted(gone.id)
    assert await two.unread() == 1
    for reader in (one, two):
        assert [message.id for message in await reader.history(conversation)] == [kept.id]
    with pytest.raises(Refused) as refused:
        await one.delete(gone.id)
    assert (refused.value.status, refused.value.code) == (404, "NOT_FOUND")


async def test_t125_only_the_sender_deletes(pair: Pair) -> None:
    """The receiver is refused, and nothing changes."""
    one, two, conversation = pair
    sent = await one.say(conversation, "mine alone to delete")
    with pytest.raises(Refused) as refused:
        await two.delete(sent.id)
    assert (refused.value.status, refused.value.code) == (403, "FORBIDDEN")
    assert [message.id for message in await one.history(conversation)] == [sent.id]


async def test_t126_the_preview_keeps_its_place_without_the_text(pair: Pair) -> None:
    """The list shows that something was last, in the same place, and not what it said (B-29)."""
    one, two, conversation = pair
    sent = await one.say(conversation, "a secret")
    await one.delete(sent.id)
    for reader in (one, two):
        entry = (await reader.inbox())[0]
        assert (entry.conversation, entry.last_id, entry.last_text) == (conversation, sent.id, None)


async def test_t111_a_conversation_is_deleted_for_one_side(pair: Pair) -> None:
    """Gone from the list and the totals of one, whose other devices hear it; the partner keeps it and hears nothing."""
    one, two, conversation = pair
    await two.say(conversation, "unread when it goes")
    async with one.ear() as mine, two.ear() as theirs:
        await mine.hears_status(two.id, online=True)
        await one.leave(conversation)
        await mine.hears_left(conversation)
        await theirs.nothing_more()
    assert (await one.inbox(), await one.unread(), await one.history(conversation)) == ([], 0, [])
    assert [entry.conversation for entry in await two.inbox()] == [conversation]
    assert len(await two.history(conversation)) == 1


@pytest.mark.parametrize("by_owner", [False, True], ids=["partner writes", "owner writes"])
async def test_t112_it_is_back_with_the_next_message(pair: Pair, *, by_owner: bool) -> None:
    """With that message alone for who deleted it, and with everything for the partner (G-20)."""
    one, two, conversation = pair
    await two.say(conversation, "old")
    await one.leave(conversation)
    writer = one if by_owner else two
    async with one.ear() as mine:
        new = await writer.say(conversation, "new")
        assert (await mine.hears_new("new")).id == new.id
    assert [(entry.conversation, entry.last_text) for entry in await one.inbox()] == [(conversation, "new")]
    assert [message.text for message in await one.history(conversation)] == ["new"]
    assert [message.text for message in await two.history(conversation)] == ["new", "old"]


async def test_leaving_twice_changes_nothing(pair: Pair) -> None:
    """The second time is answered like the first."""
    one, two, conversation = pair
    await two.say(conversation, "hello")
    await one.leave(conversation)
    await one.leave(conversation)
    assert await one.inbox() == []


async def test_what_was_deleted_stays_away_from_who_catches_up(pair: Pair) -> None:
    """A device that was away is told of the deletion and never shown the text (design part 4)."""
    one, two, conversation = pair
    async with two.ear() as there:
        await one.say(conversation, "seen")
        await there.hears_new("seen")
        since = there.position
    gone = await one.say(conversation, "never to be seen")
    last = await one.say(conversation, "last")
    await one.delete(gone.id)
    async with two.ear(since) as there:
        assert (await there.hears_new("last")).id == last.id
        await there.hears_deleted(gone.id)
        await there.hears_totals(2)
        await there.nothing_more()
