"""Messages between two people, whatever dialect each of them speaks: one truth in two tongues (C-01, T-163, T-165)."""

from uuid import uuid4

import pytest
from tests.live.scenarios.conftest import Pair
from tests.live.scenarios.speaker import Refused, Speaker


async def test_t165_both_see_the_same_message(pair: Pair) -> None:
    """Id, text, sender and time are the same for both, and both lists show it last."""
    one, two, conversation = pair
    sent = await one.say(conversation, "Hello across")
    assert (sent.status, sent.is_read, sent.sender) == ("sent", False, one.id)
    for reader in (one, two):
        entry = (await reader.inbox())[0]
        assert (entry.conversation, entry.last_id, entry.last_text) == (conversation, sent.id, "Hello across")
        seen = (await reader.history(conversation))[0]
        assert (seen.id, seen.text, seen.sender, seen.at) == (sent.id, sent.text, sent.sender, sent.at)


async def test_t163_what_one_sends_the_other_hears(pair: Pair) -> None:
    """Sent by REST and by socket, heard on the other's socket, both ways, with the text as it was written."""
    one, two, conversation = pair
    async with one.ear() as here, two.ear() as there:
        first = await here.say(conversation, "first <b>& ünïcode 👋")
        assert (await there.hears_new("first <b>& ünïcode 👋")).id == first.id
        second = await there.say(conversation, "second")
        assert (await here.hears_new("second")).id == second.id
        third = await one.say(conversation, "by REST")
        assert (await there.hears_new("by REST")).id == third.id
    assert [each.text for each in await one.history(conversation)] == ["by REST", "second", "first <b>& ünïcode 👋"]


async def test_the_pair_has_one_conversation(speakers: tuple[Speaker, Speaker]) -> None:
    """Whoever opens it, in whichever dialect, it is the same one, listed for both from then on (CNV-01)."""
    one, two = speakers
    conversation = await one.open(two)
    assert await two.open(one) == conversation
    assert [entry.conversation for entry in await two.inbox()] == [conversation]
    assert (await two.inbox())[0].last_id is None


async def test_one_order_for_both(pair: Pair) -> None:
    """What two people send alternately stands in one order in both histories."""
    one, two, conversation = pair
    sent = [(await (one, two)[turn % 2].say(conversation, f"message {turn}")).id for turn in range(12)]
    for reader in (one, two):
        assert [message.id for message in await reader.history(conversation)] == sent[::-1]


async def test_a_key_names_a_send_in_both_dialects(pair: Pair) -> None:
    """The same key answers the same message again and sends nothing; another text under it is a conflict (G-08)."""
    one, two, conversation = pair
    key = str(uuid4())
    sent = await one.say(conversation, "once", key=key)
    again = await one.say(conversation, "once", key=key)
    twin = await type(two)(one.person).say(conversation, "once", key=key)
    assert (again.id, twin.id) == (sent.id, sent.id)
    with pytest.raises(Refused) as refused:
        await one.say(conversation, "something else", key=key)
    assert (refused.value.status, refused.value.code) == (409, "CONFLICT")
    assert len(await two.history(conversation)) == 1


async def test_who_was_away_is_told_what_was_missed(pair: Pair) -> None:
    """A device that comes back with its position gets all of it in order, whoever did it in whichever dialect (design part 4)."""
    one, two, conversation = pair
    async with two.ear() as there:
        await one.say(conversation, "while here")
        await there.hears_new("while here")
        since = there.position
    first = await one.say(conversation, "missed one")
    second = await one.say(conversation, "missed two")
    async with two.ear(since) as there:
        assert (await there.hears_new("missed one")).id == first.id
        assert (await there.hears_new("missed two")).id == second.id
        await there.hears_totals(3)
        await there.nothing_more()


@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001])
async def test_a_text_that_is_none_is_refused(pair: Pair, text: str) -> None:
    """Empty, blank and over-long texts are 400 in both dialects, and nothing is stored (VAL-01)."""
    one, two, conversation = pair
    with pytest.raises(Refused) as refused:
        await one.say(conversation, text)
    assert (refused.value.status, refused.value.code) == (400, "VALIDATION_ERROR")
    assert await two.history(conversation) == []
