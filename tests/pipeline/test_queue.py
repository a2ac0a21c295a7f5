"""The queue: bounded, fair, in order, and never a place lost."""

import asyncio
from uuid import UUID, uuid4

import pytest
from tests.pipeline.node import SystemClock

from duologue.core.errors import Unavailable
from duologue.core.items import Item, Read
from duologue.pipeline.queue import Queue

ANNA, BEN = uuid4(), uuid4()


def item(user_id: UUID, size: int = 200) -> Item:
    """Return an item of a user's."""
    return Read(user_id=user_id, done=lambda _: None, conversation_id=uuid4(), size=size)


def queue(**bounds: int) -> Queue:
    """Return a queue of 80 items and 80,000 bytes: ten of a user's, 10,000 bytes."""
    return Queue(clock=SystemClock(), **({"max_items": 80, "max_bytes": 80_000} | bounds))


async def test_a_user_at_their_share_waits_alone() -> None:
    """Design part 3: one user holds at most an eighth, and nobody else waits for them."""
    full = queue()
    for _ in range(10):
        await full.enter(item(ANNA))
    eleventh = asyncio.ensure_future(full.enter(item(ANNA)))
    await asyncio.wait({eleventh}, timeout=0.05)

    async with asyncio.timeout(1):
        await full.enter(item(BEN))

    assert not eleventh.done()
    full.release(full.take(1, 10**9)[0])
    await eleventh


async def test_a_users_share_counts_bytes_too() -> None:
    """Five items of 2,000 bytes are an eighth of 80,000."""
    full = queue()
    for _ in range(5):
        await full.enter(item(ANNA, 2_000))
    sixth = asyncio.ensure_future(full.enter(item(ANNA, 2_000)))
    await asyncio.wait({sixth}, timeout=0.05)

    assert not sixth.done()
    full.release(full.take(1, 10**9)[0])
    await sixth


async def test_who_waits_is_let_in_in_order() -> None:
    """A full queue: places that come free go to those who came first."""
    full = queue(max_items=8)  # one place a user
    held = [item(uuid4()) for _ in range(8)]
    for one in held:
        await full.enter(one)
    entered: list[str] = []

    async def enter(name: str) -> None:
        await full.enter(item(uuid4()))
        entered.append(name)

    waiting = [asyncio.ensure_future(enter(name)) for name in ("first", "second")]
    await asyncio.wait(waiting, timeout=0.05)
    full.release(held[0])
    await waiting[0]
    assert entered == ["first"]
    full.release(held[1])
    await waiting[1]
    assert entered == ["first", "second"]


async def test_a_waiter_that_goes_away_takes_no_place() -> None:
    """Its request was cut off while it waited for room."""
    full = queue(max_items=8)
    held = [item(uuid4()) for _ in range(8)]
    for one in held:
        await full.enter(one)
    gone = asyncio.ensure_future(full.enter(item(uuid4())))
    await asyncio.wait({gone}, timeout=0.05)
    gone.cancel()
    await asyncio.wait({gone})

    full.release(held[0])

    assert full.held == 7
    await full.enter(item(uuid4()))


async def test_a_closed_queue_takes_nothing_and_lets_nobody_wait() -> None:
    """The server stops: who waits for room is told at once."""
    full = queue(max_items=8)
    for _ in range(8):
        await full.enter(item(uuid4()))
    waiting = asyncio.ensure_future(full.enter(item(uuid4())))
    await asyncio.wait({waiting}, timeout=0.05)

    full.close()

    for refused in (waiting, full.enter(item(uuid4()))):
        with pytest.raises(Unavailable):
            await refused


async def test_what_was_put_back_comes_first_and_in_its_order() -> None:
    """Held elsewhere: before what came later."""
    held = queue()
    items = [item(uuid4()) for _ in range(4)]
    for one in items:
        await held.enter(one)
    taken = held.take(3, 10**9)

    held.put_back(taken[1:])

    assert held.take(10, 10**9) == [items[1], items[2], items[3]]
