"""Keys that tokens are verified with, and the proof of a signature.

The algorithm belongs to the key, never to the token: a token whose header names another one is refused before any
key is touched (RFC 8725, 3.1). `jku`, `x5u`, `jwk` and their like are never looked at; `crit` is refused. Not here:
what the payload says (`claims`), key sets fetched from the platform (`jwks`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import PyJWS
from jwt.exceptions import PyJWTError

from duologue.auth.claims import TokenError

MAX_TOKEN = 8 * 1024
MIN_SECRET = 32
# A token without `kid` is tried against no more keys than this, so that it cannot be used to burn time.
MAX_TRIES = 4

PUBLIC_ALGORITHMS = ("RS256", "ES256", "EdDSA")
PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

# PyJWT proves signatures only. Its claim checks read the system clock, so ours stand in `claims`.
_JWS = PyJWS(algorithms=["HS256", *PUBLIC_ALGORITHMS], options={"enforce_minimum_key_length": True})


@dataclass(frozen=True, slots=True)
class Key:
    """One key and the single algorithm it may be used with."""

    algorithm: str
    material: PublicKey | bytes = field(repr=False)
    kid: str | None = None


class KeySource(Protocol):
    """Where a verifier gets its keys."""

    async def ready(self) -> int:
        """The generation of the keys in force: it changes when they do. Raises KeysUnavailable if there are none."""

    def matching(self, algorithm: str, kid: str | None) -> Sequence[Key]:
        """The keys that a token with this header may have been signed with, at most a handful."""

    async def renew(self) -> bool:
        """No key fits: look for new ones if that is due. True if the keys have changed."""


@dataclass(frozen=True, slots=True)
class FixedKeys:
    """Keys from the configuration; they change with a restart. `kid` is not looked at."""

    keys: tuple[Key, ...]

    async def ready(self) -> int:
        """Always the same generation."""
        return 0

    def matching(self, algorithm: str, kid: str | None) -> Sequence[Key]:  # noqa: ARG002 - the port names it
        """All keys of this algorithm."""
        return [key for key in self.keys if key.algorithm == algorithm]

    async def renew(self) -> bool:
        """There are no others."""
        return False


def secret_keys(secrets: Sequence[bytes]) -> FixedKeys:
    """HS256 with shared secrets, the newest first; two while one replaces the other.

    Raises:
        ValueError: with a sentence for the operator: none or too many, shorter than RFC 7518 (3.2) demands, or a key
            file by mistake.
    """
    if not 1 <= len(secrets) <= MAX_TRIES:
        raise ValueError(f"give 1 to {MAX_TRIES} secrets, the newest first")
    if any(len(secret) < MIN_SECRET for secret in secrets):
        raise ValueError(f"a secret for HS256 needs at least {MIN_SECRET} bytes; make one with: openssl rand -hex 32")
    try:
        for secret in secrets:
            sign({}, secret)
    except PyJWTError:
        raise ValueError("the secret is a key file or a JWK; set it as the public key instead") from None
    return FixedKeys(tuple(Key("HS256", secret) for secret in secrets))


def pem_key(pem: str) -> FixedKeys:
    r"""A public key in PEM; `\n` written out, as one-line environment values have it, is understood.

    Raises:
        ValueError: with a sentence for the operator: no public key, or of a kind or size that is not accepted.
    """
    try:
        public: object = load_pem_public_key(pem.replace("\\n", "\n").strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("not a PEM public key (it begins with -----BEGIN PUBLIC KEY-----)") from None
    key = public_key(public)
    if key is None:
        raise ValueError("the public key must be RSA with 2,048 to 8,192 bits, EC P-256 or Ed25519")
    return FixedKeys((key,))


def public_key(public: object, kid: str | None = None) -> Key | None:
    """The key with the algorithm of its own kind, or None if it is a private, symmetric or unsupported one."""
    match public:
        case RSAPublicKey() if 2048 <= public.key_size <= 8192:
            return Key("RS256", public, kid)
        case EllipticCurvePublicKey() if isinstance(public.curve, SECP256R1):
            return Key("ES256", public, kid)
        case Ed25519PublicKey():
            return Key("EdDSA", public, kid)
        case _:
            return None


def sign(payload: Mapping[str, object], secret: bytes) -> str:
    """A compact JWS of the payload: HS256 with this secret."""
    return _JWS.encode(json.dumps(payload, separators=(",", ":")).encode(), secret, "HS256")


def token_bytes(token: str) -> bytes:
    """The token as ASCII, refused by size and alphabet before anything parses it."""
    if len(token) > MAX_TOKEN:
        raise TokenError("the token is too long")
    if not token.isascii():
        raise TokenError("the token is malformed")
    return token.encode("ascii")


def read_header(token: bytes) -> tuple[str, str | None]:
    """`alg` and `kid` of a token that nothing is known of yet."""
    header = _unverified_header(token)
    if header is None:
        raise TokenError("the token is malformed")
    if "crit" in header:
        raise TokenError("the token demands an extension")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or not (kid is None or isinstance(kid, str)):
        raise TokenError("the token is malformed")
    return algorithm, kid


def open_token(token: bytes, keys: Iterable[Key]) -> dict[str, object] | None:
    """The payload if one of the keys signed the token, else None.

    Raises:
        TokenError: properly signed, but the payload is no JSON object.
    """
    for key in keys:
        signed = _proven(token, key)
        if signed is not None:
            return _json_object(signed)
    return None


def _unverified_header(token: bytes) -> dict[str, object] | None:
    try:
        return _JWS.get_unverified_header(token)
    except PyJWTError:
        return None


def _proven(token: bytes, key: Key) -> bytes | None:
    try:
        payload = _JWS.decode_complete(token, key.material, [key.algorithm])["payload"]
    except PyJWTError:
        return None
    return payload if isinstance(payload, bytes) else None


def _json_object(payload: bytes) -> dict[str, object]:
    try:
        value = json.loads(payload.decode())
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise TokenError("the payload of the token is no JSON object")
    return value
