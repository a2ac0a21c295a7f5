"""Whatever people do on their devices, and however these come and go: snapshot + facts = fresh snapshot (design part 4).

Rounds of steps, drawn by hypothesis; the steps of a round run at once. A failure is printed as the smallest world that
shows it, with the line that runs it again. FULL=1 looks longer.
"""

import asyncio
import os
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.live.people import Place
from tests.property import ways
from tests.property.conftest import MOST_PEOPLE
from tests.property.device import Device, How
from tests.property.world import Attempt, Someone, World

from duologue.client import Disconnected, Refused, Rest, Sent, Socket

if TYPE_CHECKING:
    from tests.live.people import Hand

FULL = bool(os.environ.get("FULL"))


@dataclass(frozen=True)
class Step:
    """Something that `who` does on one of the devices, to somebody else where there is one; by socket if it has one and `socket`."""

    who: int
    device: int
    other: int
    socket: bool

    def parts(self, world: World) -> tuple[int, Someone, int]:
        """The number and the person of who does it, and the number of the other one."""
        who = self.who % len(world.people)
        other = (who + 1 + self.other % (len(world.people) - 1)) % len(world.people)
        return who, world.people[who], other

    def line(self, someone: Someone) -> Socket | None:
        """The socket to use, or None for REST."""
        return someone.devices[self.device].socket if self.socket else None

    async def run(self, world: World) -> None:
        """Do it."""
        raise NotImplementedError


async def perform(work: Awaitable[None]) -> None:
    """Wait for a step; a connection that this side ended meanwhile leaves its outcome unknown."""
    try:
        await work
    except Disconnected as error:
        if error.code not in {None, 1000, 1006}:
            raise


async def deliver(attempt: Attempt, someone: Someone, socket: Socket | None) -> None:
    """Send, by socket if there is one, and keep what became of it."""
    temp_id = None if attempt.key is None else str(attempt.key)
    try:
        if socket is not None:
            answer = await socket.send(attempt.chat, attempt.text, temp_id=temp_id)
            attempt.sent = Sent(answer.message, answer.replayed)
        else:
            attempt.sent = await someone.rest.send(attempt.chat, attempt.text, temp_id=temp_id)
    except Refused as refusal:
        attempt.refused = refusal.code


@dataclass(frozen=True)
class Send(Step):
    """Send a text; with a `key` the same send, or with another `variant` another one under the same key."""

    key: int | None
    variant: int

    async def run(self, world: World) -> None:
        """Keep what became of it."""
        who, someone, other = self.parts(world)
        chat = await world.chat(who, other)
        if chat is None:
            return
        key = None if self.key is None else world.key(who, self.key)
        name = len(world.attempts) if key is None else f"key {self.key} variant {self.variant}"
        attempt = world.attempt(who, chat, f"{who} to {other}: {name}", key)
        await deliver(attempt, someone, self.line(someone))


@dataclass(frozen=True)
class Rush(Step):
    """Send under fresh keys, be cut off so many turns of the loop later, come back and send the same again."""

    count: int
    turns: int

    async def run(self, world: World) -> None:
        """Whatever became of the first tries, each is there once in the end."""
        who, someone, other = self.parts(world)
        device, chat = someone.devices[self.device], await world.chat(who, other)
        if chat is None:
            return
        names = [(world.key(who, -len(world.attempts) - number), number) for number in range(1, self.count + 1)]
        tries = [world.attempt(who, chat, f"{who} to {other}: rush {world.turn} {key}", key) for key, _ in names]
        sending = asyncio.gather(*(perform(deliver(one, someone, device.socket)) for one in tries))
        for _ in range(self.turns):
            await asyncio.sleep(0)
        await device.drop(clean=False)
        await sending
        await device.join(How.QUERY)
        again = [world.attempt(who, chat, one.text, one.key) for one in tries]
        await asyncio.gather(*(deliver(one, someone, self.line(someone)) for one in again))


@dataclass(frozen=True)
class Read(Step):
    """Mark as read: all, or all up to a message that the device knows."""

    up_to: int | None

    async def run(self, world: World) -> None:
        """Mark."""
        who, someone, other = self.parts(world)
        chat = await world.chat(who, other)
        if chat is None:
            return
        known = someone.devices[self.device].inbox.history(chat)
        message_id = known[self.up_to % len(known)].id if known and self.up_to is not None else None
        socket = self.line(someone)
        try:
            if socket is not None:
                await socket.read(chat, message_id=message_id)
            else:
                await someone.rest.read(chat, message_id)
        except Refused as refusal:
            if refusal.code != "NOT_FOUND" or message_id is None:  # deleted meanwhile
                raise


@dataclass(frozen=True)
class Glance(Step):
    """Read in dialect B: a page of the history, or exactly one message that the device knows."""

    which: int | None

    async def run(self, world: World) -> None:
        """What was deleted meanwhile, or never was received, is refused."""
        who, someone, other = self.parts(world)
        chat = await world.chat(who, other)
        if chat is None:
            return
        received = [
            one for one in someone.devices[self.device].inbox.history(chat) if one.sender_id != someone.person.id
        ]
        if self.which is None or not received:
            await ways.look(someone.person, chat)
        else:
            await ways.read_one(someone.person, received[self.which % len(received)].id)


