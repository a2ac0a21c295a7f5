"""Parts of files: what was announced of a file, how much of it is here, and the port of where that lies until all of it has come.

Who may go on with one and what becomes of a whole one is resumable.py's.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from duologue.core.files import FileRules
from duologue.core.model import MessageType

NO_UPLOAD = "Upload not found"
BUSY = "Another request is at work on this upload"
TOO_LONG = "More bytes than Upload-Length says"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was said when an upload began.

    Attributes:
        length: bytes of the whole file.
        kind: what it is to be sent as; None: as it comes (G-29).
        metadata: the client's own words, to be given back to it.
    """

    owner_id: UUID
    rules: FileRules
    length: int
    name: str
    media_type: str | None
    kind: MessageType | None = None
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """How far an upload is: `offset` bytes are here. `is_done`: it was taken in, and is an attachment of the same id."""

    id: UUID
    terms: Terms
    expires_at: datetime
    offset: int = 0
    is_done: bool = False

    @property
    def is_whole(self) -> bool:
        """Nothing more is to come."""
        return self.offset == self.terms.length


class Held(Protocol):
    """A part that one request alone has in hand."""

    @property
    def part(self) -> Part:
        """As it is now."""
        ...

    @property
    def path(self) -> Path:
        """Where its bytes lie."""
        ...

    async def write(self, chunk: bytes) -> None:
        """The next bytes.

        Raises:
            PayloadTooLarge: more than were announced.
            ValidationFailed: the first bytes are not what name and declared type say.
            StorageFull, Unavailable: the disk.
        """
        ...

    async def on_trial(self) -> None:
        """What comes from here counts only after `settle`, also if the process dies before."""
        ...

    async def settle(self) -> None:
        """All that came is on the disk when this returns."""
        ...

    async def back_to(self, offset: int) -> None:
        """Forget what came after."""
        ...

    async def finish(self) -> None:
        """It was taken in: its bytes go, what is known of it stays until it expires."""
        ...

    async def remove(self) -> None:
        """Leave nothing of it."""
        ...


class Parts(Protocol):
    """Parts of files on this machine. Its bytes count as coming, for quotas."""

    async def begin(self, terms: Terms) -> Part:
        """A new one, with an id of its own.

        Raises:
            ValidationFailed, PayloadTooLarge: such a file is not taken.
            StorageFull: there is no room for all of it.
            RateLimited: its owner has too many unfinished ones.
        """
        ...

    async def find(self, part_id: UUID) -> Part | None:
        """How far it is: what is on the disk for good; None if there is none, or it has expired."""
        ...

    def hold(self, part_id: UUID) -> AbstractAsyncContextManager[Held]:
        """Have it in hand alone. Raises `Conflict` if somebody has, `NotFound`."""
        ...

    async def forget(self, part_id: UUID) -> None:
        """Leave nothing of one that was taken in."""
        ...

    async def sweep(self) -> int:
        """Remove what has expired, but what somebody has in hand; how many."""
        ...
