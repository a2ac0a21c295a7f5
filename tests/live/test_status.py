"""Sent, delivered, read (T-157, G-05): what counts as delivered, who learns of it, and what marks nothing. Dialect A.

To see that something was not marked these tests mark something else after it: marks of one interval enter together.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.live.chat import Chat, after_greeting, chat, positions, say
from tests.live.conftest import StartServer, running
from tests.live.people import SECRET, Person, Place, eventually
from tests.live.socket import Socket

from duologue.realtime.deliveries import INTERVAL
from duologue.realtime.runtime import Timer, on_loop


class Marks:
    """The timers of a server whose marks of delivery wait for the test: `start_server(later=marks.later)`."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], object]] = []

    def later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """As the loop does, but for one interval."""
        if delay != INTERVAL:
            return on_loop(delay, callback)
        self._waiting.append(callback)
        return on_loop(3_600, callback)

    def pass_(self) -> None:
        """The interval is over."""
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()


async def statuses(person: Person, conversation: str) -> list[str]:
    """What the sender sees, the oldest first."""
    return [message["status"] for message in reversed(await person.messages(conversation))]


async def delivered(socket: Socket, conversation: str, message_id: str) -> dict[str, Any]:
    """Wait until the sender is told that a message arrived; its payload."""
    frame = await socket.expect("message.delivered", conversationId=conversation, upTo=message_id)
    assert frame.position is not None
    assert set(frame.payload) == {"conversationId", "upTo", "deliveredAt"}
    return frame.payload


async def marked_since(place: Place, reader: Person) -> None:
    """Wait until everything was marked that the reader had made out by now: something of theirs, made out after it, was."""
    witness = await place.person()
    conversation = await witness.conversation(reader)
    async with witness.socket() as socket:
        sent = await witness.send(conversation, "a witness")
        await reader.get(f"messages/{sent['id']}")
        await delivered(socket, conversation, sent["id"])


async def test_t157_online_is_delivered_offline_stays_sent_read_is_read(live: Place) -> None:
    """Written to a socket of the receiver; the sender's own devices prove nothing."""
    one, two, conversation = await chat(live)
    async with one.socket() as phone, one.socket() as laptop:
        sent = (await say(phone, conversation, "nobody there")).payload["message"]
        await laptop.expect("message.new")
        await marked_since(live, two)
        assert await statuses(one, conversation) == ["sent"]
        async with two.socket() as receiver:
            new = (await say(phone, conversation, "somebody there")).payload["message"]
            await receiver.expect("message.new")
            told = [await delivered(socket, conversation, new["id"]) for socket in (phone, laptop)]
            assert told[0] == told[1]
            assert await statuses(one, conversation) == ["delivered", "delivered"]
            await receiver.send("message.read", conversationId=conversation)
            await phone.expect("message.read_update")
            await receiver.quiet()
            assert "message.delivered" not in receiver.kinds()
    assert sent["status"] == new["status"] == "sent"
    assert await statuses(one, conversation) == ["read", "read"]
    assert positions(phone) == [2, 3, 4, 5]


@pytest.mark.parametrize("way", ["conversations/{conversation}/messages", "messages/{id}", "messages/{id}/context"])
async def test_what_the_receiver_fetches_is_delivered(live: Place, way: str) -> None:
    """History, single message and context; never what the sender fetches."""
    one, two, conversation = await chat(live)
    sent = await one.send(conversation)
    path = way.format(conversation=conversation, id=sent["id"])
    async with one.socket() as socket:
        await one.get(path)
        await marked_since(live, two)
        assert await statuses(one, conversation) == ["sent"]
        await two.send(conversation, "an answer")  # a newer message of one's own is passed over
        await two.get(path)
        await delivered(socket, conversation, sent["id"])
    assert (await statuses(one, conversation))[0] == "delivered"


