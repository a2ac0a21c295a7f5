"""Coming back: T-102, resume by query and by event, resets, and what happens during a replay (design part 4, Resume)."""

import asyncio
from typing import Any

import pytest
from tests.live.chat import GREETING, after_greeting, chat, contents, positions, refusal, say
from tests.live.people import Person, Place
from tests.live.socket import Frame, Socket

END = ["notification.unread", "resume.done"]
BAD_SINCE = ("VALIDATION_ERROR", "since must be a whole number of at least 0")
MOST = 5_000  # facts that are replayed
SETTINGS_CHANGED = 6  # a kind of fact; `duologue.core.events.Kind`


async def head(person: Person) -> tuple[int, str]:
    """Return where the person's log ends, and its epoch."""
    data = (await person.get("events")).data
    return data["position"], data["epoch"]


async def test_t102_who_lost_the_network_comes_back_and_misses_nothing(live: Place) -> None:
    """A cut connection, messages meanwhile: a resume from the last position brings them, and REST has them too."""
    one, two, conversation = await chat(live)
    async with two.socket() as socket:
        await one.send(conversation, "before")
        last = await socket.expect("message.new")
        epoch = socket.frames[0].payload["epoch"]
        socket.connection.transport.abort()
        await socket.closed()
    meanwhile = [await one.send(conversation, text) for text in ("a", "b", "c")]
    assert last.position is not None
    async with two.socket(since=last.position, epoch=epoch) as socket:
        await socket.expect("resume.done")
        assert contents(socket) == ["a", "b", "c"]
        assert positions(socket) == [3, 4, 5]
        await one.send(conversation, "live")
        assert (await socket.expect("message.new", unreadCount=5)).position == 6
    assert [message["id"] for message in await two.messages(conversation)][1:4] == [
        message["id"] for message in meanwhile[::-1]
    ]


async def test_a_resume_has_an_order(live: Place) -> None:
    """Connect frames that repeat what was asked, the facts' first frames, today's totals, resume.done, live."""
    one, two, conversation = await chat(live)
    _, epoch = await head(two)
    await one.send(conversation, "a")
    await one.send(conversation, "b")
    async with two.socket(since=1, epoch=epoch) as socket:
        done = await socket.expect("resume.done")
        assert socket.kinds() == [*GREETING, "message.new", "message.new", *END]
        for frame in socket.frames[:2]:
            assert (frame.payload["position"], frame.payload["epoch"]) == (1, epoch)
        assert done.payload == {"position": 3, "epoch": epoch}
        assert socket.frames[-2].payload == {"conversationId": None, "totalUnread": 2}
        assert [frame.position for frame in socket.frames] == [None, None, None, 2, 3, None, None]
        await one.send(conversation, "c")
        await socket.expect("notification.unread", totalUnread=3)
        assert positions(socket) == [2, 3, 4]


@pytest.mark.parametrize("by_event", [False, True])
async def test_a_resume_that_missed_nothing_says_so(live: Place, *, by_event: bool) -> None:
    """Totals and resume.done come always; without `epoch` the current one is meant."""
    one, two, conversation = await chat(live)
    await one.send(conversation)
    query: dict[str, Any] = {} if by_event else {"since": 2}
    async with two.socket(**query) as socket:
        if by_event:
            await socket.send("resume", command_id="r", since=2)
        done = await socket.expect("resume.done")
        assert after_greeting(socket) == END
        assert (done.payload["position"], done.id) == (2, "r" if by_event else None)
        assert socket.frames[-2].payload["totalUnread"] == 1


async def test_without_since_live_begins_after_the_head(live: Place) -> None:
    """Nothing of before is sent, everything after is."""
    one, two, conversation = await chat(live)
    await one.send(conversation, "before")
    async with two.socket() as socket:
        await one.send(conversation, "after")
        await socket.expect("message.new")
        assert (contents(socket), positions(socket)) == (["after"], [3])


