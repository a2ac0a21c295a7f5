"""The send pipeline's side of PostgreSQL: one transaction per flush, by the ordered statements of queries/ledger.sql.

Here stand the locks, the facts and the writes; what they mean is the pipeline's. Driver errors become the pipeline's own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from duologue.core.errors import Unavailable
from duologue.core.items import ConversationItem, DeleteMessage, Deliver, Item, PairItem, Read, Send
from duologue.core.ledger import (
    BadItem,
    ConversationRow,
    Facts,
    HeldRow,
    LedgerError,
    LockHeld,
    PositionRow,
    StoreAway,
    TryAgain,
    UnreadSpan,
    Writes,
)
from duologue.core.model import Block, Message, Profile, User, WhoCanMessage
from duologue.core.ports import KeyRow
from duologue.storage import rows
from duologue.storage.postgres import FAULTS
from duologue.storage.sql import load

if TYPE_CHECKING:  # generic in the stubs alone
    Connection = asyncpg.Connection[asyncpg.Record]
_SQL = load("ledger")


class Ledger:
    """Opens flushes on one connection of its own; a lane has one ledger. Not for two flushes at once."""

    def __init__(self, connect: "Callable[[], Awaitable[Connection]]") -> None:
        self._connect = connect
        self._connection: Connection | None = None

    async def begin(self) -> "Transaction":
        """A transaction; connects anew when the connection is gone."""
        async with self.translated():
            connection = self._connection
            if connection is None or connection.is_closed():
                connection = self._connection = await self._connect()
            await connection.execute(_SQL["begin"])
        return Transaction(self, connection)

    async def close(self) -> None:
        """Drop the connection; the next flush makes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            connection.terminate()

    @asynccontextmanager
    async def translated(self) -> AsyncIterator[None]:
        """Driver errors as the pipeline knows them; a connection in doubt is dropped (design part 3, Failures)."""
        try:
            yield
        except Unavailable as error:  # no connection to be had
            await self.close()
            raise TryAgain(error.code) from error
        except asyncio.CancelledError:
            await self.close()
            raise
        except FAULTS as error:
            meaning = _meaning(error)
            if not isinstance(meaning, BadItem | LockHeld):
                await self.close()
            raise meaning from error


def _meaning(error: Exception) -> LedgerError:
    code = getattr(error, "sqlstate", None) or ""
    if code[:2] in {"22", "23"}:
        return BadItem(code)
    if code == "55P03":
        return LockHeld(code)
    if code == "57014":  # a statement that took too long: somebody's item is too large, the batch is halved
        return BadItem(code)
    if code in {"40P01", "40001"} or not code or code[:2] == "08":
        return TryAgain(code or type(error).__name__)
    return StoreAway(code)


