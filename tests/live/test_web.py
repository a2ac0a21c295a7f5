"""The web client of a running server: at its own addresses, and nowhere in the way of the API."""

import re
from pathlib import Path

import httpx
import pytest
from tests.live.conftest import StartServer
from tests.live.people import Place

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGE = "<!doctype html><title>Client</title>"
OTHERS = ("/health/live", "/health/ready", "/metrics", "/docs", "/docs/start.js", "/openapi.json", "/asyncapi.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a build of one page."""
    built = tmp_path / "built"
    built.mkdir()
    (built / "index.html").write_text(PAGE)
    return built


async def get(place: Place, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """Fetch as a browser would, or as the headers say."""
    async with httpx.AsyncClient(base_url=place.url, trust_env=False) as client:
        return await client.get(path, headers=BROWSER if headers is None else headers)


async def test_the_client_stands_at_the_root_and_below_chat(start_server: StartServer, folder: Path) -> None:
    """And says what server it is of: one with accounts of its own, or behind a platform."""
    alone = await start_server(JWT_SECRET="", CORS_ORIGINS="https://site.example", client_folder=folder)
    for path in ("/", "/settings", "/chat/ann"):
        answer = await get(alone, path)
        assert (answer.status_code, answer.text) == (200, PAGE)
        assert "frame-ancestors 'self' https://site.example;" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    about = (await get(alone, "/web.json")).json()
    assert about == {"accounts": True, "origins": ["https://site.example"], "version": about["version"]}

    platform = await start_server(client_folder=folder)
    assert (await get(platform, "/web.json")).json()["accounts"] is False


async def test_no_route_of_the_api_is_hidden(start_server: StartServer, folder: Path) -> None:
    """With the client every route answers what it answers without: a browser's own requests below `/chat` alone are the client's."""
    with_client = await start_server(client_folder=folder)
    without = await start_server(WEB_CLIENT="off", client_folder=folder)
    documented = [path for method, _, path in (route.partition(" ") for route in without.routes()) if method == "GET"]
    aliases = [path.replace("/api/v1/chat", "/chat", 1) for path in documented if path.startswith("/api/v1/chat")]
    for route in (*documented, *aliases, *OTHERS, "/chat/ws", "/v1/ws/messages"):
        path = re.sub(r"\{\w+\}", "0198c8f1-7b7c-7000-8000-3d2c6f0a1b2c", route)
        for headers in ({"Accept": "*/*"}, {"Accept": "application/json"}):
            there, alone = await get(with_client, path, headers), await get(without, path, headers)
            assert there.status_code == alone.status_code, path
            assert there.headers["content-type"] == alone.headers["content-type"]
            assert PAGE not in there.text
        if route not in aliases:
            assert PAGE not in (await get(with_client, path)).text


async def test_without_a_build_the_root_leads_to_the_documents(start_server: StartServer, tmp_path: Path) -> None:
    """As with WEB_CLIENT=off, where a build is not looked at; nobody below `/chat` is given another page."""
    place = await start_server(client_folder=tmp_path / "none")
    answer = await get(place, "/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")
    assert (await get(place, "/chat/conversations")).status_code == 401
    assert (await get(place, "/web.json")).status_code == 404


async def test_the_client_can_be_switched_off(start_server: StartServer, folder: Path) -> None:
    """Then the server is an API."""
    place = await start_server(WEB_CLIENT="off", client_folder=folder)
    assert (await get(place, "/")).status_code == 307
    assert (await get(place, "/settings")).status_code == 404
    assert (await get(place, "/chat/conversations")).status_code == 401
