"""The service worker: pushed messages become notifications, and the page starts without a network."""

import json
import re
from typing import Any

from playwright.async_api import CDPSession, expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch
from tests.live.people import eventually

_SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const shown = await registration.getNotifications();
  return shown.map(({ title, body, tag, data }) => ({ title, body, tag, data }));
}"""


async def devtools(visitor: Visitor) -> tuple[CDPSession, str]:
    """Return a session of the DevTools protocol, and the id of the worker's registration once it is active."""
    await visitor.page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    session = await visitor.context.new_cdp_session(visitor.page)
    found: list[str] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(_ids(told)))
    await session.send("ServiceWorker.enable")
    await visitor.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    assert found, "no registration was told"
    return session, found[-1]


def _ids(told: Any) -> list[str]:
    return [each["registrationId"] for each in told["registrations"] if not each["isDeleted"]]


async def push(visitor: Visitor, body: object) -> None:
    """Let the browser deliver a push message."""
    session, registration = await devtools(visitor)
    data = body if isinstance(body, str) else json.dumps(body)
    told = {"origin": visitor.person.place.url, "registrationId": registration, "data": data}
    await session.send("ServiceWorker.deliverPushMessage", told)


async def shown(visitor: Visitor, count: int) -> Any:
    """Wait for so many notifications, and return them."""
    return await eventually(lambda: visitor.page.evaluate(_SHOWN), lambda found: len(found) == count)


async def test_a_pushed_message_becomes_a_notification(sign_up: SignUp, visit: Visit) -> None:
    """With who wrote and what; it leads to the conversation, and a newer one takes its place."""
    ada = await visit(await sign_up(), permissions=["notifications"])
    await ada.sign_in()
    message = {
        "type": "message", "conversationId": "c-1", "username": "bob", "displayName": "Bob", "preview": "Hello!", "count": 1,
    }  # fmt: skip
    await push(ada, message)
    (told,) = await shown(ada, 1)
    assert told == {"title": "Bob", "body": "Hello!", "tag": "c-1", "data": {"path": "/chat/bob"}}
    await push(ada, message | {"preview": "Again"})
    await eventually(lambda: shown(ada, 1), lambda found: found[0]["body"] == "Again")


async def test_a_push_that_is_not_understood_still_says_something(sign_up: SignUp, visit: Visit) -> None:
    """Browsers ask for a notification for each push."""
    ada = await visit(await sign_up(), permissions=["notifications"])
    await ada.sign_in()
    await push(ada, "what is this?")
    (told,) = await shown(ada, 1)
    assert told["title"] == "Duologue"


async def test_the_page_starts_without_a_network(sign_up: SignUp, visit: Visit, watch: Watch) -> None:
    """And says so; a reload there is not told by the browser that it has none."""
    watch.expect(r"net::ERR_|WebSocket|Failed to fetch")
    ada = await visit(await sign_up())
    await ada.sign_in()
    await ada.page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    await ada.page.reload()
    await ada.context.set_offline(True)
    await ada.page.reload()
    await expect(ada.page.get_by_text(re.compile("You are offline|No connection")).first).to_be_visible()


async def test_a_part_that_cannot_be_loaded_is_loaded_when_asked_again(
    sign_up: SignUp, visit: Visit, watch: Watch
) -> None:
    """The page is loaded anew for it once, and not in a circle."""
    watch.expect(r"net::ERR_|Failed to fetch|dynamically imported|preload|registration blocked")
    ada = await visit(await sign_up(), service_workers="block")
    await ada.sign_in()
    loads: list[str] = []
    ada.page.on("load", lambda page: loads.append(page.url))
    part = re.compile("/assets/settings-")
    await ada.context.route(part, lambda route: route.abort())
    await ada.page.get_by_role("button", name="You and your settings").click()
    await ada.page.get_by_role("menuitem", name="Settings").click()
    await expect(ada.page.get_by_text("This scene broke off")).to_be_visible()
    assert len(loads) == 1
    await ada.context.unroute(part)
    await ada.page.get_by_role("button", name="Try again").click()
    await expect(ada.page.get_by_role("heading", name="Settings")).to_be_visible()
