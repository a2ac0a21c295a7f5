"""What a verified token says about its bearer, and the errors that a token can meet.

Here: the shapes, and the pure reading of a payload whose signature is already proven. Not here: signatures and
keys (`keys`), remote key sets (`jwks`), issuing (`tokens`).
"""

import math
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

MAX_USERNAME = 64
MAX_NAME = 200
MAX_PICTURE = 2048
MAX_SUBJECT = 255
# The end of the year 9999: a larger `exp` is almost always milliseconds, which would never expire.
LAST_SECOND = 253_402_300_799

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UNSAFE_IN_URL = re.compile(r'[\s\\<>"]')
_NIL = UUID(int=0)

Payload = Mapping[str, object]


class TokenError(Exception):
    """The token is not accepted. The message says why, in words of ours: it never holds the token or a claim."""


class TokenExpired(TokenError):
    """The token is good in every respect but its time: a fresh one helps (close code 4001 instead of 4500)."""


class KeysUnavailable(Exception):
    """No token can be judged, because the platform's key set was never reached: 503, not 401.

    Attributes:
        retry_after: whole seconds after which asking again may help.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__("the key set of the token issuer cannot be reached")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the bearer is, and until when (AUTH-06, G-16).

    Attributes:
        user_id: the user.
        external_id: the `sub` of the platform, if it was no UUID.
        username: as the platform calls the user; None keeps the name there is, or a generated one.
        display_name: at most 200 characters.
        avatar_url: http or https, at most 2,048 characters.
        session_id: the session to look up; stand-alone only.
        expires_at: Unix seconds from which the token is refused; the leeway is already in it.
    """

    user_id: UUID
    external_id: str | None
    username: str | None
    display_name: str | None
    avatar_url: str | None
    session_id: UUID | None
    expires_at: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What a platform's token must match: one of the audiences, the issuer; None is not checked. `leeway` in seconds."""

    audience: Collection[str] | None = None
    issuer: str | None = None
    leeway: float = 10.0


def external_user_id(issuer: str | None, subject: str) -> UUID:
    """The id of a platform user whose `sub` is no UUID: UUIDv5 in the URL namespace of issuer, newline, sub.

    Stable for ever: a change here would make every such user a stranger. No issuer counts as the empty string; a
    subject holds no newline, so no two pairs meet.
    """
    return uuid5(NAMESPACE_URL, f"{issuer or ''}\n{subject}")


def platform_claims(payload: Payload, expected: Expected, now: float) -> Claims:
    """Read a platform's payload.

    What names the user must be right, or the token is refused. What merely describes the user (username, name,
    picture) is left out when it is unusable: nobody who signs in could repair it.

    Raises:
        TokenExpired: everything fits but the time is over; judged last, so that it is never said of a bad token.
        TokenError: anything else that is missing or wrong.
    """
    issuer = _issuer(payload, expected.issuer)
    _check_audience(payload, expected.audience)
    user_id, external_id = _identity(payload, issuer)
    expires_at = lifetime(payload, now, expected.leeway)
    return Claims(
        user_id=user_id,
        external_id=external_id,
        username=_username(payload.get("username")),
        display_name=_display_name(payload.get("name")),
        avatar_url=_picture(payload.get("picture")),
        session_id=None,
        expires_at=expires_at,
    )


def lifetime(payload: Payload, now: float, leeway: float) -> float:
    """Check `nbf` and `exp` (RFC 7519, 4.1.4 and 4.1.5) and return the Unix second from which the token is refused.

    `exp` is required: behind a platform it is the only thing that ends a stolen token, and a socket lives as long as
    its token.
    """
    expires = _numeric_date(payload, "exp")
    if expires is None:
        raise TokenError("the token has no exp")
    if expires > LAST_SECOND:
        raise TokenError("exp of the token is not in seconds")
    not_before = _numeric_date(payload, "nbf")
    if not_before is not None and now + leeway < not_before:
        raise TokenError("the token is not valid yet")
    if now >= expires + leeway:
        raise TokenExpired("the token has expired")
    return expires + leeway


def uuid_claim(payload: Payload, name: str) -> UUID | None:
    """The claim if it is a UUID in its usual form, else None.

    Raises:
        TokenError: it is the nil UUID, which stands for "no user" in a faulty issuer and would be shared by many.
    """
    value = payload.get(name)
    if not isinstance(value, str) or _UUID.fullmatch(value) is None:
        return None
    found = UUID(value)
    if found == _NIL:
        raise TokenError("the token names the nil UUID")
    return found


def _numeric_date(payload: Payload, name: str) -> float | None:
    value = payload.get(name)
    if value is None and name not in payload:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_moderate(value):
        raise TokenError(f"{name} of the token is not a time")
    return float(value)


def _is_moderate(value: float) -> bool:
    """Finite, and small enough that a sum or a float of it cannot overflow."""
    return (isinstance(value, int) or math.isfinite(value)) and abs(value) < 1e15


def _issuer(payload: Payload, expected: str | None) -> str | None:
    issuer = payload.get("iss")
    if issuer is not None and not (isinstance(issuer, str) and _is_printable(issuer)):
        raise TokenError("iss of the token is not a text")
    if expected is not None and issuer != expected:
        raise TokenError("the token is of another issuer")
    return issuer


def _check_audience(payload: Payload, expected: Collection[str] | None) -> None:
    """`aud` is one text or a list of them (RFC 7519, 4.1.3); one of them must be one of ours."""
    if expected is None:
        return
    audience = payload.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(name, str) and name in expected for name in named):
        raise TokenError("the token is for another audience")


def _identity(payload: Payload, issuer: str | None) -> tuple[UUID, str | None]:
    """User id and external id: the first of `user_id`, `sub` that is a UUID, else the UUIDv5 (design 6)."""
    own = uuid_claim(payload, "user_id") or uuid_claim(payload, "sub")
    if own is not None:
        return own, None
    subject = payload.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= MAX_SUBJECT or not _is_printable(subject):
        raise TokenError("the token names no user")
    return external_user_id(issuer, subject), subject


def _username(value: object) -> str | None:
    """1 to 64 characters, no control characters or `/`; nor a path of dots, which no URL can carry."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_USERNAME:
        return None
    if "/" in value or value in {".", ".."} or not _is_printable(value):
        return None
    return value


def _display_name(value: object) -> str | None:
    """The name without control characters and lone surrogates, cut to 200 characters."""
    if not isinstance(value, str):
        return None
    # Twice the length is enough to look at: the token is bounded, but the work should not depend on that.
    kept = "".join(character for character in value[: 2 * MAX_NAME] if _is_printable(character))
    return kept.strip()[:MAX_NAME].rstrip() or None


def _picture(value: object) -> str | None:
    """An http(s) address with a host and without a user in it; anything else is left out."""
    if not isinstance(value, str) or len(value) > MAX_PICTURE:
        return None
    if _UNSAFE_IN_URL.search(value) or not _is_printable(value):
        return None
    try:
        url = urlsplit(value)
        usable = url.scheme in {"http", "https"} and bool(url.hostname) and "@" not in url.netloc
    except ValueError:
        return None
    return value if usable else None


def _is_printable(text: str) -> bool:
    """No C0 or C1 control (NUL among them) and no lone surrogate: PostgreSQL and UTF-8 refuse some of them."""
    return all(unicodedata.category(character) not in {"Cc", "Cs"} for character in text)
