"""What one flush knows and will write, kept current while its items are judged in turn; and what all judges share. No I/O.

Each item sees what the ones before it changed, because the rows they share are the same objects.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from duologue.core import rules
from duologue.core.errors import NotFound
from duologue.core.events import Kind, Notice
from duologue.core.items import Item, Witness
from duologue.core.ledger import ConversationRow, Facts, PositionRow, Writes
from duologue.core.model import Conversation, Message, Profile, User

NO_CONVERSATION = "Conversation not found"


@dataclass(slots=True)
class Marks:
    """What this flush did with a reader's unread messages.

    `count`: stored ones read by a range; `gone`: stored ones read or deleted one by one; `sent`: new ones, oldest first.
    """

    count: int = 0
    gone: dict[UUID, datetime] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)


class FlushState:
    """Facts and locked rows of one flush, and the rows it will write."""

    def __init__(self, facts: Facts, positions: dict[UUID, PositionRow]) -> None:
        self.facts = facts
        self.positions = positions
        self.writes = Writes(now=facts.now)
        self._marks: dict[tuple[UUID, UUID], Marks] = {}
        self._deleted: set[UUID] = set()

    def conversation(self, conversation_id: UUID, user_id: UUID) -> ConversationRow:
        """The conversation, of a participant; `NotFound`, `NotParticipant`."""
        conversation = self.facts.conversations.get(conversation_id)
        if conversation is None:
            raise NotFound(NO_CONVERSATION)
        rules.check_participant(user_id, conversation.users)
        return conversation

    def blocked(self, one: UUID, other: UUID) -> bool:
        """A block of either direction stands."""
        blocks = self.facts.blocks
        return bool(blocks) and ((one, other) in blocks or (other, one) in blocks)

    def marks(self, conversation_id: UUID, user_id: UUID) -> Marks:
        """What this flush marked and sent for a reader."""
        key = (conversation_id, user_id)
        marks = self._marks.get(key)
        if marks is None:
            marks = self._marks[key] = Marks()
        return marks

    def is_gone(self, message_id: UUID | None) -> bool:
        """An item before this one deleted the message."""
        return message_id in self._deleted

    def forget(self, message_id: UUID, at: datetime) -> None:
        """The message was deleted: no preview and no replay of a key shows its text from here on."""
        self._deleted.add(message_id)
        for known in (*self.facts.last_messages.values(), *(row.message for row in self.facts.keys.values())):
            if known.id == message_id:
                known.deleted_at, known.content = at, ""

    def show_read(self, conversation: ConversationRow, newest: UUID, mark: tuple[datetime, bool]) -> None:
        """The preview shows the reading, when and whether to its sender; a copy, as a send's own fact says `sent`."""
        last = self.facts.last_messages.get(conversation.id)
        if last is not None and last.id == newest:
            self.facts.last_messages[conversation.id] = replace(last, read_at=mark[0], read_shown=mark[1])

    def hides(self, conversation: ConversationRow, user_id: UUID) -> bool:
        """The other one blocks this user, whose list and totals are without the conversation (C-09)."""
        return (conversation.other(user_id), user_id) in self.facts.blocks

    def is_listed(self, conversation: ConversationRow, user_id: UUID) -> bool:
        """The conversation stands in this user's list."""
        return not conversation.is_deleted(conversation.side(user_id)) and not self.hides(conversation, user_id)

    def less_unread(self, conversation: ConversationRow, user_id: UUID, count: int) -> None:
        """So many messages fewer are unread; a hidden conversation is not in the total."""
        conversation.unread[conversation.side(user_id)] -= count
        if not self.hides(conversation, user_id):
            self.positions[user_id].unread_total -= count

    def drop_unread(self, conversation: ConversationRow, user_id: UUID) -> None:
        """Nothing of it is unread for this user any more, what this flush sent included."""
        unread = conversation.unread[conversation.side(user_id)]
        if unread:
            marks = self.marks(conversation.id, user_id)
            marks.count += unread - len(marks.sent)
            marks.sent = []
            self.less_unread(conversation, user_id, unread)

    def write_participant(self, conversation: ConversationRow, user_id: UUID) -> None:
        """This participant's state is to be written as it stands."""
        side = conversation.side(user_id)
        self.writes.participants[(conversation.id, user_id)] = (
            conversation.unread[side],
            conversation.read_to[side],
            conversation.delivered_to[side],
            conversation.deleted_to[side],
        )

    def notice(
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
        position = self.positions[user_id]
        position.head += 1
        self.writes.positions[user_id] = position
        conversation_id = conversation.id if conversation else None
        self.writes.events.append((user_id, position.head, kind, conversation_id, message_id, data))
        if item.witness is None:
            item.witness = Witness(user_id, position.head, self.facts.now)
        unread = conversation.unread[conversation.side(user_id)] if conversation else 0
        return Notice(user_id, position.head, unread, position.unread_total, view)

    def partner(self, viewer: User, other: User, online: frozenset[UUID]) -> Profile:
        """The other one of a conversation as `viewer` may see them now: presence and last seen by blocks and switches."""
        blocked = self.blocked(viewer.id, other.id)
        profile = profile_of(other, online=not blocked and other.id in online)
        profile.shows_presence = not blocked
        if not blocked and not profile.is_online and rules.last_seen_is_shown(viewer, other):
            profile.last_seen_at = other.last_seen_at
        return profile

    def view(self, row: ConversationRow, viewer: User, other: User, online: frozenset[UUID]) -> Conversation:
        """The conversation as `viewer`'s list shows it."""
        partner = self.partner(viewer, other, online)
        return Conversation(
            row.id,
            partner,
            self._last_message(row, viewer, partner),
            row.unread[row.side(viewer.id)],
            row.created_at,
            row.updated_at,
            is_blocked=self.blocked(viewer.id, other.id),
            hidden=(other.id, viewer.id) in self.facts.blocks,
        )

    def _last_message(self, row: ConversationRow, viewer: User, partner: Profile) -> Message | None:
        last = self.facts.last_messages.get(row.id)
        if last is None or not row.shows(row.side(viewer.id), last.created_at):
            return None
        sender = partner if last.sender_id == partner.id else profile_of(viewer)
        delivered = last.created_at <= row.delivered_to[row.side(last.receiver_id)]
        return replace(last, sender=sender, delivered=delivered)


def profile_of(user: User, *, online: bool = False) -> Profile:
    """A user as others see them."""
    return Profile(user.id, user.username, user.display_name, user.avatar_url, online)


def compact(**values: Any) -> str:
    """JSON for the log's `data`."""
    return json.dumps(values, separators=(",", ":"))
