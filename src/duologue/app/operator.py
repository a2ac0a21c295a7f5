"""What the operator does from the command line beside a server: seed, add and list users, issue tokens."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from duologue.app.errors import StartError
from duologue.app.parts import Stores, SystemClock
from duologue.auth.claims import external_user_id
from duologue.auth.keys import sign
from duologue.auth.passwords import Passwords, default_hasher
from duologue.auth.tokens import StandaloneTokens
from duologue.brokers.memory.fanout import MemoryBroker
from duologue.brokers.memory.limits import MemoryLimiter
from duologue.config import Config
from duologue.core.accounts import Accounts, Listed
from duologue.core.callers import Callers, Identity
from duologue.core.errors import NotFound
from duologue.core.ids import new_id
from duologue.core.model import User
from duologue.core.users import NO_USER
from duologue.storage.postgres import Postgres
from duologue.storage.seed import PASSWORD, Seeded, seed

TOKEN_TTL = 30 * 24 * 3600  # seconds a platform's token from the command line is good for
_NO_SECRET = "only the platform can issue tokens: it has the private key. Give JWT_SECRET to try things out."  # noqa: S105
_NO_PASSWORDS = "accounts with passwords are the stand-alone server's; behind a platform use `duologue token`."
_PAGE = 500


class Operator:
    """Acts on one database, with nobody's token."""

    def __init__(self, config: Config, postgres: Postgres) -> None:
        self._config = config
        self._postgres = postgres
        self._clock = SystemClock()
        self._stores = Stores(postgres, clock=self._clock, ids=new_id)

    @property
    def is_standalone(self) -> bool:
        """Accounts are our own: no platform's key is configured."""
        config = self._config
        return not (config.jwt_secret or config.jwt_public_key or config.jwt_jwks_url)

    async def seed(self) -> Seeded:
        """Write the demo world, once; with accounts if those are ours. Raises `SeedRefused`."""
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
        after, page = "", Sequence[Listed]
        while page := await self._stores.accounts.page(after, _PAGE):
            for listed in page:
                yield listed
            after = page[-1].user.username

    async def token(self, name: str, username: str | None) -> str:
        """An access token for a user: by username or id; behind a platform any id or `sub`, made on first sight."""
        if self.is_standalone:
            return await self._own_token(name)
        if not self._config.jwt_secret:
            raise StartError(_NO_SECRET)
        return await self._platform_token(name, username)

    async def _own_token(self, name: str) -> str:
        user = await self._find(name)
        if user is None:
            raise NotFound(NO_USER)
        tokens = StandaloneTokens(await self._stores.accounts.secret(), clock=self._clock.now)
        async with self._passwords() as passwords:
            signed = await self._accounts(passwords).sign_in(user.id)
        return tokens.issue(user.id, signed.session_id, signed.rotation).access

    async def _platform_token(self, name: str, username: str | None) -> str:
        config, now = self._config, int(self._clock.now())
        known = await self._find(name)
        subject = str(known.id) if known else name
        claims: dict[str, object] = {"sub": subject, "iat": now, "exp": now + TOKEN_TTL}
        if config.jwt_issuer:
            claims["iss"] = config.jwt_issuer
        if config.jwt_audience:
            claims["aud"] = config.jwt_audience[0]
        named = username or (None if known or _uuid(name) else name)
        if named:
            claims["username"] = named
        await self._meet(subject, named)
        return sign(claims, config.jwt_secret[0].encode())

    async def _meet(self, subject: str, username: str | None) -> None:
        """Make the user known at once, so that others find them before their first request."""
        own = _uuid(subject)
        user_id = own or external_user_id(self._config.jwt_issuer, subject)
        identity = Identity(user_id, external_id=None if own else subject, username=username)
        await Callers(self._stores.callers).resolve(identity)

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
            passwords = Passwords(default_hasher())
            stack.callback(passwords.close)
            yield passwords


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
