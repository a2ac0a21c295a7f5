"""What is read from the payload of a token whose signature is proven: who, until when, and what describes the user."""

import json
from uuid import UUID, uuid4

import pytest

from duologue.auth.claims import Claims, Expected, TokenError, TokenExpired, external_user_id, platform_claims

NOW = 1_800_000_000.0
ANNA = UUID("0190a5c8-5b7e-7c3a-9d55-000000000001")


def read(expected: Expected | None = None, /, **claims: object) -> Claims:
    """What stands in a payload that is good for a minute unless the claims say otherwise, after its way through JSON."""
    payload = json.loads(json.dumps({"sub": str(ANNA), "exp": NOW + 60, **claims}))
    return platform_claims(payload, expected or Expected(), NOW)


def refused(expected: Expected | None = None, /, **claims: object) -> TokenError:
    """The error that these claims meet."""
    with pytest.raises(TokenError) as caught:
        read(expected, **claims)
    return caught.value


# --- who the bearer is ------------------------------------------------------------------------------------------------


def test_user_id_wins_over_sub_and_sub_serves_without_it() -> None:
    """The id is the first of `user_id`, `sub` that is a UUID, in either case of letters."""
    other = uuid4()
    assert (read(user_id=str(other))).user_id == other
    assert (read(user_id=str(other).upper())).user_id == other
    assert read().user_id == ANNA
    assert read().external_id is None
    for unusable in ([str(other)], {"id": 1}, 7, None, "", "42", f"{{{other}}}", other.hex):
        assert (read(user_id=unusable)).user_id == ANNA


def test_a_subject_that_is_no_uuid_gives_the_same_id_for_ever() -> None:
    """Pinned: a change of this derivation would make every user of such a platform a stranger."""
    claims = read(sub="auth0|507f1f77", iss="https://id.example")
    assert (
        claims.user_id
        == UUID("dc41d09a-cb1e-5dd5-82e4-51878c03326d")
        == external_user_id("https://id.example", "auth0|507f1f77")
    )
    assert claims.external_id == "auth0|507f1f77"
    assert (read(sub="auth0|507f1f77")).user_id == external_user_id(None, "auth0|507f1f77")
    assert external_user_id("a", "b") != external_user_id("b", "a")


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": 42},
        {"sub": True},
        {"sub": ["x"]},
        {"sub": "x" * 256},
        {"sub": "a\x00b"},
        {"sub": "a\nb"},
        {"sub": "\ud800"},
        {"sub": str(UUID(int=0))},
        {"user_id": str(UUID(int=0))},
        {"sub": "x", "iss": ["a"]},
        {"sub": "x", "iss": "\udfff"},
        {"iss": 5},
    ],
    ids=repr,
)
def test_a_token_that_names_nobody_is_refused(claims: dict[str, object]) -> None:
    """What identifies must be right: nothing is guessed, cut or repaired."""
    refused(None, **claims)


def test_username_name_and_picture_are_read() -> None:
    """The claims that describe the user, as the platform wrote them."""
    claims = read(username="Änna.k", name="Anna K.", picture="https://cdn.example/a.png?s=1")
    assert (claims.username, claims.display_name, claims.avatar_url) == (
        "Änna.k",
        "Anna K.",
        "https://cdn.example/a.png?s=1",
    )
    assert (claims.session_id, claims.expires_at) == (None, NOW + 70)


@pytest.mark.parametrize(
    "username",
    [None, 5, [], {}, "", "x" * 65, "x" * 7000, "a/b", "a\x00", "a\tb", "\x85", "\ud83d", ".", ".."],
    ids=repr,
)
def test_an_unusable_username_is_left_out(username: object) -> None:
    """The user gets a generated one instead of a refusal that nobody at the keyboard could repair."""
    assert (read(username=username)).username is None


