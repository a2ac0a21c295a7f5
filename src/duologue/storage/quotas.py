"""What quotas leave: a user's bytes by one look, those of the store counted now and then (FST-31, FST-40, G-33)."""

from uuid import UUID

from duologue.core.files import Room
from duologue.core.ports import Clock
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

_SQL = load("quotas")

COUNTED_ANEW = 5.0  # seconds for which the store's sum is believed: it reads a row for each user who has files


class Quotas:
    """The `Allowance` of the intake. Bounds in bytes, None for none."""

    def __init__(self, postgres: Postgres, *, clock: Clock, of_user: int | None, of_store: int | None) -> None:
        self._postgres = postgres
        self._clock = clock
        self._of_user = of_user
        self._of_store = of_store
        self._stored = 0
        self._believed_until = float("-inf")

    async def left(self, owner_id: UUID) -> Room:
        """The room of this user, and of the whole store."""
        of_user = of_store = None
        if self._of_user is not None:
            of_user = self._of_user - (await self._postgres.fetchval(_SQL["of_user"], owner_id) or 0)
        if self._of_store is not None:
            of_store = self._of_store - await self._sum()
        return Room(of_user, of_store)

    async def _sum(self) -> int:
        now = self._clock.monotonic()
        if now >= self._believed_until:
            self._stored = await self._postgres.fetchval(_SQL["of_store"])
            self._believed_until = now + COUNTED_ANEW
        return self._stored
