"""Files as the intake would have left them: blobs in a real folder, records in the database, without anything being decoded."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from duologue.blobs.stores.local import LocalBlobs
from duologue.core.files import ScanState, StoredFile
from duologue.core.model import FileKind
from duologue.storage.attachments import AttachmentStore
from duologue.storage.postgres import Postgres


def a_file(content: bytes = b"content", *, at: datetime | None = None, **values: Any) -> StoredFile:
    """Return what is known of a picture with a thumbnail."""
    file_id, digest = values.pop("id", None) or uuid4(), hashlib.sha256(content).digest()
    known: dict[str, Any] = {
        "kind": FileKind.IMAGE,
        "name": "picture.jpg",
        "media_type": "image/jpeg",
        "key": f"messages/images/2026/01/{file_id}.jpg",
        "thumbnail_key": f"messages/images/thumbnails/{file_id}.jpg",
        "state": ScanState.CLEAN,
        **values,
    }
    at = at or datetime.now(UTC)
    return StoredFile(id=file_id, size=len(content), digest=digest, source=digest, stored_at=at, **known)


class Shelf:
    """A database's records of files, and the folder in which their blobs lie."""

    def __init__(self, postgres: Postgres, folder: Path) -> None:
        self.postgres = postgres
        self.folder = folder
        self.blobs = LocalBlobs(folder)
        self.records = AttachmentStore(postgres)

    async def store(self, file: StoredFile, content: bytes = b"content") -> None:
        """Put the blobs of a file, without a record."""
        for key in file.keys:
            source = self.folder / f"incoming-{uuid4()}"
            source.write_bytes(content)
            await self.blobs.put(key, source, media_type=file.media_type)

    async def take_in(self, owner_id: UUID, content: bytes = b"content", **values: Any) -> StoredFile:
        """Put a file and record it."""
        file = a_file(content, **values)
        await self.store(file, content)
        await self.records.add(owner_id, [file])
        return file

    async def keys(self) -> set[str]:
        """Return what lies in the store."""
        entries: AsyncIterator[Any] = self.blobs.entries()
        return {entry.key async for entry in entries}

    async def ids(self) -> set[UUID]:
        """Return the files that are recorded."""
        return {row["id"] for row in await self.postgres.fetch("SELECT id FROM attachments")}

    async def use(self, owner_id: UUID) -> tuple[int, int]:
        """Return files and bytes of a user, as they are kept; they are what a recount gives."""
        kept = await self.postgres.fetchrow("SELECT files, bytes FROM storage_use WHERE owner_id = $1", owner_id)
        counted = await self.postgres.fetchrow(
            "SELECT count(*) AS files, coalesce(sum(size), 0)::bigint AS bytes FROM attachments WHERE owner_id = $1",
            owner_id,
        )
        assert counted is not None
        found = (0, 0) if kept is None else (kept["files"], kept["bytes"])
        assert found == (counted["files"], counted["bytes"])
        return found
