"""Who reads too little or writes too much pays for it alone: T-101, 100,000 tiny frames, and commands that are not read."""

import asyncio
import json
from collections import Counter

import psutil
import pytest
from tests.live.chat import chat, contents
from tests.live.conftest import StartServer
from tests.live.people import Person, Place, eventually
from tests.live.raw import RawSocket
from tests.live.socket import Socket
from websockets.frames import Frame, Opcode

SLOW, FLOOD = 4000, 4002
OUTBOX = 256  # frames that wait for a client
FRAMES = 600  # a minute and connection
REFUSALS = 10
BATCH = 25  # messages
MIB = 1 << 20
TEXT = "x" * 10_000
TINY = Frame(Opcode.TEXT, b"{}").serialize(mask=True)


def memory() -> int:
    """Return what this process, and so the server in it, holds of memory."""
    resident: int = psutil.Process().memory_info().rss
    return resident


async def is_online(viewer: Person, other: Person) -> bool:
    """Tell what the viewer's list says of a partner."""
    found = [
        listed["otherUser"]["isOnline"]
        for listed in await viewer.conversations()
        if listed["otherUser"]["id"] == other.id
    ]
    return any(found)


async def fill(sender: Socket, conversation: str, watcher: Person, slow: Person) -> int:
    """Send long messages until the slow one was given up; return how many it took."""
    sent = 0
    while sent < 2_000:
        for _ in range(BATCH):
            await sender.send("message.send", conversationId=conversation, content=TEXT)
        for _ in range(BATCH):
            await sender.expect("message.sent")
        sent += BATCH
        if not await is_online(watcher, slow):
            return sent
    raise AssertionError("2,000 messages of 10 kB wait for a client that does not read")


async def rest(raw: RawSocket) -> tuple[list[str], int]:
    """Read to the close frame; return the types of the events before it, and its code."""
    kinds: list[str] = []
    while (found := await raw.next()) is not None:
        opcode, data = found
        if opcode is Opcode.CLOSE:
            return kinds, int.from_bytes(data[:2])
        if opcode is Opcode.TEXT:
            kinds.append(json.loads(data)["type"])
    return kinds, 1006


async def test_t101_who_never_reads_is_closed_and_others_go_on(live: Place) -> None:
    """More than 256 frames behind: closed with 4000, offline; sender, other device and third people get everything."""
    one, two, conversation = await chat(live)
    third = await live.person()
    await third.conversation(one)
    async with (
        one.socket() as sender,
        two.socket() as reading,
        third.socket() as bystander,
        RawSocket(live, token=two.token, receive_buffer=4_096) as slow,
    ):
        await slow.expect("status.bulk")
        await reading.connection.close()  # from now on the slow one alone is what makes the user online
        sent = await fill(sender, conversation, one, two)
        # It reads at last: what was on its way, whole, then why it was closed.
        kinds, code = await rest(slow)
        assert code == SLOW
        assert kinds.count("message.new") < sent
        await bystander.quiet()
        assert len(contents(sender, "message.sent")) == sent
    async with two.socket(since=1) as back:  # and it comes back to everything
        await back.expect("resume.done")
        assert len(contents(back)) == sent


async def test_t101_a_slow_device_does_not_hold_up_a_quick_one(start_server: StartServer) -> None:
    """Two devices of one user: one is given up, the other gets every message."""
    place = await start_server(RATE_LIMITS="off")
    one, two, conversation = await chat(place)
    async with (
        one.socket() as sender,
        two.socket() as quick,
        RawSocket(place, token=two.token, receive_buffer=4_096) as slow,
    ):
        await slow.expect("status.bulk")
        sent = 0
        while await connections(place) == 3:
            for _ in range(BATCH):
                await sender.send("message.send", conversationId=conversation, content=TEXT)
            sent += BATCH
            await quick.expect("message.new", unreadCount=sent)
            assert sent < 2_000
        await quick.quiet()
        assert len(contents(quick)) == sent


