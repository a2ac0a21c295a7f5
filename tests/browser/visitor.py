"""Somebody at a browser: what they see and press, by the roles and names that a screen reader would tell. Nothing of the page's inside."""

import re
from dataclasses import dataclass
from typing import Literal

from playwright.async_api import BrowserContext, Locator, Page, expect
from tests.live.people import Person

PASSWORD = "correct horse battery"
PHONE, DESKTOP = 360, 1280
PATIENCE = 15_000  # milliseconds that anything expected may take: the machine has other work, too

Status = Literal["queued", "sending", "sent", "delivered", "read", "failed"]
RECEIPTS: dict[Status, str] = {
    "queued": "Waiting to be sent",
    "sending": "Sending",
    "sent": "Sent",
    "delivered": "Delivered",
    "read": "Read",
    "failed": "Not sent",
}

expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with a page of their own. `person` is the same one over REST, to arrange and to check."""

    person: Person
    context: BrowserContext
    page: Page

    @property
    def name(self) -> str:
        """The username."""
        return self.person.username

    # -- signing in ------------------------------------------------------------------------------------------------------

    async def sign_in(self, path: str = "/") -> None:
        """Open an address and sign in there."""
        await self.page.goto(path)
        await self.enter("Username", self.name)
        await self.enter("Password", PASSWORD)
        await self.page.get_by_role("button", name="Sign in").click()
        await (self.opened() if path.startswith("/chat/") else self.arrived())

    async def enter(self, label: str, text: str) -> None:
        """Type into a field, in place of what it holds."""
        await type_into(self.page.get_by_label(label, exact=True), text)

    async def arrived(self) -> None:
        """Wait until one is signed in: the list of conversations or a conversation is there."""
        await expect(self.inbox.or_(self.field).first).to_be_visible()

    # -- the inbox -------------------------------------------------------------------------------------------------------

    @property
    def inbox(self) -> Locator:
        """The list of conversations."""
        return self.page.get_by_role("navigation", name="Conversations")

    def entry(self, partner: str) -> Locator:
        """The row of a conversation in the list."""
        return self.inbox.get_by_role("link", name=re.compile(re.escape(partner)))

    @property
    def stage(self) -> Locator:
        """What stands beside the list: a conversation, or settings. The page's own link to it leads there."""
        return self.page.locator("#stage")

    # -- a conversation --------------------------------------------------------------------------------------------------

    async def open(self, partner: str) -> None:
        """Go to the conversation with somebody, by its address, and wait until one can write."""
        await self.page.goto(f"/chat/{partner}")
        await self.opened()

    async def opened(self) -> None:
        """Wait until what was said so far is there, or that nothing was, and one can write."""
        await expect(self.log.or_(self.stage.get_by_text("Nothing said yet")).first).to_be_visible()
        await expect(self.field).to_be_visible()

    @property
    def field(self) -> Locator:
        """Where one writes (TST-39)."""
        return self.page.locator("textarea[name=message]")

    @property
    def log(self) -> Locator:
        """The messages."""
        return self.page.get_by_role("log")

    @property
    def messages(self) -> Locator:
        """Each message that stands in the document."""
        return self.log.get_by_role("article")

    def message(self, text: str) -> Locator:
        """The message of a text."""
        return self.messages.filter(has=self.page.get_by_text(text, exact=True))

    async def send(self, text: str) -> None:
        """Write and press the button (TST-39)."""
        await type_into(self.field, text)
        await self.page.locator("button[type=submit]").click()

    async def sees(self, text: str) -> None:
        """Wait until a message is there, once."""
        await expect(self.message(text)).to_have_count(1)
        await expect(self.message(text)).to_be_visible()

    async def sees_status(self, text: str, status: Status) -> None:
        """Wait until a message of one's own has come so far."""
        await expect(self.message(text).get_by_role("img", name=RECEIPTS[status], exact=True)).to_be_visible()

    async def act(self, text: str, action: str) -> None:
        """Choose from the menu of a message."""
        await self.message(text).hover()
        await self.message(text).get_by_role("button", name="What can be done with this message").click()
        await self.page.get_by_role("menuitem", name=action).click()

    async def choose(self, action: str) -> None:
        """Choose from the menu of the conversation."""
        await self.page.get_by_role("button", name="What can be done with this conversation").click()
        await self.page.get_by_role("menuitem", name=action).click()

    async def confirm(self, answer: str) -> None:
        """Answer the question that stands before the page."""
        dialog = self.page.get_by_role("alertdialog").or_(self.page.get_by_role("dialog"))
        await dialog.get_by_role("button", name=answer, exact=True).click()
        await expect(dialog).to_have_count(0)


async def type_into(field: Locator, text: str) -> None:
    """Type key by key, in place of what the field holds: `fill` sets values behind React's back in Firefox."""
    await field.click()
    await field.press("Control+a")
    await field.press_sequentially(text)
