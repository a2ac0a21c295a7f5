"""The seeded world's past, told in order: who opened, said, read and blocked what, and the state it leaves. Pure: no I/O, no clock.

Each deed changes the state as the send pipeline does (pipeline/plan.py), which a recount of the database shows.
"""

import itertools
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from duologue.core import text
from duologue.core.events import Kind
from duologue.core.ledger import LONG_AGO
from duologue.core.model import Message, MessageType, WhoCanMessage
from duologue.core.rules import pair
from duologue.storage.seed import people
from duologue.storage.seed.talk import SLOTS, TALKS

CONVERSATIONS = 50
WEEKS = 4
_QUIET = timedelta(hours=2)  # nothing happens so shortly before now
_NEWEST = 100  # ids a read keeps, as in the pipeline

Event = tuple[UUID, int, Kind, UUID | None, UUID | None, str | None, datetime]


@dataclass(slots=True)
class Chat:
    """A conversation, and where both are in it."""

    id: UUID
    users: tuple[UUID, UUID]
    created_at: datetime
    updated_at: datetime
    messages: list[Message] = field(default_factory=list)
    unread: dict[UUID, int] = field(default_factory=dict)
    read_to: dict[UUID, datetime] = field(default_factory=dict)

    def other(self, user_id: UUID) -> UUID:
        """The partner."""
        return self.users[user_id == self.users[0]]


