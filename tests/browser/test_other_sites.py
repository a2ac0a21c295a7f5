"""Duologue in a page of another site: as an element from one script tag, or in a frame that is handed a token."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from tests.browser.axe import violations
from tests.browser.conftest import SETTINGS, Visit
from tests.browser.fit import middle, misfits
from tests.browser.visitor import DESKTOP, PHONE, Visitor, type_into
from tests.browser.watch import Watch
from tests.live.conftest import running
from tests.live.people import SECRET, Person, Place, eventually

ELEMENT = """<!doctype html><html lang="en"><title>Site</title>
<script src="{url}/duologue.js" async></script>
<style>p {{ color: red }} duologue-inbox {{ display: block; height: 600px }}</style>
<duologue-inbox token="{token}" user="{partner}"></duologue-inbox>
<script>addEventListener('duologue-unread', (event) => {{ document.title = `${{event.detail.count}} unread`; }});</script>"""
# Notes why nobody is let in, in `globalThis.told`.
NOTING = "globalThis.told = []; addEventListener('duologue-error', ({{ detail }}) => globalThis.told.push(detail));"
# The site's own script comes first: the element is not known yet.
EARLY = """<!doctype html><html lang="th"><title>Site</title>
<duologue-inbox user="{partner}" locale="en" style="display: block; height: 600px"></duologue-inbox>
<script>document.querySelector('duologue-inbox').getToken = async () => '{token}';</script>
<script>addEventListener('load', () => {{
  document.head.append(Object.assign(document.createElement('script'), {{ src: '{url}/duologue.js' }}));
}});</script>"""
FRAME = """<!doctype html><html lang="en"><title>Site</title>
<iframe title="Messages" src="{url}/chat/{partner}" width="900" height="600"></iframe>
<script>addEventListener('message', (event) => {{
  if (event.origin === '{url}' && event.data.type === 'duologue.token.wanted')
    event.source.postMessage({{ type: 'duologue.token', token: '{token}' }}, event.origin);
}});</script>"""


class Site:
    """A web server of somebody else: every address is the same page."""

    def __init__(self) -> None:
        self.html = ""
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        await reader.readuntil(b"\r\n\r\n")
        body = self.html.encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    """Run a site; its host is another one than the server's."""
    site = Site()
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0)
    site.url = f"http://localhost:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield site


@pytest.fixture
async def friend() -> AsyncIterator[Site]:
    """Give a site that the server knows."""
    async with serving() as site:
        yield site


@pytest.fixture
async def stranger() -> AsyncIterator[Site]:
    """Give a site that it does not know."""
    async with serving() as site:
        yield site


@pytest.fixture
async def known(friend: Site, database: str, tmp_path: Path) -> AsyncIterator[Place]:
    """Give a server behind a platform, which knows its friend."""
    settings = {"JWT_SECRET": SECRET, "CORS_ORIGINS": friend.url, **SETTINGS}
    async with running(database, tmp_path, {}, settings) as place:
        yield place


async def arranged(known: Place, visit: Visit, site: Site, html: str, **options: Any) -> tuple[Visitor, Person]:
    """Open the page of a site for somebody to whom a partner has written; return both. `options`: of the browser's context."""
    ada, bob = await known.people(2)
    await bob.send(await bob.conversation(ada), "Hello from Bob")
    site.html = html.format(url=known.url, token=ada.token, partner=bob.username)
    visitor = await visit(ada, **options)
    await visitor.page.goto(site.url)
    return visitor, bob


async def told(visitor: Visitor) -> Any:
    """Return what was noted."""
    return await visitor.page.evaluate("() => globalThis.told")


async def test_one_script_tag_puts_messages_into_a_page(known: Place, friend: Site, visit: Visit) -> None:
    """With the site's own token and untouched by its styles; the site is told how many are unread."""
    visitor, bob = await arranged(known, visit, friend, ELEMENT)
    await visitor.sees("Hello from Bob")
    await visitor.send("Hello from the site")
    await visitor.sees_status("Hello from the site", "sent")
    conversation = await bob.conversation(visitor.person)
    assert [each["content"] for each in await bob.messages(conversation)] == ["Hello from the site", "Hello from Bob"]
    await bob.send(conversation, "And back")
    await visitor.sees("And back")
    await expect(visitor.page).to_have_title("0 unread")
    cem = await known.person()
    await cem.send(await cem.conversation(visitor.person), "Hello from Cem")
    await expect(visitor.page).to_have_title("1 unread")
    await visitor.entry(cem.username).click()
    await visitor.sees("Hello from Cem")
    await expect(visitor.page).to_have_title("0 unread")


