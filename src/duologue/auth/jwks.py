"""A platform's key set (JWKS, RFC 7517), fetched over HTTP and kept fresh.

Here: fetching, sorting out usable keys, and when to ask again. Not here: what is done with a key (`keys`).
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

import httpx
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from duologue.auth.claims import KeysUnavailable
from duologue.auth.keys import MAX_TRIES, PUBLIC_ALGORITHMS, Key, public_key

FETCH_TIMEOUT = 5.0
MAX_BODY = 256 * 1024
MAX_KEYS = 64
# Seconds. A set older than MAX_AGE is fetched anew behind the requests' backs; one that nobody asked for during IDLE
# is fetched before the next token is judged, so that a key withdrawn meanwhile opens nothing.
MAX_AGE = 600.0
IDLE = 3600.0
MIN_INTERVAL = 60.0
RETRY_WITHOUT_KEYS = 5.0

_log = structlog.get_logger(__name__)


class KeySetError(Exception):
    """What the endpoint answered is no usable key set."""


class RemoteKeys:
    """The keys behind a JWKS URL; a `KeySource`.

    One fetch at a time, however many wait. An unknown key makes it ask again, at most once a minute. When the
    endpoint goes away or answers nonsense (an empty set included), the last good set stays in force.

    Args:
        url: http or https.
        client: used for this alone, and closed by `aclose`.
        monotonic: seconds of a clock that is never set back.
        timeout: seconds for a whole fetch.

    Raises:
        ValueError: the URL is none that can be fetched.
    """

    def __init__(
        self,
        url: str,
        *,
        client: httpx.AsyncClient,
        monotonic: Callable[[], float],
        timeout: float = FETCH_TIMEOUT,
    ) -> None:
        if not _is_fetchable(url):
            raise ValueError("the JWKS URL must begin with https:// or http:// and name a host")
        self._url = url
        self._client = client
        self._monotonic = monotonic
        self._timeout = timeout
        self._keys: tuple[Key, ...] = ()
        self._generation = 0
        self._fetched_at = self._tried_at = float("-inf")
        self._flight: asyncio.Task[None] | None = None

    async def ready(self) -> int:
        """The generation of the set in force; waits only for the first set, or after an idle hour."""
        quiet = self._monotonic() - self._tried_at
        if not self._keys:
            await self._first_set(quiet)
        elif quiet > IDLE:
            await self._fetched()
        elif quiet >= MIN_INTERVAL and self._monotonic() - self._fetched_at > MAX_AGE:
            self._depart()
        return self._generation

    def matching(self, algorithm: str, kid: str | None) -> Sequence[Key]:
        """The keys with this `kid`, or without one those of the algorithm (OpenID Connect Core, 10.1)."""
        fitting = [key for key in self._keys if key.algorithm == algorithm and kid in {None, key.kid}]
        return fitting[:MAX_TRIES]

    async def renew(self) -> bool:
        """Fetch anew, or join the fetch under way, if the last one is a minute old. True if the keys changed."""
        before = self._generation
        if self._flight is not None or self._monotonic() - self._tried_at >= MIN_INTERVAL:
            await self._fetched()
        return self._generation != before

    async def aclose(self) -> None:
        """Give up a fetch under way and close the client."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait([self._flight])
        await self._client.aclose()

    async def _first_set(self, quiet: float) -> None:
        if self._flight is not None or quiet >= RETRY_WITHOUT_KEYS:
            await self._fetched()
        if not self._keys:
            raise KeysUnavailable(retry_after=int(RETRY_WITHOUT_KEYS))

    async def _fetched(self) -> None:
        # Shielded: one caller who hangs up must not take the fetch from the others.
        await asyncio.shield(self._depart())

    def _depart(self) -> asyncio.Task[None]:
        if self._flight is None:
            self._flight = asyncio.create_task(self._fetch(), name="jwks-fetch")
        return self._flight

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                keys = read_key_set(await self._download())
            self._replace(keys)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, KeySetError, OSError) as error:
            _log.warning("jwks_fetch_failed", error=type(error).__name__, keys_kept=len(self._keys))
        finally:
            self._tried_at = self._monotonic()
            self._flight = None

    def _replace(self, keys: tuple[Key, ...]) -> None:
        self._fetched_at = self._monotonic()
        if keys != self._keys:
            self._keys = keys
            self._generation += 1

    async def _download(self) -> bytes:
        """The body as sent: not decompressed (a bomb stays packed), not redirected, never more than 256 KiB of it."""
        headers = {"accept": "application/jwk-set+json, application/json", "accept-encoding": "identity"}
        body = bytearray()
        async with self._client.stream("GET", self._url, headers=headers, follow_redirects=False) as response:
            if response.status_code != httpx.codes.OK:
                raise KeySetError
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_BODY:
                    raise KeySetError
        return bytes(body)


def read_key_set(body: bytes) -> tuple[Key, ...]:
    """The usable keys of a set; one that is malformed, private, symmetric or meant for something else is skipped.

    Raises:
        KeySetError: not a key set, or nothing in it is usable.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise KeySetError from None
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise KeySetError
    keys = tuple(key for key in map(_usable, members[:MAX_KEYS]) if key is not None)
    if not keys:
        raise KeySetError
    return keys


def _usable(member: object) -> Key | None:
    """The key, if it is meant for verifying signatures with an algorithm that is accepted here."""
    if not isinstance(member, dict) or not _is_meant_for_us(member):
        return None
    try:
        # An `alg` that does not fit the kind of key fails here.
        return public_key(PyJWK(member).key, member.get("kid"))
    except (PyJWTError, ValueError, TypeError, AttributeError, LookupError, OverflowError, UnsupportedAlgorithm):
        return None


def _is_meant_for_us(member: Mapping[str, object]) -> bool:
    """RFC 7517, 4: `use`, `key_ops` and `alg` are optional; what is said must allow verifying."""
    kid, operations = member.get("kid"), member.get("key_ops", ["verify"])
    return (
        member.get("use", "sig") == "sig"
        and member.get("alg") in (None, *PUBLIC_ALGORITHMS)
        and (kid is None or isinstance(kid, str))
        and isinstance(operations, list)
        and "verify" in operations
    )


def _is_fetchable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False
