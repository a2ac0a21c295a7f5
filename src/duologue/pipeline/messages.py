"""How a flush judges sends: key, rules, the message in its place, its fact. Pure."""

from datetime import timedelta
from uuid import UUID

from duologue.core import rules
from duologue.core.attachments import Upload, check_attachments
from duologue.core.errors import Conflict
from duologue.core.events import Kind, MessageSent, Notice
from duologue.core.items import Send, Sent
from duologue.core.ledger import ConversationRow
from duologue.core.model import Message, User
from duologue.core.sends import replay
from duologue.pipeline.state import FlushState, compact, profile_of

_TICK = timedelta(microseconds=1)


def send(state: FlushState, item: Send) -> Sent:
    """Store a message, or answer the one its key names; raises what refuses it (MSG-01, G-08)."""
    facts = state.facts
    if item.key is not None:
        known = facts.keys.get((item.user_id, item.key))
        if known is not None:
            return _replayed(state, item, known.fingerprint, known.message)
    conversation = state.conversation(item.conversation_id, item.user_id)
    receiver_id = conversation.other(item.user_id)
    sender, receiver = facts.users[item.user_id], facts.users[receiver_id]
    rules.check_send(
        sender=sender,
        receiver=receiver,
        blocked=state.blocked(item.user_id, receiver_id),
        has_messages=conversation.last_message_id is not None,
        follows=(item.user_id, receiver_id) in facts.follows,
    )
    uploads = _uploads(state, item) if item.attachments else None
    back = [conversation.is_deleted(side) for side in (0, 1)] if any(conversation.deleted_to) else None
    message = _store(state, item, conversation, receiver_id)
    if uploads is not None:
        _attach(state, item, message, uploads)
    message.sender = profile_of(sender, online=item.sender_online)
    if back is None:
        notices = (
            state.notice(item, item.user_id, Kind.MESSAGE_SENT, conversation, message_id=message.id),
            state.notice(item, receiver_id, Kind.MESSAGE_SENT, conversation, message_id=message.id),
        )
    else:
        notices = (
            _notice(state, item, conversation, message.id, back=back, viewer=sender, other=receiver),
            _notice(state, item, conversation, message.id, back=back, viewer=receiver, other=sender),
        )
    item.fact = MessageSent(message, notices, item.origin)
    return Sent(message)


def _notice(
    state: FlushState,
    item: Send,
    conversation: ConversationRow,
    message_id: UUID,
    *,
    back: list[bool],
    viewer: User,
    other: User,
) -> Notice:
    """A user's share of a message in a conversation that somebody had deleted: for them it is back in the list (G-20)."""
    is_back = back[conversation.side(viewer.id)]
    view = state.view(conversation, viewer, other, state.facts.online) if is_back else None
    data = compact(back=True) if is_back else None
    return state.notice(item, viewer.id, Kind.MESSAGE_SENT, conversation, message_id=message_id, data=data, view=view)


def _uploads(state: FlushState, item: Send) -> list[Upload]:
    """The files it names, if they may be sent so."""
    known = state.facts.uploads
    return check_attachments(item.user_id, item.type, [known.get(id_) for id_, _ in item.attachments])


def _attach(state: FlushState, item: Send, message: Message, uploads: list[Upload]) -> None:
    """Make the files the message's; from here on nobody else can send them."""
    message.attachments = [upload.attachment for upload in uploads]
    for upload, (id_, place) in zip(uploads, item.attachments, strict=True):
        upload.message_id = message.id
        state.writes.attached.append((id_, message.conversation_id, message.id, message.created_at, place))


def _replayed(state: FlushState, item: Send, fingerprint: bytes, message: Message) -> Sent:
    outcome = replay(fingerprint, item.fingerprint, message)
    if isinstance(outcome, Conflict):
        raise outcome
    sender = state.facts.users.get(item.user_id)
    if message.sender is None and sender is not None:
        message.sender = profile_of(sender, online=item.sender_online)
    return outcome


def _store(state: FlushState, item: Send, conversation: ConversationRow, receiver_id: UUID) -> Message:
    """The message in its place: above the conversation's last, which never goes down (design part 1, Order)."""
    at = max(state.facts.now, conversation.updated_at + _TICK)
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
    state.positions[receiver_id].unread_total += 1
    writes = state.writes
    writes.messages.append(message)
    writes.last_message[conversation.id] = state.facts.last_messages[conversation.id] = message
    state.write_participant(conversation, receiver_id)
    state.marks(conversation.id, receiver_id).sent.append(message)
    if item.links:
        writes.links.extend((link, conversation.id, message.id, item.user_id, url, at) for link, url in item.links)
    if item.key is not None:
        writes.keys.append((item.user_id, item.key, item.fingerprint, message.id))
        state.facts.take_key(item.user_id, item.key, item.fingerprint, message)
    return message
