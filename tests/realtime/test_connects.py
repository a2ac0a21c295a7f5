"""Connects that share their statements."""

import asyncio

from tests.realtime.desk import Desk, caller, user

from duologue.core.errors import Unavailable
from duologue.core.ports import Connect


async def test_who_comes_while_a_statement_runs_waits_for_the_next(desk: Desk) -> None:
    """One statement at a time; all who came meanwhile share the next one."""
    others: list[asyncio.Future[Connect]] = []

    def come() -> None:
        if not others:
            others.extend(asyncio.ensure_future(desk.batched.load(user(number))) for number in range(1, 50))

    desk.log.before_load = come
    await desk.batched.load(user(1))
    await asyncio.gather(*others)
    assert desk.log.statements == ["load", "load"]


async def test_everybody_learns_that_the_database_is_away(desk: Desk) -> None:
    """And the next one asks again."""
    desk.log.away = True
    answers = await asyncio.gather(*(desk.batched.load(user(number)) for number in (1, 2)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    desk.log.away = False
    assert (await desk.batched.load(user(1))).head == 0


async def test_a_user_without_rows_has_nothing(desk: Desk) -> None:
    """Head 0, nobody to tell."""
    connect = await desk.batched.load(user(1))
    assert (connect.head, connect.partners) == (0, ())


async def test_an_arrival_whose_connection_is_gone_leaves_no_lease(desk: Desk) -> None:
    """It was lost before it was let in, or while it was: nobody stays online for it, nothing is written."""
    early, early_wire = desk.open()
    early.lost()
    await desk.arrivals.join(early, caller(user(1)))
    late, late_wire = desk.open()
    desk.log.before_load = late.lost
    await desk.arrivals.join(late, caller(user(2)))
    await desk.settle()
    assert await desk.presence.online({user(1), user(2)}) == set()
    assert early_wire.sent == late_wire.sent == []
    assert desk.hub.users == ()
