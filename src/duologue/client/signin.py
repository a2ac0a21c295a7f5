"""A stand-alone account kept signed in: hands out access tokens and refreshes them (design part 6)."""

import asyncio
import time
from collections.abc import Callable
from typing import Self

from duologue.client.accounts import AccountCalls
from duologue.client.wire import SignedIn, User

SPARE = 30.0
"""Seconds before its end when an access token counts as expired; one younger than this is fresh for everybody."""


class SignIn:
    """A token provider for one signed-in user, for `Rest`, `Socket` and `Session` together.

    Refresh tokens rotate, and one used twice ends its session, so that all must share one SignIn. Keep `refresh_token` to go
    on after a restart.
    """

    def __init__(self, calls: AccountCalls, signed: SignedIn, *, clock: Callable[[], float] = time.time) -> None:
        self._calls = calls
        self._clock = clock
        self._lock = (
            asyncio.Lock()
        )  # only around refreshing, which carries no token: other calls ask this very provider
        self.user: User = signed.user
        self._keep(signed)

    @classmethod
    async def login(cls, calls: AccountCalls, username: str, password: str) -> Self:
        """Sign in by password."""
        return cls(calls, await calls.login(username, password))

    @classmethod
    async def register(cls, calls: AccountCalls, username: str, password: str) -> Self:
        """Make an account and sign in."""
        return cls(calls, await calls.register(username, password))

    async def __call__(self, *, fresh: bool) -> str:
        """The access token; refreshed when asked or when it is about to expire, once for all who ask together."""
        async with self._lock:
            now = self._clock()
            if now >= self._expires - SPARE or (fresh and now >= self._issued + SPARE):
                self._keep(await self._calls.refresh(self.refresh_token))
            return self._access

    async def change_password(self, password: str, new_password: str) -> None:
        """Set a new password and stay signed in, alone."""
        self._keep(await self._calls.change_password(password, new_password))

    async def logout(self) -> None:
        """End this session on the server."""
        await self._calls.logout(self.refresh_token)

    def _keep(self, signed: SignedIn) -> None:
        self._access = signed.access_token
        self.refresh_token = signed.refresh_token
        self._issued = self._clock()
        self._expires = self._issued + signed.expires_in
