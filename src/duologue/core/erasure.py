"""Erasing a user: everything personal goes, the partners keep their conversations with a "deleted account" (B-47, design part 1).

First the user is shut out and nameless, in one transaction; the rest follows in chunks and may be cut short anywhere: the same
call again finishes it (docs/decisions/0005). What a chunk deletes is storage's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Protocol
from uuid import UUID

from duologue.core.accounts import Accounts
from duologue.core.answers import Answering
from duologue.core.audit import Action, Actor, AuditLog, Entry
from duologue.core.errors import Forbidden, NotFound, StorageFull, Unavailable
from duologue.core.items import DeleteMessage, Done, Item, RemoveBlock
from duologue.core.model import Caller, Cursor
from duologue.core.ports import Ids, Pipeline, Presence
from duologue.core.standing import Standing
from duologue.core.users import PLATFORM_OWNS

CHUNK = (
    500  # rows a transaction may lock; also items in flight: well below the eighth of the queue that one user may hold
)


DISPLAY_NAME = "Deleted account"
OFFERS = 8


def erased_usernames(ids: Ids) -> list[str]:
    """Names for an erased user: one of several is free, and none says who it was."""
    return [f"deleted-{ids().hex[-8:]}" for _ in range(OFFERS)]


class Fate(StrEnum):
    """What becomes of the messages that the erased user wrote."""

    KEEP = "keep"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Written:
    """A message in the order of its conversation."""

    id: UUID
    place: Cursor
    is_own: bool
    is_deleted: bool


class BlobRemoval(Protocol):
    """The store of files, as far as erasing needs it."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove blobs; one that is not there is no error. `Unavailable`."""
        ...


class ErasureStore(Protocol):
    """What erasure reads and deletes; every method is one short transaction."""

    async def shut_out(self, user_id: UUID, entry: Entry) -> None:
        """Under the user's lock: erased, nameless, without account and settings. `NotFound`. Again adds the entry alone."""
        ...

    async def blocked(self, user_id: UUID, limit: int) -> Sequence[UUID]:
        """Some of those whom the user blocks."""
        ...

    async def conversations(self, user_id: UUID) -> Sequence[UUID]:
        """All conversations of the user."""
        ...

    async def written(
        self, user_id: UUID, conversation_id: UUID, after: Cursor | None, limit: int
    ) -> Sequence[Written]:
        """The next messages of a conversation, of both sides, deleted ones included, oldest first."""
        ...

    async def empty(self, conversation_id: UUID, message_ids: Sequence[UUID]) -> None:
        """Forget the temp ids of these messages; of deleted ones also text, media and links."""
        ...

    async def files(self, message_ids: Sequence[UUID], limit: int) -> tuple[int, list[str]]:
        """Forget some files of those of these messages that are deleted; how many, and the keys of their blobs."""
        ...

    async def unsent(self, user_id: UUID, limit: int) -> tuple[int, list[str]]:
        """Forget some files that the user never sent; how many, and the keys of their blobs."""
        ...

    async def forget(self, user_id: UUID, limit: int) -> int:
        """Delete some sessions, follows of both directions, send keys or facts of the user's own log; how many went."""
        ...


@dataclass(slots=True)
class _Tally:
    """What went: messages, files, and blobs of these that the store could not be asked for."""

    messages: int = 0
    files: int = 0
    left: int = 0


