"""What may be sent together, and by whom: pure, so a table tells all (VAL-06 to VAL-08, VAL-13, G-28, B-31, B-34)."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from duologue.core.attachments import Upload, check_attachments, check_named, type_of
from duologue.core.errors import FileRejected, Forbidden, PayloadTooLarge, ValidationFailed
from duologue.core.files import MAX_FILES, MAX_IMAGES, MAX_TOGETHER
from duologue.core.model import Attachment, FileKind, MessageType

OWNER, OTHER = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def ids(count: int) -> list[UUID]:
    """Return ids of their own."""
    return [UUID(int=100 + number) for number in range(count)]


def upload(kind: FileKind = FileKind.IMAGE, size: int = 1, **changes: object) -> Upload:
    """Return a file of the owner that nobody sent yet, with changes."""
    made = Upload(Attachment(UUID(int=100), kind, "a", "x/y", size, "k", NOON), OWNER)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (MessageType.TEXT, []),
        (MessageType.FILE, ids(1)),
        (MessageType.IMAGE, ids(MAX_IMAGES)),
    ],
)
def test_type_and_number_that_fit_pass(kind: MessageType, named: list[UUID]) -> None:
    """Text alone, files with a type of files, ten at most."""
    check_named(kind, named)


@pytest.mark.parametrize(
    ("kind", "named", "said"),
    [
        (MessageType.TEXT, ids(1), "cannot be sent with text"),
        (MessageType.VIDEO, [], "are required"),
        (MessageType.IMAGE, ids(MAX_IMAGES + 1), f"Maximum {MAX_IMAGES} images"),
        (MessageType.FILE, ids(MAX_IMAGES + 1), f"Maximum {MAX_FILES} files"),
        (MessageType.FILE, ids(1) * 2, "stands here twice"),
    ],
)
def test_type_and_number_that_do_not_fit_are_refused(kind: MessageType, named: list[UUID], said: str) -> None:
    """Before anybody knows what the files are."""
    with pytest.raises(ValidationFailed, match=said):
        check_named(kind, named)


@pytest.mark.parametrize(
    ("kind", "found", "refusal"),
    [
        (MessageType.IMAGE, [None], ValidationFailed),
        (MessageType.IMAGE, [upload(owner_id=OTHER)], Forbidden),
        (MessageType.IMAGE, [upload(message_id=OTHER)], ValidationFailed),
        (MessageType.IMAGE, [upload(is_infected=True)], FileRejected),
        (MessageType.IMAGE, [upload(FileKind.VIDEO)], ValidationFailed),
        (MessageType.VIDEO, [upload(FileKind.VIDEO), upload()], ValidationFailed),
        (MessageType.FILE, [upload(FileKind.FILE)] * (MAX_FILES + 1), ValidationFailed),
        (MessageType.FILE, [upload(FileKind.FILE, MAX_TOGETHER), upload()], PayloadTooLarge),
    ],
    ids=["unknown", "another-one's", "sent", "infected", "no-image", "mixed", "too-many", "too-large"],
)
def test_files_that_may_not_be_sent_are_refused(
    kind: MessageType, found: list[Upload | None], refusal: type[Exception]
) -> None:
    """Each for its own reason."""
    with pytest.raises(refusal):
        check_attachments(OWNER, kind, found)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (MessageType.IMAGE, [upload()] * MAX_IMAGES),
        (MessageType.FILE, [upload()] * MAX_IMAGES),
        (MessageType.FILE, [upload(FileKind.FILE, MAX_TOGETHER)]),
        (MessageType.VIDEO, [upload(FileKind.VIDEO)] * MAX_FILES),
    ],
    ids=["images", "images-as-files", "exactly-the-most", "videos"],
)
def test_files_that_go_together_are_answered(kind: MessageType, found: list[Upload | None]) -> None:
    """As they were found, in their order."""
    assert check_attachments(OWNER, kind, found) == found


@pytest.mark.parametrize(
    ("kinds", "kind"),
    [
        ([FileKind.IMAGE, FileKind.IMAGE], MessageType.IMAGE),
        ([FileKind.VIDEO], MessageType.VIDEO),
        ([FileKind.IMAGE, FileKind.VIDEO], MessageType.FILE),
        ([FileKind.AUDIO], MessageType.FILE),
    ],
)
def test_what_files_are_sent_as_follows_from_what_they_are(kinds: list[FileKind], kind: MessageType) -> None:
    """All alike, or files."""
    assert type_of(kinds) is kind
