"""Passwords of stand-alone accounts: argon2id (RFC 9106), off the event loop.

Here: hashing and checking, with bounded threads and a bounded queue. Not here: which passwords are allowed (8 to
1,024 characters, checked where they enter), accounts and sessions (storage).
"""

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MAX_CHARACTERS = 1024
THREADS = 2
MAX_WAITING = 64

Result = TypeVar("Result")

_log = structlog.get_logger(__name__)


class PasswordRefused(ValueError):
    """The password cannot be hashed: over 1,024 characters, or not encodable as UTF-8."""


class PasswordsBusy(Exception):
    """Too many sign-ins wait already; nothing was checked. 503, try again in a second."""


def default_hasher() -> PasswordHasher:
    """Argon2id with 46 MiB, two passes and one lane: twice the work of the OWASP floor for this memory.

    One lane, because its threads compete with the event loop: the library's four lanes would take every core of a
    small machine for each sign-in. Two at a time need 92 MiB at most.
    """
    return PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)


class Passwords:
    """Hashes and verifies on two threads of its own; `close` ends them.

    Args:
        hasher: parameters for new hashes; old ones verify with their own.
    """

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._waiting = 0
        self._nobody = _unmatchable(hasher)

    async def hash(self, password: str) -> str:
        """An encoded hash with a salt of its own.

        Raises:
            PasswordRefused: too long, or no UTF-8.
            PasswordsBusy: try later.
        """
        secret = _encoded(password)
        if secret is None:
            raise PasswordRefused("the password is too long or holds characters that cannot be encoded")
        return await self._off_loop(lambda: self._hasher.hash(secret))

    async def verify(self, known: str | None, password: str) -> bool:
        """Whether the password belongs to the hash. None (no such user) costs the same and is False.

        Raises:
            PasswordsBusy: try later.
        """
        secret = _encoded(password)
        if secret is None:  # for known and unknown users alike
            return False
        return await self._off_loop(lambda: self._matches(known, secret))

    def needs_rehash(self, known: str) -> bool:
        """Whether a hash was made with other parameters than today's; ask after a successful `verify`."""
        return self._hasher.check_needs_rehash(known)

    def close(self) -> None:
        """Finish what has begun and end the threads."""
        self._threads.shutdown()

    def _matches(self, known: str | None, secret: bytes) -> bool:
        try:
            return self._hasher.verify(known or self._nobody, secret) and known is not None
        except InvalidHashError:
            _log.error("password_hash_unreadable")
            return self._matches(None, secret)
        except VerificationError:
            return False

    async def _off_loop(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= MAX_WAITING:
            raise PasswordsBusy("too many sign-ins at once")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _encoded(password: str) -> bytes | None:
    """UTF-8 of the NFC form (RFC 8265, 4.2), so that every keyboard's spelling of one character is one password."""
    if len(password) > MAX_CHARACTERS:
        return None
    try:
        return unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None


def _unmatchable(hasher: PasswordHasher) -> str:
    """A hash with the hasher's parameters and a random digest: no password is known to fit, nothing is computed."""
    salt, digest = (_base64(secrets.token_bytes(size)) for size in (hasher.salt_len, hasher.hash_len))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
