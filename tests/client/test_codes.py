"""The table of close codes, which client and docs share (design part 5)."""

import pytest

from duologue.client.codes import CLOSE_CODES, describe, reconnects, retry_delay


@pytest.mark.parametrize("code", [1001, 1002, 1003, 1006, 1007, 1009, 1011, 4000, 4001, 4002])
def test_below_4500_a_client_comes_back(code: int) -> None:
    """Drains, faults of the wire, slowness, floods and expired tokens pass."""
    assert reconnects(code)
    assert CLOSE_CODES[code].reconnect


@pytest.mark.parametrize("code", [4500, 4501, 4502, 4503, 4504])
def test_from_4500_a_client_stops(code: int) -> None:
    """A token that is refused, a user who is gone and a connection too many do not pass by trying again."""
    assert not reconnects(code)
    assert not CLOSE_CODES[code].reconnect


def test_a_code_that_is_not_in_the_table_follows_the_boundary() -> None:
    """A newer server may have more codes; what to do follows from the number."""
    assert reconnects(None)
    assert reconnects(4499)
    assert not reconnects(4999)
    assert describe(4999) == "code 4999"
    assert describe(4500) == "invalid_token"


@pytest.mark.parametrize(
    ("code", "reason", "seconds"),
    [
        (1001, "retry=2500", 2.5),
        (1001, "retry=0", 0.0),
        (1001, "", None),
        (1001, "retry=soon", None),
        (4000, "retry=9", None),
    ],
)
def test_only_a_drain_says_when_to_come_back(code: int, reason: str, seconds: float | None) -> None:
    """The reason of 1001 is `retry=<ms>`; anything else leaves the delay to the client."""
    assert retry_delay(code, reason) == seconds
