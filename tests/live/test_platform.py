"""Behind a platform: whose keys count, whom a token names, and what the platform keeps to itself (design part 6)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.auth.endpoint import Endpoint, Private, jwk, key_set
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.people import SECRET, Answer, Person, Place

from duologue.auth.claims import external_user_id

MAKE: dict[str, Callable[[], Private]] = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@pytest.fixture(scope="session")
def keys() -> dict[str, Private]:
    """Give key pairs of the platform, by algorithm; RSA keys take long to make."""
    return {algorithm: make() for algorithm, make in MAKE.items()}


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """Give a platform's key endpoint that listens."""
    made = Endpoint()
    await made.start()
    yield made
    await made.stop()


def pem(key: Private) -> str:
    """Return the public half as PEM text."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def token(key: Private | str, algorithm: str, kid: str | None = None, **claims: Any) -> str:
    """Sign a token as the platform does."""
    payload = {"sub": str(uuid4()), "exp": int(time.time()) + 3600, **claims}
    return jwt.encode(payload, key, algorithm, headers=None if kid is None else {"kid": kid})


async def me(place: Place, bearer: str) -> Answer:
    """Ask who a token is."""
    return await place.get("/api/v1/users/me", headers={"Authorization": f"Bearer {bearer}"})


@pytest.mark.parametrize("algorithm", MAKE)
async def test_a_public_key_verifies_tokens(
    start_server: StartServer, keys: dict[str, Private], algorithm: str
) -> None:
    """Tokens signed with the platform's key are taken, those of another key of the same kind are not."""
    place = await start_server(JWT_PUBLIC_KEY=pem(keys[algorithm]))
    assert (await me(place, token(keys[algorithm], algorithm))).status == 200
    assert (await me(place, token(MAKE[algorithm](), algorithm))).status == 401


async def test_a_public_key_is_no_secret(start_server: StartServer, keys: dict[str, Private]) -> None:
    """A token signed by HS256 with the public key's text as its secret, as everybody could, is refused."""
    public = pem(keys["RS256"])
    place = await start_server(JWT_PUBLIC_KEY=public)
    head, payload = (jwt.utils.base64url_encode(part) for part in (b'{"alg":"HS256","typ":"JWT"}', b"{}"))
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        head + b"." + payload, public.encode()
    )
    forged = b".".join((head, payload, jwt.utils.base64url_encode(signature))).decode()
    assert (await me(place, forged)).status == 401
    assert (await me(place, token(keys["ES256"], "ES256"))).status == 401


async def test_keys_come_from_the_platforms_endpoint(
    start_server: StartServer, keys: dict[str, Private], endpoint: Endpoint
) -> None:
    """Keys of a JWKS are found by their names and kinds, and fetched once, not for each request."""
    endpoint.serve(key_set(*(jwk(key, name) for name, key in keys.items())))
    place = await start_server(JWT_JWKS_URL=endpoint.url)
    for algorithm, key in keys.items():
        assert (await me(place, token(key, algorithm, algorithm))).status == 200
    assert (await me(place, token(keys["RS256"], "RS256", "ES256"))).status == 401
    assert endpoint.requests == 1


async def test_a_platform_changes_its_keys(
    start_server: StartServer, keys: dict[str, Private], endpoint: Endpoint
) -> None:
    """A key that is not known yet makes the server ask again, at most once a minute; keys of the old set end with it."""
    clock = Clock()
    endpoint.serve(key_set(jwk(keys["RS256"], "old")))
    place = await start_server(JWT_JWKS_URL=endpoint.url, clock=clock)
    old, new = token(keys["RS256"], "RS256", "old"), token(keys["ES256"], "ES256", "new")
    assert (await me(place, old)).status == 200
    endpoint.serve(key_set(jwk(keys["ES256"], "new")))
    assert [(await me(place, new)).status for _ in range(5)] == [401] * 5
    assert endpoint.requests == 1
    clock.advance(61)
    assert (await me(place, new)).status == 200
    assert (await me(place, old)).status == 401


