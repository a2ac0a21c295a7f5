"""Key sets over HTTP: a real endpoint on loopback that rotates, stalls, lies and goes away."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import httpx
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt import PyJWS
from jwt.algorithms import RSAAlgorithm
from tests.auth.endpoint import Endpoint, Private, jwk, key_set

from duologue.auth.claims import Claims, KeysUnavailable, TokenError
from duologue.auth.jwks import KeySetError, RemoteKeys, read_key_set
from duologue.auth.tokens import PlatformTokens

NOW = 1_800_000_000.0
ANNA = UUID("0190a5c8-5b7e-7c3a-9d55-000000000001")


def token(key: Private, kid: str | None, algorithm: str = "RS256", sub: str = str(ANNA)) -> str:
    """A good token signed by this key."""
    header = {} if kid is None else {"kid": kid}
    return PyJWS().encode(json.dumps({"sub": sub, "exp": NOW + 86_400}).encode(), key, algorithm, headers=header)


class Platform:
    """An endpoint, the keys behind it and a verifier, with one clock for the age of the set."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.seconds = 1000.0
        # No proxy of the environment stands between the test and its endpoint.
        client = httpx.AsyncClient(trust_env=False)
        self.keys = RemoteKeys(endpoint.url, client=client, monotonic=lambda: self.seconds, timeout=2.0)
        self.tokens = PlatformTokens(self.keys, clock=lambda: NOW)

    async def verify(self, bearer: str) -> Claims:
        """Within ten seconds, whatever the endpoint does."""
        async with asyncio.timeout(10):
            return await self.tokens.verify(bearer)

    async def refuse(self, bearer: str) -> None:
        """It is no valid token."""
        with pytest.raises(TokenError):
            await self.verify(bearer)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """One that listens already."""
    made = Endpoint()
    await made.start()
    yield made
    made.open.set()
    await made.stop()


@pytest.fixture
async def platform(endpoint: Endpoint) -> AsyncIterator[Platform]:
    """A platform whose keys have not been fetched yet."""
    made = Platform(endpoint)
    yield made
    await made.keys.aclose()


# --- rotation ---------------------------------------------------------------------------------------------------------


async def test_keys_are_fetched_once_and_found_by_kid(
    platform: Platform, rsa_key: rsa.RSAPrivateKey, other_rsa_key: rsa.RSAPrivateKey
) -> None:
    """Every accepted kind in one set, one request; a key under another's kid opens nothing."""
    curve, edwards = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    platform.endpoint.serve(key_set(jwk(rsa_key, "r", alg="RS256", use="sig"), jwk(curve, "e"), jwk(edwards, "d")))
    for key, kid, algorithm in ((rsa_key, "r", "RS256"), (curve, "e", "ES256"), (edwards, "d", "EdDSA")):
        assert (await platform.verify(token(key, kid, algorithm))).user_id == ANNA
        assert (await platform.verify(token(key, None, algorithm))).user_id == ANNA
    await platform.refuse(token(other_rsa_key, "r"))
    await platform.refuse(token(rsa_key, "e"))
    await platform.refuse(token(rsa_key, "r", "RS512"))
    assert platform.endpoint.requests == 1


async def test_a_new_kid_is_fetched_at_most_once_a_minute(
    platform: Platform, rsa_key: rsa.RSAPrivateKey, other_rsa_key: rsa.RSAPrivateKey
) -> None:
    """The key is rotated: its tokens pass from the next minute on, and strangers cannot make us ask more often."""
    platform.endpoint.serve(key_set(jwk(rsa_key, "1")))
    await platform.verify(token(rsa_key, "1"))
    platform.endpoint.serve(key_set(jwk(rsa_key, "1"), jwk(other_rsa_key, "2")))
    platform.seconds += 59
    await platform.refuse(token(other_rsa_key, "2"))
    assert platform.endpoint.requests == 1
    platform.seconds += 1
    assert (await platform.verify(token(other_rsa_key, "2"))).user_id == ANNA
    for kid in ("3", "4", "\ud800", ""):
        await platform.refuse(token(other_rsa_key, kid))
    assert platform.endpoint.requests == 2
    platform.seconds += 60
    await platform.refuse(token(other_rsa_key, "3"))
    assert platform.endpoint.requests == 3


