"""From a token to the caller, for requests and sockets: auth says what a token is, the core whose it is.

The errors of auth become the product's here, and nowhere else.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from duologue.api.bearer import INVALID_TOKEN
from duologue.auth.claims import KeysUnavailable, TokenError, TokenExpired
from duologue.auth.passwords import PasswordsBusy
from duologue.auth.tokens import Verifier
from duologue.core.callers import Callers, Identity
from duologue.core.errors import TokenHasExpired, Unauthorized, Unavailable
from duologue.core.model import Caller

RETRY_BUSY = 1.0  # seconds


@contextmanager
def translated() -> Iterator[None]:
    """Turn what auth refuses into the product's errors; its own words stay behind."""
    try:
        yield
    except TokenExpired as error:
        raise TokenHasExpired from error
    except TokenError as error:
        raise Unauthorized(INVALID_TOKEN) from error
    except KeysUnavailable as error:
        raise Unavailable(retry_after=error.retry_after) from error
    except PasswordsBusy as error:
        raise Unavailable(retry_after=RETRY_BUSY) from error


class Authenticator:
    """Knows what a token stands for."""

    def __init__(self, verifier: Verifier, callers: Callers) -> None:
        self._verifier = verifier
        self._callers = callers

    async def caller(self, token: str) -> Caller:
        """The token's user, as they are now.

        Raises:
            TokenHasExpired: a fresh token helps.
            Unauthorized: any other bad token, one of a session that ended, or of somebody erased.
            Forbidden: the user is deactivated.
            Unavailable: the database or the platform's keys are away.
        """
        with translated():
            claims = await self._verifier.verify(token)
        identity = Identity(
            claims.user_id,
            claims.expires_at,
            claims.session_id,
            claims.external_id,
            claims.username,
            claims.display_name,
            claims.avatar_url,
        )
        return await self._callers.resolve(identity)
