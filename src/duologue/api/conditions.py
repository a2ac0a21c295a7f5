"""What a request asks of a file beyond its bytes (RFC 9110, 13 and 14): is it still the same, and one range of it. No I/O.

Entity tags are strong and stand in quotes. Times are not compared: no answer has `Last-Modified`.
"""

import re
from dataclasses import dataclass

from litestar.exceptions import HTTPException

_TAG = re.compile(r'(W/)?("[^"]*")')
_RANGE = re.compile(r"[ \t]*bytes[ \t]*=[ \t]*([0-9]*)[ \t]*-[ \t]*([0-9]*)[ \t]*", re.IGNORECASE)
_LONGEST = 18  # digits: nothing that is stored is larger


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """Bytes."""
        return self.last - self.first + 1


class RangeNotSatisfiable(HTTPException):
    """A range that begins behind the end."""

    status_code = 416

    def __init__(self, size: int) -> None:
        super().__init__(headers={"Content-Range": f"bytes */{size}"})


def is_unchanged(if_none_match: str | None, tag: str) -> bool:
    """Whether the client has it already: weak comparison with any of its tags, or `*`."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or any(found == tag for _, found in _TAG.findall(if_none_match))


def wanted(range_: str | None, if_range: str | None, tag: str, size: int) -> Span | None:
    """The one range that is asked for; None: the whole, also for several ranges and for what is no range of bytes.

    `if_range`: only of this version, by strong comparison. Raises `RangeNotSatisfiable`.
    """
    found = None if range_ is None else _RANGE.fullmatch(range_)
    if found is None or (if_range is not None and if_range.strip() != tag):
        return None
    first, last = (_number(text) if text else None for text in found.groups())
    if first is None and last is None:
        return None
    if first is None:  # the last so many bytes
        first, last = (size, None) if not last else (max(0, size - last), None)
    if last is not None and last < first:
        return None
    if first >= size:
        raise RangeNotSatisfiable(size)
    return Span(first, size - 1 if last is None else min(last, size - 1))


def _number(digits: str) -> int:
    """A number of any length: all that are larger than what can be stored are alike."""
    return int(digits) if len(digits) <= _LONGEST else 10**_LONGEST