@dataclass(frozen=True)
class Unsend(Step):
    """Delete a message that the device knows; of somebody else's nothing is deleted."""

    which: int

    async def run(self, world: World) -> None:
        """Delete."""
        who, someone, other = self.parts(world)
        chat = await world.chat(who, other)
        known = someone.devices[self.device].inbox.history(chat) if chat is not None else []
        if known:
            message = known[self.which % len(known)]
            await ways.unsend(someone.person, message.id, mine=message.sender_id == someone.person.id)


@dataclass(frozen=True)
class Forget(Step):
    """Delete the conversation for oneself."""

    async def run(self, world: World) -> None:
        """Delete."""
        who, someone, other = self.parts(world)
        chat = await world.chat(who, other)
        if chat is not None:
            world.deleting = True
            await ways.forget(someone.person, chat)


@dataclass(frozen=True)
class Privacy(Step):
    """Say who may write first; everybody much more often than not."""

    setting: str

    async def run(self, world: World) -> None:
        """Say it."""
        who, someone, _ = self.parts(world)
        if self.setting != "everyone":
            world.private.add(who)
        await someone.rest.update_me(whoCanMessage=self.setting)


@dataclass(frozen=True)
class Block(Step):
    """Block, or take the block away."""

    stands: bool

    async def run(self, world: World) -> None:
        """A block that is not there cannot be taken away."""
        who, someone, other = self.parts(world)
        name = world.people[other].person.username
        way = self.line(someone) or someone.rest
        if self.stands:
            world.blocked.add(frozenset((who, other)))
            await way.block(name)
            return
        try:
            await way.unblock(name)
        except Refused as refusal:
            if refusal.code != "NOT_FOUND":
                raise


@dataclass(frozen=True)
class Open(Step):
    """Open the conversation, over REST as there is no other way."""

    async def run(self, world: World) -> None:
        """Open it."""
        who, _, other = self.parts(world)
        await world.chat(who, other)


@dataclass(frozen=True)
class Receipts(Step):
    """Switch read receipts; `socket` says whether on."""

    async def run(self, world: World) -> None:
        """Switch."""
        _, someone, _ = self.parts(world)
        await someone.rest.update_me(sendReadReceipts=self.socket)


@dataclass(frozen=True)
class Join(Step):
    """Come back and catch up."""

    how: How

    async def run(self, world: World) -> None:
        """Connect."""
        await self.mine(world).join(self.how)

    def mine(self, world: World) -> Device:
        """The device."""
        return self.parts(world)[1].devices[self.device]


@dataclass(frozen=True)
class Leave(Step):
    """Go, by a close frame or by a cut; `socket` says which."""

    async def run(self, world: World) -> None:
        """Disconnect."""
        await self.parts(world)[1].devices[self.device].drop(clean=self.socket)


@dataclass(frozen=True)
class Reload(Step):
    """Take a fresh snapshot while everything goes on."""

    async def run(self, world: World) -> None:
        """Load."""
        await self.parts(world)[1].devices[self.device].snapshot()


PLACE = {"who": st.integers(0, MOST_PEOPLE - 1), "device": st.integers(0, 1), "other": st.integers(0, MOST_PEOPLE - 2)}
ANY = {**PLACE, "socket": st.booleans()}
SENDS = st.builds(Send, **ANY, key=st.none() | st.integers(0, 1), variant=st.integers(0, 1))
STEPS = st.one_of(
    SENDS,
    SENDS,
    SENDS,
    SENDS,
    st.builds(Rush, **ANY, count=st.integers(1, 5), turns=st.integers(0, 60)),
    st.builds(Read, **ANY, up_to=st.none() | st.integers(0, 9)),
    st.builds(Read, **ANY, up_to=st.none()),
    st.builds(Block, **ANY, stands=st.sampled_from([True, False, False, False])),  # most find nothing to take away
    st.builds(Join, **ANY, how=st.sampled_from(How)),
    st.builds(Leave, **ANY),
    st.builds(Unsend, **ANY, which=st.integers(0, 9)),
    st.one_of(st.builds(Forget, **ANY), st.builds(Glance, **ANY, which=st.none() | st.integers(0, 9))),
    st.one_of(st.builds(Open, **ANY), st.builds(Receipts, **ANY), st.builds(Reload, **ANY)),
    st.builds(Privacy, **ANY, setting=st.sampled_from(["everyone", "everyone", "followers", "none"])),
)
ROUNDS = st.lists(st.lists(STEPS, min_size=1, max_size=8), min_size=1, max_size=16)
AT_FIRST = st.lists(st.sampled_from([*How, None]), min_size=2 * MOST_PEOPLE, max_size=2 * MOST_PEOPLE)


@pytest.mark.timeout(7200 if FULL else 600)
@settings(
    max_examples=3000 if FULL else 30,
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(size=st.integers(2, MOST_PEOPLE), at_first=AT_FIRST, rounds=ROUNDS)
async def test_every_device_ends_where_a_fresh_snapshot_is(
    place: Place,
    hand: "Hand",
    rests: Sequence[Rest],
    size: int,
    at_first: list[How | None],
    rounds: list[list[Step]],
) -> None:
    """Sends, retries, reads, deletions, blocks, cuts and resumes, many at once: nothing is lost or comes twice, all agree."""
    world = await World.make(place, hand, rests, size)
    try:
        devices = [device for someone in world.people for device in someone.devices]
        for device, how in zip(devices, at_first, strict=False):
            if how is not None:
                await device.join(how)
        for world.turn, steps in enumerate(rounds):
            outcomes = await asyncio.gather(*(perform(step.run(world)) for step in steps), return_exceptions=True)
            for fault in filter(None, outcomes):
                raise fault
        await world.check()
    finally:
        await world.close()
