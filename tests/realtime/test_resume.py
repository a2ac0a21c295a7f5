"""Catching up: on connecting, on command, after a gap; what is reset; the order of frames."""

import asyncio
from uuid import UUID

import pytest
from tests.realtime.desk import Desk, Wire, message, user

from duologue.core.errors import Unavailable, ValidationFailed
from duologue.core.events import ConversationOpened, Notice, TypingChanged
from duologue.core.ports import Missed
from duologue.realtime.closing import CloseCode
from duologue.realtime.resume import MAX_FACTS, PAGE, parse_since
from duologue.realtime.session import MAX_HELD, State

ANN, BEN = user(1), user(2)


def facts(desk: Desk, number: int) -> None:
    """So many facts that nobody was told."""
    for _ in range(number):
        desk.store(message(ANN, BEN))


async def connected(desk: Desk, since: str | None = None, epoch: str | None = None) -> Wire:
    """BEN connects."""
    return (await desk.join(BEN, since=since, epoch=epoch))[1]


async def test_without_since_live_begins_after_the_head(desk: Desk) -> None:
    """Connect frames say where the connection stands; nothing is replayed."""
    facts(desk, 3)
    wire = await connected(desk)
    assert wire.take() == ["hello 3 e1", "statuses []"]
    desk.publish(message(ANN, BEN))
    assert wire.take() == ["new@4", "more"]


async def test_the_order_is_connect_frames_replay_totals_done_live(desk: Desk) -> None:
    """The connect frames repeat `since` as given; replay carries first frames alone (design part 4, Resume)."""
    facts(desk, 5)
    wire = await connected(desk, since="3", epoch="e1")
    desk.publish(message(ANN, BEN))
    assert wire.sent == [
        "hello 3 e1", "statuses []", "log@4", "log@5", "unread 7", "done 5 e1", "new@6", "more",
    ]  # fmt: skip


async def test_nothing_missed_is_said_too(desk: Desk) -> None:
    """`resume.done` always comes, and today's totals."""
    facts(desk, 2)
    wire = await connected(desk, since="2")
    assert wire.sent == ["hello 2 e1", "statuses []", "unread 7", "done 2 e1"]


async def test_what_happens_while_connecting_comes_once(desk: Desk) -> None:
    """A fact between registering and reading the head: held, then dropped because the head holds it."""
    desk.log.before_load = lambda: desk.publish(message(ANN, BEN))
    wire = await connected(desk)
    assert wire.sent == ["hello 0 e1", "statuses []", "new@1", "more"]


async def test_what_happens_during_the_replay_follows_it(desk: Desk) -> None:
    """Live frames are held until `resume.done`."""
    facts(desk, 2)
    desk.log.before_load = lambda: desk.publish(message(ANN, BEN), message(ANN, BEN))
    wire = await connected(desk, since="0")
    assert wire.sent[2:] == ["log@1", "log@2", "log@3", "log@4", "unread 7", "done 4 e1"]


async def test_a_long_replay_is_read_in_pages(desk: Desk) -> None:
    """Pages of 200; all of it arrives, in order."""
    facts(desk, 2 * PAGE + 1)
    wire = await connected(desk, since="0")
    assert wire.sent[2:-2] == [f"log@{position}" for position in range(1, 2 * PAGE + 2)]
    assert desk.log.statements.count("after") == 3


async def test_a_slow_reader_is_replayed_page_by_page(desk: Desk) -> None:
    """The replay waits for the link; it does not fill the outbox, so nobody is closed for being slow."""
    facts(desk, 3 * PAGE)
    session, wire = await desk.join(BEN)
    wire.take()
    wire.narrow = True
    desk.runtime.background.spawn(desk.resume.resume(session, 0, None), "resume")
    for page in (1, 2, 3):
        await turns()
        assert len(wire.sent) == page * PAGE
        wire.is_full = False
        session.writable()
    await desk.settle()
    assert wire.sent[-2:] == ["unread 7", f"done {3 * PAGE} e1"]
    assert wire.closed is None


