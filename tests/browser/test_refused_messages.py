"""A message that the server takes from nobody: it stays with its writer, says why, and goes out once when it may."""

from playwright.async_api import Locator, expect
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

Pair = tuple[Visitor, Visitor]
LOST = r"net::ERR_|WebSocket connection to|Failed to fetch"
WHY = "They do not receive messages from you at present."


async def refused(ada: Visitor, bob: Visitor, watch: Watch, text: str) -> Locator:
    """Let Bob block Ada while her message waits for a network; return the message, which was refused."""
    watch.expect(LOST)
    await ada.context.set_offline(True)
    await ada.send(text)
    await ada.sees_status(text, "queued")
    await bob.choose("Block")
    await bob.confirm("Block")
    await expect(bob.field).to_have_count(0)
    await ada.context.set_offline(False)
    await ada.sees_status(text, "failed")
    return ada.message(text)


async def unblock(bob: Visitor) -> None:
    """Let Bob take messages again."""
    await bob.stage.get_by_role("button", name="Unblock", exact=True).click()
    await expect(bob.field).to_be_visible()


async def test_a_refused_message_says_why_and_goes_out_once_when_it_may(pair: Pair, watch: Watch) -> None:
    """Also after a reload; as long as nothing has changed, trying again changes nothing."""
    ada, bob = pair
    message = await refused(ada, bob, watch, "Let us make up")
    await expect(message.get_by_text(WHY)).to_be_visible()
    await ada.page.reload()
    await ada.sees_status("Let us make up", "failed")
    await message.get_by_role("button", name="Try again").click()
    await ada.sees_status("Let us make up", "failed")
    await expect(message.get_by_text(WHY)).to_be_visible()
    await expect(bob.messages).to_have_count(0)
    await unblock(bob)
    await message.get_by_role("button", name="Try again").click()
    await bob.sees("Let us make up")
    await ada.sees_status("Let us make up", "read")
    await expect(message.get_by_text(WHY)).to_have_count(0)
    await ada.open(bob.name)
    await ada.send("Good")
    await bob.sees("Good")
    stored = await ada.person.messages(await ada.person.conversation(bob.person))
    assert [each["content"] for each in stored] == ["Good", "Let us make up"]
    for visitor in pair:
        await expect(visitor.messages).to_have_count(2)


async def test_a_refused_message_can_be_thrown_away(pair: Pair, watch: Watch) -> None:
    """Then it is gone, also after a reload, and is never sent."""
    ada, bob = pair
    message = await refused(ada, bob, watch, "Never mind")
    await message.get_by_role("button", name="Discard").click()
    await expect(message).to_have_count(0)
    await unblock(bob)
    await ada.open(bob.name)
    await expect(message).to_have_count(0)
    await ada.send("Hello again")
    await ada.sees_status("Hello again", "read")
    await expect(bob.messages).to_have_count(1)
    conversation = await ada.person.conversation(bob.person)
    assert [each["content"] for each in await ada.person.messages(conversation)] == ["Hello again"]
