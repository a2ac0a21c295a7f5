"""What the build costs a first visit, at most 150 kB of script as it goes over the wire, and that all of it is served."""

import json
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.watch import Watch
from tests.live.people import Place

from duologue.app import CLIENT_FOLDER

MOST = 150_000  # bytes
WEB = Path(__file__).resolve().parents[2] / "web"
MANIFESTS = (WEB / "app" / "package.json", *WEB.glob("packages/*/package.json"))
_SCRIPTS = """() => performance.getEntriesByType('resource')
  .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
  .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize])"""


async def scripts(page: Page) -> dict[str, int]:
    """Return the scripts that a page has fetched, and their bytes as they came."""
    await page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
    return dict(await page.evaluate(_SCRIPTS))


@pytest.mark.parametrize("is_in", [False, True])
async def test_a_first_load_is_light(sign_up: SignUp, visit: Visit, watch: Watch, is_in: bool) -> None:  # noqa: FBT001
    """Signed out, and straight into a conversation with an empty cache."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada, service_workers="block")  # its own fetches do not count
    watch.expect("Service Worker registration blocked")
    await visitor.page.goto("/")
    await expect(visitor.page.get_by_label("Username")).to_be_visible()
    if is_in:
        await visitor.sign_in(f"/chat/{bob.username}")
        session = await visitor.context.new_cdp_session(visitor.page)
        await session.send("Network.clearBrowserCache")
        await visitor.page.reload()
        await visitor.opened()
    found = await scripts(visitor.page)
    assert found
    assert min(found.values()) > 0
    assert sum(found.values()) <= MOST, found


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
