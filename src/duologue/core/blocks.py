"""Blocks: put, take away, list, status (BLK)."""

from duologue.core import rules
from duologue.core.answers import Answering
from duologue.core.errors import NotFound, ValidationFailed
from duologue.core.events import Origin
from duologue.core.items import BlockGone, BlockPut, PutBlock, RemoveBlock
from duologue.core.model import Block, BlockStatus, Caller, Cursor, Page, User
from duologue.core.ports import BlockStore, Ids, Pipeline, Presence, UserStore
from duologue.core.rules import check_not_self

NO_USER = "User not found"
YOURSELF = "Cannot block yourself"
NO_NAME = "username is required"
NOT_BLOCKED = "User is not blocked"
MAX_REASON = 500  # characters


class Blocks:
    """The use cases of blocks. The blocked user learns of it only as design part 5 says."""

    def __init__(
        self, *, pipeline: Pipeline, store: BlockStore, users: UserStore, presence: Presence, ids: Ids
    ) -> None:
        self._pipeline = pipeline
        self._store = store
        self._users = users
        self._presence = presence
        self._ids = ids

    async def put(
        self, caller: Caller, username: str, *, reason: str | None = None, origin: Origin | None = None
    ) -> BlockPut:
        """Block a user by name; again answers the same block (RK-01, G-13)."""
        if reason is not None and len(reason) > MAX_REASON:
            raise ValidationFailed(f"reason must be at most {MAX_REASON} characters")
        if not username:
            raise ValidationFailed(NO_NAME)
        other = await self._other(username)
        check_not_self(caller.id, other.id, YOURSELF)
        answering = Answering[BlockPut]()
        item = PutBlock(
            user_id=caller.id,
            other_id=other.id,
            block_id=self._ids(),
            reason=reason,
            origin=origin,
            done=answering.done,
        )
        await self._pipeline.enter(item)
        return await answering.result()

    async def remove(self, caller: Caller, username: str, *, origin: Origin | None = None) -> BlockGone:
        """Unblock a user by name; `NotFound` when not blocked (RK-04, G-13)."""
        other = await self._other(username)
        if other.id == caller.id:
            raise NotFound(NOT_BLOCKED)
        answering = Answering[BlockGone]()
        item = RemoveBlock(
            user_id=caller.id,
            other_id=other.id,
            origin=origin,
            done=answering.done,
            online=frozenset(await self._presence.online((caller.id, other.id))),
        )
        await self._pipeline.enter(item)
        return await answering.result()

    async def page(self, caller: Caller, cursor: Cursor | None, limit: int) -> Page[Block]:
        """Whom the caller blocks, newest first (RK-05)."""
        return await self._store.page(caller.id, cursor, limit)

    async def status(self, caller: Caller, username: str) -> BlockStatus:
        """Both directions between the caller and a user (RK-06)."""
        other = await self._other(username)
        check_not_self(caller.id, other.id, rules.YOURSELF)
        return await self._store.status(caller.id, other.id)

    async def _other(self, username: str) -> User:
        other = await self._users.by_username(username)
        if other is None:
            raise NotFound(NO_USER)
        return other
