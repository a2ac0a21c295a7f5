"""Stand-alone accounts over REST: register, sign in, refresh, sign out, passwords, profile and followers (design part 6)."""

import statistics
import time
from typing import Any
from uuid import UUID

import pytest
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.people import Answer, Person, Place

AUTH = "/api/v1/auth"
PASSWORD = "correct horse battery"
NOT_SIGNED_IN = (401, "UNAUTHORIZED", "Invalid username or password")
ENDED = (401, "UNAUTHORIZED", "Session has ended")


@pytest.fixture
async def alone(start_server: StartServer) -> Place:
    """Give a stand-alone server without rate limits."""
    return await start_server(JWT_SECRET="", RATE_LIMITS="off")


async def register(place: Place, username: str = "anna", password: str = PASSWORD, **more: Any) -> Answer:
    """Ask for an account."""
    return await place.post(f"{AUTH}/register", {"username": username, "password": password, **more})


async def login(place: Place, username: str = "anna", password: str = PASSWORD) -> Answer:
    """Ask for tokens."""
    return await place.post(f"{AUTH}/login", {"username": username, "password": password})


async def refresh(place: Place, token: str) -> Answer:
    """Ask for new tokens."""
    return await place.post(f"{AUTH}/refresh", {"refreshToken": token})


def signed_in(place: Place, answer: Answer) -> Person:
    """Return whom an answer signed in."""
    user = answer.data["user"]
    return Person(place, user["id"], user["username"], answer.data["accessToken"])


async def works(person: Person) -> bool:
    """Tell whether the person's token is good."""
    answer = await person.get("conversations")
    assert answer.status in (200, 401)
    return answer.status == 200


async def test_an_account_is_made_and_signed_in(alone: Place) -> None:
    """Registering answers user and tokens for 15 minutes, and the token opens everything; no cookie is set."""
    answer = await register(alone, displayName="Anna B.")
    assert answer.status == 201
    assert set(answer.data) == {"user", "accessToken", "refreshToken", "expiresIn"}
    assert answer.data["expiresIn"] == 900
    assert (answer.data["user"]["username"], answer.data["user"]["displayName"]) == ("anna", "Anna B.")
    assert "set-cookie" not in answer.headers
    anna = signed_in(alone, answer)
    me = (await anna.get("/api/v1/users/me")).data
    assert me == {
        "id": anna.id,
        "username": "anna",
        "displayName": "Anna B.",
        "avatar": "",
        "whoCanMessage": "everyone",
        "sendReadReceipts": True,
        "showLastSeen": True,
    }


async def test_two_accounts_talk(alone: Place) -> None:
    """The first conversation of a newcomer: register twice, open, send, read."""
    anna, ben = [signed_in(alone, await register(alone, name)) for name in ("anna", "ben")]
    conversation = await anna.conversation(ben)
    await anna.send(conversation, "Hello Ben!")
    assert [message["content"] for message in await ben.messages(conversation)] == ["Hello Ben!"]


@pytest.mark.parametrize("name", ["anna", "ANNA"])
async def test_a_taken_name_is_409(alone: Place, name: str) -> None:
    """Names are compared without case."""
    await register(alone)
    refused = await register(alone, name)
    assert (refused.status, refused.error["code"]) == (409, "CONFLICT")


@pytest.mark.parametrize("name", ["ab", "x" * 33, "an na", "\u00e4nne", "a/b", "", "anna\n", "<b>"])
async def test_a_name_that_cannot_be_registered_is_400(alone: Place, name: str) -> None:
    """Names to register are 3 to 32 letters, digits, dots, dashes and underscores."""
    refused = await register(alone, name)
    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
async def test_a_password_that_cannot_be_set_is_400(alone: Place, password: str) -> None:
    """Too short or too long, in registering and in changing alike."""
    refused = await register(alone, password=password)
    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")
    anna = signed_in(alone, await register(alone))
    change = {"password": PASSWORD, "newPassword": password}
    assert (await anna.post(f"{AUTH}/password", change)).status == 400
    assert await works(anna)