async def test_a_resume_by_event_replays_at_any_time(live: Place) -> None:
    """Also what this connection has seen already: the client decides from where; its id comes with resume.done."""
    one, two, conversation = await chat(live)
    async with two.socket() as socket:
        await one.send(conversation, "a")
        await one.send(conversation, "b")
        await socket.expect("notification.unread", totalUnread=2)
        await socket.send("resume", command_id=9, since=2, epoch=socket.frames[0].payload["epoch"])
        await socket.reply(9)
        await one.send(conversation, "c")
        await socket.expect("notification.unread", totalUnread=3)
        assert contents(socket) == ["a", "b", "b", "c"]
        assert positions(socket) == [2, 3, 3, 4]
        assert after_greeting(socket)[6:9] == ["message.new", *END]


async def test_a_resume_in_the_query_waits_for_auth(live: Place) -> None:
    """The token may come later as an event; what the query asked holds."""
    one, two, conversation = await chat(live)
    await one.send(conversation)
    async with live.socket(since=1) as socket:
        await socket.send("auth", token=two.token)
        await socket.expect("resume.done")
        assert socket.kinds() == [*GREETING, "message.new", *END]


async def test_a_replay_shows_every_kind_of_fact_as_it_was_shown_live(live: Place) -> None:
    """The frames with positions that another device got, in order: own sends come as message.new."""
    one, two, conversation = await chat(live)
    async with one.socket() as socket:
        await say(socket, conversation, tempId="temp-1")
        await two.send(conversation)
        await one.post(f"conversations/{conversation}/read", {})
        await two.post(f"conversations/{conversation}/read", {})
        await one.patch("/api/v1/users/me", {"whoCanMessage": "followers"})
        await two.post("blocks", {"username": one.username})
        await two.delete(f"blocks/{one.username}")
        await one.post("blocks", {"username": two.username})
        await one.delete(f"blocks/{two.username}")
        third = await live.person()
        await one.conversation(third)
        await socket.expect("conversation.updated", lastMessage=None)
        lived = [frame for frame in socket.frames if frame.position is not None]
        async with one.socket(since=1) as other:
            await other.expect("resume.done")
            replayed = [frame for frame in other.frames if frame.position is not None]
    assert positions(socket) == positions(other) == list(range(2, 12))
    assert [said(frame) for frame in replayed] == [said(frame) for frame in lived]


def said(frame: Frame) -> tuple[str, int | None, Any]:
    """Return what must be the same today as it was: counts, receipts and presence may have changed since."""
    payload = {
        name: frame.payload[name] for name in frame.payload if name not in {"unreadCount", "totalUnread", "tempId"}
    }
    if "message" in payload:
        kept = ("id", "content", "senderId", "createdAt", "tempId")
        payload["message"] = {name: payload["message"].get(name) for name in kept}
    if frame.type == "conversation.updated":
        payload = {name: payload[name] for name in payload if name not in {"isBlocked", "hidden", "conversation"}}
    return "message.new" if frame.type == "message.sent" else frame.type, frame.position, payload


async def test_a_replay_renders_today_s_state(live: Place) -> None:
    """Counts are those of now, a message that was read since is read, and who is online is shown as online."""
    one, two, conversation = await chat(live)
    message = await one.send(conversation)
    await one.send(conversation)
    await two.post(f"conversations/{conversation}/read", {"messageId": message["id"]})
    async with one.socket(), two.socket(since=1) as socket:
        await socket.expect("resume.done")
        first, second = (frame.payload for frame in socket.frames if frame.type == "message.new")
        assert (first["unreadCount"], first["totalUnread"]) == (second["unreadCount"], second["totalUnread"]) == (1, 1)
        assert (first["message"]["isRead"], second["message"]["isRead"]) == (True, False)
        assert first["message"] == (await two.get(f"messages/{message['id']}")).data
        assert first["message"]["sender"]["isOnline"] is True


# -- resets -------------------------------------------------------------------------------------------------------------


