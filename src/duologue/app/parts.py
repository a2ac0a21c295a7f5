"""The server's parts below HTTP, put together: stores on one pool, use cases over their ports, and who is connected."""

import time

from duologue.app.files import Files
from duologue.brokers.memory.fanout import MemoryBroker
from duologue.brokers.memory.limits import MemoryLimiter
from duologue.brokers.memory.presence import MemoryPresence
from duologue.config import Config
from duologue.core.blocks import Blocks
from duologue.core.callers import Callers
from duologue.core.conversations import Conversations
from duologue.core.downloads import Downloads
from duologue.core.housekeeping import Housekeeping
from duologue.core.messages import Messages
from duologue.core.ports import Clock, Ids
from duologue.core.presence import Typing
from duologue.core.receipts import Receipts
from duologue.core.resumable import Resumable
from duologue.core.sends import Sends
from duologue.core.uploads import Uploads
from duologue.pipeline.flush import Flush
from duologue.pipeline.lanes import Lanes
from duologue.pipeline.queue import Queue
from duologue.realtime.arrivals import Arrivals
from duologue.realtime.connects import Batched
from duologue.realtime.deliveries import Deliveries
from duologue.realtime.heartbeat import Heartbeat, Intervals
from duologue.realtime.hub import Hub
from duologue.realtime.polls import Polls
from duologue.realtime.presence import Edges
from duologue.realtime.relay import Relay
from duologue.realtime.resume import Resume
from duologue.realtime.runtime import Runtime
from duologue.realtime.typing import TypingTable
from duologue.storage.accounts import AccountStore
from duologue.storage.attachments import AttachmentStore
from duologue.storage.blocks import BlockStore
from duologue.storage.callers import CallerStore
from duologue.storage.connects import ConnectStore
from duologue.storage.conversations import ConversationStore
from duologue.storage.events import EventLog
from duologue.storage.housekeeping import HousekeepingStore
from duologue.storage.ledger import Ledger
from duologue.storage.messages import MessageStore
from duologue.storage.postgres import Postgres
from duologue.storage.users import UserStore


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
        self.attachments = AttachmentStore(postgres)


class Core:
    """The use cases over their ports, and what they share: pipeline, broker, presence, limits."""

    def __init__(self, stores: Stores, files: Files, config: Config, *, runtime: Runtime, ids: Ids) -> None:
        clock = runtime.clock
        self.files = files
        self.broker = MemoryBroker()
        self.presence = MemoryPresence(clock, config.presence_ttl)
        self.limiter = MemoryLimiter(clock, config.rate_limits)
        self.ledgers = (Ledger(stores.postgres.connect), Ledger(stores.postgres.connect))
        first, second = self.flushes = tuple(
            Flush(ledger, clock=clock, presence=self.presence) for ledger in self.ledgers
        )
        self.queue = Queue(clock=clock)
        lanes = Lanes(queue=self.queue, first=first, second=second, broker=self.broker, clock=clock)
        self.pipeline = lanes
        self.deliveries = Deliveries(pipeline=lanes, log=stores.events, runtime=runtime)
        self.messages = Messages(
            pipeline=lanes, store=stores.messages, presence=self.presence, deliveries=self.deliveries
        )
        self.sends = Sends(pipeline=lanes, store=stores.messages, limiter=self.limiter, presence=self.presence, ids=ids)
        self.uploads = Uploads(intake=files.intake, store=stores.attachments, limiter=self.limiter)
        self.resumable = Resumable(
            parts=files.parts,
            intake=files.intake,
            records=stores.attachments,
            limiter=self.limiter,
        )
        self.downloads = Downloads(store=stores.attachments, blobs=files.store, limiter=self.limiter)
        self.conversations = Conversations(
            pipeline=lanes,
            store=stores.conversations,
            users=stores.users,
            limiter=self.limiter,
            presence=self.presence,
            ids=ids,
        )
        self.receipts = Receipts(pipeline=lanes, messages=stores.messages, limiter=self.limiter)
        self.blocks = Blocks(pipeline=lanes, store=stores.blocks, users=stores.users, presence=self.presence, ids=ids)
        self.typing = Typing(store=stores.conversations, broker=self.broker)
        self.callers = Callers(stores.callers)
        self.housekeeping = self._housekeeping(stores, config, clock)

    def _housekeeping(self, stores: Stores, config: Config, clock: Clock) -> Housekeeping:
        return Housekeeping(
            store=HousekeepingStore(stores.postgres),
            blobs=self.files.store,
            parts=self.files.parts,
            rescan=self.files.intake.rescan,
            clock=clock,
            upload_ttl=config.upload_ttl,
        )


class Realtime:
    """Who is connected here, and how everything reaches them."""

    def __init__(self, stores: Stores, core: Core, config: Config, *, runtime: Runtime, ids: Ids) -> None:
        self.runtime = runtime
        connects = Batched(stores.connects, runtime.background)
        self.edges = Edges(
            presence=core.presence, users=stores.users, connects=connects, broker=core.broker, runtime=runtime
        )
        self.resume = Resume(
            log=stores.events,
            conversations=stores.conversations,
            edges=self.edges,
            deliveries=core.deliveries,
            runtime=runtime,
        )
        self.hub = Hub(
            clock=runtime.clock,
            ids=ids,
            max_connections=config.max_connections,
            gap=self.resume.gap,
            gone=self.edges.leave,
            deliveries=core.deliveries,
        )
        self.polls = self._polls(stores, core, config)
        core.broker.subscribe(self.polls.deliver)
        self.typing = TypingTable(broker=core.broker, ttl=config.typing_ttl)
        self.arrivals = Arrivals(
            hub=self.hub,
            connects=connects,
            callers=core.callers,
            edges=self.edges,
            resume=self.resume,
            log=stores.events,
            max_per_user=config.max_connections_per_user,
        )
        self.relay = self._relay(stores, core)
        self.heartbeat = self._heartbeat(config)

    def _polls(self, stores: Stores, core: Core, config: Config) -> Polls:
        return Polls(
            hub=self.hub,
            log=stores.events,
            callers=core.callers,
            edges=self.edges,
            deliveries=core.deliveries,
            runtime=self.runtime,
            max_per_user=config.max_connections_per_user,
        )

    def _relay(self, stores: Stores, core: Core) -> Relay:
        return Relay(
            hub=self.hub,
            broker=core.broker,
            typing=self.typing,
            log=stores.events,
            resume=self.resume,
            runtime=self.runtime,
        )

    def _heartbeat(self, config: Config) -> Heartbeat:
        return Heartbeat(
            hub=self.hub,
            polls=self.polls,
            typing=self.typing,
            edges=self.edges,
            intervals=Intervals(config.ping_interval, config.pong_timeout, config.auth_timeout, config.presence_ttl),
            runtime=self.runtime,
        )
