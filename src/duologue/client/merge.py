"""Two readings of one thing, of which neither need be the newer: what is kept. Pure.

Whatever only ever moves forward keeps the further state; the rest is taken from the reading that came last.
"""

from msgspec.structs import replace

from duologue.client.wire import Conversation, Message, MessageShort, UserShort

_STEPS = {"sent": 0, "delivered": 1, "read": 2}


def preview(message: Message) -> MessageShort:
    """A message as its conversation shows it."""
    return MessageShort(
        id=message.id,
        sender_id=message.sender_id,
        content=message.content,
        created_at=message.created_at,
        is_read=message.is_read,
        type=message.type,
    )


def further(one: str, other: str) -> str:
    """The status that is further on the way from sent to read."""
    return max(one, other, key=lambda name: _STEPS.get(name, -1))


def later_message(known: Message | None, read: Message) -> Message:
    """A message read once more: a read one stays read, a delivered one delivered."""
    if known is None:
        return read
    status = further(known.status, read.status)
    if known.is_read and not read.is_read:
        return replace(read, is_read=True, read_at=known.read_at, status=status)
    return replace(read, status=status)


def later_conversation(known: Conversation | None, read: Conversation) -> Conversation:
    """A conversation read once more: its last message, and its place in the list, never go back."""
    if known is None or known.last_message is None:
        return read
    old, new = known.last_message, read.last_message
    if new is None or (new.created_at, new.id) < (old.created_at, old.id):
        return replace(read, last_message=old, updated_at=known.updated_at)
    if new.id == old.id and old.is_read:
        return replace(read, last_message=replace(new, is_read=True))
    return read


def without_presence(conversation: Conversation) -> Conversation:
    """A conversation without what changes without a fact: the partner's profile and presence."""
    other = conversation.other_user
    return replace(conversation, other_user=UserShort(id=other.id, username=""))
