"""What both dialects write alike: times, ids, counts and texts with what the documents say of them, and references to files.

No frame; all other structs are the dialects' (`camel/wire.py`, `snake/wire.py`).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct

from duologue.api.json import WORDS
from duologue.core.attachments import UNKNOWN
from duologue.core.errors import ValidationFailed
from duologue.core.model import Attachment, FileKind, Message, MessageType
from duologue.core.rules import MAX_TEMP_ID, MAX_TEXT

UPLOADS = "/uploads/"  # where blobs are served, by their keys (C-36)

_TEMP_ID = f"a string of at most {MAX_TEMP_ID} characters"

Status = Literal["sent", "delivered", "read"]
Audience = Literal["everyone", "followers", "none"]

# What the documents say beyond the types. It is not checked here: rules have words of their own.
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time", "pattern": r"\.\d{6}Z$"})]
Count = Annotated[int, Meta(extra_json_schema={"minimum": 0})]
Text = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": MAX_TEXT})]
FileType = Annotated[str, Meta(extra_json_schema={"enum": [kind.value for kind in FileKind]})]
Url = Annotated[str, Meta(extra_json_schema={"format": "uri-reference"})]
Peaks = Annotated[Sequence[int], Meta(description="Peaks from 0 to 100")]
Preview = Annotated[str, Meta(extra_json_schema={"maxLength": MAX_TEXT})]  # empty of a deleted message (B-29)
Kind = Annotated[str, Meta(extra_json_schema={"enum": [kind.value for kind in MessageType]})]
TempId = Annotated[str, Meta(extra={WORDS: _TEMP_ID}, extra_json_schema={"maxLength": MAX_TEMP_ID})]
SentAs = Literal["text", "image", "video", "file"]


class FileRef(Struct):
    """A file to send, by the `id` or the `url` that its upload was answered with (B-30); what else is said of it is not believed (B-31)."""

    id: UUID | None = None
    url: str | None = None


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC with `Z` and exactly six fractional digits (C-47, design part 1, Order)."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def parse_uuid(text: str) -> UUID | None:
    """A UUID in its usual form, 8-4-4-4-12 hexadecimal digits in either case; anything else is None (VAL-03)."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def send_key(temp_id: str | None, name: str) -> UUID | None:
    """The key a tempId names for ever if it is a UUID (design part 1, Idempotent send); checks its length and that it can be stored.

    `name` is the dialect's word for it, for the error.
    """
    if temp_id is None:
        return None
    if len(temp_id) > MAX_TEMP_ID or "\0" in temp_id:
        raise ValidationFailed(invalid_temp_id(name))
    return parse_uuid(temp_id) if len(temp_id) == 36 else None


def file_fields(file: Attachment) -> tuple[Any, ...]:
    """What is shown of a file, in the order of both dialects' structs: what does not apply is left out."""
    return (
        file.id,
        file.kind.value,
        UPLOADS + file.key,
        file.name,
        file.name,
        file.size,
        file.media_type,
        timestamp(file.uploaded_at),
        UNSET if file.thumbnail_key is None else UPLOADS + file.thumbnail_key,
        UNSET if file.width is None else file.width,
        UNSET if file.height is None else file.height,
        UNSET if file.duration is None else file.duration,
        UNSET if file.waveform is None else file.waveform,
        UNSET if file.placeholder is None else file.placeholder,
    )


def kind_of(said: str | None, kinds: Iterable[MessageType], refusal: str) -> MessageType | None:
    """What files are to be sent as, of what may be said; None where nothing is. `ValidationFailed` with `refusal` for anything else."""
    found = next((kind for kind in kinds if kind == said), None)
    if said and found is None:
        raise ValidationFailed(refusal, details={"field": "type"})
    return found


def file_id_of(path: str) -> UUID | None:
    """The id in a file's address, the last part of which holds it in whichever of its forms (C-36)."""
    return parse_uuid(path.rpartition("/")[2].partition(".")[0])


def named_files(files: Sequence[FileRef] | None) -> tuple[UUID, ...]:
    """The ids of files to send."""
    return tuple(_named(file) for file in files) if files else ()


def _named(file: FileRef) -> UUID:
    found = file.id
    if found is None and file.url is not None:
        found = file_id_of(file.url)
    if found is None:
        raise ValidationFailed(UNKNOWN)
    return found


def invalid_temp_id(name: str) -> str:
    """What is said of a bad one."""
    return f"{name} must be {_TEMP_ID}"


def status_of(message: Message, viewer_id: UUID) -> Status:
    """How far a message got, as `viewer_id` may know it (design part 1, Per-user state)."""
    if message.read_at_for(viewer_id) is not None:
        return "read"
    return "delivered" if message.delivered else "sent"