async def test_a_site_may_say_how_to_get_tokens_before_the_script_is_there(
    known: Place, friend: Site, visit: Visit
) -> None:
    """What is said in the element says its own language; a link within changes nothing of the site's address."""
    visitor, _ = await arranged(known, visit, friend, EARLY)
    await visitor.sees("Hello from Bob")
    assert await visitor.log.evaluate("(log) => log.closest('[lang]').lang") == "en"
    await visitor.page.get_by_role("link", name="Skip to the conversation").press("Enter")
    await expect(visitor.stage).to_be_focused()
    assert visitor.page.url == f"{friend.url}/"


async def test_a_site_that_may_call_frames_the_client_and_hands_it_a_token(
    known: Place, friend: Site, visit: Visit
) -> None:
    """By postMessage, when the client asks for it; the address holds no token."""
    visitor, bob = await arranged(known, visit, friend, FRAME)
    frame = visitor.page.frame_locator("iframe")
    await expect(frame.get_by_role("article").get_by_text("Hello from Bob")).to_be_visible()
    await type_into(frame.locator("textarea[name=message]"), "Hello from a frame")
    await frame.locator("button[type=submit]").click()
    await expect(frame.get_by_role("article").get_by_text("Hello from a frame")).to_be_visible()
    client = visitor.page.frames[1]
    assert bob.username in client.url
    seen = await client.evaluate(
        "() => JSON.stringify([location.href, history.state, navigation.entries().map(({ url }) => url)])"
    )
    assert client.url in seen
    assert visitor.person.token not in seen


async def test_another_site_cannot_frame_the_client(known: Place, stranger: Site, visit: Visit, watch: Watch) -> None:
    """Nor load its data: the browser refuses both."""
    watch.expect("frame-ancestors|chrome-error|Access-Control-Allow-Origin|net::ERR_FAILED|blocked by CORS")
    visitor, _ = await arranged(known, visit, stranger, FRAME)

    async def noted() -> str:
        return "".join(watch.noted)

    await eventually(noted, lambda found: "frame-ancestors" in found)
    assert await visitor.page.frames[1].evaluate("() => document.querySelector('#root')") is None
    fetched = await visitor.page.evaluate(
        "(url) => fetch(url).then(() => 'read', () => 'refused')", f"{known.url}/api/v1/users/me"
    )
    assert fetched == "refused"
    await eventually(noted, lambda found: "Access-Control-Allow-Origin" in found)


async def faults_of(visitor: Visitor) -> list[str]:
    """Return what axe finds in a page with the element, and what does not fit it.

    But for the link that skips the list: axe looks for where it leads outside of the element alone, and takes it for content.
    """
    found = await violations(visitor.page)
    broken = [fault for fault in found if not (fault.startswith("region:") and "_skip_" in fault)]
    return [*broken, *await misfits(visitor.page)]


async def test_the_element_breaks_no_rule_and_fits_its_page(known: Place, friend: Site, visit: Visit) -> None:
    """A conversation, and what stands before it, on a phone and beside a list."""
    for width in (PHONE, DESKTOP):
        visitor, _ = await arranged(known, visit, friend, ELEMENT, width=width)
        await visitor.sees("Hello from Bob")
        faults = await faults_of(visitor)
        await visitor.page.get_by_role("button", name="What can be done with this conversation").click()
        await expect(visitor.page.get_by_role("menu")).to_be_visible()
        faults += await faults_of(visitor)
        assert not faults, "\n".join(faults)


async def test_the_element_stands_in_a_page_that_is_written_from_right_to_left(
    known: Place, friend: Site, visit: Visit
) -> None:
    """In its own direction, which is that of its language: one's own words stand at the end of the line."""
    html = ELEMENT.replace('<html lang="en">', '<html lang="ar" dir="rtl">')
    for width in (PHONE, DESKTOP):
        visitor, _ = await arranged(known, visit, friend, html, width=width)
        await visitor.send("My own")
        await visitor.sees_status("My own", "sent")
        assert await visitor.log.evaluate("(log) => getComputedStyle(log).direction") == "ltr"
        own, theirs = [await middle(visitor.message(each).get_by_text(each)) for each in ("My own", "Hello from Bob")]
        assert theirs < await middle(visitor.log) < own
        faults = await faults_of(visitor)
        assert not faults, "\n".join(faults)


