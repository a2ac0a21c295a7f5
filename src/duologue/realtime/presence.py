"""The edges of presence: who comes online with a first connection, who goes offline with the last one, and who is told.

`isOnline` and last seen change at once; the offline event waits 2 s and is dropped if the user returns (design part 4, G-36).
Leases are the adapter's, their renewal heartbeat.py's.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from duologue.core.errors import Unavailable
from duologue.core.events import BlockChanged, Fact, MessageSent, PresenceChanged, UserChanged
from duologue.core.ports import Broker, Connect, Presence, UserStore
from duologue.core.presence import fill
from duologue.realtime.connects import Batched
from duologue.realtime.runtime import Runtime

GRACE = 2.0  # seconds
BATCH = 500  # users in one statement


class Edges:
    """Turns connections into online and offline events for the partners who may know."""

    def __init__(
        self,
        *,
        presence: Presence,
        users: UserStore,
        connects: Batched,
        broker: Broker,
        runtime: Runtime,
    ) -> None:
        self._presence = presence
        self._users = users
        self._connects = connects
        self._broker = broker
        self._runtime = runtime
        self._away: dict[UUID, datetime] = {}  # went offline here, and their partners do not know yet
        self._unwritten: dict[UUID, datetime] = {}  # their last seen is still to be written
        self._writing = False

    async def count(self, user_id: UUID) -> int:
        """How many connections the user has, on all nodes."""
        return await self._presence.count(user_id)

    async def online_among(self, user_ids: Sequence[UUID]) -> set[UUID]:
        """Those of `user_ids` who are online."""
        return await self._presence.online(user_ids)

    async def fill(self, facts: Sequence[Fact]) -> None:
        """Set who is online in what facts of the log show: senders, who was blocked, the partners of conversations that appear."""
        shown = [
            notice.conversation.other for fact in facts for notice in fact.notices if notice.conversation is not None
        ]
        shown += [fact.message.sender for fact in facts if isinstance(fact, MessageSent) and fact.message.sender]
        shown += [fact.profile for fact in facts if isinstance(fact, UserChanged)]
        shown += [fact.block.blocked for fact in facts if isinstance(fact, BlockChanged)]
        await fill(self._presence, shown)

    async def arrive(self, user_id: UUID, connection_id: UUID) -> bool:
        """Take a lease. True: partners must be told with `online`; False also for one who was away for a moment."""
        first = await self._presence.connect(user_id, connection_id)
        was_away = self._away.pop(user_id, None) is not None
        self._unwritten.pop(user_id, None)
        return first and not was_away

    async def renew(self, leases: Sequence[tuple[UUID, UUID]]) -> None:
        """Renew the (user, connection)s that are open here."""
        await self._presence.renew(leases)

    async def expire(self) -> None:
        """End the leases that lapsed, those of a node that died, and write what could not be written."""
        self.went(await self._presence.expire())
        self.write()

    def online(self, user_id: UUID, connect: Connect) -> None:
        """Tell the partners that the user came online."""
        self._broker.publish(
            (PresenceChanged(user_id, True, self._runtime.utc(), connect.partners, connect.last_seen_to),)
        )

    async def announce(self, user_id: UUID) -> None:
        """The same for one of whom nothing was loaded."""
        self.online(user_id, await self._connects.load(user_id))

    def leave(self, user_id: UUID, connection_id: UUID) -> None:
        """A connection ended: give its lease back; after the last one the user is offline."""
        self._runtime.background.spawn(self._leave(user_id, connection_id), "leave")

    async def _leave(self, user_id: UUID, connection_id: UUID) -> None:
        if await self._presence.disconnect(user_id, connection_id):
            self.went((user_id,))

    def went(self, user_ids: Sequence[UUID]) -> None:
        """These users' last leases ended: last seen is written now, partners learn of it in 2 s."""
        if not user_ids:
            return
        at = self._runtime.utc()
        for user_id in user_ids:
            self._away[user_id] = self._unwritten[user_id] = at
        self._tell_later(user_ids, at)
        self.write()

    def _tell_later(self, user_ids: Sequence[UUID], at: datetime) -> None:
        self._runtime.later(
            GRACE, lambda: self._runtime.background.spawn(self._tell(user_ids, at), "tell who is offline")
        )

    def write(self) -> None:
        """Write what last seen is still unwritten; those who go while a write runs share the next one."""
        if self._unwritten and not self._writing:
            self._writing = True
            self._runtime.background.spawn(self._write(), "write last seen")

    async def _write(self) -> None:
        try:
            while self._unwritten:
                batch = dict(list(self._unwritten.items())[:BATCH])
                await self._users.seen(list(batch), max(batch.values()))
                for user_id, at in batch.items():
                    if self._unwritten.get(user_id) == at:
                        del self._unwritten[user_id]
        finally:
            self._writing = False

    async def _tell(self, user_ids: Sequence[UUID], at: datetime) -> None:
        """Those who did not return, here or on another node, are offline."""
        gone = [user_id for user_id in user_ids if self._away.get(user_id) == at]
        returned = await self._presence.online(gone)
        still = [user_id for user_id in gone if user_id not in returned]
        for user_id in returned:
            self._away.pop(user_id, None)
        try:
            found = await asyncio.gather(*(self._connects.load(user_id) for user_id in still))
        except Unavailable:
            self._tell_later(still, at)
            return
        events: list[PresenceChanged] = []
        for user_id, connect in zip(still, found, strict=True):
            if self._away.get(user_id) == at:
                del self._away[user_id]
                events.append(PresenceChanged(user_id, False, at, connect.partners, connect.last_seen_to))
        self._broker.publish(events)
