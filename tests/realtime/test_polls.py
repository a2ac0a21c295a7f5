"""Long polling: what a poll answers, how it waits, and that all polls of a user are one session."""

import asyncio
from uuid import UUID

import pytest
from tests.realtime.desk import Desk, caller, message, user

from duologue.core.errors import Forbidden, RateLimited, Unauthorized
from duologue.core.events import ConversationOpened, EndReason, Notice, PresenceChanged, SessionsEnded
from duologue.realtime.codec import ResetReason
from duologue.realtime.polls import Polled

ANN, BEN = user(1), user(2)
PHONE, LAPTOP = user(50), user(51)


async def poll(
    desk: Desk,
    since: int | None,
    *,
    limit: int = 100,
    wait: float = 0.0,
    epoch: str | None = None,
    session_id: UUID | None = None,
) -> Polled:
    """BEN polls."""
    who = caller(BEN, session_id=session_id)
    return await desk.polls.events(who, desk.codec, since=since, epoch=epoch, limit=limit, wait=wait)


async def turns() -> None:
    """Let everything go on as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_without_since_there_are_no_events_but_the_head(desk: Desk) -> None:
    """Where a client begins."""
    desk.store(message(ANN, BEN))
    assert await poll(desk, None) == Polled(1, "e1")


async def test_events_after_a_position_at_most_limit(desk: Desk) -> None:
    """First frames, whole; `has_more` while the log goes on."""
    for _ in range(3):
        desk.store(message(ANN, BEN))
    assert await poll(desk, 0, limit=2) == Polled(2, "e1", [b"log@1", b"log@2"], has_more=True)
    assert await poll(desk, 2, limit=2) == Polled(3, "e1", [b"log@3"])
    assert await poll(desk, 3) == Polled(3, "e1")


async def test_the_position_may_exceed_the_last_event(desk: Desk) -> None:
    """What this dialect does not show is passed over, even if a whole page is."""
    for _ in range(3):
        desk.store(ConversationOpened(user(9), [Notice(BEN, None)]))
    desk.store(message(ANN, BEN))
    assert await poll(desk, 0, limit=1) == Polled(4, "e1", [b"log@4"])


@pytest.mark.parametrize(("since", "epoch", "reason"), [(9, None, ResetReason.AHEAD), (1, "e0", ResetReason.EPOCH)])
async def test_a_client_that_cannot_go_on_is_reset(desk: Desk, since: int, epoch: str, reason: ResetReason) -> None:
    """As on a socket."""
    desk.store(message(ANN, BEN))
    assert await poll(desk, since, epoch=epoch, wait=30) == Polled(1, "e1", reset=reason)


async def test_a_log_pruned_between_judging_and_reading_is_expired(desk: Desk) -> None:
    """Never a silent jump, not even to an empty answer."""
    for _ in range(3):
        desk.store(message(ANN, BEN))
    count, floors = desk.log.count, [2, 3]

    async def early(user_id: UUID, since: int) -> tuple[int, int]:
        desk.log.floor = 0
        found = await count(user_id, since)
        desk.log.floor = floors.pop(0)
        return found

    desk.log.count = early  # type: ignore[method-assign]
    for _ in (2, 3):
        assert await poll(desk, 1) == Polled(3, "e1", reset=ResetReason.EXPIRED)


async def test_a_log_pruned_while_a_poll_waits_is_expired(desk: Desk) -> None:
    """It is judged anew when there is news."""
    waiting = asyncio.ensure_future(poll(desk, 0, wait=30))
    await turns()
    desk.store(message(ANN, BEN))
    desk.log.floor = 1
    desk.publish(message(ANN, BEN))
    assert await waiting == Polled(2, "e1", reset=ResetReason.EXPIRED)


async def test_a_poll_that_waited_over_a_change_of_the_log_is_reset(desk: Desk) -> None:
    """The name counts that holds when the facts are read, also for a client that gave none."""
    for epoch in ("e1", None):
        desk.log.name = "e1"
        waiting = asyncio.ensure_future(poll(desk, desk.log.head(BEN), epoch=epoch, wait=30))
        await turns()
        desk.log.name = "e2"
        desk.publish(message(ANN, BEN))
        assert await waiting == Polled(desk.log.head(BEN), "e2", reset=ResetReason.EPOCH)


async def test_a_poll_waits_for_the_next_fact(desk: Desk) -> None:
    """It is answered when something happens, not when its time is over."""
    waiting = asyncio.ensure_future(poll(desk, 0, wait=30))
    await turns()
    assert not waiting.done()
    desk.publish(message(ANN, BEN))
    assert (await waiting).frames == [b"log@1"]


async def test_a_poll_ends_when_its_time_is_over(desk: Desk) -> None:
    """With no events."""
    waiting = asyncio.ensure_future(poll(desk, 0, wait=30))
    await turns()
    desk.time.advance(30)
    assert await waiting == Polled(0, "e1")


async def test_a_fact_between_reading_and_waiting_is_not_missed(desk: Desk) -> None:
    """The poll listens before it reads."""
    desk.log.name = "e1"
    count = desk.log.count

    async def late(user_id: object, since: int) -> tuple[int, int]:
        desk.log.count = count  # type: ignore[method-assign]
        found = await count(BEN, since)
        desk.publish(message(ANN, BEN))
        return found

    desk.log.count = late  # type: ignore[method-assign]
    assert (await poll(desk, 0, wait=30)).frames == [b"log@1"]


async def test_a_server_that_stops_lets_polls_go(desk: Desk) -> None:
    """At once."""
    waiting = asyncio.ensure_future(poll(desk, 0, wait=30))
    await turns()
    desk.hub.drain()
    assert await waiting == Polled(0, "e1")


async def test_signing_out_ends_the_polls_of_that_session(desk: Desk) -> None:
    """401 at once, not when their time is over; another session's poll goes on."""
    mine = asyncio.ensure_future(poll(desk, 0, wait=30, session_id=PHONE))
    other = asyncio.ensure_future(poll(desk, 0, wait=30, session_id=LAPTOP))
    await turns()
    desk.broker.publish([SessionsEnded(BEN, PHONE, EndReason.SIGNED_OUT)])
    with pytest.raises(Unauthorized, match="Session has ended"):
        await mine
    await turns()
    assert not other.done()
    desk.broker.publish([SessionsEnded(BEN, None, EndReason.DEACTIVATED)])
    with pytest.raises(Forbidden, match="Account is deactivated"):
        await other


