"""The repair every 30 s: sessions behind the database, ahead of it, and at a log that is no more (design part 4, Loss, epoch)."""

import asyncio
from uuid import UUID

import pytest
from tests.realtime.desk import Desk, Wire, caller, message, user

from duologue.core.errors import Unavailable
from duologue.core.events import Fact
from duologue.realtime.resume import PAGE
from duologue.realtime.session import MAX_HELD

ANN, BEN, CLEO = user(1), user(2), user(3)


def publish(desk: Desk, number: int) -> None:
    """So many facts of ANN and BEN."""
    desk.publish(*(message(ANN, BEN) for _ in range(number)))


def lost(desk: Desk, number: int) -> list[Fact]:
    """Facts that were told and are no more: those who were told are ahead of the log."""
    told = desk.log.facts[BEN][-number:]
    desk.log.lose(ANN, number)
    desk.log.lose(BEN, number)
    return told


async def test_a_new_name_in_the_database_resets_every_session(desk: Desk) -> None:
    """`duologue check --new-epoch` while the server runs: within 30 s, wherever the session stands; live frames follow."""
    wires = [(await desk.join(who))[1] for who in (ANN, BEN, BEN, CLEO)]
    publish(desk, 2)
    for wire in wires:
        wire.take()
    desk.log.stored = "e2"
    await desk.pass_(31)
    assert [wire.take() for wire in wires] == [["reset 2 e2 epoch"]] * 3 + [["reset 0 e2 epoch"]]
    await desk.pass_(31)
    assert [wire.take() for wire in wires] == [[]] * 4
    publish(desk, 1)
    assert [wire.take() for wire in wires] == [["new@3", "more"]] * 3 + [[]]


async def test_a_name_that_the_pool_learned_by_itself_resets_too(desk: Desk) -> None:
    """A new connection read it first: what counts is what each session was told, and who knows it is left alone."""
    _, before = await desk.join(BEN)
    desk.log.name = desk.log.stored = "e2"
    _, after = await desk.join(BEN)
    resumed, again = await desk.join(BEN)
    await desk.resume.resume(resumed, 0, "e2")
    for wire in (before, after, again):
        wire.take()
    await desk.relay.repair()
    assert [wire.take() for wire in (before, after, again)] == [["reset 0 e2 epoch"], [], []]


async def test_a_resume_tells_a_session_the_name(desk: Desk) -> None:
    """By `resume.done` and `resume.reset` alike, on connecting and as a command."""
    wires = []
    for since in ("0", "5"):
        session, wire = await desk.join(BEN, since=since)
        wires.append(wire)
        desk.log.name = desk.log.stored = desk.log.name + "x"
        await desk.resume.resume(session, int(since), None)
        wire.take()
        await desk.relay.repair()
    assert [wire.take() for wire in wires] == [["reset 0 e1xx epoch"], []]


async def test_a_server_without_sockets_learns_the_name_too(desk: Desk) -> None:
    """Polls and those who connect later go by it."""
    desk.log.stored = "e2"
    await desk.relay.repair()
    assert await desk.log.epoch() == "e2"


async def test_sessions_ahead_of_the_log_are_reset(desk: Desk) -> None:
    """Facts were lost and the name is the same: the next fact has a position that was told before, and must arrive."""
    _, wire = await desk.join(BEN)
    publish(desk, 5)
    wire.take()
    lost(desk, 2)
    await desk.pass_(31)
    assert wire.take() == ["reset 3 e1 ahead"]
    publish(desk, 1)
    assert wire.take() == ["new@4", "more"]


async def test_a_fact_that_overtakes_the_heads_is_not_ahead(desk: Desk) -> None:
    """It was sent while the statement was under way."""
    _, wire = await desk.join(BEN)
    wire.take()
    during_the_heads(desk, 1)
    await desk.relay.repair()
    assert wire.take() == ["new@1", "more"]


def during_the_heads(desk: Desk, number: int) -> None:
    """These facts are published when the heads were read, and not yet looked at."""
    heads = desk.log.heads

    async def slow(user_ids: list[UUID]) -> dict[UUID, int]:
        found = await heads(user_ids)
        desk.log.heads = heads  # type: ignore[method-assign]
        publish(desk, number)
        return found

    desk.log.heads = slow  # type: ignore[assignment]


