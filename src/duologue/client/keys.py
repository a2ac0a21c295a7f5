"""Send keys: which strings name a send for ever (design part 1, Idempotent send). No I/O."""

import re

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_key(value: str | None) -> bool:
    """Whether the server takes this for a key: a UUID. Any other `tempId` is only echoed."""
    return value is not None and _UUID.fullmatch(value) is not None
