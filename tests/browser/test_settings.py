"""What a person decides, and that others and other pages follow."""

import re

from playwright.async_api import expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.visitor import PASSWORD, Visitor, type_into
from tests.browser.watch import Watch

Pair = tuple[Visitor, Visitor]


async def test_nobody_may_begin_a_conversation_if_one_says_so(sign_up: SignUp, visit: Visit, watch: Watch) -> None:
    """Whoever tries is told why, and that it does not lie with them."""
    watch.expect("status of 403")
    ada, bob = await visit(await sign_up("ada")), await visit(await sign_up("bob"))
    await ada.sign_in("/settings/privacy")
    await ada.page.get_by_role("radio", name=re.compile("^Nobody")).click()
    await expect(ada.page.get_by_text("Saved").first).to_be_attached()
    await bob.page.goto(f"/chat/{ada.name}")
    await bob.enter("Username", bob.name)
    await bob.enter("Password", PASSWORD)
    await bob.page.get_by_role("button", name="Sign in").click()
    await expect(bob.page.get_by_text("Their privacy settings do not let you write to them.")).to_be_visible()


async def test_who_follows_may_begin_a_conversation_with_somebody_who_takes_followers_alone(
    sign_up: SignUp, visit: Visit, watch: Watch
) -> None:
    """Whoever is refused can follow where they are told so, and stop from the menu of the conversation."""
    watch.expect("status of 403")
    ada, bob = await sign_up("ada"), await visit(await sign_up("bob"))
    assert (await ada.patch("/api/v1/users/me", {"whoCanMessage": "followers"})).status == 200
    await bob.sign_in()
    await bob.page.goto(f"/chat/{ada.username}")
    await expect(bob.page.get_by_text("Their privacy settings do not let you write to them.")).to_be_visible()
    await bob.page.get_by_role("button", name="Follow", exact=True).click()
    await bob.opened()
    await bob.choose("Stop following")
    await expect(bob.page.get_by_text("You do not follow")).to_be_visible()


async def test_without_receipts_reading_shows_as_delivered(pair: Pair) -> None:
    """From the moment one switches them off."""
    ada, bob = pair
    await bob.page.goto("/settings/privacy")
    await bob.page.get_by_role("switch", name=re.compile("Read receipts")).click()
    await expect(bob.page.get_by_text("Saved").first).to_be_attached()
    await bob.open(ada.name)
    await ada.send("Seen?")
    await bob.sees("Seen?")
    await ada.sees_status("Seen?", "delivered")


async def test_a_new_name_is_what_others_see(pair: Pair) -> None:
    """At once in their list."""
    ada, bob = pair
    await ada.page.goto("/settings/profile")
    await ada.enter("Name", "Augusta Ada")
    await ada.page.get_by_label("Name", exact=True).press("Enter")
    await expect(ada.page.get_by_text("Saved").first).to_be_attached()
    await bob.page.reload()
    await expect(bob.stage.get_by_role("heading", name="Augusta Ada", exact=True)).to_be_visible()


async def test_a_picture_is_shown_from_its_address(pair: Pair) -> None:
    """From where this server takes pictures: itself, at least."""
    ada, bob = pair
    picture = f"{ada.person.place.url}/icon-192.png"
    await ada.page.goto("/settings/profile")
    await ada.enter("Picture", picture)
    await ada.page.get_by_label("Picture", exact=True).press("Enter")
    await expect(ada.page.get_by_text("Saved").first).to_be_attached()
    await expect(ada.stage.locator(f"img[src='{picture}']")).to_be_visible()
    await bob.page.reload()
    await expect(bob.stage.locator(f"img[src='{picture}']").first).to_be_visible()


async def test_the_look_and_the_language_hold_after_a_reload(sign_up: SignUp, visit: Visit) -> None:
    """On this device alone."""
    ada = await visit(await sign_up())
    await ada.sign_in("/settings/appearance")
    await ada.page.get_by_role("radio", name="Stage").click()
    await expect(ada.page.locator("html")).to_have_attribute("data-theme", "dark")
    await ada.page.get_by_label("ไทย").click()
    await expect(ada.page.locator("html")).to_have_attribute("lang", "th")
    await ada.page.reload()
    await expect(ada.page.locator("html")).to_have_attribute("lang", "th")
    await expect(ada.page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(ada.page.get_by_label("English")).to_be_visible()


async def test_blocked_people_are_listed_and_let_in_again(pair: Pair) -> None:
    """By one press."""
    ada, bob = pair
    await ada.choose("Block")
    await ada.confirm("Block")
    await ada.page.goto("/settings/blocked")
    await expect(ada.stage.get_by_text(bob.name).first).to_be_visible()
    await ada.stage.get_by_role("button", name="Unblock").click()
    await expect(ada.page.get_by_text("You block nobody")).to_be_visible()


async def test_an_account_may_take_along_what_was_written(pair: Pair, watch: Watch) -> None:
    """If the person says so; kept is what they say nothing about."""
    watch.expect("status of 401|WebSocket connection to")
    ada, bob = pair
    await ada.send("Not for ever")
    await bob.sees("Not for ever")
    await ada.page.goto("/settings/account")
    await ada.page.get_by_role("button", name="Delete my account").click()
    dialog = ada.page.get_by_role("dialog")
    await dialog.get_by_role("radio", name=re.compile("^Remove it")).click()
    await type_into(dialog.get_by_label(re.compile("^Password")), PASSWORD)
    await dialog.get_by_role("button", name=re.compile("Delete")).click()
    await expect(ada.page.get_by_label("Password", exact=True)).to_be_visible()
    await expect(bob.message("Not for ever")).to_have_count(0)
    await expect(bob.entry("Deleted account")).to_be_visible()


async def test_an_account_is_deleted_for_good(pair: Pair, watch: Watch) -> None:
    """With the password; partners keep what was said, of somebody without a name, and the name no longer signs in."""
    watch.expect("status of 401|WebSocket connection to")
    ada, bob = pair
    await ada.send("I was here")
    await bob.sees("I was here")
    await ada.page.goto("/settings/account")
    await ada.page.get_by_role("button", name="Delete my account").click()
    dialog = ada.page.get_by_role("dialog")
    await type_into(dialog.get_by_label(re.compile("^Password")), PASSWORD)
    await dialog.get_by_role("button", name=re.compile("Delete")).click()
    await expect(ada.page.get_by_label("Password", exact=True)).to_be_visible()
    await expect(bob.stage.get_by_role("heading", name="Deleted account")).to_be_visible()
    await bob.sees("I was here")