class Transaction:
    """One flush under way."""

    def __init__(self, ledger: Ledger, connection: "Connection") -> None:
        self._ledger = ledger
        self._connection = connection

    async def _fetch(self, name: str, *arguments: Any) -> list[asyncpg.Record]:
        return await self._connection.fetch(_SQL[name], *arguments)

    async def let_go(self) -> None:
        """Give everything back: whoever waits holds nothing meanwhile."""
        async with self._ledger.translated():
            await self._connection.execute("ROLLBACK")

    async def wait_for(self, row: HeldRow) -> None:
        """Begin anew by waiting for this row, up to the lock timeout."""
        async with self._ledger.translated():
            await self._connection.execute(f"{_SQL['begin']};{_SQL['lock_timeout']}")
            await self._fetch("wait_conversation" if row.is_conversation else "wait_position", row.id)

    async def lock(self, conversation_ids: Collection[UUID]) -> tuple[dict[UUID, ConversationRow], set[UUID]]:
        """Lock conversations in id order; and the ids of those held elsewhere."""
        async with self._ledger.translated():
            found = await self._fetch("lock_conversations", conversation_ids) if conversation_ids else []
            locked = {row["id"]: _conversation(row) for row in found}
            missing = [id_ for id_ in conversation_ids if id_ not in locked]
            held = await self._fetch("existing_conversations", missing) if missing else []
            return locked, {row["id"] for row in held}

    async def lock_users(self, user_ids: Collection[UUID]) -> dict[UUID, PositionRow]:
        """Lock position rows in user order; those held elsewhere are missing."""
        async with self._ledger.translated():
            found = await self._fetch("lock_positions", user_ids)
            return {row["user_id"]: PositionRow(row["user_id"], row["head"], row["unread_total"]) for row in found}

    async def facts(self, items: Sequence[Item], conversations: Mapping[UUID, ConversationRow]) -> Facts:
        """Read what the rules need for these items; every statement is later than the locks."""
        async with self._ledger.translated():
            facts = Facts(datetime.now(UTC), conversations=dict(conversations))
            pairs = [item for item in items if isinstance(item, PairItem)]
            if pairs:
                await self._read_pairs(facts, pairs)
            await self._read_users(facts, items)
            await self._read_participants(facts)
            if pairs:
                await self._read_blocks(facts, pairs)
            await self._read_follows(facts, items)
            await self._read_keys(facts, items)
            named = _named(items)
            await self._read_spans(facts, items, len(named))
            await self._read_arrived(facts, items, len(named))
            await self._read_uploads(facts, items)
            if named:
                facts.messages = {row["id"]: rows.message(row) for row in await self._fetch("messages", named)}
            await self._read_witnesses(facts, items)
            return facts

    async def _read_pairs(self, facts: Facts, items: Sequence[PairItem]) -> None:
        found = await self._fetch("pairs", *_columns((item.pair for item in items), 2))
        for row in found:
            conversation = facts.conversations.setdefault(row["id"], _conversation(row))
            facts.pairs[conversation.users] = conversation
        last_ids = [row["last_message_id"] for row in found if row["last_message_id"]]
        if last_ids:
            last = await self._fetch("messages", last_ids)
            facts.last_messages = {row["conversation_id"]: rows.message(row) for row in last}

    async def _read_users(self, facts: Facts, items: Sequence[Item]) -> None:
        ids = {user_id for conversation in facts.conversations.values() for user_id in conversation.users}
        ids.update(user_id for item in items if isinstance(item, PairItem) for user_id in item.pair)
        found = await self._fetch("users", ids)
        for row in found:
            facts.users[row["id"]] = rows.user(row)
        if found:
            facts.now = found[-1]["now"]

    async def _read_participants(self, facts: Facts) -> None:
        if not facts.conversations:
            return
        wanted = ((c.id, *c.users) for c in facts.conversations.values())
        for row in await self._fetch("participants", *_columns(wanted, 3)):
            conversation = facts.conversations[row["id"]]
            conversation.unread = [row["unread1"], row["unread2"]]
            conversation.read_to = [row["read_to1"], row["read_to2"]]
            conversation.delivered_to = [row["delivered_to1"], row["delivered_to2"]]
            conversation.deleted_to = [row["deleted_to1"], row["deleted_to2"]]
            one, two = conversation.users
            if row["blocks12"]:
                facts.blocks[(one, two)] = _standing(facts, one, two)
            if row["blocks21"]:
                facts.blocks[(two, one)] = _standing(facts, two, one)

    async def _read_blocks(self, facts: Facts, items: Sequence[PairItem]) -> None:
        """The block rows themselves, both directions of each pair: pair items answer with them."""
        both = [direction for item in items for direction in (item.pair, item.pair[::-1])]
        for row in await self._fetch("blocks", *_columns(both, 2)):
            blocked = facts.users[row["blocked_id"]]
            profile = Profile(
                blocked.id, blocked.username, blocked.display_name, blocked.avatar_url, shows_presence=False
            )
            block = Block(row["id"], row["blocker_id"], profile, row["created_at"], row["reason"])
            facts.blocks[(row["blocker_id"], row["blocked_id"])] = block

    async def _read_follows(self, facts: Facts, items: Sequence[Item]) -> None:
        wanted = [
            (item.user_id, other.id)
            for item in items
            if (other := _asked(facts, item)) is not None and other.who_can_message is WhoCanMessage.FOLLOWERS
        ]
        if wanted:
            found = await self._fetch("follows", *_columns(wanted, 2))
            facts.follows = {(row["follower_id"], row["followed_id"]) for row in found}

    async def _read_keys(self, facts: Facts, items: Sequence[Item]) -> None:
        keyed = [(item.user_id, item.key) for item in items if isinstance(item, Send) and item.key is not None]
        if not keyed:
            return
        for row in await self._fetch("keys", *_columns(keyed, 2)):
            name = (row["key_sender_id"], row["key"])
            facts.keys[name] = KeyRow(row["fingerprint"], rows.message(row))

    async def _read_spans(self, facts: Facts, items: Sequence[Item], more: int) -> None:
        """`more`: messages that items name; judged first, they are out of the span, so that many more are read."""
        wanted = []
        for number, item in enumerate(items):
            if (
                isinstance(item, Read)
                and not item.only
                and (conversation := facts.conversations.get(item.conversation_id))
            ):
                if item.user_id in conversation.users:
                    after = conversation.read_to[conversation.side(item.user_id)]
                    wanted.append((number, item.conversation_id, item.user_id, after, item.message_id))
                item.span = number
        if not wanted:
            return
        for row in await self._fetch("spans", *_columns(wanted, 5), more):
            newest = zip(row["ids"] or (), row["times"] or (), strict=True)
            facts.spans[row["ord"]] = UnreadSpan(row["target_at"], row["count"], list(newest))

    async def _read_arrived(self, facts: Facts, items: Sequence[Item], more: int) -> None:
        wanted = [
            (item.message_id, item.conversation_id, item.user_id, item.up_to)
            for item in items
            if isinstance(item, Deliver)
        ]
        if not wanted:
            return
        for row in await self._fetch("arrived", *_columns(wanted, 4), more):
            facts.arrived.setdefault(row["named_id"], []).append((row["id"], row["created_at"]))

    async def _read_uploads(self, facts: Facts, items: Sequence[Item]) -> None:
        wanted = {id_ for item in items if isinstance(item, Send) for id_, _ in item.attachments}
        if wanted:
            facts.uploads = {row["id"]: rows.upload(row) for row in await self._fetch("uploads", wanted)}

    async def _read_witnesses(self, facts: Facts, items: Sequence[Item]) -> None:
        seen = [item.witness for item in items if item.witness is not None]
        if not seen:
            return
        wanted = [(w.user_id, w.position, w.created_at) for w in seen]
        facts.witnessed = {
            (row["user_id"], row["position"]) for row in await self._fetch("witnesses", *_columns(wanted, 3))
        }

    async def write(self, writes: Writes) -> None:
        """Write the plan; the rows are locked, so nothing here waits for another flush."""
        async with self._ledger.translated():
            if writes.opened:
                opened = ((c.id, *c.users, c.created_at) for c in writes.opened)
                await self._fetch("insert_conversations", *_columns(opened, 4))
            await self._fetch("write", *_write_arguments(writes))
            if writes.keys:
                await self._fetch("insert_keys", *_columns(writes.keys, 4))
            if writes.attached:
                await self._fetch("attach", *_columns(writes.attached, 5))
            if writes.links:
                await self._fetch("insert_links", *_columns(writes.links, 6))
            if writes.reads:
                marks = ((r.conversation_id, r.reader_id, r.after, r.up_to, r.read_at, r.shown) for r in writes.reads)
                await self._fetch("mark_read", *_columns(marks, 6))
            if writes.reads_of:
                await self._fetch("mark_these_read", *_columns(writes.reads_of, 3))
            if writes.deleted:
                await self._fetch("delete_messages", *_columns(writes.deleted, 3))
            if writes.blocks_gone:
                await self._fetch("delete_blocks", writes.blocks_gone)
            if writes.blocks_put:
                blocks = ((b.id, b.blocker_id, b.blocked.id, b.reason, b.created_at) for b in writes.blocks_put)
                await self._fetch("insert_blocks", *_columns(blocks, 5))

    async def commit(self) -> None:
        """Commit; a connection lost under way leaves the outcome unknown and raises `TryAgain`."""
        async with self._ledger.translated():
            await self._connection.execute("COMMIT")

    async def rollback(self) -> None:
        """Give everything back; a connection that cannot is dropped."""
        try:
            await self._connection.execute("ROLLBACK")
        except FAULTS:
            await self._ledger.close()

    async def abandon(self) -> None:
        """Drop the connection, whatever it is doing."""
        await self._ledger.close()


