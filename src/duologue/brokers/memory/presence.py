"""Who is connected to this node, by lease: a connection counts until its lease ends, unless it is renewed.

Who may see it, the 2 s of grace and `last_seen` are the product's matter. PRS-01, PRS-02, G-36, design part 4.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from duologue.core.ports import Clock


class MemoryPresence:
    """The `Presence` of a single node. `ttl` is the length of a lease in seconds; a lease is live before its end."""

    def __init__(self, clock: Clock, ttl: float) -> None:
        self._clock = clock
        self._ttl = ttl
        self._leases: dict[UUID, dict[UUID, float]] = {}  # user -> connection -> end of its lease, monotonic

    async def connect(self, user_id: UUID, connection_id: UUID) -> bool:
        """Take a lease. True if the user had no live connection: the online edge."""
        now = self._clock.monotonic()
        leases = self._leases.setdefault(user_id, {})
        first = _drop_lapsed(leases, now) == 0
        leases[connection_id] = now + self._ttl
        return first

    async def renew(self, connections: Sequence[tuple[UUID, UUID]]) -> None:
        """Lengthen the leases of open connections, given as (user, connection).

        One that lapsed while its socket stayed open is taken anew, without an edge: call this before `expire`.
        """
        end = self._clock.monotonic() + self._ttl
        for user_id, connection_id in connections:
            self._leases.setdefault(user_id, {})[connection_id] = end

    async def disconnect(self, user_id: UUID, connection_id: UUID) -> bool:
        """Give a lease back. True if no live connection remains: the offline edge. An unknown one changes nothing."""
        leases = self._leases.get(user_id)
        if leases is None or leases.pop(connection_id, None) is None:
            return False
        if _drop_lapsed(leases, self._clock.monotonic()):
            return False
        del self._leases[user_id]
        return True

    async def online(self, user_ids: Collection[UUID]) -> set[UUID]:
        """Those of `user_ids` with a live connection."""
        now = self._clock.monotonic()
        return {user_id for user_id in user_ids if any(end > now for end in self._leases.get(user_id, {}).values())}

    async def count(self, user_id: UUID) -> int:
        """How many live connections the user has."""
        now = self._clock.monotonic()
        return sum(end > now for end in self._leases.get(user_id, {}).values())

    async def expire(self) -> list[UUID]:
        """Drop lapsed leases; answers the users whose last one lapsed, each once: their offline edge."""
        now = self._clock.monotonic()
        gone = [user_id for user_id, leases in self._leases.items() if _drop_lapsed(leases, now) == 0]
        for user_id in gone:
            del self._leases[user_id]
        return gone


def _drop_lapsed(leases: dict[UUID, float], now: float) -> int:
    """Remove the leases that ended; answers how many remain."""
    for connection_id in [connection_id for connection_id, end in leases.items() if end <= now]:
        del leases[connection_id]
    return len(leases)
