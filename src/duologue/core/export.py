"""The copy of everything that is kept of somebody, record by record (the right to one's data). How it is written is the api's.

It is read in chunks, each a short statement of its own: what changes meanwhile may be in it or not.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from duologue.core.admin import Known
from duologue.core.audit import Action, Actor, AuditLog, Entry
from duologue.core.model import Attachment, Block, Cursor, Message, Page, Profile
from duologue.core.ports import BlockStore, Ids

CHUNK = 500  # rows in one statement


@dataclass(frozen=True, slots=True)
class Signed:
    """A sign-in session of the user."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Followed:
    """Somebody whom the user follows, or who follows them."""

    user_id: UUID
    username: str
    is_follower: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation of the user, and how they stand in it."""

    id: UUID
    other: Profile
    created_at: datetime
    unread_count: int
    deleted_to: datetime | None


@dataclass(frozen=True, slots=True)
class End:
    """The copy is whole."""

    records: int


# An `Attachment` by itself is a file that the user never sent; those of messages stand in these.
Record = Known | Signed | Followed | Block | Attachment | Talk | Message | End


class ExportStore(Protocol):
    """Where a copy is read. Lists are in the order of ids, beginning after one; `None` is the beginning."""

    async def sessions(self, user_id: UUID, after: UUID | None, limit: int) -> Sequence[Signed]:
        """Sign-in sessions."""
        ...

    async def follows(self, user_id: UUID, after: UUID | None, limit: int, *, followers: bool) -> Sequence[Followed]:
        """Follows of one direction."""
        ...

    async def unsent(self, user_id: UUID, after: UUID | None, limit: int) -> Sequence[Attachment]:
        """Files that the user never sent."""
        ...

    async def talks(self, user_id: UUID) -> Sequence[UUID]:
        """All conversations."""
        ...

    async def talk(self, user_id: UUID, conversation_ids: Sequence[UUID]) -> Sequence[Talk]:
        """What is known of conversations."""
        ...

    async def messages(
        self, user_id: UUID, conversation_id: UUID, after: Cursor | None, limit: int
    ) -> tuple[Sequence[Message], Cursor | None]:
        """What the user wrote and was sent, oldest first; and where to go on, None at the end.

        Of deleted ones texts and files are left out.
        """
        ...


class Export:
    """The use case of a copy."""

    def __init__(self, *, store: ExportStore, blocks: BlockStore, audit: AuditLog, ids: Ids) -> None:
        self._store = store
        self._blocks = blocks
        self._audit = audit
        self._ids = ids

    async def begin(self, known: Known, actor: Actor) -> AsyncIterator[Sequence[Record]]:
        """Note who asks, then return the copy, chunk by chunk; its last record is `End`."""
        entry = Entry.of(self._ids, actor, Action.USER_EXPORT, known.user.id, finished=False)
        await self._audit.note(entry)
        return self._chunks(known, entry)

    async def _chunks(self, known: Known, entry: Entry) -> AsyncIterator[Sequence[Record]]:
        count = 0
        async for chunk in self._records(known):
            count += len(chunk)
            yield chunk
        await self._audit.conclude(entry, finished=True, records=count)
        yield (End(count),)

    async def _records(self, known: Known) -> AsyncIterator[Sequence[Record]]:
        user_id = known.user.id
        yield (known,)
        last: UUID | None = None
        while sessions := await self._store.sessions(user_id, last, CHUNK):
            yield sessions
            last = sessions[-1].id
        for followers in (False, True):
            last = None
            while follows := await self._store.follows(user_id, last, CHUNK, followers=followers):
                yield follows
                last = follows[-1].user_id
        place: Cursor | None = None
        page: Page[Block] = Page((), has_more=True)
        while page.has_more:
            page = await self._blocks.page(user_id, place, CHUNK)
            yield page.items
            place = page.next
        last = None
        while files := await self._store.unsent(user_id, last, CHUNK):
            yield files
            last = files[-1].id
        async for chunk in self._talks(user_id):
            yield chunk

    async def _talks(self, user_id: UUID) -> AsyncIterator[Sequence[Record]]:
        ids = await self._store.talks(user_id)
        for start in range(0, len(ids), CHUNK):
            for talk in await self._store.talk(user_id, ids[start : start + CHUNK]):
                yield (talk,)
                messages, place = await self._store.messages(user_id, talk.id, None, CHUNK)
                yield messages
                while place is not None:
                    messages, place = await self._store.messages(user_id, talk.id, place, CHUNK)
                    yield messages