async def test_signing_in_takes_the_right_password(alone: Place) -> None:
    """The name in any case and the exact password; each sign-in is a session of its own."""
    first = await register(alone)
    second = await login(alone, "Anna")
    assert (second.status, second.data["user"]) == (200, first.data["user"])
    assert second.data["accessToken"] != first.data["accessToken"]
    for answer in (first, second):
        assert await works(signed_in(alone, answer))
    for wrong in (PASSWORD.upper(), f"{PASSWORD} ", ""):
        assert (await login(alone, "anna", wrong)).status == 401


async def test_an_unknown_user_and_a_wrong_password_look_alike(alone: Place) -> None:
    """Nobody learns from text or work who has an account."""
    await register(alone)
    took: dict[str, list[float]] = {"anna": [], "nobody": [], "no/name": []}
    for _ in range(5):
        for name, seconds in took.items():
            begun = time.perf_counter()
            refused = await login(alone, name, "wrong password")
            seconds.append(time.perf_counter() - begun)
            assert refused.refusal == NOT_SIGNED_IN
            assert set(refused.error) == {"code", "message", "requestId"}
    known = statistics.median(took.pop("anna"))
    for name, seconds in took.items():
        assert 0.4 < statistics.median(seconds) / known < 2.5, f"{name}: {seconds} against {known}"


async def test_a_refresh_token_is_changed_for_the_next(alone: Place) -> None:
    """Refreshing answers new tokens of the same session, as often as wanted."""
    answer = await register(alone)
    for _ in range(3):
        renewed = await refresh(alone, answer.data["refreshToken"])
        assert renewed.status == 200
        assert set(renewed.data) == {"user", "accessToken", "refreshToken", "expiresIn"}
        assert renewed.data["refreshToken"] != answer.data["refreshToken"]
        assert await works(signed_in(alone, renewed))
        answer = renewed


async def test_a_refresh_token_used_again_ends_its_session(alone: Place) -> None:
    """Somebody else holds it too: all tokens of the session are refused from then on, other sessions live."""
    first = await register(alone)
    elsewhere = signed_in(alone, await login(alone))
    second = await refresh(alone, first.data["refreshToken"])
    assert (await refresh(alone, first.data["refreshToken"])).refusal == ENDED
    assert (await refresh(alone, second.data["refreshToken"])).refusal == ENDED
    for answer in (first, second):
        assert not await works(signed_in(alone, answer))
    assert await works(elsewhere)


async def test_the_kinds_of_tokens_are_not_exchanged(alone: Place) -> None:
    """A refresh token opens no route, an access token refreshes nothing, and a made-up one neither."""
    answer = await register(alone)
    anna = signed_in(alone, answer)
    assert not await works(Person(alone, anna.id, "anna", answer.data["refreshToken"]))
    assert (await refresh(alone, anna.token)).status == 401
    assert (await refresh(alone, alone.token(anna.id))).status == 401
    assert not await works(Person(alone, anna.id, "anna", alone.token(anna.id, "anna", sid=anna.id, typ="access")))
    assert (await refresh(alone, "")).status in (400, 401)
    assert (await alone.post(f"{AUTH}/refresh", {})).status == 400


async def test_access_ends_after_a_quarter_of_an_hour(start_server: StartServer) -> None:
    """Then the access token is told to be expired, and the refresh token brings a new one, for thirty days."""
    clock = Clock()
    place = await start_server(JWT_SECRET="", clock=clock)
    answer = await register(place)
    anna = signed_in(place, answer)
    clock.advance(895)
    assert await works(anna)
    clock.advance(10)
    assert (await anna.get("conversations")).refusal == (401, "UNAUTHORIZED", "Token expired")
    renewed = await refresh(place, answer.data["refreshToken"])
    assert await works(signed_in(place, renewed))
    clock.advance(30 * 24 * 3600 + 60)
    assert (await refresh(place, renewed.data["refreshToken"])).status == 401


async def test_signing_out_ends_the_session_at_once(alone: Place) -> None:
    """Its tokens are 401, its sockets close with 4504; other sessions of the user go on, sockets included."""
    answer = await register(alone)
    anna, elsewhere = signed_in(alone, answer), signed_in(alone, await login(alone))
    async with anna.socket() as socket, elsewhere.socket() as other:
        token = {"refreshToken": answer.data["refreshToken"]}
        assert (await anna.post(f"{AUTH}/logout", token)).status == 200
        assert await socket.closed() == 4504
        assert not await works(anna)
        assert (await refresh(alone, answer.data["refreshToken"])).refusal == ENDED
        assert await works(elsewhere)
        await other.quiet()


