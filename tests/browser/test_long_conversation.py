"""Ten thousand messages: the document stays small, what one reads stays where it is, and every message can be reached."""

import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import SignUp, Visit, talked
from tests.browser.visitor import Visitor
from tests.factories import Chat, Make
from tests.live.people import Person

MANY = 10_000
MOST = 200  # message nodes in the document
_COUNT = """() => {
  globalThis.most = 0;
  const count = () => { globalThis.most = Math.max(globalThis.most, document.querySelectorAll('[role=log] article').length); };
  new MutationObserver(count).observe(document, { childList: true, subtree: true });
  count();
}"""


@pytest.fixture
async def long(make: Make, sign_up: SignUp, visit: Visit) -> tuple[Visitor, Person, Chat, Make]:
    """Give a visitor, the partner, their conversation of 10,000 messages, and its factory; the visitor is signed in."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    chat = await talked(make, bob, ada, MANY)
    visitor = await visit(ada)
    await visitor.sign_in(f"/chat/{bob.username}")
    await visitor.sees(f"message {MANY}")
    return visitor, bob, chat, make


async def scroll(page: Page, pixels: int, until: int) -> None:
    """Turn the wheel over the messages until the message of a number is in the document."""
    log = page.get_by_role("log")
    await log.hover()
    wanted = log.get_by_text(f"message {until}", exact=True)
    while not await wanted.count():
        await page.mouse.wheel(0, pixels)
        await page.evaluate("() => new Promise(requestAnimationFrame)")


async def most(page: Page) -> int:
    """Return the highest number of message nodes since it is counted."""
    found: int = await page.evaluate("() => globalThis.most")
    return found


@pytest.mark.timeout(300)
async def test_ten_thousand_messages_keep_the_document_small(long: tuple[Visitor, Person, Chat, Make]) -> None:
    """However far one scrolls, up and down again."""
    visitor, _, _, _ = long
    await visitor.page.evaluate(_COUNT)
    await scroll(visitor.page, -2500, MANY - 1200)
    await scroll(visitor.page, 2500, MANY - 300)
    assert 20 < await most(visitor.page) <= MOST
    await visitor.page.get_by_role("button", name="newest").click()
    await expect(visitor.message(f"message {MANY}")).to_be_in_viewport()
    assert await most(visitor.page) <= MOST


async def test_an_address_can_point_at_a_message(long: tuple[Visitor, Person, Chat, Make]) -> None:
    """One jumps there, reads on in both directions, and comes back to now."""
    visitor, bob, chat, make = long
    target = make.id_of_message(chat, 150)
    await visitor.page.goto(f"/chat/{bob.username}?around={target}")
    await expect(visitor.message("message 150")).to_be_in_viewport()
    await visitor.page.evaluate(_COUNT)
    await scroll(visitor.page, -1500, 90)
    await scroll(visitor.page, 1500, 260)
    assert await most(visitor.page) <= MOST
    await visitor.page.get_by_role("button", name="Back to now").click()
    await expect(visitor.message(f"message {MANY}")).to_be_in_viewport()


async def test_the_beginning_is_reached_and_said(long: tuple[Visitor, Person, Chat, Make]) -> None:
    """Nothing is above the first message."""
    visitor, bob, chat, make = long
    await visitor.page.goto(f"/chat/{bob.username}?around={make.id_of_message(chat, 40)}")
    await expect(visitor.message("message 40")).to_be_in_viewport()
    await scroll(visitor.page, -1500, 1)
    await expect(visitor.page.get_by_text("This is where your conversation begins.")).to_be_attached()


async def test_what_one_reads_stays_where_it_is(long: tuple[Visitor, Person, Chat, Make]) -> None:
    """While older messages load above it, and while new ones come in below; the new ones are counted."""
    visitor, bob, chat, _ = long
    page = visitor.page
    await scroll(page, -400, MANY - 60)
    await expect(page.get_by_role("button", name="To the newest message")).to_be_visible()
    place = (
        "() => { const log = document.querySelector('[role=log]').getBoundingClientRect(); "
        "const seen = [...document.querySelectorAll('[role=log] article')].find((row) => row.getBoundingClientRect().top > log.top + 40); "
        "return [seen.textContent, Math.round(seen.getBoundingClientRect().top)]; }"
    )
    await page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
    before = await page.evaluate(place)
    for number in range(3):
        await bob.send(str(chat.id), f"new {number}")
    await expect(page.get_by_role("button", name="3 messages below, to the newest")).to_be_visible()
    after = await page.evaluate(place)
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) <= 1
    await page.get_by_role("button", name="3 messages below, to the newest").click()
    await expect(visitor.message("new 2")).to_be_in_viewport()
