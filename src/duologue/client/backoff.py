"""How long to wait before the next try: exponential backoff with full jitter. No I/O, no clock."""

from collections.abc import Callable


class Backoff:
    """Delays drawn evenly from 0 to `base * 2^n` seconds, at most `cap`; full jitter keeps a crowd from coming back at once."""

    def __init__(self, *, random: Callable[[], float], base: float = 0.5, cap: float = 30.0) -> None:
        self._random = random
        self._base = base
        self._cap = cap
        self.tries = 0

    def next(self) -> float:
        """Seconds to wait now; the bound doubles with each call until `reset`."""
        bound = min(self._cap, self._base * float(1 << min(self.tries, 30)))
        self.tries += 1
        return self._random() * bound

    def reset(self) -> None:
        """Start again from the smallest bound, after a success that lasted."""
        self.tries = 0
