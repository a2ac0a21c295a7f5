"""Presence: who is connected, by lease, and the edges between online and offline (PRS-01, PRS-02, PRS-07, G-36)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.core.ports import Presence

if TYPE_CHECKING:
    from tests.brokers.conftest import Backend, ManualClock

    Step = Callable[["Model", UUID, UUID], Awaitable[None]]

ANN, BOB, CAT = UUID(int=1), UUID(int=2), UUID(int=3)
PHONE, LAPTOP, TABLET = UUID(int=11), UUID(int=12), UUID(int=13)


@pytest.fixture
def presence(backend: Backend, clock: ManualClock) -> Presence:
    """Leases of a minute."""
    return backend.presence(clock, 60.0)


async def test_the_first_connection_is_the_online_edge_and_the_last_to_go_the_offline_edge(presence: Presence) -> None:
    """Devices between them are nobody's business (G-36)."""
    assert await presence.connect(ANN, PHONE)
    assert not await presence.connect(ANN, LAPTOP)
    assert not await presence.disconnect(ANN, PHONE)
    assert await presence.disconnect(ANN, LAPTOP)
    assert await presence.connect(ANN, TABLET)


async def test_who_is_online_is_asked_for_many_at_once(presence: Presence) -> None:
    """Of those asked about, and nobody else."""
    await presence.connect(ANN, PHONE)
    await presence.connect(BOB, LAPTOP)
    assert await presence.online([ANN, CAT]) == {ANN}
    assert await presence.online([]) == set()
    await presence.disconnect(ANN, PHONE)
    assert await presence.online([ANN, BOB, CAT]) == {BOB}


async def test_connections_of_a_user_are_counted(presence: Presence) -> None:
    """Each once, for the limit per user."""
    assert await presence.count(ANN) == 0
    await presence.connect(ANN, PHONE)
    await presence.connect(ANN, LAPTOP)
    await presence.connect(ANN, LAPTOP)
    assert (await presence.count(ANN), await presence.count(BOB)) == (2, 0)


async def test_a_lease_that_is_not_renewed_lapses(presence: Presence, clock: ManualClock) -> None:
    """Exactly at its end; what lapsed is neither online nor counted, and its user is told once."""
    await presence.connect(ANN, PHONE)
    clock.advance(59)
    assert await presence.expire() == []
    assert await presence.online([ANN]) == {ANN}
    clock.advance(1)
    assert await presence.online([ANN]) == set()
    assert await presence.count(ANN) == 0
    assert await presence.expire() == [ANN]
    assert await presence.expire() == []


async def test_a_renewed_lease_holds(presence: Presence, clock: ManualClock) -> None:
    """Many in one go; what is not named goes on towards its end."""
    await presence.connect(ANN, PHONE)
    await presence.connect(ANN, LAPTOP)
    await presence.connect(BOB, TABLET)
    clock.advance(40)
    await presence.renew([(ANN, PHONE), (BOB, TABLET)])
    clock.advance(40)
    assert await presence.expire() == []
    assert (await presence.count(ANN), await presence.count(BOB)) == (1, 1)
    clock.advance(20)
    assert set(await presence.expire()) == {ANN, BOB}


async def test_a_lease_that_lapsed_while_its_socket_stayed_open_is_taken_anew(
    presence: Presence, clock: ManualClock
) -> None:
    """A node that stood still must not leave its users offline."""
    await presence.connect(ANN, PHONE)
    clock.advance(61)
    await presence.renew([(ANN, PHONE)])
    assert await presence.expire() == []
    assert await presence.online([ANN]) == {ANN}


async def test_whoever_comes_back_before_the_lapse_was_seen_is_not_reported_gone(
    presence: Presence, clock: ManualClock
) -> None:
    """The new connection is an online edge, since no live one was there."""
    await presence.connect(ANN, PHONE)
    clock.advance(60)
    assert await presence.connect(ANN, LAPTOP)
    assert await presence.expire() == []
    assert await presence.count(ANN) == 1