async def test_a_withdrawn_key_stops_opening_even_for_a_remembered_token(
    platform: Platform, rsa_key: rsa.RSAPrivateKey, other_rsa_key: rsa.RSAPrivateKey
) -> None:
    """The memory of verified tokens ends with the key set."""
    platform.endpoint.serve(key_set(jwk(rsa_key, "1")))
    bearer = token(rsa_key, "1")
    assert await platform.verify(bearer) == await platform.verify(bearer)
    platform.endpoint.serve(key_set(jwk(other_rsa_key, "2")))
    platform.seconds += 60
    await platform.verify(token(other_rsa_key, "2"))
    await platform.refuse(bearer)


async def test_many_who_wait_share_one_fetch(platform: Platform, rsa_key: rsa.RSAPrivateKey) -> None:
    """The first set is asked for once, and one caller who gives up does not take it from the others."""
    platform.endpoint.serve(key_set(jwk(rsa_key, "1")))
    platform.endpoint.open.clear()
    bearers = [token(rsa_key, "1", sub=f"user-{number}") for number in range(20)]
    waiting = [asyncio.create_task(platform.verify(bearer)) for bearer in bearers]
    await platform.endpoint.asked.wait()
    waiting[0].cancel()
    platform.endpoint.open.set()
    first, *others = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert len({other.user_id for other in others if isinstance(other, Claims)}) == 19
    assert platform.endpoint.requests == 1


async def test_an_old_set_is_refreshed_without_making_anybody_wait(
    platform: Platform, rsa_key: rsa.RSAPrivateKey, other_rsa_key: rsa.RSAPrivateKey
) -> None:
    """After ten minutes the next token is answered from the old set while the new one is on its way."""
    platform.endpoint.serve(key_set(jwk(rsa_key, "1")))
    bearer = token(rsa_key, "1")
    await platform.verify(bearer)
    platform.endpoint.serve(key_set(jwk(other_rsa_key, "2")))
    platform.endpoint.open.clear()
    platform.endpoint.asked.clear()
    platform.seconds += 600
    await platform.verify(bearer)
    assert platform.endpoint.requests == 1
    platform.seconds += 1
    assert (await platform.verify(bearer)).user_id == ANNA
    await platform.endpoint.asked.wait()
    assert (await platform.verify(bearer)).user_id == ANNA
    platform.endpoint.open.set()
    assert await platform.keys.renew()
    await platform.refuse(bearer)
    assert (await platform.verify(token(other_rsa_key, "2"))).user_id == ANNA
    assert platform.endpoint.requests == 2


async def test_after_an_idle_hour_the_set_is_fetched_before_a_token_is_judged(
    platform: Platform, rsa_key: rsa.RSAPrivateKey, other_rsa_key: rsa.RSAPrivateKey
) -> None:
    """A key withdrawn in a quiet night does not open once more in the morning."""
    platform.endpoint.serve(key_set(jwk(rsa_key, "1")))
    bearer = token(rsa_key, "1")
    await platform.verify(bearer)
    platform.endpoint.serve(key_set(jwk(other_rsa_key, "2")))
    platform.seconds += 3601
    await platform.refuse(bearer)
    assert platform.endpoint.requests == 2


# --- an endpoint that goes away ---------------------------------------------------------------------------------------


async def test_the_last_good_set_serves_while_the_endpoint_is_away(
    platform: Platform, rsa_key: rsa.RSAPrivateKey, other_rsa_key: rsa.RSAPrivateKey
) -> None:
    """Known keys open for as long as it takes, unknown ones do not, and its return is noticed."""
    platform.endpoint.serve(key_set(jwk(rsa_key, "1")))
    await platform.verify(token(rsa_key, "1"))
    await platform.endpoint.stop()
    for number in range(5):
        platform.seconds += 7200
        assert (await platform.verify(token(rsa_key, "1", sub=f"user-{number}"))).external_id == f"user-{number}"
        await platform.refuse(token(other_rsa_key, "2"))
    platform.endpoint.serve(key_set(jwk(rsa_key, "1"), jwk(other_rsa_key, "2")))
    await platform.endpoint.start()
    platform.seconds += 60
    assert (await platform.verify(token(other_rsa_key, "2"))).user_id == ANNA


