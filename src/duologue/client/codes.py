"""Why a socket was closed, and what to do then: the close codes of design part 5 as one table. No I/O."""

import re
from dataclasses import dataclass

FIRST_STOP = 4500
"""From this code on the client stops; below it reconnects (design part 5)."""

DRAIN = 1001
TOKEN_EXPIRED = 4001

_RETRY = re.compile(r"\bretry=(\d{1,9})\b")


@dataclass(frozen=True, slots=True)
class CloseCode:
    """One row: the code, a short name, whether to reconnect, and what it says."""

    code: int
    name: str
    reconnect: bool
    meaning: str


CLOSE_CODES: dict[int, CloseCode] = {
    row.code: row
    for row in (
        CloseCode(1001, "drain", True, "The server is going away; the reason `retry=<ms>` says when to come back."),
        CloseCode(1002, "protocol_error", True, "A frame broke RFC 6455."),
        CloseCode(1003, "binary", True, "Binary frames are refused."),
        CloseCode(1006, "lost", True, "The connection ended without a close frame; never on the wire (RFC 6455)."),
        CloseCode(1007, "invalid_utf8", True, "A text frame was not UTF-8."),
        CloseCode(1009, "too_big", True, "A frame was larger than MAX_FRAME."),
        CloseCode(1011, "internal_error", True, "The server failed."),
        CloseCode(4000, "slow", True, "This client did not read fast enough."),
        CloseCode(4001, "token_expired", True, "The token expired: connect with a fresh one."),
        CloseCode(4002, "flood", True, "Too many frames or too many refusals."),
        CloseCode(4500, "invalid_token", False, "The token is not accepted."),
        CloseCode(4501, "auth_timeout", False, "No `auth` came in time."),
        CloseCode(4502, "deactivated", False, "The account is deactivated, erased or banned."),
        CloseCode(4503, "too_many_connections", False, "This user has too many connections."),
        CloseCode(4504, "signed_out", False, "The session was signed out."),
    )
}


def reconnects(code: int | None) -> bool:
    """Whether a client may come back after this close code; None is a connection that was never opened."""
    return code is None or code < FIRST_STOP


def describe(code: int | None) -> str:
    """The short name of a close code, for logs and messages."""
    row = CLOSE_CODES.get(code) if code is not None else None
    return row.name if row else f"code {code}"


def retry_delay(code: int | None, reason: str) -> float | None:
    """Seconds that a drain (1001) asks to wait in its reason, None when it names none."""
    found = _RETRY.search(reason) if code == DRAIN else None
    return int(found[1]) / 1000 if found else None
