"""Typing and presence between two people, whatever dialect each of them speaks (T-158, T-160, T-161)."""

from tests.live.scenarios.conftest import Pair


async def test_t158_typing_is_seen_by_the_partner_alone(pair: Pair) -> None:
    """Started and stopped; the typist's own socket is told nothing."""
    one, two, conversation = pair
    async with two.ear() as there, one.ear() as here:
        await there.hears_status(one.id, online=True)
        await here.type(conversation, on=True)
        await there.hears_typing(conversation, one.id, on=True)
        await here.type(conversation, on=False)
        await there.hears_typing(conversation, one.id, on=False)
        await here.nothing_more()


async def test_t160_coming_and_going_is_seen(pair: Pair) -> None:
    """The first connection is online, the end of the last one offline."""
    one, two, _ = pair
    async with two.ear() as there:
        async with one.ear():
            await there.hears_status(one.id, online=True)
        await there.hears_status(one.id, online=False)


async def test_t161_across_a_block_nothing_is_seen(pair: Pair) -> None:
    """No status, no typing, no message, in either direction; the refusal says BLOCKED."""
    one, two, conversation = pair
    await one.say(conversation, "before")
    await one.block(two)
    async with two.ear() as there, one.ear() as here:
        await here.type(conversation, on=True)
        await there.type(conversation, on=True)
        assert await there.refused(conversation, "let me in") == "BLOCKED"
        assert await here.refused(conversation, "listen") == "BLOCKED"
        await here.nothing_more()
        await there.nothing_more()
