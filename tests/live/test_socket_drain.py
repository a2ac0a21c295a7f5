"""Stopping the server under its sockets: what is under way is answered, then 1001 with when to come back (design part 5; G-41)."""

import asyncio
import re
from pathlib import Path

from tests.live.chat import chat
from tests.live.conftest import running
from tests.live.people import SECRET, Place

GOING_AWAY = 1001
RETRY = re.compile(r"retry=(\d+)")
SETTINGS = {"JWT_SECRET": SECRET, "LOG_LEVEL": "error"}


async def test_a_stop_sends_everybody_away_and_tells_when_to_return(database: str, tmp_path: Path) -> None:
    """1001 with `retry=<ms>` for all, those without a token too; in whole milliseconds up to some seconds."""
    async with running(database, tmp_path, {}, SETTINGS) as place:
        people = await place.people(5)
        sockets = [person.socket() for person in people] + [place.socket()]
        await asyncio.gather(*(socket.__aenter__() for socket in sockets))
    for socket in sockets:
        assert await socket.closed() == GOING_AWAY
        retry = RETRY.fullmatch(socket.close_reason)
        assert retry is not None
        assert 100 <= int(retry[1]) <= 10_000
        await socket.__aexit__(None, None, None)


async def test_what_is_under_way_is_answered_before_the_end(database: str, tmp_path: Path) -> None:
    """Sends that wait for their conversation are stored, acknowledged and delivered, then comes 1001; new ones are not taken."""
    server = running(database, tmp_path, {}, SETTINGS)
    place = await server.__aenter__()
    one, two, conversation = await chat(place)
    async with one.socket() as sender, two.socket() as idle, place.hand() as hand:
        async with hand.transaction():
            await hand.execute("SELECT FROM conversations WHERE id = $1 FOR UPDATE", conversation)
            for number in range(3):
                await sender.send("message.send", command_id=number, conversationId=conversation, content=f"{number}")
            await sender.quiet()
            stopping = asyncio.create_task(server.__aexit__(None, None, None))
            assert await idle.closed() == GOING_AWAY
            await sender.send("message.send", command_id="late", conversationId=conversation, content="late")
        assert await sender.closed() == GOING_AWAY
        await stopping
        answers = [(frame.type, frame.id) for frame in sender.frames if frame.id in {0, 1, 2, "late"}]
        assert answers == [("message.sent", number) for number in range(3)]
        rows = await place.sql("SELECT content FROM messages ORDER BY created_at")
        assert [row["content"] for row in rows] == ["0", "1", "2"]


async def test_polls_return_when_the_server_stops(database: str, tmp_path: Path) -> None:
    """A waiting poll is answered at once: nothing new, the same position."""
    server = running(database, tmp_path, {}, SETTINGS)
    place = await server.__aenter__()
    one, two, _ = await chat(place)
    two.place = browser = Place(place.url, place.dsn)  # the other one hangs up before the server stops
    async with one.socket() as watching:
        poll = asyncio.create_task(two.get("events", since=1, wait=30))
        await watching.expect("user.online")
        await watching.quiet()
        async with asyncio.timeout(5):
            stopping = asyncio.create_task(server.__aexit__(None, None, None))
            data = (await poll).data
            await stopping
    assert (data["events"], data["position"]) == ([], 1)
    await browser.close()


async def test_after_a_stop_another_server_goes_on(database: str, tmp_path: Path) -> None:
    """A client comes back to the next server with its position and epoch, and misses nothing."""
    async with running(database, tmp_path, {}, SETTINGS) as place:
        one, two, conversation = await chat(place)
        await one.send(conversation, "before")
        async with two.socket() as socket:
            hello = socket.frames[0].payload
    async with running(database, tmp_path, {}, SETTINGS) as place:
        for person in (one, two):
            person.place = place
        await one.send(conversation, "after")
        async with two.socket(since=hello["position"], epoch=hello["epoch"]) as socket:
            new = await socket.expect("message.new")
            assert (new.position, new.payload["message"]["content"]) == (3, "after")
            assert (await socket.expect("resume.done")).payload == {"position": 3, "epoch": hello["epoch"]}
