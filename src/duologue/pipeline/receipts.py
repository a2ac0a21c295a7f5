"""How a flush judges receipts: what is read, what reached its receiver, and what the sender may learn of either. Pure."""

from datetime import datetime
from uuid import UUID

from duologue.core import rules
from duologue.core.errors import NotFound
from duologue.core.events import Kind, MessagesDelivered, MessagesRead, Notice
from duologue.core.items import Deliver, Delivered, Item, Marked, Read
from duologue.core.ledger import LONG_AGO, ConversationRow, ReadMark, UnreadSpan
from duologue.core.rules import NO_MESSAGE
from duologue.pipeline.state import FlushState, compact

_NEWEST = 100  # ids that a fact carries (design part 5, Receipts)


def read(state: FlushState, item: Read) -> Marked:
    """Mark what is unread up to the target, all of it, or the named ones; nothing marked is no fact (RM-12, C-28, C-29)."""
    conversation = state.conversation(item.conversation_id, item.user_id)
    reading = _Reading(state, item, conversation)
    if item.only:
        reading.take_named()
    else:
        span = state.facts.spans[item.span]
        if item.message_id is not None:
            _check_target(state, conversation, item, span)
        reading.take_span(span)
    return reading.marked()


def deliver(state: FlushState, item: Deliver) -> Delivered:
    """Move the mark of what reached a receiver; not while a block stands (design part 5, Blocks).

    It stands at the newest message that is still there, so that the sender knows the one that they are told of.
    """
    conversation = state.conversation(item.conversation_id, item.user_id)
    arrived = (one for one in state.facts.arrived.get(item.message_id, ()) if not state.is_gone(one[0]))
    message_id, at = next(arrived, (item.message_id, LONG_AGO))
    moved = _move_delivered(state, conversation, item.user_id, at)
    if moved:
        item.fact = _delivered_fact(state, item, conversation, message_id)
    return Delivered(moved)


def _check_target(state: FlushState, conversation: ConversationRow, item: Read, span: UnreadSpan) -> None:
    """A message that is deleted, or in a history that the reader deleted, is not there (design part 5, Receipts)."""
    side = conversation.side(item.user_id)
    if span.target_at is None or not conversation.shows(side, span.target_at) or state.is_gone(item.message_id):
        raise NotFound(NO_MESSAGE)


def _move_delivered(state: FlushState, conversation: ConversationRow, receiver_id: UUID, up_to: datetime) -> bool:
    side = conversation.side(receiver_id)
    if up_to <= conversation.delivered_to[side] or state.blocked(*conversation.users):
        return False
    conversation.delivered_to[side] = up_to
    state.write_participant(conversation, receiver_id)
    return True


def _delivered_fact(
    state: FlushState, item: Item, conversation: ConversationRow, message_id: UUID
) -> MessagesDelivered:
    """For the sender alone."""
    at = state.facts.now
    data = compact(u=str(message_id), r=str(item.user_id), at=at.isoformat())
    sender_id = conversation.other(item.user_id)
    notice = state.notice(item, sender_id, Kind.MESSAGES_DELIVERED, conversation, data=data)
    return MessagesDelivered(conversation.id, item.user_id, message_id, at, (notice,), item.origin)