async def test_the_last_live_connection_takes_lapsed_ones_with_it(presence: Presence, clock: ManualClock) -> None:
    """One offline edge, not a second one from `expire`."""
    await presence.connect(ANN, PHONE)
    clock.advance(30)
    await presence.connect(ANN, LAPTOP)
    clock.advance(30)
    assert await presence.disconnect(ANN, LAPTOP)
    assert await presence.expire() == []


async def test_a_connection_that_is_not_known_cannot_go(presence: Presence, clock: ManualClock) -> None:
    """Neither twice, nor one of another user, nor after its lapse was reported."""
    assert not await presence.disconnect(ANN, PHONE)
    await presence.connect(ANN, PHONE)
    assert not await presence.disconnect(BOB, PHONE)
    assert not await presence.disconnect(ANN, LAPTOP)
    assert await presence.online([ANN]) == {ANN}
    clock.advance(60)
    assert await presence.expire() == [ANN]
    assert not await presence.disconnect(ANN, PHONE)


class Model:
    """The plainest presence, the ends of leases, driven beside the real one; and who was last told online."""

    def __init__(self, presence: Presence, clock: ManualClock) -> None:
        self.presence = presence
        self.clock = clock
        self.ends: dict[tuple[UUID, UUID], float] = {}
        self.told_online: set[UUID] = set()

    def live(self, user: UUID) -> int:
        """Connections whose lease has not ended."""
        return sum(owner == user and end > self.clock.monotonic() for (owner, _), end in self.ends.items())

    def drop_lapsed(self, *users: UUID) -> None:
        """Forget leases that ended."""
        now = self.clock.monotonic()
        self.ends = {pair: end for pair, end in self.ends.items() if end > now or pair[0] not in users}

    async def connect(self, user: UUID, connection: UUID) -> None:
        """The first live one is an edge."""
        assert await self.presence.connect(user, connection) == (self.live(user) == 0)
        self.drop_lapsed(user)
        self.ends[user, connection] = self.clock.monotonic() + 60.0
        self.told_online.add(user)

    async def renew(self, _user: UUID, _connection: UUID) -> None:
        """Everything that is open."""
        await self.presence.renew(list(self.ends))
        self.ends = dict.fromkeys(self.ends, self.clock.monotonic() + 60.0)

    async def disconnect(self, user: UUID, connection: UUID) -> None:
        """The last live one is an edge, for a user who was told online."""
        known = self.ends.pop((user, connection), None) is not None
        last = known and self.live(user) == 0
        assert await self.presence.disconnect(user, connection) == last
        if known:
            self.drop_lapsed(user)
        if last:
            self.told_online.remove(user)

    async def expire(self, *_: UUID) -> None:
        """An edge for whoever was told online and has nothing left."""
        gone = await self.presence.expire()
        self.drop_lapsed(ANN, BOB)
        assert sorted(gone) == sorted(self.told_online - {user for user, _ in self.ends})
        self.told_online.difference_update(gone)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Model.connect, Model.renew, Model.disconnect, Model.expire]),
            st.sampled_from([ANN, BOB]),
            st.sampled_from([PHONE, LAPTOP]),
            st.integers(0, 45),
        ),
        max_size=60,
    )
)
async def test_edges_follow_what_is_live_whatever_happens(
    backend: Backend, new_clock: type[ManualClock], steps: list[tuple[Step, UUID, UUID, int]]
) -> None:
    """Whoever was told online is told offline once, and nobody else is; a dead node leaves nobody online."""
    clock = new_clock()
    presence = backend.presence(clock, 60.0)
    model = Model(presence, clock)
    for step, user, connection, seconds in steps:
        clock.advance(seconds)
        await step(model, user, connection)
        assert [await presence.count(one) for one in (ANN, BOB)] == [model.live(ANN), model.live(BOB)]
        assert await presence.online([ANN, BOB]) == {one for one in (ANN, BOB) if model.live(one)}
    clock.advance(60)
    await model.expire()
    assert model.told_online == set()