async def test_a_page_delivers_up_to_its_newest_message(live: Place) -> None:
    """Older pages prove nothing of what is newer."""
    one, two, conversation = await chat(live)
    sent = [await one.send(conversation, text) for text in ("a", "b", "c")]
    async with one.socket() as socket:
        newest = await one.get(f"conversations/{conversation}/messages", limit=1)
        await two.get(f"conversations/{conversation}/messages", cursor=newest.data["meta"]["nextCursor"], limit=1)
        await delivered(socket, conversation, sent[1]["id"])
    assert await statuses(one, conversation) == ["delivered", "delivered", "sent"]


@pytest.mark.parametrize(
    "path",
    [
        "conversations",
        "conversations/unread-count",
        "conversations/with/{sender}",
        "conversations/{conversation}/links",
        "conversations/{conversation}/media",
        "conversations/{conversation}/files",
        "events",
    ],
)
async def test_inbox_and_galleries_prove_nothing(live: Place, path: str) -> None:
    """Nor do totals, opening, and asking where the log stands."""
    one, two, conversation = await chat(live)
    await one.send(conversation, "https://example.org/")
    assert (await two.get(path.format(conversation=conversation, sender=one.username))).status == 200
    await marked_since(live, two)
    assert await statuses(one, conversation) == ["sent"]


@pytest.mark.parametrize(("since", "by_event"), [(1, False), (2, False), (3, False), (3, True)])
async def test_a_resume_delivers_all_up_to_since_and_what_it_replays(
    live: Place, since: int, *, by_event: bool
) -> None:
    """Positions 2 and 3 are messages: proved by who claims to have them, or written again."""
    one, two, conversation = await chat(live)
    sent = [await one.send(conversation, text) for text in ("a", "b")]
    query: dict[str, Any] = {} if by_event else {"since": since}
    async with one.socket() as socket, two.socket(**query) as back:
        if by_event:
            await back.send("resume", since=since)
        await back.expect("resume.done")
        await delivered(socket, conversation, sent[1]["id"])
    assert await statuses(one, conversation) == ["delivered", "delivered"]
    await eventually(lambda: known(live, two), lambda position: position == 3)


async def known(place: Place, person: Person) -> int:
    """How far somebody's log is known to have arrived."""
    [row] = await place.sql("SELECT delivered_to FROM positions WHERE user_id = $1", person.id)
    position: int = row["delivered_to"]
    return position


@pytest.mark.parametrize("query", [{"since": 99}, {"since": 2, "epoch": "another"}, {}])
async def test_a_connection_that_is_reset_or_begins_anew_proves_nothing(live: Place, query: dict[str, Any]) -> None:
    """What it claims to have may come from another log."""
    one, two, conversation = await chat(live)
    await one.send(conversation)
    async with two.socket(**query) as socket:
        await socket.quiet()
        await marked_since(live, two)
    assert await statuses(one, conversation) == ["sent"]
    assert await known(live, two) == 0


async def test_a_poll_delivers_what_it_answers(live: Place) -> None:
    """And proves its `since`, like a resume."""
    one, two, conversation = await chat(live)
    sent = [await one.send(conversation, text) for text in ("a", "b", "c")]
    async with one.socket() as socket:
        await two.get("events", since=1, limit=1)
        await delivered(socket, conversation, sent[0]["id"])
        await two.get("events", since=3, limit=1, epoch="another")
        await marked_since(live, two)
        assert await statuses(one, conversation) == ["delivered", "sent", "sent"]
        await two.get("events", since=3, limit=1)
        await delivered(socket, conversation, sent[2]["id"])
    await eventually(lambda: known(live, two), lambda position: position == 3)


async def test_many_messages_of_an_interval_are_one_fact(start_server: StartServer) -> None:
    """Per conversation: the sender is told the newest, everything before it counts."""
    marks = Marks()
    place = await start_server(RATE_LIMITS="off", later=marks.later)
    one, two, conversation = await chat(place)
    third = await place.person()
    other = await one.conversation(third)
    async with one.socket() as sender, two.socket() as here, third.socket() as there:
        for receiver, where in ((here, conversation), (there, other)):
            sent = [(await say(sender, where, f"message {number}")).payload["message"] for number in range(20)]
            await receiver.expect("message.new", unreadCount=20)
            assert await statuses(one, where) == ["sent"] * 20
            await sender.nothing("message.delivered")
            marks.pass_()
            await delivered(sender, where, sent[-1]["id"])
            assert await statuses(one, where) == ["delivered"] * 20
        await sender.quiet()
        assert sender.kinds().count("message.delivered") == 2


