"""How a flush judges the deletion of a message: gone for both, and an unread one counts no more. Pure."""

from duologue.core import rules
from duologue.core.errors import NotFound
from duologue.core.events import Kind, MessageDeleted
from duologue.core.items import DeleteMessage, MessageGone
from duologue.core.ledger import ConversationRow
from duologue.core.model import Message
from duologue.core.rules import NO_MESSAGE
from duologue.pipeline.state import FlushState, compact


def delete_message(state: FlushState, item: DeleteMessage) -> MessageGone:
    """Delete a message for both (RN-14, B-28). The row stays for the operator; what its sender cannot see is not there."""
    conversation = state.conversation(item.conversation_id, item.user_id)
    message = state.facts.messages.get(item.message_id)
    if message is None or message.conversation_id != conversation.id or message.deleted_at is not None:
        raise NotFound(NO_MESSAGE)
    if item.deleted_by is not None:
        if not conversation.shows(conversation.side(item.deleted_by), message.created_at):
            raise NotFound(NO_MESSAGE)
        rules.check_sender(message, item.deleted_by)
    at = message.deleted_at = max(state.facts.now, message.created_at)
    state.writes.deleted.append((message.id, at, item.deleted_by))
    state.forget(message.id, at)
    _forget_unread(state, conversation, message)
    data = compact(at=at.isoformat())
    notices = [
        state.notice(item, user_id, Kind.MESSAGE_DELETED, conversation, message_id=message.id, data=data)
        for user_id in (message.sender_id, message.receiver_id)
    ]
    item.fact = MessageDeleted(conversation.id, message.id, at, notices, item.origin)
    return MessageGone(conversation.id, message.id, at)


def _forget_unread(state: FlushState, conversation: ConversationRow, message: Message) -> None:
    """An unread one is unread no more (G-21); what was read, or deleted with its conversation, was counted out before."""
    reader_id = message.receiver_id
    if message.read_at is not None or message.created_at <= conversation.read_to[conversation.side(reader_id)]:
        return
    state.marks(conversation.id, reader_id).gone[message.id] = message.created_at
    state.less_unread(conversation, reader_id, 1)
    state.write_participant(conversation, reader_id)