async def is_reset(person: Person, reason: str, *, by_event: bool, since: int, epoch: str | None = None) -> None:
    """Check that a resume from there is answered by resume.reset alone, that live goes on, and that REST says the same."""
    position, current = await head(person)
    asked: dict[str, Any] = {"since": since} if epoch is None else {"since": since, "epoch": epoch}
    outcome = {"position": position, "epoch": current, "reason": reason}
    async with person.socket(**({} if by_event else asked)) as socket:
        if by_event:
            await socket.send("resume", command_id="r", **asked)
        else:
            hello = socket.frames[0].payload
            assert (hello["position"], hello["epoch"]) == (since, epoch or current)  # as given, to ask again if cut off
        reset = await socket.expect("resume.reset")
        assert reset.payload == outcome
        assert reset.id == ("r" if by_event else None)
        await socket.quiet()
        assert after_greeting(socket) == ["resume.reset"]
        assert positions(socket) == []
        await person.patch(
            "/api/v1/users/me", {"showLastSeen": not (await person.get("/api/v1/users/me")).data["showLastSeen"]}
        )
        assert (await socket.expect("settings.updated")).position == position + 1
    polled = (await person.get("events", **asked)).data
    assert polled == {"reset": True, **outcome, "position": position + 1}


@pytest.mark.parametrize("by_event", [False, True])
async def test_a_resume_from_beyond_the_head_is_reset(live: Place, *, by_event: bool) -> None:
    """`ahead`: this log never was so long."""
    one, _, _ = await chat(live)
    await is_reset(one, "ahead", by_event=by_event, since=50)
    await is_reset(one, "ahead", by_event=by_event, since=2**62)


@pytest.mark.parametrize("by_event", [False, True])
async def test_a_resume_of_another_log_is_reset(live: Place, *, by_event: bool) -> None:
    """`epoch`: the position belongs to another log, whatever it is."""
    one, _, _ = await chat(live)
    await is_reset(one, "epoch", by_event=by_event, since=1, epoch="of-another-database")


@pytest.mark.parametrize("by_event", [False, True])
async def test_a_resume_from_before_the_retention_is_reset(live: Place, *, by_event: bool) -> None:
    """`expired`: facts in between were pruned; from where they begin a resume still works."""
    one, two, conversation = await chat(live)
    for number in range(5):
        await one.send(conversation, f"message {number}")
    await live.sql("DELETE FROM user_events WHERE user_id = $1 AND position <= 3", two.id)
    await is_reset(two, "expired", by_event=by_event, since=2)
    async with two.socket(since=3) as socket:
        await socket.expect("resume.done")
        assert positions(socket) == [4, 5, 6, 7]


async def test_a_hole_in_the_log_is_never_passed_over(live: Place) -> None:
    """Not exactly as many facts as positions: `expired`, though the newest ones are there."""
    one, two, conversation = await chat(live)
    for number in range(5):
        await one.send(conversation, f"message {number}")
    await live.sql("DELETE FROM user_events WHERE user_id = $1 AND position = 4", two.id)
    await is_reset(two, "expired", by_event=False, since=2)


async def test_five_thousand_facts_are_replayed_and_no_more(live: Place) -> None:
    """5,000 missed facts come in order and without a gap, with one more it is `too_far`."""
    person = await live.person()
    await person.patch("/api/v1/users/me", {"showLastSeen": False})
    await live.sql(
        "INSERT INTO user_events (user_id, position, kind, created_at) "
        "SELECT $1, n, $2, now() FROM generate_series(2, $3::bigint) AS n",
        person.id,
        SETTINGS_CHANGED,
        MOST,
    )
    await live.sql("UPDATE positions SET head = $2 WHERE user_id = $1", person.id, MOST)
    async with person.socket(since=0) as socket:
        assert (await socket.expect("resume.done")).payload["position"] == MOST
        assert positions(socket) == list(range(1, MOST + 1))
    await person.patch("/api/v1/users/me", {"showLastSeen": True})
    await is_reset(person, "too_far", by_event=False, since=0)
    await is_reset(person, "too_far", by_event=True, since=0)