async def test_signing_out_needs_the_refresh_token_alone(alone: Place) -> None:
    """Whoever's access token has run out can still sign out; twice changes nothing."""
    answer = await register(alone)
    token = {"refreshToken": answer.data["refreshToken"]}
    assert (await alone.post(f"{AUTH}/logout", token)).status == 200
    assert (await alone.post(f"{AUTH}/logout", token)).status == 200
    assert not await works(signed_in(alone, answer))


async def test_signing_out_everywhere(alone: Place) -> None:
    """All sessions end, this one included, and the sockets of all close with 4504; nobody else notices."""
    first, second = await register(alone), await login(alone)
    ben = signed_in(alone, await register(alone, "ben"))
    anna, elsewhere = signed_in(alone, first), signed_in(alone, second)
    async with anna.socket() as one, elsewhere.socket() as other, ben.socket() as bens:
        assert (await anna.post(f"{AUTH}/logout-all")).status == 200
        assert [await socket.closed() for socket in (one, other)] == [4504, 4504]
        await bens.quiet()
    assert [await works(person) for person in (anna, elsewhere, ben)] == [False, False, True]
    for answer in (first, second):
        assert (await refresh(alone, answer.data["refreshToken"])).refusal == ENDED
    assert (await login(alone)).status == 200
    assert (await alone.post(f"{AUTH}/logout-all")).status == 401


async def test_a_new_password_ends_all_sessions(alone: Place) -> None:
    """The old one is asked for; then every session ends, the old password is none, and the answer signs in anew."""
    answer = await register(alone)
    anna, elsewhere = signed_in(alone, answer), signed_in(alone, await login(alone))
    new = "another long password"
    wrong = await anna.post(f"{AUTH}/password", {"password": "wrong password", "newPassword": new})
    assert (wrong.status, wrong.error["code"]) == (403, "FORBIDDEN")
    assert await works(elsewhere)
    async with elsewhere.socket() as socket:
        changed = await anna.post(f"{AUTH}/password", {"password": PASSWORD, "newPassword": new})
        assert changed.status == 200
        assert await socket.closed() == 4504
    assert [await works(person) for person in (anna, elsewhere)] == [False, False]
    assert (await refresh(alone, answer.data["refreshToken"])).status == 401
    assert await works(signed_in(alone, changed))
    assert (await login(alone)).refusal == NOT_SIGNED_IN
    assert (await login(alone, password=new)).status == 200


async def test_sessions_outlive_the_server(start_server: StartServer) -> None:
    """A restart signs nobody out: another server on the same database takes the same tokens."""
    first = await start_server(JWT_SECRET="")
    answer = await register(first)
    second = await start_server(JWT_SECRET="")
    assert await works(signed_in(second, answer))
    assert (await refresh(second, answer.data["refreshToken"])).status == 200


async def test_ten_attempts_a_minute_per_name(start_server: StartServer) -> None:
    """The 11th attempt to sign in as somebody is 429, right password or not; for another name it is not."""
    clock = Clock()
    place = await start_server(JWT_SECRET="", clock=clock)
    await register(place)
    attempts = [await login(place, "anna", "wrong password") for _ in range(10)]
    assert {answer.status for answer in attempts} == {401}
    for name in ("anna", "ANNA"):
        refused = await login(place, name)
        assert (refused.status, refused.error["code"]) == (429, "RATE_LIMITED")
        assert int(refused.headers["retry-after"]) == refused.error["retryAfter"] <= 60
    assert (await login(place, "ben")).status == 401
    clock.advance(61)
    assert (await login(place)).status == 200


@pytest.mark.parametrize("route", ["register", "login", "refresh", "logout"])
async def test_a_bad_body_is_400(alone: Place, route: str) -> None:
    """Whatever a form sends that is no such body is told as the sender's fault."""
    bodies: list[Any] = [None, {}, [], {"username": 1, "password": 2, "refreshToken": 3}, b"{"]
    for body in bodies:
        answer = await alone.post(f"{AUTH}/{route}", body, headers={"Content-Type": "application/json"})
        assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")


# -- profile and followers ------------------------------------------------------------------------------------------------


