"""What the operator does from the command line beside a server: seed, add and list users, issue tokens."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from argon2 import PasswordHasher

from duologue.api.caller import Authenticator
from duologue.app.errors import StartError
from duologue.app.parts import Stores, SystemClock
from duologue.app.tokens import platform_tokens
from duologue.auth.keys import sign
from duologue.auth.passwords import Passwords, default_hasher
from duologue.auth.tokens import StandaloneTokens
from duologue.brokers.memory.fanout import MemoryBroker
from duologue.brokers.memory.limits import MemoryLimiter
from duologue.config import Config
from duologue.core.accounts import Accounts, Listed
from duologue.core.callers import Callers, Identity
from duologue.core.errors import Conflict, NotFound, Unauthorized, ValidationFailed
from duologue.core.ids import new_id
from duologue.core.model import User
from duologue.core.users import is_username, username_key
from duologue.storage.postgres import Postgres
from duologue.storage.seed import PASSWORD, Seeded, seed

TOKEN_TTL = 30 * 24 * 3600  # seconds a platform's token from the command line is good for
_NO_SECRET = "only the platform can issue tokens: it has the private key. Give JWT_SECRET to try things out."  # noqa: S105
_NO_PASSWORDS = "accounts with passwords are the stand-alone server's; behind a platform use `duologue token`."
_PAGE = 500


class Operator:
    """Acts on one database, with nobody's token."""

    def __init__(self, config: Config, postgres: Postgres, *, hasher: PasswordHasher | None = None) -> None:
        self._config = config
        self._postgres = postgres
        self._clock = SystemClock()
        self._stores = Stores(postgres, clock=self._clock, ids=new_id)
        self._hasher = hasher or default_hasher()

    @property
    def is_standalone(self) -> bool:
        """Accounts are our own: no platform's key is configured."""
        config = self._config
        return not (config.jwt_secret or config.jwt_public_key or config.jwt_jwks_url)

    async def seed(self) -> Seeded:
        """Write the demo world, once; with accounts if those are ours. Raises `Conflict`: somebody has one of the names."""
        hashed: str | None = None
        if self.is_standalone:
            async with self._passwords() as passwords:
                hashed = await passwords.hash(PASSWORD)
        return await seed(self._postgres, now=datetime.now(UTC), password_hash=hashed)

    async def add_user(self, username: str, password: str) -> User:
        """Make an account."""
        if not self.is_standalone:
            raise StartError(_NO_PASSWORDS)
        async with self._passwords() as passwords:
            return await self._accounts(passwords).add(username, password)

    async def users(self) -> AsyncIterator[Listed]:
        """Everybody, by username."""
        after = ""
        while page := await self._stores.accounts.page(after, _PAGE):
            for listed in page:
                yield listed
            after = page[-1].user.username

    async def token(self, name: str, username: str | None) -> str:
        """An access token for a user, by username or id.

        Somebody new needs an id and a username, but behind a platform any `sub` will do. Raises `NotFound`, `Conflict`,
        `ValidationFailed`, `StartError`.
        """
        if username is not None and not is_username(username):
            raise ValidationFailed(f"{username!r} cannot be a username")
        if self.is_standalone:
            return await self._own_token(name, username)
        if not self._config.jwt_secret:
            raise StartError(_NO_SECRET)
        return await self._platform_token(name, username)

    async def _own_token(self, name: str, username: str | None) -> str:
        user = await self._find(name) or await self._admitted(name, username)
        if username is not None and username_key(username) != username_key(user.username):
            raise Conflict(f"That user is called {user.username}")
        tokens = StandaloneTokens(await self._stores.accounts.secret(), clock=self._clock.now)
        async with self._passwords() as passwords:
            signed = await self._accounts(passwords).sign_in(user)
        return tokens.issue(user.id, signed.session_id, signed.rotation).access

    async def _admitted(self, name: str, username: str | None) -> User:
        """A new user without a password; nobody loses their name to them."""
        user_id = _uuid(name)
        if user_id is None or username is None:
            raise NotFound(f"No user is called {name}; `duologue user add` makes one")
        if await self._stores.users.by_username(username) is not None:
            raise Conflict(f"Somebody else is called {username}")
        return (await Callers(self._stores.callers).resolve(Identity(user_id, username=username))).user

    async def _platform_token(self, name: str, username: str | None) -> str:
        config, now = self._config, int(self._clock.now())
        known = await self._find(name)
        subject = str(known.id) if known else name
        claims: dict[str, object] = {"sub": subject, "iat": now, "exp": now + TOKEN_TTL}
        if config.jwt_issuer:
            claims["iss"] = config.jwt_issuer
        if config.jwt_audience:
            claims["aud"] = config.jwt_audience[0]
        named = username or (None if known or _uuid(name) or not is_username(name) else name)
        if named:
            claims["username"] = named
        token = sign(claims, config.jwt_secret[0].encode())
        await self._meet(token)
        return token

    async def _meet(self, token: str) -> None:
        """Make the user known at once, as a request would, so that others find them before their first one."""
        async with AsyncExitStack() as stack:
            tokens = platform_tokens(self._config, clock=self._clock, stack=stack)
            if tokens is None:
                raise StartError(_NO_SECRET)
            try:
                await Authenticator(tokens, Callers(self._stores.callers)).caller(token)
            except Unauthorized as error:
                raise ValidationFailed("Nobody can be called so, or they were erased") from error

    async def _find(self, name: str) -> User | None:
        user_id = _uuid(name)
        return await self._stores.users.get(user_id) if user_id else await self._stores.users.by_username(name)

    def _accounts(self, passwords: Passwords) -> Accounts:
        return Accounts(
            store=self._stores.accounts,
            passwords=passwords,
            limiter=MemoryLimiter(self._clock, {}),
            broker=MemoryBroker(),
            clock=self._clock,
            ids=new_id,
        )

    @asynccontextmanager
    async def _passwords(self) -> AsyncIterator[Passwords]:
        async with AsyncExitStack() as stack:
            passwords = Passwords(self._hasher)
            stack.callback(passwords.close)
            yield passwords


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
