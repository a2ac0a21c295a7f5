"""The server's own tokens, the memory of verified ones, and that no text or payload raises anything unforeseen."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt import PyJWS

from duologue.auth.claims import Claims, TokenError, TokenExpired
from duologue.auth.keys import FixedKeys, Key, secret_keys, sign
from duologue.auth.tokens import PlatformTokens, StandaloneTokens, VerifiedTokens

NEW, OLD, FOREIGN = b"new-" * 8, b"old-" * 8, b"foreign-" * 4
NOW = 1_800_000_000.0
ANNA = UUID("0190a5c8-5b7e-7c3a-9d55-000000000001")


def token(secret: bytes = NEW, **claims: object) -> str:
    """A token good for a minute unless the claims say otherwise."""
    return sign({"sub": str(ANNA), "exp": NOW + 60, **claims}, secret)


async def refused(verifier: PlatformTokens | StandaloneTokens, bad: str) -> TokenError:
    """The error that the token meets."""
    with pytest.raises(TokenError) as caught:
        await verifier.verify(bad)
    return caught.value


@dataclass
class SetClock:
    """A clock that a test moves."""

    now: float = NOW

    def __call__(self) -> float:
        """The time."""
        return self.now


# --- the server's own tokens ------------------------------------------------------------------------------------------


async def test_an_access_token_names_user_and_session_for_fifteen_minutes() -> None:
    """To the second: the clock that judges is the one that issued."""
    clock, session = SetClock(), uuid4()
    tokens = StandaloneTokens(NEW, clock=clock)
    pair = tokens.issue(ANNA, session, 3)
    assert pair.expires_in == 900
    for clock.now in (NOW, NOW + 899.9):
        assert await tokens.verify(pair.access) == Claims(ANNA, None, None, None, None, session, NOW + 900)
    assert await tokens.verify(pair.access) is await tokens.verify(pair.access), "verified once"
    clock.now = NOW + 900
    assert isinstance(await refused(tokens, pair.access), TokenExpired)


async def test_a_refresh_token_names_its_rotation_for_thirty_days() -> None:
    """Two rotations of one session are two tokens."""
    clock, session = SetClock(), uuid4()
    tokens = StandaloneTokens(NEW, clock=clock)
    first, second = tokens.issue(ANNA, session, 0), tokens.issue(ANNA, session, 1)
    assert first.refresh != second.refresh
    claims = tokens.verify_refresh(second.refresh)
    assert (claims.user_id, claims.session_id, claims.rotation) == (ANNA, session, 1)
    clock.now = claims.expires_at - 1
    assert tokens.verify_refresh(second.refresh) == claims
    clock.now = claims.expires_at
    assert claims.expires_at == NOW + 30 * 86_400
    with pytest.raises(TokenExpired):
        tokens.verify_refresh(second.refresh)


async def test_access_and_refresh_do_not_stand_in_for_each_other() -> None:
    """Nor does a token of another secret, nor one that only looks like ours."""
    clock = SetClock()
    tokens = StandaloneTokens(NEW, clock=clock)
    pair = tokens.issue(ANNA, uuid4(), 0)
    await refused(tokens, pair.refresh)
    with pytest.raises(TokenError):
        tokens.verify_refresh(pair.access)
    await refused(StandaloneTokens(OLD, clock=clock), pair.access)
    await refused(tokens, token())
    await refused(tokens, token(typ="access"))
    await refused(tokens, token(typ="access", sid="not a session"))
    for rotation in ("0", True, None, 1.5):
        with pytest.raises(TokenError):
            tokens.verify_refresh(token(typ="refresh", sid=str(uuid4()), rotation=rotation))


# --- memory -----------------------------------------------------------------------------------------------------------


class CountedKeys:
    """A key source that counts how often keys are asked for, and can be given others."""

    def __init__(self, *secrets: bytes) -> None:
        self.fixed: FixedKeys = secret_keys(secrets)
        self.generation = 0
        self.asked = 0

    def replace(self, *secrets: bytes) -> None:
        """Other keys, another generation."""
        self.fixed = secret_keys(secrets)
        self.generation += 1

    async def ready(self) -> int:
        """The generation."""
        return self.generation

    def matching(self, algorithm: str, kid: str | None) -> Sequence[Key]:
        """The keys."""
        self.asked += 1
        return self.fixed.matching(algorithm, kid)

    async def renew(self) -> bool:
        """No others."""
        return False


async def test_a_token_is_verified_once_and_never_outlives_itself_or_its_key() -> None:
    """Remembered claims end with `exp` and with a change of keys."""
    clock, keys = SetClock(), CountedKeys(NEW)
    verifier = PlatformTokens(keys, clock=clock)
    bearer = token()
    assert await verifier.verify(bearer) == await verifier.verify(bearer)
    assert keys.asked == 1
    clock.now = NOW + 70
    assert isinstance(await refused(verifier, bearer), TokenExpired)
    clock.now = NOW
    assert (await verifier.verify(bearer)).user_id == ANNA
    keys.replace(OLD)
    await refused(verifier, bearer)


async def test_a_refused_token_is_judged_anew() -> None:
    """Nothing is remembered of it: a token of the future becomes good in time."""
    clock = SetClock()
    verifier, bearer = PlatformTokens(secret_keys([NEW]), clock=clock), token(nbf=NOW + 30)
    await refused(verifier, bearer)
    clock.now = NOW + 30
    assert (await verifier.verify(bearer)).user_id == ANNA


def test_memory_is_bounded_and_forgets_the_least_recently_used() -> None:
    """Two places: the one that was looked at stays."""
    memory, claims = VerifiedTokens(2), Claims(ANNA, None, None, None, None, None, NOW + 1)
    memory.keep(b"a", 0, claims)
    memory.keep(b"b", 0, claims)
    assert memory.find(b"a", 0, NOW) == claims
    memory.keep(b"c", 0, claims)
    assert [memory.find(digest, 0, NOW) for digest in (b"a", b"b", b"c")] == [claims, None, claims]
    assert memory.find(b"a", 1, NOW) is None
    memory.keep(b"d", 0, claims)
    assert memory.find(b"d", 1, NOW) is None


# --- whatever comes ---------------------------------------------------------------------------------------------------


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CLAIMS = ("sub", "user_id", "iss", "aud", "exp", "nbf", "username", "name", "picture", "sid", "typ", "rotation")


@given(
    claims=st.dictionaries(st.sampled_from(CLAIMS), JSON),
    header=st.dictionaries(st.sampled_from(("alg", "kid", "crit")), JSON),
)
async def test_no_payload_raises_anything_but_a_token_error(
    claims: dict[str, object], header: dict[str, object]
) -> None:
    """And what passes can be stored: valid UTF-8 without NUL, within its limits."""
    verifiers = (PlatformTokens(secret_keys([NEW]), clock=lambda: NOW), StandaloneTokens(NEW, clock=lambda: NOW))
    payload = json.dumps({"exp": NOW + 60, "sub": str(ANNA), **claims}).encode()
    # PyJWT refuses to sign some of these headers, so the odd ones go in front of a signature that was made for another.
    good = PyJWS().encode(payload, NEW, "HS256")
    odd = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    bearers = (good, f"{odd}.{good.split('.', 1)[1]}")
    for verifier in verifiers:
        for bearer in bearers:
            try:
                read = await verifier.verify(bearer)
            except TokenError:
                continue
            texts = [text for text in (read.external_id, read.username, read.display_name, read.avatar_url) if text]
            assert all("\x00" not in text and text.encode() for text in texts)


@given(bad=st.text(st.characters(codec=None), max_size=200) | st.text("aA0-_.=", max_size=200))
async def test_no_text_raises_anything_but_a_token_error(bad: str) -> None:
    """Whatever stands in the header or the query."""
    with pytest.raises(TokenError):
        await PlatformTokens(secret_keys([NEW]), clock=lambda: NOW).verify(bad)
