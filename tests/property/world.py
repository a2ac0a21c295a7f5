"""A few people with two devices each, what they tried to send, and what must be true when all is over."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, UUID, uuid5

import asyncpg
from tests.live.people import Person, Place
from tests.pipeline.oracle import faults
from tests.property.device import Device, How

from duologue.client import Inbox, Refused, Rest, Sent, Snapshot, take

if TYPE_CHECKING:
    from tests.live.people import Hand

SENT, OPENED = 1, 3  # core.events.Kind: a replay leaves out what may not be shown any more
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
        self.private: set[int] = set()  # who ever let not everybody write
        self.deleting = False  # whether somebody ever deleted a conversation
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
        """The conversation of two people, opened if need be; None if a block or the other one's setting refuses that."""
        pair = (min(one, other), max(one, other))
        if pair not in self._chats:
            try:
                opened = await self.people[one].rest.open(self.people[other].person.username)
            except Refused as refusal:
                self.judge(refusal.code, one, other)
                return None
            assert self._chats.setdefault(pair, opened.id) == opened.id, "a pair has one conversation"
        return self._chats[pair]

    def judge(self, code: str | None, one: int, other: int) -> None:
        """Only a block of the pair, or a setting of the other one, ever refuses somebody."""
        assert (code == "BLOCKED" and frozenset((one, other)) in self.blocked) or (
            code == "FORBIDDEN" and other in self.private
        ), f"{one} was refused by {other}: {code}"

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
        heads, fresh, held = await self._at_rest()
        rows = await self._rows()
        for someone, snapshot in zip(self.people, fresh, strict=True):
            order, shown = self._orders(rows, someone)
            for number, device in enumerate(someone.devices):
                name = f"device {number} of {self.people.index(someone)}"
                mine = held[device]
                assert mine == snapshot, (
                    f"{name} has another state than a fresh snapshot: {_difference(mine, snapshot)}"
                )
                told = device.message_ids()
                for chat, ids in told.items():
                    known = set(ids)
                    assert ids == [id_ for id_ in order[chat] if id_ in known], f"{name} was told another order"
                for chat, ids in shown.items():
                    assert set(ids) <= set(told.get(chat, ())), f"{name} was never told of a message"
                await self._check_complete(device, heads[someone.person.id], name)
            for chat, history in snapshot.messages.items():
                assert [message.id for message in reversed(history)] == shown[chat]
        self._check_sends(rows)
        assert await faults(self._hand) == {}

    async def _at_rest(self) -> tuple[dict[str, int], list[Snapshot], dict[Device, Snapshot]]:
        """The heads, fresh snapshots, and what the devices hold, between all of which nothing happened.

        Deliveries are marked while nobody does anything any more.
        """
        devices = [(someone.person.id, device) for someone in self.people for device in someone.devices]
        for _ in range(TRIES):
            heads = await self._heads()
            for user_id, device in devices:
                await device.reaches(heads[user_id])
                await device.load_returned()
            fresh = [inbox.snapshot() for inbox in await asyncio.gather(*(take(one.rest) for one in self.people))]
            if await self._heads() == heads and all(device.position == heads[user_id] for user_id, device in devices):
                return heads, fresh, {device: device.inbox.snapshot() for _, device in devices}
        raise AssertionError("facts come without end")

    async def _heads(self) -> dict[str, int]:
        ids = [UUID(someone.person.id) for someone in self.people]
        rows = await self._hand.fetch("SELECT user_id, head FROM positions WHERE user_id = ANY($1)", ids)
        return {str(row["user_id"]): row["head"] for row in rows}

    async def _rows(self) -> list[asyncpg.Record]:
        """All messages, oldest first, and who of the two does not see them any more."""
        return await self._hand.fetch(
            "SELECT id, conversation_id, sender_id, content, deleted_at, ARRAY("
            "SELECT p.user_id FROM conversation_participants p WHERE p.conversation_id = m.conversation_id "
            "AND p.deleted_to >= m.created_at) AS hidden_from "
            "FROM messages m WHERE conversation_id = ANY($1) ORDER BY created_at, id",
            [UUID(chat) for chat in self._chats.values()],
        )

    def _orders(
        self, rows: Sequence[asyncpg.Record], someone: Someone
    ) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """All messages of each conversation of somebody in order; and those that they see."""
        order: dict[str, list[str]] = {}
        shown: dict[str, list[str]] = {}
        for pair, chat in self._chats.items():
            if someone in (self.people[pair[0]], self.people[pair[1]]):
                order[chat], shown[chat] = [], []
        for row in rows:
            chat = str(row["conversation_id"])
            if chat in order:
                order[chat].append(str(row["id"]))
                if row["deleted_at"] is None and UUID(someone.person.id) not in row["hidden_from"]:
                    shown[chat].append(str(row["id"]))
        return order, shown

    async def _check_complete(self, device: Device, head: int, name: str) -> None:
        """Every fact of the log came to the device; only what is not there to be shown any more may be left out."""
        missing = sorted(set(range(device.start + 1, head + 1)) - set(device.facts))
        kinds = await self._hand.fetch(
            "SELECT e.position, e.kind, m.deleted_at IS NOT NULL OR m.created_at <= p.deleted_to AS is_gone FROM user_events e "
            "LEFT JOIN messages m ON m.id = e.message_id LEFT JOIN conversation_participants p "
            "ON p.conversation_id = e.conversation_id AND p.user_id = e.user_id WHERE e.user_id = $1 AND position = ANY($2)",
            *(UUID(device.person.id), missing),
        )
        lost = [tuple(row) for row in kinds if row["kind"] != OPENED and not (row["kind"] == SENT and row["is_gone"])]
        assert (lost, len(kinds)) == ([], len(missing)), f"{name} was never given facts"
        openings = [row for row in kinds if row["kind"] == OPENED]
        assert not openings or self.blocked or self.deleting, f"{name} was not told of an opening"

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
            assert (str(row["conversation_id"]), str(row["sender_id"]), row["content"]) == (
                attempt.chat,
                sender,
                attempt.text,
            )
            is_blank = attempt.sent.replayed and row["deleted_at"] is not None and message.content == ""
            assert message.content == attempt.text or is_blank
        elif attempt.refused in {"BLOCKED", "FORBIDDEN"}:
            pair = next(pair for pair, chat in self._chats.items() if chat == attempt.chat)
            self.judge(attempt.refused, attempt.sender, pair[attempt.sender == pair[0]])
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


def _difference(mine: Snapshot, fresh: Snapshot) -> str:
    """Tell the parts that are not alike."""
    parts: list[tuple[object, object]] = [(mine.total_unread, fresh.total_unread), (mine.blocks, fresh.blocks)]
    parts += zip_longest(mine.conversations, fresh.conversations)
    for key in mine.messages.keys() | fresh.messages.keys():
        parts += zip_longest(mine.messages.get(key, ()), fresh.messages.get(key, ()))
    return "; ".join(f"{one} is not {other}" for one, other in parts if one != other)
