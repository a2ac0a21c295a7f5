"""The flow that everything else stands on, in both browsers of Debian and on both sizes: open, write, receive, answer (TST-39)."""

import pytest
from playwright.async_api import Browser, expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.visitor import DESKTOP, PHONE, Visitor

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest) -> Browser:
    """Give each browser."""
    found: Browser = request.getfixturevalue(request.param)
    return found


async def at_browser(browser: Browser, width: int, sign_up: SignUp, visit: Visit) -> tuple[Visitor, Visitor]:
    """Bring two people to this browser, each into the conversation with the other."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    one, other = [await visit(person, browser=browser, width=width) for person in (ada, bob)]
    await one.sign_in(f"/chat/{other.name}")
    await other.sign_in(f"/chat/{one.name}")
    return one, other


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
async def test_two_people_write_to_each_other(browser: Browser, width: int, sign_up: SignUp, visit: Visit) -> None:
    """Each sees what both wrote, once, in order, also after a reload; TST-39 with `textarea[name=message]`."""
    ada, bob = await at_browser(browser, width, sign_up, visit)
    await ada.send("Hello, Bob!")
    await ada.sees("Hello, Bob!")
    await bob.sees("Hello, Bob!")
    await bob.send("Hello, Ada!")
    await ada.sees("Hello, Ada!")
    await ada.sees_status("Hello, Bob!", "read")
    await bob.page.reload()
    for visitor in (ada, bob):
        await expect(visitor.messages).to_have_count(2)
        await expect(visitor.messages.nth(0)).to_contain_text("Hello, Bob!")
        await expect(visitor.messages.nth(1)).to_contain_text("Hello, Ada!")
        await expect(visitor.field).to_have_value("")


async def test_markup_is_text(browser: Browser, sign_up: SignUp, visit: Visit) -> None:
    """It is shown as it was written, and nothing of it lives (T-045)."""
    ada, bob = await at_browser(browser, DESKTOP, sign_up, visit)
    dialogs: list[str] = []
    for visitor in (ada, bob):
        visitor.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for text in (MARKUP, "a < b & c", "'; DROP TABLE messages;--"):
        await ada.send(text)
        await bob.sees(text)
        await ada.sees(text)
    assert dialogs == []
    for visitor in (ada, bob):
        await expect(visitor.log.locator("script, img[src=x]")).to_have_count(0)