def test_the_longest_username_passes() -> None:
    """64 characters, whatever their bytes."""
    assert (read(username="ü" * 64)).username == "ü" * 64


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x" * 5000, "x" * 200),
        ("  Anna\x00\n\ud800 K.  ", "Anna K."),
        ("\x00\x1f", None),
        ("   ", None),
        (5, None),
        (["Anna"], None),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
    ],
    ids=repr,
)
def test_a_name_is_cleaned_and_cut(name: object, shown: str | None) -> None:
    """No control characters, no lone surrogates, at most 200 characters, or none at all."""
    assert (read(name=name)).display_name == shown


@pytest.mark.parametrize(
    "picture",
    [
        5,
        "",
        "a.png",
        "//cdn.example/a.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "http://",
        "https://[::1",
        "https://user:pw@cdn.example/a",
        "https://cdn.example/a b",
        "https://cdn.example\\@evil.example/",
        'https://cdn.example/"><b>',
        "https://cdn.example/\x00",
        "https://cdn.example/\ud800",
        "https://cdn.example/" + "a" * 2048,
    ],
    ids=repr,
)
def test_a_picture_is_a_plain_web_address_or_left_out(picture: object) -> None:
    """No other scheme, no user information, no markup, no more than 2,048 characters."""
    assert (read(picture=picture)).avatar_url is None


# --- time -------------------------------------------------------------------------------------------------------------


def test_expiry_is_told_apart_and_has_ten_seconds_of_leeway() -> None:
    """Expired means come back with a fresh one; `expires_at` is the second from which it is refused."""
    assert read(exp=NOW - 9.5).expires_at == NOW + 0.5
    assert isinstance(refused(exp=NOW - 10), TokenExpired)


def test_expiry_is_never_said_of_a_token_that_is_bad_besides() -> None:
    """Otherwise its owner would be told to come back for ever."""
    strict = Expected(audience=("chat",), issuer="me")
    gone: dict[str, object] = {"exp": NOW - 100, "aud": "chat", "iss": "me"}
    for flaw in ({"aud": "shop"}, {"iss": "you"}, {"sub": ""}, {"nbf": NOW + 100}):
        assert not isinstance(refused(strict, **{**gone, **flaw}), TokenExpired)
    assert isinstance(refused(strict, **gone), TokenExpired)


@pytest.mark.parametrize(
    "exp",
    [
        "soon",
        str(NOW + 60),
        None,
        True,
        [],
        {},
        -(10**400),
        float("nan"),
        float("inf"),
        10**30,
        1e308,
        (NOW + 60) * 1000,
    ],
)
def test_an_exp_that_is_no_second_is_refused(exp: object) -> None:
    """Milliseconds included: such a token would never expire."""
    assert not isinstance(refused(exp=exp), TokenExpired)


def test_a_token_without_exp_is_refused() -> None:
    """It would be good for ever."""
    with pytest.raises(TokenError):
        platform_claims({"sub": str(ANNA)}, Expected(), NOW)


def test_nbf_is_honoured_with_leeway() -> None:
    """A token of the future is refused, one of the next ten seconds is a matter of clocks."""
    assert read(nbf=NOW + 10).user_id == ANNA
    refused(nbf=NOW + 11)
    for nbf in ("later", None, True, 10**400, -(10**400), float("nan")):
        refused(nbf=nbf)


# --- audience and issuer ----------------------------------------------------------------------------------------------


def test_audience_is_checked_when_configured() -> None:
    """`aud` may be one text or a list; missing is refused; without configuration anything goes."""
    strict = Expected(audience=("chat",))
    for good in ("chat", ["shop", "chat"]):
        assert read(strict, aud=good).user_id == ANNA
    for bad in ("shop", "chatter", [], ["shop"], {"chat": 1}, [["chat"]], None, 5):
        refused(strict, aud=bad)
    refused(strict)
    assert read(aud="shop").user_id == ANNA


def test_issuer_is_checked_when_configured() -> None:
    """Exactly: no prefix, no trailing slash, no absence."""
    strict = Expected(issuer="https://id.example")
    assert read(strict, iss="https://id.example").user_id == ANNA
    for bad in ("https://id.example/", "https://id.example.evil", "", None, ["https://id.example"]):
        refused(strict, iss=bad)
    refused(strict)
