"""Pages of other origins: what browsers let them send to us and read (the Fetch standard's CORS protocol). Off unless configured.

The framework does it; what it says too much or too little is set right here.
"""

from collections.abc import Sequence

from litestar.config.cors import CORSConfig

from duologue.api.exchange import App, Message, RawHeaders, Receive, Scope, Send
from duologue.api.headers import ACCEPTED, EXPOSED

PREFLIGHT_AGE = 7_200  # seconds for which a browser may keep the answer: the most that Chromium takes

_PREFIX = b"access-control-"
_ALLOWED = b"access-control-allow-origin"


def cors(origins: Sequence[str]) -> CORSConfig | None:
    """Browsers of these origins may call; no cookie is ever looked at, so none is let through."""
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=list(ACCEPTED),
        expose_headers=list(EXPOSED),
        max_age=PREFLIGHT_AGE,
    )


class Origins:
    """An ASGI application around another one: an origin that may not call is told nothing, and caches tell origins apart."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _settled(message["headers"])
            await send(message)

        await self._app(scope, receive, answer if scope["type"] == "http" else send)


def _settled(headers: RawHeaders) -> RawHeaders:
    """`Vary: Origin` always, also without an origin: an answer kept from then would be taken for another's (Fetch, 3.3.5)."""
    names = {name.lower() for name, _ in headers}
    kept = [header for header in headers if _ALLOWED in names or not header[0].lower().startswith(_PREFIX)]
    varies = any(name.lower() == b"vary" and b"origin" in value.lower() for name, value in headers)
    return kept if varies else [*kept, (b"vary", b"Origin")]
