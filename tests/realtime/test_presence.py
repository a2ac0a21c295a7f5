"""Presence: edges, grace, leases, who is told; typing that ends; and last seen."""

from tests.realtime.desk import Desk, message, user

from duologue.core.events import PresenceChanged, TypingChanged

ANN, BEN, CLEO = user(1), user(2), user(3)


def presence(desk: Desk) -> list[tuple[int, bool]]:
    """What was published: who, online or not; then forget it."""
    found = [(event.user_id.int, event.is_online) for event in desk.published if isinstance(event, PresenceChanged)]
    desk.published.clear()
    return found


async def test_t090_partners_learn_of_the_first_connection_and_the_last(desk: Desk) -> None:
    """`user.online` at once, `user.offline` 2 s after the last one closed."""
    desk.log.partners[ANN] = (BEN,)
    ben = (await desk.join(BEN))[1]
    ben.take()
    session, _ = await desk.join(ANN)
    assert ben.take() == ["online 1"]
    await desk.lose(session)
    await desk.pass_(1.9)
    assert ben.take() == []
    await desk.pass_(0.2)
    assert ben.take() == ["offline 1"]


async def test_t091_a_stranger_gets_no_presence(desk: Desk) -> None:
    """Only partners are told."""
    desk.log.partners[ANN] = (BEN,)
    cleo = (await desk.join(CLEO))[1]
    cleo.take()
    session, _ = await desk.join(ANN)
    await desk.lose(session)
    await desk.pass_(3)
    assert cleo.take() == []


async def test_t092_one_of_two_connections_closes(desk: Desk) -> None:
    """The user is still online: nothing is published (B-01)."""
    first, _ = await desk.join(ANN)
    await desk.join(ANN)
    presence(desk)
    await desk.lose(first)
    await desk.pass_(5)
    assert presence(desk) == []
    assert await desk.presence.online({ANN}) == {ANN}


async def test_t093_who_left_is_offline_at_once(desk: Desk) -> None:
    """No eternal online key (B-05): `isOnline` and last seen change with the close, before the event goes out."""
    session, _ = await desk.join(ANN)
    await desk.lose(session)
    await desk.settle()
    assert await desk.presence.online({ANN}) == set()
    assert desk.log.seen_users == [(ANN, desk.runtime.utc())]


async def test_a_return_within_2_s_is_not_told(desk: Desk) -> None:
    """Neither offline nor online: to the partners nothing happened (G-36)."""
    session, _ = await desk.join(ANN)
    presence(desk)
    await desk.lose(session)
    await desk.pass_(1.5)
    await desk.join(ANN)
    await desk.pass_(5)
    assert presence(desk) == []


async def test_a_second_absence_has_its_own_2_s(desk: Desk) -> None:
    """Gone, back, gone: one offline, 2 s after the second time."""
    session, _ = await desk.join(ANN)
    await desk.lose(session)
    await desk.pass_(1.5)
    session, _ = await desk.join(ANN)
    presence(desk)
    await desk.lose(session)
    await desk.pass_(1.5)
    assert presence(desk) == []
    await desk.pass_(1)
    assert presence(desk) == [(1, False)]


async def test_last_seen_is_shown_to_whom_it_may_be(desk: Desk) -> None:
    """Both switches decide, and are read when it is told."""
    desk.log.partners[ANN] = (BEN, CLEO)
    ben, cleo = (await desk.join(BEN))[1], (await desk.join(CLEO))[1]
    session, _ = await desk.join(ANN)
    ben.take()
    cleo.take()
    desk.log.last_seen_to[ANN] = frozenset({CLEO})
    await desk.lose(session)
    await desk.pass_(3)
    assert (ben.take(), cleo.take()) == (["offline 1"], ["offline 1 seen"])


async def test_t076_a_connection_is_told_who_is_online(desk: Desk) -> None:
    """`status.bulk` covers the partners, one online, one not."""
    desk.log.partners[ANN] = (BEN, CLEO)
    await desk.join(CLEO)
    assert (await desk.join(ANN))[1].sent == ["hello 0 e1", "statuses [3]"]


async def test_many_who_leave_share_their_statements(desk: Desk) -> None:
    """A hundred at once: last seen and partners are one statement each, or two."""
    sessions = [(await desk.join(user(number)))[0] for number in range(1, 101)]
    desk.log.statements.clear()
    for session in sessions:
        session.lost()
    await desk.pass_(3)
    assert desk.log.statements.count("seen") <= 2
    assert desk.log.statements.count("load") <= 2
    assert len({user_id for user_id, _ in desk.log.seen_users}) == 100
    assert len([event for event in desk.published if isinstance(event, PresenceChanged) and not event.is_online]) == 100


async def test_a_database_that_is_away_delays_offline(desk: Desk) -> None:
    """Last seen and the event come when it is back."""
    desk.heartbeat.start()
    session, _ = await desk.join(ANN)
    presence(desk)
    desk.log.away = True
    await desk.lose(session)
    await desk.pass_(10)
    assert presence(desk) == []
    desk.log.away = False
    await desk.pass_(30)
    assert presence(desk) == [(1, False)]
    assert [user_id for user_id, _ in desk.log.seen_users] == [ANN]
    desk.heartbeat.stop()


async def test_the_lease_of_a_dead_node_ends(desk: Desk) -> None:
    """Nobody gives it back: after its time the user is offline and partners are told."""
    desk.heartbeat.start()
    await desk.presence.connect(ANN, user(77))
    await desk.pass_(90)
    assert presence(desk) == [(1, False)]
    assert [user_id for user_id, _ in desk.log.seen_users] == [ANN]
    desk.heartbeat.stop()


async def test_typing_ends_by_itself(desk: Desk) -> None:
    """After 6 s, unless it was started again."""
    desk.heartbeat.start()
    desk.typing.started(ANN, user(98), BEN, desk.time.monotonic())
    await desk.pass_(4)
    desk.typing.started(ANN, user(98), BEN, desk.time.monotonic())
    await desk.pass_(4)
    assert desk.published == []
    await desk.pass_(3)
    assert desk.published == [TypingChanged(user(98), ANN, BEN, False)]
    desk.heartbeat.stop()


async def test_typing_ends_with_the_senders_message(desk: Desk) -> None:
    """Once, after the message; the partner's own typing goes on."""
    desk.typing.started(ANN, user(98), BEN, desk.time.monotonic())
    desk.typing.started(BEN, user(98), ANN, desk.time.monotonic())
    desk.publish(message(ANN, BEN), message(ANN, BEN))
    assert desk.published[2:] == [TypingChanged(user(98), ANN, BEN, False)]


async def test_typing_that_was_stopped_does_not_end_again(desk: Desk) -> None:
    """The user ended it."""
    desk.typing.started(ANN, user(98), BEN, desk.time.monotonic())
    desk.typing.stopped(ANN, user(98))
    desk.typing.expire(desk.time.monotonic() + 10)
    assert desk.published == []