async def test_without_a_first_set_no_token_is_judged(platform: Platform, rsa_key: rsa.RSAPrivateKey) -> None:
    """That is not the token's fault: KeysUnavailable, asked again every five seconds, and good when the endpoint is."""
    await platform.endpoint.stop()
    bearer = token(rsa_key, "1")
    for _ in range(3):
        with pytest.raises(KeysUnavailable) as caught:
            await platform.verify(bearer)
        assert caught.value.retry_after == 5
    platform.endpoint.serve(key_set(jwk(rsa_key, "1")))
    await platform.endpoint.start()
    platform.seconds += 4
    with pytest.raises(KeysUnavailable):
        await platform.verify(bearer)
    assert platform.endpoint.requests == 0
    platform.seconds += 1
    assert (await platform.verify(bearer)).user_id == ANNA


async def test_an_endpoint_that_does_not_answer_is_given_up(endpoint: Endpoint, rsa_key: rsa.RSAPrivateKey) -> None:
    """The whole fetch has one deadline, whatever the client allows for each step."""
    endpoint.open.clear()
    client = httpx.AsyncClient(trust_env=False, timeout=None)  # noqa: S113 - the deadline under test is ours
    keys = RemoteKeys(endpoint.url, client=client, monotonic=lambda: 0.0, timeout=0.05)
    with pytest.raises(KeysUnavailable):
        async with asyncio.timeout(10):
            await PlatformTokens(keys, clock=lambda: NOW).verify(token(rsa_key, "1"))
    assert endpoint.asked.is_set()
    await keys.aclose()


async def test_closing_gives_up_a_fetch_under_way(endpoint: Endpoint) -> None:
    """A server that stops does not wait for a key set."""
    endpoint.open.clear()
    keys = RemoteKeys(endpoint.url, client=httpx.AsyncClient(trust_env=False), monotonic=lambda: 0.0, timeout=60)
    waiting = asyncio.create_task(keys.ready())
    await endpoint.asked.wait()
    async with asyncio.timeout(5):
        await keys.aclose()
        with pytest.raises(asyncio.CancelledError):
            await waiting


Bad = Callable[[Endpoint, bytes], None]
BAD_ANSWERS: dict[str, Bad] = {
    "server error": lambda endpoint, body: endpoint.serve(body, status="500 Oops"),
    "not found": lambda endpoint, body: endpoint.serve(body, status="404 Not Found"),
    "no content": lambda endpoint, _: endpoint.serve(b"", status="204 No Content"),
    "redirect": lambda endpoint, body: endpoint.serve(
        body, status="302 Found", headers=f"location: {endpoint.url}?b\r\n"
    ),
    "no HTTP": lambda endpoint, _: setattr(endpoint, "answer", b"\x00\xff keys\r\n\r\n"),
    "hangs up": lambda endpoint, _: setattr(endpoint, "answer", b""),
    "cut short": lambda endpoint, body: endpoint.serve(body, headers=f"content-length: {len(body) + 9}\r\n"),
    "no JSON": lambda endpoint, _: endpoint.serve(b"<html>"),
    "no object": lambda endpoint, _: endpoint.serve(b"[]"),
    "no list": lambda endpoint, _: endpoint.serve(b'{"keys": {}}'),
    "empty set": lambda endpoint, _: endpoint.serve(key_set()),
    "no usable key": lambda endpoint, _: endpoint.serve(key_set({"kty": "oct", "k": "AAAA"}, 5)),
    "deep nesting": lambda endpoint, _: endpoint.serve(b"[" * 200_000),
    "over 256 KiB": lambda endpoint, body: endpoint.serve(body + b" " * 256 * 1024),
    "packed": lambda endpoint, body: endpoint.serve(gzip.compress(body), headers="content-encoding: gzip\r\n"),
}