@pytest.mark.parametrize("name", ["e1", "e2"])
async def test_facts_that_come_while_the_loss_is_found_follow_the_reset(desk: Desk, name: str) -> None:
    """Below the session's old place they were dropped, above it they were sent too early: the log gives them."""
    _, wire = await desk.join(BEN)
    publish(desk, 5)
    wire.take()
    lost(desk, 3)
    desk.log.stored = name
    during_the_heads(desk, 2)
    await desk.relay.repair()
    await desk.pass_(0.2)
    assert wire.take() == [f"reset 2 {name} {'ahead' if name == 'e1' else 'epoch'}", "log@3", "log@4"]


async def test_what_a_lost_log_left_behind_is_not_told(desk: Desk) -> None:
    """Facts of the old server that waited for a gap are no facts any more; a command of ours is answered even so."""
    session, wire = await desk.join(BEN)
    mine = desk.store(message(BEN, ANN))
    publish(desk, 1)
    wire.take()
    lost(desk, 2)
    desk.log.stored = "e2"
    mine.origin = message(ANN, BEN, origin=session, command_id="c1").origin
    mine.notices[0].position = 3
    desk.broker.publish([mine])
    await desk.relay.repair()
    assert wire.take() == ["reset 0 e2 epoch", "sent@None#c1"]
    publish(desk, 3)
    await desk.pass_(5)
    assert wire.take() == ["new@1", "more", "new@2", "more", "new@3", "more"]


async def test_held_facts_that_the_log_has_not_are_looked_for_once(desk: Desk) -> None:
    """They were lost with the old server: filling ends, though the gap never closes."""
    _, wire = await desk.join(BEN)
    publish(desk, MAX_HELD + 4)
    facts = lost(desk, MAX_HELD + 4)
    session, wire = await desk.join(BEN)
    wire.take()
    desk.broker.publish(facts[1:])
    desk.log.statements.clear()
    await desk.pass_(5)
    assert desk.log.statements == ["count"]
    assert not session.is_behind
    assert wire.take() == []


async def test_a_gap_found_after_a_failover_is_reset(desk: Desk) -> None:
    """Filling reads another log than the session was at: no need to wait for the repair."""
    _, wire = await desk.join(BEN)
    publish(desk, 3)
    wire.take()
    lost(desk, 1)
    desk.log.name = desk.log.stored = "e2"
    desk.log.append(message(ANN, BEN))
    desk.log.append(message(ANN, BEN))
    publish(desk, 1)
    await desk.pass_(0.2)
    assert wire.take() == ["reset 5 e2 epoch"]
    publish(desk, 1)
    assert wire.take() == ["new@6", "more"]


async def test_a_session_that_is_not_live_is_left_to_the_next_repair(desk: Desk) -> None:
    """While it connects or is replayed to, nothing comes in between."""
    publish(desk, 2 * PAGE)
    arriving, silent = desk.open()
    desk.hub.join(arriving, caller(BEN))
    session, wire = await desk.join(BEN)
    wire.take()
    wire.narrow = True
    desk.runtime.background.spawn(desk.resume.resume(session, 0, None), "resume")
    await page_written(wire)
    desk.log.stored = "e2"
    await desk.relay.repair()
    wire.is_full = wire.narrow = False
    session.writable()
    async with asyncio.timeout(5):
        await desk.settle()
    assert [text for text in wire.take() if "@" not in text] == ["unread 7", f"done {2 * PAGE} e1"]
    assert silent.sent == []
    await desk.relay.repair()
    assert wire.take() == [f"reset {2 * PAGE} e2 epoch"]


async def page_written(wire: Wire) -> None:
    """Wait for the first page."""
    for _ in range(20):
        await asyncio.sleep(0)
    assert wire.is_full


async def test_a_repair_that_fails_changes_nothing(desk: Desk) -> None:
    """The next one finds the same."""
    _, wire = await desk.join(BEN)
    wire.take()
    desk.log.stored, desk.log.away = "e2", True
    with pytest.raises(Unavailable):
        await desk.relay.repair()
    assert wire.take() == []
    desk.log.away = False
    await desk.relay.repair()
    assert wire.take() == ["reset 0 e2 epoch"]
