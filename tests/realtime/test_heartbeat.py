"""The sweeper: pings, late pongs, deadlines, tokens, leases. Time moves by hand."""

from collections.abc import AsyncIterator

import pytest
from tests.realtime.desk import Desk, caller, user

from duologue.realtime.closing import CloseCode

ANN = user(1)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A node whose heart beats."""
    desk = Desk()
    desk.heartbeat.start()
    yield desk
    desk.heartbeat.stop()
    desk.relay.stop()
    await desk.settle()


async def test_t100_a_ping_every_30_s(desk: Desk) -> None:
    """At least two in 65 s."""
    _, wire = await desk.join(ANN)
    for _ in range(65):
        await desk.pass_(1)
        wire.heard = True
    assert wire.pings == 2


async def test_pings_are_spread_over_the_interval() -> None:
    """Connections that came together are not pinged together."""
    desk = Desk()
    drawn = iter(number / 50 for number in range(50))
    desk.heartbeat._spread = lambda: next(drawn)
    desk.heartbeat.start()
    wires = [(await desk.join(user(number)))[1] for number in range(1, 51)]
    busiest = before = 0
    for _ in range(32):
        await desk.pass_(1)
        pings = sum(wire.pings for wire in wires)
        busiest, before = max(busiest, pings - before), pings
    assert before >= 50
    assert busiest <= 5


async def test_t099_a_client_that_stops_answering_is_cut(desk: Desk) -> None:
    """A pong 30 s late: aborted, without a close frame, and offline."""
    _, wire = await desk.join(ANN)
    await desk.pass_(59)
    assert not wire.aborted
    await desk.pass_(4)
    assert wire.aborted
    assert wire.closed is None
    assert await desk.presence.online({ANN}) == set()


async def test_t094_anything_heard_is_a_sign_of_life(desk: Desk) -> None:
    """Silent except for pongs, 300 s long: still there, still online (B-06, B-07)."""
    _, wire = await desk.join(ANN)
    for _ in range(10):
        await desk.pass_(30)
        wire.heard = True
    assert not wire.aborted
    assert await desk.presence.online({ANN}) == {ANN}


async def test_a_pong_at_the_last_moment_counts(desk: Desk) -> None:
    """29 s after the ping is in time."""
    _, wire = await desk.join(ANN)
    while not wire.pings:
        await desk.pass_(1)
    await desk.pass_(29)
    wire.heard = True
    await desk.pass_(20)
    assert not wire.aborted


async def test_a_connection_that_we_do_not_read_is_not_late(desk: Desk) -> None:
    """Its pong waits behind the commands that we have not dealt with."""
    _, wire = await desk.join(ANN)
    wire.is_deaf = True
    await desk.pass_(200)
    assert not wire.aborted


async def test_no_auth_in_time(desk: Desk) -> None:
    """10 s, then 4501."""
    _, wire = desk.open()
    await desk.pass_(9)
    assert wire.closed is None
    await desk.pass_(2)
    assert wire.closed == (CloseCode.NO_AUTH, "")


async def test_auth_in_time_ends_the_deadline(desk: Desk) -> None:
    """After `auth` the 10 s mean nothing."""
    session, wire = desk.open()
    await desk.pass_(9)
    await desk.arrivals.join(session, caller(ANN))
    await desk.pass_(20)
    assert wire.closed is None


async def test_a_token_that_expires_closes_the_connection(desk: Desk) -> None:
    """4001, within a second of its end."""
    _, wire = await desk.join(ANN, expires_at=desk.time.now() + 7)
    await desk.pass_(6.5)
    assert wire.closed is None
    await desk.pass_(1.5)
    assert wire.closed == (CloseCode.TOKEN_EXPIRED, "")


async def test_a_token_shown_late_may_expire_soon(desk: Desk) -> None:
    """The heartbeat had looked at the connection before `auth`; it looks again at once."""
    session, wire = desk.open()
    await desk.pass_(5)
    await desk.arrivals.join(session, caller(ANN, expires_at=desk.time.now() + 1))
    await desk.pass_(2)
    assert wire.closed == (CloseCode.TOKEN_EXPIRED, "")


async def test_a_fresh_token_may_expire_sooner(desk: Desk) -> None:
    """Long before the heartbeat would have looked."""
    session, wire = await desk.join(ANN, expires_at=desk.time.now() + 3600)
    await desk.pass_(3)
    session.renew(caller(ANN, expires_at=desk.time.now() + 1))
    await desk.pass_(2)
    assert wire.closed == (CloseCode.TOKEN_EXPIRED, "")


async def test_a_fresh_token_goes_on(desk: Desk) -> None:
    """`auth` again before the end: the new end counts, be it sooner than the heartbeat's next look."""
    session, wire = await desk.join(ANN, expires_at=desk.time.now() + 7)
    await desk.pass_(6)
    session.renew(caller(ANN, expires_at=desk.time.now() + 5))
    await desk.pass_(4)
    assert wire.closed is None
    await desk.pass_(2)
    assert wire.closed == (CloseCode.TOKEN_EXPIRED, "")


async def test_open_connections_keep_their_lease(desk: Desk) -> None:
    """Presence is renewed while the socket is open, without any traffic of the client's (design part 5)."""
    _, wire = await desk.join(ANN)
    for _ in range(20):
        await desk.pass_(15)
        wire.heard = True
        assert await desk.presence.online({ANN}) == {ANN}
