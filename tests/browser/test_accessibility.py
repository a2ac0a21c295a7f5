"""For everybody: no rule of axe is broken on any view, everything works by keyboard, and a screen reader is told what comes in alone."""

import io
import re
from collections.abc import Awaitable, Callable
from typing import Literal

import pytest
from PIL import Image
from playwright.async_api import expect
from tests.browser.axe import violations
from tests.browser.conftest import SignUp, Visit
from tests.browser.keyboard import go
from tests.browser.visitor import DESKTOP, PASSWORD, PHONE, Visitor
from tests.browser.watch import Watch
from tests.live.files import post_files

Scheme = Literal["light", "dark"]
SECTIONS = ("profile", "privacy", "notifications", "appearance", "blocked", "account")

pytestmark = pytest.mark.timeout(240)


class Views:
    """Holds views against all rules, and tells at the end what was found in which."""

    def __init__(self, visitor: Visitor) -> None:
        self._page = visitor.page
        self.faults: list[str] = []

    async def check(self, view: str) -> None:
        """Look at a view."""
        self.faults += [f"{view}: {fault}" for fault in await violations(self._page)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_coming_in_breaks_no_rule(sign_up: SignUp, visit: Visit, scheme: Scheme) -> None:
    """Signing in, signing up, and what is wrong with what was entered."""
    visitor = await visit(await sign_up(), color_scheme=scheme)
    views = Views(visitor)
    await visitor.page.goto("/")
    await expect(visitor.page.get_by_role("button", name="Sign in")).to_be_visible()
    await views.check("signing in")
    await visitor.page.get_by_role("button", name="Sign in").click()
    await views.check("signing in without a name")
    await visitor.page.get_by_role("button", name="Create account").click()
    await expect(visitor.page.get_by_label("Name", exact=True)).to_be_visible()
    await views.check("signing up")
    assert not views.faults, "\n".join(views.faults)


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", PHONE),
        ("dark", DESKTOP),
        pytest.param("dark", PHONE, marks=pytest.mark.faults),
        pytest.param("light", DESKTOP, marks=pytest.mark.faults),
    ],
)
async def test_the_client_breaks_no_rule(sign_up: SignUp, visit: Visit, scheme: Scheme, width: int) -> None:
    """The list, empty and not, a conversation with pictures and every state, dialogs, settings, addresses that lead nowhere."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada, color_scheme=scheme, width=width)
    views = Views(visitor)
    await visitor.sign_in()
    await expect(visitor.page.get_by_text("No conversations yet")).to_be_visible()
    await views.check("an empty list")
    conversation = await bob.conversation(ada)
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "navy").save(out, "PNG")
    await post_files(bob, conversation, ("sea.png", "image/png", out.getvalue()), content="A picture")
    await bob.send(conversation, "See https://duologue.example and <b>this</b>")
    await ada.send(conversation, "Mine")
    await expect(visitor.page.get_by_text("Mine")).to_be_visible()
    await views.check("a list")
    await visitor.open(bob.username)
    await visitor.sees("Mine")
    await views.check("a conversation")
    await each_of(visitor, views, dialogs(visitor))
    for section in SECTIONS:
        await visitor.page.goto(f"/settings/{section}")
        await expect(visitor.stage.get_by_role("heading").first).to_be_visible()
        await views.check(f"settings: {section}")
    await visitor.page.goto("/settings/nowhere/at/all")
    await expect(visitor.stage).to_be_visible()
    await views.check("an address that leads nowhere")
    assert not views.faults, "\n".join(views.faults)


def dialogs(visitor: Visitor) -> dict[str, Callable[[], Awaitable[None]]]:
    """Return how to open what stands before a conversation; Escape closes each."""
    page = visitor.page

    async def menu() -> None:
        await page.get_by_role("button", name="What can be done with this conversation").click()
        await expect(page.get_by_role("menu")).to_be_visible()

    async def question() -> None:
        await visitor.act("Mine", "Delete")
        await expect(page.get_by_role("dialog")).to_be_visible()

    async def lightbox() -> None:
        await visitor.log.get_by_role("button", name=re.compile("Picture")).first.click()
        await expect(page.get_by_role("dialog")).to_be_visible()

    async def emoji() -> None:
        await page.get_by_role("button", name="Emoji", exact=True).click()
        await expect(page.get_by_label("Search emoji")).to_be_visible()

    async def shared() -> None:
        await page.get_by_role("button", name="Media, files and links").click()
        await expect(page.get_by_role("dialog", name="What was shared")).to_be_visible()

    return {"a menu": menu, "a question": question, "a lightbox": lightbox, "emoji": emoji, "galleries": shared}


async def each_of(visitor: Visitor, views: Views, opened: dict[str, Callable[[], Awaitable[None]]]) -> None:
    """Check each, and that Escape closes it."""
    for view, opens in opened.items():
        await opens()
        await views.check(view)
        await visitor.page.keyboard.press("Escape")
        await expect(visitor.page.get_by_role("dialog").or_(visitor.page.get_by_role("menu"))).to_have_count(0)


async def test_everything_works_by_keyboard(sign_up: SignUp, visit: Visit) -> None:
    """From signing in to deleting a message: Tab, arrows, Enter and Escape, and the focus is where one expects it."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    await bob.send(await bob.conversation(ada), "Can you hear me?")
    visitor = await visit(ada)
    page, keyboard = visitor.page, visitor.page.keyboard
    await page.goto("/")
    await expect(page.get_by_label("Username")).to_be_visible()
    await page.get_by_label("Username").focus()
    await keyboard.type(ada.username)
    await keyboard.press("Tab")
    await expect(page.get_by_label("Password", exact=True)).to_be_focused()
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    row = visitor.entry(bob.username)
    await expect(row).to_be_visible()
    await go(page, "Tab", row)
    await keyboard.press("Enter")
    await visitor.sees("Can you hear me?")
    await go(page, "Tab", visitor.field)
    await keyboard.type("Loud and clear")
    await keyboard.press("Enter")
    await visitor.sees_status("Loud and clear", "sent")
    await expect(visitor.field).to_be_focused()
    await go(page, "Shift+Tab", visitor.log)
    await keyboard.press("ArrowUp")
    await expect(visitor.message("Loud and clear")).to_be_focused()
    await keyboard.press("Enter")
    await go(page, "ArrowDown", page.get_by_role("menuitem", name="Delete"))
    await keyboard.press("Enter")
    question = page.get_by_role("dialog")
    await go(page, "Tab", question.get_by_role("button", name="Delete", exact=True))
    await keyboard.press("Enter")
    await expect(visitor.message("Loud and clear")).to_have_count(0)
    await go(page, "Tab", visitor.field)