class Erasure:
    """The use case of erasing."""

    def __init__(
        self,
        *,
        store: ErasureStore,
        standing: Standing,
        audit: AuditLog,
        pipeline: Pipeline,
        presence: Presence,
        blobs: BlobRemoval,
        ids: Ids,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._standing = standing
        self._audit = audit
        self._pipeline = pipeline
        self._presence = presence
        self._ids = ids

    async def erase(self, user_id: UUID, fate: Fate, actor: Actor) -> None:
        """Erase a user for ever. Returns when all is done; cut short by a crash or `Unavailable`, the same call again goes on.

        With `REMOVE` on a user who was erased before, their messages go too.
        """
        entry = Entry.of(self._ids, actor, Action.USER_ERASE, user_id, messages=fate.value, finished=False)
        await self._store.shut_out(user_id, entry)
        self._standing.shut(user_id)
        blocks = await self._unblock(user_id)
        await self._standing.tell(user_id, is_active=False)
        tally = _Tally()
        for conversation_id in await self._store.conversations(user_id):
            await self._empty(user_id, conversation_id, fate, tally)
        await self._unfile(partial(self._store.unsent, user_id, CHUNK), tally)
        while await self._store.forget(user_id, CHUNK):  # last: what went before has written to the user's own log
            pass
        await self._audit.conclude(
            entry,
            finished=True,
            blocks=blocks,
            removed=tally.messages,
            files=tally.files,
            left=tally.left,
        )

    async def _unblock(self, user_id: UUID) -> int:
        """The blocks that the user put go as if taken away: lists and totals of the others are right at once."""
        count = 0
        while blocked := await self._store.blocked(user_id, CHUNK):
            online = await self._presence.online(blocked)

            def remove(other_id: UUID, done: Done, online: Collection[UUID] = online) -> Item:
                return RemoveBlock(
                    user_id=user_id, other_id=other_id, done=done, online=frozenset({other_id} & set(online))
                )

            count += await self._enter(remove, blocked)
        return count

    async def _empty(self, user_id: UUID, conversation_id: UUID, fate: Fate, tally: _Tally) -> None:
        after = None
        while written := await self._store.written(user_id, conversation_id, after, CHUNK):
            own = [one.id for one in written if one.is_own]
            if fate is Fate.REMOVE:
                standing = [one.id for one in written if one.is_own and not one.is_deleted]
                tally.messages += await self._remove(user_id, conversation_id, standing)
            if own:
                await self._store.empty(conversation_id, own)
                await self._unfile(partial(self._store.files, own, CHUNK), tally)
            after = written[-1].place

    async def _unfile(self, forget: Callable[[], Awaitable[tuple[int, list[str]]]], tally: _Tally) -> None:
        """Records of files go chunk by chunk, their blobs after each commit.

        A store that is away does not keep the rest from being erased: housekeeping finds blobs without a record.
        """
        count = CHUNK
        while count == CHUNK:
            count, keys = await forget()
            tally.files += count
            try:
                if keys:
                    await self._blobs.delete(keys)
            except (Unavailable, StorageFull):
                tally.left += len(keys)

    async def _remove(self, user_id: UUID, conversation_id: UUID, message_ids: Sequence[UUID]) -> int:
        """As if the user had deleted them: counts, previews and the partner's devices are right at once."""

        def delete(message_id: UUID, done: Done) -> Item:
            return DeleteMessage(
                user_id=user_id, conversation_id=conversation_id, message_id=message_id, deleted_by=None, done=done
            )

        return await self._enter(delete, message_ids)

    async def _enter(self, make: Callable[[UUID, Done], Item], ids: Sequence[UUID]) -> int:
        """Let an item for each id through the pipeline together; how many changed something. Gone already is as good."""
        answers = [Answering[object]() for _ in ids]
        for id_, answer in zip(ids, answers, strict=True):
            await self._pipeline.enter(make(id_, answer.done))
        outcomes = await asyncio.gather(*(answer.result() for answer in answers), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, NotFound):
                raise outcome
        return sum(not isinstance(outcome, NotFound) for outcome in outcomes)


class OwnErasure:
    """Erasing oneself, with one's password. Without accounts of our own the platform decides who exists: `Forbidden`."""

    def __init__(self, erasure: Erasure, accounts: Accounts | None) -> None:
        self._erasure = erasure
        self._accounts = accounts

    async def erase(self, caller: Caller, password: str, fate: Fate, *, address: str) -> None:
        """Erase the caller; `Forbidden` for a wrong password."""
        if self._accounts is None:
            raise Forbidden(PLATFORM_OWNS)
        await self._accounts.confirm(caller, password, address=address)
        await self._erasure.erase(caller.id, fate, Actor.USER)
