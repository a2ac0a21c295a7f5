"""Rate limits: never more than N in any window, told exactly when the next is allowed (RLM-11 to RLM-14, C-31)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from duologue.brokers.memory.limits import MemoryLimiter
from duologue.core.ports import Charge, Limit, Limiter

if TYPE_CHECKING:
    from tests.brokers.conftest import Backend, ManualClock

SEND = Limit("send", 3, 60.0)
READ = Limit("read", 1, 60.0)
LIMITS = {"send": SEND, "read": READ}


@pytest.fixture
def limiter(backend: Backend, clock: ManualClock) -> Limiter:
    """Three sends and one read a minute."""
    return backend.limiter(clock, LIMITS)


async def allowed(limiter: Limiter, name: str = "send", key: str = "ann") -> bool:
    """Charge once, and say only whether it was allowed."""
    return (await limiter.charge(name, key)).allowed


async def test_so_many_are_allowed_and_the_next_is_refused(limiter: Limiter, clock: ManualClock) -> None:
    """With what the headers say: the limit, what remains, when to come back, when the window is free."""
    start = clock.now()
    told = []
    for _ in range(3):
        told.append(await limiter.charge("send", "ann"))
        clock.advance(10)
    assert [(charge.allowed, charge.limit, charge.remaining, charge.retry_after) for charge in told] == [
        (True, 3, 2, 0.0),
        (True, 3, 1, 0.0),
        (True, 3, 0, 0.0),
    ]
    assert [charge.reset_at - start for charge in told] == [60.0, 70.0, 80.0]
    refused = await limiter.charge("send", "ann")
    assert refused == Charge(False, 3, 0, retry_after=30.0, reset_at=start + 80.0, token=None)


async def test_after_exactly_the_wait_one_is_allowed_again(limiter: Limiter, clock: ManualClock) -> None:
    """Not a moment earlier, and one place only: the window slides, it does not start anew."""
    for _ in range(3):
        await allowed(limiter)
        clock.advance(10)
    wait = (await limiter.charge("send", "ann")).retry_after
    clock.advance(wait - 0.125)
    assert not await allowed(limiter)
    clock.advance(0.125)
    assert await allowed(limiter)
    assert (await limiter.charge("send", "ann")).retry_after == 10.0


async def test_a_refused_charge_is_not_counted(limiter: Limiter, clock: ManualClock) -> None:
    """Who keeps knocking waits no longer than who does not."""
    for _ in range(3):
        await allowed(limiter)
    for _ in range(59):
        clock.advance(1)
        assert not await allowed(limiter)
    clock.advance(1)
    assert [await allowed(limiter) for _ in range(4)] == [True, True, True, False]


async def test_names_and_keys_have_windows_of_their_own(limiter: Limiter) -> None:
    """One user's limit is nobody else's, and sending does not use up reading."""
    for _ in range(3):
        await allowed(limiter)
    assert not await allowed(limiter)
    assert await allowed(limiter, key="bob")
    assert await allowed(limiter, name="read")
    assert not await allowed(limiter, name="read")


async def test_a_name_without_limit_is_always_allowed(limiter: Limiter) -> None:
    """Its `limit` of 0 says that there is nothing to announce; its token can be given back like any other."""
    charges = [await limiter.charge("off", "ann") for _ in range(100)]
    assert all(charge.allowed and charge.limit == 0 for charge in charges)
    await limiter.refund("off", "ann", charges[0].token)


async def test_a_refund_gives_the_place_back(limiter: Limiter, clock: ManualClock) -> None:
    """The place of that charge, not of the oldest."""
    tokens = []
    for _ in range(3):
        tokens.append((await limiter.charge("send", "ann")).token)
        clock.advance(10)
    await limiter.refund("send", "ann", tokens[1])
    assert await allowed(limiter)
    assert (await limiter.charge("send", "ann")).retry_after == 30.0


async def test_a_refund_of_everything_leaves_nothing_behind(limiter: Limiter) -> None:
    """As if it had never been, for this key and for others."""
    token = (await limiter.charge("send", "ann")).token
    await limiter.refund("send", "ann", token)
    assert await allowed(limiter, key="bob")
    assert (await limiter.charge("send", "ann")).remaining == 2


async def test_a_refund_without_a_place_changes_nothing(limiter: Limiter, clock: ManualClock) -> None:
    """Twice, for another key, of a refused charge, or of one that left the window."""
    tokens = []
    for _ in range(3):
        tokens.append((await limiter.charge("send", "ann")).token)
        clock.advance(1)
    refused = await limiter.charge("send", "ann")
    await limiter.refund("send", "ann", refused.token)
    await limiter.refund("send", "bob", tokens[0])
    assert not await allowed(limiter)
    await limiter.refund("send", "ann", tokens[0])
    await limiter.refund("send", "ann", tokens[0])
    assert [await allowed(limiter), await allowed(limiter)] == [True, False]
    clock.advance(59)
    await limiter.refund("send", "ann", tokens[1])
    assert [await allowed(limiter) for _ in range(3)] == [True, True, False]


async def test_charges_at_once_are_allowed_as_often_as_charges_in_turn(limiter: Limiter) -> None:
    """No race lets one more in."""
    charges = await asyncio.gather(*(limiter.charge("send", "ann") for _ in range(50)))
    assert sum(charge.allowed for charge in charges) == 3


@given(
    count=st.integers(1, 6),
    steps=st.lists(st.tuples(st.integers(0, 40 * 64), st.sampled_from(["charge", "charge", "refund"])), max_size=80),
)
async def test_no_window_ever_holds_more_than_its_count(
    backend: Backend, new_clock: type[ManualClock], count: int, steps: list[tuple[int, str]]
) -> None:
    """For any times of charges and refunds; and nobody is refused who need not be. Times are exact binary fractions."""
    clock = new_clock()
    limiter = backend.limiter(clock, {"send": Limit("send", count, 60.0)})
    kept: list[tuple[float, object]] = []  # when each standing charge was allowed, and its token
    for ticks, step in steps:
        clock.advance(ticks / 64)
        now = clock.monotonic()
        live = [at for at, _ in kept if at > now - 60.0]
        if step == "refund" and kept:
            _, token = kept.pop()
            await limiter.refund("send", "ann", token)
            continue
        charge = await limiter.charge("send", "ann")
        assert charge.allowed == (len(live) < count)
        if charge.allowed:
            kept.append((now, charge.token))
            assert (charge.remaining, charge.reset_at) == (count - len(live) - 1, clock.now() + 60.0)
        else:
            assert charge.retry_after == live[0] + 60.0 - now
            assert charge.reset_at == clock.now() + live[-1] + 60.0 - now
    times = [at for at, _ in kept]
    assert all(later - earlier >= 60.0 for earlier, later in zip(times, times[count:], strict=False))


# -- one node


async def test_one_node_measures_windows_by_a_clock_that_nobody_sets(clock: ManualClock) -> None:
    """The wall clock is for the header alone: setting it frees and locks nobody."""
    limiter = MemoryLimiter(clock, LIMITS)
    for _ in range(3):
        await allowed(limiter)
    clock.wall += 86_400
    refused = await limiter.charge("send", "ann")
    assert (refused.allowed, refused.retry_after, refused.reset_at) == (False, 60.0, clock.wall + 60.0)
    clock.wall -= 2 * 86_400
    clock.steady += 60
    assert await allowed(limiter)


async def test_one_node_forgets_windows_that_hold_nothing(clock: ManualClock) -> None:
    """Each charge clears two idle ones away, so memory follows the keys in use, and no charge pays for many."""
    limiter = MemoryLimiter(clock, LIMITS)
    for number in range(1000):
        await allowed(limiter, key=f"old {number}")
    clock.advance(60)
    for number in range(500):
        await allowed(limiter, key=f"new {number}")
    assert len(limiter) == 500
    clock.advance(60)
    for _ in range(250):
        await allowed(limiter, key="one")
        clock.advance(20)
    assert len(limiter) == 1


async def test_one_node_forgets_the_key_charged_longest_ago_when_full_and_says_so_once(clock: ManualClock) -> None:
    """Memory is bounded whatever keys are made up; a key in use keeps its window, and so does every other limit."""
    limiter = MemoryLimiter(clock, LIMITS, max_keys=10)
    await allowed(limiter, name="read")
    with capture_logs() as logs:
        for number in range(27):
            await allowed(limiter, key=f"made up {number}")
            if number % 9 == 0:
                assert await allowed(limiter)
    assert len(limiter) == 11
    assert not await allowed(limiter)
    assert not await allowed(limiter, name="read")
    assert [(line["log_level"], line["limit"], line["windows"]) for line in logs] == [("warning", "send", 10)]


async def test_one_node_that_is_full_of_idle_windows_forgets_them_in_silence(clock: ManualClock) -> None:
    """Nothing is lost, so nobody is warned."""
    limiter = MemoryLimiter(clock, LIMITS, max_keys=10)
    for number in range(10):
        await allowed(limiter, key=f"idle {number}")
    clock.advance(60)
    with capture_logs() as logs:
        assert await allowed(limiter)
    assert logs == []


@pytest.mark.parametrize("limit", [Limit("x", 0, 60.0), Limit("x", 1, 0.0)])
def test_a_limit_that_allows_nothing_or_forbids_nothing_is_refused(limit: Limit, clock: ManualClock) -> None:
    """To switch one off is to leave it out."""
    with pytest.raises(ValueError, match="limit x: count and window must be positive"):
        MemoryLimiter(clock, {"x": limit})
