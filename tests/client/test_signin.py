"""An account kept signed in: tokens from memory, refreshed in time and once for all who ask."""

import asyncio
import base64

import pytest
from tests.client.conftest import Connect, Pace
from tests.client.standin import ME, Answer, Standin, error

from duologue.client import ApiError, Rest, SignIn
from duologue.client.tokens import expires_at

LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/auth/refresh"
WORD = "correct horse"


def signed(number: int) -> Answer:
    """Answer with the tokens of the n-th sign-in or refresh, which live 900 s."""
    user = {"id": ME, "username": "me"}
    return Answer({"user": user, "accessToken": f"a{number}", "refreshToken": f"r{number}", "expiresIn": 900})


async def signin(rest: Rest, standin: Standin, pace: Pace) -> SignIn:
    """Sign in, and script two refreshes."""
    standin.answer("POST", LOGIN, signed(0))
    standin.answer("POST", REFRESH, signed(1), signed(2))
    rest.token = tokens = SignIn(rest, await rest.login("me", WORD), clock=pace.timing.clock)
    return tokens


def refreshes(standin: Standin) -> list[str]:
    """Return the refresh tokens that were used."""
    return [seen.body["refreshToken"] for seen in standin.requests if seen.path == REFRESH]


async def test_a_token_that_lives_is_handed_out_again(rest: Rest, standin: Standin, pace: Pace) -> None:
    """No request per call, and none for a fresh token that is fresh already."""
    tokens = await signin(rest, standin, pace)
    assert [await tokens(fresh=False), await tokens(fresh=True)] == ["a0", "a0"]
    pace.now += 869
    assert await tokens(fresh=False) == "a0"
    assert refreshes(standin) == []


async def test_a_token_about_to_expire_is_refreshed(rest: Rest, standin: Standin, pace: Pace) -> None:
    """Half a minute before its end, with the refresh token of the last answer."""
    tokens = await signin(rest, standin, pace)
    pace.now += 870
    assert await tokens(fresh=False) == "a1"
    pace.now += 870
    assert await tokens(fresh=False) == "a2"
    assert refreshes(standin) == ["r0", "r1"]
    assert tokens.refresh_token == "r2"


async def test_all_who_ask_at_once_share_one_refresh(rest: Rest, standin: Standin, pace: Pace) -> None:
    """A refresh token used twice would end the session."""
    tokens = await signin(rest, standin, pace)
    pace.now += 60
    assert await asyncio.gather(*(tokens(fresh=True) for _ in range(5))) == ["a1"] * 5
    assert refreshes(standin) == ["r0"]


async def test_signing_in_out_and_up(rest: Rest, standin: Standin) -> None:
    """By password, as a new account, and out again with the current refresh token."""
    standin.answer("POST", LOGIN, signed(3))
    standin.answer("POST", "/api/v1/auth/register", signed(4))
    standin.answer("POST", "/api/v1/auth/logout", Answer())
    assert (await SignIn.login(rest, "me", WORD)).user.username == "me"
    rest.token = tokens = await SignIn.register(rest, "me", WORD)
    await tokens.logout()
    assert standin.requests[-1].body == {"refreshToken": "r4"}


async def test_a_new_password_keeps_this_sign_in(rest: Rest, standin: Standin, pace: Pace) -> None:
    """All sessions end, and this one goes on with the tokens of the answer."""
    tokens = await signin(rest, standin, pace)
    standin.answer("POST", "/api/v1/auth/password", signed(7))
    await tokens.change_password(WORD, "battery staple")
    assert (await tokens(fresh=False), tokens.refresh_token) == ("a7", "r7")


async def test_a_session_lives_on_a_sign_in(rest: Rest, standin: Standin, pace: Pace, connect: Connect) -> None:
    """One provider for REST and the socket."""
    tokens = await signin(rest, standin, pace)
    async with connect(tokens) as session:
        await session.opened()
        assert standin.peers[0].headers["Authorization"] == "Bearer a0"


async def test_a_sign_in_that_was_ended_ends_the_session(
    rest: Rest, standin: Standin, pace: Pace, connect: Connect
) -> None:
    """When the refresh is refused nobody can go on."""
    tokens = await signin(rest, standin, pace)
    standin.answer("POST", REFRESH, error(401, "UNAUTHORIZED", "Session ended"))
    pace.now += 900
    async with connect(tokens) as session:
        with pytest.raises(ApiError) as caught:
            await session.opened()
    assert caught.value.status == 401


@pytest.mark.parametrize(
    ("claims", "expires"),
    [(b'{"exp":17}', 17.0), (b'{"sub":"x"}', None), (b"no json", None), (b'{"exp":"soon"}', None)],
)
def test_the_end_of_a_token_is_read_from_it(claims: bytes, expires: float | None) -> None:
    """As far as it is a JWT that says so."""
    part = base64.urlsafe_b64encode(claims).rstrip(b"=").decode()
    assert expires_at(f"h.{part}.s") == expires
    assert expires_at(part) is None
    assert expires_at("h.é.s") is None
