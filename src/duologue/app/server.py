"""One server in this process: opened from the database up, closed in reverse."""

import asyncio
import socket
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from duologue.api.dialects import error_bodies
from duologue.api.exchange import App
from duologue.api.protocol import BoundedHttp
from duologue.api.transport import SocketLink
from duologue.app.errors import StartError
from duologue.app.files import Files
from duologue.app.housekeeping import keep_house
from duologue.app.parts import Core, Realtime, Stores, SystemClock
from duologue.app.web import Web
from duologue.config import Config
from duologue.core.errors import StorageFull, Unavailable
from duologue.core.ids import new_id
from duologue.core.ports import Clock, Ids
from duologue.core.resumable import Resumable
from duologue.realtime.hub import Hub
from duologue.realtime.runtime import Later, Runtime, on_loop
from duologue.storage.embedded import EmbeddedPostgres
from duologue.storage.migrate import Migrator
from duologue.storage.postgres import Postgres

POSTGRES_FOLDER = "postgres"  # below DATA_DIR
CLIENT_FOLDER = Path(__file__).parent.parent / "web"  # of the package: scripts/web.py builds it, wheels carry it
UPKEEP = 60.0  # seconds between two rounds of pruning
DRAIN = 10.0  # seconds for requests and sockets to end
BACKLOG = 2_048
LANES = 2  # connections of the pipeline's own, out of DB_POOL
# Seconds for which an idle connection is kept: longer than clients (httpx: 5) and proxies (60 mostly) keep theirs, so that it is
# they who end it, and no request meets a connection that is just being closed.
KEEP_ALIVE = 75
_log = structlog.get_logger(__name__)


class Server:
    """A server in this process. `start` returns the base URL; `stop` drains and gives everything back."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock | None = None,
        later: Later = on_loop,
        ids: Ids = new_id,
        migrate: bool = True,
        client_folder: Path = CLIENT_FOLDER,
    ) -> None:
        self._config = config
        self._clock = clock or SystemClock()
        self._later = later
        self._ids = ids
        self._migrate = migrate
        self._client_folder = client_folder
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
            postgres = Postgres(dsn, size=self._config.db_pool - LANES)
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
        runtime = Runtime(clock, self._later)
        files = Files(config, stores.postgres, clock=clock, stack=self._stack)
        core = Core(stores, files, config, runtime=runtime, ids=ids)
        realtime = Realtime(stores, core, config, runtime=runtime, ids=ids)
        core.pipeline.start()
        for ledger in core.ledgers:
            self._stack.push_async_callback(ledger.close)
        self._stack.push_async_callback(core.pipeline.stop)
        self._stack.push_async_callback(runtime.background.stop, DRAIN)
        self._stack.callback(core.deliveries.stop)  # what is gathered enters before the pipeline stops
        realtime.relay.start()
        realtime.heartbeat.start()
        self._stack.callback(realtime.relay.stop)
        self._stack.callback(realtime.heartbeat.stop)
        self._spawn(self._upkeep(stores, core.resumable))
        self._spawn(keep_house(core.housekeeping))
        web = Web(
            config=config,
            stores=stores,
            core=core,
            realtime=realtime,
            clock=clock,
            ids=ids,
            stack=self._stack,
            draining=lambda: self._draining,
            client_folder=self._client_folder,
        )
        return await self._listen(await web.build(), realtime.hub)

    async def _listen(self, api: App, hub: Hub) -> str:
        config = self._config
        try:
            listener = socket.create_server((config.host, config.port), backlog=BACKLOG)
            # Accepted sockets inherit it; asyncio sets it only where the protocol is named, and an answer would wait 40 ms.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise StartError(f"{config.host}:{config.port} cannot be listened on: {error.strerror}.") from error
        settings = uvicorn.Config(
            api,
            ws=SocketLink.refusing(error_bodies, self._ids),
            http=BoundedHttp.refusing(error_bodies, self._ids),
            lifespan="on",
            log_config=None,
            access_log=False,
            ws_max_size=config.max_frame,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            server_header=False,
            proxy_headers=False,  # which proxies are believed is a setting of ours (api/server.py)
            timeout_keep_alive=KEEP_ALIVE,
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

    async def _upkeep(self, stores: Stores, resumable: Resumable) -> None:
        """Prune what is too old, from time to time: in the database, and parts of files on this machine."""
        while True:
            before = datetime.fromtimestamp(self._clock.now(), UTC) - timedelta(seconds=self._config.event_retention)
            try:
                await resumable.sweep()
                await _prune(stores, before)
            except (Unavailable, StorageFull):
                _log.warning("upkeep_unavailable")
            await asyncio.sleep(UPKEEP)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the server, until it stops."""
        task = asyncio.get_running_loop().create_task(work)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._stack.push_async_callback(end)


async def _prune(stores: Stores, before: datetime) -> None:
    """Chunk by chunk, each its own short transaction."""
    for prune in (stores.events.prune, stores.accounts.prune_sessions):
        while await prune(before):
            pass
