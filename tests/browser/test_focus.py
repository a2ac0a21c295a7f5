"""Where the focus is when what held it is gone from sight."""

import pytest
from playwright.async_api import expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.visitor import DESKTOP, PHONE


async def test_on_a_phone_the_focus_goes_along_to_the_conversation_and_back_to_its_row(
    sign_up: SignUp, visit: Visit
) -> None:
    """The list is hidden there as soon as a row of it is chosen."""
    ada, bob, cem = await sign_up("ada"), await sign_up("bob"), await sign_up("cem")
    for partner in (bob, cem):
        await partner.send(await partner.conversation(ada), "Hello")
    visitor = await visit(ada, width=PHONE)
    await visitor.sign_in()
    await visitor.entry(bob.username).press("Enter")
    await visitor.opened()
    await expect(visitor.page.locator("#stage:focus, #stage :focus")).to_have_count(1)
    await visitor.page.get_by_role("link", name="Back to all conversations").press("Enter")
    await expect(visitor.entry(bob.username)).to_be_focused()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
async def test_in_the_settings_the_focus_goes_from_page_to_page(sign_up: SignUp, visit: Visit, width: int) -> None:
    """The link that led on is gone with its page."""
    ada = await visit(await sign_up(), width=width)
    await ada.sign_in()
    await ada.page.goto("/settings")
    await ada.page.get_by_role("link", name="Privacy").press("Enter")
    await expect(ada.page.get_by_role("heading", name="Privacy")).to_be_visible()
    await expect(ada.stage).to_be_focused()


async def test_after_a_conversation_is_deleted_from_the_list_the_focus_stays_there(
    sign_up: SignUp, visit: Visit
) -> None:
    """Its row is gone, with the button that opened the dialog."""
    ada, bob, cem = await sign_up("ada"), await sign_up("bob"), await sign_up("cem")
    for partner in (bob, cem):
        await partner.send(await partner.conversation(ada), "Hello")
    visitor = await visit(ada)
    await visitor.sign_in()
    await visitor.entry(bob.username).click(button="right")
    await visitor.page.get_by_role("menuitem", name="Delete conversation").press("Enter")
    await visitor.confirm("Delete conversation")
    await expect(visitor.entry(bob.username)).to_have_count(0)
    await expect(visitor.page.locator("nav :focus")).to_have_count(1)


async def test_after_a_message_is_deleted_the_focus_stays_in_the_conversation(sign_up: SignUp, visit: Visit) -> None:
    """The button of its menu is gone."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada)
    await visitor.sign_in(f"/chat/{bob.username}")
    await visitor.send("A slip")
    await visitor.sees_status("A slip", "sent")
    await visitor.act("A slip", "Delete")
    await visitor.confirm("Delete")
    await expect(visitor.message("A slip")).to_have_count(0)
    await expect(visitor.page.locator("#stage :focus")).to_have_count(1)
