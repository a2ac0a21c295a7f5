"""Blobs in a folder of this machine. A finished file is moved in, so that it is there whole or not at all, also after a power cut.

Files belong to the server's account and are read-only even for it; folders are its own (FST-27, FST-29).
"""

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from obstore.store import LocalStore

from duologue.blobs.durable import sync_folder
from duologue.blobs.stores.objects import ObjectBlobs
from duologue.core.errors import StorageFull, Unavailable
from duologue.core.files import BlobEntry

_FULL = (errno.ENOSPC, errno.EDQUOT)
BLOBS = "messages/"  # every key begins so; what else lies in the folder is not ours to list


class LocalBlobs(ObjectBlobs):
    """Blobs below `folder`, which is made if need be."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(LocalStore(folder.absolute()))
        self._folder = folder.absolute()

    async def put(self, key: str, source: Path, *, media_type: str) -> None:  # noqa: ARG002 -- a folder keeps no types
        """Move a finished file in."""
        try:
            await asyncio.to_thread(_move, source, self._folder / key)
        except OSError as error:
            raise (StorageFull() if error.errno in _FULL else Unavailable()) from error

    async def entries(self, prefix: str = "") -> AsyncIterator[BlobEntry]:
        """Everything below a prefix, but not what is on its way in."""
        if (self._folder / (prefix or BLOBS)).is_dir():
            async for entry in super().entries(prefix or BLOBS):
                yield entry


def _move(source: Path, target: Path) -> None:
    """Make the bytes durable, then the name."""
    _make_folder(target.parent)
    with source.open("rb") as file:
        os.fsync(file.fileno())
    source.chmod(0o440)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, target)
    sync_folder(target.parent)


def _copy(source: Path, target: Path) -> None:
    """From another file system: beside the target first."""
    beside = target.with_name(f".{target.name}")
    try:
        shutil.copyfile(source, beside)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.chmod(0o440)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    source.unlink()


def _make_folder(folder: Path) -> None:
    """With its parents, all closed to others; their names are durable too."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
