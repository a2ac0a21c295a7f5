"""Letting a token in on a connection when the database fails half-way."""

from uuid import UUID

from tests.realtime.desk import Desk

from duologue.api.socket import Admission
from duologue.core.model import Caller, User

ANNA = UUID(int=1)


class Known:
    """Knows one caller, from memory: only what comes after it can fail."""

    async def caller(self, token: str) -> Caller:
        """Anna's."""
        assert token == "anna"
        return Caller(User(ANNA, "anna"), head=0)


async def test_a_first_auth_that_fails_half_way_closes_the_connection_to_come_back() -> None:
    """It would stay open, be shown as online and be told nothing any more: error, then 1011, which means reconnect."""
    desk = Desk()
    session, wire = desk.open()
    admission = Admission(callers=Known(), arrivals=desk.arrivals)
    desk.log.away = True

    await admission.admit(session, "anna", 7)
    await desk.settle()

    assert wire.closed == (1011, "")
    assert any("UNAVAILABLE" in text or "error" in text for text in wire.sent)
    assert desk.hub.of_user(ANNA) == ()
    assert await desk.presence.count(ANNA) == 0
