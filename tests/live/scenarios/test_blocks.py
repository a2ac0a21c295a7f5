"""Blocks and privacy between two people, whatever dialect each of them speaks (C-09, T-131, T-135, T-161, T-164)."""

import pytest
from tests.live.scenarios.conftest import Pair
from tests.live.scenarios.speaker import Refused, Speaker


async def refusal(speaker: Speaker, conversation: str) -> tuple[int, str]:
    """Status and code of a send that must be refused."""
    with pytest.raises(Refused) as refused:
        await speaker.say(conversation, "refused")
    return refused.value.status, refused.value.code


async def test_t164_a_block_holds_in_both_dialects(pair: Pair) -> None:
    """Nobody sends while it stands; the blocked one's list is without the conversation, whose history can still be read."""
    one, two, conversation = pair
    await one.say(conversation, "before the block")
    await two.block(one)
    assert await two.blocked() == [one.id]
    assert await one.blocked() == []
    assert await refusal(one, conversation) == (403, "BLOCKED")
    assert await refusal(two, conversation) == (403, "BLOCKED")
    assert await one.inbox() == []
    assert [entry.conversation for entry in await two.inbox()] == [conversation]
    assert [message.text for message in await one.history(conversation)] == ["before the block"]
    await two.unblock(one)
    assert [entry.conversation for entry in await one.inbox()] == [conversation]
    await one.say(conversation, "after it")
    assert [message.text for message in await two.history(conversation)] == ["after it", "before the block"]


async def test_a_blocked_users_totals_are_without_the_conversation(pair: Pair) -> None:
    """They drop with the block and come back with its end (G-22)."""
    one, two, conversation = pair
    await one.say(conversation, "unread")
    assert await two.unread() == 1
    await one.block(two)
    assert await two.unread() == 0
    await one.unblock(two)
    assert await two.unread() == 1


async def test_t131_who_refuses_cannot_be_written_to_by_any_way(speakers: tuple[Speaker, Speaker]) -> None:
    """Who takes messages from nobody: no conversation can be opened, in the words of G-18."""
    one, two = speakers
    await two.settings(whoCanMessage="none")
    with pytest.raises(Refused) as refused:
        await one.open(two)
    assert refused.value == Refused(403, "FORBIDDEN", "User does not accept messages")
    await two.settings(whoCanMessage="followers")
    with pytest.raises(Refused) as refused:
        await one.open(two)
    assert refused.value == Refused(403, "FORBIDDEN", "User only accepts messages from followers")
    assert (await one.inbox(), await two.inbox()) == ([], [])


async def test_b37_an_empty_conversation_is_no_way_around_privacy(pair: Pair) -> None:
    """Opened but never used, it does not count: the send is judged like an opening. One with messages passes."""
    one, two, conversation = pair
    await two.settings(whoCanMessage="none")
    assert await refusal(one, conversation) == (403, "FORBIDDEN")
    await two.say(conversation, "I may still write first")
    await one.say(conversation, "then I may answer")
    assert await two.unread() == 1


async def test_a_block_refuses_a_new_conversation(speakers: tuple[Speaker, Speaker]) -> None:
    """Neither the blocked one nor the blocker opens one (design part 5, Opening)."""
    one, two = speakers
    await two.block(one)
    for opener, other in ((one, two), (two, one)):
        with pytest.raises(Refused) as refused:
            await opener.open(other)
        assert (refused.value.status, refused.value.code) == (403, "BLOCKED")