class _Reading:
    """One read item as it is judged: which messages, up to when."""

    def __init__(self, state: FlushState, item: Read, conversation: ConversationRow) -> None:
        self._state = state
        self._item = item
        self._conversation = conversation
        self._side = conversation.side(item.user_id)
        self._marks = state.marks(conversation.id, item.user_id)
        self._newest: list[tuple[UUID, datetime]] = []  # at most 100, newest first
        self._count = 0
        self._reached = (
            state.facts.now
        )  # how far the mark of what was delivered moves: the newest marked one's time, or the target's
        self._read_at = state.facts.now
        self._shown = rules.read_is_shown(
            reader=state.facts.users[item.user_id],
            sender=state.facts.users[conversation.other(item.user_id)],
            blocked=state.blocked(*conversation.users),
        )

    def take_span(self, span: UnreadSpan) -> None:
        """The newest ids and the count of what is still unread up to the target, stored ones and those of this flush."""
        marks, conversation = self._marks, self._conversation
        bound = span.target_at or conversation.updated_at
        stored = max(span.count - marks.count - sum(at <= bound for at in marks.gone.values()), 0)
        fresh = [message for message in marks.sent if message.created_at <= bound]
        self._count = stored + len(fresh)
        if not self._count:
            return
        newest = [one for one in span.newest if one[0] not in marks.gone][:stored]
        self._newest = ([(message.id, message.created_at) for message in reversed(fresh)] + newest)[:_NEWEST]
        self._reached = span.target_at or self._newest[0][1]
        marks.sent = marks.sent[len(fresh) :]
        marks.count += stored
        self._read_at = max(self._read_at, bound)
        after = conversation.read_to[self._side]
        conversation.read_to[self._side] = max(after, bound)
        mark = ReadMark(conversation.id, self._item.user_id, after, bound, self._read_at, self._shown)
        self._state.writes.reads.append(mark)

    def take_named(self) -> None:
        """Those of the named ones that are still unread."""
        after = self._conversation.read_to[self._side]
        messages = (self._state.facts.messages.get(id_) for id_ in dict.fromkeys(self._item.only))
        unread = [
            message
            for message in messages
            if message is not None
            and message.conversation_id == self._conversation.id
            and message.receiver_id == self._item.user_id
            and message.read_at is None
            and message.deleted_at is None
            and message.created_at > after
        ]
        if not unread:
            return
        unread.sort(key=lambda message: (message.created_at, message.id), reverse=True)
        self._reached = unread[0].created_at
        self._read_at = max(self._read_at, self._reached)
        self._newest = [(message.id, message.created_at) for message in unread[:_NEWEST]]
        self._count = len(unread)
        for message in unread:
            message.read_at, message.read_shown = self._read_at, self._shown
            self._marks.gone[message.id] = message.created_at
            self._state.writes.reads_of.append((message.id, self._read_at, self._shown))

    def marked(self) -> Marked:
        """The answer; counts, marks and facts if anything was marked."""
        state, item, conversation = self._state, self._item, self._conversation
        if not self._count:
            total = state.positions[item.user_id].unread_total
            return Marked(conversation.id, 0, None, conversation.unread[self._side], total)
        state.less_unread(conversation, item.user_id, self._count)
        state.write_participant(conversation, item.user_id)
        state.show_read(conversation, self._newest[0][0], (self._read_at, self._shown))
        moved = _move_delivered(state, conversation, item.user_id, self._reached)
        fact = item.fact = self._fact()
        if moved and not (self._shown and fact.up_to):  # else the reading says so
            item.aside = _delivered_fact(state, item, conversation, self._target() or self._newest[0][0])
        mine = fact.notices[0]
        return Marked(conversation.id, self._count, self._read_at, mine.unread_count, mine.total_unread)

    def _target(self) -> UUID | None:
        """Up to which message all that the reader sees is read now; unknown of named ones."""
        return None if self._item.only else self._item.message_id or self._newest[0][0]

    def _fact(self) -> MessagesRead:
        """Told to the sender without `up_to` where a deletion of the conversation left some unread for ever."""
        item, conversation = self._item, self._conversation
        ids, at, mine = [id_ for id_, _ in self._newest], self._read_at, self._target()
        theirs = mine if conversation.deleted_to[self._side] is None else None
        notices = [self._notice(item.user_id, mine, ids)]
        if self._shown:
            notices.append(self._notice(conversation.other(item.user_id), theirs, ids))
        return MessagesRead(
            conversation.id, item.user_id, ids, self._count, theirs, at, notices, item.origin, reader_up_to=mine
        )

    def _notice(self, user_id: UUID, up_to: UUID | None, ids: list[UUID]) -> Notice:
        item, at = self._item, self._read_at.isoformat()
        u = str(up_to) if up_to else None
        data = compact(n=self._count, u=u, ids=[str(id_) for id_ in ids], r=str(item.user_id), at=at)
        return self._state.notice(item, user_id, Kind.MESSAGES_READ, self._conversation, data=data)