def _columns(table: Any, width: int) -> Sequence[Sequence[Any]]:
    """Rows to columns, as `unnest` takes them; `width` empty ones when there are no rows."""
    columns = list(zip(*table, strict=True))
    return columns or [()] * width


def _conversation(row: asyncpg.Record) -> ConversationRow:
    return ConversationRow(
        row["id"], (row["user1_id"], row["user2_id"]), row["updated_at"], row["created_at"], row["last_message_id"]
    )


def _standing(facts: Facts, blocker_id: UUID, blocked_id: UUID) -> Block:
    """A block known only to stand: enough for the rules of a send."""
    return Block(blocker_id, blocker_id, Profile(blocked_id, "", None, None), facts.now)


def _named(items: Sequence[Item]) -> set[UUID]:
    """Messages that items name: reads of single ones, deletions."""
    named = {id_ for item in items if isinstance(item, Read) for id_ in item.only}
    named.update(item.message_id for item in items if isinstance(item, DeleteMessage))
    return named


def _asked(facts: Facts, item: Item) -> User | None:
    """Whose privacy setting an item meets: the receiver's of an empty conversation, the other one's of an opening."""
    if isinstance(item, PairItem):
        return facts.users.get(item.other_id)
    if isinstance(item, ConversationItem):
        conversation = facts.conversations.get(item.conversation_id)
        if conversation and item.user_id in conversation.users and conversation.last_message_id is None:
            return facts.users.get(conversation.other(item.user_id))
    return None


def _message_columns(messages: Sequence[Message]) -> list[list[Any]]:
    return [
        [m.id for m in messages],
        [m.conversation_id for m in messages],
        [m.sender_id for m in messages],
        [m.receiver_id for m in messages],
        [m.type for m in messages],
        [m.content for m in messages],
        [rows.media(m) for m in messages],
        [m.temp_id for m in messages],
        [m.created_at for m in messages],
    ]


def _write_arguments(writes: Writes) -> list[Any]:
    """The 29 parameters of `write`, in its order."""
    last = writes.last_message
    participants = [(*key, *value) for key, value in writes.participants.items()]
    positions = writes.positions
    return [
        *_message_columns(writes.messages),
        list(last),
        [m.id for m in last.values()],
        [m.sender_id for m in last.values()],
        [m.created_at for m in last.values()],
        *_columns(participants, 6),
        list(positions),
        [p.head for p in positions.values()],
        [p.unread_total for p in positions.values()],
        *_columns(writes.events, 6),
        writes.now,
    ]
