"""How a flush judges openings (get, or create with a fact for both) and deletions for one side. Pure."""

from duologue.core import rules
from duologue.core.events import ConversationDeleted, ConversationOpened, Kind
from duologue.core.items import ConversationGone, DeleteConversation, Open, Opened
from duologue.core.ledger import ConversationRow
from duologue.pipeline.state import FlushState


def open_conversation(state: FlushState, item: Open) -> Opened:
    """The pair's conversation, made if the rules let them (RA-12, CNV-01)."""
    facts = state.facts
    existing = facts.pairs.get(item.pair)
    if existing is not None:
        return Opened(existing.id, created=False)
    opener, other = facts.users[item.user_id], facts.users[item.other_id]
    rules.check_open(
        opener=opener,
        other=other,
        blocked=state.blocked(opener.id, other.id),
        follows=(opener.id, other.id) in facts.follows,
    )
    row = ConversationRow(item.conversation_id, item.pair, facts.now, facts.now, None)
    facts.pairs[item.pair] = facts.conversations[row.id] = row
    state.writes.opened.append(row)
    notices = [
        state.notice(item, viewer.id, Kind.CONVERSATION_OPENED, row, view=state.view(row, viewer, partner, item.online))
        for viewer, partner in ((opener, other), (other, opener))
    ]
    item.fact = ConversationOpened(row.id, notices, item.origin)
    return Opened(row.id, created=True, conversation=notices[0].conversation)


def delete_conversation(state: FlushState, item: DeleteConversation) -> ConversationGone:
    """Out of the caller's list, with all its messages so far; unread ones do not count any more (RB-15, G-20, G-22)."""
    conversation = state.conversation(item.conversation_id, item.user_id)
    side = conversation.side(item.user_id)
    if conversation.is_deleted(side):
        return ConversationGone(conversation.id, changed=False)
    state.drop_unread(conversation, item.user_id)
    conversation.deleted_to[side] = conversation.updated_at
    conversation.read_to[side] = max(conversation.read_to[side], conversation.updated_at)
    state.write_participant(conversation, item.user_id)
    notice = state.notice(item, item.user_id, Kind.CONVERSATION_DELETED, conversation)
    item.fact = ConversationDeleted(conversation.id, (notice,), item.origin)
    return ConversationGone(conversation.id, changed=True)
