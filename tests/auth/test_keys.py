"""Keys pin algorithms; and a table of attacks, each refused with a TokenError and nothing else."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwt import PyJWS

from duologue.auth.claims import TokenError, TokenExpired
from duologue.auth.keys import pem_key, secret_keys
from duologue.auth.tokens import PlatformTokens, StandaloneTokens

NEW, OLD, FOREIGN = b"new-" * 8, b"old-" * 8, b"foreign-" * 4
NOW = 1_800_000_000.0
ANNA = UUID("0190a5c8-5b7e-7c3a-9d55-000000000001")
Clock = Callable[[], float]
Pair = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
Signing = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | bytes


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def forge(payload: bytes, header: dict[str, object], secret: bytes = NEW) -> str:
    """A token signed with HMAC SHA-256 whatever its header says: what an attacker builds by hand."""
    signing = f"{b64(json.dumps(header).encode())}.{b64(payload)}"
    return f"{signing}.{b64(hmac.new(secret, signing.encode(), hashlib.sha256).digest())}"


def token(secret: bytes = NEW, header: dict[str, object] | None = None, **claims: object) -> str:
    """A token of the platform, good for a minute unless the claims say otherwise."""
    payload = {"sub": str(ANNA), "exp": NOW + 60, **claims}
    return forge(json.dumps(payload).encode(), {"alg": "HS256", "typ": "JWT", **(header or {})}, secret)


def signed(key: Signing, algorithm: str, **claims: object) -> str:
    """A token signed with a private key."""
    payload = {"sub": str(ANNA), "exp": NOW + 60, **claims}
    return PyJWS().encode(json.dumps(payload).encode(), key, algorithm)


def pem(key: Pair) -> str:
    """The public half."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def platform(clock: Clock, *secrets: bytes) -> PlatformTokens:
    """A verifier with shared secrets."""
    return PlatformTokens(secret_keys(secrets or (NEW,)), clock=clock)


async def refused(verifier: PlatformTokens | StandaloneTokens, bad: str) -> TokenError:
    """The error, which holds no part of the token."""
    with pytest.raises(TokenError) as caught:
        await verifier.verify(bad)
    assert not any(part in str(caught.value) for part in bad.split(".") if len(part) > 8)
    return caught.value


# --- keys and algorithms ----------------------------------------------------------------------------------------------


async def test_both_secrets_serve_while_rotating_and_the_old_one_stops_when_removed(clock: Clock) -> None:
    """`new,old`, then `new`."""
    rotating = platform(clock, NEW, OLD)
    assert (await rotating.verify(token(NEW))).user_id == ANNA
    assert (await rotating.verify(token(OLD))).user_id == ANNA
    await refused(rotating, token(FOREIGN))
    await refused(platform(clock, NEW), token(OLD))


async def test_the_key_pins_the_algorithm(clock: Clock, rsa_key: rsa.RSAPrivateKey) -> None:
    """RS256, ES256 and EdDSA by the kind of the public key; the one does not open the other's tokens."""
    keys: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey] = {
        "RS256": rsa_key,
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }
    for algorithm, key in keys.items():
        verifier = PlatformTokens(pem_key(pem(key)), clock=clock)
        for name, other in keys.items():
            if name == algorithm:
                assert (await verifier.verify(signed(other, name))).user_id == ANNA
            else:
                await refused(verifier, signed(other, name))
    for sibling in ("RS384", "RS512", "PS256"):
        await refused(PlatformTokens(pem_key(pem(rsa_key)), clock=clock), signed(rsa_key, sibling))
    await refused(platform(clock), PyJWS().encode(token().split(".")[1].encode(), NEW * 2, "HS512"))


