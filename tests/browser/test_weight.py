"""What the build costs a first visit, at most 150 kB of script as it goes over the wire, and that all of it is served."""

import json
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch
from tests.live.people import Place

from duologue.app import CLIENT_FOLDER

MOST = 150_000  # bytes
WEB = Path(__file__).resolve().parents[2] / "web"
MANIFESTS = (WEB / "app" / "package.json", *WEB.glob("packages/*/package.json"))
_SCRIPTS = """() => performance.getEntriesByType('resource')
  .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
  .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize])"""


async def weigh(page: Page, locale: str) -> None:
    """Fail if the scripts that a page has fetched when it has come to rest are too much, or hold another language."""
    await page.wait_for_load_state("networkidle")
    await page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
    found: dict[str, int] = dict(await page.evaluate(_SCRIPTS))
    assert found
    assert min(found.values()) > 0
    assert sum(found.values()) <= MOST, found
    assert {path[8:11] for path in found if path.startswith(("/assets/en-", "/assets/th-"))} == {f"{locale}-"}


async def come_first(visitor: Visitor, locale: str) -> None:
    """Load the page as on a device that has chosen a language and never was here."""
    await visitor.page.evaluate("locale => localStorage.setItem('duologue.device', JSON.stringify({ locale }))", locale)
    session = await visitor.context.new_cdp_session(visitor.page)
    await session.send("Network.clearBrowserCache")
    await visitor.page.reload()


@pytest.mark.parametrize(("locale", "field"), [("en", "Username"), ("th", "ชื่อผู้ใช้")])
async def test_coming_to_the_door_is_light(
    sign_up: SignUp, visit: Visit, watch: Watch, locale: str, field: str
) -> None:
    """In each language: nobody fetches the words of another one."""
    visitor = await visit(await sign_up(), service_workers="block")  # a worker's own fetches do not count
    watch.expect("Service Worker registration blocked")
    await visitor.page.goto("/")
    await come_first(visitor, locale)
    await expect(visitor.page.get_by_label(field, exact=True)).to_be_visible()
    await weigh(visitor.page, locale)


@pytest.mark.parametrize("locale", ["en", "th"])
async def test_a_first_load_is_light(sign_up: SignUp, visit: Visit, watch: Watch, locale: str) -> None:
    """Straight into a conversation."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada, service_workers="block")
    watch.expect("Service Worker registration blocked")
    await visitor.sign_in(f"/chat/{bob.username}")
    await come_first(visitor, locale)
    await expect(visitor.field).to_be_visible()
    await weigh(visitor.page, locale)


async def test_whose_work_is_inside_is_said(site: Place) -> None:
    """With the text of each licence, as they want it: all that the client, the hooks and the SDK depend on, and the faces."""
    wanted = {name for file in MANIFESTS for name in json.loads(file.read_text()).get("dependencies", {})}
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        said = (await client.get("/third-party.txt")).raise_for_status().text
    assert {name for name in wanted if not name.startswith("@duologue/") and f"{name} " not in said} == set()
    assert min(len(notice) for notice in said.split("-" * 80)) > len("a name, a version, and no text")


async def test_every_file_of_the_build_is_served(site: Place) -> None:
    """None is of a type that the server does not know; those with a digest in their name are kept for ever."""
    files = [file for file in CLIENT_FOLDER.rglob("*") if file.is_file() and not file.name.startswith(".")]
    assert {"index.html", "sw.js", "duologue.js", "manifest.webmanifest"} <= {file.name for file in files}
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        for file in files:
            path = f"/{file.relative_to(CLIENT_FOLDER).as_posix()}"
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert answer.content == file.read_bytes()
            assert ("immutable" in answer.headers["cache-control"]) is path.startswith("/assets/")
