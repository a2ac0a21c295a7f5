"""From a spooled file to a stored one: inspect and process in a worker, ask the scanner, store; all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

import structlog

from duologue.blobs.clamav import Scanner
from duologue.blobs.jobs import Family, Job, Outcome
from duologue.blobs.keys import main_key, poster_key, thumbnail_key
from duologue.blobs.kinds import Category, Kind, unsupported
from duologue.blobs.settling import settled
from duologue.blobs.spool import Spool, digest_of
from duologue.blobs.workers import Workers
from duologue.core.errors import ChatError, FileRejected, StorageFull
from duologue.core.files import BlobStore, ScanState, StoredFile
from duologue.core.ports import Clock

_log = structlog.get_logger(__name__)

_JPEG = "image/jpeg"
_SOUND = "audio/mp4"
_FAMILIES = {Category.IMAGE: Family.IMAGES, Category.VIDEO: Family.AV, Category.AUDIO: Family.AV}


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file that has come in whole."""

    id: UUID
    kind: Kind
    name: str
    path: Path
    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is stored of a file: its key, where it lies, its type."""

    key: str
    path: Path
    media_type: str


class Processing:
    """The way from the spool to the store.

    Args:
        scanner: None if nobody is to be asked (G-32).
        on_findings: what becomes of macros in Office files and active content in PDF: `refuse` or `flag`.
    """

    def __init__(
        self,
        *,
        spool: Spool,
        workers: Workers,
        store: BlobStore,
        scanner: Scanner | None,
        clock: Clock,
        on_findings: Literal["refuse", "flag"] = "refuse",
    ) -> None:
        self._spool = spool
        self._workers = workers
        self._store = store
        self._scanner = scanner
        self._clock = clock
        self._on_findings = on_findings

    async def store(self, file: Spooled) -> StoredFile:
        """Check, process and store a file. The spool is the caller's to clear.

        Raises:
            ValidationFailed, FileRejected, StorageFull, Unavailable: nothing is stored.
        """
        family = _FAMILIES.get(file.kind.category, Family.DOCUMENTS)
        outcome = await self._workers.run(family, Job(file.kind.name, str(file.path), str(file.path)))
        self._judge(file, outcome)
        state = await self._scan(file)
        stored, pieces = await self._describe(file, outcome, state)
        await self._put(pieces)
        return stored

    async def discard(self, keys: Sequence[str]) -> None:
        """Remove blobs, whatever happens; what cannot be removed now is found by housekeeping, having no record."""
        try:
            await settled(self._store.delete(keys))
        except ChatError as error:
            _log.warning("blobs_left_behind", count=len(keys), error=error.code)

    async def rescan(self, key: str) -> ScanState:
        """Ask about a stored blob."""
        if self._scanner is None:
            return ScanState.CLEAN
        return await self._scanner.scan((await self._store.get(key)).chunks)

    def _judge(self, file: Spooled, outcome: Outcome) -> None:
        """Raise what the outcome means."""
        if outcome.verdict == "full":
            raise StorageFull
        if outcome.verdict == "unreadable":
            raise unsupported(outcome.reason)
        found = outcome.reason if outcome.verdict == "hostile" else " ".join(outcome.findings)
        if found and (outcome.verdict == "hostile" or self._on_findings == "refuse"):
            _log.warning("file_rejected", kind=file.kind.name, reason=found)
            raise FileRejected(details={"reason": found})

    async def _scan(self, file: Spooled) -> ScanState:
        """What the scanner says of the file as it came.

        Raises:
            FileRejected: infected.
        """
        if self._scanner is None:
            return ScanState.CLEAN
        state = await self._scanner.scan(self._spool.read(file.path))
        if state is ScanState.INFECTED:
            raise FileRejected(details={"reason": "virus"})
        return state

    async def _describe(self, file: Spooled, outcome: Outcome, state: ScanState) -> tuple[StoredFile, list[_Piece]]:
        """The record, and what has to be put for it."""
        at = datetime.fromtimestamp(self._clock.now(), UTC)
        main = Path(outcome.main) if outcome.main else file.path
        is_sound = file.kind.category is Category.AUDIO
        media_type = _SOUND if is_sound else file.kind.media_type
        pieces = [_Piece(main_key(file.kind, file.id, file.name, at), main, media_type)]
        thumbnail = poster = None
        if outcome.thumbnail:
            thumbnail = thumbnail_key(file.kind, file.id)
            pieces.append(_Piece(thumbnail, Path(outcome.thumbnail), _JPEG))
        if outcome.poster:
            poster = poster_key(file.kind, file.id)
            pieces.append(_Piece(poster, Path(outcome.poster), _JPEG))
        stored = StoredFile(
            id=file.id,
            kind=file.kind.shown_as,
            name=file.name,
            media_type=media_type,
            size=await self._spool.run(lambda: main.stat().st_size) if outcome.main else file.size,
            digest=await self._spool.run(lambda: digest_of(main)) if outcome.main else file.digest,
            source=file.digest,
            key=pieces[0].key,
            stored_at=at,
            state=state,
            thumbnail_key=thumbnail,
            poster_key=poster,
            width=outcome.width,
            height=outcome.height,
            duration=outcome.duration,
            codec=outcome.codec,
            waveform=None if outcome.waveform is None else tuple(outcome.waveform),
            placeholder=outcome.placeholder,
            flags=tuple(outcome.findings),
        )
        return stored, pieces

    async def _put(self, pieces: Sequence[_Piece]) -> None:
        """Store every piece, or none."""
        try:
            for piece in pieces:
                await settled(self._store.put(piece.key, piece.path, media_type=piece.media_type))
        except BaseException:
            await self.discard([piece.key for piece in pieces])
            raise