@pytest.mark.parametrize("spoil", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
async def test_a_bad_answer_changes_nothing(
    platform: Platform, spoil: Bad, rsa_key: rsa.RSAPrivateKey, other_rsa_key: rsa.RSAPrivateKey
) -> None:
    """The old set stays in force and the failure is logged without a key or an address; a redirect is not followed."""
    platform.endpoint.serve(key_set(jwk(rsa_key, "1")))
    await platform.verify(token(rsa_key, "1"))
    spoil(platform.endpoint, key_set(jwk(other_rsa_key, "2")))
    platform.seconds += 60
    with structlog.testing.capture_logs() as logs:
        await platform.refuse(token(other_rsa_key, "2"))
    assert platform.endpoint.requests == 2
    assert [(entry["event"], entry["keys_kept"]) for entry in logs] == [("jwks_fetch_failed", 1)]
    assert set(logs[0]) == {"event", "keys_kept", "error", "log_level"}
    assert (await platform.verify(token(rsa_key, "1", sub="still"))).external_id == "still"


# --- what is in a set -------------------------------------------------------------------------------------------------


async def test_one_good_key_is_found_among_everything_else(rsa_key: rsa.RSAPrivateKey) -> None:
    """Malformed, private, symmetric, encryption and unsupported keys are skipped; the good one stays, whatever it adds."""
    good = jwk(rsa_key, "good", use="sig", alg="RS256", key_ops=["verify"], x5c=["AAAA"], own={"a": 1})
    curve = jwk(ec.generate_private_key(ec.SECP256R1()), "e")
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - skipped below
    others: list[object] = [
        None,
        5,
        "key",
        [],
        {},
        {"kty": None},
        {"kty": ["RSA"]},
        {"kty": "RSA"},
        {"kty": "RSA", "n": 5, "e": "AQAB"},
        {"kty": "RSA", "n": "!!", "e": "AQAB"},
        {"kty": "RSA", "n": "", "e": ""},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {**curve, "x": curve["y"]},
        {**curve, "crv": ["P-256"]},
        {**curve, "alg": "ES384"},
        {**curve, "alg": "RS256"},
        {**curve, "alg": "EdDSA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "alg": "HS256"},
        {**good, "n": "A" * 200_000},
        {**good, "use": "enc"},
        {**good, "use": None},
        {**good, "key_ops": ["encrypt"]},
        {**good, "key_ops": "verify"},
        {**good, "alg": "RS512"},
        {**good, "alg": "PS256"},
        {**good, "alg": "HS256"},
        {**good, "alg": "RSA-OAEP"},
        {**good, "alg": "none"},
        {**good, "alg": ["RS256"]},
        {**good, "kid": 5},
        {**good, "kid": ["good"]},
        RSAAlgorithm.to_jwk(rsa_key, as_dict=True),
        jwk(small, "small"),
        jwk(ec.generate_private_key(ec.SECP384R1()), "p384"),
        jwk(ec.generate_private_key(ec.SECP384R1()), "p384", alg="ES256"),
        jwk(ec.generate_private_key(ec.SECP256K1()), "k1"),
        jwk(ed448.Ed448PrivateKey.generate(), "448"),
    ]
    for other in others:
        (found,) = read_key_set(key_set(other, good, other))
        assert (found.kid, found.algorithm) == ("good", "RS256")
        with pytest.raises(KeySetError):
            read_key_set(key_set(other))


async def test_tokens_without_kid_are_tried_against_a_handful_of_keys(
    platform: Platform, rsa_key: rsa.RSAPrivateKey
) -> None:
    """A set of any size does not multiply the work a stranger causes: the fifth key is not tried, by its kid it is."""
    curves = [ec.generate_private_key(ec.SECP256R1()) for _ in range(5)]
    platform.endpoint.serve(
        key_set(jwk(rsa_key, "r"), *(jwk(curve, str(number)) for number, curve in enumerate(curves)))
    )
    assert (await platform.verify(token(curves[3], None, "ES256"))).user_id == ANNA
    await platform.refuse(token(curves[4], None, "ES256"))
    assert (await platform.verify(token(curves[4], "4", "ES256"))).user_id == ANNA


@pytest.mark.parametrize("url", ["", "keys", "file:///etc/passwd", "ftp://id.example/", "https://", "http://[::1"])
async def test_an_address_that_cannot_be_fetched_stops_the_start(url: str) -> None:
    """With a sentence that names the setting's form."""
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(ValueError, match="JWKS URL"):
            RemoteKeys(url, client=client, monotonic=lambda: 0.0)
