"""How a flush judges reads: what is marked, what the sender may learn. Pure."""

from datetime import datetime
from uuid import UUID

from duologue.core import rules
from duologue.core.errors import NotFound
from duologue.core.events import Kind, MessagesRead
from duologue.core.items import Marked, Read
from duologue.core.ledger import ConversationRow, ReadMark, UnreadSpan
from duologue.pipeline.state import FlushState, compact

NO_MESSAGE = "Message not found"
_NEWEST = 100  # ids that a fact carries (design part 5, Receipts)


def read(state: FlushState, item: Read) -> Marked:
    """Mark what is unread up to the target, or all of it; nothing marked is no fact (RM-12, C-28)."""
    conversation = state.conversation(item.conversation_id, item.user_id)
    span = state.facts.spans[item.span]
    if item.message_id is not None and span.target_at is None:
        raise NotFound(NO_MESSAGE)
    bound = span.target_at or conversation.updated_at
    ids, count = _take_span(state, conversation.id, item.user_id, span, bound)
    position = state.positions[item.user_id]
    side = conversation.side(item.user_id)
    if not count:
        return Marked(conversation.id, 0, None, conversation.unread[side], position.unread_total)
    sender_id = conversation.other(item.user_id)
    conversation.unread[side] -= count
    if (sender_id, item.user_id) not in state.facts.blocks:  # a hidden conversation is not in the total
        position.unread_total -= count
    return _mark(state, item, conversation, sender_id, ids=ids, count=count, bound=bound)


def _take_span(
    state: FlushState, conversation_id: UUID, reader_id: UUID, span: UnreadSpan, bound: datetime
) -> tuple[list[UUID], int]:
    """The newest ids and the count of what is still unmarked up to `bound`, stored ones and those of this flush."""
    marks = state.marks(conversation_id, reader_id)
    stored = max(span.count - marks.count, 0)
    fresh = [message for message in marks.sent if message.created_at <= bound]
    marks.sent = marks.sent[len(fresh) :]
    marks.count += stored
    ids = [message.id for message in reversed(fresh)] + span.newest[:stored]
    return ids[:_NEWEST], stored + len(fresh)


def _mark(
    state: FlushState,
    item: Read,
    conversation: ConversationRow,
    sender_id: UUID,
    *,
    ids: list[UUID],
    count: int,
    bound: datetime,
) -> Marked:
    users, side = state.facts.users, conversation.side(item.user_id)
    shown = rules.read_is_shown(
        reader=users[item.user_id],
        sender=users[sender_id],
        blocked=state.blocked(item.user_id, sender_id),
    )
    read_at = max(state.facts.now, bound)
    after = conversation.read_to[side]
    conversation.read_to[side] = max(after, bound)
    state.writes.reads.append(ReadMark(conversation.id, item.user_id, after, bound, read_at, shown))
    state.writes.participants[(conversation.id, item.user_id)] = (
        conversation.unread[side],
        conversation.read_to[side],
    )
    up_to = item.message_id or ids[0]
    data = compact(n=count, u=str(up_to), ids=[str(i) for i in ids], r=str(item.user_id), at=read_at.isoformat())
    notices = [state.notice(item, item.user_id, Kind.MESSAGES_READ, conversation, data=data)]
    if shown:
        notices.append(state.notice(item, sender_id, Kind.MESSAGES_READ, conversation, data=data))
    item.fact = MessagesRead(conversation.id, item.user_id, ids, count, up_to, read_at, notices, item.origin)
    return Marked(conversation.id, count, read_at, notices[0].unread_count, notices[0].total_unread)
