"""Blocks: put, take away, list, status (BLK)."""

from uuid import UUID

from duologue.core import rules, text
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
LONG_REASON = f"reason must be at most {MAX_REASON} characters"


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
        self, caller: Caller, user: str | UUID, *, reason: str | None = None, origin: Origin | None = None
    ) -> BlockPut:
        """Block a user by name or id; again answers the same block, with its first reason (RK-01, RN-18, G-13)."""
        reason = check_reason(reason)
        if not user:
            raise ValidationFailed(NO_NAME)
        other = await self._other(user)
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

    async def remove(self, caller: Caller, user: str | UUID, *, origin: Origin | None = None) -> BlockGone:
        """Unblock a user by name or id; `NotFound` when not blocked (RK-04, RN-19, G-13)."""
        other = await self._other(user)
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

    async def _other(self, user: str | UUID) -> User:
        other = await (self._users.get(user) if isinstance(user, UUID) else self._users.by_username(user))
        if other is None:
            raise NotFound(NO_USER)
        return other


def check_reason(reason: str | None) -> str | None:
    """A reason for one's own eyes as it is stored: without control characters; an empty one is none."""
    kept = text.normalise(reason or "").strip()
    if len(kept) > MAX_REASON:
        raise ValidationFailed(LONG_REASON, details={"field": "reason"})
    return kept or None