async def test_the_endpoint_may_go_away(
    start_server: StartServer, keys: dict[str, Private], endpoint: Endpoint
) -> None:
    """What is known stays good while the platform is down; who never reached it answers 503, not 401, and recovers."""
    clock = Clock()
    endpoint.serve(key_set(jwk(keys["RS256"], "one")))
    known = await start_server(JWT_JWKS_URL=endpoint.url)
    bearer = token(keys["RS256"], "RS256", "one")
    assert (await me(known, bearer)).status == 200
    await endpoint.stop()
    assert (await me(known, token(keys["RS256"], "RS256", "one"))).status == 200
    fresh = await start_server(JWT_JWKS_URL=endpoint.url, clock=clock)
    away = await me(fresh, bearer)
    assert (away.status, away.error["code"]) == (503, "UNAVAILABLE")
    assert int(away.headers["retry-after"]) == away.error["retryAfter"] >= 1
    await endpoint.start()
    clock.advance(away.error["retryAfter"])
    assert (await me(fresh, bearer)).status == 200


async def test_two_secrets_while_rotating(start_server: StartServer) -> None:
    """`new,old`: tokens of both are good, of a third not."""
    new = "the new secret of the platform for tests"
    place = await start_server(JWT_SECRET=f"{new},{SECRET}")
    for secret, status in ((new, 200), (SECRET, 200), (new[::-1], 401)):
        assert (await me(place, token(secret, "HS256"))).status == status


async def test_audience_and_issuer_are_checked_if_set(start_server: StartServer) -> None:
    """Only tokens for us, of the named issuer, are taken."""
    place = await start_server(JWT_AUDIENCE="chat", JWT_ISSUER="https://id.example.com")
    good: dict[str, Any] = {"aud": ["web", "chat"], "iss": "https://id.example.com"}
    for change, status in ({}, 200), ({"aud": "web"}, 401), ({"iss": "https://evil.example.com"}, 401):
        assert (await me(place, token(SECRET, "HS256", **{**good, **change}))).status == status
    for missing in good:
        bearer = token(SECRET, "HS256", **{name: value for name, value in good.items() if name != missing})
        assert (await me(place, bearer)).status == 401


# -- whom a token names ---------------------------------------------------------------------------------------------------


async def test_the_user_is_the_first_uuid(live: Place) -> None:
    """`user_id` goes before `sub`; whichever is a UUID names the user."""
    one, other = str(uuid4()), str(uuid4())
    for claims, expected in (
        ({"user_id": one, "sub": other}, one),
        ({"user_id": "7", "sub": other}, other),
        ({"sub": one.upper()}, one),
    ):
        assert (await me(live, token(SECRET, "HS256", **claims))).data["id"] == expected


async def test_a_subject_that_is_no_uuid_is_a_user_for_ever(live: Place) -> None:
    """Issuer and subject make the id: the same ones the same user, another issuer another."""
    subject = f"auth0|{uuid4().hex}"
    claims = {"sub": subject, "iss": "https://id.example.com"}
    first = await me(live, token(SECRET, "HS256", **claims))
    again = await me(live, token(SECRET, "HS256", **claims))
    other = await me(live, token(SECRET, "HS256", sub=subject, iss="https://id.example.org"))
    assert first.data == again.data
    assert UUID(first.data["id"]) == external_user_id("https://id.example.com", subject)
    assert other.data["id"] != first.data["id"]
    rows = await live.sql("SELECT external_id FROM users WHERE id = $1", UUID(first.data["id"]))
    assert [row["external_id"] for row in rows] == [subject]


async def test_who_has_no_name_gets_a_stable_one(live: Place) -> None:
    """Without a username a generated one, the same ever after, by which partners find the user."""
    user_id = str(uuid4())
    names = {(await me(live, live.token(user_id))).data["username"] for _ in range(2)}
    assert len(names) == 1
    one = await live.person()
    found = await one.get(f"conversations/with/{names.pop()}")
    assert found.data["otherUser"]["id"] == user_id


