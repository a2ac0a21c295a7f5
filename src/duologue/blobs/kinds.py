"""Which files are taken: by ending, declared type and first bytes, with their limits, per dialect and message type.

One row per kind (FTY, C-33 to C-35). Executables and scripts need no list: what has no row is refused (FTY-19, FTY-20).
Signatures are puremagic's names for what it recognises. Texts of refusals stand here, word for word (ERR-08 to ERR-10).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from duologue.core.errors import PayloadTooLarge, ValidationFailed
from duologue.core.files import (
    MAX_FILES,
    MAX_IMAGES,
    MAX_TOGETHER,
    TOO_MANY,
    TOO_MANY_IMAGES,
    TOO_MUCH,
    UNSUPPORTED,
    FileRules,
    ending_of,
)
from duologue.core.model import FileKind, MessageType

MB = 1 << 20  # bytes, in every limit

TOO_LARGE = {
    FileRules.SNAKE: "File exceeds maximum size limit (10MB for images, 25MB for documents)",
    FileRules.CAMEL: "File exceeds maximum size limit (10MB for images, 100MB for videos, 50MB for files)",
}
EMPTY = "File is empty"

# What browsers declare when they do not know.
_UNDECLARED = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class Category(StrEnum):
    """Kinds that share a limit."""

    IMAGE = "image"
    DOCUMENT = "document"
    ARCHIVE = "archive"
    DATA = "data"
    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file.

    Attributes:
        name: what the worker processes are told.
        category: whose limit holds.
        media_type: as stored and served.
        endings: of names.
        declared: other types that browsers declare for it.
        signatures: what the library calls its first bytes; empty for plain text, which has none.
        is_probed: the demuxer knows more signatures than the library; first bytes that the library does not know pass on to it.
    """

    name: str
    category: Category
    media_type: str
    endings: frozenset[str]
    declared: frozenset[str]
    signatures: frozenset[str]
    is_probed: bool = False

    @property
    def shown_as(self) -> FileKind:
        """The attachment's type."""
        shown = {Category.IMAGE: FileKind.IMAGE, Category.VIDEO: FileKind.VIDEO, Category.AUDIO: FileKind.AUDIO}
        return shown.get(self.category, FileKind.FILE)


def _kind(name: str, category: Category, media_type: str, endings: str, *, declared: str = "", known: str = "") -> Kind:
    """A row of the table; lists are words."""
    return Kind(
        name,
        category,
        media_type,
        frozenset(endings.split()),
        frozenset({media_type, *declared.split()}),
        frozenset(known.split()),
        is_probed=category in (Category.AUDIO, Category.VIDEO),
    )


_OFFICE = "application/vnd.openxmlformats-officedocument."
_ZIP_DECLARED = "application/x-zip-compressed application/x-zip multipart/x-zip"
_OGG_DECLARED = "audio/opus audio/vorbis application/ogg audio/x-opus+ogg"

# Video stands before audio: what declares nothing is the first that the dialect takes.
KINDS: Sequence[Kind] = (
    _kind("jpeg", Category.IMAGE, "image/jpeg", ".jpg .jpeg", declared="image/jpg image/pjpeg", known=".jpg"),
    _kind("png", Category.IMAGE, "image/png", ".png", declared="image/x-png image/apng", known=".png"),
    _kind("gif", Category.IMAGE, "image/gif", ".gif", known=".gif"),
    _kind("webp", Category.IMAGE, "image/webp", ".webp", known=".webp"),
    _kind("pdf", Category.DOCUMENT, "application/pdf", ".pdf", declared="application/x-pdf", known=".pdf"),
    _kind("doc", Category.DOCUMENT, "application/msword", ".doc", known=".doc"),
    _kind("xls", Category.DOCUMENT, "application/vnd.ms-excel", ".xls", known=".doc"),
    _kind("ppt", Category.DOCUMENT, "application/vnd.ms-powerpoint", ".ppt", known=".doc"),
    _kind("docx", Category.DOCUMENT, _OFFICE + "wordprocessingml.document", ".docx", known=".docx"),
    _kind("xlsx", Category.DOCUMENT, _OFFICE + "spreadsheetml.sheet", ".xlsx", known=".docx"),
    _kind("pptx", Category.DOCUMENT, _OFFICE + "presentationml.presentation", ".pptx", known=".docx"),
    _kind("txt", Category.DOCUMENT, "text/plain", ".txt"),
    _kind("zip", Category.ARCHIVE, "application/zip", ".zip", declared=_ZIP_DECLARED, known=".zip"),
    _kind(
        "rar",
        Category.ARCHIVE,
        "application/x-rar-compressed",
        ".rar",
        declared="application/vnd.rar application/x-rar",
        known=".rar",
    ),
    _kind("7z", Category.ARCHIVE, "application/x-7z-compressed", ".7z", known=".7z"),
    _kind(
        "csv",
        Category.DATA,
        "text/csv",
        ".csv",
        declared="text/plain text/x-csv application/csv text/comma-separated-values application/vnd.ms-excel",
    ),
    _kind("json", Category.DATA, "application/json", ".json", declared="text/json text/plain"),
    _kind("xml", Category.DATA, "application/xml", ".xml", declared="text/xml text/plain"),
    _kind("mp4", Category.VIDEO, "video/mp4", ".mp4 .m4v", declared="video/x-m4v", known=".mp4"),
    _kind("mov", Category.VIDEO, "video/quicktime", ".mov", known=".mov .mp4"),
    _kind("webm", Category.VIDEO, "video/webm", ".webm", known=".webm"),
    _kind(
        "m4a",
        Category.AUDIO,
        "audio/mp4",
        ".m4a .mp4",
        declared="audio/x-m4a audio/m4a audio/mp4a-latm",
        known=".mp4 .m4a",
    ),
    _kind(
        "mp3", Category.AUDIO, "audio/mpeg", ".mp3", declared="audio/mp3 audio/x-mp3 audio/x-mpeg", known=".mp3 .mpga"
    ),
    _kind("ogg", Category.AUDIO, "audio/ogg", ".ogg .oga .opus", declared=_OGG_DECLARED, known=".ogg .opus"),
    _kind("weba", Category.AUDIO, "audio/webm", ".webm .weba", known=".webm"),
    _kind("wav", Category.AUDIO, "audio/wav", ".wav", declared="audio/x-wav audio/wave audio/vnd.wave", known=".wav"),
)

