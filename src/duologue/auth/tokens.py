"""Tokens to claims: the stand-alone server's own tokens, and those of a platform.

Here: issuing, verifying and remembering. Not here: what a payload means (`claims`), signatures (`keys`), whether a
session still stands (storage, asked by whoever called), where a token was found in a request (api).
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from duologue.auth.claims import Claims, Expected, TokenError, lifetime, platform_claims, uuid_claim
from duologue.auth.keys import KeySource, open_token, read_header, secret_keys, sign, token_bytes

ACCESS_TTL = 15 * 60
REFRESH_TTL = 30 * 24 * 3600
REMEMBERED = 8192


class Verifier(Protocol):
    """What the api needs: a token in, the bearer out."""

    async def verify(self, token: str) -> Claims:
        """Raises TokenExpired, another TokenError, or KeysUnavailable when no token can be judged."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in hands out; `expires_in` is seconds of the access token."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """What a refresh token says. Its session is ended if `rotation` is not the newest one (reuse)."""

    user_id: UUID
    session_id: UUID
    rotation: int
    expires_at: float


class VerifiedTokens:
    """The claims of tokens verified lately, found by the SHA-256 of the token, the least recently used forgotten.

    Looking one up takes 1.5 microseconds, verifying 90 (HS256) to 210 (EdDSA); full, it holds about 6 MiB. Refused
    tokens are not remembered: strangers could fill it with them. An entry ends with its token, and all end with the
    keys they were verified with.
    """

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._generation = 0
        self._claims: OrderedDict[bytes, Claims] = OrderedDict()

    def find(self, digest: bytes, generation: int, now: float) -> Claims | None:
        """The claims, unless the token has expired or was verified with other keys."""
        if generation != self._generation:
            self._claims.clear()
            self._generation = generation
        claims = self._claims.get(digest)
        if claims is None or now >= claims.expires_at:
            return None
        self._claims.move_to_end(digest)
        return claims

    def keep(self, digest: bytes, generation: int, claims: Claims) -> None:
        """Remember them, unless the keys have changed while the token was judged."""
        if generation != self._generation:
            return
        self._claims[digest] = claims
        self._claims.move_to_end(digest)
        while len(self._claims) > self._size:
            self._claims.popitem(last=False)


class StandaloneTokens:
    """The server's own HS256 tokens: access and refresh, each naming a session (design 6).

    Args:
        secret: at least 32 bytes.
        clock: Unix seconds.
        access_ttl: seconds.
        refresh_ttl: seconds.

    Raises:
        ValueError: the secret is too short.
    """

    def __init__(
        self,
        secret: bytes,
        *,
        clock: Callable[[], float],
        access_ttl: int = ACCESS_TTL,
        refresh_ttl: int = REFRESH_TTL,
    ) -> None:
        self._secret = secret
        self._keys = secret_keys([secret]).keys
        self._clock = clock
        self._access_ttl = access_ttl
        self._refresh_ttl = refresh_ttl
        self._verified = VerifiedTokens()

    def issue(self, user_id: UUID, session_id: UUID, rotation: int) -> TokenPair:
        """A pair for this session; `rotation` counts its refresh tokens and makes each one different."""
        now = int(self._clock())
        named: dict[str, object] = {"sub": str(user_id), "sid": str(session_id), "iat": now}
        access = {**named, "typ": "access", "exp": now + self._access_ttl}
        refresh = {**named, "typ": "refresh", "exp": now + self._refresh_ttl, "rotation": rotation}
        return TokenPair(
            access=sign(access, self._secret), refresh=sign(refresh, self._secret), expires_in=self._access_ttl
        )

    async def verify(self, token: str) -> Claims:
        """The claims of an access token; a refresh token is refused."""
        raw = token_bytes(token)
        digest = hashlib.sha256(raw).digest()
        known = self._verified.find(digest, 0, self._clock())
        if known is not None:
            return known
        user_id, session_id, _, expires_at = self._read(raw, "access")
        claims = Claims(user_id, None, None, None, None, session_id, expires_at)
        self._verified.keep(digest, 0, claims)
        return claims

    def verify_refresh(self, token: str) -> RefreshClaims:
        """The claims of a refresh token; an access token is refused."""
        user_id, session_id, payload, expires_at = self._read(token_bytes(token), "refresh")
        rotation = payload.get("rotation")
        if isinstance(rotation, bool) or not isinstance(rotation, int):
            raise TokenError("the token is malformed")
        return RefreshClaims(user_id, session_id, rotation, expires_at)

    def _read(self, raw: bytes, kind: str) -> tuple[UUID, UUID, dict[str, object], float]:
        read_header(raw)
        payload = open_token(raw, self._keys)
        if payload is None:
            raise TokenError("the signature of the token is not valid")
        if payload.get("typ") != kind:
            raise TokenError("the token is of another kind")
        user_id, session_id = uuid_claim(payload, "sub"), uuid_claim(payload, "sid")
        if user_id is None or session_id is None:
            raise TokenError("the token names no session")
        # No leeway: the clock that judges is the one that issued.
        return user_id, session_id, payload, lifetime(payload, self._clock(), 0.0)


class PlatformTokens:
    """Tokens that a platform issues and this server only verifies (design 6).

    Args:
        keys: `secret_keys`, `pem_key` or `jwks.RemoteKeys`; they pin the algorithms.
        clock: Unix seconds.
        expected: audience and issuer to insist on.
    """

    def __init__(self, keys: KeySource, *, clock: Callable[[], float], expected: Expected | None = None) -> None:
        self._keys = keys
        self._clock = clock
        self._expected = expected or Expected()
        self._verified = VerifiedTokens()

    async def verify(self, token: str) -> Claims:
        """The claims of the token. Raises as `Verifier.verify`."""
        raw = token_bytes(token)
        digest = hashlib.sha256(raw).digest()
        generation = await self._keys.ready()
        known = self._verified.find(digest, generation, self._clock())
        if known is not None:
            return known
        claims = platform_claims(await self._payload(raw), self._expected, self._clock())
        self._verified.keep(digest, generation, claims)
        return claims

    async def _payload(self, raw: bytes) -> dict[str, object]:
        algorithm, kid = read_header(raw)
        payload = open_token(raw, self._keys.matching(algorithm, kid))
        if payload is None and await self._keys.renew():
            payload = open_token(raw, self._keys.matching(algorithm, kid))
        if payload is None:
            raise TokenError("the signature of the token is not valid")
        return payload
