"""The web client as it is served: what stands where, for how long it is kept, who may frame it, and who gets it below `/chat`."""

import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from duologue.api.answers import Answer
from duologue.api.metrics import Metrics
from duologue.api.policy import PagePolicy
from duologue.api.server import Surroundings, frame
from duologue.api.web import About, WebClient, names

PAGE = "<!doctype html><title>Client</title>" + "<p>text</p>" * 100
SCRIPT = "console.log('of all sites');" * 50
FILES = {
    "index.html": PAGE,
    "sw.js": "self.addEventListener('push', () => {});",
    "duologue.js": SCRIPT,
    "manifest.webmanifest": "{}",
    "icons/icon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "assets/main-1a2b3c.js": SCRIPT,
    "assets/text-4d5e6f.woff2": "font",
    "assets/main-1a2b3c.js.map": "what it was made of",
}
ABOUT = About(accounts=True, origins=("https://site.example",), version="1.2.3")

Open = Callable[..., httpx.AsyncClient]


async def say() -> Answer[str]:
    """Answer for the API."""
    return Answer("of the API")


def build(folder: Path, **files: str) -> Path:
    """Write a build of the client."""
    for name, text in (FILES | files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
async def browse(tmp_path: Path, clock: Any, metrics: Metrics) -> AsyncIterator[Open]:
    """Make clients of a server with a build and a few routes; settings of the policy and the surroundings are given by name."""
    async with AsyncExitStack() as stack:

        def made(policy: PagePolicy | None = None, **settings: Any) -> httpx.AsyncClient:
            client = WebClient.read(build(tmp_path), ABOUT, policy or PagePolicy())
            surroundings = Surroundings(version="0", clock=clock, ids=uuid4, limits={}, client=client, **settings)
            paths = ["/", "/chat/conversations", "/chat/ws", "/docs", "/api/v1/users/me"]
            app = frame([HTTPRouteHandler(paths, http_method="GET")(say)], surroundings, metrics)
            found = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://duologue.test:8080")
            stack.push_async_callback(found.aclose)
            return found

        yield made


@pytest.fixture
def client(browse: Open) -> httpx.AsyncClient:
    """Give a client of a server with plain settings."""
    return browse()


def policy(answer: httpx.Response) -> dict[str, str]:
    """Return the directives of an answer's policy."""
    parts = (part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in parts}


# -- what stands where ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/index.html", "/settings", "/settings/", "/settings/privacy/blocked"])
async def test_the_addresses_of_the_client_are_its_page(client: httpx.AsyncClient, path: str) -> None:
    """They are asked for each time, so that a new version is seen at once."""
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/icons/icon.svg", "image/svg+xml; charset=utf-8"),
        ("/assets/text-4d5e6f.woff2", "font/woff2"),
    ],
)
async def test_files_have_their_type(client: httpx.AsyncClient, path: str, kind: str) -> None:
    """By a table of ours, not by what the machine believes."""
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, FILES[path[1:]])
    assert answer.headers["content-type"] == kind


async def test_what_is_named_by_its_content_is_kept_for_ever(client: httpx.AsyncClient) -> None:
    """A new version has new names; everything else is asked for again."""
    kept = await client.get("/assets/main-1a2b3c.js")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("/sw.js", "/manifest.webmanifest", "/icons/icon.svg", "/web.json"):
        assert (await client.get(path)).headers["cache-control"] == "no-cache"


async def test_the_worker_may_serve_the_whole_site(client: httpx.AsyncClient) -> None:
    """And fetch, which its own policy decides."""
    answer = await client.get("/sw.js")
    assert answer.headers["service-worker-allowed"] == "/"
    assert policy(answer)["connect-src"].startswith("'self'")


async def test_the_script_for_other_sites_may_be_loaded_by_them(browse: Open) -> None:
    """By any, whatever CORS_ORIGINS says: it holds nothing that is not public."""
    for settings in ({}, {"cors_origins": ["https://site.example"]}):
        answer = await browse(**settings).get("/duologue.js", headers={"Origin": "https://other.example"})
        assert answer.text == SCRIPT
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["cache-control"] == "public, max-age=300"


