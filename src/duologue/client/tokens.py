"""Where the client's token comes from, and when it expires. Signing in and refreshing are in `signin`. No I/O."""

import base64
from typing import Protocol

import msgspec


class TokenProvider(Protocol):
    """Hands out an access token; `fresh` asks for a newly made one, because the last is expired or about to be."""

    async def __call__(self, *, fresh: bool) -> str:
        """The token to use now."""
        ...


class FixedToken:
    """One token for ever, as a script has it: cannot be renewed."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def __call__(self, *, fresh: bool) -> str:  # noqa: ARG002 - there is no other
        """The token."""
        return self._token


class _Claims(msgspec.Struct):
    exp: float | None = None


def expires_at(token: str) -> float | None:
    """When a JWT expires, in Unix seconds, read without verifying; None when it does not say."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(claims, type=_Claims).exp
    except (ValueError, msgspec.MsgspecError):
        return None
