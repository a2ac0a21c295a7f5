"""The composition root: the only file that knows everybody. Settings in, a running server out.

`Server` owns what lives as long as the process: database, pipeline, hub, listener. Nothing here decides anything.
"""

import asyncio
import logging
import signal
import socket
import sys
import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
import uvicorn

from duologue import __version__
from duologue.api.bearer import SignedIn
from duologue.api.caller import Authenticator
from duologue.api.camel import errors as camel_errors
from duologue.api.camel import ws as camel_ws
from duologue.api.camel.rest import Rest
from duologue.api.exchange import App
from duologue.api.health import Health, LoopLag
from duologue.api.metrics import Metrics, Readings
from duologue.api.server import Services, Surroundings, build_api
from duologue.api.socket import Admission, SocketEndpoint
from duologue.api.transport import SocketLink
from duologue.auth.claims import Expected
from duologue.auth.keys import secret_keys
from duologue.auth.tokens import PlatformTokens, Verifier
from duologue.brokers.memory.fanout import MemoryBroker
from duologue.brokers.memory.limits import MemoryLimiter
from duologue.brokers.memory.presence import MemoryPresence
from duologue.config import Config
from duologue.core.blocks import Blocks
from duologue.core.callers import Callers
from duologue.core.conversations import Conversations
from duologue.core.errors import Unavailable
from duologue.core.ids import new_id
from duologue.core.messages import Messages
from duologue.core.ports import Clock, Ids
from duologue.core.presence import Typing
from duologue.core.receipts import Receipts
from duologue.pipeline.flush import Flush
from duologue.pipeline.lanes import Lanes
from duologue.pipeline.queue import Queue
from duologue.realtime.arrivals import Arrivals
from duologue.realtime.connects import Batched
from duologue.realtime.heartbeat import Heartbeat, Intervals
from duologue.realtime.hub import Hub
from duologue.realtime.polls import Polls
from duologue.realtime.presence import Edges
from duologue.realtime.relay import Relay
from duologue.realtime.resume import Resume
from duologue.realtime.runtime import Runtime
from duologue.realtime.typing import TypingTable
from duologue.storage.accounts import AccountStore
from duologue.storage.blocks import BlockStore
from duologue.storage.callers import CallerStore
from duologue.storage.connects import ConnectStore
from duologue.storage.conversations import ConversationStore
from duologue.storage.embedded import EmbeddedPostgres
from duologue.storage.events import EventLog
from duologue.storage.ledger import Ledger
from duologue.storage.messages import MessageStore
from duologue.storage.migrate import Migrator
from duologue.storage.postgres import Postgres
from duologue.storage.users import UserStore

POSTGRES_FOLDER = "postgres"  # below DATA_DIR
UPKEEP = 60.0  # seconds between two rounds of pruning
DRAIN = 10.0  # seconds for requests and sockets to end
BACKLOG = 2_048
_log = structlog.get_logger(__name__)


class StartError(Exception):
    """The server cannot start; the sentence says what to change."""


