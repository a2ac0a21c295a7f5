"""A clock that a test sets by hand."""

from dataclasses import dataclass


@dataclass
class HandClock:
    """Time that passes only when a test says so; Unix seconds."""

    seconds: float = 1_800_000_000.0

    def now(self) -> float:
        """The wall clock."""
        return self.seconds

    def monotonic(self) -> float:
        """The same time, which never goes back by itself."""
        return self.seconds
