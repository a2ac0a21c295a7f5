"""What reached its receiver is marked: gathered, coalesced, entered again after a refusal; from sockets, pages and polls (G-05)."""

from uuid import UUID

import pytest
from tests.realtime.desk import Desk, Wire, at, caller, message, user

from duologue.core.events import MessageSent
from duologue.realtime import deliveries
from duologue.realtime.deliveries import INTERVAL, PLACES
from duologue.realtime.session import MAX_OUTBOX, Session

ANN, BEN, CAT = user(1), user(2), user(3)


def reached(desk: Desk, *facts: MessageSent, by: UUID = BEN) -> None:
    """Messages came to somebody."""
    desk.deliveries.told(by, facts)


async def an_interval(desk: Desk) -> list[tuple[int, float]]:
    """Let one pass; the (receiver, time of the newest message) that were marked since the last one, in this order."""
    desk.pipe.marks.clear()
    desk.time.advance(INTERVAL)
    await desk.settle()
    return sorted((user_id, (up_to - at(0)).total_seconds()) for user_id, up_to in desk.pipe.marked)


# -- gathering ----------------------------------------------------------------------------------------------------------


async def test_many_messages_of_an_interval_are_one_mark(desk: Desk) -> None:
    """The newest stands for all, in whatever order they are told of; nothing is marked before the interval is over."""
    reached(desk, *(message(ANN, BEN, sent_at=n) for n in (1, 3, 2)))
    desk.time.advance(INTERVAL - 0.01)
    await desk.settle()
    assert desk.pipe.marks == []
    assert await an_interval(desk) == [(2, 3)]
    [item] = desk.pipe.marks
    assert (item.conversation_id, item.message_id, item.up_to) == (UUID(int=98), UUID(int=99), at(3))
    assert await an_interval(desk) == []
    assert desk.time.waiting == 1, "a timer of its own runs on with nothing to mark"


async def test_each_conversation_and_each_receiver_has_a_mark(desk: Desk) -> None:
    """Both directions of one conversation, and two conversations of one receiver."""
    reached(desk, message(ANN, BEN, sent_at=1), message(CAT, BEN, sent_at=2, conversation=97))
    reached(desk, message(BEN, ANN, sent_at=3), by=ANN)
    assert await an_interval(desk) == [(1, 3), (2, 1), (2, 2)]


async def test_only_the_receiver_makes_a_mark(desk: Desk) -> None:
    """The sender's own devices and reads prove nothing; what is deleted, or known as delivered, is not marked."""
    gone, known = message(ANN, BEN), message(ANN, BEN)
    gone.message.deleted_at, known.message.delivered = at(9), True
    reached(desk, message(ANN, BEN), by=ANN)
    reached(desk, gone, known)
    assert await an_interval(desk) == []


async def test_a_refused_mark_enters_again(desk: Desk) -> None:
    """`Unavailable` puts it back for the next round, whether the pipeline or its answer says so."""
    desk.pipe.away = True
    reached(desk, message(ANN, BEN, sent_at=1))
    assert await an_interval(desk) == []
    desk.pipe.away, desk.pipe.is_closed = False, True
    assert await an_interval(desk) == []
    desk.pipe.is_closed = False
    assert await an_interval(desk) == [(2, 1)]
    assert await an_interval(desk) == []


async def test_a_refused_mark_does_not_replace_a_newer_one(desk: Desk) -> None:
    """What comes meanwhile is kept."""
    desk.pipe.holds = True
    reached(desk, message(ANN, BEN, sent_at=1))
    assert await an_interval(desk) == []
    reached(desk, message(ANN, BEN, sent_at=2))
    desk.pipe.away = True
    desk.pipe.let_go()
    desk.pipe.away = False
    assert await an_interval(desk) == [(2, 2)]


async def test_a_pipeline_that_is_away_is_asked_once_in_an_interval(desk: Desk) -> None:
    """The rest waits, and nothing older takes its place meanwhile."""
    for conversation in (1, 2, 3):
        reached(desk, message(ANN, BEN, sent_at=10 + conversation, conversation=conversation))
    desk.pipe.is_closed = True
    assert await an_interval(desk) == []
    assert await an_interval(desk) == []
    assert desk.pipe.tries == 2
    for conversation in (1, 2, 3):
        reached(desk, message(ANN, BEN, sent_at=conversation, conversation=conversation))
    desk.pipe.is_closed = False
    assert await an_interval(desk) == [(2, 11), (2, 12), (2, 13)]


