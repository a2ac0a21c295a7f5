"""What one learns of the other while both are there, and what one can do with what was said."""

import re
from uuid import UUID

from playwright.async_api import expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.visitor import PHONE, Visitor, type_into
from tests.factories import Make

from duologue.core.model import User

Pair = tuple[Visitor, Visitor]


async def test_a_message_is_sent_delivered_and_read(sign_up: SignUp, visit: Visit) -> None:
    """Sent to somebody who is away, delivered when they are somewhere else in the client, read when they look."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    one = await visit(ada)
    await one.sign_in(f"/chat/{bob.username}")
    await one.send("Are you there?")
    await one.sees_status("Are you there?", "sent")
    other = await visit(bob)
    await other.sign_in("/settings")
    await one.send("Now?")
    await one.sees_status("Now?", "delivered")
    await other.open(ada.username)
    await one.sees_status("Are you there?", "read")
    await one.sees_status("Now?", "read")


async def test_who_types_is_seen_typing(pair: Pair) -> None:
    """In the conversation and in the list; the message ends it."""
    ada, bob = pair
    await ada.field.press_sequentially("Let me th")
    section = bob.stage
    await expect(section.get_by_text("typing")).to_be_visible()
    await expect(bob.entry(ada.name).get_by_text("typing")).to_be_visible()
    await ada.send("Done")
    await expect(section.get_by_text("typing")).to_have_count(0)


async def test_who_is_there_is_online_and_who_left_was_last_seen(pair: Pair) -> None:
    """Within seconds of the page being closed."""
    ada, bob = pair
    header = ada.stage.locator("header")
    await expect(header.get_by_text("Online")).to_be_visible()
    await bob.context.close()
    await expect(header.get_by_text("Last seen")).to_be_visible()


async def test_unread_messages_are_counted_in_the_list_and_the_title(sign_up: SignUp, visit: Visit) -> None:
    """Until they are read, and on every page of the reader."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada)
    await visitor.sign_in()
    conversation = await bob.conversation(ada)
    for text in ("one", "two"):
        await bob.send(conversation, text)
    await expect(visitor.entry(bob.username).get_by_text("2 unread messages")).to_be_attached()
    await expect(visitor.page).to_have_title(re.compile(r"^\(2\)"))
    tab = await visitor.context.new_page()
    await tab.goto("/")
    await expect(tab).to_have_title(re.compile(r"^\(2\)"))
    await visitor.entry(bob.username).click()
    await visitor.sees("two")
    for page in (visitor.page, tab):
        await expect(page).not_to_have_title(re.compile(r"\("))
    await expect(visitor.entry(bob.username).get_by_text("unread")).to_have_count(0)


async def test_an_own_message_is_taken_away_for_both(pair: Pair) -> None:
    """After a question; another's offers no such thing."""
    ada, bob = pair
    await ada.send("Said too much")
    await bob.sees("Said too much")
    await bob.message("Said too much").hover()
    await bob.message("Said too much").get_by_role("button", name="What can be done with this message").click()
    await expect(bob.page.get_by_role("menuitem", name="Delete")).to_have_count(0)
    await bob.page.keyboard.press("Escape")
    await ada.act("Said too much", "Delete")
    await ada.confirm("Delete")
    for visitor in pair:
        await expect(visitor.message("Said too much")).to_have_count(0)


async def test_a_conversation_leaves_the_list_until_somebody_writes_again(pair: Pair) -> None:
    """Of the one who deleted it; what was said before stays away."""
    ada, bob = pair
    await ada.send("Old words")
    await bob.sees("Old words")
    await bob.choose("Delete conversation")
    await bob.confirm("Delete conversation")
    await expect(bob.entry(ada.name)).to_have_count(0)
    await ada.send("New words")
    await bob.entry(ada.name).click()
    await bob.sees("New words")
    await expect(bob.message("Old words")).to_have_count(0)
    await ada.sees("Old words")


async def test_blocking_ends_the_writing_on_both_sides(pair: Pair) -> None:
    """Each is told why, and unblocking brings it back."""
    ada, bob = pair
    await ada.send("Before")
    await bob.sees("Before")
    await bob.choose("Block")
    await bob.confirm("Block")
    await expect(bob.page.get_by_text(re.compile("You blocked .*Unblock them to write"))).to_be_visible()
    await expect(bob.field).to_have_count(0)
    await expect(ada.field).to_have_count(0)
    await expect(ada.page.get_by_text("They do not receive messages from you at present.")).to_be_visible()
    await bob.stage.get_by_role("button", name="Unblock", exact=True).click()
    await expect(bob.field).to_be_visible()
    await ada.open(bob.name)
    await ada.send("After")
    await bob.sees("After")


async def test_somebody_new_is_found_by_the_beginning_of_the_name(sign_up: SignUp, visit: Visit) -> None:
    """And the conversation opens."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada)
    await visitor.sign_in()
    await visitor.page.get_by_role("button", name="New conversation").first.click()
    await type_into(visitor.page.get_by_role("dialog").get_by_label("Username"), bob.username[:-1])
    await visitor.page.get_by_role("dialog").get_by_text(bob.username).first.click()
    await expect(visitor.page).to_have_url(re.compile(f"/chat/{bob.username}$"))
    await visitor.send("Found you")
    await visitor.sees_status("Found you", "sent")


async def test_a_finger_that_rests_on_a_message_opens_what_can_be_done(sign_up: SignUp, visit: Visit) -> None:
    """One that scrolls does not."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada, width=PHONE, has_touch=True)
    await visitor.sign_in(f"/chat/{bob.username}")
    await visitor.send("Said too much")
    await visitor.sees_status("Said too much", "sent")
    box = await visitor.message("Said too much").get_by_text("Said too much").bounding_box()
    assert box is not None
    finger = {"x": box["x"] + 5, "y": box["y"] + 5}
    touch = await visitor.context.new_cdp_session(visitor.page)
    menu, pressed = visitor.page.get_by_role("menu"), visitor.page.locator("[data-pressing]")
    await touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
    await expect(pressed).to_have_count(1)
    await touch.send(
        "Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{**finger, "y": finger["y"] - 40}]}
    )
    await expect(pressed).to_have_count(0)
    await visitor.page.evaluate("() => new Promise(requestAnimationFrame)")  # what opened would be there by now
    await expect(menu).to_have_count(0)
    await touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
    await expect(menu).to_be_visible()
    await touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await menu.get_by_role("menuitem", name="Delete").tap()
    await visitor.confirm("Delete")
    await expect(visitor.message("Said too much")).to_have_count(0)


async def test_the_list_goes_on_before_its_end_is_reached(make: Make, sign_up: SignUp, visit: Visit) -> None:
    """Whoever scrolls does not wait there."""
    ada = await sign_up("ada")
    user = User(UUID(ada.id), ada.username)
    for number in range(30):
        partner = await make.user(f"{ada.username}{number}")
        await make.message(await make.conversation(user, partner), partner)
    visitor = await visit(ada)
    await visitor.sign_in()
    rows = visitor.inbox.get_by_role("listitem")
    await expect(rows).to_have_count(20)
    left = (
        "(list) => { const { parentElement: all } = list; all.scrollTop = all.scrollHeight - all.clientHeight - 300; }"
    )
    await visitor.inbox.get_by_role("list", name="Conversations").evaluate(left)
    await expect(rows).to_have_count(30)
