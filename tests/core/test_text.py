"""Text as it is stored: what is removed, what stays, what is refused, which links are found."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.core import text
from duologue.core.errors import ValidationFailed
from duologue.core.model import MessageType

CONVERSATION = UUID(int=7)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Hello!", "Hello!"),
        ("a < b & c", "a < b & c"),  # C-58: returned as written
        ("'; DROP TABLE messages;--", "'; DROP TABLE messages;--"),
        ("one\r\ntwo\n\tthree", "one\ntwo\n\tthree"),
        ("NUL\0 bell\x07 C1\x85 lone\rCR", "NUL bell C1 loneCR"),
        (
            "\u200dfamily \U0001f468\u200d\U0001f469 \u202eright\u202c",
            "\u200dfamily \U0001f468\u200d\U0001f469 \u202eright\u202c",
        ),
        ("  padded  ", "  padded  "),
    ],
)
def test_text_is_stored_as_written_but_for_controls(written: str, stored: str) -> None:
    """Design part 1, Text."""
    assert text.check(written) == stored


@pytest.mark.parametrize("written", [None, "", " ", "\n\t ", "\0\x07", "\u2003"])
def test_nothing_to_say_is_refused(written: str | None) -> None:
    """VAL-02, G-26: also when nothing is left after the controls."""
    with pytest.raises(ValidationFailed, match=r"^content cannot be empty$"):
        text.check(written)


def test_length_is_counted_in_characters_after_the_controls_are_gone() -> None:
    """VAL-01, G-27, T-031."""
    assert len(text.check("\U0001f600" * 10_000)) == 10_000
    assert len(text.check("\0" * 50 + "x" * 10_000)) == 10_000
    with pytest.raises(ValidationFailed, match="at most 10000"):
        text.check("x" * 10_001)


def test_lone_surrogates_are_refused() -> None:
    """They are no Unicode text and cannot be stored."""
    with pytest.raises(ValidationFailed, match="Unicode"):
        text.check("half \ud83d")


@given(st.text())
def test_what_was_checked_stays_as_it_is(written: str) -> None:
    """Checking twice changes nothing more."""
    try:
        once = text.check(written)
    except ValidationFailed:
        return

    assert text.check(once) == once


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("see https://example.com/a and http://b.org", ["https://example.com/a", "http://b.org"]),
        ("nothing here, not even ftp://x", []),
        ("(https://example.com/a_(b)), https://example.com.", ["https://example.com/a_(b)", "https://example.com"]),
        ("twice https://a.b https://a.b", ["https://a.b"]),
        ("<https://a.b/?q=1&r=2#f>", ["https://a.b/?q=1&r=2#f"]),
        ("https:// alone", []),
        ("HTTPS://A.B/C!", ["HTTPS://A.B/C"]),
        ("https://a.b/" + "x" * 3_000, []),
    ],
)
def test_links_are_found_once_in_order(written: str, found: list[str]) -> None:
    """RM-19, T-041: without the punctuation that ends a sentence."""
    assert text.links(written) == found


def test_links_are_bounded() -> None:
    """A text of many links gives the first fifty."""
    assert len(text.links(" ".join(f"https://a.b/{i}" for i in range(200)))) == text.MAX_LINKS


def test_a_fingerprint_names_one_send() -> None:
    """G-08: conversation, type, text and attachments all count."""
    base = text.fingerprint(CONVERSATION, MessageType.TEXT, "hi")
    others = {
        text.fingerprint(UUID(int=8), MessageType.TEXT, "hi"),
        text.fingerprint(CONVERSATION, MessageType.FILE, "hi"),
        text.fingerprint(CONVERSATION, MessageType.TEXT, "hi "),
        text.fingerprint(CONVERSATION, MessageType.TEXT, "hi", [UUID(int=9)]),
        text.fingerprint(CONVERSATION, MessageType.TEXT, None),
    }

    assert base == text.fingerprint(CONVERSATION, MessageType.TEXT, "hi")
    assert base not in others
    assert len(others) == 5
