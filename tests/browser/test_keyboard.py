"""Without a mouse: files, pictures, galleries, people, blocks. The focus is seen on each step of the way."""

import re

import pytest
from playwright.async_api import FilePayload, expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.keyboard import go, is_seen, stands_at
from tests.browser.test_media import picture
from tests.browser.visitor import Visitor

Pair = tuple[Visitor, Visitor]

pytestmark = pytest.mark.timeout(240)


async def send_pictures(visitor: Visitor, text: str) -> None:
    """Attach two pictures by the button and send them, by keys."""
    page, keyboard = visitor.page, visitor.page.keyboard
    await visitor.field.focus()
    async with page.expect_file_chooser() as choosing:
        await go(page, "Shift+Tab", page.get_by_role("button", name="Attach files"))
        await keyboard.press("Enter")
    chooser = await choosing.value
    files = [FilePayload(name=f"{name}.png", mimeType="image/png", buffer=picture(name)) for name in ("red", "blue")]
    await chooser.set_files(files)
    previews = page.get_by_role("list", name="Files to send")
    await expect(previews.get_by_role("listitem")).to_have_count(2)
    await go(page, "Tab", visitor.field)
    await keyboard.type(text)
    await keyboard.press("Enter")
    await expect(previews).to_have_count(0)


async def test_pictures_are_attached_and_looked_through_by_keyboard(pair: Pair) -> None:
    """To the next and back, larger, and out again to where one was."""
    ada, bob = pair
    await send_pictures(ada, "By the sea")
    await bob.sees("By the sea")
    page, keyboard = bob.page, bob.page.keyboard
    opener = bob.log.get_by_role("button", name=re.compile("Picture: red"))
    await bob.field.focus()
    await go(page, "Shift+Tab", opener)
    await keyboard.press("Enter")
    lightbox = page.get_by_role("dialog", name="Pictures and videos")
    await stands_at(page, lightbox.get_by_role("button", name="Close"))
    await expect(lightbox.get_by_text("1 of 2")).to_be_visible()
    await keyboard.press("ArrowRight")
    await expect(lightbox.get_by_text("2 of 2")).to_be_visible()
    await go(page, "Tab", lightbox.get_by_role("button", name="Zoom in"))
    await keyboard.press("Enter")
    await expect(lightbox.get_by_role("button", name="Zoom out")).to_have_attribute("aria-disabled", "false")
    await go(page, "Tab", lightbox.get_by_role("button", name="Previous"))
    await keyboard.press("Enter")
    await expect(lightbox.get_by_text("1 of 2")).to_be_visible()
    await keyboard.press("Escape")
    await expect(lightbox).to_have_count(0)
    await stands_at(page, opener)


async def test_what_was_shared_is_looked_through_by_keyboard(pair: Pair) -> None:
    """From tab to tab, to a picture, and back by the way one came."""
    ada, bob = pair
    await send_pictures(ada, "By the sea")
    await bob.sees("By the sea")
    page, keyboard = bob.page, bob.page.keyboard
    button = page.get_by_role("button", name="Media, files and links")
    await bob.field.focus()
    await go(page, "Shift+Tab", button)
    await keyboard.press("Enter")
    shared = page.get_by_role("dialog", name="What was shared")
    media, files, links = (shared.get_by_role("tab", name=name) for name in ("Media", "Files", "Links"))
    await expect(media).to_be_visible()
    await go(page, "Tab", media)
    for key, tab in (("ArrowRight", files), ("End", links), ("Home", media)):
        await keyboard.press(key)
        await stands_at(page, tab)
        await expect(tab).to_have_attribute("aria-selected", "true")
    tile = shared.get_by_role("button", name=re.compile("Picture: red"))
    await expect(tile).to_be_visible()
    await go(page, "Tab", tile)
    await keyboard.press("Enter")
    lightbox = page.get_by_role("dialog", name="Pictures and videos")
    await stands_at(page, lightbox.get_by_role("button", name="Close"))
    await keyboard.press("Escape")  # of the two dialogs the upper one alone
    await expect(lightbox).to_have_count(0)
    await expect(shared).to_be_visible()
    await stands_at(page, tile)
    await keyboard.press("Escape")
    await expect(shared).to_have_count(0)
    await stands_at(page, button)


async def test_the_menu_of_a_message_is_used_by_keyboard(pair: Pair) -> None:
    """Opened at the message, looked into, and left for it; Escape leads on to where one writes."""
    ada, _ = pair
    page, keyboard = ada.page, ada.page.keyboard
    await ada.send("Look at me")
    await ada.sees_status("Look at me", "read")
    await go(page, "Shift+Tab", ada.log)
    await keyboard.press("ArrowUp")
    await stands_at(page, ada.message("Look at me"))
    await keyboard.press("Enter")
    menu = page.get_by_role("menu")
    await stands_at(page, menu.get_by_role("menuitem").first)
    await go(page, "ArrowDown", menu.get_by_role("menuitem", name="Details"))
    await keyboard.press("Enter")
    details = page.get_by_role("dialog", name="Details")
    await expect(details).to_be_visible()
    await keyboard.press("Escape")
    await expect(details).to_have_count(0)
    await expect(ada.log.locator(":focus")).to_have_count(1)
    await is_seen(page)
    await keyboard.press("Escape")
    await stands_at(page, ada.field)


async def test_somebody_is_found_blocked_and_let_in_again_by_keyboard(sign_up: SignUp, visit: Visit) -> None:
    """And one goes on writing."""
    ada, zoe = await sign_up("ada"), await sign_up("zoe")
    visitor = await visit(ada)
    page, keyboard = visitor.page, visitor.page.keyboard
    await visitor.sign_in()
    await go(page, "Tab", page.get_by_role("button", name="New conversation").first)
    await keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    await stands_at(page, dialog.get_by_label("Username"))
    await keyboard.type(zoe.username[:-1])
    await expect(dialog.get_by_role("option", name=re.compile(zoe.username))).to_have_attribute("aria-selected", "true")
    await keyboard.press("Enter")
    await visitor.opened()
    await expect(page).to_have_url(re.compile(f"/chat/{zoe.username}$"))
    await go(page, "Tab", page.get_by_role("button", name="What can be done with this conversation"))
    await keyboard.press("Enter")
    await stands_at(page, page.get_by_role("menuitem").first)
    await go(page, "ArrowDown", page.get_by_role("menuitem", name="Block", exact=True))
    await keyboard.press("Enter")
    await go(page, "Tab", dialog.get_by_role("button", name="Block", exact=True))
    await keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await go(page, "Tab", visitor.stage.get_by_role("button", name="Unblock", exact=True))
    await keyboard.press("Enter")
    await expect(visitor.field).to_be_visible()
    await go(page, "Tab", visitor.field)
    await keyboard.type("Again")
    await keyboard.press("Enter")
    await visitor.sees_status("Again", "sent")