async def test_the_page_learns_what_its_server_is(client: httpx.AsyncClient) -> None:
    """Before anybody is signed in."""
    answer = await client.get("/web.json")
    assert answer.json() == {"accounts": True, "origins": ["https://site.example"], "version": "1.2.3"}
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/assets/main-1a2b3c.js.map", "/assets/", "/assets/..%2Findex.html", "/nothing.js"])
async def test_nothing_else_is_there(client: httpx.AsyncClient, path: str) -> None:
    """404 in the envelope, as everywhere: what is of no known type is not served."""
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


# -- how it is fetched -----------------------------------------------------------------------------------------------------


async def test_a_file_goes_out_packed_to_whoever_takes_that(client: httpx.AsyncClient) -> None:
    """Caches tell both apart, by `Vary` and by tags; who refuses gzip gets it plain."""
    tags = set()
    for accepted, encoding in (("gzip, br", "gzip"), ("gzip;q=0", None), ("*", None), ("", None)):
        answer = await client.get("/assets/main-1a2b3c.js", headers={"Accept-Encoding": accepted})
        assert answer.text == SCRIPT
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "Accept-Encoding"
        tags.add(answer.headers["etag"])
        if encoding:
            assert int(answer.headers["content-length"]) < len(SCRIPT) / 5
    assert len(tags) == 2


