"""Headers of every answer: request id, security, rate limits. Retry-After and WWW-Authenticate stand in errors.py.

`X-RateLimit-*` as the seeds ask (G-34); `RateLimit` and `RateLimit-Policy` as in draft-ietf-httpapi-ratelimit-headers-09.
"""

import math
from collections.abc import Mapping

from duologue.api.exchange import Exchange, RawHeaders
from duologue.core.ports import Charge, Clock, Limit

# What stands on every answer unless it says otherwise itself: an API answer is data, to be neither rendered, framed nor stored.
DEFAULTS: RawHeaders = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)

# What a browser's script may read across origins, and send.
EXPOSED = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Range",
    "Duologue-Position",
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Tus-Checksum-Algorithm",
    "Tus-Extension",
    "Tus-Max-Size",
    "Tus-Resumable",
    "Tus-Version",
    "Upload-Expires",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-Id",
)
ACCEPTED = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "If-Range",
    "Range",
    "Tus-Resumable",
    "Upload-Checksum",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "X-HTTP-Method-Override",
    "X-Request-Id",
)


def refusal_headers(body: bytes, request_id: str) -> RawHeaders:
    """All headers of a refusal that goes out by itself, beside the entrance; `body` is the envelope."""
    return [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", request_id.encode("ascii")),
        *DEFAULTS,
    ]


class Headers:
    """Makes the headers; `limits` are those in force, by name."""

    def __init__(self, limits: Mapping[str, Limit], clock: Clock) -> None:
        self._clock = clock
        self._policies = {
            name: f'"{name}";q={limit.count};w={math.ceil(limit.window)}'.encode() for name, limit in limits.items()
        }

    def of(self, exchange: Exchange, own: RawHeaders) -> RawHeaders:
        """What is added to an answer that has its `own` headers already."""
        names = {name for name, _ in own}
        added = [header for header in DEFAULTS if header[0] not in names]
        added.append((b"x-request-id", exchange.request_id.encode("ascii")))
        for name, charge in exchange.charges.items():
            if charge.limit:
                added += self._limit(name, charge)
        return added

    def _limit(self, name: str, charge: Charge) -> RawHeaders:
        remaining = b"%d" % charge.remaining
        plain = [
            (b"x-ratelimit-limit", b"%d" % charge.limit),
            (b"x-ratelimit-remaining", remaining),
            (b"x-ratelimit-reset", b"%d" % math.ceil(charge.reset_at)),
        ]
        policy = self._policies.get(name)
        if policy is None:
            return plain
        wait = charge.retry_after or charge.reset_at - self._clock.now()
        current = b'"%b";r=%b;t=%d' % (name.encode(), remaining, max(0, math.ceil(wait)))
        return [*plain, (b"ratelimit-policy", policy), (b"ratelimit", current)]
