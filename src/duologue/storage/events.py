"""The log of facts: heads, resume, replay and pruning (design part 4). It is written by the ledger and by user settings.

Replay renders today's state: the log keeps references. A page costs one statement, and at most three more when it holds
facts about settings, openings, blocks or partners.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from duologue.core.events import (
    BlockChanged,
    ConversationDeleted,
    ConversationOpened,
    Fact,
    Kind,
    MessageDeleted,
    MessagesDelivered,
    MessageSent,
    MessagesRead,
    Notice,
    SettingsChanged,
    UserChanged,
)
from duologue.core.model import Block, Conversation, Message, Profile, User
from duologue.core.ports import Missed
from duologue.storage import rows
from duologue.storage.conversations import ConversationStore
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load
from duologue.storage.users import UserStore

if TYPE_CHECKING:
    from asyncpg import Record

_SQL = load("events")

MANY = 5_000  # facts: more than that are not replayed, and so many are pruned at a time
HEADS = 1_000  # users per statement
_NOBODY = UUID(int=0)
# Kinds that need no more than the page's own statement; kinds after which the conversation may stand in the list anew.
_PLAIN = (
    Kind.MESSAGE_SENT,
    Kind.MESSAGES_READ,
    Kind.MESSAGES_DELIVERED,
    Kind.MESSAGE_DELETED,
    Kind.CONVERSATION_DELETED,
)
_APPEARING = (Kind.CONVERSATION_OPENED, Kind.UNBLOCKED)
_BIGGEST = 2**63 - 1  # of a bigint


class _Reading(msgspec.Struct):
    """What the log keeps of a read: count, `u`p to as this user may know it, the newest ids, the reader."""

    n: int
    u: UUID | None
    ids: list[UUID]
    r: UUID
    at: datetime


class _Blocking(msgspec.Struct):
    """What the log keeps of a block, for the blocker: the block's id, the other one, its time; for the other one: `by` whom."""

    b: UUID = _NOBODY
    o: UUID | None = None
    at: datetime | None = None
    by: UUID | None = None


class _Sending(msgspec.Struct):
    """What the log keeps of a message that brought a conversation back into the list."""

    back: bool


class _Delivery(msgspec.Struct):
    """What the log keeps of a delivery: `u`p to which message, the receiver."""

    u: UUID
    r: UUID
    at: datetime


class _Deletion(msgspec.Struct):
    """What the log keeps of a message's deletion."""

    at: datetime


class _Change(msgspec.Struct):
    """What the log keeps of a partner's change: who."""

    o: UUID


@dataclass(slots=True)
class _Other:
    """The other user of a block fact, and what stands between the two now."""

    user: User
    block_id: UUID | None
    reason: str | None
    blocked_by: bool

    @property
    def is_blocked(self) -> bool:
        return self.block_id is not None or self.blocked_by


@dataclass(slots=True)
class _Today:
    """What facts refer to besides messages, as it is now."""

    viewer: User
    listed: dict[UUID, Conversation] = field(default_factory=dict)
    others: dict[UUID, _Other] = field(default_factory=dict)


