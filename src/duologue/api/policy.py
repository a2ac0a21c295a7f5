"""What the pages of the web client may do in a browser (Content Security Policy, level 3), and who may put them into a frame."""

import re
from collections.abc import Sequence

from duologue.api.exchange import RawHeaders

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")  # what cannot end a directive


class PagePolicy:
    """`avatars`: origins of pictures of people; `frames`: origins whose pages may frame the client.

    `*` is none of them: any site may call an API that has no cookies, but a frame shows a signed-in person's buttons, and a site around
    it could have them pressed unseen.
    """

    def __init__(self, *, avatars: Sequence[str] = (), frames: Sequence[str] = ()) -> None:
        self._avatars = " ".join(("'self' blob: data:", *avatars))
        self._frames = " ".join(("'self'", *(origin for origin in frames if origin != "*")))

    def headers(self, host: str) -> RawHeaders:
        """Of an answer to a request for this host.

        X-Frame-Options cannot name other sites; a browser that knows `frame-ancestors` does not look at it.
        """
        return [
            (b"content-security-policy", self._text(host).encode("ascii")),
            (b"x-frame-options", b"SAMEORIGIN"),
            (b"permissions-policy", b"microphone=(self), camera=(), geolocation=()"),
        ]

    def _text(self, host: str) -> str:
        # Not every browser takes 'self' for a socket of the same host.
        sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
        return "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                f"img-src {self._avatars}",
                "media-src 'self' blob:",
                "font-src 'self'",
                f"connect-src 'self'{sockets}",
                "manifest-src 'self'",
                "worker-src 'self'",
                "base-uri 'none'",
                "form-action 'self'",
                f"frame-ancestors {self._frames}",
                "require-trusted-types-for 'script'",
            )
        )
