"""Arriving while one is being signed out: the look after the hub knows of the connection closes what the event cannot reach."""

import pytest
from tests.realtime.desk import Desk, caller, user

from duologue.core.errors import Unavailable
from duologue.core.events import EndReason, SessionsEnded
from duologue.realtime.closing import CloseCode

ANN, PHONE, LAPTOP = user(1), user(50), user(51)


async def test_who_was_signed_out_before_the_hub_knew_is_closed_with_4504(desk: Desk) -> None:
    """The event came between the token's judgement and the arrival: no greeting, no presence is left."""
    desk.people.ended.add(PHONE)
    desk.broker.publish([SessionsEnded(ANN, PHONE, EndReason.SIGNED_OUT)])
    _, wire = await desk.join(ANN, session_id=PHONE)
    assert wire.closed == (CloseCode.SIGNED_OUT, "")
    assert wire.sent == []
    assert desk.hub.users == ()
    assert await desk.presence.online({ANN}) == set()


async def test_who_was_deactivated_before_the_hub_knew_is_closed_with_4502(desk: Desk) -> None:
    """Whoever let them in: a platform's token names no session."""
    desk.people.deactivated.add(ANN)
    _, wire = await desk.join(ANN)
    assert (wire.closed, wire.sent) == ((CloseCode.DEACTIVATED, ""), [])


async def test_who_is_signed_out_during_the_look_is_closed_once(desk: Desk) -> None:
    """The event reaches the hub while the database is asked: nothing more is said."""
    desk.people.before_find = lambda: desk.broker.publish([SessionsEnded(ANN, PHONE, EndReason.SIGNED_OUT)])
    _, wire = await desk.join(ANN, session_id=PHONE)
    assert (wire.closed, wire.sent) == ((CloseCode.SIGNED_OUT, ""), [])


async def test_another_session_s_end_changes_nothing(desk: Desk) -> None:
    """The arrival is greeted."""
    desk.people.ended.add(LAPTOP)
    _, wire = await desk.join(ANN, session_id=PHONE)
    assert wire.closed is None
    assert wire.sent


async def test_a_renewal_by_a_session_that_has_ended_is_closed(desk: Desk) -> None:
    """The fresh token's session ended before the connection was known to be its."""
    session, wire = await desk.join(ANN, session_id=PHONE)
    await desk.arrivals.renew(session, caller(ANN, session_id=LAPTOP))
    assert wire.closed is None
    desk.people.ended.add(PHONE)
    await desk.arrivals.renew(session, caller(ANN, session_id=PHONE))
    assert wire.closed == (CloseCode.SIGNED_OUT, "")


async def test_a_renewal_that_nobody_can_judge_is_closed(desk: Desk) -> None:
    """The database is away: 1011, so that the client comes back."""
    session, wire = await desk.join(ANN, session_id=PHONE)
    desk.people.away = True
    with pytest.raises(Unavailable):
        await desk.arrivals.renew(session, caller(ANN, session_id=LAPTOP))
    assert wire.closed == (CloseCode.INTERNAL_ERROR, "")
