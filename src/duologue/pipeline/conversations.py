"""How a flush judges openings: get, or create with a fact for both. Pure."""

from duologue.core import rules
from duologue.core.events import ConversationOpened, Kind
from duologue.core.items import Open, Opened
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
