"""Records of files that were taken in. What messages show of them goes with the messages (ledger.py, messages.py)."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from duologue.core.downloads import Shown
from duologue.core.errors import Unauthorized
from duologue.core.files import ScanState, StoredFile
from duologue.core.model import UserState
from duologue.storage import rows
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

if TYPE_CHECKING:
    from asyncpg import Record

_SQL = load("attachments")


class AttachmentStore:
    """Writes and reads records of files; one statement per method."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def add(self, owner_id: UUID, files: Sequence[StoredFile]) -> None:
        """Record files that were stored; `Unauthorized` if their owner was shut out meanwhile."""
        records = msgspec.json.encode([_row(file) for file in files]).decode()
        if await self._postgres.fetchval(_SQL["add"], owner_id, records) < len(files):
            raise Unauthorized

    async def take_back(self, owner_id: UUID, ids: Collection[UUID]) -> list[str]:
        """Forget those that were never sent; the keys of their blobs."""
        return keys_of(await self._postgres.fetch(_SQL["take_back"], owner_id, ids))

    async def shown(self, viewer_id: UUID, attachment_id: UUID) -> Shown | None:
        """A file as one viewer may see it, with what decides that; None: there is none."""
        found = await self.shown_many(viewer_id, [attachment_id])
        return found[0] if found else None

    async def shown_many(self, viewer_id: UUID, ids: Sequence[UUID]) -> list[Shown]:
        """Those of these files that there are, in this order."""
        return [_shown(row) for row in await self._postgres.fetch(_SQL["shown"], viewer_id, ids)]


def keys_of(found: "Sequence[Record]") -> list[str]:
    """All keys in rows of `key`, `thumbnail_key` and `poster_key`."""
    return [key for row in found for key in (row["key"], row["thumbnail_key"], row["poster_key"]) if key is not None]


def _shown(row: "Record") -> Shown:
    viewer = row["viewer_state"]
    return Shown(
        attachment=rows.attachment(row),
        owner_id=row["owner_id"],
        digest=row["digest"],
        poster_key=row["poster_key"],
        state=ScanState(row["state"]),
        viewer=None if viewer is None else UserState(viewer),
        is_sent=row["is_sent"],
        takes_part=row["takes_part"],
        is_gone=row["is_gone"],
    )


def _row(file: StoredFile) -> dict[str, object]:
    """The columns of a file."""
    return {
        "id": file.id,
        "kind": file.kind,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "digest": file.digest.hex(),
        "key": file.key,
        "thumbnail_key": file.thumbnail_key,
        "poster_key": file.poster_key,
        "width": file.width,
        "height": file.height,
        "duration": file.duration,
        "codec": file.codec,
        "waveform": file.waveform,
        "placeholder": file.placeholder,
        "flags": file.flags,
        "state": file.state,
        "uploaded_at": file.stored_at,
    }
