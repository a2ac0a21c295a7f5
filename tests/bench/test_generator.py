"""The load generator counts what happens, and notices what must not happen. Its figures are no tests."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from bench.cpu import Meter
from bench.ledger import Ledger
from bench.paced import Pace
from bench.server import Target
from bench.socket import BODY, Talker
from bench.standin import Standin, listening
from picows import WSFrame, WSMsgType
from picows.picows import _make_test_ws_frame

from bench import database, dm, stats, users

SECRET = "s" * 32
PATIENCE = 5.0
IMPATIENCE = 0.3


async def _exchange(house: Standin, limit: int, *, patience: float = PATIENCE, keys: bool = False) -> Ledger:
    """Let two pairs exchange ``limit`` texts in all, two outstanding per user."""
    ledger = Ledger()
    ledger.limit = limit
    async with listening(house) as url:
        talkers = await users.pair_up(Target(url, SECRET), 2, ledger, keys=keys)
        dm.start(talkers, 2)
        await ledger.drain(patience)
        await users.part(talkers)
    return ledger


@pytest.mark.parametrize("keys", [False, True])
async def test_every_text_is_counted_once_when_acknowledged_and_delivered(keys: bool) -> None:  # noqa: FBT001
    """200 texts between two pairs, with short and with UUID tempIds: 200 finished, all with a latency, no fault."""
    house = Standin()
    ledger = await _exchange(house, 200, keys=keys)
    assert ledger.failures() == []
    assert sorted(ledger.finished) == list(range(200))
    assert ledger.acknowledged == 200
    assert next(house.numbers) == 200
    assert all(0 < took < PATIENCE for took in ledger.took)
    assert dm.verdict(ledger, 200) == []


async def test_a_lost_delivery_is_noticed() -> None:
    """The text whose delivery never comes is told, and is not counted."""
    ledger = await _exchange(Standin(lose={17}), 200, patience=IMPATIENCE)
    assert ledger.failures() == ["1 of 200 texts were never delivered."]
    assert len(ledger.finished) == 199


async def test_a_doubled_delivery_is_noticed() -> None:
    """The text that comes twice is counted once, and told."""
    ledger = await _exchange(Standin(double={17}), 200)
    assert ledger.faults == {"doubled": 1}
    assert len(ledger.finished) == 200


async def test_a_server_that_goes_away_is_noticed() -> None:
    """A socket that the server ends is a fault, and its unfinished texts are told."""
    house, ledger = Standin(), Ledger()
    async with listening(house) as url:
        talkers = await users.pair_up(Target(url, SECRET), 1, ledger)
        for session in house.sessions.values():
            session.transport.disconnect()
        await asyncio.wait_for(asyncio.gather(*(talker.gone.wait() for talker in talkers)), PATIENCE)
    assert ledger.faults == {"sockets ended before the run did": 2}


async def test_rows_that_differ_from_the_acknowledgements_are_noticed() -> None:
    """One row too few in the database makes the run unsound."""
    ledger = await _exchange(Standin(), 20)
    assert dm.verdict(ledger, 19) == ["The database holds 19 new messages, but 20 were acknowledged."]


async def test_an_open_loop_counts_from_the_intended_moment() -> None:
    """Texts that are sent half a second late have at least half a second of latency, and nothing follows on."""
    ledger, late = Ledger(follow_on=False), 0.5
    async with listening(Standin()) as url:
        talkers = await users.pair_up(Target(url, SECRET), 2, ledger)
        pace = Pace(talkers, [perf_counter() - late] * 20)
        with pace.running():
            await asyncio.wait_for(pace.done.wait(), PATIENCE)
        await ledger.drain(PATIENCE)
        await users.part(talkers)
    assert ledger.failures() == []
    assert len(ledger.finished) == 20
    assert min(ledger.took) >= late
    assert min(pace.lags) >= late


def _delivery(seq: int, **changes: Any) -> WSFrame:
    """Return a frame of message.new whose ``type`` does not stand first, with ``changes`` to its message."""
    message = {"content": BODY % seq, "conversationId": "c", "senderId": "left"} | changes
    text = json.dumps({"payload": {"message": message}, "position": 1, "type": "message.new"})
    return _make_test_ws_frame(WSMsgType.TEXT, text.encode(), fin=True, rsv1=False)


@pytest.mark.parametrize(
    ("frames", "fault"),
    [
        ([_delivery(0), _delivery(1)], {}),
        ([_delivery(1), _delivery(0)], {"disordered": 1}),
        ([_delivery(0, senderId="somebody")], {"mismatch": 1}),
        ([_delivery(2)], {"stray": 1}),
        ([_delivery(9)], {"stray": 1}),
        ([_delivery(0, content="no text of ours")], {"stray": 1}),
    ],
)
async def test_a_frame_is_held_against_what_was_sent(frames: list[WSFrame], fault: dict[str, int]) -> None:
    """Order, sender and content are checked wherever ``type`` stands; texts 0 and 1 are left's, text 2 is right's."""
    ledger = Ledger(follow_on=False)
    left, right = Talker("left", ledger), Talker("right", ledger)
    left.talk(right, "c", "t%d")
    right.talk(left, "c", "t%d")
    for sender in (left, left, right):
        ledger.opened(sender, perf_counter())
    for frame in frames:
        right.on_ws_frame(None, frame)  # type: ignore[arg-type]
    assert ledger.faults == fault


def test_percentiles_are_nearest_ranks_and_never_fall() -> None:
    """Of 1 to 200 ms p50 is 100, p99 is 198 and the maximum 200; one sample is all of them; none is None."""
    samples = [number / 1000 for number in range(200, 0, -1)]
    assert stats.milliseconds(samples) == {"p50_ms": 100, "p95_ms": 190, "p99_ms": 198, "max_ms": 200}
    assert set(stats.milliseconds([0.5]).values()) == {500}
    assert set(stats.milliseconds([]).values()) == {None}


def test_cpu_of_children_that_ended_stays_counted() -> None:
    """A child that burned 0.3 s and was waited for is part of its parent's seconds, but not of one it is no part of."""
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        spent = Meter(process.pid, process.pid).read()
        process.communicate("\n")
    assert spent.postgres is not None
    assert 0.3 <= spent.postgres < 2


def test_the_postmaster_is_found_in_the_data_folder(tmp_path: Path) -> None:
    """Pid, port and socket folder stand in lines 1, 4 and 5 of postmaster.pid, however deep it lies."""
    with pytest.raises(FileNotFoundError):
        database.find(tmp_path)
    (tmp_path / "postgres" / "18").mkdir(parents=True)
    (tmp_path / "postgres" / "18" / "postmaster.pid").write_text("42\n/d\n1700000000\n5433\n/run/x\n\n  1  2\n")
    assert database.find(tmp_path) == database.Database(postmaster=42, directory="/run/x", port=5433)
