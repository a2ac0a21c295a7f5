"""Who is typing: an indicator ends by itself after some seconds, and with the sender's message (design part 4).

Who may signal to whom is core/presence.py's.
"""

from uuid import UUID

from duologue.core.events import TypingChanged
from duologue.core.ports import Broker


class TypingTable:
    """The indicators that were started on this node. `ttl` in seconds of the monotonic clock."""

    def __init__(self, *, broker: Broker, ttl: float) -> None:
        self._broker = broker
        self._ttl = ttl
        self._until: dict[tuple[UUID, UUID], tuple[float, UUID]] = {}  # (user, conversation) -> end, partner

    def started(self, user_id: UUID, conversation_id: UUID, partner_id: UUID, now: float) -> None:
        """Remember to end it; the latest start is last."""
        self._until.pop((user_id, conversation_id), None)
        self._until[(user_id, conversation_id)] = (now + self._ttl, partner_id)

    def stopped(self, user_id: UUID, conversation_id: UUID) -> None:
        """It was ended by its user."""
        self._until.pop((user_id, conversation_id), None)

    def sent(self, user_id: UUID, conversation_id: UUID) -> None:
        """A message ends it."""
        if self._until:
            found = self._until.pop((user_id, conversation_id), None)
            if found is not None:
                self._broker.publish((TypingChanged(conversation_id, user_id, found[1], False),))

    def blocked(self, one: UUID, other: UUID, conversation_id: UUID) -> None:
        """A block stands between the two: both end without a word, for typing crosses it in neither direction."""
        for user_id in (one, other):
            self._until.pop((user_id, conversation_id), None)

    def expire(self, now: float) -> None:
        """End those whose time is over; they lie in the order of their ends."""
        over: list[TypingChanged] = []
        for (user_id, conversation_id), (end, partner_id) in self._until.items():
            if end > now:
                break
            over.append(TypingChanged(conversation_id, user_id, partner_id, False))
        for event in over:
            del self._until[(event.user_id, event.conversation_id)]
        if over:
            self._broker.publish(over)
