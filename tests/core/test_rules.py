"""The product's decisions, every line of them: they are pure, so a table tells all."""

from uuid import UUID

import pytest

from duologue.core import rules
from duologue.core.errors import Blocked, ChatError, Forbidden, NotParticipant, PrivacyRefused, ValidationFailed
from duologue.core.model import Reach, User, UserState, WhoCanMessage

ONE, OTHER, THIRD = (UUID(int=number) for number in (1, 2, 3))


def user(id_: UUID = ONE, **changes: object) -> User:
    """Return a user with changes."""
    made = User(id_, "somebody")
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def outcome(**changes: object) -> type[ChatError] | None:
    """Judge a send between two active users of a conversation with messages, changed as said."""
    facts: dict[str, object] = {
        "sender": user(),
        "receiver": user(OTHER),
        "blocked": False,
        "has_messages": True,
        "follows": False,
    }
    try:
        rules.check_send(**(facts | changes))  # type: ignore[arg-type]
    except ChatError as error:
        return type(error)
    return None


def test_a_pair_is_ordered_by_id() -> None:
    """CNV-02: whoever asks, the pair is the same."""
    assert rules.pair(ONE, OTHER) == rules.pair(OTHER, ONE) == (ONE, OTHER)


def test_nothing_is_done_with_oneself() -> None:
    """VAL-17, B-19."""
    with pytest.raises(ValidationFailed, match=rules.YOURSELF):
        rules.check_not_self(ONE, ONE, rules.YOURSELF)
    rules.check_not_self(ONE, OTHER, rules.YOURSELF)


def test_only_the_two_are_participants() -> None:
    """AUTH-07, ERR-03."""
    rules.check_participant(OTHER, (ONE, OTHER))
    with pytest.raises(NotParticipant, match="Not a participant"):
        rules.check_participant(THIRD, (ONE, OTHER))


BOB = user(OTHER)
NOBODY = user(OTHER, who_can_message=WhoCanMessage.NONE)
FOLLOWERS = user(OTHER, who_can_message=WhoCanMessage.FOLLOWERS)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"has_messages": False}, None),
        ({"blocked": True}, Blocked),
        ({"sender": user(state=UserState.DEACTIVATED)}, Forbidden),
        ({"receiver": user(OTHER, state=UserState.DEACTIVATED)}, Forbidden),
        ({"receiver": user(OTHER, state=UserState.ERASED)}, Forbidden),
        ({"receiver": NOBODY}, None),  # PRV-04: an existing conversation with messages works
        ({"receiver": NOBODY, "has_messages": False}, PrivacyRefused),  # B-37: an empty one does not count
        ({"receiver": FOLLOWERS, "has_messages": False}, PrivacyRefused),
        ({"receiver": FOLLOWERS, "has_messages": False, "follows": True}, None),
        ({"receiver": NOBODY, "has_messages": False, "follows": True}, PrivacyRefused),
        ({"receiver": NOBODY, "blocked": True, "has_messages": False}, Blocked),
    ],
)
def test_may_send(changes: dict[str, object], expected: type[ChatError] | None) -> None:
    """MSG-01, C-09, PRV-01 to PRV-04, B-37."""
    assert outcome(**changes) is expected


def reach(other: User = BOB, **changes: bool) -> Reach:
    """Return what stands between ONE and another, nothing but what is said."""
    facts = dict.fromkeys(("is_blocking", "is_blocked_by", "follows", "has_messages"), False)
    return Reach(other, **(facts | changes))


@pytest.mark.parametrize(
    ("between", "reason"),
    [
        (reach(), None),
        (reach(user(ONE, who_can_message=WhoCanMessage.NONE), is_blocking=True), rules.YOURSELF),
        (reach(NOBODY, is_blocking=True, is_blocked_by=True), "You have blocked this user"),
        (reach(NOBODY, is_blocked_by=True, has_messages=True), "User has blocked you"),
        (reach(NOBODY), "User does not accept messages"),
        (reach(NOBODY, follows=True), "User does not accept messages"),
        (reach(NOBODY, has_messages=True), None),
        (reach(FOLLOWERS), "User only accepts messages from followers"),
        (reach(FOLLOWERS, follows=True), None),
        (reach(FOLLOWERS, has_messages=True), None),
        (reach(user(OTHER, state=UserState.ERASED), has_messages=True), "User does not accept messages"),
        (reach(user(OTHER, state=UserState.DEACTIVATED)), "User does not accept messages"),
    ],
)
def test_why_somebody_cannot_be_written_to(between: Reach, reason: str | None) -> None:
    """The first reason that applies, in the words of G-18; the same rules as a send's (PRV-05, PRV-06)."""
    assert rules.why_not(user(), between) == reason


@pytest.mark.parametrize(
    ("opener", "other", "blocked", "follows", "expected"),
    [
        (user(), user(OTHER), False, False, None),
        (user(), user(OTHER), True, False, Blocked),
        (user(state=UserState.DEACTIVATED), user(OTHER), False, False, Forbidden),
        (user(), user(OTHER, state=UserState.ERASED), False, False, Forbidden),
        (user(), NOBODY, False, True, PrivacyRefused),
        (user(), FOLLOWERS, False, False, PrivacyRefused),
        (user(), FOLLOWERS, False, True, None),
    ],
)
def test_may_open(opener: User, other: User, *, blocked: bool, follows: bool, expected: type[ChatError] | None) -> None:
    """Design part 5, Opening: privacy and blocks are judged when a conversation is made."""
    got: type[ChatError] | None = None
    try:
        rules.check_open(opener=opener, other=other, blocked=blocked, follows=follows)
    except ChatError as error:
        got = type(error)

    assert got is expected


def test_privacy_refuses_with_the_text_of_the_setting() -> None:
    """G-18."""
    with pytest.raises(PrivacyRefused, match=r"^User does not accept messages$"):
        rules.check_privacy(NOBODY, follows=True)
    with pytest.raises(PrivacyRefused, match=r"^User only accepts messages from followers$"):
        rules.check_privacy(FOLLOWERS, follows=False)


@pytest.mark.parametrize(
    ("reader", "sender", "blocked", "shown"),
    [(True, True, False, True), (False, True, False, False), (True, False, False, False), (True, True, True, False)],
)
def test_a_read_shows_only_between_two_who_send_receipts(
    *, reader: bool, sender: bool, blocked: bool, shown: bool
) -> None:
    """Design part 1, Per-user state: decided by blocks and switches, reciprocal."""
    one, other = user(send_read_receipts=reader), user(OTHER, send_read_receipts=sender)

    assert rules.read_is_shown(reader=one, sender=other, blocked=blocked) is shown


@pytest.mark.parametrize(("viewer", "other"), [(True, True), (True, False), (False, True), (False, False)])
def test_last_seen_shows_only_between_two_who_show_it(*, viewer: bool, other: bool) -> None:
    """A hidden last seen is absent both ways."""
    shown = rules.last_seen_is_shown(user(show_last_seen=viewer), user(OTHER, show_last_seen=other))

    assert shown is (viewer and other)
