"""Blobs in a storage zone of Bunny, by its HTTP API (FST-50). The zone checks the checksum it is sent and keeps nothing else."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import httpx
import structlog

from duologue.core.errors import NotFound, StorageFull, Unavailable
from duologue.core.files import Blob, BlobEntry

_log = structlog.get_logger(__name__)

_PIECE = 1 << 18
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class BunnyBlobs:
    """A zone, below an optional prefix. `endpoint`: the host of the zone's region, such as https://storage.bunnycdn.com."""

    def __init__(self, endpoint: str, zone: str, access_key: str, *, prefix: str = "") -> None:
        self._base = f"/{zone}/{prefix.strip('/')}/" if prefix.strip("/") else f"/{zone}/"
        self._http = httpx.AsyncClient(base_url=endpoint, headers={"AccessKey": access_key}, timeout=_TIMEOUT)

    async def put(self, key: str, source: Path, *, media_type: str) -> None:
        """Send a file as it is read."""
        try:
            checksum, size = await asyncio.to_thread(_measure, source)
            headers = {"Checksum": checksum, "Content-Length": str(size), "Content-Type": media_type}
            answer = await self._http.put(self._base + key, content=_read(source), headers=headers)
        except (httpx.HTTPError, OSError) as error:
            _away(error)
        if not answer.is_success:
            _refused(answer)

    async def get(self, key: str, *, offset: int = 0, length: int | None = None) -> Blob:
        """Read from `offset`, at most `length` bytes."""
        headers = (
            {}
            if offset == 0 and length is None
            else {"Range": f"bytes={offset}-{'' if length is None else offset + length - 1}"}
        )
        try:
            answer = await self._http.send(
                self._http.build_request("GET", self._base + key, headers=headers), stream=True
            )
        except httpx.HTTPError as error:
            _away(error)
        if not answer.is_success:
            await answer.aclose()
            _refused(answer)
        return Blob(_whole(answer.headers), _pieces(answer))

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove; the zone says 404 for what is not there."""
        for key in keys:
            try:
                answer = await self._http.delete(self._base + key)
            except httpx.HTTPError as error:
                _away(error)
            if not answer.is_success and answer.status_code != httpx.codes.NOT_FOUND:
                _refused(answer)

    async def entries(self, prefix: str = "") -> AsyncIterator[BlobEntry]:
        """Folder by folder."""
        waiting = [prefix]
        while waiting:
            folder = waiting.pop()
            for entry in await self._listed(folder):
                key = folder + entry["ObjectName"]
                if entry["IsDirectory"]:
                    waiting.append(f"{key}/")
                else:
                    yield BlobEntry(key, entry["Length"], _time(entry["LastChanged"]))

    async def close(self) -> None:
        """End the connections."""
        await self._http.aclose()

    async def _listed(self, folder: str) -> list[Mapping[str, Any]]:
        try:
            answer = await self._http.get(self._base + folder)
        except httpx.HTTPError as error:
            _away(error)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return []
        if not answer.is_success:
            _refused(answer)
        entries: list[Mapping[str, Any]] = answer.json()
        return entries


async def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_bytes(_PIECE):
            yield piece
    except httpx.HTTPError as error:
        _away(error)
    finally:
        await answer.aclose()


async def _read(source: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(source.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _measure(source: Path) -> tuple[str, int]:
    """SHA-256 in capitals, and bytes."""
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest().upper(), _size(file)


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)


def _whole(headers: httpx.Headers) -> int:
    """The size of the whole blob, also when a part of it is answered."""
    total = headers.get("Content-Range", "").rpartition("/")[2]
    return int(total) if total.isdigit() else int(headers.get("Content-Length", 0))


def _time(said: str) -> datetime:
    """UTC, whether or not the zone says so."""
    time = datetime.fromisoformat(said)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def _refused(answer: httpx.Response) -> NoReturn:
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise NotFound
    if answer.status_code == httpx.codes.INSUFFICIENT_STORAGE:
        raise StorageFull
    _log.error("blob_store_failed", status=answer.status_code)
    raise Unavailable


def _away(error: Exception) -> NoReturn:
    _log.error("blob_store_failed", error=type(error).__qualname__)
    raise Unavailable from error
