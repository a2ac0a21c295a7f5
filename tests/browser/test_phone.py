"""What a phone asks for: room for fingers, and for what it shows at its own edges."""

from playwright.async_api import Locator, expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.visitor import PHONE
from tests.browser.watch import Watch

FINGER = 44  # pixels
NOTCH = 50


async def top(element: Locator) -> float:
    """Return where something begins, from the top of the window."""
    box = await element.bounding_box()
    assert box is not None
    return box["y"]


async def test_small_buttons_are_as_large_as_a_finger_on_a_touch_screen(sign_up: SignUp, visit: Visit) -> None:
    """With a mouse they may be smaller."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    await bob.send(await bob.conversation(ada), "Hello")
    visitor = await visit(ada, width=PHONE, has_touch=True, is_mobile=True)
    await visitor.sign_in()
    label = visitor.inbox.locator("label", has_text="Unread")
    box = await label.locator("span").bounding_box()
    assert box is not None
    assert box["height"] >= FINGER


async def test_nothing_stands_below_what_a_phone_shows_at_its_top(sign_up: SignUp, visit: Visit, watch: Watch) -> None:
    """Not a list, not a conversation, not a note on the connection; and the room is left once."""
    watch.expect("net::ERR_|WebSocket|Failed to fetch")
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada, width=PHONE)
    await visitor.sign_in(f"/chat/{bob.username}")
    back = visitor.page.get_by_role("link", name="Back to all conversations")
    assert await top(back) < NOTCH
    await visitor.page.evaluate(f"document.documentElement.style.setProperty('--safe-top', '{NOTCH}px')")
    assert await top(back) >= NOTCH
    await visitor.context.set_offline(True)
    note = visitor.page.get_by_text("You are offline")
    await expect(note).to_be_visible()
    assert NOTCH <= await top(note) < 2 * NOTCH
    assert await top(back) < await top(note) + 2 * NOTCH
