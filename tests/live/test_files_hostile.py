"""Files that people send to do harm, to a server that runs: refused in words, or made harmless, with nothing of them left."""

import asyncio
import io
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from PIL import Image
from tests.blobs.papers import encrypted_zip, pdf, sealed_seven
from tests.blobs.pictures import encoded, picture
from tests.conftest import named, run
from tests.live.conftest import running
from tests.live.files import UPLOAD, Part, blobs, file_of, post_files, records, stored, upload, uploaded
from tests.live.hostile import SLOW, Hostile, damaged, polyglots, refused
from tests.live.people import SECRET, Answer, Person, Place, eventually
from tests.live.tus import create, patch

REFUSED = refused()
PNG = encoded(picture(32, 24), "PNG")
HIDDEN = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufeff\u2028\u2029"
MAX_TOGETHER = 100 << 20  # bytes of the files of one message
USERS = 4  # who upload at once
FULL = bool(os.environ.get("FULL"))
PATIENCE = 120.0  # seconds that a file may wait for a worker while those before it use up their time
Send = Callable[[Person, Person, Part], Awaitable[Answer]]


@pytest.fixture(scope="module")
async def place(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """Give a server that takes nothing in but hostile files."""
    name = f"hostile_{os.getpid()}"
    await run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    settings = {"JWT_SECRET": SECRET, "RATE_LIMITS": "off", "LOG_LEVEL": "critical"}
    async with running(named(server, name), tmp_path_factory.mktemp("hostile"), {}, settings) as made:
        yield made
    await run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def two(place: Place) -> tuple[Person, Person]:
    """Give two fresh users of it."""
    one, other = await place.people(2)
    return one, other


async def send_a(one: Person, other: Person, part: Part) -> Answer:
    """In a message, by dialect A."""
    return await post_files(one, await one.conversation(other), part)


async def send_b(one: Person, _: Person, part: Part) -> Answer:
    """As an upload, by dialect B."""
    return await upload(one, part)


async def send_tus(one: Person, _: Person, part: Part) -> Answer:
    """As an upload that may go on, in one piece; with its name and type as a form declares them."""
    said: dict[str, Any] = {} if part[2] is None else {"filetype": part[2]}
    answer = await create(one, len(part[3]), part[1], **said)
    return answer if answer.status >= 400 else await patch(one, answer.headers["Location"], 0, part[3])


DIALECTS = pytest.mark.parametrize("send", [send_a, send_b], ids=["A", "B"])


WAYS: Mapping[str, Send] = {"A": send_a, "B": send_b, "tus": send_tus}


def part(hostile: Hostile) -> Part:
    """As a form carries it."""
    return "files", hostile.name, hostile.media_type, hostile.make()


@pytest.mark.parametrize(
    ("hostile", "send"),
    [
        pytest.param(hostile, send, id=f"{name}-{way}")
        for name, hostile in REFUSED.items()
        for way, send in WAYS.items()
        if FULL or way == "B" or name not in SLOW
    ],
)
async def test_a_harmful_file_is_refused_and_leaves_nothing(
    hostile: Hostile, send: Send, place: Place, two: tuple[Person, Person]
) -> None:
    """400 with ERR-09's text where it is not what it says, 403 with ERR-11's where it would harm; no blob, no record."""
    before = set(stored(place)), await records(place)
    assert (await send(*two, part(hostile))).refusal == hostile.refusal
    assert (set(stored(place)), await records(place)) == before


async def test_a_harmful_file_takes_its_request_with_it(place: Place, two: tuple[Person, Person]) -> None:
    """What came before it in the form is stored no longer, in either dialect."""
    one, other = two
    before = set(stored(place)), await records(place)
    chat = await one.conversation(other)
    good: Sequence[Part] = (("files", "a.png", "image/png", PNG), ("files", "a.pdf", None, pdf()))
    for what in ("JPEG cut in half", "like 42.zip", "DOCX with VBA"):
        bad = part(REFUSED[what])
        assert (await post_files(one, chat, *good, bad)).refusal == REFUSED[what].refusal
        assert (await upload(one, *good, bad)).refusal == REFUSED[what].refusal
    assert (set(stored(place)), await records(place)) == before


@DIALECTS
@pytest.mark.parametrize("polyglot", polyglots(), ids=lambda polyglot: polyglot.name)
async def test_a_picture_that_is_something_else_too_is_a_picture_alone_afterwards(
    polyglot: Any, send: Send, place: Place, two: tuple[Person, Person]
) -> None:
    """Written anew: nothing of the page, script or archive is in it or its thumbnail, and it is served as a picture alone."""
    assert any(mark in polyglot.data for mark in polyglot.marks)
    answer = await send(*two, ("files", polyglot.name, None, polyglot.data))
    file = file_of(answer)
    for path in blobs(place, file):
        data = path.read_bytes()
        assert not [mark for mark in polyglot.marks if mark in data]
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    served = await two[0].get(file["url"])
    assert served.raw == blobs(place, file)[0].read_bytes()
    assert served.headers["Content-Type"].startswith("image/")
    assert served.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_damaged_picture_is_refused_or_a_sound_one_afterwards(place: Place, two: tuple[Person, Person]) -> None:
    """Bytes turned all over it, in every format: 400 or 403 with their texts, or a picture that reads to its end."""
    statuses = set()
    for name, data in damaged():
        answer = await upload(two[0], (name, None, data))
        statuses.add(answer.status)
        assert answer.status in (200, 400, 403), (name, answer.body)
        if answer.status == 200:
            for path in blobs(place, answer.data["attachments"][0]):
                with Image.open(path) as image:
                    image.load()
    assert {200, 400} <= statuses


@pytest.mark.parametrize("data", [encrypted_zip(), sealed_seven()], ids=["ZIP", "7Z with its names"])
async def test_an_encrypted_archive_is_kept_as_it_is(data: bytes, place: Place, two: tuple[Person, Person]) -> None:
    """Nobody can look into one, and people send them: its bytes are a file to save, by no name but its own."""
    name = "a.zip" if data.startswith(b"PK") else "a.7z"
    (file,) = await uploaded(two[0], (name, None, data))
    (path,) = blobs(place, file)
    assert path.read_bytes() == data
    assert file["type"] == "file"


# -- names --------------------------------------------------------------------------------------------------------------

NAMES = {
    "../../../../etc/passwd.txt": "passwd.txt",
    "..\\..\\windows\\system32\\a.txt": "a.txt",
    "/etc/cron.d/a.txt": "a.txt",
    "....//....//a.txt": "a.txt",
    "%2e%2e%2fa.txt": "%2e%2e%2fa.txt",
    "fdp\u202etxt.exe.txt": "fdptxt.exe.txt",
    f"{HIDDEN}a{HIDDEN}.txt": "a.txt",
    f"a.t{HIDDEN}xt": "a.txt",
    "evil.exe\x7f.txt": "evil.exe.txt",
    "a\u0085b\u009fc.txt": "abc.txt",
    'a"b.txt': 'a"b.txt',
    "a'; DROP TABLE attachments;--.txt": "a'; DROP TABLE attachments;--.txt",
    "<img src=x onerror=alert(1)>.txt": "<img src=x onerror=alert(1)>.txt",
    "a%0d%0aX-Evil: 1.txt": "a%0d%0aX-Evil: 1.txt",
    "a.txt . . .": "a.txt",
    "x" * 300 + ".txt": "x" * 251 + ".txt",
    "\U0001f600" * 300 + ".txt": "\U0001f600" * 251 + ".txt",
    "A\u030a" * 300 + ".txt": "\u00c5" * 251 + ".txt",
}


@DIALECTS
@pytest.mark.parametrize(("name", "shown"), NAMES.items(), ids=range(len(NAMES)))
async def test_t144_t145_a_name_is_shown_clean_and_leads_nowhere(
    name: str, shown: str, send: Send, place: Place, two: tuple[Person, Person]
) -> None:
    """No folder, control, hidden direction or line is left of it; the blob is named by us."""
    before = set(stored(place))
    answer = await send(*two, ("files", name, "text/plain", b"a"))
    file = file_of(answer)
    assert shown in (file["filename"], file.get("originalFilename"), file.get("original_filename"))
    assert {file[key] for key in file if key.lower().endswith("filename")} == {shown}
    (path,) = set(stored(place)) - before
    assert path.is_relative_to(place.folder / "files" / "messages" / "files")
    assert UUID(path.stem).version == 4
    assert path.suffix == ".txt"
    served = await two[0].get(f"/v1/messages/files/{file['id']}")
    assert served.raw == b"a"
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert served.headers["Content-Disposition"].isprintable()


@DIALECTS
@pytest.mark.parametrize(
    "name",
    [
        "photo\u202egnp.exe",
        "a.png\u202e.hta",
        "a.txt/..",
        "a.txt\u2028.js",
        ".txt",
        f"{HIDDEN}.txt",
        "..",
        "/",
        "\u202e",
        "x" * 300,
    ],
)
async def test_t142_a_name_does_not_hide_its_ending(
    name: str, send: Send, place: Place, two: tuple[Person, Person]
) -> None:
    """What counts is the ending of the name as it is shown."""
    before = set(stored(place))
    assert (await send(*two, ("files", name, None, b"a"))).refusal == REFUSED["SVG by its own name"].refusal
    assert set(stored(place)) == before


RAW = {
    "lines": b'filename="a\r\nX-Evil: 1\r\n.txt"',
    "a line feed": b'filename="a\n.txt"',
    "a null byte": b'filename="a\x00.txt"',
    "a bell": b'filename="a\x07.txt"',
    "no UTF-8": b'filename="\xff\xfe.txt"',
    "an open quote": b'filename="a.txt',
    "no quotes": b"filename=a;b.txt",
    "two names": b'filename="a.txt"; filename="b.exe"',
    "another encoding": b"filename*=UTF-8''%2e%2e%2fa%0d%0a.txt",
    "another encoding beside": b"filename=\"a.txt\"; filename*=UTF-8''evil.exe",
    "a name of 9000 bytes": b'filename="' + b"a" * 9_000 + b'.txt"',
}


@pytest.mark.parametrize("head", RAW.values(), ids=RAW)
async def test_a_head_that_no_browser_writes_is_refused_or_harmless(
    head: bytes, place: Place, two: tuple[Person, Person]
) -> None:
    """400 in words, or a clean name; no header of an answer is made of it."""
    before = set(stored(place))
    body = b'--x\r\nContent-Disposition: form-data; name="files"; ' + head + b"\r\n\r\nhello\r\n--x--\r\n"
    answer = await two[0].request(
        "POST", UPLOAD, headers={"Content-Type": "multipart/form-data; boundary=x"}, body=body
    )
    assert "x-evil" not in answer.headers
    if answer.status != 200:
        assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
        assert set(stored(place)) == before
        return
    (file,) = answer.data["attachments"]
    assert file["filename"].endswith(".txt")
    assert file["filename"].isprintable()
    assert "/" not in file["filename"]


# -- forms without an end -----------------------------------------------------------------------------------------------

PART = b'--x\r\nContent-Disposition: form-data; name="files"; filename='


@pytest.mark.parametrize(
    "beginning",
    [
        PART + b'"a.txt"\r\n\r\nhello\r\n--x--\r\n',
        PART + b'""\r\n\r\n',
        PART + b'"a.txt"\r\n\r\nhello\r\n' + PART + b'""\r\n\r\n',
    ],
    ids=["behind its end", "in a file without a name", "behind a file"],
)
async def test_a_form_that_never_ends_is_ended(beginning: bytes, place: Place, two: tuple[Person, Person]) -> None:
    """413 once there is more than any form may hold, although none of it is a file's; what was one is gone."""
    before = set(stored(place))
    where: Any = urlsplit(place.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = (
        f"POST {UPLOAD} HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {two[0].token}\r\nTransfer-Encoding: chunked\r\n"
    )
    writer.write(head.encode() + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n")
    writer.write(b"%x\r\n%b\r\n" % (len(beginning), beginning))
    answer, sent = asyncio.create_task(reader.readline()), 0
    with suppress(ConnectionError):
        while not answer.done() and sent < 2 * MAX_TOGETHER:
            writer.write(b"100000\r\n" + bytes(1 << 20) + b"\r\n")
            await writer.drain()
            sent += 1 << 20
    async with asyncio.timeout(20):
        assert (await answer).split()[1:2] == [b"413"], sent
    writer.close()

    async def lying() -> set[Path]:
        return set(stored(place))

    await eventually(lying, lambda found: found == before)


# -- all of it at once --------------------------------------------------------------------------------------------------


@pytest.mark.timeout(900 if FULL else 300)
async def test_while_everything_harmful_comes_at_once_people_talk(place: Place) -> None:
    """Several users send the corpus in both dialects, with FULL=1 each of them all of it; every word of a pair arrives in order."""
    before = set(stored(place))
    dice = random.Random(7)  # noqa: S311 - whose turn it is is no secret
    everything = [(hostile, part(hostile)) for name, hostile in REFUSED.items() if FULL or name not in SLOW]
    dice.shuffle(everything)
    patient = Place(place.url, place.dsn, place.folder, patience=PATIENCE)
    senders = await patient.people(2 * USERS)
    one, other = await place.people(2)
    chat = await one.conversation(other)

    async def attack(number: int) -> int:
        mine, theirs = senders[number], senders[number + USERS]
        send = (send_a, send_b)[number % 2]
        bag = dice.sample(everything, len(everything)) if FULL else everything[number::USERS]
        for hostile, file in bag:
            assert (await send(mine, theirs, file)).refusal == hostile.refusal
        return len(bag)

    async with one.socket() as speaker, other.socket() as listener:
        attacks = asyncio.gather(*(attack(number) for number in range(USERS)))
        said = 0
        while not attacks.done():
            await speaker.send("message.send", conversationId=chat, content=f"word {said}")
            assert (await speaker.expect("message.sent")).payload["message"]["content"] == f"word {said}"
            assert (await listener.expect("message.new")).payload["message"]["content"] == f"word {said}"
            said += 1
            for path in ("/health", "/health/live"):
                assert (await place.get(path)).status == 200
        assert sum(await attacks) == (USERS if FULL else 1) * len(everything)
    await patient.close()
    assert said > USERS
    assert [message["content"] for message in (await other.messages(chat, limit=50))] == [
        f"word {number}" for number in reversed(range(said))
    ][:50]
    assert set(stored(place)) == before
