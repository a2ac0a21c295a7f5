"""The product's decisions as pure functions: who may send, open, see. Facts come in as arguments, errors go out as raises."""

from uuid import UUID

from duologue.core.errors import Blocked, Forbidden, NotParticipant, PrivacyRefused, ValidationFailed
from duologue.core.model import Message, Reach, User, UserState, WhoCanMessage

# Texts of G-18.
FOLLOWERS_ONLY = "User only accepts messages from followers"
NOBODY = "User does not accept messages"
YOURSELF = "Cannot message yourself"
YOU_BLOCK = "You have blocked this user"
BLOCKS_YOU = "User has blocked you"
NOT_SENDER = "Only the sender can delete a message"
NOT_RECEIVER = "Only the recipient can mark a message as read"
NO_MESSAGE = "Message not found"
MAX_TEXT = 10_000  # characters (VAL-01, G-27)
MAX_TEMP_ID = 200  # characters (design part 1, Idempotent send)


def pair(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """Both users of a conversation, the lower id first (CNV-02)."""
    return (one, other) if one < other else (other, one)


def check_not_self(user_id: UUID, other_id: UUID, text: str) -> None:
    """Refuse what one cannot do with oneself (VAL-17, B-19)."""
    if user_id == other_id:
        raise ValidationFailed(text)


def check_participant(user_id: UUID, users: tuple[UUID, UUID]) -> None:
    """Refuse everybody but the two (AUTH-07, ERR-03)."""
    if user_id not in users:
        raise NotParticipant


def check_send(*, sender: User, receiver: User, blocked: bool, has_messages: bool, follows: bool) -> None:
    """May this message be sent now (MSG-01)? A block of either side refuses it (C-09); privacy only an empty conversation (B-37)."""
    check_active(sender)
    if blocked:
        raise Blocked
    check_active(receiver)
    if not has_messages:
        check_privacy(receiver, follows=follows)


def check_open(*, opener: User, other: User, blocked: bool, follows: bool) -> None:
    """May this pair get a conversation (design part 5, Opening)? An existing one is never judged again."""
    check_active(opener)
    if blocked:
        raise Blocked
    check_active(other)
    check_privacy(other, follows=follows)


def check_active(user: User) -> None:
    """A deactivated or erased user neither sends nor is written to (design parts 5 and 6)."""
    if user.state is not UserState.ACTIVE:
        raise Forbidden


def check_privacy(receiver: User, *, follows: bool) -> None:
    """Whom the receiver lets start a conversation (PRV-01 to PRV-04); `follows`: the sender follows the receiver (G-17)."""
    if receiver.who_can_message is WhoCanMessage.NONE:
        raise PrivacyRefused(NOBODY)
    if receiver.who_can_message is WhoCanMessage.FOLLOWERS and not follows:
        raise PrivacyRefused(FOLLOWERS_ONLY)


def why_not(sender: User, reach: Reach) -> str | None:
    """Why a message would be refused, in the words of G-18, the first that applies; None if it would not (PRV-05, PRV-06)."""
    if sender.id == reach.other.id:
        return YOURSELF
    if reach.is_blocking:
        return YOU_BLOCK
    if reach.is_blocked_by:
        return BLOCKS_YOU
    try:
        check_send(
            sender=sender, receiver=reach.other, blocked=False, has_messages=reach.has_messages, follows=reach.follows
        )
    except PrivacyRefused as refusal:
        return refusal.message
    except Forbidden:  # deactivated or erased: no more is told
        return NOBODY
    return None


def check_sender(message: Message, user_id: UUID) -> None:
    """Only its sender deletes a message (DEL-01); the partner is told so."""
    if message.sender_id != user_id:
        raise Forbidden(NOT_SENDER)


def check_receiver(message: Message, user_id: UUID) -> None:
    """Only its receiver marks a message as read (UNR-02)."""
    if message.receiver_id != user_id:
        raise Forbidden(NOT_RECEIVER)


def check_gallery(*, blocked_by: bool) -> None:
    """May this participant look at media, links and files? Not while the other one blocks them; the blocker may (C-10)."""
    if blocked_by:
        raise Forbidden


def read_is_shown(*, reader: User, sender: User, blocked: bool) -> bool:
    """Does the sender learn that it was read? Not across a block, and only if both send receipts (reciprocal)."""
    return not blocked and reader.send_read_receipts and sender.send_read_receipts


def last_seen_is_shown(viewer: User, other: User) -> bool:
    """Last seen shows only between two users who both show it."""
    return viewer.show_last_seen and other.show_last_seen
