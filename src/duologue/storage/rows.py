"""From a record of the driver to a value of the model: the one place that knows the columns' names. No statement stands here."""

from typing import TYPE_CHECKING

import msgspec

from duologue.core.admin import Known, Use
from duologue.core.attachments import Upload
from duologue.core.files import ScanState
from duologue.core.model import (
    Attachment,
    Block,
    Conversation,
    FileKind,
    Link,
    Message,
    MessageType,
    Profile,
    Shared,
    User,
    UserState,
    WhoCanMessage,
)
from duologue.core.rules import last_seen_is_shown

if TYPE_CHECKING:
    from asyncpg import Record

_encoder = msgspec.json.Encoder()
_media = msgspec.json.Decoder(list[Attachment])


def user(row: "Record") -> User:
    """A user with settings."""
    return User(
        id=row["id"],
        username=row["username"],
        display_name=row["display_name"],
        avatar_url=row["avatar_url"],
        who_can_message=WhoCanMessage(row["who_can_message"]),
        send_read_receipts=row["send_read_receipts"],
        show_last_seen=row["show_last_seen"],
        last_seen_at=row["last_seen_at"],
        state=UserState(row["state"]),
    )


def known(row: "Record") -> Known:
    """A user as operators see them."""
    use = None if row.get("files") is None else Use(row["files"], row["bytes"])
    return Known(user(row), row["external_id"], row["created_at"], row["updated_at"], use)


def profile(row: "Record") -> Profile:
    """A user as others see them, without presence."""
    return Profile(row["id"], row["username"], row["display_name"], row["avatar_url"])


def seen_by(viewer: User, other: User, *, shows_presence: bool) -> Profile:
    """Another user as `viewer` sees them; with presence, also last seen if both show it."""
    found = _profile_of(other)
    found.shows_presence = shows_presence
    if shows_presence and last_seen_is_shown(viewer, other):
        found.last_seen_at = other.last_seen_at
    return found


def message(row: "Record", prefix: str = "") -> Message:
    """A message without its sender's profile; of a deleted one the text is left out."""
    deleted_at = row[f"{prefix}deleted_at"]
    return Message(
        id=row[f"{prefix}id"],
        conversation_id=row[f"{prefix}conversation_id"],
        sender_id=row[f"{prefix}sender_id"],
        receiver_id=row[f"{prefix}receiver_id"],
        type=MessageType(row[f"{prefix}type"]),
        content="" if deleted_at else row[f"{prefix}content"],
        created_at=row[f"{prefix}created_at"],
        updated_at=row[f"{prefix}updated_at"],
        temp_id=row[f"{prefix}temp_id"],
        read_at=row[f"{prefix}read_at"],
        read_shown=row[f"{prefix}read_shown"],
        delivered=row[f"{prefix}delivered"],
        deleted_at=deleted_at,
        attachments=() if deleted_at or (shown := row.get(f"{prefix}media")) is None else _media.decode(shown),
    )


def media(message: Message) -> str | None:
    """What a message's row shows of its files, as JSON (MSG-05); None if it has none."""
    return _encoder.encode(message.attachments).decode() if message.attachments else None


def attachment(row: "Record") -> Attachment:
    """A file's record as its users see it."""
    waveform = row["waveform"]
    return Attachment(
        id=row["id"],
        kind=FileKind(row["kind"]),
        name=row["name"],
        media_type=row["media_type"],
        size=row["size"],
        key=row["key"],
        uploaded_at=row["uploaded_at"],
        thumbnail_key=row["thumbnail_key"],
        width=row["width"],
        height=row["height"],
        duration=row["duration"],
        waveform=None if waveform is None else tuple(waveform),
        placeholder=row["placeholder"],
    )


def upload(row: "Record") -> Upload:
    """A file's record as a send needs it."""
    return Upload(attachment(row), row["owner_id"], row["message_id"], row["state"] == ScanState.INFECTED)


def signed_message(row: "Record") -> Message:
    """A message with its sender's profile."""
    found = message(row)
    found.sender = Profile(
        id=found.sender_id,
        username=row["sender_username"],
        display_name=row["sender_display_name"],
        avatar_url=row["sender_avatar_url"],
        shows_presence=row["sender_shows_presence"],
    )
    return found


def conversation(row: "Record", viewer: User) -> Conversation:
    """A conversation as `viewer` sees it: last seen of the other one only if both show it and no block stands between them."""
    is_blocked = row["blocking"] or row["blocked_by"]
    them = User(
        id=row["other_id"],
        username=row["other_username"],
        display_name=row["other_display_name"],
        avatar_url=row["other_avatar_url"],
        show_last_seen=row["other_show_last_seen"],
        last_seen_at=row["other_last_seen_at"],
    )
    other = seen_by(viewer, them, shows_presence=not is_blocked)
    return Conversation(
        id=row["id"],
        other=other,
        last_message=_last_message(row, viewer, other) if row["last_id"] else None,
        unread_count=row["unread_count"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        is_blocked=is_blocked,
        hidden=row["blocked_by"],
    )


def _last_message(row: "Record", viewer: User, other: Profile) -> Message:
    last = message(row, "last_")
    last.sender = other if last.sender_id == other.id else _profile_of(viewer)
    return last


def _profile_of(user: User) -> Profile:
    return Profile(user.id, user.username, user.display_name, user.avatar_url)


def block(row: "Record") -> Block:
    """A block with whom it is put on."""
    blocked = Profile(row["blocked_id"], row["username"], row["display_name"], row["avatar_url"], shows_presence=False)
    return Block(row["id"], row["blocker_id"], blocked, row["created_at"], row["reason"])


def shared(row: "Record") -> Shared:
    """A file of a gallery."""
    return Shared(attachment(row), row["place"], row["message_id"], row["sender_id"], row["sent_at"])


def link(row: "Record") -> Link:
    """A link of a message."""
    return Link(row["id"], row["url"], row["message_id"], row["sender_id"], row["created_at"])