async def turns() -> None:
    """Let everything go on as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_resume_is_a_command_too(desk: Desk) -> None:
    """At any time after authentication, from wherever the client says; its id is echoed."""
    facts(desk, 4)
    session, wire = await desk.join(BEN)
    wire.take()
    await desk.resume.resume(session, 2, "e1", "c1")
    assert wire.take() == ["log@3", "log@4", "unread 7", "done 4 e1#c1"]
    desk.publish(message(ANN, BEN))
    assert wire.take() == ["new@5", "more"]


@pytest.mark.parametrize(
    ("since", "epoch", "reason"), [("1", "e0", "epoch"), ("5", None, "ahead"), ("1", None, "expired")]
)
async def test_a_client_that_cannot_catch_up_is_reset(desk: Desk, since: str, epoch: str | None, reason: str) -> None:
    """In place of replay, totals and `resume.done`; live frames follow."""
    facts(desk, 4)
    desk.log.floor = 2
    session, wire = await desk.join(BEN, since=since, epoch=epoch)
    desk.publish(message(ANN, BEN))
    assert wire.sent == [f"hello {since} {epoch or 'e1'}", "statuses []", f"reset 4 e1 {reason}", "new@5", "more"]
    assert session.state is State.LIVE


async def test_the_name_is_read_after_the_log(desk: Desk) -> None:
    """Reading may be what connects to a server that was promoted: its facts are not told under the old name."""
    facts(desk, 2)
    renamed_by(desk, "count")
    assert (await connected(desk, since="1", epoch="e1")).sent[2:] == ["reset 2 e2 epoch"]


def renamed_by(desk: Desk, statement: str) -> None:
    """This statement is the one that connects to another server, whose log is `e2`."""
    ask = getattr(desk.log, statement)

    async def connecting(*arguments: object) -> object:
        desk.log.name = desk.log.stored = "e2"
        return await ask(*arguments)

    setattr(desk.log, statement, connecting)


async def test_more_than_5000_facts_are_too_far(desk: Desk) -> None:
    """5,000 are replayed, 5,001 are not."""
    facts(desk, MAX_FACTS + 1)
    assert (await connected(desk, since="0")).sent[2:] == [f"reset {MAX_FACTS + 1} e1 too_far"]
    assert len((await connected(desk, since="1")).sent) == 2 + MAX_FACTS + 2


async def test_an_enormous_since_is_ahead(desk: Desk) -> None:
    """Not an error of ours."""
    assert (await connected(desk, since="9" * 20)).sent[-1] == "reset 0 e1 ahead"


@pytest.mark.parametrize("since", ["-1", "1.5", "", "x", "१", "9" * 21])
async def test_a_bad_since_is_an_error_and_the_connection_lives(desk: Desk, since: str) -> None:
    """`error` VALIDATION_ERROR after the connect frames, then live from the head."""
    facts(desk, 2)
    wire = await connected(desk, since=since)
    desk.publish(message(ANN, BEN))
    assert wire.sent == ["hello 2 e1", "statuses []", "VALIDATION_ERROR", "new@3", "more"]


@pytest.mark.parametrize("since", [True, 1.0, None, [], -1])
def test_a_since_of_another_type_is_refused(since: object) -> None:
    """In a `resume` event it may be a number or digits, nothing else."""
    with pytest.raises(ValidationFailed):
        parse_since(since)


async def test_what_a_dialect_does_not_show_is_passed_over(desk: Desk) -> None:
    """Positions jump; `resume.done` stands after it."""
    facts(desk, 1)
    desk.store(ConversationOpened(user(9), [Notice(BEN, None)]))
    assert (await connected(desk, since="0")).sent[2:] == ["log@1", "unread 7", "done 2 e1"]


async def test_a_gap_is_filled_from_the_log_after_100_ms(desk: Desk) -> None:
    """A publication that was lost: the next one shows it, and the log gives both."""
    _, wire = await desk.join(BEN)
    wire.take()
    facts(desk, 1)
    desk.publish(message(ANN, BEN))
    desk.time.advance(0.09)
    await desk.settle()
    assert wire.take() == []
    desk.time.advance(0.02)
    await desk.settle()
    assert wire.take() == ["log@1", "log@2"]
    desk.publish(message(ANN, BEN))
    assert wire.take() == ["new@3", "more"]


async def test_a_gap_that_closes_by_itself_costs_no_statement(desk: Desk) -> None:
    """Two publications crossed."""
    _, wire = await desk.join(BEN)
    wire.take()
    desk.log.statements.clear()
    first, second = desk.store(message(ANN, BEN)), desk.store(message(ANN, BEN))
    desk.broker.publish([second])
    desk.broker.publish([first])
    desk.time.advance(1)
    await desk.settle()
    assert wire.take() == ["new@1", "more", "new@2", "more"]
    assert desk.log.statements == []


async def test_a_lost_publication_is_found_within_30_s(desk: Desk) -> None:
    """Even if no other follows: heads are compared, many users in one statement."""
    _, wire = await desk.join(BEN)
    await desk.join(ANN)
    wire.take()
    facts(desk, 2)
    desk.log.statements.clear()
    await desk.pass_(31)
    assert wire.take() == ["log@1", "log@2"]
    assert desk.log.statements[0] == "heads"


async def test_the_repair_asks_for_1000_users_in_one_statement() -> None:
    """Not one by one."""
    desk = Desk(max_connections=3_000)
    for number in range(1, 1_502):
        await desk.join(user(number))
    desk.log.statements.clear()
    await desk.relay.repair()
    assert desk.log.statements == ["heads", "heads"]


async def test_a_live_session_whose_log_was_pruned_is_reset(desk: Desk) -> None:
    """What it missed is not there any more: it is told to take a snapshot."""
    _, wire = await desk.join(BEN)
    wire.take()
    facts(desk, 3)
    desk.log.floor = 2
    desk.log.facts[BEN] = desk.log.facts[BEN][:3]
    desk.publish(message(ANN, BEN))
    desk.log.floor = 4
    desk.time.advance(0.2)
    await desk.settle()
    assert wire.take() == ["reset 4 e1 expired"]
    desk.publish(message(ANN, BEN))
    assert wire.take() == ["new@5", "more"]


def prune_before(desk: Desk, page: int, floor: int) -> None:
    """Facts up to `floor` go just before this page is read, after everything was judged."""
    after = desk.log.after

    async def late(user_id: UUID, since: int, limit: int) -> Missed:
        if desk.log.statements.count("after") + 1 == page:
            desk.log.floor = floor
        return await after(user_id, since, limit)

    desk.log.after = late  # type: ignore[method-assign]
    desk.log.statements.clear()


async def test_a_log_pruned_while_it_is_replayed_is_expired(desk: Desk) -> None:
    """Between judging and the first page, or between two pages: never a silent jump."""
    facts(desk, 3)
    prune_before(desk, 1, 2)
    assert (await connected(desk, since="0")).sent[2:] == ["reset 3 e1 expired"]
    facts(desk, 2 * PAGE)
    prune_before(desk, 2, PAGE + 5)
    wire = await connected(desk, since="3")
    assert wire.sent[2:] == [
        *(f"log@{position}" for position in range(4, PAGE + 4)),
        f"reset {2 * PAGE + 3} e1 expired",
    ]
    desk.publish(message(ANN, BEN))
    assert wire.sent[-2:] == [f"new@{2 * PAGE + 4}", "more"]


async def test_a_log_pruned_while_a_gap_is_filled_is_expired(desk: Desk) -> None:
    """A live session is told as well."""
    _, wire = await desk.join(BEN)
    wire.take()
    facts(desk, 3)
    desk.publish(message(ANN, BEN))
    prune_before(desk, 1, 2)
    await desk.pass_(0.2)
    assert wire.take() == ["reset 4 e1 expired"]


async def test_facts_that_come_while_a_gap_is_filled_are_all_sent(desk: Desk) -> None:
    """More of them than a session holds: those that it only heard of are read from the log afterwards."""
    session, wire = await desk.join(BEN)
    wire.take()
    facts(desk, 1)
    after = desk.log.after

    async def busy(user_id: UUID, since: int, limit: int) -> Missed:
        desk.log.after = after  # type: ignore[method-assign]
        page = await after(user_id, since, limit)
        desk.publish(*(message(ANN, BEN) for _ in range(MAX_HELD + 2)))
        return page

    desk.log.after = busy  # type: ignore[method-assign]
    await desk.resume.fill(session)
    await desk.pass_(0.5)
    assert [text for text in wire.take() if text != "more"] == [
        "log@1",
        *(f"new@{position}" for position in range(2, MAX_HELD + 2)),
        f"log@{MAX_HELD + 2}",
        f"log@{MAX_HELD + 3}",
    ]
    desk.log.statements.clear()
    await desk.pass_(5)
    assert desk.log.statements == []


async def test_a_session_that_cannot_be_filled_is_closed(desk: Desk) -> None:
    """The database is away: the client comes back and resumes."""
    _, wire = await desk.join(BEN)
    facts(desk, 1)
    desk.publish(message(ANN, BEN))
    desk.log.away = True
    desk.time.advance(0.2)
    await desk.settle()
    assert wire.closed == (CloseCode.INTERNAL_ERROR, "")


async def test_a_resume_that_fails_leaves_a_live_connection_as_it_was(desk: Desk) -> None:
    """The database is away for a moment: an error, and live goes on without loss."""
    session, wire = await desk.join(BEN)
    wire.take()
    desk.log.away = True
    with pytest.raises(Unavailable):
        await desk.resume.resume(session, 0, None)
    desk.publish(message(ANN, BEN))
    assert wire.take() == ["new@1", "more"]


async def test_a_resume_from_beyond_the_head_that_fails_does_not_move_the_connection(desk: Desk) -> None:
    """What a client claims is worth nothing until the log was read."""
    session, wire = await desk.join(BEN)
    wire.take()
    desk.log.away = True
    with pytest.raises(Unavailable):
        await desk.resume.resume(session, 9, None)
    desk.publish(message(ANN, BEN))
    assert wire.take() == ["new@1", "more"]


async def test_typing_is_told_during_a_replay_but_not_before_the_greeting(desk: Desk) -> None:
    """Ephemeral events have no place in the order of facts; yet nothing comes before `auth_success`."""
    typing = TypingChanged(user(9), ANN, BEN, True)
    desk.log.before_load = lambda: desk.broker.publish([typing])
    wire = await connected(desk)
    assert wire.sent[0] == f"hello 0 {desk.log.name}"
    assert "typing True" not in wire.sent


async def test_connects_share_their_statements(desk: Desk) -> None:
    """A storm of connects: those who come while a statement runs wait for the next one together."""
    await asyncio.gather(*(desk.join(user(number)) for number in range(1, 51)))
    assert desk.log.statements.count("load") <= 3