async def test_a_poll_of_who_was_signed_out_before_it_waited_does_not_wait(desk: Desk) -> None:
    """The event came when nobody waited yet."""
    desk.people.ended.add(PHONE)
    with pytest.raises(Unauthorized, match="Session has ended"):
        async with asyncio.timeout(5):
            await poll(desk, 0, wait=30, session_id=PHONE)


async def test_a_poll_of_who_is_signed_out_while_it_reads_does_not_wait(desk: Desk) -> None:
    """The event came before the waiting; it is not taken for news."""
    count = desk.log.count

    async def late(user_id: UUID, since: int) -> tuple[int, int]:
        desk.broker.publish([SessionsEnded(BEN, PHONE, EndReason.SIGNED_OUT)])
        return await count(user_id, since)

    desk.log.count = late  # type: ignore[method-assign]
    with pytest.raises(Unauthorized, match="Session has ended"):
        async with asyncio.timeout(5):
            await poll(desk, 0, wait=30, session_id=PHONE)


async def test_who_is_signed_out_after_the_news_still_gets_it(desk: Desk) -> None:
    """It was answered by then."""
    waiting = asyncio.ensure_future(poll(desk, 0, wait=30, session_id=PHONE))
    await turns()
    desk.publish(message(ANN, BEN))
    desk.broker.publish([SessionsEnded(BEN, PHONE, EndReason.SIGNED_OUT)])
    assert (await waiting).frames == [b"log@1"]


async def test_all_polls_of_a_user_are_one_session(desk: Desk) -> None:
    """One connection, online with the first poll, renewed by each, offline 45 s and the grace after the last."""
    desk.heartbeat.start()
    for _ in range(4):
        await poll(desk, None)
        await desk.pass_(40)
    assert await desk.presence.count(BEN) == 1
    assert [event.is_online for event in desk.published if isinstance(event, PresenceChanged)] == [True]
    await desk.pass_(10)
    assert await desk.presence.online({BEN}) == set()
    await desk.pass_(3)
    assert [event.is_online for event in desk.published if isinstance(event, PresenceChanged)] == [True, False]
    desk.heartbeat.stop()


async def test_a_poll_beyond_the_connection_limit_is_refused() -> None:
    """429; polls that have their place go on."""
    desk = Desk(max_per_user=2)
    await poll(desk, None)
    session, _ = await desk.join(BEN)
    await poll(desk, None)
    desk.time.advance(46)
    desk.polls.expire(desk.time.monotonic())
    await desk.settle()
    await desk.join(BEN)
    with pytest.raises(RateLimited) as refused:
        await poll(desk, None)
    assert refused.value.retry_after is not None
    await desk.lose(session)
    await desk.settle()
    await poll(desk, None)
