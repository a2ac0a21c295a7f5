"""Whether a user takes part: deactivation, reactivation, and how partners learn of it (design parts 4 and 6). Erasure is erasure.py's.

A user's position row is their lock, so a send that commits later has seen the change. Their sockets are closed first, then
every partner is told by a fact, in chunks; what a crash cut short the next call finishes.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from duologue.core.audit import Action, Actor, Entry
from duologue.core.errors import Unavailable
from duologue.core.events import EndReason, SessionsEnded, UserChanged
from duologue.core.model import User, UserState
from duologue.core.ports import Broker, Ids, Presence
from duologue.core.presence import fill

NO_USER = "User not found"
ERASED = "The user was erased"
CHUNK = 500  # partners told in one transaction (design part 3, Locks)


@dataclass(frozen=True, slots=True)
class Untold:
    """The partners who do not know yet, by id; `after` is the last who does."""

    after: UUID
    partner_ids: Sequence[UUID]


class StandingStore(Protocol):
    """Users' states, and who was told of them."""

    async def change(self, user_id: UUID, state: UserState, entry: Entry) -> User:
        """Activate or deactivate under the user's lock, with the audit's entry; `NotFound`, `Conflict` when erased."""
        ...

    async def sign_out(self, user_id: UUID, entry: Entry) -> None:
        """End all sign-in sessions of a user, with the audit's entry; `NotFound`."""
        ...

    async def untold(self, user_id: UUID) -> Untold | None:
        """Who is still to be told; None when nobody is."""
        ...

    async def tell(self, user_id: UUID, after: UUID, partner_ids: Sequence[UUID]) -> Sequence[UserChanged] | None:
        """Write the facts of these partners, who come next after `after`; None: somebody else has moved on meanwhile."""
        ...

    async def finish(self, user_id: UUID, after: UUID) -> None:
        """Everybody knows, unless somebody else has moved on meanwhile."""
        ...


class Standing:
    """The use cases of taking part."""

    def __init__(self, *, store: StandingStore, broker: Broker, presence: Presence, ids: Ids) -> None:
        self._store = store
        self._broker = broker
        self._presence = presence
        self._ids = ids

    async def deactivate(self, user_id: UUID, actor: Actor) -> User:
        """Shut a user out, reversibly: sockets and polls end, partners are told. Again changes nothing."""
        entry = Entry.of(self._ids, actor, Action.USER_DEACTIVATE, user_id)
        user = await self._store.change(user_id, UserState.DEACTIVATED, entry)
        self.shut(user_id)
        await self.tell(user_id, is_active=False)
        return user

    async def reactivate(self, user_id: UUID, actor: Actor) -> User:
        """Let a deactivated user in again, as they were. Again changes nothing."""
        entry = Entry.of(self._ids, actor, Action.USER_REACTIVATE, user_id)
        user = await self._store.change(user_id, UserState.ACTIVE, entry)
        await self.tell(user_id, is_active=True)
        return user

    async def disconnect(self, user_id: UUID, actor: Actor) -> None:
        """Close the user's sockets and polls with 4504, and end their sign-in sessions: they must sign in again."""
        await self._store.sign_out(user_id, Entry.of(self._ids, actor, Action.USER_DISCONNECT, user_id))
        self._broker.publish((SessionsEnded(user_id, None, EndReason.SIGNED_OUT),))

    def shut(self, user_id: UUID) -> None:
        """Close the sockets and polls of a user who is shut out, on every node."""
        self._broker.publish((SessionsEnded(user_id, None, EndReason.DEACTIVATED),))

    async def tell(self, user_id: UUID, *, is_active: bool) -> None:
        """Tell the partners who do not know yet how the user shows from now on."""
        while (untold := await self._store.untold(user_id)) is not None:
            after: UUID | None = untold.after
            for start in range(0, len(untold.partner_ids), CHUNK):
                after = await self._tell(user_id, after, untold.partner_ids[start : start + CHUNK], is_active=is_active)
                if after is None:
                    break
            if after is not None:
                await self._store.finish(user_id, after)

    async def _tell(
        self, user_id: UUID, after: UUID | None, partner_ids: Sequence[UUID], *, is_active: bool
    ) -> UUID | None:
        facts = None if after is None else await self._store.tell(user_id, after, partner_ids)
        if facts is None:
            return None
        if is_active:  # who is shut out is offline for all at once, whatever leases still say
            with suppress(Unavailable):
                await fill(self._presence, [fact.profile for fact in facts])
        self._broker.publish(facts)
        return partner_ids[-1]