async def test_the_public_key_is_no_secret(clock: Clock, rsa_key: rsa.RSAPrivateKey) -> None:
    """HS256 with the PEM as its secret: the oldest trick, in every spelling of the key."""
    text = pem(rsa_key)
    der = rsa_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    verifier = PlatformTokens(pem_key(text), clock=clock)
    for secret in (text.encode(), text.strip().encode(), der):
        for algorithm in ("HS256", "RS256", "none"):
            await refused(verifier, token(secret, header={"alg": algorithm}))


async def test_a_token_signed_with_another_key_of_the_kind_is_refused(
    clock: Clock, rsa_key: rsa.RSAPrivateKey, other_rsa_key: rsa.RSAPrivateKey
) -> None:
    """The right algorithm alone opens nothing."""
    await refused(PlatformTokens(pem_key(pem(rsa_key)), clock=clock), signed(other_rsa_key, "RS256"))


def test_a_pem_on_one_line_is_understood(rsa_key: rsa.RSAPrivateKey) -> None:
    r"""`\n` written out, as environment files hold it."""
    assert pem_key(pem(rsa_key).replace("\n", "\\n")) == pem_key(pem(rsa_key))


def test_keys_that_cannot_be_right_stop_the_start(rsa_key: rsa.RSAPrivateKey) -> None:
    """Each with a sentence that does not repeat the key."""
    private = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - refused below
    unsuited: list[Pair] = [small, ec.generate_private_key(ec.SECP384R1()), ed448.Ed448PrivateKey.generate()]
    for text in ["", "secret", private, *(pem(key) for key in unsuited)]:
        with pytest.raises(ValueError, match=r"public key") as caught:
            pem_key(text)
        assert "MII" not in str(caught.value)
    document = b'{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAA"}'
    wrong: list[tuple[Sequence[bytes], str]] = [
        ([], "1 to 4 secrets"),
        ([NEW] * 5, "1 to 4 secrets"),
        ([b""], "32 bytes"),
        ([b"x" * 31], "32 bytes"),
        ([NEW, b"short"], "32 bytes"),
        ([pem(rsa_key).encode()], "key file"),
        ([document], "key file"),
    ]
    for secrets, sentence in wrong:
        with pytest.raises(ValueError, match=sentence) as complaint:
            secret_keys(secrets)
        assert not any(secret and secret.decode() in str(complaint.value) for secret in secrets)


def test_secrets_and_tokens_do_not_show_in_a_repr(clock: Clock) -> None:
    """Whatever is printed by accident holds no credential."""
    pair = StandaloneTokens(NEW, clock=clock).issue(ANNA, ANNA, 0)
    assert pair.access not in repr(pair)
    assert pair.refresh not in repr(pair)
    assert "new-" not in repr(secret_keys([NEW]))


# --- attacks on the form ----------------------------------------------------------------------------------------------


GOOD_PAYLOAD = json.dumps({"sub": str(ANNA), "exp": NOW + 60}).encode()


def unsigned(algorithm: str) -> str:
    """A token that claims to need no signature."""
    return forge(GOOD_PAYLOAD, {"alg": algorithm}).rsplit(".", 1)[0] + "."


