"""Server to server: what a platform's own server and operators look at and change (design part 6).

Making users is upserts.py's, taking part standing.py's, erasing erasure.py's, the copy of somebody's data export.py's. Every
act leaves an entry in the audit log, and so does every look at somebody's data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from duologue.core.answers import Answering
from duologue.core.audit import Action, Actor, AuditLog, Entry
from duologue.core.errors import ChatError, Conflict, NotFound, ValidationFailed
from duologue.core.items import DeleteMessage, MessageGone
from duologue.core.model import Block, Cursor, Message, Page, User
from duologue.core.ports import BlockStore, Ids, Pipeline, Presence
from duologue.core.rules import NO_MESSAGE
from duologue.core.standing import NO_USER

MAX_ITEMS = 1_000  # users of an upsert, follows of a change

TOO_MANY = f"at most {MAX_ITEMS:,} items at a time"
ITEMS_REFUSED = "Some items cannot be applied; nothing was changed"
BOTH_WAYS = "Cannot be added and removed at once"
ONESELF = "Nobody follows themselves"


@dataclass(frozen=True, slots=True)
class Use:
    """What a user's files take, sent or not, in the store's bytes without thumbnails (FST-31)."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Known:
    """A user as operators see them; `use` is set where one user was asked for."""

    user: User
    external_id: str | None
    created_at: datetime
    updated_at: datetime
    use: Use | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an item cannot be applied: its place in the list, its field, a code of ours."""

    index: int
    error: ChatError
    list: str = ""
    field: str = ""

    def told(self) -> Mapping[str, object]:
        """For the answer's details."""
        said: dict[str, object] = {"index": self.index, "code": self.error.code, "message": self.error.message}
        if self.list:
            said["list"] = self.list
        if self.field:
            said["field"] = self.field
        return said


@dataclass(frozen=True, slots=True)
class Edge:
    """Somebody follows somebody, both named by id or external id."""

    follower: str
    followed: str


@dataclass(frozen=True, slots=True)
class Edges:
    """How a change of follows ended."""

    added: int
    removed: int


class AdminStore(Protocol):
    """What operators read and write. An `entry` is written in the same transaction."""

    async def find(self, user_id: UUID | None, external_id: str) -> Known | None:
        """A user by id, else by external id."""
        ...

    async def change_follows(
        self, add: Sequence[Edge], remove: Sequence[Edge], entry: Entry
    ) -> Edges | Sequence[Fault]:
        """Apply all of them, or nothing and say why. Follows that are there, or are not, change nothing."""
        ...

    async def message(self, message_id: UUID) -> Message | None:
        """A message that is there for its users."""
        ...

    async def counts(self) -> Mapping[str, int]:
        """How many rows of each noun there are: exact up to 100,000, from there the database's estimate. Files and bytes: exact."""
        ...


class Admin:
    """The use cases of operators."""

    def __init__(
        self,
        *,
        store: AdminStore,
        audit: AuditLog,
        blocks: BlockStore,
        pipeline: Pipeline,
        presence: Presence,
        ids: Ids,
    ) -> None:
        self._store = store
        self._audit = audit
        self._blocks = blocks
        self._pipeline = pipeline
        self._presence = presence
        self._ids = ids

    async def known(self, name: str) -> Known:
        """A user by id or external id; `NotFound`. Not audited: whoever shows it says so."""
        found = await self._store.find(as_uuid(name), name)
        if found is None:
            raise NotFound(NO_USER)
        return found

    async def get(self, name: str, actor: Actor) -> tuple[Known, bool]:
        """A user, and whether they are online."""
        known = await self.known(name)
        await self._note(actor, Action.USER_GET, known.user.id)
        return known, bool(await self._presence.online((known.user.id,)))

    async def blocks(self, name: str, cursor: Cursor | None, limit: int, actor: Actor) -> Page[Block]:
        """Whom a user blocks, newest first."""
        user_id = (await self.known(name)).user.id
        page = await self._blocks.page(user_id, cursor, limit)
        await self._note(actor, Action.USER_BLOCKS, user_id, rows=len(page.items))
        return page

    async def delete_message(self, message_id: UUID, actor: Actor) -> MessageGone:
        """Delete anybody's message for both (DEL-04: its row stays). `NotFound` for one that is gone."""
        message = await self._store.message(message_id)
        if message is None:
            raise NotFound(NO_MESSAGE)
        entry = await self._note(actor, Action.MESSAGE_DELETE, message_id, message.sender_id, deleted=False)
        answering = Answering[MessageGone]()
        item = DeleteMessage(
            user_id=message.sender_id,
            conversation_id=message.conversation_id,
            message_id=message_id,
            deleted_by=None,
            done=answering.done,
        )
        await self._pipeline.enter(item)
        gone = await answering.result()
        await self._audit.conclude(entry, deleted=True)
        return gone

    async def change_follows(self, add: Sequence[Edge], remove: Sequence[Edge], actor: Actor) -> Edges:
        """Let users follow and follow no longer: all or nothing. Refused with a list of faults in `details.errors`."""
        if len(add) + len(remove) > MAX_ITEMS:
            raise ValidationFailed(f"add and remove: {TOO_MANY}")
        outcome = await self._store.change_follows(add, remove, Entry.of(self._ids, actor, Action.FOLLOWS_CHANGE))
        if isinstance(outcome, Edges):
            return outcome
        raise refusal(outcome)

    async def counts(self) -> Mapping[str, int]:
        """How much there is. Nobody's data, so nothing is noted: monitoring asks often."""
        return await self._store.counts()

    async def audit(self, cursor: Cursor | None, limit: int, actor: Actor) -> Page[Entry]:
        """What operators did, newest first; reading it is an act, too."""
        page = await self._audit.page(cursor, limit)
        await self._note(actor, Action.AUDIT_READ, rows=len(page.items))
        return page

    async def _note(self, actor: Actor, action: Action, *targets: UUID, **details: object) -> Entry:
        entry = Entry.of(self._ids, actor, action, *targets, **details)
        await self._audit.note(entry)
        return entry


def refusal(faults: Sequence[Fault]) -> ChatError:
    """One error for all that is wrong: bad input if any of it is, else a conflict with what is there."""
    kinds = {type(fault.error) for fault in faults}
    kind = ValidationFailed if ValidationFailed in kinds else NotFound if kinds == {NotFound} else Conflict
    return kind(ITEMS_REFUSED, details={"errors": [fault.told() for fault in faults]})


def as_uuid(text: str) -> UUID | None:
    """A UUID in its usual form, as tokens take it; anything else is None."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None