async def test_a_hidden_read_shows_as_delivered(live: Place) -> None:
    """The sender learns that it arrived, and nothing of the reading, live and afterwards."""
    one, two, conversation = await chat(live)
    await two.patch("/api/v1/users/me", {"sendReadReceipts": False})
    sent = await one.send(conversation)
    async with one.socket() as socket:
        assert (await two.post(f"conversations/{conversation}/read", {})).data["markedCount"] == 1
        await delivered(socket, conversation, sent["id"])
        await socket.quiet()
        assert after_greeting(socket) == ["message.delivered"]
    assert await statuses(one, conversation) == ["delivered"]


async def test_reading_moves_the_mark(live: Place) -> None:
    """The reading says it all: no fact of delivery follows, also when the messages are fetched afterwards."""
    one, two, conversation = await chat(live)
    await one.send(conversation)
    async with one.socket() as socket:
        await two.post(f"conversations/{conversation}/read", {})
        await two.get(f"conversations/{conversation}/messages")
        await marked_since(live, two)
        await socket.quiet()
        assert [kind for kind in after_greeting(socket) if kind.startswith("message.")] == ["message.read_update"]
    assert await statuses(one, conversation) == ["read"]


@pytest.mark.parametrize("blocker", ["sender", "receiver"])
async def test_nothing_is_marked_across_a_block(live: Place, blocker: str) -> None:
    """Neither by fetching nor by reading; what is fetched after it is."""
    one, two, conversation = await chat(live)
    sent = await one.send(conversation)
    who, whom = (one, two) if blocker == "sender" else (two, one)
    await who.post("blocks", {"username": whom.username})
    async with one.socket() as socket:
        await two.get(f"messages/{sent['id']}")
        await two.post(f"conversations/{conversation}/read", {})
        await marked_since(live, two)
        assert await statuses(one, conversation) == ["sent"]
        await socket.nothing("message.delivered")
        await who.delete(f"blocks/{whom.username}")
        assert await statuses(one, conversation) == ["sent"]
        await two.get(f"messages/{sent['id']}")
        await delivered(socket, conversation, sent["id"])
    assert await statuses(one, conversation) == ["delivered"]


async def test_a_sends_answer_always_says_sent(live: Place) -> None:
    """A repeat is answered as the first time, however far the message has come."""
    one, two, conversation = await chat(live)
    key = str(uuid4())
    body = {"content": "once", "tempId": key}
    first = await one.post(f"conversations/{conversation}/messages", body)
    assert (first.status, first.data["status"]) == (201, "sent")
    async with one.socket() as socket:
        await two.messages(conversation)
        await delivered(socket, conversation, first.data["id"])
        again = await one.post(f"conversations/{conversation}/messages", body)
        assert (again.status, again.data["status"]) == (200, "sent")
        await socket.send("message.send", conversationId=conversation, content="once", tempId=key)
        replayed = (await socket.expect("message.sent")).payload
        assert (replayed["replayed"], replayed["message"]["status"]) == (True, "sent")


async def test_the_stop_marks_what_had_arrived(database: str, tmp_path: Path) -> None:
    """What the interval had gathered enters before the pipeline ends."""
    marks = Marks()
    settings = {"JWT_SECRET": SECRET, "RATE_LIMITS": "off", "LOG_LEVEL": "error"}
    async with running(database, tmp_path, {"later": marks.later}, settings) as place:
        one, two, conversation = await written(place)
        assert await statuses(one, conversation) == ["sent"]
    async with running(database, tmp_path, {"later": marks.later}, settings) as place:
        sender = Person(place, one.id, one.username, one.token)
        assert await statuses(sender, conversation) == ["delivered"]
    assert two.id != one.id


async def written(place: Place) -> Chat:
    """Return two people, the second of whom got a message on a socket."""
    found = await chat(place)
    async with found.two.socket() as socket:
        await found.one.send(found.id)
        await socket.expect("message.new")
    return found
