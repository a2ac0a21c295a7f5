"""On somebody's own device: installed, started without a network, telling of messages while nobody looks."""

import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import BrowserContext, CDPSession, Page, expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.profile import everyday
from tests.browser.test_worker import shown
from tests.browser.visitor import PATIENCE, Visitor
from tests.browser.watch import Watch
from tests.live.people import Person, Place

_PRESS = """async () => {
  const [first] = await registration.getNotifications();
  dispatchEvent(new NotificationEvent('notificationclick', { notification: first }));
}"""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser with a profile."""

    context: BrowserContext
    # What it decides about permissions holds as long as it does.
    session: CDPSession

    async def visitor(self, person: Person, path: str = "/") -> Visitor:
        """Sign somebody in."""
        visitor = Visitor(person, self.context, await self.context.new_page())
        await visitor.sign_in(f"{person.place.url}/")
        await visitor.page.goto(f"{person.place.url}{path}")
        return visitor

    async def allow(self, place: Place, setting: str) -> None:
        """Decide about notifications, as the person would where the browser asks."""
        told = {"permission": {"name": "notifications"}, "setting": setting, "origin": place.url}
        await self.session.send("Browser.setPermission", told)


@pytest.fixture
async def device(tmp_path: Path, watch: Watch) -> AsyncIterator[Device]:
    """Give a browser with a profile, watched."""
    async with everyday(tmp_path / "profile") as browser:
        (context,) = browser.contexts
        context.set_default_timeout(PATIENCE)
        await watch.over(context)
        yield Device(context, await browser.new_browser_cdp_session())


async def test_the_client_can_be_installed(site: Place, device: Device) -> None:
    """Chromium finds nothing missing, and each icon is what the manifest says it is."""
    page = await device.context.new_page()
    await page.goto(f"{site.url}/")
    session = await device.context.new_cdp_session(page)
    assert (await session.send("Page.getInstallabilityErrors"))["installabilityErrors"] == []
    manifest = await session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"] == f"{site.url}/manifest.webmanifest"
    icons = (await site.document("/manifest.webmanifest"))["icons"]
    drawn = [icon for icon in icons if icon["type"] == "image/png"]
    assert {icon.get("purpose", "any") for icon in drawn} == {"any", "maskable"}
    for icon in drawn:
        answer = await page.request.get(f"{site.url}{icon['src']}")
        assert answer.headers["content-type"] == "image/png"
        width, height = Image.open(io.BytesIO(await answer.body())).size
        assert f"{width}x{height}" == icon["sizes"]


async def test_it_starts_without_a_network(sign_up: SignUp, visit: Visit, watch: Watch) -> None:
    """In a new window, from what the worker keeps: the list's frame is there, and one is told."""
    watch.expect(r"net::ERR_|WebSocket connection to|Failed to fetch")
    ada = await visit(await sign_up())
    await ada.sign_in()
    await ada.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    await ada.page.close()
    await ada.context.set_offline(True)
    window = Visitor(ada.person, ada.context, await ada.context.new_page())
    answer = await window.page.goto("/")
    assert answer is not None
    assert answer.from_service_worker
    await expect(window.inbox.get_by_role("heading", name="Conversations")).to_be_visible()
    await expect(window.page.get_by_role("button", name="You and your settings")).to_be_visible()
    await expect(window.page.get_by_text(re.compile("You are offline|No connection")).first).to_be_visible()


async def switch_on(visitor: Visitor, device: Device, setting: str) -> None:
    """Switch notifications on in the settings, read why, and answer the browser."""
    place = visitor.person.place
    await device.allow(place, "prompt")
    await visitor.page.reload()
    await visitor.page.get_by_role("switch", name="Notifications on this device").click()
    question = visitor.page.get_by_role("dialog", name="May Duologue notify you?")
    await expect(question).to_be_visible()
    await device.allow(place, setting)
    await question.get_by_role("button", name="Go on").click()
    await expect(question).to_have_count(0)


async def test_notifications_stay_off_where_the_browser_does_not_allow_them(sign_up: SignUp, device: Device) -> None:
    """The switch says so, and what to do."""
    ada = await device.visitor(await sign_up(), "/settings/notifications")
    await switch_on(ada, device, "denied")
    await expect(ada.page.get_by_text("Your browser does not allow it.")).to_be_visible()
    switch = ada.page.get_by_role("switch", name="Notifications on this device")
    await expect(switch).to_be_disabled()
    await expect(switch).not_to_be_checked()
    await ada.page.reload()
    await expect(switch).to_be_disabled()


async def hide(page: Page) -> None:
    """Open another tab before a page."""
    other = await page.context.new_page()
    await other.bring_to_front()
    await page.wait_for_function("() => document.hidden", polling=100)


async def test_a_message_to_a_hidden_tab_becomes_a_notification_that_leads_to_it(
    sign_up: SignUp, device: Device, watch: Watch
) -> None:
    """Once it is switched on; pressed, it opens the conversation in the tab that is there."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    conversation = await bob.conversation(ada)
    visitor = await device.visitor(ada, "/settings/notifications")
    await switch_on(visitor, device, "granted")
    await expect(visitor.page.get_by_role("switch", name="Notifications on this device")).to_be_checked()
    await visitor.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    for text in ("One", "Two"):  # the second one comes by the socket: the list was there with the first
        await bob.send(conversation, text)
        await expect(visitor.entry(bob.username)).to_contain_text(text)
    await hide(visitor.page)
    await bob.send(conversation, "Are you there?")
    (told,) = await shown(visitor, 1)
    assert told == {
        "title": bob.username,
        "body": "Are you there?",
        "tag": conversation,
        "data": {"path": f"/chat/{bob.username}"},
    }
    # A press that a script makes may neither wait nor bring a window to the front.
    watch.expect("waitUntil|Not allowed to focus")
    (worker,) = device.context.service_workers
    await worker.evaluate(_PRESS)
    await expect(visitor.page).to_have_url(f"{ada.place.url}/chat/{bob.username}")
    await visitor.sees("Are you there?")
    assert await shown(visitor, 0) == []
