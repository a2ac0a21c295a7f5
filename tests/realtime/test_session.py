"""One connection: positions in order, gaps, full links, outstanding commands, floods, the end."""

import asyncio
from functools import partial
from uuid import UUID

import pytest
from tests.realtime.desk import START, PlainCodec, Wire

from duologue.core.model import Message
from duologue.realtime.closing import CloseCode
from duologue.realtime.link import text_frames
from duologue.realtime.session import MAX_HELD, MAX_OUTBOX, MAX_OUTSTANDING, Reports, Session, State


class Stage:
    """A session with what it told: gaps and its end."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.gaps: list[Session] = []
        self.ends: list[Session] = []
        self.reached: list[Message] = []
        self.session = Session(
            self.wire,
            PlainCodec(),
            connection_id=UUID(int=1),
            opened=0.0,
            connected_at=START,
            reports=Reports(self.gaps.append, self.ends.append, lambda _, message: self.reached.append(message)),
        )

    def push(self, position: int) -> None:
        """A fact comes."""
        self.session.push(position, frame(f"f{position}"), 1)

    def live(self, position: int = 0) -> "Stage":
        """Everything up to `position` was sent."""
        self.session.begin(position)
        return self


def frame(text: str) -> bytes:
    """One text frame."""
    return text_frames((text.encode(),))


@pytest.fixture
def stage() -> Stage:
    """A connecting session."""
    return Stage()


def test_a_fact_in_turn_is_written_at_once_in_one_write(stage: Stage) -> None:
    """Position sent + 1 goes out; a group of frames is one write."""
    stage.live(4).session.push(5, text_frames((b"a", b"b", b"c")), 3)
    assert stage.wire.writes == [["a", "b", "c"]]
    assert stage.session.sent == 5


def test_a_lower_position_is_dropped(stage: Stage) -> None:
    """What was sent already, or lies before the head at which live began, never comes again."""
    stage.live(4)
    stage.push(5)
    stage.push(5)
    stage.push(3)
    assert stage.wire.sent == ["f5"]


def test_a_higher_position_is_held_until_the_gap_closes(stage: Stage) -> None:
    """Facts published out of order leave in order."""
    stage.live()
    stage.push(3)
    stage.push(2)
    assert stage.wire.sent == []
    assert stage.gaps
    assert stage.session.is_behind
    stage.push(1)
    assert stage.wire.sent == ["f1", "f2", "f3"]
    assert not stage.session.is_behind


def test_facts_are_held_while_connecting(stage: Stage) -> None:
    """A session registers, then reads the head: what comes in between is neither lost nor sent twice."""
    stage.push(8)
    stage.push(7)
    stage.push(6)
    stage.live(7)
    assert stage.wire.sent == ["f8"]
    assert stage.session.sent == 8


def test_too_many_held_facts_are_left_to_the_log(stage: Stage) -> None:
    """What waits for a gap is bounded; the session knows that it is behind."""
    for position in range(2, MAX_HELD + 10):
        stage.push(position)
    stage.live(0)
    stage.push(1)
    assert stage.session.sent == MAX_HELD + 1
    assert stage.session.is_behind
    assert stage.gaps


def test_a_reply_is_never_dropped(stage: Stage) -> None:
    """A reply whose position was written from the log goes out without position."""
    stage.live(5)
    stage.session.push(5, frame("sent@5"), 2, reply=lambda: frame("sent"))
    assert stage.wire.sent == ["sent"]


def test_a_held_reply_that_the_log_overtakes_is_not_dropped(stage: Stage) -> None:
    """The same, when the reply was waiting behind a gap."""
    stage.live(5)
    stage.session.push(9, frame("sent@9"), 2, reply=lambda: frame("sent"))
    stage.session.replay_from(5)
    stage.session.begin(9)
    assert stage.wire.sent == ["sent"]


def test_a_reply_is_held_however_many_facts_wait(stage: Stage) -> None:
    """The bound of held facts does not count for replies."""
    for position in range(10, 10 + MAX_HELD):
        stage.push(position)
    stage.session.push(5_000, frame("sent@5000"), 2, reply=lambda: frame("sent"))
    stage.live(6_000)
    assert stage.wire.sent == ["sent"]


def test_what_is_let_go_leaves_the_replies_to_be_given(stage: Stage) -> None:
    """In the order of their positions; nothing is held or known of any more, so nothing is behind."""
    stage.live()
    for position in range(MAX_HELD + 1, 1, -1):
        reply = partial(f"reply{position}".encode) if position in (7, 9) else None
        stage.session.push(position, frame("f"), 1, reply=reply)
    stage.push(MAX_HELD + 2)
    assert stage.session.is_behind
    assert [reply() for reply in stage.session.let_go()] == [b"reply7", b"reply9"]
    assert not stage.session.is_behind
    stage.push(1)
    assert stage.wire.take() == ["f1"]


def test_a_full_link_queues_up_to_256_frames(stage: Stage) -> None:
    """Frames wait in order while the transport is above its high-water mark, and go when it is below."""
    stage.live().wire.is_full = True
    for position in range(1, MAX_OUTBOX + 1):
        stage.push(position)
    assert stage.wire.sent == []
    stage.wire.is_full = False
    stage.session.writable()
    assert stage.wire.sent == [f"f{position}" for position in range(1, MAX_OUTBOX + 1)]
    assert stage.wire.closed is None


def test_a_link_that_fills_again_keeps_the_rest(stage: Stage) -> None:
    """Nothing is written past the high-water mark, and nothing overtakes what waits."""
    stage.live().wire.is_full = True
    stage.push(1)
    stage.push(2)
    stage.session.writable()
    assert stage.wire.sent == []
    stage.wire.is_full = False
    stage.push(3)
    stage.session.writable()
    assert stage.wire.sent == ["f1", "f2", "f3"]


def test_t101_a_client_that_never_reads_is_closed(stage: Stage) -> None:
    """The 257th frame in the outbox closes the connection with 4000, once; what comes later is nothing."""
    stage.live().wire.is_full = True
    for position in range(1, MAX_OUTBOX + 1):
        stage.push(position)
    assert stage.wire.closed is None
    stage.push(MAX_OUTBOX + 1)
    assert stage.wire.closed == (CloseCode.SLOW, "")
    stage.push(MAX_OUTBOX + 2)
    assert stage.ends == [stage.session]
    assert stage.wire.sent == []


def test_every_frame_of_a_group_counts_in_the_outbox(stage: Stage) -> None:
    """256 are frames, not facts."""
    stage.live().wire.is_full = True
    for position in range(1, 87):
        stage.session.push(position, text_frames((b"a", b"b", b"c")), 3)
    assert stage.wire.closed == (CloseCode.SLOW, "")


async def test_a_page_of_the_log_waits_for_the_outbox(stage: Stage) -> None:
    """A replay does not count towards the 256 and is written only when nothing waits."""
    stage.live().wire.is_full = True
    stage.push(1)
    stage.session.replay_from(1)
    page = asyncio.ensure_future(stage.session.write_page(text_frames([b"x"] * 400), 401))
    await asyncio.sleep(0)
    assert not page.done()
    stage.wire.is_full = False
    stage.session.writable()
    assert await page
    assert len(stage.wire.sent) == 401
    assert stage.session.sent == 401


async def test_a_page_of_the_log_is_not_written_on_a_connection_that_ends(stage: Stage) -> None:
    """Whoever waits for room learns of the end."""
    stage.live().wire.is_full = True
    page = asyncio.ensure_future(stage.session.write_page(b"", 5))
    await asyncio.sleep(0)
    stage.session.lost()
    assert not await page


def test_an_ephemeral_event_is_not_told_before_the_greeting(stage: Stage) -> None:
    """While connecting there is nobody to tell; later there is."""
    stage.session.signal(frame("typing"))
    assert stage.wire.sent == []
    stage.live().session.signal(frame("typing"))
    assert stage.wire.sent == ["typing"]


async def test_at_most_32_commands_are_outstanding(stage: Stage) -> None:
    """The reader waits for room, and goes on with the first answer."""
    stage.live().session.outstanding = MAX_OUTSTANDING
    waiting = asyncio.ensure_future(stage.session.until(lambda: stage.session.has_room))
    await asyncio.sleep(0)
    assert not waiting.done()
    stage.session.release()
    await asyncio.wait_for(waiting, 1)


def test_ten_refusals_within_a_minute_are_a_flood(stage: Stage) -> None:
    """The tenth closes with 4002 (WSC-39)."""
    for second in range(9):
        stage.live().session.refused(float(second))
    assert stage.wire.closed is None
    stage.session.refused(59.9)
    assert stage.wire.closed == (CloseCode.FLOOD, "")


def test_ten_refusals_in_more_than_a_minute_are_none(stage: Stage) -> None:
    """The window slides."""
    for number in range(100):
        stage.live().session.refused(number * 61 / 9)
    assert stage.wire.closed is None


def test_a_drain_waits_for_outstanding_answers(stage: Stage) -> None:
    """The server stops: the last answer goes out, then 1001 with the reason."""
    stage.live().session.outstanding = 2
    stage.session.drain("retry=5")
    stage.session.release()
    assert stage.wire.closed is None
    stage.session.send(frame("answer"))
    stage.session.release()
    assert stage.wire.sent == ["answer"]
    assert stage.wire.closed == (CloseCode.GOING_AWAY, "retry=5")


def test_a_drain_closes_an_idle_connection_at_once(stage: Stage) -> None:
    """Nothing is under way."""
    stage.live().session.drain("retry=5")
    assert stage.wire.closed == (CloseCode.GOING_AWAY, "retry=5")


def test_the_end_is_told_once(stage: Stage) -> None:
    """Closing, closing again, losing the connection: one end (B-03), and nothing is written after it."""
    stage.live().session.close(CloseCode.SIGNED_OUT)
    stage.session.close(CloseCode.SLOW)
    stage.push(1)
    stage.session.send(frame("late"))
    stage.session.lost()
    stage.session.lost()
    assert stage.ends == [stage.session]
    assert stage.wire.closed == (CloseCode.SIGNED_OUT, "")
    assert stage.wire.sent == []
    assert stage.session.state is State.CLOSED