@pytest.mark.parametrize(("scheme", "width"), [("light", PHONE), ("dark", DESKTOP)])
async def test_what_is_seen_rarely_breaks_no_rule(
    sign_up: SignUp, visit: Visit, watch: Watch, scheme: Scheme, width: int
) -> None:
    """Notes, searching, recording, what waits or was refused, no connection, blocks, people who are not there."""
    watch.expect(r"net::ERR_|WebSocket connection to|Failed to fetch|status of 40[34]")
    ada, bob, cem = await sign_up("ada"), await sign_up("bob"), await sign_up("cem")
    visitor = await visit(ada, color_scheme=scheme, width=width)
    page, views = visitor.page, Views(visitor)
    await visitor.sign_in(f"/chat/{bob.username}")
    await visitor.send("Before")
    await visitor.sees_status("Before", "sent")
    await visitor.choose("Stop following")
    note = page.get_by_text("You do not follow")
    await note.hover()  # it stays as long as somebody points at it
    await views.check("a note")
    await page.get_by_role("button", name="Record a voice message").click()
    await expect(page.get_by_text(re.compile(r"0:0[1-9]"))).to_be_visible()
    await views.check("recording")
    await page.get_by_role("button", name="Throw the recording away").click()
    await visitor.context.set_offline(True)
    await visitor.send("Waits")
    await visitor.sees_status("Waits", "queued")
    await expect(page.get_by_text("You are offline")).to_be_visible()
    await views.check("offline, with a message that waits")
    assert (await bob.post("blocks", {"username": ada.username})).status == 201
    await visitor.context.set_offline(False)
    await visitor.sees_status("Waits", "failed")
    await expect(page.get_by_text("They do not receive messages from you at present.").first).to_be_visible()
    await views.check("a message that was refused")
    await visitor.choose("Block")
    await visitor.confirm("Block")
    await expect(page.get_by_text(re.compile("You blocked .*Unblock them to write"))).to_be_visible()
    await views.check("a block")
    await page.goto(f"/chat/nobody.{bob.username}")
    await expect(page.get_by_text("There is nobody of this name here.")).to_be_visible()
    await views.check("nobody")
    await page.goto("/")
    await page.get_by_role("button", name="New conversation").first.click()
    search = page.get_by_role("dialog").get_by_label("Username")
    await search.fill(cem.username)
    await expect(page.get_by_role("option").first).to_be_visible()
    await views.check("people that were found")
    await search.fill("nobody.at.all")
    await expect(page.get_by_text("Nobody's username begins with")).to_be_visible()
    await views.check("nobody found")
    assert not views.faults, "\n".join(views.faults)


async def test_a_screen_reader_is_told_what_comes_in_alone(sign_up: SignUp, visit: Visit) -> None:
    """Not the history, not one's own words, not what the partner reads."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    conversation = await bob.conversation(ada)
    await bob.send(conversation, "long ago")
    visitor = await visit(ada)
    await visitor.page.add_init_script(_LISTEN)
    await visitor.sign_in(f"/chat/{bob.username}")
    await visitor.sees("long ago")
    await visitor.send("my own")
    await visitor.sees_status("my own", "sent")
    await bob.send(conversation, "now")
    await visitor.sees("now")
    await expect(visitor.page.get_by_role("status").filter(has_text="now")).to_have_count(1)
    said = await visitor.page.evaluate("() => globalThis.said.splice(0)")
    assert any("now" in text for text in said)
    assert [text for text in said if "long ago" in text or "my own" in text] == []
    partner = await visit(bob)
    await partner.sign_in(f"/chat/{ada.username}")
    await visitor.sees_status("my own", "read")
    await partner.field.press_sequentially("Let me th")
    await expect(visitor.stage.get_by_text("typing")).to_be_visible()
    assert await visitor.page.evaluate("() => globalThis.said") == []


# Everything that a live region has ever said.
_LISTEN = """
globalThis.said = [];
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const element = target instanceof Element ? target : target.parentElement;
    const region = element?.closest('[aria-live], [role=status], [role=alert], [role=log]');
    const is = region?.getAttribute('aria-live') ?? 'polite';
    if (region && is !== 'off' && region.textContent) globalThis.said.push(region.textContent);
  }
}).observe(document, { childList: true, subtree: true, characterData: true });
"""