@dataclass(slots=True)
class World:
    """What there is in the end: rows, nearly. `settings` and `last_seen` by user; blocks are (id, blocker, blocked, at)."""

    began: datetime
    chats: list[Chat] = field(default_factory=list)
    links: list[tuple[UUID, UUID, UUID, UUID, str, datetime]] = field(default_factory=list)
    blocks: list[tuple[UUID, UUID, UUID, datetime]] = field(default_factory=list)
    follows: list[tuple[UUID, UUID]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    heads: dict[UUID, int] = field(default_factory=dict)
    totals: dict[UUID, int] = field(default_factory=dict)
    settings: dict[UUID, WhoCanMessage] = field(default_factory=dict)
    last_seen: dict[UUID, datetime] = field(default_factory=dict)

    @property
    def messages(self) -> list[Message]:
        """All of them."""
        return [message for chat in self.chats for message in chat.messages]


def tell(now: datetime) -> World:
    """The past of a world whose present is `now`; the same for the same `now`."""
    return _Story(now).told()


class _Story:
    """First everything that will happen is noted with its time, then it happens in order."""

    def __init__(self, now: datetime) -> None:
        self._random = random.Random("duologue")  # noqa: S311  it shall be foreseeable
        self._end = now - _QUIET
        self._world = World(now - timedelta(weeks=WEEKS))
        self._deeds: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._names = {people.id_of(username): display.split()[0] for username, display in people.PEOPLE}

    def told(self) -> World:
        world = self._world
        for user_id in self._names:
            world.heads[user_id] = world.totals[user_id] = 0
        careful = people.id_of(people.CAREFUL)
        self._note(world.began + timedelta(minutes=1), self._set, careful, WhoCanMessage.FOLLOWERS)
        blocked = pair(*(people.id_of(username) for username in people.BLOCK))
        others = [users for users in itertools.combinations(sorted(self._names), 2) if users != blocked]
        pairs = [blocked, *self._random.sample(others, CONVERSATIONS - 1)]
        for number, users in enumerate(pairs):
            self._note_chat(users, starter=people.id_of(people.BLOCK[0]) if users == blocked else None, number=number)
        self._follow(pairs, careful)
        for at, _, deed, arguments in sorted(self._deeds, key=lambda noted: noted[:2]):
            deed(at, *arguments)
        return world

    # -- what will happen -------------------------------------------------------------------------------------------------

    def _note(self, at: datetime, deed: Callable[..., None], *arguments: Any) -> None:
        self._deeds.append((at, len(self._deeds), deed, arguments))

    def _note_chat(self, users: tuple[UUID, UUID], *, starter: UUID | None, number: int) -> None:
        """Some talks in the course of the weeks; in every third conversation the last one is not answered yet."""
        times = self._times(self._random.randint(3, 6))
        chat = Chat(
            self._id(times[0]), users, times[0], times[0], [], dict.fromkeys(users, 0), dict.fromkeys(users, LONG_AGO)
        )
        self._note(times[0], self._open, chat)
        ends = times[0]
        for talk, begins in zip(self._random.sample(TALKS, len(times)), times, strict=True):
            if begins < ends:  # the one before is not over
                continue
            first = starter or self._random.choice(users)
            lines = self._lines(talk, chat, first)
            is_open = number % 3 == 0 and begins == times[-1]
            if is_open:
                lines = lines[: next(n for n, (speaker, _) in enumerate(lines) if speaker != first)]
            ends = self._note_talk(chat, lines, begins, answered=not is_open) + timedelta(minutes=15)
        if starter is not None:
            self._note(ends, self._block, starter, chat.other(starter), chat)

    def _times(self, count: int) -> list[datetime]:
        """When talks begin, by day, in order; the last ones may be of today."""
        morning = self._world.began.replace(hour=7, minute=0, second=0, microsecond=0)
        found = []
        for day in self._random.sample(range(1, WEEKS * 7 + 1), count):
            at = morning + timedelta(days=day, seconds=self._random.uniform(0, 14 * 3600))
            latest = self._end - timedelta(seconds=self._random.uniform(3_600, 8 * 3_600))
            found.append(min(at, latest))
        return sorted(found)

    def _lines(self, talk: str, chat: Chat, first: UUID) -> list[tuple[UUID, str]]:
        """A talk as speaker and text, its slots filled."""
        slots = {name: self._random.choice(values) for name, values in SLOTS.items()}
        slots["friend"] = self._random.choice([name for user, name in self._names.items() if user not in chat.users])
        lines: list[tuple[UUID, str]] = []
        for line in map(str.strip, talk.strip().splitlines()):
            if line.startswith(("> ", "< ")):
                lines.append((first if line[0] == ">" else chat.other(first), line[2:]))
            else:  # a message of several lines
                speaker, begun = lines.pop()
                lines.append((speaker, f"{begun}\n{line}"))
        return [(who, said.format(name=self._names[chat.other(who)], **slots)) for who, said in lines]

    def _note_talk(
        self, chat: Chat, lines: Sequence[tuple[UUID, str]], begins: datetime, *, answered: bool
    ) -> datetime:
        """Who speaks has read what was said before; at the end of an answered talk the other one reads too. When it ends."""
        at, speaking = begins, lines[0][0]
        for speaker, said in lines:
            gap = self._random.uniform(15, 200)
            at += timedelta(seconds=gap)
            if speaker != speaking:
                self._note(at - timedelta(seconds=self._random.uniform(2, gap / 2)), self._read, chat, speaker)
            speaking = speaker
            self._note(at, self._send, chat, speaker, said)
        if answered:
            at += timedelta(seconds=self._random.uniform(20, 600))
            self._note(at, self._read, chat, chat.other(speaking))
        return at

    def _follow(self, pairs: Sequence[tuple[UUID, UUID]], careful: UUID) -> None:
        follows = {(people.id_of(one), people.id_of(other)) for one, other in people.FOLLOWS}
        follows.update((one if other == careful else other, careful) for one, other in pairs if careful in (one, other))
        self._world.follows = sorted(follows)

    # -- what happens -----------------------------------------------------------------------------------------------------

    def _set(self, at: datetime, user_id: UUID, setting: WhoCanMessage) -> None:
        self._world.settings[user_id] = setting
        self._tell(at, user_id, Kind.SETTINGS_CHANGED, None)

    def _open(self, at: datetime, chat: Chat) -> None:
        self._world.chats.append(chat)
        for user_id in chat.users:
            self._tell(at, user_id, Kind.CONVERSATION_OPENED, chat)

    def _send(self, at: datetime, chat: Chat, sender: UUID, said: str) -> None:
        receiver, content = chat.other(sender), text.check(said)
        message = Message(self._id(at), chat.id, sender, receiver, MessageType.TEXT, content, at, at)
        chat.messages.append(message)
        chat.updated_at = at
        chat.unread[receiver] += 1
        self._world.totals[receiver] += 1
        self._world.last_seen[sender] = at
        self._world.links += [(self._id(at), chat.id, message.id, sender, url, at) for url in text.links(content)]
        for user_id in (sender, receiver):
            self._tell(at, user_id, Kind.MESSAGE_SENT, chat, message.id)

    def _read(self, at: datetime, chat: Chat, reader: UUID) -> None:
        marked = [
            message for message in reversed(chat.messages) if message.receiver_id == reader and not message.read_at
        ]
        for message in marked:
            message.read_at, message.read_shown = at, True
        chat.unread[reader] -= len(marked)
        self._world.totals[reader] -= len(marked)
        chat.read_to[reader] = chat.updated_at
        self._world.last_seen[reader] = at
        ids = [str(message.id) for message in marked[:_NEWEST]]
        data = _json(n=len(marked), u=ids[0], ids=ids, r=str(reader), at=at.isoformat())
        for user_id in (reader, chat.other(reader)):
            self._tell(at, user_id, Kind.MESSAGES_READ, chat, data=data)

    def _block(self, at: datetime, blocker: UUID, blocked: UUID, chat: Chat) -> None:
        block_id = self._id(at)
        self._world.blocks.append((block_id, blocker, blocked, at))
        self._world.totals[blocked] -= chat.unread[blocked]  # it is out of the other's list and totals
        data = _json(b=str(block_id), o=str(blocked), at=at.isoformat())
        self._tell(at, blocker, Kind.BLOCKED, chat, data=data)
        self._tell(at, blocked, Kind.BLOCKED, chat, data=_json(by=str(blocker)))

    def _tell(
        self,
        at: datetime,
        user_id: UUID,
        kind: Kind,
        chat: Chat | None,
        message_id: UUID | None = None,
        data: str | None = None,
    ) -> None:
        """The next position of a user's log."""
        self._world.heads[user_id] += 1
        chat_id = None if chat is None else chat.id
        self._world.events.append((user_id, self._world.heads[user_id], kind, chat_id, message_id, data, at))

    def _id(self, at: datetime) -> UUID:
        """A UUIDv7 of its time, by foreseeable chance."""
        milliseconds, chance = int(at.timestamp() * 1_000), self._random.getrandbits(74)
        upper = milliseconds << 16 | 0x7 << 12 | chance >> 62
        return UUID(int=upper << 64 | 0b10 << 62 | chance & (1 << 62) - 1)


def _json(**values: Any) -> str:
    return json.dumps(values, separators=(",", ":"))