ATTACKS = {
    "empty": "",
    "a word": "token",
    "dots": "..",
    "more dots": "." * 8000,
    "two parts": ".".join(token().split(".")[:2]),
    "four parts": token() + ".AAAA",
    "no signature": token().rsplit(".", 1)[0] + ".",
    "cut signature": token()[:-2],
    "changed payload": "{}.{}.{}".format(token().split(".")[0], b64(GOOD_PAYLOAD), token(FOREIGN).split(".")[2]),
    "spaces": f" {token()}",
    "newline": f"{token()}\n",
    "bearer in front": f"Bearer {token()}",
    "NUL": f"{token()}\x00",
    "lone surrogate": "\ud800",
    "surrogate behind": f"{token()}\udfff",
    "not ASCII": f"{token()}ü",
    "over 8 KiB": token(pad="x" * 8192),
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg none, signed": forge(GOOD_PAYLOAD, {"alg": "none"}),
    "no alg": forge(GOOD_PAYLOAD, {}),
    "alg null": forge(GOOD_PAYLOAD, {"alg": None}),
    "alg list": forge(GOOD_PAYLOAD, {"alg": ["HS256"]}),
    "alg object": forge(GOOD_PAYLOAD, {"alg": {"HS256": 1}}),
    "alg surrogate": forge(GOOD_PAYLOAD, {"alg": "\ud800"}),
    "alg lower case": forge(GOOD_PAYLOAD, {"alg": "hs256"}),
    "kid number": forge(GOOD_PAYLOAD, {"alg": "HS256", "kid": 5}),
    "kid list": forge(GOOD_PAYLOAD, {"alg": "HS256", "kid": ["a"]}),
    "crit unknown": forge(GOOD_PAYLOAD, {"alg": "HS256", "crit": ["x"], "x": 1}),
    "crit b64": forge(GOOD_PAYLOAD, {"alg": "HS256", "crit": ["b64"], "b64": True}),
    "crit empty": forge(GOOD_PAYLOAD, {"alg": "HS256", "crit": []}),
    "crit null": forge(GOOD_PAYLOAD, {"alg": "HS256", "crit": None}),
    "b64 false": forge(b"", {"alg": "HS256", "b64": False}),
    "own key in jwk": forge(GOOD_PAYLOAD, {"alg": "HS256", "jwk": {"kty": "oct", "k": b64(FOREIGN)}}, FOREIGN),
    "own keys in jku": forge(GOOD_PAYLOAD, {"alg": "HS256", "jku": "http://127.0.0.1:1/keys"}, FOREIGN),
    "header is a list": f"{b64(b'[]')}.{b64(GOOD_PAYLOAD)}.AAAA",
    "header nested deeply": f"{b64(b'[' * 2500)}.{b64(GOOD_PAYLOAD)}.AAAA",
    "header not UTF-8": f"{b64(bytes([0xFF, 0xFE, 0x7B]))}.{b64(GOOD_PAYLOAD)}.AAAA",
    "payload empty": forge(b"", {"alg": "HS256"}),
    "payload list": forge(b"[]", {"alg": "HS256"}),
    "payload string": forge(b'"sub"', {"alg": "HS256"}),
    "payload null": forge(b"null", {"alg": "HS256"}),
    "payload no JSON": forge(b"{", {"alg": "HS256"}),
    "payload not UTF-8": forge(b'{"sub":"\xff"}', {"alg": "HS256"}),
    "payload UTF-16": forge(GOOD_PAYLOAD.decode().encode("utf-16"), {"alg": "HS256"}),
    "payload nested deeply": forge(b"[" * 5800, {"alg": "HS256"}),
    "payload with 4,500 digits": forge(b'{"exp":' + b"9" * 4500 + b"}", {"alg": "HS256"}),
}


@pytest.mark.parametrize("bad", ATTACKS.values(), ids=ATTACKS.keys())
async def test_attack_is_refused(clock: Clock, bad: str) -> None:
    """With a TokenError that is not an expiry, by both kinds of verifier and the refresh."""
    own = StandaloneTokens(NEW, clock=clock)
    assert not isinstance(await refused(platform(clock), bad), TokenExpired)
    await refused(own, bad)
    with pytest.raises(TokenError):
        own.verify_refresh(bad)


async def test_the_attacks_are_refused_for_what_is_wrong_with_them(clock: Clock) -> None:
    """The control: the same hand makes tokens that pass, so the table above proves something."""
    good = platform(clock)
    for header in ({"alg": "HS256"}, {"alg": "HS256", "kid": "any"}, {"alg": "HS256", "jku": "http://127.0.0.1:1/"}):
        assert (await good.verify(forge(GOOD_PAYLOAD, dict(header)))).user_id == ANNA
    assert (await good.verify(token(pad="x" * 5500))).user_id == ANNA
