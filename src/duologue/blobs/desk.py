"""What all uploads of one process share: how many each user has under way, and how many bytes are on their way in.

Those of uploads that wait on the disk to be continued count among the latter.
"""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from duologue.blobs.kinds import MB
from duologue.blobs.spool import Spool
from duologue.core.errors import RateLimited, StorageFull
from duologue.core.files import Allowance, Room
from duologue.core.ports import Clock

_SOON = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Beyond the limits of kinds: uploads of one user at a time (T-153), and bytes of the disk that stay free."""

    parallel: int = 3
    spare: int = 256 * MB


class Desk:
    """Counts; nodes do not know each other's."""

    def __init__(self, spool: Spool, clock: Clock, allowance: Allowance | None, limits: IntakeLimits) -> None:
        self._spool = spool
        self._clock = clock
        self._allowance = allowance
        self._limits = limits
        self._batches: Counter[UUID] = Counter()
        self._coming: Counter[UUID] = Counter()

    def enter(self, owner_id: UUID) -> None:
        """Take one of a user's places.

        Raises:
            RateLimited: all are taken.
        """
        most = self._limits.parallel
        if self._batches[owner_id] >= most:
            text, reset = f"Maximum {most} uploads at a time", self._clock.now() + _SOON
            raise RateLimited(text, retry_after=_SOON, limit=most, reset_at=reset)
        self._batches[owner_id] += 1

    def leave(self, owner_id: UUID, size: int) -> None:
        """Give the place back, with the bytes that came."""
        lessen(self._batches, owner_id, 1)
        lessen(self._coming, owner_id, size)

    def drop(self, owner_id: UUID, size: int) -> None:
        """So many bytes that came are none any more, having been removed or recorded; below 0: so many more were found."""
        lessen(self._coming, owner_id, size)

    async def room(self, owner_id: UUID) -> Room:
        """What quotas leave, less what is already on its way in."""
        left = await self._allowance.left(owner_id) if self._allowance is not None else Room()
        of_user = None if left.of_user is None else left.of_user - self._coming[owner_id]
        of_store = None if left.of_store is None else left.of_store - self._coming.total()
        return Room(of_user, of_store)

    def grow(self, owner_id: UUID, size: int, of_file: int, room: Room) -> None:
        """`size` more bytes are here, `of_file` of this file together; `room` is what its quotas left when it began.

        Raises:
            StorageFull: they leave no more; the bytes count all the same until the batch is left.
        """
        self._coming[owner_id] += size
        if any(left is not None and of_file > left for left in (room.of_user, room.of_store)):
            raise StorageFull

    def check_disk(self) -> None:
        """Stop before the disk is full: the database may lie on it.

        Raises:
            StorageFull: it nearly is.
        """
        if self._spool.free() < self._limits.spare:
            raise StorageFull


def lessen(counter: Counter[UUID], owner_id: UUID, less: int) -> None:
    """Nobody is kept for nothing."""
    counter[owner_id] -= less
    if not counter[owner_id]:
        del counter[owner_id]