async def test_a_conversation_that_is_held_delays_no_other(desk: Desk) -> None:
    """A mark without answer keeps one place; the next round goes on beside it."""
    desk.pipe.holds = True
    reached(desk, message(ANN, BEN, sent_at=1))
    assert await an_interval(desk) == []
    desk.pipe.holds = False
    reached(desk, message(ANN, CAT, sent_at=2, conversation=97), by=CAT)
    assert await an_interval(desk) == [(3, 2)]


async def test_marks_leave_the_pipeline_room(desk: Desk) -> None:
    """So many at a time, the rest as they are answered."""
    desk.pipe.holds = True
    for number in range(PLACES + 10):
        reached(desk, message(ANN, BEN, conversation=1_000 + number))
    desk.time.advance(INTERVAL)
    for _ in range(5):
        await desk.turn()
    assert len(desk.pipe.held) == PLACES
    desk.pipe.let_go()
    await desk.settle()
    assert len(desk.pipe.marks) == PLACES + 10


async def test_what_waits_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over it a conversation waits for its next message or resume; those that are gathered still move on."""
    monkeypatch.setattr(deliveries, "MOST", 2)
    for number in (1, 2, 3):
        reached(desk, message(ANN, BEN, sent_at=number, conversation=number))
    reached(desk, message(ANN, BEN, sent_at=9, conversation=1))
    assert await an_interval(desk) == [(2, 2), (2, 9)]


async def test_the_stop_enters_what_is_gathered(desk: Desk) -> None:
    """At once, and without a further round: what is refused then is left to the next resume."""
    reached(desk, message(ANN, BEN, sent_at=1))
    desk.deliveries.stop()
    await desk.settle()
    assert [user_id for user_id, _ in desk.pipe.marked] == [2]
    reached(desk, message(ANN, BEN, sent_at=2))
    assert await an_interval(desk) == []
    assert desk.time.waiting == 1


# -- sockets ------------------------------------------------------------------------------------------------------------


async def test_a_message_written_to_its_receiver_is_marked(desk: Desk) -> None:
    """Once for all the receiver's devices; never for the sender's."""
    for who in (ANN, ANN, BEN, BEN):
        await desk.join(who)
    desk.publish(message(ANN, BEN, sent_at=1))
    assert await an_interval(desk) == [(2, 1)]


async def test_a_message_for_somebody_who_is_away_is_not_marked(desk: Desk) -> None:
    """It stays sent."""
    await desk.join(ANN)
    desk.publish(message(ANN, BEN))
    assert await an_interval(desk) == []


async def test_what_waits_for_a_slow_client_is_not_delivered_yet(desk: Desk) -> None:
    """It is when it was written."""
    session, wire = await slow(desk)
    desk.publish(message(ANN, BEN, sent_at=1))
    assert await an_interval(desk) == []
    wire.is_full = False
    session.writable()
    assert await an_interval(desk) == [(2, 1)]


async def test_what_a_slow_client_never_got_is_not_delivered(desk: Desk) -> None:
    """It is closed with its outbox full: nothing of that was written."""
    _, wire = await slow(desk)
    for number in range(MAX_OUTBOX):
        desk.publish(message(ANN, BEN, sent_at=number))
    assert wire.closed is not None
    assert await an_interval(desk) == []


async def slow(desk: Desk) -> tuple[Session, Wire]:
    """BEN on a link that takes nothing more."""
    session, wire = await desk.join(BEN)
    wire.is_full = True
    return session, wire


async def test_a_message_held_behind_a_gap_is_marked_when_it_is_written(desk: Desk) -> None:
    """With the one that closed the gap; from the log if none does."""
    _, wire = await desk.join(BEN)
    late, held = (desk.store(message(ANN, BEN, sent_at=n, conversation=n)) for n in (1, 2))
    desk.broker.publish([held])
    assert wire.take() == ["hello 0 e1", "statuses []"]
    desk.broker.publish([late])
    assert await an_interval(desk) == [(2, 1), (2, 2)]


async def test_what_is_filled_from_the_log_is_marked_and_proves_nothing_of_before(desk: Desk) -> None:
    """The connection began at the head of its day: what lay below it was never written."""
    desk.store(message(ANN, BEN, sent_at=1, conversation=97))
    await desk.join(BEN)
    desk.store(message(ANN, BEN, sent_at=2))
    await desk.relay.repair()
    await desk.pass_(0.1)
    assert await an_interval(desk) == [(2, 2)]
    assert desk.log.delivered == {}


# -- the log ------------------------------------------------------------------------------------------------------------


async def test_a_resume_proves_all_up_to_since_and_what_it_replays(desk: Desk) -> None:
    """From where it was known before; the log keeps how far."""
    for number in (1, 2, 3):
        desk.store(message(ANN, BEN, sent_at=number, conversation=number))
    desk.store(message(BEN, ANN, sent_at=4))
    desk.log.delivered[BEN] = 1
    await desk.join(BEN, since="2")
    assert await an_interval(desk) == [(2, 2), (2, 3)]
    assert desk.log.delivered == {BEN: 4}


async def test_a_resume_that_is_reset_proves_nothing(desk: Desk) -> None:
    """The client may never have had what it claims."""
    desk.store(message(ANN, BEN))
    await desk.join(BEN, since="9")
    await desk.join(BEN, since="1", epoch="e0")
    assert await an_interval(desk) == []
    assert "unmarked" not in desk.log.statements


async def test_a_connection_without_since_proves_nothing(desk: Desk) -> None:
    """Live begins after the head."""
    desk.store(message(ANN, BEN))
    await desk.join(BEN)
    assert await an_interval(desk) == []
    assert "unmarked" not in desk.log.statements


async def test_a_replay_proves_no_more_than_was_written(desk: Desk) -> None:
    """A link that takes nothing more holds the replay up: its `since` is proved, its page is not."""
    desk.store(message(ANN, BEN, sent_at=1))
    desk.store(message(ANN, BEN, sent_at=2))
    session, wire = desk.open()
    session.asked, wire.narrow = ("1", None), True
    desk.runtime.background.spawn(desk.arrivals.join(session, caller(BEN)), "join")
    for _ in range(20):
        await desk.turn()
    desk.time.advance(INTERVAL)
    for _ in range(20):
        await desk.turn()
    assert (desk.pipe.marked, desk.log.delivered) == ([(2, at(1))], {BEN: 1})
    session.lost()
    assert await an_interval(desk) == []


async def test_a_long_log_is_proved_in_chunks(desk: Desk) -> None:
    """Until nothing is left below."""
    desk.log.chunk = 2
    for number in range(1, 6):
        desk.store(message(ANN, BEN, sent_at=number))
    await desk.join(BEN, since="5")
    assert await an_interval(desk) == [(2, 2), (2, 4), (2, 5)]
    assert desk.log.delivered == {BEN: 5}


async def test_nothing_is_kept_as_proved_that_was_not_marked(desk: Desk) -> None:
    """The pipeline or the database is away: proved again in the next round."""
    desk.store(message(ANN, BEN, sent_at=1))
    await desk.join(BEN, since="1")
    desk.pipe.away = True
    assert await an_interval(desk) == []
    assert desk.log.delivered == {}
    desk.pipe.away, desk.log.away = False, True
    assert await an_interval(desk) == []
    desk.log.away = False
    assert await an_interval(desk) == [(2, 1)]
    assert desk.log.delivered == {BEN: 1}


async def test_nothing_is_proved_after_the_stop(desk: Desk) -> None:
    """The next resume will."""
    desk.store(message(ANN, BEN))
    await desk.join(BEN, since="1")
    desk.deliveries.stop()
    desk.deliveries.proved(BEN, 1)
    assert await an_interval(desk) == []


# -- polls --------------------------------------------------------------------------------------------------------------


async def test_a_poll_delivers_what_it_answers_and_proves_its_since(desk: Desk) -> None:
    """Without `since` it does neither; the same `since` again asks the log nothing."""
    for number in (1, 2, 3):
        desk.store(message(ANN, BEN, sent_at=number, conversation=number))

    async def poll(since: int | None) -> None:
        await desk.polls.events(caller(BEN), desk.codec, since=since, epoch=None, limit=1, wait=0)

    await poll(None)
    assert await an_interval(desk) == []
    await poll(1)
    assert await an_interval(desk) == [(2, 1), (2, 2)]
    assert desk.log.delivered == {BEN: 1}
    asked = desk.log.statements.count("unmarked")
    await poll(1)
    await an_interval(desk)
    assert desk.log.statements.count("unmarked") == asked


async def test_a_poll_that_is_reset_delivers_nothing(desk: Desk) -> None:
    """Like a resume."""
    desk.store(message(ANN, BEN))
    await desk.polls.events(caller(BEN), desk.codec, since=5, epoch=None, limit=1, wait=0)
    assert await an_interval(desk) == []