async def test_a_token_refreshes_the_profile(live: Place) -> None:
    """What the platform says anew is shown at once; what a token leaves out stays."""
    one = await live.person(name="Anna", picture="https://img.example.com/a.png")
    bearer = live.token(one.id, f"{one.username}-new", name="Anna B.")
    found = (await me(live, bearer)).data
    assert (found["username"], found["displayName"]) == (f"{one.username}-new", "Anna B.")
    assert found["avatar"] == "https://img.example.com/a.png"
    again = (await me(live, live.token(one.id))).data
    assert again == found


async def test_a_claimed_name_is_won(live: Place) -> None:
    """A token that names somebody else's username takes it; the former holder gets a generated one until next seen."""
    one, other = await live.people(2)
    taken = one.username
    winner = (await me(live, live.token(other.id, taken.upper()))).data
    assert winner["username"] == taken.upper()
    rows = await live.sql("SELECT username FROM users WHERE id = $1", UUID(one.id))
    assert rows[0]["username"] != taken
    third = await live.person()
    assert (await third.get(f"conversations/with/{taken}")).data["otherUser"]["id"] == other.id
    back = (await me(live, live.token(one.id, f"{taken}-again"))).data
    assert back["username"] == f"{taken}-again"


async def test_strangers_are_known_by_their_first_token(live: Place) -> None:
    """Before that they are 404, afterwards they can be written to."""
    one, stranger = await live.person(), live.stranger()
    assert (await one.get(f"conversations/with/{stranger.username}")).status == 404
    await stranger.get("conversations")
    assert (await one.get(f"conversations/with/{stranger.username}")).status == 200


@pytest.mark.parametrize("claim", ["a/b", "x" * 65, "a\nb", "..", 7, None])
async def test_a_name_that_cannot_be_used_is_left_out(live: Place, claim: object) -> None:
    """It does not keep anybody from signing in: the user gets a generated name."""
    user_id = str(uuid4())
    found = (await me(live, token(SECRET, "HS256", sub=user_id, username=claim))).data
    assert found["id"] == user_id
    assert found["username"] not in ("", claim)


async def test_twenty_first_requests_at_once_make_one_user(live: Place) -> None:
    """However many devices of a new user arrive together, they are one user."""
    stranger = live.stranger()
    people = [Person(live, stranger.id, stranger.username, stranger.token) for _ in range(20)]
    answers = await asyncio.gather(*(person.get("/api/v1/users/me") for person in people))
    assert {(answer.status, answer.data["id"], answer.data["username"]) for answer in answers} == {
        (200, stranger.id, stranger.username)
    }


# -- what the platform keeps ----------------------------------------------------------------------------------------------


async def test_the_platform_owns_profiles_and_followers(live: Place) -> None:
    """Profile fields and following are 403; settings stay the user's own."""
    one, other = await live.people(2)
    for change in ({"displayName": "Anna"}, {"avatar": "https://img.example.com/a.png", "showLastSeen": False}):
        refused = await one.patch("/api/v1/users/me", change)
        assert (refused.status, refused.error["code"]) == (403, "FORBIDDEN")
    for answer in (
        await one.put(f"/api/v1/users/{other.username}/follow"),
        await one.delete(f"/api/v1/users/{other.username}/follow"),
    ):
        assert (answer.status, answer.error["code"]) == (403, "FORBIDDEN")
    settings = {"whoCanMessage": "followers", "sendReadReceipts": False, "showLastSeen": False}
    changed = (await one.patch("/api/v1/users/me", settings)).data
    assert {name: changed[name] for name in settings} == settings
    assert (await one.get("/api/v1/users/me")).data == changed


@pytest.mark.parametrize("route", ["register", "login", "refresh", "logout", "logout-all", "password"])
async def test_there_are_no_accounts_behind_a_platform(live: Place, route: str) -> None:
    """Everything below /api/v1/auth is 404, whoever asks."""
    one = await live.person()
    body = {"username": "anna", "password": "correct horse battery", "refreshToken": one.token}
    for answer in (await live.post(f"/api/v1/auth/{route}", body), await one.post(f"/api/v1/auth/{route}", body)):
        assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")
