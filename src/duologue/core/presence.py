"""Presence and typing: what a user may know of their partners right now."""

from collections.abc import Sequence
from uuid import UUID

from duologue.core.events import TypingChanged
from duologue.core.model import Caller, Profile
from duologue.core.ports import Broker, ConversationStore, Presence


async def fill(presence: Presence, profiles: Sequence[Profile]) -> None:
    """Set `is_online` of the profiles whose presence may be shown; last seen shows only of those who are not online.

    A profile that must not show presence has `shows_presence` False: a block stands between the two (PRS-11, C-09).
    """
    shown = [profile for profile in profiles if profile.shows_presence]
    if not shown:
        return
    online = await presence.online({profile.id for profile in shown})
    for profile in shown:
        profile.is_online = profile.id in online
        if profile.is_online:
            profile.last_seen_at = None


class Typing:
    """Typing indicators: ephemeral, to the partner alone, never across a block (WSA-27, G-15)."""

    def __init__(self, *, store: ConversationStore, broker: Broker) -> None:
        self._store = store
        self._broker = broker

    async def change(self, caller: Caller, conversation_id: UUID, *, is_typing: bool) -> UUID | None:
        """Tell the partner; returns who was told, None across a block. `NotFound`, `NotParticipant`."""
        partner = await self._store.may_signal(caller.id, conversation_id)
        if partner is not None:
            self._broker.publish((TypingChanged(conversation_id, caller.id, partner, is_typing),))
        return partner