class EventLog:
    """The per-user log in PostgreSQL."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._conversations = ConversationStore(postgres)
        self._users = UserStore(postgres)
        self._prune_from = _NOBODY

    async def epoch(self) -> str:
        """The name of the log, as it was last read."""
        return self._postgres.epoch

    async def heads(self, user_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Head positions, 1,000 users per statement."""
        heads: dict[UUID, int] = {}
        for start in range(0, len(user_ids), HEADS):
            found = await self._postgres.fetch(_SQL["heads"], user_ids[start : start + HEADS])
            heads.update((row["user_id"], row["head"]) for row in found)
        return heads

    async def named_heads(self, user_ids: Sequence[UUID]) -> tuple[str, dict[UUID, int]]:
        """(the log's name, head positions of at most 1,000 users), read anew from one server; `epoch` gives this name then."""
        epoch, found = await self._postgres.fetch_named(_SQL["heads"], user_ids)
        return epoch, {row["user_id"]: row["head"] for row in found}

    async def count(self, user_id: UUID, since: int) -> tuple[int, int]:
        """(head, facts above `since`, at most 5,001): `resume` replays exactly head - since facts or resets."""
        row = await self._postgres.fetchrow(_SQL["count"], user_id, min(since, _BIGGEST), MANY + 1)
        return (row["head"], row["above"]) if row else (0, 0)

    async def after(self, user_id: UUID, since: int, limit: int) -> Missed:
        """The facts after `since`, in order, as today's state; a deleted message's, a hidden opening's is left out."""
        found = await self._postgres.fetch(_SQL["after"], user_id, min(since, _BIGGEST), limit)
        if not found:
            return Missed((), since, is_dense=True)
        today = await self._today(user_id, found)
        known = (
            row for row in found if row["kind"] in _RENDER
        )  # a newer node may write kinds of which this one knows nothing
        facts = (_RENDER[row["kind"]](row, today) for row in known)
        first, upto = found[0]["position"], found[-1]["position"]
        is_dense = first == since + 1 and upto - since == len(found)
        return Missed([fact for fact in facts if fact is not None], upto, is_dense=is_dense)

    async def prune(self, before: datetime) -> int:
        """Delete at most 5,000 facts older than `before`; how many went. 0: none is left, or another node is at it.

        Goes on where the last call stopped. What goes is the oldest part of each user's log: it stays dense.
        """
        while True:
            row = await self._postgres.fetchrow(_SQL["prune"], before, self._prune_from, HEADS, MANY)
            if row is None or not row["is_mine"]:
                return 0
            gone: int = row["gone"]
            reached = row["last_pruned"] if gone == MANY else row["last_seen"]
            self._prune_from = _NOBODY if row["at_end"] and not gone else reached
            if gone or row["at_end"]:
                return gone

    async def unmarked(self, user_id: UUID, upto: int) -> tuple[Sequence[Message], int]:
        """Of the next 5,000 facts up to `upto` that are not known as delivered: the newest received message of each conversation.

        And the position that was read to, 0 when there is nothing to mark.
        """
        found = await self._postgres.fetch(_SQL["unmarked"], user_id, min(upto, _BIGGEST), MANY)
        messages = [rows.message(row) for row in found if row["id"]]
        return messages, (found[0]["upto"] if found else None) or 0

    async def marked(self, user_id: UUID, upto: int) -> None:
        """All facts up to `upto` are known as delivered; never goes back."""
        await self._postgres.execute(_SQL["marked"], user_id, min(upto, _BIGGEST))

    async def _today(self, user_id: UUID, found: "Sequence[Record]") -> _Today:
        if all(row["kind"] in _PLAIN and not _is_back(row) for row in found):
            return _Today(User(user_id, ""))
        today = _Today(await self._users.get(user_id) or User(user_id, ""))
        asked = {row["about_id"] for row in found if row["kind"] in _APPEARING or _is_back(row)} - {None}
        if asked:
            today.listed = await self._conversations.listed(today.viewer, list(asked))
        blockings = [_blocking(row) for row in found if row["kind"] in (Kind.BLOCKED, Kind.UNBLOCKED)]
        others = {blocking.o or blocking.by for blocking in blockings}
        others.update(_changed(row) for row in found if row["kind"] == Kind.USER_CHANGED)
        if others:
            today.others = {
                row["id"]: _other(row) for row in await self._postgres.fetch(_SQL["others"], user_id, list(others))
            }
        return today


def _notice(row: "Record", today: _Today, conversation: Conversation | None = None) -> Notice:
    return Notice(today.viewer.id, row["position"], row["unread_count"], row["unread_total"], conversation)


def _sent(row: "Record", today: _Today) -> Fact | None:
    view = today.listed.get(row["about_id"]) if _is_back(row) else None
    if row["id"]:
        return MessageSent(rows.signed_message(row), (_notice(row, today, view),))
    if view is None:
        return None
    return ConversationOpened(row["about_id"], (_notice(row, today, view),))  # the message that brought it back is gone


def _is_back(row: "Record") -> bool:
    """Whether a message brought its conversation back into the list."""
    return bool(
        row["kind"] == Kind.MESSAGE_SENT and row["data"] and msgspec.json.decode(row["data"], type=_Sending).back
    )


