"""The account of one run: every text that was sent, and what came back of it. No socket, no clock of its own."""

import asyncio
import contextlib
import sys
from collections import Counter

ACKNOWLEDGED, DELIVERED = 1, 2

FAULTS = {
    "doubled": "frames told of a text for the second time",
    "stray": "frames told of a text that was never sent, or came to the wrong user",
    "disordered": "texts were delivered after a later one of the same sender",
    "mismatch": "sampled frames did not hold what was sent",
}


class Ledger:
    """One entry per text, found by its sequence number, the index into all the lists.

    A text is finished when its acknowledgement and its delivery were both seen; ``finished`` holds the numbers in that
    order, so that a window of time is a slice of it. ``took`` is send to delivery, in seconds. ``follow_on``: each
    finished text makes its sender send the next (a closed loop), until ``limit`` texts were sent.
    """

    def __init__(self, *, follow_on: bool = True) -> None:
        self.follow_on = follow_on
        self.sent_at: list[float] = []
        self.took: list[float] = []
        self.senders: list[object] = []
        self.seen = bytearray()
        self.finished: list[int] = []
        self.limit = sys.maxsize
        self.faults: Counter[str] = Counter()
        self._drained = asyncio.Event()

    def opened(self, sender: object, started: float) -> int:
        """Enter a text that is about to be sent, counted from the moment ``started``; return its number."""
        seq = len(self.sent_at)
        self.sent_at.append(started)
        self.took.append(0.0)
        self.senders.append(sender)
        self.seen.append(0)
        return seq

    def rest(self) -> None:
        """Note whether nothing is on its way any more; called where no further text follows."""
        if len(self.finished) == len(self.sent_at):
            self._drained.set()

    async def drain(self, patience: float) -> None:
        """Wait at most ``patience`` seconds until everything sent has finished; what has not is told by failures."""
        self._drained.clear()
        self.rest()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._drained.wait(), patience)

    @property
    def acknowledged(self) -> int:
        """Count the texts whose acknowledgement was seen."""
        return sum(1 for flags in self.seen if flags & ACKNOWLEDGED)

    def failures(self) -> list[str]:
        """Say in sentences what went wrong; an empty list means that every text came back exactly as it should."""
        sentences = []
        for bit, name in ((ACKNOWLEDGED, "acknowledged"), (DELIVERED, "delivered")):
            if missing := sum(1 for flags in self.seen if not flags & bit):
                sentences.append(f"{missing} of {len(self.seen)} texts were never {name}.")
        sentences += [f"{count} {FAULTS.get(name, name)}." for name, count in sorted(self.faults.items())]
        return sentences
