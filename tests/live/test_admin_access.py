"""Who may call the admin API: whoever has its token, and nobody else; and the token opens nothing else (design part 6)."""

import json
import re
from typing import Any, cast

import pytest
from tests.live.conftest import StartServer
from tests.live.operator import ADMIN, TOKEN, Operator
from tests.live.people import Headers, Person, Place

from duologue.api.admin import AdminApi, admin_table

ID = "0198c8f1-7b7c-7000-8000-3d2c6f0a1b2c"
ROUTES = [(route.method, re.sub(r"\{\w+:\w+\}", ID, route.path)) for route in admin_table(AdminApi(cast("Any", None)))]
WHO = [
    "nobody",
    "a user",
    "another token",
    "a longer token",
    "a shorter token",
    "another scheme",
    "the token in the query",
]


def headers(who: str, person: Person) -> Headers:
    """Return what somebody sends."""
    tokens = {
        "a user": person.token,
        "another token": "x" * len(TOKEN),
        "a longer token": f"{TOKEN}x",
        "a shorter token": TOKEN[:-1],
    }
    if who in tokens:
        return {"Authorization": f"Bearer {tokens[who]}"}
    return {"Authorization": f"Basic {TOKEN}"} if who == "another scheme" else {}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_without_the_token_every_route_is_401(live: Place, who: str, method: str, path: str) -> None:
    """Before anything of the request is looked at: also where the body is none and the user is nobody."""
    person = await live.person()
    query = f"?token={TOKEN}" if who == "the token in the query" else ""
    answer = await live.request(method, f"{ADMIN}{path}{query}", headers=headers(who, person), body=b"{")
    assert (answer.status, answer.error["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("setting", [{}, {"ADMIN_TOKEN": ""}, {"ADMIN_TOKEN": " "}])
async def test_without_a_configured_token_there_is_no_admin_api(
    start_server: StartServer, setting: dict[str, str]
) -> None:
    """404 for all, whatever token is brought, and not a word in the document."""
    place = await start_server(**setting)
    for method, path in ROUTES:
        for sent in ({"Authorization": f"Bearer {TOKEN}"}, {"Authorization": "Bearer"}, {}):
            answer = await place.request(method, f"{ADMIN}{path}", headers=sent)
            assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")
    document = json.loads((await place.get("/openapi.json")).raw)
    assert not any(path.startswith(ADMIN) for path in document["paths"])


async def test_the_admin_token_is_nobody(live: Place) -> None:
    """Elsewhere it is as bad as any other: 401 over REST, 4500 on a socket."""
    nobody = Person(live, "", "", TOKEN)
    for path in ("conversations", "/api/v1/users/me", "/v1/conversations", "blocks"):
        assert (await live.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})).status == 401
    async with nobody.socket(greeted=False) as socket:
        assert await socket.closed() == 4500


async def test_who_has_the_token_is_let_in(operator: Operator) -> None:
    """The scheme's case does not matter (RFC 9110, 11.1)."""
    assert (await operator.get("stats")).status == 200
    answer = await operator.place.request("GET", f"{ADMIN}/stats", headers={"Authorization": f"bearer {TOKEN}"})
    assert answer.status == 200