# MB per file (FTY-01 to FTY-05, FTY-09; audio by the issue that added it). A category without a row is not taken.
_LIMITS = {
    FileRules.SNAKE: {
        Category.IMAGE: 10,
        Category.DOCUMENT: 25,
        Category.ARCHIVE: 50,
        Category.DATA: 10,
        Category.AUDIO: 25,
    },
    FileRules.CAMEL: {
        Category.IMAGE: 10,
        Category.DOCUMENT: 50,
        Category.ARCHIVE: 50,
        Category.DATA: 50,
        Category.AUDIO: 25,
        Category.VIDEO: 100,
    },
}


def unsupported(reason: str) -> ValidationFailed:
    """The refusal of ERR-09; `reason` is for programs."""
    return ValidationFailed(UNSUPPORTED, details={"reason": reason})


def choose(name: str, declared: str | None, rules: FileRules, message_type: MessageType | None) -> Kind:
    """The kind that a cleaned name and a declared type agree on.

    Raises:
        ValidationFailed: there is none, or the message type does not take it (G-28, G-29).
    """
    ending = ending_of(name)
    named = [kind for kind in KINDS if ending in kind.endings and kind.category in _LIMITS[rules]]
    if not named:
        raise unsupported("extension")
    said = (declared or "").partition(";")[0].strip().lower()
    agreed = [kind for kind in named if said in kind.declared or said in _UNDECLARED]
    if not agreed:
        raise unsupported("declared_type")
    wanted = {MessageType.IMAGE: Category.IMAGE, MessageType.VIDEO: Category.VIDEO}
    if message_type in wanted and agreed[0].category is not wanted[message_type]:
        raise unsupported("message_type")
    return agreed[0]


def limit(kind: Kind, rules: FileRules) -> int:
    """The most bytes of one such file; exactly so many pass."""
    return _LIMITS[rules][kind.category] * MB


def check_size(kind: Kind, rules: FileRules, size: int, together: int) -> None:
    """Refuse a file of `size` bytes so far, and a message of `together`.

    Raises:
        PayloadTooLarge: ERR-08 (its text in dialect B is word for word, B-33), or the sum (T-141).
    """
    if size > (most := limit(kind, rules)):
        raise PayloadTooLarge(TOO_LARGE[rules], details={"limit": most})
    if together > MAX_TOGETHER:
        raise PayloadTooLarge(TOO_MUCH, details={"limit": MAX_TOGETHER})


def check_count(kinds: Sequence[Kind], rules: FileRules) -> None:
    """Refuse the last of these files if it is one too many (VAL-06, VAL-07, C-33).

    Raises:
        ValidationFailed: ERR-10.
    """
    if rules is FileRules.CAMEL and all(kind.category is Category.IMAGE for kind in kinds):
        if len(kinds) > MAX_IMAGES:
            raise ValidationFailed(TOO_MANY_IMAGES, details={"limit": MAX_IMAGES})
    elif len(kinds) > MAX_FILES:
        raise ValidationFailed(TOO_MANY, details={"limit": MAX_FILES})