async def test_the_same_bytes_are_not_sent_again(client: httpx.AsyncClient) -> None:
    """304 to a tag that still holds; the other form's does not."""
    plain = {"Accept-Encoding": "identity"}
    tag = (await client.get("/", headers=plain)).headers["etag"]
    same = await client.get("/", headers={**plain, "If-None-Match": f'"other", W/{tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in same.headers
    assert policy(same) == policy(await client.get("/", headers=plain))  # a browser takes that of the newest answer
    packed = await client.get("/", headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert packed.status_code == 200


async def test_packing_is_the_same_each_time(tmp_path: Path) -> None:
    """So that several servers agree on a file."""
    found = [WebClient.read(build(tmp_path), ABOUT, PagePolicy()) for _ in range(2)]
    forms = [client.index.packed for client in found if client and client.index.packed]
    assert forms[0] == forms[1]
    assert gzip.decompress(forms[0].body).decode() == PAGE


@pytest.mark.parametrize("path", ["/", "/chat/ann", "/sw.js", "/web.json", "/assets/main-1a2b3c.js"])
async def test_head_says_what_get_would(client: httpx.AsyncClient, path: str) -> None:
    """Without the body."""
    asked = {"Accept": "text/html"}
    whole, head = await client.get(path, headers=asked), await client.head(path, headers=asked)
    assert (head.status_code, head.content) == (200, b"")
    ids = "x-request-id"
    assert {**head.headers, ids: ""} == {**whole.headers, ids: ""}


async def test_other_methods_are_refused(client: httpx.AsyncClient) -> None:
    """With those that are not."""
    answer = await client.post("/sw.js")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


# -- what pages may do -----------------------------------------------------------------------------------------------------


async def test_a_page_runs_nothing_but_its_own_scripts(browse: Open) -> None:
    """Avatars come from where the operator says; sockets go to the same host alone."""
    client = browse(PagePolicy(avatars=["https://img.example"]))
    for path in ("/", "/chat/ann"):
        found = policy(await client.get(path, headers={"Accept": "text/html"}))
        assert found["default-src"] == "'none'"
        assert found["script-src"] == found["style-src"] == found["font-src"] == "'self'"
        assert found["img-src"] == "'self' blob: data: https://img.example"
        assert found["connect-src"] == "'self' ws://duologue.test:8080 wss://duologue.test:8080"
        assert found["base-uri"] == "'none'"
        assert found["form-action"] == "'self'"
        assert found["require-trusted-types-for"] == "'script'"


@pytest.mark.parametrize("host", ["a; script-src *", "a b", "", "a,b", "[::1"])
async def test_a_host_cannot_write_into_the_policy(client: httpx.AsyncClient, host: str) -> None:
    """What is no name of a host is not said."""
    assert policy(await client.get("/", headers={"Host": host}))["connect-src"] == "'self'"


@pytest.mark.parametrize(
    ("origins", "ancestors"),
    [
        ([], "'self'"),
        (["https://site.example", "http://localhost:3000"], "'self' https://site.example http://localhost:3000"),
        (["*"], "'self'"),
        (["*", "https://site.example"], "'self' https://site.example"),
    ],
)
async def test_a_page_may_be_framed_by_sites_that_may_call(browse: Open, origins: list[str], ancestors: str) -> None:
    """And are named; by nobody else. What is no page may not be framed at all."""
    client = browse(PagePolicy(frames=origins))
    page = await client.get("/")
    assert policy(page)["frame-ancestors"] == ancestors
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert page.headers["permissions-policy"] == "microphone=(self), camera=(), geolocation=()"
    assert policy(await client.get("/assets/main-1a2b3c.js"))["frame-ancestors"] == "'none'"


# -- below /chat -----------------------------------------------------------------------------------------------------------

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("accept", [BROWSER, "application/json, TEXT/HTML ; q=0.1", "text/html"])
async def test_who_asks_for_a_page_below_chat_gets_the_client(client: httpx.AsyncClient, accept: str) -> None:
    """Also where dialect A has a route."""
    for path in ("/chat", "/chat/ann", "/chat/conversations", "/chat/%E0%B8%AD%20b"):
        answer = await client.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.text) == (200, PAGE)
        assert set(answer.headers["vary"].split(", ")) == {"Accept", "Accept-Encoding"}


@pytest.mark.parametrize("accept", ["*/*", "text/*", "application/json", "text/html;q=0", "text/html;q=0.000, */*", ""])
async def test_who_does_not_name_pages_gets_dialect_a(client: httpx.AsyncClient, accept: str) -> None:
    """Programs say `*/*`, or nothing; caches are told what it depends on."""
    found, lost = [await client.get(f"/chat/{name}", headers={"Accept": accept}) for name in ("conversations", "ann")]
    assert found.json() == "of the API"
    assert lost.json()["error"]["code"] == "NOT_FOUND"
    assert found.headers["vary"] == lost.headers["vary"] == "Accept"


async def test_caches_tell_origins_apart_too(browse: Open) -> None:
    """Both are named, with and without an origin."""
    client = browse(cors_origins=["https://site.example"])
    for headers in ({}, {"Origin": "https://site.example"}):
        answer = await client.get("/chat/conversations", headers=headers)
        assert {"Accept", "Origin"} <= {name.strip() for name in answer.headers["vary"].split(",")}


@pytest.mark.parametrize("path", ["/chat/ws", "/chat/ws/"])
async def test_the_address_of_the_socket_is_never_a_page(client: httpx.AsyncClient, path: str) -> None:
    """Whoever asks."""
    assert (await client.get(path, headers={"Accept": "text/html"})).json() == "of the API"


async def test_other_methods_below_chat_are_the_api_s(client: httpx.AsyncClient) -> None:
    """Even from a form in a page."""
    answer = await client.post("/chat/conversations", headers={"Accept": "text/html"})
    assert answer.status_code == 405
    assert "vary" not in answer.headers


def test_names_are_compared_whole() -> None:
    """What only begins so is something else."""
    assert not names("text/html", "text/html-sandboxed, x-text/html")


# -- beside the API --------------------------------------------------------------------------------------------------------


async def test_what_answers_is_counted_by_its_kind(client: httpx.AsyncClient, metrics: Metrics) -> None:
    """Never by the path that was asked for, which is a stranger's."""
    for path in ("/", "/chat/ann", "/settings/x", "/assets/main-1a2b3c.js", "/sw.js"):
        await client.get(path, headers={"Accept": "text/html"})
    text = metrics.text().decode()
    for route in ("/", "/chat/{username}", "/settings", "/assets/{name}", "/sw.js"):
        assert f'chat_http_requests_total{{method="GET",route="{route}",status="200"}} 1.0' in text


@pytest.mark.parametrize("name", ["docs/index.html", "api/x.js", "chat/y.js"])
async def test_no_file_hides_a_route(tmp_path: Path, browse: Open, name: str) -> None:
    """A build that would is refused when the server starts."""
    build(tmp_path, **{name: ""})
    with pytest.raises(ValueError, match="hide"):
        browse()


async def test_without_a_build_there_is_no_client(tmp_path: Path) -> None:
    """A folder that is missing or empty is none."""
    assert WebClient.read(tmp_path / "none", ABOUT, PagePolicy()) is None
    assert WebClient.read(tmp_path, ABOUT, PagePolicy()) is None
