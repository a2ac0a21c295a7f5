"""What operators do, put together: for the admin API of a server, and for the command line without one."""

from functools import partial

from duologue.auth.claims import external_user_id
from duologue.config import Config
from duologue.core.admin import Admin
from duologue.core.erasure import Erasure
from duologue.core.export import Export
from duologue.core.ports import Broker, Ids, Pipeline, Presence
from duologue.core.standing import Standing
from duologue.core.upserts import Upserts
from duologue.storage.admin import AdminStore
from duologue.storage.audit import AuditStore
from duologue.storage.blocks import BlockStore
from duologue.storage.erasure import ErasureStore
from duologue.storage.export import ExportStore
from duologue.storage.postgres import Postgres
from duologue.storage.standing import StandingStore
from duologue.storage.upserts import UpsertStore


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
            ids=ids,
        )
        self.export = Export(store=ExportStore(postgres), blocks=blocks, audit=audit, ids=ids)