def _delivered(row: "Record", today: _Today) -> Fact | None:
    data = msgspec.json.decode(row["data"], type=_Delivery)
    return MessagesDelivered(row["about_id"], data.r, data.u, data.at, (_notice(row, today),))


def _message_deleted(row: "Record", today: _Today) -> Fact | None:
    data = msgspec.json.decode(row["data"], type=_Deletion)
    return MessageDeleted(row["about_id"], row["about_message_id"], data.at, (_notice(row, today),))


def _conversation_deleted(row: "Record", today: _Today) -> Fact | None:
    return ConversationDeleted(row["about_id"], (_notice(row, today),))


def _changed(row: "Record") -> UUID:
    return msgspec.json.decode(row["data"], type=_Change).o


def _user_changed(row: "Record", today: _Today) -> Fact | None:
    other = today.others.get(_changed(row))
    if other is None:
        return None
    profile = rows.seen_by(today.viewer, other.user, shows_presence=not other.is_blocked)
    return UserChanged(row["about_id"], profile, (_notice(row, today),))


def _read(row: "Record", today: _Today) -> Fact | None:
    data = msgspec.json.decode(row["data"], type=_Reading)
    notices = (_notice(row, today),)
    return MessagesRead(row["about_id"], data.r, data.ids, data.n, data.u, data.at, notices, reader_up_to=data.u)


def _opened(row: "Record", today: _Today) -> Fact | None:
    conversation = today.listed.get(row["about_id"])
    if conversation is None:
        return None
    return ConversationOpened(row["about_id"], (_notice(row, today, conversation),))


def _settings(row: "Record", today: _Today) -> Fact | None:
    return SettingsChanged(today.viewer, (_notice(row, today),))


def _block_changed(row: "Record", today: _Today) -> Fact | None:
    data = _blocking(row)
    other = today.others.get(data.o or data.by or _NOBODY)
    if other is None:
        return None
    viewer, added = today.viewer, row["kind"] == Kind.BLOCKED
    if data.o is not None:
        reason = other.reason if other.block_id == data.b else None
        is_partner = row["about_id"] is not None  # a stranger's presence is nobody's business
        blocked = rows.seen_by(viewer, other.user, shows_presence=is_partner and not other.is_blocked)
        block = Block(data.b, viewer.id, blocked, data.at or row["happened_at"], reason)
        hidden, conversation = other.block_id is not None, None
    else:  # the block is the other one's secret but for its effect
        me = Profile(viewer.id, viewer.username, viewer.display_name, viewer.avatar_url, shows_presence=False)
        block = Block(_NOBODY, other.user.id, me, row["happened_at"])
        hidden, conversation = other.blocked_by, None if added else today.listed.get(row["about_id"])
    notices = (_notice(row, today, conversation),)
    return BlockChanged(block, added, row["about_id"], other.is_blocked, hidden, notices)


def _blocking(row: "Record") -> _Blocking:
    return msgspec.json.decode(row["data"], type=_Blocking)


def _other(row: "Record") -> _Other:
    user = User(
        id=row["id"],
        username=row["username"],
        display_name=row["display_name"],
        avatar_url=row["avatar_url"],
        show_last_seen=row["show_last_seen"],
        last_seen_at=row["last_seen_at"],
    )
    return _Other(user, row["block_id"], row["reason"], row["blocked_by"])


_RENDER: dict[int, "Callable[[Record, _Today], Fact | None]"] = {
    Kind.MESSAGE_SENT: _sent,
    Kind.MESSAGES_READ: _read,
    Kind.CONVERSATION_OPENED: _opened,
    Kind.BLOCKED: _block_changed,
    Kind.UNBLOCKED: _block_changed,
    Kind.SETTINGS_CHANGED: _settings,
    Kind.MESSAGES_DELIVERED: _delivered,
    Kind.MESSAGE_DELETED: _message_deleted,
    Kind.CONVERSATION_DELETED: _conversation_deleted,
    Kind.USER_CHANGED: _user_changed,
}
