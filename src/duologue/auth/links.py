"""Signed links to files: a path that one viewer may fetch until a time, without a token (FST-26).

Here: signing and verifying. Not here: whether the viewer may see the file, which is asked on every fetch (core/downloads.py).
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode
from uuid import UUID

from duologue.auth.claims import TokenError, TokenExpired

_LABEL = b"duologue file links 1"  # what the key is derived for: nothing else that the secret signs passes for a link
_VIEWER, _EXPIRES, _SIGNATURE = "viewer", "expires", "signature"
_LONGEST = 12  # digits of a time


@dataclass(frozen=True, slots=True)
class Link:
    """A signed link; `expires_at` in Unix seconds."""

    url: str
    expires_at: int


class Links:
    """Signs links and verifies them.

    Args:
        secret: the instance's, alike on every node.
        clock: Unix seconds.
        ttl: seconds for which a link is good.
    """

    def __init__(self, secret: bytes, *, clock: Callable[[], float], ttl: float) -> None:
        self._key = hmac.digest(secret, _LABEL, hashlib.sha256)
        self._clock = clock
        self._ttl = ttl

    def sign(self, path: str, viewer_id: UUID) -> Link:
        """A link to a path such as `/uploads/messages/...`, for this viewer."""
        expires_at = int(self._clock() + self._ttl)
        signature = self._signature(path, viewer_id, expires_at)
        query = {_VIEWER: str(viewer_id), _EXPIRES: str(expires_at), _SIGNATURE: signature}
        return Link(f"{quote(path)}?{urlencode(query)}", expires_at)

    def verify(self, path: str, query: str) -> UUID:
        """The viewer whom a link to this path is for. Raises `TokenError`: it is none of ours; `TokenExpired`: no longer."""
        try:
            given = parse_qs(query, keep_blank_values=True, max_num_fields=8)
            [viewer], [expires], [signature] = given[_VIEWER], given[_EXPIRES], given[_SIGNATURE]
            viewer_id = UUID(viewer)
        except (KeyError, ValueError) as error:
            raise TokenError("the link is malformed") from error
        if not (expires.isascii() and expires.isdigit() and len(expires) <= _LONGEST):
            raise TokenError("the link is malformed")
        expected = self._signature(path, viewer_id, int(expires))
        if not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
            raise TokenError("the signature of the link is not valid")
        if self._clock() >= int(expires):
            raise TokenExpired("the link has expired")
        return viewer_id

    def _signature(self, path: str, viewer_id: UUID, expires_at: int) -> str:
        """The path comes last: it alone may hold anything."""
        said = f"{viewer_id}\n{expires_at}\n{path}".encode(errors="surrogatepass")
        return base64.urlsafe_b64encode(hmac.digest(self._key, said, hashlib.sha256)).rstrip(b"=").decode()


def is_signed(query: str) -> bool:
    """Whether a query claims to be a link's."""
    return f"{_SIGNATURE}=" in query
