"""What one flush does, decided purely: items and facts in, outcomes and rows out. No I/O, no clock.

Items are judged in arrival order; each sees what the ones before it changed, because the rows they share are kept current.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from duologue.core import rules
from duologue.core.errors import ChatError, Conflict, NotFound
from duologue.core.events import (
    BlockChanged,
    ConversationOpened,
    Fact,
    Kind,
    MessageSent,
    MessagesRead,
    Notice,
)
from duologue.core.items import (
    Answer,
    BlockGone,
    BlockPut,
    Item,
    Marked,
    Open,
    Opened,
    Outcome,
    PutBlock,
    Read,
    RemoveBlock,
    Send,
    Sent,
    Witness,
)
from duologue.core.ledger import ConversationRow, Facts, PositionRow, ReadMark, UnreadSpan, Writes
from duologue.core.messages import replay
from duologue.core.model import Block, Conversation, Message, Profile, User

NO_CONVERSATION = "Conversation not found"
NO_MESSAGE = "Message not found"
NOT_BLOCKED = "User is not blocked"
_TICK = timedelta(microseconds=1)
_NEWEST = 100


@dataclass(slots=True)
class Judged:
    """An item with its outcome, and the fact to publish if there is one."""

    item: Item
    outcome: Outcome
    fact: Fact | None


@dataclass(slots=True)
class _Marked:
    """How far a reader's marks of this flush reach, and what was sent to them in it (oldest first)."""

    up_to: datetime | None = None
    count: int = 0
    sent: list[Message] = field(default_factory=list)