@pytest.mark.parametrize("since", ["abc", "-1", "1.5", "", "1e3", "\u0661", "0x1"])
async def test_a_since_in_the_query_that_is_none_is_an_error(live: Place, since: str) -> None:
    """VALIDATION_ERROR after the connect frames; the connection lives, as without `since`."""
    one, two, conversation = await chat(live)
    async with two.socket(since=since) as socket:
        assert refusal(await socket.expect("error")) == BAD_SINCE
        assert socket.frames[0].payload["position"] == 1
        await one.send(conversation)
        assert (await socket.expect("message.new")).position == 2
        assert "resume.done" not in socket.kinds()


@pytest.mark.parametrize("payload", [{}, *({"since": since} for since in ("abc", -1, 1.5, True, None, [1], "", "-1"))])
async def test_a_since_in_the_event_that_is_none_is_an_error(live: Place, payload: dict[str, Any]) -> None:
    """VALIDATION_ERROR, nothing is replayed, and live goes on."""
    one, two, conversation = await chat(live)
    async with two.socket() as socket:
        await socket.send("resume", command_id=1, **payload)
        assert refusal(await socket.reply(1)) == BAD_SINCE
        await one.send(conversation)
        assert (await socket.expect("message.new")).position == 2
        assert "resume.done" not in socket.kinds()


async def test_an_epoch_that_is_no_string_is_an_error(live: Place) -> None:
    """As for every field of the wrong type."""
    person = await live.person()
    async with person.socket() as socket:
        await socket.send("resume", command_id=1, since=0, epoch=5)
        assert refusal(await socket.reply(1)) == ("VALIDATION_ERROR", "epoch must be a string")


# -- during a replay ----------------------------------------------------------------------------------------------------


async def write(socket: Socket, conversation: str, first: int, last: int) -> None:
    """Send numbered messages without waiting."""
    for number in range(first, last):
        await socket.send("message.send", conversationId=conversation, content=f"{number}")


async def test_what_happens_during_a_replay_comes_after_it_once_and_in_order(live: Place) -> None:
    """Four connections resume over several pages while messages come in: no gap, nothing twice, on any of them."""
    one, two, conversation = await chat(live)
    async with one.socket() as sender:
        await write(sender, conversation, 0, 450)
        for _ in range(450):
            await sender.expect("message.sent")
        devices = [two.socket(since=1, greeted=False) for _ in range(4)]

        async def arrive() -> None:
            for device in devices:
                await device.__aenter__()
                await device.expect("auth_success")

        try:
            await asyncio.gather(arrive(), write(sender, conversation, 450, 600))
            for device in devices:
                await device.expect("resume.done")
                await device.expect("message.new", unreadCount=600)
                await device.quiet()
                assert positions(device) == list(range(2, 602))
                assert contents(device) == [f"{number}" for number in range(600)]
        finally:
            for device in devices:
                await device.__aexit__(None, None, None)


async def test_resumes_without_waiting_are_done_one_after_the_other(live: Place) -> None:
    """Three at once, while the connection itself sends: three times resume.done, and the own messages once each."""
    one, two, conversation = await chat(live)
    for number in range(3):
        await two.send(conversation, f"{number}")
    async with one.socket() as socket:
        for number in range(3):
            await socket.send("resume", command_id=number, since=1)
            await socket.send("message.send", command_id=f"s{number}", conversationId=conversation, content="mine")
        for number in range(3):
            assert (await socket.reply(number)).type == "resume.done"
            assert (await socket.reply(f"s{number}")).type == "message.sent"
        await socket.quiet()
        sent = [frame.payload["message"]["id"] for frame in socket.frames if frame.type == "message.sent"]
        assert len(sent) == len(set(sent)) == 3
        assert max(positions(socket)) == 7
        assert positions(socket)[-1] == 7
