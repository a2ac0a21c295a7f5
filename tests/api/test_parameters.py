"""Numbers in queries: clamped and defaulted, never refused (C-07, C-08, B-23, G-44); keys in headers are UUIDs."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.api.camel.parameters import MOST_MESSAGES, limit_of
from duologue.api.parameters import key_of, number
from duologue.core.errors import ValidationFailed

KEY = "0198c8f1-7b7c-7000-8000-3d2c6f0a1b2c"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1), ("20", 20), ("50", 50), ("007", 7),
        ("51", 50), ("100", 50), ("999999999", 50), ("9999999999", 50), ("9" * 5_000, 50),
        ("", 20), ("0", 20), ("-5", 20), ("+5", 20), ("abc", 20), ("5.5", 20), ("1e1", 20), (" 5", 20), ("1_0", 20),
        ("\u0665", 20), ("\u00b2", 20), ("0x10", 20), ("\0", 20),
    ],
)  # fmt: skip
def test_t025_a_limit_is_clamped_or_has_its_default(text: str, size: int) -> None:
    """Above the most it is the most; what is no number of at least 1 is 20."""
    assert limit_of(text) == size


def test_messages_come_up_to_a_hundred_at_once() -> None:
    """C-07."""
    assert [limit_of(text, MOST_MESSAGES) for text in ("100", "101", "")] == [100, 100, 20]


def test_no_neighbours_on_one_side_can_be_asked_for() -> None:
    """There 0 is a number like any other."""
    assert [number(text, 20, 50, least=0) for text in ("0", "7", "51", "-1")] == [0, 7, 50, 20]


@given(st.text())
def test_no_text_breaks_a_number(text: str) -> None:
    """Whatever stands there."""
    assert 1 <= limit_of(text) <= 50


@pytest.mark.parametrize("header", [KEY, KEY.upper(), f'"{KEY}"', f" {KEY} "])
def test_a_key_is_a_uuid_with_or_without_quotes(header: str) -> None:
    """The IETF's draft writes it as a quoted string."""
    assert key_of(header) == UUID(KEY)


def test_without_the_header_there_is_no_key() -> None:
    """Then the tempId may be one."""
    assert key_of(None) is None


@pytest.mark.parametrize("header", ["", "x", KEY[:-1], KEY.replace("-", ""), f"{{{KEY}}}", f"urn:uuid:{KEY}"])
def test_any_other_key_is_refused(header: str) -> None:
    """400: a client that means to be idempotent must learn that it is not."""
    with pytest.raises(ValidationFailed, match="Idempotency-Key must be a UUID"):
        key_of(header)
