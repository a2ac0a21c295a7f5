"""Duologue in a page of another site: as an element from one script tag, or in a frame that is handed a token."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.browser.conftest import SETTINGS, Visit
from tests.browser.visitor import Visitor, type_into
from tests.browser.watch import Watch
from tests.live.conftest import running
from tests.live.people import SECRET, Person, Place

ELEMENT = """<!doctype html><html lang="en"><title>Site</title>
<script src="{url}/duologue.js" async></script>
<style>p {{ color: red }} duologue-inbox {{ display: block; height: 600px }}</style>
<duologue-inbox token="{token}" user="{partner}"></duologue-inbox>
<script>addEventListener('duologue-unread', (event) => {{ document.title = `${{event.detail.count}} unread`; }});</script>"""
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


async def arranged(known: Place, visit: Visit, site: Site, html: str) -> tuple[Visitor, Person]:
    """Open the page of a site for somebody to whom a partner has written; return both."""
    ada, bob = await known.people(2)
    await bob.send(await bob.conversation(ada), "Hello from Bob")
    site.html = html.format(url=known.url, token=ada.token, partner=bob.username)
    visitor = await visit(ada)
    await visitor.page.goto(site.url)
    return visitor, bob


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
    assert bob.username in (visitor.page.frames[1].url)


async def test_another_site_cannot_frame_the_client(known: Place, stranger: Site, visit: Visit, watch: Watch) -> None:
    """Nor load its data: the browser refuses both."""
    watch.expect("frame-ancestors|chrome-error|Access-Control-Allow-Origin|net::ERR_FAILED|blocked by CORS")
    visitor, _ = await arranged(known, visit, stranger, FRAME)
    frame = visitor.page.frame_locator("iframe")
    await expect(frame.locator("textarea[name=message]")).to_have_count(0)
    fetched = await visitor.page.evaluate(
        "(url) => fetch(url).then(() => 'read', () => 'refused')", f"{known.url}/api/v1/users/me"
    )
    assert fetched == "refused"
    assert "frame-ancestors" in "".join(watch.noted)
