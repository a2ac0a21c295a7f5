"""The hub: who gets what, encoded once; limits; ends from above."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.realtime.desk import START, Desk, PlainCodec, caller, message, user

from duologue.core.events import EndReason, Fact, Notice, PresenceChanged, SessionsEnded, TypingChanged
from duologue.realtime.closing import CloseCode
from duologue.realtime.session import Session

ANN, BEN, CLEO = user(1), user(2), user(3)


async def test_both_users_get_a_fact_on_every_device(desk: Desk) -> None:
    """T-086: two devices each; all of them learn of the message, nobody else does."""
    wires = [(await desk.join(who))[1] for who in (ANN, ANN, BEN, BEN, CLEO)]
    for wire in wires:
        wire.take()
    desk.publish(message(ANN, BEN))
    assert [wire.take() for wire in wires] == [["new@1", "more"]] * 4 + [[]]


async def test_the_connection_that_caused_it_is_answered(desk: Desk) -> None:
    """`message.sent` with the command's id there, `message.new` on the sender's other device (G-06, G-07)."""
    session, sending = await desk.join(ANN)
    other = (await desk.join(ANN))[1]
    sending.take()
    other.take()
    desk.publish(message(ANN, BEN, origin=session, command_id="c7"))
    assert sending.take() == ["sent@1#c7", "more"]
    assert other.take() == ["new@1", "more"]


async def test_a_fact_is_encoded_once_per_dialect_and_user() -> None:
    """However many devices a user has, and they share the bytes."""
    desk = Desk()
    calls: Counter[Any] = Counter()

    class Counting(PlainCodec):
        def fact_frames(self, fact: Fact, notice: Notice, **more: Any) -> Sequence[bytes]:
            calls[notice.user_id] += 1
            return super().fact_frames(fact, notice, **more)

    desk.codec = Counting()
    for who in (ANN, ANN, ANN, BEN, BEN):
        await desk.join(who)
    desk.publish(message(ANN, BEN))
    assert calls == {ANN: 1, BEN: 1}


async def test_a_reply_whose_position_was_written_from_the_log_has_none(desk: Desk) -> None:
    """The gap repair was quicker than the broker: the command is still answered."""
    session, wire = await desk.join(ANN)
    wire.take()
    fact = desk.store(message(ANN, BEN, origin=session, command_id="c1"))
    await desk.resume.fill(session)
    desk.broker.publish([fact])
    assert wire.take() == ["log@1", "sent@None#c1"]


async def test_a_session_that_ends_during_a_delivery_disturbs_nobody(desk: Desk) -> None:
    """The slow one is closed while its siblings are being served (B-02, B-03)."""
    slow = (await desk.join(BEN))[1]
    quick = (await desk.join(BEN))[1]
    quick.take()
    slow.is_full = True
    for _ in range(200):
        desk.publish(message(ANN, BEN))
    assert slow.closed == (CloseCode.SLOW, "")
    assert len(quick.take()) == 400
    assert len(desk.hub.of_user(BEN)) == 1
    await desk.settle()
    assert await desk.presence.count(BEN) == 1


async def test_removing_a_session_twice_is_removing_it_once(desk: Desk) -> None:
    """The second time changes nothing, nor does it take a sibling away (B-01)."""
    first, _ = await desk.join(ANN)
    second, _ = await desk.join(ANN)
    desk.hub.remove(first)
    desk.hub.remove(first)
    assert desk.hub.of_user(ANN) == (second,)
    await desk.settle()
    assert await desk.presence.online({ANN}) == {ANN}


async def test_typing_goes_to_the_partner_alone(desk: Desk) -> None:
    """T-095: on all devices, without a position."""
    wires = [(await desk.join(who))[1] for who in (ANN, BEN, BEN, CLEO)]
    for wire in wires:
        wire.take()
    desk.broker.publish([TypingChanged(user(9), ANN, BEN, True)])
    assert [wire.take() for wire in wires] == [[], ["typing True"], ["typing True"], []]


async def test_last_seen_goes_only_to_whom_it_is_shown(desk: Desk) -> None:
    """One presence event has two forms."""
    ben, cleo = (await desk.join(BEN))[1], (await desk.join(CLEO))[1]
    ben.take()
    cleo.take()
    desk.broker.publish([PresenceChanged(ANN, False, START, (BEN, CLEO), frozenset({CLEO}))])
    assert ben.take() == ["offline 1"]
    assert cleo.take() == ["offline 1 seen"]


async def test_signing_out_closes_that_session_alone(desk: Desk) -> None:
    """4504 for the sockets of one sign-in session; without a session for all of the user's."""
    phone = (await desk.join(ANN, session_id=user(50)))[1]
    laptop = (await desk.join(ANN, session_id=user(51)))[1]
    desk.broker.publish([SessionsEnded(ANN, user(50), EndReason.SIGNED_OUT)])
    assert phone.closed == (CloseCode.SIGNED_OUT, "")
    assert laptop.closed is None
    desk.broker.publish([SessionsEnded(ANN, None, EndReason.SIGNED_OUT)])
    assert laptop.closed == (CloseCode.SIGNED_OUT, "")


async def test_a_deactivated_user_is_closed_with_4502(desk: Desk) -> None:
    """And nobody else."""
    ann, ben = (await desk.join(ANN))[1], (await desk.join(BEN))[1]
    desk.broker.publish([SessionsEnded(ANN, None, EndReason.DEACTIVATED)])
    assert ann.closed == (CloseCode.DEACTIVATED, "")
    assert ben.closed is None


async def test_the_eleventh_connection_of_a_user_is_refused() -> None:
    """4503 for the new one, the others live; after one left there is room again."""
    desk = Desk(max_per_user=3)
    sessions = [await desk.join(ANN) for _ in range(3)]
    refused = (await desk.join(ANN))[1]
    assert refused.closed == (CloseCode.TOO_MANY_CONNECTIONS, "")
    assert refused.sent == []
    assert all(wire.closed is None for _, wire in sessions)
    await desk.lose(sessions[0][0])
    await desk.settle()
    assert (await desk.join(ANN))[1].closed is None


async def test_unauthenticated_connections_count_towards_the_servers_limit() -> None:
    """MAX_CONNECTIONS: whoever has not said who they are takes a place too."""
    desk = Desk(max_connections=2)
    first: Session = desk.open()[0]
    assert not desk.hub.is_full
    await desk.join(ANN)
    assert desk.hub.is_full
    await desk.lose(first)
    assert not desk.hub.is_full


async def test_a_server_that_stops_takes_nobody(desk: Desk) -> None:
    """And a poll that waits is let go."""
    news = desk.hub.news(caller(ANN))
    desk.hub.drain()
    assert desk.hub.is_full
    assert news.done()
    assert desk.hub.news(caller(BEN)).done()