async def test_people_own_their_profiles(alone: Place) -> None:
    """Name and picture can be set, taken back, and are shown to partners; other fields keep what they were."""
    anna, ben = [signed_in(alone, await register(alone, name)) for name in ("anna", "ben")]
    await ben.conversation(anna)
    changed = await anna.patch("/api/v1/users/me", {"displayName": "Anna B.", "whoCanMessage": "followers"})
    assert (changed.data["displayName"], changed.data["whoCanMessage"], changed.data["avatar"]) == (
        "Anna B.",
        "followers",
        "",
    )
    assert (await ben.conversations())[0]["otherUser"]["displayName"] == "Anna B."
    back = await anna.patch("/api/v1/users/me", {"displayName": None})
    assert (back.data["displayName"], back.data["whoCanMessage"]) == ("anna", "followers")


@pytest.mark.parametrize(
    "change",
    [{"whoCanMessage": "friends"}, {"sendReadReceipts": "yes"}, {"displayName": "x" * 201}, {"avatar": "javascript:1"}],
)
async def test_a_setting_that_is_none_is_400(alone: Place, change: dict[str, str]) -> None:
    """An unknown value changes nothing."""
    anna = signed_in(alone, await register(alone))
    before = (await anna.get("/api/v1/users/me")).data
    answer = await anna.patch("/api/v1/users/me", change)
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert (await anna.get("/api/v1/users/me")).data == before


async def test_followers_follow_and_leave(alone: Place) -> None:
    """Following opens the way to who takes followers, again changes nothing, and leaving closes it for strangers."""
    anna, ben, cora = [signed_in(alone, await register(alone, name)) for name in ("anna", "ben", "cora")]
    await ben.patch("/api/v1/users/me", {"whoCanMessage": "followers"})
    for _ in range(2):
        assert (await anna.put("/api/v1/users/ben/follow")).status == 200
    await cora.put("/api/v1/users/ben/follow")
    await anna.conversation(ben)
    for _ in range(2):
        assert (await cora.delete("/api/v1/users/ben/follow")).status == 200
    assert (await cora.get("conversations/with/ben")).status == 403
    assert (await anna.put("/api/v1/users/nobody/follow")).status == 404
    assert (await anna.put("/api/v1/users/anna/follow")).status == 400


async def test_nobody_follows_across_a_block(alone: Place) -> None:
    """Neither the blocked one nor the blocker begins to follow, so a block cannot be got around; leaving stays possible."""
    anna, ben = [signed_in(alone, await register(alone, name)) for name in ("anna2", "ben2")]
    await anna.put("/api/v1/users/ben2/follow")
    await ben.post("blocks", {"username": "anna2"})
    for person, name in ((anna, "ben2"), (ben, "anna2")):
        refused = await person.put(f"/api/v1/users/{name}/follow")
        assert refused.refusal == (403, "BLOCKED", "Cannot follow this user")
    assert (await anna.delete("/api/v1/users/ben2/follow")).status == 200


async def test_a_user_named_me_is_followed_like_others(alone: Place) -> None:
    """The name stands beside `/users/me` and hides nobody (T-015)."""
    anna, other = [signed_in(alone, await register(alone, name)) for name in ("anna3", "mes")]
    await alone.sql("UPDATE users SET username = 'me', username_key = 'me' WHERE id = $1", UUID(other.id))
    for method in (anna.put, anna.delete):
        answer = await method("/api/v1/users/me/follow")
        assert (answer.status, answer.data["username"]) == (200, "me")


async def test_people_are_found_by_the_begin_of_their_names(alone: Place) -> None:
    """A prefix, without case, finds others; not oneself, and no wildcard finds everybody."""
    people = {name: signed_in(alone, await register(alone, name)) for name in ("anna", "Annabel", "ben", "an_na")}

    async def found(query: str, **more: Any) -> list[str]:
        answer = await people["ben"].get("/api/v1/users", query=query, **more)
        return [user["username"] for user in answer.data["users"]]

    assert await found("ANN") == ["anna", "Annabel"]
    assert await found("an") == ["an_na", "anna", "Annabel"]
    assert await found("an", limit=1) == ["an_na"]
    assert await found("an_") == ["an_na"]
    assert await found("%") == await found("ben") == await found("nna") == []
    assert (await people["ben"].get("/api/v1/users", query="")).status == 400
