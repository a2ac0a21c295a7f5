"""Attachments of a send: what may be sent together and by whom; and what is recorded of files that were taken in.

How files come in and where they lie is files.py's; who may fetch one is downloads.py's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from duologue.core.errors import FileRejected, Forbidden, PayloadTooLarge, ValidationFailed
from duologue.core.files import MAX_FILES, MAX_IMAGES, MAX_TOGETHER, TOO_MANY, TOO_MANY_IMAGES, TOO_MUCH, StoredFile
from duologue.core.model import Attachment, FileKind, MessageType

NOT_WITH_TEXT = "attachments cannot be sent with text"
NEEDED = "attachments are required for image, video and file messages"
TWICE = "An attachment stands here twice"
UNKNOWN = "Unknown attachment"
NOT_YOURS = "This attachment is not yours"
SENT_BEFORE = "This attachment is already part of a message"
NOT_IMAGES = "A message of type image carries images alone"
NOT_VIDEOS = "A message of type video carries videos alone"

_FIELD: Mapping[str, object] = {"field": "attachments"}
_ALONE = {MessageType.IMAGE: (FileKind.IMAGE, NOT_IMAGES), MessageType.VIDEO: (FileKind.VIDEO, NOT_VIDEOS)}


@dataclass(slots=True)
class Upload:
    """A file that was taken in; `message_id` is None until it is sent."""

    attachment: Attachment
    owner_id: UUID
    message_id: UUID | None = None
    is_infected: bool = False


class UploadStore(Protocol):
    """The records of files."""

    async def add(self, owner_id: UUID, files: Sequence[StoredFile]) -> None:
        """Record files that were stored; they are their owner's alone until they are sent (G-31).

        Raises:
            Unauthorized: the owner was shut out while they came in.
            OutcomeUnknown: they may be recorded. After any other `ChatError` they are not.
        """
        ...

    async def take_back(self, owner_id: UUID, ids: Collection[UUID]) -> list[str]:
        """Forget those of these files that are not part of a message; the keys of their blobs."""
        ...


def check_named(kind: MessageType, ids: Sequence[UUID]) -> None:
    """Do type and number of attachments fit, before anybody knows what they are (VAL-13, G-28, B-34)?"""
    if kind is MessageType.TEXT:
        if ids:
            raise ValidationFailed(NOT_WITH_TEXT, details=_FIELD)
        return
    if not ids:
        raise ValidationFailed(NEEDED, details=_FIELD)
    if len(ids) > MAX_IMAGES:
        raise ValidationFailed(TOO_MANY_IMAGES if kind is MessageType.IMAGE else TOO_MANY, details=_FIELD)
    if len(set(ids)) < len(ids):
        raise ValidationFailed(TWICE, details=_FIELD)


def check_attachments(sender_id: UUID, kind: MessageType, found: Sequence[Upload | None]) -> list[Upload]:
    """May this sender send these files in a message of this kind (B-31, G-28, VAL-06 to VAL-08)?

    Raises:
        ValidationFailed: one is not there or was sent before, or they do not go together.
        Forbidden: one is somebody else's.
        FileRejected: one turned out to be infected.
        PayloadTooLarge: they are too large together.
    """
    uploads = [_check_one(sender_id, upload) for upload in found]
    kinds = {upload.attachment.kind for upload in uploads}
    only, refusal = _ALONE.get(kind, (None, ""))
    if only is not None and kinds != {only}:
        raise ValidationFailed(refusal, details=_FIELD)
    if len(uploads) > MAX_FILES and kinds != {FileKind.IMAGE}:
        raise ValidationFailed(TOO_MANY, details=_FIELD)
    if sum(upload.attachment.size for upload in uploads) > MAX_TOGETHER:
        raise PayloadTooLarge(TOO_MUCH, details={"limit": MAX_TOGETHER})
    return uploads


def type_of(kinds: Sequence[FileKind]) -> MessageType:
    """What files are sent as, when nobody said it (G-28, G-29)."""
    for kind, (only, _) in _ALONE.items():
        if all(found is only for found in kinds):
            return kind
    return MessageType.FILE


def _check_one(sender_id: UUID, upload: Upload | None) -> Upload:
    if upload is None:
        raise ValidationFailed(UNKNOWN, details=_FIELD)
    if upload.owner_id != sender_id:
        raise Forbidden(NOT_YOURS)
    if upload.message_id is not None:
        raise ValidationFailed(SENT_BEFORE, details=_FIELD)
    if upload.is_infected:
        raise FileRejected(details={"reason": "virus"})
    return upload