class Plan:
    """Judges the items of one flush and gathers what to write."""

    def __init__(self, facts: Facts, positions: dict[UUID, PositionRow]) -> None:
        self.writes = Writes(now=facts.now)
        self._facts = facts
        self._positions = positions
        self._marked: dict[tuple[UUID, UUID], _Marked] = {}
        self._judges: dict[type[Item], Callable[[Any], Answer]] = {
            Send: self._send,
            Read: self._read,
            Open: self._open,
            PutBlock: self._put_block,
            RemoveBlock: self._remove_block,
        }

    def judge(self, items: Sequence[Item]) -> list[Judged]:
        """The outcome of every item, in order."""
        return [self._judge(item) for item in items]

    def _judge(self, item: Item) -> Judged:
        witness = item.witness
        if witness is not None and (witness.user_id, witness.position) in self._facts.witnessed and item.answer:
            return Judged(item, item.answer, item.fact)  # an earlier attempt did commit
        item.witness = item.answer = item.fact = None
        try:
            item.answer = self._judges[type(item)](item)
        except ChatError as error:
            return Judged(item, error, None)
        return Judged(item, item.answer, item.fact)

    # -- messages ---------------------------------------------------------------------------------------------------------

    def _send(self, item: Send) -> Answer:
        facts = self._facts
        if item.key is not None:
            known = facts.keys.get((item.user_id, item.key))
            if known is not None:
                return self._replayed(item, known.fingerprint, known.message)
        conversation = self._conversation(item.conversation_id, item.user_id)
        receiver_id = conversation.other(item.user_id)
        sender, receiver = facts.users[item.user_id], facts.users[receiver_id]
        rules.check_send(
            sender=sender,
            receiver=receiver,
            blocked=self._blocked(item.user_id, receiver_id),
            has_messages=conversation.last_message_id is not None,
            follows=(item.user_id, receiver_id) in facts.follows,
        )
        message = self._store(item, conversation, receiver_id)
        message.sender = _profile(sender, online=item.sender_online)
        notices = (
            self._notice(item, item.user_id, Kind.MESSAGE_SENT, conversation, message_id=message.id),
            self._notice(item, receiver_id, Kind.MESSAGE_SENT, conversation, message_id=message.id),
        )
        item.fact = MessageSent(message, notices, item.origin)
        return Sent(message)

    def _replayed(self, item: Send, fingerprint: bytes, message: Message) -> Sent:
        outcome = replay(fingerprint, item.fingerprint, message)
        if isinstance(outcome, Conflict):
            raise outcome
        sender = self._facts.users.get(item.user_id)
        if message.sender is None and sender is not None:
            message.sender = _profile(sender, online=item.sender_online)
        return outcome

    def _store(self, item: Send, conversation: ConversationRow, receiver_id: UUID) -> Message:
        """The message in its place: above the conversation's last, which never goes down (design part 1, Order)."""
        at = max(self._facts.now, conversation.updated_at + _TICK)
        message = Message(
            item.message_id,
            conversation.id,
            item.user_id,
            receiver_id,
            item.type,
            item.content,
            at,
            at,
            item.temp_id,
        )
        conversation.updated_at = at
        conversation.last_message_id = message.id
        side = conversation.side(receiver_id)
        conversation.unread[side] += 1
        self._positions[receiver_id].unread_total += 1
        writes = self.writes
        writes.messages.append(message)
        writes.last_message[conversation.id] = message
        writes.participants[(conversation.id, receiver_id)] = (conversation.unread[side], conversation.read_to[side])
        self._marks(conversation.id, receiver_id).sent.append(message)
        if item.links:
            writes.links.extend((link, conversation.id, message.id, item.user_id, url, at) for link, url in item.links)
        if item.key is not None:
            writes.keys.append((item.user_id, item.key, item.fingerprint, message.id))
            self._facts.take_key(item.user_id, item.key, item.fingerprint, message)
        return message

    # -- receipts ---------------------------------------------------------------------------------------------------------

    def _read(self, item: Read) -> Answer:
        conversation = self._conversation(item.conversation_id, item.user_id)
        span = self._facts.spans[item.span]
        if item.message_id is not None and span.target_at is None:
            raise NotFound(NO_MESSAGE)
        bound = span.target_at or conversation.updated_at
        ids, count = self._take_span(conversation.id, item.user_id, span, bound)
        position = self._positions[item.user_id]
        side = conversation.side(item.user_id)
        if not count:
            return Marked(conversation.id, 0, None, conversation.unread[side], position.unread_total)
        sender_id = conversation.other(item.user_id)
        conversation.unread[side] -= count
        if (sender_id, item.user_id) not in self._facts.blocks:  # a hidden conversation is not in the total
            position.unread_total -= count
        return self._mark(item, conversation, sender_id, ids=ids, count=count, bound=bound)

    def _take_span(
        self, conversation_id: UUID, reader_id: UUID, span: UnreadSpan, bound: datetime
    ) -> tuple[list[UUID], int]:
        """The newest ids and the count of what is still unmarked up to `bound`, stored ones and those of this flush."""
        marks = self._marks(conversation_id, reader_id)
        stored = max(span.count - marks.count, 0)
        fresh = [message for message in marks.sent if message.created_at <= bound]
        marks.sent = marks.sent[len(fresh) :]
        marks.count += stored
        ids = [message.id for message in reversed(fresh)] + span.newest[:stored]
        return ids[:_NEWEST], stored + len(fresh)

    def _mark(
        self,
        item: Read,
        conversation: ConversationRow,
        sender_id: UUID,
        *,
        ids: list[UUID],
        count: int,
        bound: datetime,
    ) -> Marked:
        users, side = self._facts.users, conversation.side(item.user_id)
        shown = rules.read_is_shown(
            reader=users[item.user_id],
            sender=users[sender_id],
            blocked=self._blocked(item.user_id, sender_id),
        )
        read_at = max(self._facts.now, bound)
        after = conversation.read_to[side]
        conversation.read_to[side] = max(after, bound)
        self.writes.reads.append(ReadMark(conversation.id, item.user_id, after, bound, read_at, shown))
        self.writes.participants[(conversation.id, item.user_id)] = (
            conversation.unread[side],
            conversation.read_to[side],
        )
        up_to = item.message_id or ids[0]
        data = _json(n=count, u=str(up_to), ids=[str(i) for i in ids], r=str(item.user_id), at=read_at.isoformat())
        notices = [self._notice(item, item.user_id, Kind.MESSAGES_READ, conversation, data=data)]
        if shown:
            notices.append(self._notice(item, sender_id, Kind.MESSAGES_READ, conversation, data=data))
        item.fact = MessagesRead(conversation.id, item.user_id, ids, count, up_to, read_at, notices, item.origin)
        return Marked(conversation.id, count, read_at, notices[0].unread_count, notices[0].total_unread)

    # -- conversations and blocks ----------------------------------------------------------------------------------------

    def _open(self, item: Open) -> Answer:
        facts = self._facts
        existing = facts.pairs.get(item.pair)
        if existing is not None:
            return Opened(existing.id, created=False)
        opener, other = facts.users[item.user_id], facts.users[item.other_id]
        rules.check_open(
            opener=opener,
            other=other,
            blocked=self._blocked(opener.id, other.id),
            follows=(opener.id, other.id) in facts.follows,
        )
        row = ConversationRow(item.conversation_id, item.pair, facts.now, facts.now, None)
        facts.pairs[item.pair] = facts.conversations[row.id] = row
        self.writes.opened.append(row)
        notices = [
            self._notice(
                item, viewer.id, Kind.CONVERSATION_OPENED, row, view=self._view(row, viewer, partner, item.online)
            )
            for viewer, partner in ((opener, other), (other, opener))
        ]
        item.fact = ConversationOpened(row.id, notices, item.origin)
        return Opened(row.id, created=True, conversation=notices[0].conversation)

    def _put_block(self, item: PutBlock) -> Answer:
        facts, pair = self._facts, (item.user_id, item.other_id)
        standing = facts.blocks.get(pair)
        if standing is not None:
            return BlockPut(standing, changed=False)
        blocked = _profile(facts.users[item.other_id])
        blocked.shows_presence = False
        block = Block(item.block_id, item.user_id, blocked, facts.now, item.reason)
        facts.blocks[pair] = block
        self.writes.blocks_put.append(block)
        conversation = facts.pairs.get(item.pair)
        if conversation is not None:  # it leaves the other's list and totals
            self._positions[item.other_id].unread_total -= conversation.unread[conversation.side(item.other_id)]
        self._block_fact(item, block, conversation, added=True)
        return BlockPut(block, changed=True)

    def _remove_block(self, item: RemoveBlock) -> Answer:
        facts = self._facts
        block = facts.blocks.pop((item.user_id, item.other_id), None)
        if block is None:
            raise NotFound(NOT_BLOCKED)
        self.writes.remove_block(block)
        conversation = facts.pairs.get(item.pair)
        if conversation is not None:  # it is back in the other's list and totals
            self._positions[item.other_id].unread_total += conversation.unread[conversation.side(item.other_id)]
        self._block_fact(item, block, conversation, added=False)
        return BlockGone(block)

    def _block_fact(
        self, item: PutBlock | RemoveBlock, block: Block, conversation: ConversationRow | None, *, added: bool
    ) -> None:
        kind = Kind.BLOCKED if added else Kind.UNBLOCKED
        users = self._facts.users
        mine = _json(b=str(block.id), o=str(item.other_id), at=block.created_at.isoformat())
        notices = [self._notice(item, item.user_id, kind, conversation, data=mine)]
        if conversation is not None:
            view = None if added else self._view(conversation, users[item.other_id], users[item.user_id], item.online)
            theirs = _json(by=str(item.user_id))
            notices.append(self._notice(item, item.other_id, kind, conversation, data=theirs, view=view))
        item.fact = BlockChanged(
            block,
            added,
            conversation.id if conversation else None,
            is_blocked=self._blocked(item.user_id, item.other_id),
            hidden=added,
            notices=notices,
            origin=item.origin,
        )

    # -- what all of them share ------------------------------------------------------------------------------------------

    def _conversation(self, conversation_id: UUID, user_id: UUID) -> ConversationRow:
        conversation = self._facts.conversations.get(conversation_id)
        if conversation is None:
            raise NotFound(NO_CONVERSATION)
        rules.check_participant(user_id, conversation.users)
        return conversation

    def _blocked(self, one: UUID, other: UUID) -> bool:
        blocks = self._facts.blocks
        return bool(blocks) and ((one, other) in blocks or (other, one) in blocks)

    def _marks(self, conversation_id: UUID, user_id: UUID) -> _Marked:
        key = (conversation_id, user_id)
        marks = self._marked.get(key)
        if marks is None:
            marks = self._marked[key] = _Marked()
        return marks

    def _notice(
        self,
        item: Item,
        user_id: UUID,
        kind: Kind,
        conversation: ConversationRow | None,
        *,
        message_id: UUID | None = None,
        data: str | None = None,
        view: Conversation | None = None,
    ) -> Notice:
        """Append a fact to a user's log: the next position, absolute totals."""
        position = self._positions[user_id]
        position.head += 1
        self.writes.positions[user_id] = position
        conversation_id = conversation.id if conversation else None
        self.writes.events.append((user_id, position.head, kind, conversation_id, message_id, data))
        if item.witness is None:
            item.witness = Witness(user_id, position.head, self._facts.now)
        unread = conversation.unread[conversation.side(user_id)] if conversation else 0
        return Notice(user_id, position.head, unread, position.unread_total, view)

    def _view(self, row: ConversationRow, viewer: User, other: User, online: frozenset[UUID]) -> Conversation:
        """The conversation as `viewer`'s list shows it."""
        blocked = self._blocked(viewer.id, other.id)
        profile = _profile(other, online=not blocked and other.id in online)
        profile.shows_presence = not blocked
        if not blocked and not profile.is_online and rules.last_seen_is_shown(viewer, other):
            profile.last_seen_at = other.last_seen_at
        last = self.writes.last_message.get(row.id) or self._facts.last_messages.get(row.id)
        return Conversation(
            row.id,
            profile,
            last,
            row.unread[row.side(viewer.id)],
            row.created_at,
            row.updated_at,
            is_blocked=blocked,
            hidden=(other.id, viewer.id) in self._facts.blocks,
        )


def _profile(user: User, *, online: bool = False) -> Profile:
    return Profile(user.id, user.username, user.display_name, user.avatar_url, online)


def _json(**values: Any) -> str:
    return json.dumps(values, separators=(",", ":"))