class SystemClock:
    """The machine's clocks."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()


class Stores:
    """One adapter per noun on one pool."""

    def __init__(self, postgres: Postgres, *, clock: Clock, ids: Ids) -> None:
        self.postgres = postgres
        self.conversations = ConversationStore(postgres)
        self.messages = MessageStore(postgres)
        self.blocks = BlockStore(postgres)
        self.users = UserStore(postgres)
        self.events = EventLog(postgres)
        self.connects = ConnectStore(postgres)
        self.callers = CallerStore(postgres, clock=clock, ids=ids)
        self.accounts = AccountStore(postgres)


class Core:
    """The use cases over their ports, and what they share: pipeline, broker, presence, limits."""

    def __init__(self, stores: Stores, config: Config, *, clock: Clock, ids: Ids) -> None:
        self.broker = MemoryBroker()
        self.presence = MemoryPresence(clock, config.presence_ttl)
        self.limiter = MemoryLimiter(clock, config.rate_limits)
        self.ledgers = (Ledger(stores.postgres.connect), Ledger(stores.postgres.connect))
        self.flushes = (Flush(self.ledgers[0]), Flush(self.ledgers[1]))
        self.queue = Queue(clock=clock)
        first, second = self.flushes
        lanes = Lanes(queue=self.queue, first=first, second=second, broker=self.broker, clock=clock)
        self.pipeline = lanes
        self.messages = Messages(
            pipeline=lanes, store=stores.messages, limiter=self.limiter, presence=self.presence, ids=ids
        )
        self.conversations = Conversations(
            pipeline=lanes,
            store=stores.conversations,
            users=stores.users,
            limiter=self.limiter,
            presence=self.presence,
            ids=ids,
        )
        self.receipts = Receipts(pipeline=lanes, limiter=self.limiter)
        self.blocks = Blocks(pipeline=lanes, store=stores.blocks, users=stores.users, presence=self.presence, ids=ids)
        self.typing = Typing(store=stores.conversations, broker=self.broker)


class Realtime:
    """Who is connected here, and how everything reaches them."""

    def __init__(self, stores: Stores, core: Core, config: Config, *, clock: Clock, ids: Ids) -> None:
        self.runtime = runtime = Runtime(clock)
        connects = Batched(stores.connects, runtime.background)
        self.edges = Edges(
            presence=core.presence, users=stores.users, connects=connects, broker=core.broker, runtime=runtime
        )
        self.resume = Resume(log=stores.events, conversations=stores.conversations, edges=self.edges, runtime=runtime)
        self.hub = Hub(
            clock=clock,
            ids=ids,
            max_connections=config.max_connections,
            gap=self.resume.gap,
            gone=self.edges.leave,
        )
        self.polls = Polls(
            hub=self.hub,
            log=stores.events,
            connects=connects,
            edges=self.edges,
            ids=ids,
            runtime=runtime,
            max_per_user=config.max_connections_per_user,
        )
        self.typing = TypingTable(broker=core.broker, ttl=config.typing_ttl)
        self.arrivals = Arrivals(
            hub=self.hub,
            connects=connects,
            edges=self.edges,
            resume=self.resume,
            log=stores.events,
            max_per_user=config.max_connections_per_user,
        )
        self.relay = Relay(hub=self.hub, broker=core.broker, typing=self.typing, log=stores.events, runtime=runtime)
        intervals = Intervals(config.ping_interval, config.pong_timeout, config.auth_timeout, config.presence_ttl)
        self.heartbeat = Heartbeat(
            hub=self.hub,
            polls=self.polls,
            typing=self.typing,
            edges=self.edges,
            intervals=intervals,
            runtime=runtime,
        )


class Server:
    """A server in this process. `start` returns the base URL; `stop` drains and gives everything back."""

    def __init__(self, config: Config, *, clock: Clock | None = None, ids: Ids = new_id, migrate: bool = True) -> None:
        self._config = config
        self._clock = clock or SystemClock()
        self._ids = ids
        self._migrate = migrate
        self._stack = AsyncExitStack()
        self._draining = False

    async def start(self) -> str:
        """Open everything from the database up, then listen.

        Raises `StartError`, `EmbeddedError`, `StoreUnreachable` or
        `MigrationError`; nothing is left running then.
        """
        try:
            dsn = await self._database()
            migrator = Migrator(dsn)
            await (migrator.up() if self._migrate else migrator.check())
            postgres = Postgres(dsn, size=self._config.db_pool)
            await postgres.open()
            self._stack.push_async_callback(postgres.close)
            stores = Stores(postgres, clock=self._clock, ids=self._ids)
            return await self._run(stores)
        except BaseException:
            await self._stack.aclose()
            raise

    async def stop(self) -> None:
        """Take nobody any more, end sockets and requests in order, answer what has entered, close."""
        self._draining = True
        await self._stack.aclose()

    async def _database(self) -> str:
        if self._config.database_url:
            return self._config.database_url
        embedded = EmbeddedPostgres(self._config.data_dir / POSTGRES_FOLDER)
        dsn = await embedded.start()
        self._stack.push_async_callback(embedded.stop)
        self._spawn(embedded.supervise())
        return dsn

    async def _run(self, stores: Stores) -> str:
        config, clock, ids = self._config, self._clock, self._ids
        core = Core(stores, config, clock=clock, ids=ids)
        realtime = Realtime(stores, core, config, clock=clock, ids=ids)
        core.pipeline.start()
        for ledger in core.ledgers:
            self._stack.push_async_callback(ledger.close)
        self._stack.push_async_callback(core.pipeline.stop)
        self._stack.push_async_callback(realtime.runtime.background.stop, DRAIN)
        realtime.relay.start()
        realtime.heartbeat.start()
        self._stack.callback(realtime.relay.stop)
        self._stack.callback(realtime.heartbeat.stop)
        self._spawn(self._upkeep(stores))
        return await self._listen(self._api(stores, core, realtime), realtime.hub)

    def _api(self, stores: Stores, core: Core, realtime: Realtime) -> App:
        config, clock = self._config, self._clock
        lag = LoopLag()
        metrics = Metrics(_readings(core, realtime, lag))
        callers = Authenticator(verifier=self._verifier(), callers=Callers(stores.callers))
        admission = Admission(callers=callers, arrivals=realtime.arrivals)
        commands = camel_ws.CamelCommands(
            camel_ws.Services(
                messages=core.messages,
                receipts=core.receipts,
                blocks=core.blocks,
                typing=core.typing,
                typing_table=realtime.typing,
                resume=realtime.resume,
                log=stores.events,
                admission=admission,
                clock=clock,
            )
        )
        endpoint = SocketEndpoint(
            hub=realtime.hub,
            admission=admission,
            commands=commands,
            limiter=core.limiter,
            bodies=camel_errors.error_body,
        )
        rest = Rest(
            conversations=core.conversations,
            messages=core.messages,
            receipts=core.receipts,
            blocks=core.blocks,
            polls=realtime.polls,
            limiter=core.limiter,
            codec=commands.codec,
        )
        health = Health(
            ping=stores.postgres.ping,
            draining=lambda: self._draining,
            lag=lag,
            metrics=metrics,
            clock=clock,
            version=__version__,
        )
        services = Services(
            rest=rest,
            signed_in=SignedIn(callers),
            health=health,
            metrics=metrics,
            lag=lag,
            socket=endpoint,
        )
        surroundings = Surroundings(
            version=__version__,
            clock=clock,
            ids=self._ids,
            limits=config.rate_limits,
            cors_origins=config.cors_origins,
            trusted_proxies=[str(network) for network in config.trusted_proxies],
        )
        return build_api(services, surroundings)

    def _verifier(self) -> Verifier:
        config = self._config
        expected = Expected(config.jwt_audience or None, config.jwt_issuer)
        keys = secret_keys([secret.encode() for secret in config.jwt_secret])
        return PlatformTokens(keys, clock=self._clock.now, expected=expected)

    async def _listen(self, api: App, hub: Hub) -> str:
        config = self._config
        try:
            listener = socket.create_server((config.host, config.port), backlog=BACKLOG)
        except OSError as error:
            raise StartError(f"{config.host}:{config.port} cannot be listened on: {error.strerror}.") from error
        settings = uvicorn.Config(
            api,
            ws=SocketLink,
            http="httptools",
            lifespan="on",
            log_config=None,
            access_log=False,
            ws_max_size=config.max_frame,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            server_header=False,
            timeout_graceful_shutdown=int(DRAIN),
        )
        settings.load()
        http = uvicorn.Server(settings)
        http.lifespan = settings.lifespan_class(settings)
        await http.startup(sockets=[listener])
        turning = asyncio.get_running_loop().create_task(http.main_loop())

        async def shut() -> None:
            hub.drain()
            http.should_exit = True
            await turning
            await http.shutdown(sockets=[listener])

        self._stack.push_async_callback(shut)
        host, port = listener.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def _upkeep(self, stores: Stores) -> None:
        """Prune the log, chunk by chunk."""
        while True:
            before = datetime.fromtimestamp(self._clock.now(), UTC) - timedelta(seconds=self._config.event_retention)
            try:
                while await stores.events.prune(before):
                    await asyncio.sleep(0)
            except Unavailable:
                _log.warning("upkeep_unavailable")
            await asyncio.sleep(UPKEEP)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the server, until it stops."""
        task = asyncio.get_running_loop().create_task(work)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._stack.push_async_callback(end)


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
    )


async def serve(config: Config, *, migrate: bool, demo: bool) -> int:
    """Serve until SIGINT or SIGTERM; the exit code."""
    configure_logs(config.log_level)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    server = Server(config, migrate=migrate)
    url = await server.start()
    print(f"Duologue is ready on {url}", flush=True)  # noqa: T201 - for whoever typed the command
    await stopping.wait()
    await server.stop()
    return 0


def configure_logs(level: str) -> None:
    """JSON lines on standard error, from `level` upwards; no message text and no token is ever given to them."""
    logging.basicConfig(level=level.upper(), format="%(message)s", stream=sys.stderr, force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
