"""How people come in and go out: with accounts of this server, or with the token of the platform that they come from."""

import os
import re
from functools import partial
from urllib.parse import quote

import pytest
from playwright.async_api import expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.kept import places
from tests.browser.visitor import DESKTOP, PASSWORD, PHONE, type_into
from tests.browser.watch import Watch
from tests.live.people import Person, Place, eventually


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
async def test_somebody_new_makes_an_account_and_is_in(site: Place, visit: Visit, width: int) -> None:
    """And stays in after a reload; another tab is in too."""
    username = f"new{width}.{os.getpid()}"
    new = await visit(Person(site, "", username, ""), width=width)
    await new.page.goto("/")
    await new.page.get_by_role("button", name="Create account").click()
    await new.enter("Username", username)
    await new.enter("Name", "Ada L.")
    await new.enter("Password", PASSWORD)
    await new.page.get_by_role("button", name="Create account").click()
    await expect(new.page.get_by_text("No conversations yet")).to_be_visible()
    await new.page.reload()
    await expect(new.page.get_by_text("No conversations yet")).to_be_visible()
    tab = await new.context.new_page()
    await tab.goto("/")
    await expect(tab.get_by_text("No conversations yet")).to_be_visible()


async def test_a_wrong_password_is_told_and_keeps_the_name(sign_up: SignUp, visit: Visit, watch: Watch) -> None:
    """The sentence does not say which of both is wrong."""
    ada = await visit(await sign_up())
    watch.expect("status of 401")
    await ada.page.goto("/")
    await ada.enter("Username", ada.name)
    await ada.enter("Password", "something else")
    await ada.page.get_by_role("button", name="Sign in").click()
    await expect(ada.page.get_by_text("Username and password do not fit together.")).to_be_visible()
    await expect(ada.page.get_by_label("Username")).to_have_value(ada.name)


async def test_signing_out_leaves_nothing_for_the_next_one(sign_up: SignUp, visit: Visit) -> None:
    """Not even after a reload; what others wrote is gone from the page."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    await bob.send(await bob.conversation(ada), "for ada alone")
    visitor = await visit(ada)
    await visitor.sign_in()
    await expect(visitor.page.get_by_text("for ada alone")).to_be_visible()
    await visitor.page.get_by_role("button", name="You and your settings").click()
    await visitor.page.get_by_role("menuitem", name="Sign out").click()
    await visitor.confirm("Sign out")
    await expect(visitor.page.get_by_label("Password", exact=True)).to_be_visible()
    await visitor.page.reload()
    await expect(visitor.page.get_by_label("Password", exact=True)).to_be_visible()
    await expect(visitor.page.get_by_text("for ada alone")).to_have_count(0)


async def test_the_address_one_came_for_is_kept(sign_up: SignUp, visit: Visit) -> None:
    """Whoever follows a link to a conversation signs in and is there."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada)
    await visitor.sign_in(f"/chat/{bob.username}")
    await expect(visitor.page).to_have_url(re.compile(f"/chat/{bob.username}$"))
    await expect(visitor.field).to_be_visible()


async def test_people_of_a_platform_open_whatever_signs_their_names_hold(platform: Place, visit: Visit) -> None:
    """By the address, and from the list, whose row is the chosen one then."""
    ada = await platform.person()
    partners = [await platform.person(name) for name in ("b@b.example", "50%", "a%40b", "q?&#+$,;:=", "สมชาย")]
    for partner in partners:
        await partner.send(await partner.conversation(ada), f"from {partner.username}")
    visitor = await visit(ada)
    await visitor.page.goto(f"/#token={ada.token}")
    for partner in partners:
        row = visitor.inbox.get_by_role("link").filter(has_text=f"from {partner.username}")
        await row.click()
        await visitor.sees(f"from {partner.username}")
        await expect(row).to_have_attribute("aria-current", "page")
    await visitor.page.goto(f"/chat/{quote(partners[0].username, safe='')}#token={ada.token}")
    await visitor.sees(f"from {partners[0].username}")


async def test_the_platform_hands_its_token_over_in_the_address(platform: Place, visit: Visit) -> None:
    """It is gone from the address at once, and kept nowhere: a reload asks the platform again."""
    ada, bob = await platform.people(2)
    await bob.send(await bob.conversation(ada), "from the platform")
    visitor = await visit(ada)
    await visitor.page.goto(f"/chat/{bob.username}#token={ada.token}")
    await visitor.sees("from the platform")
    await type_into(visitor.field, "half a thought")
    await eventually(partial(places, visitor.page, "half a thought"), lambda found: "IndexedDB" in found)
    await eventually(partial(places, visitor.page, "showsPreview"), lambda found: "Cache Storage" in found)
    assert await places(visitor.page, ada.token) == []
    await visitor.page.reload()
    await expect(visitor.page.get_by_text("Open your messages from the site")).to_be_visible()
