"""A few people with two devices each, what they tried to send, and what must be true when all is over."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, UUID, uuid5

import asyncpg
from tests.live.people import Person, Place
from tests.pipeline.oracle import faults
from tests.property.device import Device, How

from duologue.client import Inbox, Refused, Rest, Sent, Snapshot, take

if TYPE_CHECKING:
    from tests.live.people import Hand

OPENED = 3  # core.events.Kind: a replay leaves an opening out while the conversation is not listed
TRIES = 20  # to catch the world while nothing moves


@dataclass(slots=True, eq=False)
class Attempt:
    """A send and what became of it. Neither sent nor refused: the connection ended before the answer."""

    turn: int
    sender: int
    chat: str
    text: str
    key: UUID | None
    sent: Sent | None = None
    refused: str | None = None


@dataclass(slots=True)
class Someone:
    """A person with a REST client and two devices."""

    person: Person
    rest: Rest
    devices: tuple[Device, Device]


class World:
    """The people of one example."""

    def __init__(self, hand: "Hand", people: Sequence[Someone]) -> None:
        self.people = people
        self.attempts: list[Attempt] = []
        self.blocked: set[frozenset[int]] = set()  # the pairs between which a block ever stood
        self.turn = 0
        self._hand = hand
        self._name = people[0].person.id
        self._chats: dict[tuple[int, int], str] = {}

    @classmethod
    async def make(cls, place: Place, hand: "Hand", rests: Sequence[Rest], size: int) -> "World":
        """Make people whom the server knows, each with two empty devices."""
        people = []
        epoch = ""
        for rest in rests[:size]:
            person = place.stranger()
            rest.token = person.token
            user = await rest.me()
            epoch = epoch or (await rest.events()).epoch
            one, two = (Device(person, rest, Inbox(user, position=0), epoch) for _ in range(2))
            people.append(Someone(person, rest, (one, two)))
        return cls(hand, people)

    def key(self, sender: int, slot: int) -> UUID:
        """Name a send: the same for ever in this world."""
        return uuid5(NAMESPACE_OID, f"{self._name} {sender} {slot}")

    async def chat(self, one: int, other: int) -> str | None:
        """The conversation of two people, opened if need be; None if a block refuses that."""
        pair = (min(one, other), max(one, other))
        if pair not in self._chats:
            try:
                opened = await self.people[one].rest.open(self.people[other].person.username)
            except Refused as refusal:
                if refusal.code != "BLOCKED" or frozenset(pair) not in self.blocked:
                    raise
                return None
            assert self._chats.setdefault(pair, opened.id) == opened.id, "a pair has one conversation"
        return self._chats[pair]

    def attempt(self, sender: int, chat: str, text: str, key: UUID | None) -> Attempt:
        """Note what somebody is about to send."""
        attempt = Attempt(self.turn, sender, chat, text, key)
        self.attempts.append(attempt)
        return attempt

    async def close(self) -> None:
        """Close every connection, and raise what the devices found."""
        devices = [device for someone in self.people for device in someone.devices]
        await asyncio.gather(*(device.drop(clean=True) for device in devices))
        for device in devices:
            device.judge()

    # -- what must be true ------------------------------------------------------------------------------------------------

    async def check(self) -> None:
        """Bring every device up to date and hold everything against everything."""
        devices = [device for someone in self.people for device in someone.devices]
        await asyncio.gather(*(device.join(How.QUERY) for device in devices))
        heads, fresh = await self._at_rest()
        rows = await self._rows()
        order: dict[str, list[str]] = {chat: [] for chat in self._chats.values()}
        for row in rows:
            order[str(row["conversation_id"])].append(str(row["id"]))
        for someone, snapshot in zip(self.people, fresh, strict=True):
            for number, device in enumerate(someone.devices):
                name = f"device {number} of {self.people.index(someone)}"
                await device.load_returned()
                assert device.inbox.snapshot() == snapshot, f"{name} has another state than a fresh snapshot"
                for chat, ids in device.message_ids().items():
                    assert ids == order[chat], f"{name} was told another order than the history has"
                await self._check_complete(device, heads[someone.person.id], name)
            for chat, history in snapshot.messages.items():
                assert [message.id for message in reversed(history)] == order[chat]
        self._check_sends(rows)
        assert await faults(self._hand) == {}

    async def _at_rest(self) -> tuple[dict[str, int], list[Snapshot]]:
        """The heads, with all devices there, and fresh snapshots between which and the heads nothing happened."""
        for _ in range(TRIES):
            heads = await self._heads()
            for someone in self.people:
                for device in someone.devices:
                    await device.reaches(heads[someone.person.id])
            fresh = [inbox.snapshot() for inbox in await asyncio.gather(*(take(one.rest) for one in self.people))]
            if await self._heads() == heads:
                return heads, fresh
        raise AssertionError("facts come without end")

    async def _heads(self) -> dict[str, int]:
        ids = [UUID(someone.person.id) for someone in self.people]
        rows = await self._hand.fetch("SELECT user_id, head FROM positions WHERE user_id = ANY($1)", ids)
        return {str(row["user_id"]): row["head"] for row in rows}

    async def _rows(self) -> list[asyncpg.Record]:
        """All messages, oldest first."""
        return await self._hand.fetch(
            "SELECT id, conversation_id, sender_id, content FROM messages WHERE conversation_id = ANY($1) "
            "ORDER BY created_at, id",
            [UUID(chat) for chat in self._chats.values()],
        )

    async def _check_complete(self, device: Device, head: int, name: str) -> None:
        """Every fact of the log came to the device; only an opening may be left out."""
        missing = sorted(set(range(device.start + 1, head + 1)) - set(device.facts))
        kinds = await self._hand.fetch(
            "SELECT position, kind FROM user_events WHERE user_id = $1 AND position = ANY($2)",
            *(UUID(device.person.id), missing),
        )
        lost = [tuple(row) for row in kinds if row["kind"] != OPENED]
        assert (lost, len(kinds)) == ([], len(missing)), f"{name} was never given facts"
        assert not missing or self.blocked, f"{name} was not told of an opening"

    def _check_sends(self, rows: Sequence[asyncpg.Record]) -> None:
        """Acknowledged: stored once, as it was sent, in the order of the turns. Refused: not stored. Neither: at most once."""
        stored = {str(row["id"]): row for row in rows}
        texts = Counter(row["content"] for row in rows)
        turns: dict[tuple[str, int], list[tuple[int, int]]] = {}
        places = {str(row["id"]): place for place, row in enumerate(rows)}
        for attempt in self.attempts:
            self._check_send(attempt, stored, texts)
            if attempt.sent is not None and not attempt.sent.replayed:
                told = turns.setdefault((attempt.chat, attempt.sender), [])
                told.append((places[attempt.sent.message.id], attempt.turn))
        for told in turns.values():
            assert [turn for _, turn in sorted(told)] == sorted(turn for _, turn in told), "a later send came before"
        assert set(texts) <= {attempt.text for attempt in self.attempts}
        self._check_keys(texts)

    def _check_send(self, attempt: Attempt, stored: dict[str, asyncpg.Record], texts: Counter[str]) -> None:
        assert texts[attempt.text] <= 1, f"stored twice: {attempt}"
        if attempt.sent is not None:
            message = attempt.sent.message
            row = stored[message.id]
            sender = self.people[attempt.sender].person.id
            found = (str(row["conversation_id"]), str(row["sender_id"]), row["content"], message.content)
            assert found == (attempt.chat, sender, attempt.text, attempt.text)
        elif attempt.refused == "BLOCKED":
            pair = next(pair for pair, chat in self._chats.items() if chat == attempt.chat)
            assert frozenset(pair) in self.blocked
            assert attempt.key is not None or not texts[attempt.text]
        elif attempt.refused is not None:
            assert (attempt.refused, attempt.key is not None) == ("CONFLICT", True)

    def _check_keys(self, texts: Counter[str]) -> None:
        """A key names one message for ever: twins get it, others conflict with it."""
        for key in {attempt.key for attempt in self.attempts if attempt.key is not None}:
            tries = [attempt for attempt in self.attempts if attempt.key == key]
            kept = {attempt.text for attempt in tries if texts[attempt.text]}
            assert len(kept) <= 1, f"one key, two messages: {kept}"
            sent = [attempt.sent for attempt in tries if attempt.sent is not None]
            assert len({one.message.id for one in sent}) <= 1
            assert sum(not one.replayed for one in sent) <= 1
            for attempt in tries:
                if attempt.refused == "CONFLICT":
                    assert kept, "a conflict with nothing"
                    assert attempt.text not in kept, "a twin was refused as if it were another send"
