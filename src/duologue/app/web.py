"""HTTP and sockets put together: who calls, what answers, what is counted."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from litestar.handlers import HTTPRouteHandler

from duologue import __version__
from duologue.api.accounts import AccountsApi, account_handlers
from duologue.api.admin import AdminApi, AdminServices, admin_handlers
from duologue.api.bearer import SignedIn
from duologue.api.caller import Authenticator
from duologue.api.camel.errors import ErrorBody
from duologue.api.camel.errors import error_body as camel_body
from duologue.api.camel.rest import Rest
from duologue.api.camel.rest import Services as RestServices
from duologue.api.camel.ws import CamelCommands
from duologue.api.camel.ws import Services as CommandServices
from duologue.api.commands import Connection, SocketCommands
from duologue.api.erasure import ErasureApi, erasure_handlers
from duologue.api.errors import ErrorBodies
from duologue.api.exchange import App
from duologue.api.files import FileServing, file_handlers
from duologue.api.health import Health, LoopLag
from duologue.api.metrics import Metrics, Readings
from duologue.api.policy import PagePolicy
from duologue.api.server import Services, Surroundings, build_api
from duologue.api.snake.errors import error_body as snake_body
from duologue.api.snake.rest import Rest as SnakeRest
from duologue.api.snake.rest import Services as SnakeServices
from duologue.api.snake.ws import Services as SnakeCommandServices
from duologue.api.snake.ws import SnakeCommands
from duologue.api.socket import Admission, SocketEndpoint
from duologue.api.users import UsersApi, user_handlers
from duologue.api.web import About, WebClient
from duologue.app.admin import Administration
from duologue.app.parts import Core, Realtime, Stores
from duologue.app.tokens import platform_tokens
from duologue.auth.links import Links
from duologue.auth.passwords import Passwords, default_hasher
from duologue.auth.tokens import StandaloneTokens
from duologue.config import Config
from duologue.core.accounts import Accounts
from duologue.core.erasure import OwnErasure
from duologue.core.history import History
from duologue.core.ports import Clock, Ids
from duologue.core.users import Users
from duologue.realtime.codec import Codec


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Builds the ASGI application over the parts. `stack` closes what is opened here; `draining`: the server stops.

    `client_folder`: where the built web client lies.
    """

    config: Config
    stores: Stores
    core: Core
    realtime: Realtime
    clock: Clock
    ids: Ids
    stack: AsyncExitStack
    draining: Callable[[], bool]
    client_folder: Path

    async def build(self) -> App:
        """The application. Raises `StartError`."""
        verifier = platform_tokens(self.config, clock=self.clock, stack=self.stack) or await self._own_tokens()
        own = verifier if isinstance(verifier, StandaloneTokens) else None
        callers = Authenticator(verifier, self.core.callers)
        signed_in = SignedIn(callers)
        admission = Admission(callers=callers, arrivals=self.realtime.arrivals)
        connection = Connection(self.realtime.resume, self.stores.events, admission, self.clock)
        camel, snake = self._camel_commands(connection), self._snake_commands(connection)
        lag = LoopLag()
        metrics = Metrics(_readings(self.core, self.realtime, lag))
        users = self._users(is_platform=own is None)
        serving = await self._serving(signed_in)
        more = [*self._more(own, users, signed_in), *file_handlers(serving, ErrorBody)]
        services = Services(
            rest=self._rest(camel.codec, serving),
            snake=self._snake_rest(snake.codec, users, serving),
            signed_in=signed_in,
            health=self._health(lag, metrics),
            metrics=metrics,
            lag=lag,
            socket=self._endpoint(camel, admission, camel_body),
            snake_socket=self._endpoint(snake, admission, snake_body),
            more=more,
        )
        return build_api(services, self._surroundings(await self._client(has_accounts=own is not None)))

    async def _own_tokens(self) -> StandaloneTokens:
        return StandaloneTokens(await self.stores.accounts.secret(), clock=self.clock.now)

    def _camel_commands(self, connection: Connection) -> CamelCommands:
        core = self.core
        services = CommandServices(
            sends=core.sends,
            receipts=core.receipts,
            blocks=core.blocks,
            typing=core.typing,
            typing_table=self.realtime.typing,
        )
        return CamelCommands(services, connection)

    def _snake_commands(self, connection: Connection) -> SnakeCommands:
        core = self.core
        services = SnakeCommandServices(
            conversations=core.conversations,
            sends=core.sends,
            receipts=core.receipts,
            typing=core.typing,
            typing_table=self.realtime.typing,
        )
        return SnakeCommands(services, connection)

    def _endpoint(self, commands: SocketCommands, admission: Admission, bodies: ErrorBodies) -> SocketEndpoint:
        return SocketEndpoint(
            hub=self.realtime.hub,
            admission=admission,
            commands=commands,
            limiter=self.core.limiter,
            bodies=bodies,
            ids=self.ids,
        )

    async def _serving(self, signed_in: SignedIn) -> FileServing:
        secret = await self.stores.accounts.secret()
        links = Links(secret, clock=self.clock.now, ttl=self.config.link_ttl)
        return FileServing(self.core.downloads, links, signed_in)

    def _rest(self, codec: Codec, serving: FileServing) -> Rest:
        core = self.core
        services = RestServices(
            conversations=core.conversations,
            messages=core.messages,
            sends=core.sends,
            receipts=core.receipts,
            blocks=core.blocks,
            uploads=core.uploads,
            resumable=core.resumable,
            serving=serving,
            polls=self.realtime.polls,
            limiter=core.limiter,
            codec=codec,
        )
        return Rest(services)

    def _snake_rest(self, codec: Codec, users: Users, serving: FileServing) -> SnakeRest:
        core = self.core
        services = SnakeServices(
            conversations=core.conversations,
            history=History(core.messages, core.receipts),
            messages=core.messages,
            sends=core.sends,
            receipts=core.receipts,
            blocks=core.blocks,
            users=users,
            uploads=core.uploads,
            resumable=core.resumable,
            serving=serving,
            polls=self.realtime.polls,
            limiter=core.limiter,
            codec=codec,
        )
        return SnakeRest(services)

    def _users(self, *, is_platform: bool) -> Users:
        return Users(
            store=self.stores.users,
            limiter=self.core.limiter,
            broker=self.core.broker,
            avatar_origins=self.config.avatar_origins,
            platform=is_platform,
        )

    def _more(self, own: StandaloneTokens | None, users: Users, signed_in: SignedIn) -> Iterator[HTTPRouteHandler]:
        """What stands beside the dialects: users, accounts of our own, operators."""
        core, config = self.core, self.config
        administration = Administration(
            self.stores.postgres,
            config,
            pipeline=core.pipeline,
            broker=core.broker,
            presence=core.presence,
            files=core.files.store,
            ids=self.ids,
        )
        accounts = self._accounts() if own else None
        yield from user_handlers(UsersApi(users), signed_in.guard)
        yield from erasure_handlers(ErasureApi(OwnErasure(administration.erasure, accounts)), signed_in.guard)
        if own and accounts:
            yield from account_handlers(AccountsApi(accounts, own), signed_in.guard)
        if config.admin_token:
            yield from admin_handlers(AdminApi(self._admin(administration)), config.admin_token)

    def _admin(self, administration: Administration) -> AdminServices:
        return AdminServices(
            admin=administration.admin,
            upserts=administration.upserts,
            standing=administration.standing,
            erasure=administration.erasure,
            export=administration.export,
            connections=lambda: len(self.realtime.hub.sessions),
        )

    def _accounts(self) -> Accounts:
        passwords = Passwords(default_hasher())
        self.stack.callback(passwords.close)
        return Accounts(
            store=self.stores.accounts,
            passwords=passwords,
            limiter=self.core.limiter,
            broker=self.core.broker,
            clock=self.clock,
            ids=self.ids,
        )

    def _health(self, lag: LoopLag, metrics: Metrics) -> Health:
        return Health(
            ping=self.stores.postgres.ping,
            draining=self.draining,
            lag=lag,
            metrics=metrics,
            clock=self.clock,
            version=__version__,
        )

    async def _client(self, *, has_accounts: bool) -> WebClient | None:
        config = self.config
        if config.web_client == "off":
            return None
        about = About(has_accounts, config.cors_origins, __version__)
        policy = PagePolicy(avatars=config.avatar_origins, frames=config.cors_origins)
        return await asyncio.to_thread(WebClient.read, self.client_folder, about, policy)

    def _surroundings(self, client: WebClient | None) -> Surroundings:
        return Surroundings(
            version=__version__,
            clock=self.clock,
            ids=self.ids,
            limits=self.config.rate_limits,
            cors_origins=self.config.cors_origins,
            trusted_proxies=[str(network) for network in self.config.trusted_proxies],
            client=client,
        )


def _readings(core: Core, realtime: Realtime, lag: LoopLag) -> Readings:
    flushes = core.flushes
    return Readings(
        messages=lambda: sum(flush.messages for flush in flushes),
        connections=lambda: len(realtime.hub.sessions),
        queued=lambda: core.queue.held,
        commits=lambda: sum(flush.commits for flush in flushes),
        items=lambda: sum(flush.items for flush in flushes),
        failures=lambda: sum(flush.failures for flush in flushes),
        loop_lag=lambda: lag.seconds,
        infected=lambda: core.housekeeping.infected,
    )