async def test_a_site_chooses_the_look_and_the_language_of_the_element(
    known: Place, friend: Site, visit: Visit
) -> None:
    """At once when it changes its mind; its own page stays as it is."""
    html = ELEMENT.replace("<duologue-inbox ", '<duologue-inbox theme="dark" locale="th" ')
    visitor, _ = await arranged(known, visit, friend, html)
    await visitor.sees("Hello from Bob")
    element = visitor.page.locator("duologue-inbox")
    look = "(log) => [log.closest('[lang]').lang, getComputedStyle(log).colorScheme, getComputedStyle(log).color]"
    language, scheme, ink = await visitor.log.evaluate(look)
    assert (language, scheme) == ("th", "dark")
    await expect(visitor.page.get_by_role("button", name="แนบไฟล์")).to_be_visible()
    await element.evaluate(
        "(element) => { element.setAttribute('theme', 'light'); element.setAttribute('locale', 'en'); }"
    )
    await expect(visitor.page.get_by_role("button", name="Attach files")).to_be_visible()
    language, scheme, other_ink = await visitor.log.evaluate(look)
    assert (language, scheme) == ("en", "light")
    assert other_ink != ink
    outside = "() => [document.documentElement.lang, getComputedStyle(document.body).colorScheme]"
    assert await visitor.page.evaluate(outside) == ["en", "normal"]


async def test_a_site_is_asked_for_another_token_when_one_is_refused(
    known: Place, friend: Site, visit: Visit, watch: Watch
) -> None:
    """By `getToken`, which is told that the one before would not do."""
    watch.expect("status of 401")
    ada, bob = await known.people(2)
    await bob.send(await bob.conversation(ada), "Hello from Bob")
    late = known.token(ada.id, ada.username, exp=int(time.time()) - 3600)
    friend.html = f"""<!doctype html><html lang="en"><title>Site</title><script src="{known.url}/duologue.js"></script>
<script>
globalThis.told = [];
const element = Object.assign(document.createElement('duologue-inbox'), {{
  getToken: async ({{ refresh }}) => {{ globalThis.told.push(refresh); return refresh ? '{ada.token}' : '{late}'; }},
}});
element.setAttribute('user', '{bob.username}');
addEventListener('load', () => document.body.append(element));
</script>"""
    visitor = await visit(ada)
    await visitor.page.goto(friend.url)
    await visitor.sees("Hello from Bob")
    asked = await told(visitor)
    assert asked[0] is False
    assert True in asked


async def test_a_site_is_told_why_nobody_is_let_in(known: Place, friend: Site, visit: Visit, watch: Watch) -> None:
    """A token that the server does not take, and a server that does not answer; a good token then opens."""
    watch.expect("status of 401|net::ERR_")
    html = ELEMENT.replace("<script>add", f"<script>{NOTING}add")
    visitor, _ = await arranged(known, visit, friend, html.replace("{token}", "nonsense"))
    refused = {"code": "UNAUTHORIZED", "message": "There is no token that the server takes"}
    assert await eventually(partial(told, visitor), lambda found: found) == [refused]
    element = visitor.page.locator("duologue-inbox")
    await element.evaluate("(element, token) => element.setAttribute('token', token)", visitor.person.token)
    await visitor.sees("Hello from Bob")
    assert await told(visitor) == [refused]
    await element.evaluate("(element) => element.setAttribute('server', 'http://127.0.0.1:9')")
    found = await eventually(partial(told, visitor), lambda found: len(found) > 1)
    assert found[1] == {"code": "NETWORK", "message": "The server does not answer"}


async def test_an_element_that_is_moved_goes_on(known: Place, friend: Site, visit: Visit) -> None:
    """In its new place, after asking once more whose token it is; nothing comes twice."""
    visitor, bob = await arranged(known, visit, friend, ELEMENT)
    await visitor.sees("Hello from Bob")
    conversation = await bob.conversation(visitor.person)
    await visitor.page.goto("about:blank")
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    whose = f"{known.url}/api/v1/users/me"
    await visitor.page.goto(friend.url)
    await visitor.send("Here")
    await visitor.sees_status("Here", "sent")
    before = asked.count(whose)
    assert before > 0
    await visitor.page.evaluate(
        "() => document.body.appendChild(document.createElement('section')).append(document.querySelector('duologue-inbox'))"
    )
    await visitor.sees("Here")
    await visitor.send("There")
    await visitor.sees_status("There", "sent")
    await bob.send(conversation, "And back")
    await visitor.sees("And back")
    await expect(visitor.messages).to_have_count(4)
    assert asked.count(whose) == 2 * before
    await expect(visitor.page).to_have_title("0 unread")
