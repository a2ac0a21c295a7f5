"""Networks that go and come back, a server that dies, pages that are reloaded: what was written arrives, once."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Visit, sign_up_at
from tests.browser.kept import places
from tests.browser.visitor import Visitor, type_into
from tests.browser.watch import Watch
from tests.faults.process import Service, service
from tests.live.people import Place, eventually

Pair = tuple[Visitor, Visitor]
LOST = r"net::ERR_|WebSocket connection to|the server responded with a status of 50[0-9]|Failed to fetch"


@pytest.fixture
async def restartable() -> AsyncIterator[Service]:
    """Give a server in a process of its own, which can be killed."""
    async with service(JWT_SECRET="") as made:
        await made.start()
        yield made


async def test_what_is_written_offline_arrives_once(pair: Pair, watch: Watch) -> None:
    """It waits where the writer sees it, leaves in order as soon as there is a line, and stands once on both sides."""
    ada, bob = pair
    watch.expect(LOST)
    await ada.context.set_offline(True)
    for number in range(3):
        await ada.send(f"offline {number}")
        await ada.sees_status(f"offline {number}", "queued")
    await expect(ada.page.get_by_text("You are offline").first).to_be_visible()
    await expect(bob.messages).to_have_count(0)
    await ada.context.set_offline(False)
    for number in range(3):
        await ada.sees_status(f"offline {number}", "read")
    for visitor in pair:
        await expect(visitor.messages).to_have_count(3)
        for number in range(3):
            await expect(visitor.messages.nth(number)).to_contain_text(f"offline {number}")
    stored = await ada.person.messages(await ada.person.conversation(bob.person))
    assert [message["content"] for message in stored] == ["offline 2", "offline 1", "offline 0"]


async def test_what_others_wrote_meanwhile_is_there_afterwards(pair: Pair, watch: Watch) -> None:
    """Without a reload, in order, in the list too."""
    ada, bob = pair
    watch.expect(LOST)
    await ada.context.set_offline(True)
    for number in range(3):
        await bob.send(f"meanwhile {number}")
        await bob.sees_status(f"meanwhile {number}", "sent")
    await ada.context.set_offline(False)
    await expect(ada.messages).to_have_count(3)
    await expect(ada.messages.nth(2)).to_contain_text("meanwhile 2")
    await expect(ada.entry(bob.name)).to_contain_text("meanwhile 2")


async def test_a_server_that_dies_and_returns_loses_nothing(restartable: Service, visit: Visit, watch: Watch) -> None:
    """Killed in the middle: what was written while it was down arrives, once, without anybody pressing anything."""
    watch.expect(LOST)
    place = Place(restartable.url, "")
    one, other = [await visit(await sign_up_at(place, stem)) for stem in ("ada", "bob")]
    await one.sign_in(f"/chat/{other.name}")
    await other.sign_in(f"/chat/{one.name}")
    await one.send("before")
    await other.sees("before")
    restartable.kill()
    await restartable.ended()
    await one.send("during")
    await one.sees("during")
    await restartable.start()
    await other.sees("during")
    await one.sees_status("during", "read")
    await other.send("after")
    await one.sees("after")
    for visitor in (one, other):
        await expect(visitor.messages).to_have_count(3)
    await place.close()


async def test_a_reload_keeps_the_draft_and_what_waits_to_be_sent(pair: Pair, watch: Watch) -> None:
    """The page itself starts without a network, once it was there before."""
    ada, bob = pair
    watch.expect(LOST)
    await ada.page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    await ada.context.set_offline(True)
    await ada.send("waits")
    await ada.sees_status("waits", "queued")
    await type_into(ada.field, "half a thou")
    await eventually(partial(places, ada.page, "half a thou"), lambda found: "IndexedDB" in found)
    await ada.page.reload()
    await expect(ada.page.get_by_text("One message waits to be sent.")).to_be_visible()
    await ada.context.set_offline(False)
    await bob.sees("waits")
    await expect(ada.field).to_have_value("half a thou")
    await ada.sees_status("waits", "read")
    await expect(bob.messages).to_have_count(1)


async def test_what_was_sent_is_no_draft_any_more(pair: Pair) -> None:
    """Not even when the page is reloaded the moment it was sent."""
    ada, _ = pair
    for number in range(3):
        text = f"message {number}"
        await ada.field.press_sequentially(text)
        await eventually(partial(places, ada.page, text), lambda found: "IndexedDB" in found)
        await ada.field.press("Enter")
        await ada.sees_status(text, "read")
        await ada.page.reload()
        await ada.opened()
        await expect(ada.field).to_have_value("")


async def test_a_second_tab_shows_the_same_and_sends_nothing_twice(pair: Pair) -> None:
    """One socket serves both; closing the tab that held it leaves the other one connected."""
    ada, bob = pair
    tab = Visitor(ada.person, ada.context, await ada.context.new_page())
    await tab.open(bob.name)
    await ada.send("from the first")
    await tab.sees("from the first")
    await tab.send("from the second")
    await ada.sees("from the second")
    await ada.page.close()
    await bob.send("to whoever is left")
    await tab.sees("to whoever is left")
    await expect(bob.messages).to_have_count(3)
