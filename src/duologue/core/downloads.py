"""Fetching files: who may see one, what a fetch costs, and where its bytes come from (FST-23 to FST-28, RLM-08, C-37, G-31).

How a request names a file, parts of it and links are the API's; records are attachments.py's, blobs files.py's.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol
from uuid import UUID

from duologue.core.attachments import NOT_YOURS
from duologue.core.callers import DEACTIVATED
from duologue.core.errors import FileRejected, Forbidden, Internal, NotFound, NotParticipant, Unauthorized, Unavailable
from duologue.core.files import BlobStore, ScanState
from duologue.core.limits import Charges, charge_key
from duologue.core.model import Attachment, FileKind, UserState
from duologue.core.ports import Limiter

LIMIT = "download"
MOST_LINKS = 50
NO_FILE = "File not found"
SCANNING = "The file is still being checked, please try again"
SCANNING_RETRY = 10.0  # seconds

_JPEG = "image/jpeg"
_SHOWN_INLINE = (FileKind.IMAGE, FileKind.VIDEO, FileKind.AUDIO)  # images were written anew by us


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. `charges` takes what limits answer, where the transport wants to know."""

    id: UUID
    charges: Charges = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A file's record, and the facts that decide whether this viewer may see it.

    Attributes:
        digest: SHA-256 of the bytes as stored.
        viewer: what the viewer is; None: nobody.
        is_sent: it is part of a message; until then it is its owner's alone.
        takes_part: the viewer is one of the two of its conversation.
        is_gone: its message was deleted, or lies in what the viewer deleted.
    """

    attachment: Attachment
    owner_id: UUID
    digest: bytes
    poster_key: str | None
    state: ScanState
    viewer: UserState | None
    is_sent: bool
    takes_part: bool
    is_gone: bool


class DownloadStore(Protocol):
    """Where files are looked up."""

    async def shown(self, viewer_id: UUID, attachment_id: UUID) -> Shown | None:
        """One file for one viewer, by one statement; None: there is none."""
        ...

    async def shown_many(self, viewer_id: UUID, ids: Sequence[UUID]) -> Sequence[Shown]:
        """Those of these files that there are, in the order of `ids`, by one statement."""
        ...


class Part(Enum):
    """The blobs that a file may have."""

    MAIN = "main"
    THUMBNAIL = "thumbnail"
    POSTER = "poster"


@dataclass(frozen=True, slots=True)
class Download:
    """A blob that this viewer may have.

    Attributes:
        size: bytes; None: the records do not say (of thumbnails and posters).
        digest: SHA-256 of the bytes; None likewise.
        may_inline: a browser may show it in place.
    """

    key: str
    part: Part
    name: str
    media_type: str
    size: int | None
    digest: bytes | None
    may_inline: bool


def check_shown(viewer_id: UUID, shown: Shown) -> None:
    """May the viewer see this file now?

    Raises:
        Unauthorized: the viewer is erased, or nobody.
        Forbidden: the viewer is deactivated, or the file was not sent yet and is somebody else's (G-31).
        NotParticipant: it is in a conversation of others (FST-25).
        NotFound: its message is gone.
        FileRejected: it turned out to be infected.
        Unavailable: the scanner has not seen it yet.
    """
    if shown.viewer in (None, UserState.ERASED):
        raise Unauthorized
    if shown.viewer is not UserState.ACTIVE:
        raise Forbidden(DEACTIVATED)
    if not shown.is_sent and shown.owner_id != viewer_id:
        raise Forbidden(NOT_YOURS)
    if shown.is_sent and not shown.takes_part:
        raise NotParticipant
    if shown.is_sent and shown.is_gone:
        raise NotFound(NO_FILE)
    if shown.state is ScanState.INFECTED:
        raise FileRejected(details={"reason": "virus"})
    if shown.state is not ScanState.CLEAN:
        raise Unavailable(SCANNING, retry_after=SCANNING_RETRY)


class Downloads:
    """The use case of fetching files."""

    def __init__(self, *, store: DownloadStore, blobs: BlobStore, limiter: Limiter) -> None:
        self._store = store
        self._blobs = blobs
        self._limiter = limiter

    async def find(self, viewer: Viewer, file_id: UUID, key: str | None = None) -> Download:
        """What is fetched: the file itself, or the blob with this key, in its full form or the short one (C-36).

        Raises as `check_shown`; `NotFound` for a key that is not this file's.
        """
        shown = await self._store.shown(viewer.id, file_id)
        found = None if shown is None else _blob(shown, key)
        if shown is None or found is None:
            raise NotFound(NO_FILE)
        check_shown(viewer.id, shown)
        return _download(shown, *found)

    async def open(
        self, viewer: Viewer, download: Download, *, offset: int = 0, length: int | None = None
    ) -> tuple[int, AsyncIterator[bytes]]:
        """The blob's whole size, and its bytes from `offset`, at most `length`; a file itself counts as a download (RLM-08).

        Thumbnails and posters are free: one page of history shows more of them than the limit leaves.

        Raises:
            RateLimited: too many within a minute.
            NotFound, Unavailable: the store has it not, or is away.
        """
        if download.part is Part.MAIN:
            await charge_key(self._limiter, LIMIT, str(viewer.id), viewer.charges)
        blob = await self._blobs.get(download.key, offset=offset, length=length)
        if download.size not in (None, blob.size):
            await leave(blob.chunks)
            raise Internal  # a blob that is not what was recorded: part of it must not pass for the file
        return blob.size, blob.chunks

    async def linkable(self, viewer: Viewer, ids: Sequence[UUID]) -> list[Attachment]:
        """Those of these files that the viewer may see, in the order asked; one that is still being checked is among them."""
        found = await self._store.shown_many(viewer.id, list(dict.fromkeys(ids)))
        return [shown.attachment for shown in found if _is_linkable(viewer.id, shown)]


async def leave(chunks: AsyncIterator[bytes]) -> None:
    """Read no further: the store may let go of what it holds open."""
    if isinstance(chunks, AsyncGenerator):
        await chunks.aclose()


def _is_linkable(viewer_id: UUID, shown: Shown) -> bool:
    try:
        check_shown(viewer_id, shown)
    except Unavailable:
        return True
    except (Unauthorized, Forbidden, NotFound):
        return False
    return True


def _blob(shown: Shown, key: str | None) -> tuple[str, Part] | None:
    """Which of the file's blobs a key names, by its full key; None names the file itself."""
    file = shown.attachment
    keys = ((file.key, Part.MAIN), (file.thumbnail_key, Part.THUMBNAIL), (shown.poster_key, Part.POSTER))
    known = ((full, part) for full, part in keys if full is not None)
    return next(((full, part) for full, part in known if key is None or key in (full, short_key(full))), None)


def short_key(key: str) -> str:
    """A key without the folder of its kind: `messages/2024/11/<id>.jpg` (C-36)."""
    root, _, rest = key.partition("/")
    return f"{root}/{rest.partition('/')[2]}"


def _download(shown: Shown, key: str, part: Part) -> Download:
    file = shown.attachment
    if part is Part.MAIN:
        inline = file.kind in _SHOWN_INLINE
        return Download(key, part, file.name, file.media_type, file.size, shown.digest, inline)
    stem = file.name.rpartition(".")[0] or file.name
    return Download(key, part, f"{stem}-{part.value}.jpg", _JPEG, None, None, may_inline=True)
