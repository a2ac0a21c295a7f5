"""Clients on a bad network: whatever it does, in the end everybody knows everything, once and in order."""

import os
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import asyncpg
import pytest
from tests.faults.crowd import EAGER, Crowd
from tests.faults.network import Network, Swallow, network
from tests.live.people import Place

from duologue.client import SessionState, SocketOptions

if TYPE_CHECKING:
    from tests.live.people import Hand

PORTION = 120  # messages said between two faults
SHORT = 1  # faults in a row in the normal run
# A client that notices soon when nothing comes any more.
WARY = replace(EAGER, socket=SocketOptions(open_timeout=1.0, reply_timeout=2.0, ping_interval=0.3, ping_timeout=0.6))
MANY = pytest.mark.parametrize("rounds", [SHORT, pytest.param(12, marks=pytest.mark.faults)])


@pytest.fixture
def dice() -> random.Random:
    """Give the network's luck, by the seed that it prints; `SEED=` throws the same again."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
    print(f"SEED={seed}")  # noqa: T201 - pytest shows it with a failure
    return random.Random(seed)  # noqa: S311 - no secret


@pytest.fixture
async def bad(place: Place, dice: random.Random) -> AsyncIterator[Network]:
    """Give the network before the server."""
    async with network(place.url, dice) as made:
        yield made


@pytest.fixture
async def hand(place: Place) -> AsyncIterator["Hand"]:
    """Give the operator's connection."""
    connection = await asyncpg.connect(place.dsn)
    yield connection
    await connection.close()


async def test_a_slow_network_that_gives_bytes_in_pieces_changes_nothing(bad: Network, hand: "Hand") -> None:
    """Frames and answers torn into a few bytes each, every piece late."""
    async with await Crowd.of(bad.url, pairs=2, options=WARY) as crowd:
        bad.latency, bad.piece = 0.002, 31
        crowd.allow(PORTION)
        await crowd.finished()
        bad.heal()
        await crowd.check(hand)


@MANY
async def test_connections_cut_in_the_middle_of_frames_lose_nothing(
    rounds: int, bad: Network, hand: "Hand", dice: random.Random
) -> None:
    """All connections are reset while pieces of frames are on the way; sends that were under way are made again, once."""
    async with await Crowd.of(bad.url, pairs=2, options=WARY) as crowd:
        bad.latency, bad.piece = 0.001, 97
        for _ in range(rounds):
            crowd.allow(PORTION)
            await crowd.hears(crowd.acknowledged + dice.randrange(5, PORTION // 2))
            bad.cut()
        await crowd.finished()
        bad.heal()
        assert bad.cuts >= rounds
        await crowd.check(hand)


@MANY
@pytest.mark.parametrize("lost", [Swallow.ALL, Swallow.ANSWERS])
async def test_a_network_that_swallows_is_noticed_and_left(
    rounds: int, lost: Swallow, bad: Network, hand: "Hand"
) -> None:
    """Connections stay open and carry nothing, or nothing back: clients give them up, and what was done is not done twice."""
    async with await Crowd.of(bad.url, pairs=2, options=WARY) as crowd:
        for _ in range(rounds):
            crowd.allow(PORTION)
            await crowd.hears(crowd.acknowledged + PORTION // 4)
            bad.swallow = lost
            await crowd.state(SessionState.CONNECTING, SessionState.WAITING, SessionState.POLLING)
            bad.heal()
            await crowd.state(SessionState.OPEN, SessionState.POLLING)
        await crowd.finished()
        assert bad.swallowed > 0
        await crowd.check(hand)


async def test_without_websockets_everything_goes_by_polling(bad: Network, hand: "Hand") -> None:
    """Upgrades are cut: sessions poll and send over REST; when sockets work again they come back to them."""
    async with await Crowd.of(bad.url, pairs=2, options=WARY) as crowd:
        bad.no_sockets = True
        bad.cut()
        await crowd.state(SessionState.POLLING)
        crowd.allow(PORTION)
        await crowd.finished()
        bad.heal()
        await crowd.state(SessionState.OPEN)
        crowd.allow(PORTION)
        await crowd.finished()
        await crowd.check(hand)


@pytest.mark.faults
@pytest.mark.timeout(900)
async def test_nobody_loses_anything_on_the_worst_of_networks(bad: Network, hand: "Hand", dice: random.Random) -> None:
    """Forty faults in any order, the next one as soon as a few messages came through."""
    faults: list[Callable[[], None]] = [
        bad.cut,
        bad.refuse,
        lambda: setattr(bad, "swallow", dice.choice([Swallow.ALL, Swallow.ANSWERS, Swallow.REQUESTS])),
        lambda: setattr(bad, "latency", dice.random() / 20),
        lambda: setattr(bad, "piece", dice.randrange(1, 200)),
        lambda: setattr(bad, "no_sockets", True),
        bad.heal,
    ]
    async with await Crowd.of(bad.url, pairs=4, options=WARY) as crowd:
        for _ in range(40):
            crowd.allow(PORTION)
            dice.choice(faults)()
            if bad.is_closed:
                await crowd.state(SessionState.CONNECTING, SessionState.WAITING, SessionState.POLLING, everybody=False)
                bad.heal()
            await crowd.hears(crowd.acknowledged + dice.randrange(1, PORTION))
        bad.heal()
        await crowd.finished()
        await crowd.check(hand)
