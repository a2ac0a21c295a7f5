"""Profile ``files``: uploads beside texts at a fixed rate; what they cost those texts, and what they need in memory."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from bench import cpu, dm, stats, uploads, users
from bench.ledger import Ledger
from bench.paced import RATE, Pace
from bench.server import Target
from bench.uploads import MB, Form, Tally
from bench.users import User

T = TypeVar("T")

PAIRS = 10
UPLOADERS = 4
CROWD = 20  # users who upload five files of 20 MB each at once
WARM_UP = 3.0
PHASE = 8.0  # seconds
LONGEST = 300.0  # seconds of the timetable; the run ends before
SAMPLE = 0.05  # seconds between two looks at the server's memory


class Beside:
    """Texts at a fixed rate, and their latency while something else goes on."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.figures: dict[str, float | None] = {}

    async def during(self, name: str, work: Awaitable[T]) -> T:
        """Await the work; note how long the texts took that were sent meanwhile."""
        first = len(self._ledger.sent_at)
        found = await work
        last = len(self._ledger.sent_at)
        took = [seconds for seconds in self._ledger.took[first:last] if seconds]
        self.figures |= {f"{name}_{key}": value for key, value in stats.milliseconds(took, (50, 99, 100)).items()}
        return found


async def run(target: Target, *, phase: float = PHASE) -> tuple[dict[str, Any], list[str]]:
    """Return the figures of one run and what went wrong, in sentences."""
    ledger = Ledger(follow_on=False)
    talkers = await users.pair_up(target, PAIRS, ledger)
    people = users.invent(CROWD, target.secret)
    photo, text = uploads.photograph(), uploads.text(25 * MB)
    loop_before = cpu.loop_ms()
    dm.freeze()
    began = perf_counter() + 0.05
    beside, tallies = Beside(ledger), {}
    with Pace(talkers, [began + number / RATE for number in range(int(LONGEST * RATE))]).running():
        await asyncio.sleep(WARM_UP)
        await beside.during("texts_alone", asyncio.sleep(phase))
        for name, form in (("image", uploads.form("a.jpg", photo)), ("document", uploads.form("a.txt", text))):
            tallies[name] = await beside.during(f"beside_{name}s", _some(target, people[:UPLOADERS], form, phase))
        tallies["crowd"], grown = await beside.during("beside_crowd", _crowd(target, people))
    await ledger.drain(dm.DRAIN_PATIENCE)
    await users.part(talkers)
    figures: dict[str, Any] = {"profile": "files", "image_bytes": len(photo), "uploaders": UPLOADERS}
    for name, tally in tallies.items():
        figures |= tally.figures(name)
    figures |= {"crowd_server_grows_mib": grown, "disk_copy_mb_per_s": await asyncio.to_thread(_disk_speed, text)}
    figures |= beside.figures | dm.machine(loop_before, cpu.loop_ms())
    refused = sum(tally.refused for tally in tallies.values())
    return figures, [*ledger.failures(), *([f"{refused} uploads were refused."] if refused else [])]


async def _some(target: Target, people: list[User], form: Form, seconds: float) -> Tally:
    """Upload in a thread with a loop of its own: what the texts wait for is the server, not this."""
    return await asyncio.to_thread(lambda: asyncio.run(uploads.upload_for(target.url, people, form, seconds)))


async def _crowd(target: Target, people: list[User]) -> tuple[Tally, float | None]:
    """Everybody uploads five files of 20 MB once, at the same time; and by how many MiB the server grew meanwhile."""
    form = uploads.form("a.zip", uploads.archive(20 * MB), files=5)
    if target.pid is None:
        return await _some(target, people, form, 0), None
    meter = target.meter()
    before = peak = await asyncio.to_thread(meter.server_bytes)
    work = asyncio.ensure_future(_some(target, people, form, 0))
    while not work.done():
        peak = max(peak, await asyncio.to_thread(meter.server_bytes))
        await asyncio.wait([work], timeout=SAMPLE)
    return work.result(), round((peak - before) / MB, 1)


def _disk_speed(data: bytes, times: int = 8) -> float:
    """Write files and make them durable, as the server does, and nothing else; in megabytes per second."""
    with tempfile.TemporaryDirectory(prefix="duologue-bench-") as folder:
        began = perf_counter()
        for number in range(times):
            with (Path(folder) / str(number)).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        return round(times * len(data) / MB / (perf_counter() - began), 1)
