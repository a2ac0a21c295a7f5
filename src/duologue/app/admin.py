"""What operators do, put together: for the admin API of a server, and for the command line without one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from uuid import UUID

from duologue.api.export import lines_of
from duologue.app.files import store_of
from duologue.app.parts import SystemClock
from duologue.auth.claims import external_user_id
from duologue.brokers.memory.fanout import MemoryBroker
from duologue.brokers.memory.presence import MemoryPresence
from duologue.config import Config
from duologue.core.admin import Admin, Known, as_uuid
from duologue.core.audit import Actor
from duologue.core.erasure import BlobRemoval, Erasure, Fate
from duologue.core.errors import Conflict, NotFound
from duologue.core.export import Export
from duologue.core.files import BlobStore
from duologue.core.ids import new_id
from duologue.core.ports import Broker, Ids, Pipeline, Presence
from duologue.core.standing import Standing
from duologue.core.upserts import Upserts
from duologue.pipeline.flush import Flush
from duologue.pipeline.lanes import Lanes
from duologue.pipeline.queue import Queue
from duologue.storage.admin import AdminStore
from duologue.storage.audit import AuditStore
from duologue.storage.blocks import BlockStore
from duologue.storage.erasure import ErasureStore
from duologue.storage.export import ExportStore
from duologue.storage.ledger import Ledger
from duologue.storage.postgres import Postgres
from duologue.storage.standing import StandingStore
from duologue.storage.upserts import UpsertStore
from duologue.storage.users import UserStore


class Administration:
    """The use cases of operators over one database."""

    def __init__(
        self,
        postgres: Postgres,
        config: Config,
        *,
        pipeline: Pipeline,
        broker: Broker,
        presence: Presence,
        files: BlobRemoval,
        ids: Ids,
    ) -> None:
        audit, blocks = AuditStore(postgres), BlockStore(postgres)
        has_platform = bool(config.jwt_secret or config.jwt_public_key or config.jwt_jwks_url)
        self.admin = Admin(
            store=AdminStore(postgres), audit=audit, blocks=blocks, pipeline=pipeline, presence=presence, ids=ids
        )
        self.upserts = Upserts(
            store=UpsertStore(postgres, ids, takes_names=has_platform),
            ids=ids,
            id_of=partial(external_user_id, config.jwt_issuer),
            avatar_origins=config.avatar_origins,
        )
        self.standing = Standing(store=StandingStore(postgres), broker=broker, presence=presence, ids=ids)
        self.erasure = Erasure(
            store=ErasureStore(postgres, ids),
            standing=self.standing,
            audit=audit,
            pipeline=pipeline,
            presence=presence,
            blobs=files,
            ids=ids,
        )
        self.export = Export(store=ExportStore(postgres), blocks=blocks, audit=audit, ids=ids)


class FilesOnDemand:
    """The store, opened when something has to be removed from it: looking at somebody needs no folder and no bucket."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._store: BlobStore | None = None

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove blobs. Raises `StartError`."""
        self._store = self._store or store_of(self._config)
        await self._store.delete(keys)

    async def close(self) -> None:
        """Let go of it."""
        if self._store is not None:
            await self._store.close()


class Acts:
    """What operators do from the command line: on the database itself, whether or not a server runs on it.

    Sockets of a running server learn of it when it next compares heads, within 30 s (docs/decisions/0005).
    """

    def __init__(self, postgres: Postgres, administration: Administration) -> None:
        self._users = UserStore(postgres)
        self._do = administration

    async def known(self, name: str) -> Known:
        """A user by id, username or the platform's id; `NotFound`, `Conflict` when two are meant."""
        named = None if as_uuid(name) else await self._users.by_username(name)
        if named is None:
            return await self._do.admin.known(name)
        with suppress(NotFound):
            other = await self._do.admin.known(name)
            if other.user.id != named.id:
                raise Conflict(f"{name} is the username of one user and the platform's id of another; give the id")
        return await self._do.admin.known(str(named.id))

    async def deactivate(self, name: str) -> Known:
        """Shut a user out, reversibly."""
        user_id = (await self.known(name)).user.id
        await self._do.standing.deactivate(user_id, Actor.COMMAND)
        return await self.known(str(user_id))

    async def reactivate(self, name: str) -> Known:
        """Let them in again."""
        user_id = (await self.known(name)).user.id
        await self._do.standing.reactivate(user_id, Actor.COMMAND)
        return await self.known(str(user_id))

    async def erase(self, user_id: UUID, fate: Fate) -> None:
        """Erase a user for ever."""
        await self._do.erasure.erase(user_id, fate, Actor.COMMAND)

    async def export(self, name: str) -> AsyncIterator[bytes]:
        """Everything that is kept of a user, as JSON lines."""
        return lines_of(await self._do.export.begin(await self.known(name), Actor.COMMAND))


@asynccontextmanager
async def acts(postgres: Postgres, config: Config) -> AsyncIterator[Acts]:
    """A pipeline of one's own, for as long as the acts take."""
    clock, broker, files = SystemClock(), MemoryBroker(), FilesOnDemand(config)
    presence = MemoryPresence(clock, config.presence_ttl)
    ledgers = (Ledger(postgres.connect), Ledger(postgres.connect))
    first, second = (Flush(ledger, clock=clock, presence=presence) for ledger in ledgers)
    lanes = Lanes(queue=Queue(clock=clock), first=first, second=second, broker=broker, clock=clock)
    lanes.start()
    try:
        yield Acts(
            postgres,
            Administration(postgres, config, pipeline=lanes, broker=broker, presence=presence, files=files, ids=new_id),
        )
    finally:
        await files.close()
        await lanes.stop()
        for ledger in ledgers:
            await ledger.close()
