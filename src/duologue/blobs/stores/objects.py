"""Blobs in an object store by obstore: S3, GCS, Azure; the local folder builds upon it (`local.py`)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from duologue.core.errors import NotFound, StorageFull, Unavailable
from duologue.core.files import Blob, BlobEntry

if TYPE_CHECKING:
    from obstore import GetResult  # there is none at run time

_log = structlog.get_logger(__name__)

_PART = 5 << 20  # bytes, the least that S3 takes for a part but the last
_PARTS = 2  # sent at a time for one blob: 10 MiB of memory
_PUTS = 4  # blobs sent at a time: 40 MiB
_PIECE = 1 << 18  # bytes read at a time
_FULL = ("No space left", "Disk quota exceeded", "os error 28", "os error 122", "QuotaExceeded", "InsufficientStorage")


class ObjectBlobs:
    """A bucket or container, below an optional prefix."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._places = asyncio.Semaphore(_PUTS)

    async def put(self, key: str, source: Path, *, media_type: str) -> None:
        """Send a file, in parts when it is large; it appears whole or not at all."""
        try:
            async with self._places:
                await obstore.put_async(
                    self._store,
                    key,
                    source,
                    attributes={"Content-Type": media_type},
                    chunk_size=_PART,
                    max_concurrency=_PARTS,
                )
        except (BaseError, OSError) as error:
            _fail(error)

    async def get(self, key: str, *, offset: int = 0, length: int | None = None) -> Blob:
        """Read from `offset`, at most `length` bytes."""
        try:
            if offset == 0 and length is None:
                found = await obstore.get_async(self._store, key)
            elif length is None:
                found = await obstore.get_async(self._store, key, options={"range": {"offset": offset}})
            else:
                found = await obstore.get_async(self._store, key, options={"range": (offset, offset + length)})
        except (BaseError, OSError) as error:
            _fail(error)
        return Blob(found.meta["size"], _pieces(found))

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove, one by one: a missing one would stop a list."""
        for key in keys:
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                _fail(error)

    async def entries(self, prefix: str = "") -> AsyncIterator[BlobEntry]:
        """Everything below a prefix."""
        try:
            async for page in obstore.list(self._store, prefix or None):
                for entry in page:
                    yield BlobEntry(entry["path"], entry["size"], entry["last_modified"])
        except (BaseError, OSError) as error:
            _fail(error)

    async def close(self) -> None:
        """Nothing to let go of: connections end with the object."""


async def _pieces(found: "GetResult") -> AsyncIterator[bytes]:
    try:
        async for piece in found.stream(min_chunk_size=_PIECE):
            yield bytes(piece)
    except (BaseError, OSError) as error:
        _fail(error)


def _fail(error: Exception) -> NoReturn:
    """Say it in the words of the core. What a store says may name its account, so the log has the kind of error alone."""
    if isinstance(error, FileNotFoundError):
        raise NotFound from error
    if any(sign in str(error) for sign in _FULL):
        raise StorageFull from error
    _log.error("blob_store_failed", error=type(error).__qualname__)
    raise Unavailable from error
