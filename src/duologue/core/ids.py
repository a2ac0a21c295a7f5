"""New ids: UUID version 7 (RFC 9562, 5.7), so that rows made one after another lie beside each other in an index."""

import os
import time
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM = ((1 << 12) - 1) << 64 | ((1 << 62) - 1)


def new_id() -> UUID:
    """Milliseconds since 1970 in the upper 48 bits, 74 random ones."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big") & _RANDOM
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | _VERSION | _VARIANT | random)
