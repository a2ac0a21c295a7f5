"""Own profile and settings, search and callers, beyond what accounts and platforms have of their own (design part 6)."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.people import Person, Place

ME = "/api/v1/users/me"
AUTH = "/api/v1/auth"
PASSWORD = "correct horse battery"


async def alone(place: Place, username: str) -> Person:
    """Register somebody on a stand-alone server."""
    answer = await place.post(f"{AUTH}/register", {"username": username, "password": PASSWORD})
    user = answer.data["user"]
    return Person(place, user["id"], user["username"], answer.data["accessToken"])


# -- settings -----------------------------------------------------------------------------------------------------------


async def test_a_changed_setting_reaches_ones_own_devices_alone(live: Place) -> None:
    """Every device of the user gets the whole body of /users/me at a position of its own; partners get nothing (design part 4)."""
    one, other = await live.people(2)
    await one.conversation(other)
    async with one.socket() as phone, one.socket() as desk, other.socket() as theirs:
        changed = (await one.patch(ME, {"whoCanMessage": "none"})).data
        frames = [await socket.expect("settings.updated") for socket in (phone, desk)]
        assert [frame.payload for frame in frames] == [changed, changed]
        assert frames[0].position == frames[1].position is not None
        await theirs.quiet()
        await theirs.nothing("settings.updated")


async def test_a_setting_that_is_so_already_is_no_fact(live: Place) -> None:
    """Saving a form that nobody changed answers the same, moves no position and tells nobody."""
    one = await live.person()
    before = (await one.get("events")).data["position"]
    for change in ({}, {"showLastSeen": True}, {"whoCanMessage": "everyone", "sendReadReceipts": True}):
        answer = await one.patch(ME, change)
        assert (answer.status, answer.data) == (200, (await one.get(ME)).data)
    assert (await one.get("events")).data["position"] == before
    await one.patch(ME, {"showLastSeen": False})
    assert (await one.get("events")).data["position"] == before + 1


@pytest.mark.parametrize(
    "change",
    [
        {"showLastSeeen": False},
        {"username": "other"},
        {"id": "7"},
        {"showLastSeen": None},
        {"whoCanMessage": None},
        {"avatar": "https://a.example.com/1", "avatarUrl": "https://a.example.com/2"},
    ],
)
async def test_what_cannot_be_changed_is_refused_as_a_whole(live: Place, change: dict[str, Any]) -> None:
    """A misspelt setting must not pass for one that was set; what stands beside it is not set either."""
    one = await live.person()
    before = (await one.get(ME)).data
    answer = await one.patch(ME, {"sendReadReceipts": False, **change})
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert (await one.get(ME)).data == before


async def test_pictures_come_from_allowed_places(start_server: StartServer) -> None:
    """With AVATAR_ORIGINS only from there; an empty or null one takes it away; both names of the field are good."""
    place = await start_server(
        JWT_SECRET="", RATE_LIMITS="off", AVATAR_ORIGINS="https://img.example.com,http://localhost:9000"
    )
    anna = await alone(place, "anna")
    for field, url in (
        ("avatar", "https://img.example.com/a.png"),
        ("avatarUrl", "http://localhost:9000/b?size=2"),
        ("avatar", "HTTPS://IMG.example.com:443/c"),
    ):
        assert (await anna.patch(ME, {field: url})).data["avatar"] == url
    for url in (
        "https://evil.example.com/a.png",
        "http://img.example.com/a.png",
        "https://img.example.com.evil.org/a.png",
        "https://img.example.com@evil.org/a.png",
        "javascript:alert(1)",
        "//img.example.com/a.png",
        "https://img.example.com/" + "a" * 2_048,
        "https://img.example.com/a b",
        "https://",
        "https://img.example.com:port/",
    ):
        refused = await anna.patch(ME, {"avatar": url})
        assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR"), url
    for nothing in ("", None):
        await anna.patch(ME, {"avatar": "https://img.example.com/a.png"})
        assert (await anna.patch(ME, {"avatar": nothing})).data["avatar"] == ""


async def test_display_names_are_trimmed_and_plain(start_server: StartServer) -> None:
    """1 to 100 characters, no control characters; markup is data and stays as written."""
    place = await start_server(JWT_SECRET="", RATE_LIMITS="off")
    anna = await alone(place, "anna")
    for given, kept in (("  Änne 🐦 ", "Änne 🐦"), ("<b>A</b>", "<b>A</b>"), ("x" * 100, "x" * 100), (None, "anna")):
        assert (await anna.patch(ME, {"displayName": given})).data["displayName"] == kept
    for wrong in ("", "   ", "x" * 101, "a\nb", "a\u0000b", 7):
        assert (await anna.patch(ME, {"displayName": wrong})).status == 400


# -- search -------------------------------------------------------------------------------------------------------------


async def test_a_search_is_walked_page_by_page(live: Place) -> None:
    """Following the cursor finds everybody once, in order; a cursor that is none is 400."""
    prefix = f"w{(await live.person()).id[:8]}"
    names = [f"{prefix}{number:02}" for number in range(23)]
    for name in reversed(names):
        await live.person(name)
    one = await live.person()
    pages = await one.walk("/api/v1/users", "users", query=prefix.upper(), limit=5)
    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
    assert [user["username"] for page in pages for user in page] == names
    assert len((await one.get("/api/v1/users", query=prefix)).data["users"]) == 20
    for cursor in ("!!!", "eyJ1c2VybmFtZSI6IDd9", "e30="):
        answer = await one.get("/api/v1/users", query=prefix, cursor=cursor)
        assert answer.refusal == (400, "VALIDATION_ERROR", "Invalid cursor")


async def test_a_search_shows_no_strangers_presence_and_nobody_who_is_blocked(live: Place) -> None:
    """Who is online is for partners; blocks of either side, the deactivated and the erased are not found."""
    prefix = f"s{(await live.person()).id[:8]}"
    seen, blocked, blocking, gone, erased = [await live.person(f"{prefix}{letter}") for letter in "abcde"]
    one = await live.person()
    await one.post("blocks", {"username": blocked.username})
    await blocking.post("blocks", {"username": one.username})
    for person, state in ((gone, "deactivated"), (erased, "erased")):
        await live.sql("UPDATE users SET state = $2 WHERE id = $1", UUID(person.id), state)
    async with seen.socket():
        found = (await one.get("/api/v1/users", query=prefix)).data
    assert found == {
        "users": [
            {"id": seen.id, "username": seen.username, "displayName": seen.username, "avatar": "", "isOnline": False}
        ],
        "meta": {"hasMore": False},
    }


async def test_thirty_searches_a_minute(start_server: StartServer) -> None:
    """The 31st is 429, with headers; nonsense counts as well."""
    place = await start_server(clock=Clock())
    one = await place.person()
    answers = [await one.get("/api/v1/users", query="a/b" if number % 2 else "a") for number in range(31)]
    assert [answer.status for answer in answers] == [200] * 30 + [429]
    assert answers[0].headers["x-ratelimit-remaining"] == "29"
    assert answers[-1].headers["x-ratelimit-remaining"] == "0"
    assert int(answers[-1].headers["retry-after"]) == answers[-1].error["retryAfter"]


# -- callers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "status", "close"), [("deactivated", 403, 4502), ("erased", 401, 4500)])
async def test_who_is_not_active_opens_nothing(live: Place, state: str, status: int, close: int) -> None:
    """The token stays good by itself; the user is asked about at every request and every connection."""
    one = await live.person()
    await live.sql("UPDATE users SET state = $2 WHERE id = $1", UUID(one.id), state)
    for answer in (await one.get(ME), await one.patch(ME, {"showLastSeen": False}), await one.get("conversations")):
        assert answer.status == status
    async with one.socket(greeted=False) as socket:
        assert await socket.closed() == close
    await live.sql("UPDATE users SET state = 'active' WHERE id = $1", UUID(one.id))
    assert (await one.get(ME)).status == 200


async def test_sign_ins_say_what_is_left_of_their_limit(start_server: StartServer) -> None:
    """The headers of every other limit stand on them too (design part 9)."""
    place = await start_server(JWT_SECRET="", clock=Clock())
    anna = {"username": "anna", "password": PASSWORD}
    registered = await place.post(f"{AUTH}/register", anna)
    signed = await place.post(f"{AUTH}/login", anna)
    wrong = await place.post(f"{AUTH}/login", {**anna, "password": "wrong password"})
    limits = [
        (answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"])
        for answer in (registered, signed, wrong)
    ]
    assert limits == [("10", "9"), ("10", "9"), ("10", "8")]
    assert '"login";r=8' in wrong.headers["ratelimit"]


async def test_a_trusted_proxy_tells_who_signs_in(start_server: StartServer) -> None:
    """Behind it each client has a limit of its own; without trust the header is hot air and all are one."""
    for trusted, status in (("127.0.0.1", 401), ("", 429)):
        place = await start_server(JWT_SECRET="", TRUSTED_PROXIES=trusted)
        body = {"username": "nobody", "password": PASSWORD}
        answers = [
            await place.post(f"{AUTH}/login", body, headers={"X-Forwarded-For": f"192.0.2.{number}"})
            for number in range(11)
        ]
        assert [answer.status for answer in answers] == [401] * 10 + [status]


async def test_a_rush_of_sign_ins_is_told_to_come_back(start_server: StartServer) -> None:
    """More than the server can verify are 503 with Retry-After, at once; those that wait are answered, and so is everybody else."""
    place = await start_server(JWT_SECRET="", RATE_LIMITS="off")
    anna = await alone(place, "anna")
    body = {"username": "nobody", "password": PASSWORD}
    rush = [asyncio.create_task(place.post(f"{AUTH}/login", body)) for _ in range(120)]
    assert (await anna.get(ME)).status == 200
    answers = await asyncio.gather(*rush)
    busy = [answer for answer in answers if answer.status == 503]
    assert 1 <= len(busy) <= 120 - 64
    assert {answer.status for answer in answers} == {401, 503}
    assert all(answer.error["code"] == "UNAVAILABLE" and answer.headers["retry-after"] == "1" for answer in busy)
