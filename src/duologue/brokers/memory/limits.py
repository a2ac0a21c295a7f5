"""Rate limits of one node: an exact sliding window per limit and key.

Which limits exist and their figures is configuration; what is charged, to whom, and the answer to a refusal are the
callers'. RLM-11 to RLM-13, C-31, design part 9.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping

import structlog

from duologue.core.ports import Charge, Clock, Limit

_log = structlog.get_logger(__name__)

_UNLIMITED = Charge(allowed=True, limit=0, remaining=0, retry_after=0.0, reset_at=0.0, token=None)


class MemoryLimiter:
    """The `Limiter` of a single node: never more than `count` allowed charges of one key in any `window` seconds.

    A window holds the times of its key's allowed charges, at most `count`; a refused charge leaves no trace. Windows lie in
    the order of their last charge, so idle ones are at the front, and each charge clears two away; beyond `max_keys` of one
    limit the one charged longest ago is forgotten, idle or not, and a warning says so once.
    """

    def __init__(self, clock: Clock, limits: Mapping[str, Limit], *, max_keys: int = 100_000) -> None:
        self._clock = clock
        self._windows = {name: _Windows(limit, max_keys) for name, limit in limits.items()}

    async def charge(self, name: str, key: str) -> Charge:
        """Ask for one of `name` for `key`. A name without a limit is allowed and has `limit` 0: nothing to announce.

        `retry_after` is 0 when allowed; refused, the seconds until a charge would be allowed. At `reset_at` the window is
        free again if nothing more is charged.
        """
        windows = self._windows.get(name)
        if windows is None:
            return _UNLIMITED
        return windows.charge(name, key, self._clock.monotonic(), self._clock.now())

    async def refund(self, name: str, key: str, token: object) -> None:
        """Take an allowed charge back, once. What has left the window already, or was refused, changes nothing."""
        windows = self._windows.get(name)
        if windows is not None and isinstance(token, float):
            windows.refund(key, token)

    def __len__(self) -> int:
        """How many windows are kept, over all limits."""
        return sum(len(windows.by_key) for windows in self._windows.values())


class _Windows:
    """The windows of one limit, least recently charged first: key -> when each allowed charge leaves (monotonic)."""

    __slots__ = ("_count", "_full", "_max_keys", "_window", "by_key")

    def __init__(self, limit: Limit, max_keys: int) -> None:
        if limit.count < 1 or limit.window <= 0:
            raise ValueError(f"limit {limit.name}: count and window must be positive")
        self._count = limit.count
        self._window = float(limit.window)
        self._max_keys = max_keys
        self._full = False
        self.by_key: OrderedDict[str, deque[float]] = OrderedDict()

    def charge(self, name: str, key: str, now: float, unix: float) -> Charge:
        ends = self.by_key.get(key)
        if ends is None:
            ends = self._open(name, key, now)
        while ends and ends[0] <= now:
            ends.popleft()
        used = len(ends)
        if used >= self._count:
            return Charge(False, self._count, 0, ends[0] - now, unix + (ends[-1] - now), None)
        end = now + self._window
        ends.append(end)
        self.by_key.move_to_end(key)
        self._drop_idle(now)
        return Charge(True, self._count, self._count - used - 1, 0.0, unix + self._window, end)

    def refund(self, key: str, end: float) -> None:
        ends = self.by_key.get(key)
        if ends is None or end not in ends:
            return
        ends.remove(end)
        if not ends:
            del self.by_key[key]

    def _open(self, name: str, key: str, now: float) -> deque[float]:
        if len(self.by_key) >= self._max_keys:
            _, oldest = self.by_key.popitem(last=False)
            if oldest[-1] > now and not self._full:
                self._full = True
                _log.warning(
                    "rate limit windows are full, the oldest are forgotten", limit=name, windows=self._max_keys
                )
        ends = self.by_key[key] = deque()
        return ends

    def _drop_idle(self, now: float) -> None:
        """Remove up to two windows in which nothing counts any more; the one just charged, at the end, is never one."""
        for _ in range(2):
            key, ends = next(iter(self.by_key.items()))
            if ends[-1] > now:
                return
            del self.by_key[key]