async def connections(place: Place) -> int:
    """Return how many sockets the server says are open."""
    lines = (await place.get("/metrics")).body.splitlines()
    return next(int(float(line.split()[1])) for line in lines if line.startswith("chat_ws_connections "))


async def test_a_client_that_dies_without_a_word_is_cut_off(start_server: StartServer) -> None:
    """One that never reads again: the close frame cannot be written, and after two seconds the server lets go of it."""
    place = await start_server(RATE_LIMITS="off")
    one, two, conversation = await chat(place)
    async with one.socket() as sender, RawSocket(place, token=two.token, receive_buffer=4_096) as slow:
        await slow.expect("status.bulk")
        await fill(sender, conversation, one, two)

        async def held() -> bool:
            peers = [connection.raddr for connection in psutil.Process().net_connections("tcp") if connection.raddr]
            return slow.address in peers

        assert await held()
        await eventually(held, lambda still: not still)
        assert await slow.closed() == 1006


async def test_a_hundred_thousand_tiny_frames_are_a_flood(start_server: StartServer) -> None:
    """The first 600 are dealt with, ten are refused, then 4002; memory stays flat, others and the next connection are served."""
    place = await start_server()
    one, two = await place.people(2)
    before = memory()
    async with two.socket() as other, RawSocket(place, token=one.token) as raw:
        await raw.expect("status.bulk")
        try:
            for _ in range(100):
                await raw.write(TINY * 1_000)
        except ConnectionError:
            pass  # it was closed under us, as is right
        kinds, code = await rest(raw)
        assert (kinds, code) == (["error"] * (FRAMES + REFUSALS), FLOOD)
        await other.quiet()
    assert memory() - before < 20 * MIB
    async with one.socket():
        pass


@pytest.mark.parametrize("opcode", [Opcode.PING, Opcode.PONG, Opcode.CONT])
async def test_frames_that_are_no_messages_are_a_flood_too(start_server: StartServer, opcode: Opcode) -> None:
    """Pings, pongs and empty fragments count as messages do."""
    place = await start_server()
    person = await place.person()
    async with RawSocket(place, token=person.token) as raw:
        await raw.expect("status.bulk")
        if opcode is Opcode.CONT:
            await raw.frame(Opcode.TEXT, fin=False)
        try:
            for _ in range(20):
                await raw.write(Frame(opcode, b"", fin=opcode is not Opcode.CONT).serialize(mask=True) * 100)
        except ConnectionError:
            pass
        assert await raw.closed() == FLOOD


async def test_a_connection_with_32_commands_under_way_fills_no_memory(live: Place) -> None:
    """What it sends beyond waits in its own buffers; when the first command is answered, everything is."""
    one, two, conversation = await chat(live)
    big = Frame(Opcode.TEXT, b'{"type":"ping","payload":{"x":"' + b"x" * 100_000 + b'"}}').serialize(mask=True)
    count = 200
    async with two.socket() as other, live.hand() as hand, RawSocket(live, token=one.token) as raw:
        await raw.expect("status.bulk")
        written = 0

        async def push() -> None:
            nonlocal written
            for _ in range(count):
                await asyncio.get_running_loop().sock_sendall(raw._socket, big)
                written += 1

        async with hand.transaction():
            await hand.execute("SELECT FROM conversations WHERE id = $1 FOR UPDATE", conversation)
            for number in range(33):
                await raw.send("message.send", conversationId=conversation, content=f"message {number}")
            before = memory()
            pushing = asyncio.create_task(push())
            seen = -1
            while seen < written:  # until nothing more goes in
                seen = written
                for _ in range(20):
                    await other.quiet()
            assert written < count
            assert memory() - before < 10 * MIB
        answers: Counter[str] = Counter()
        while (answers["message.sent"], answers["pong"]) != (33, count):
            found = await raw.next()
            assert found is not None
            answers[json.loads(found[1])["type"]] += 1
        await pushing
