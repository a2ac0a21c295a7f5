"""Files that are not taken: what they are, how many, how large, how named; and requests that end in the middle."""

from uuid import uuid4

import pytest
from tests.blobs.papers import office, pdf, rar, seven, zipped
from tests.blobs.pictures import encoded, flood_png, picture
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.files import (
    NO_ROOM,
    REJECTED,
    UNSUPPORTED,
    UPLOAD,
    Slow,
    form,
    post_files,
    send_files,
    stored,
    upload,
    uploaded,
)
from tests.live.people import Person, eventually
from tests.live.v1 import opened

from duologue.storage.quotas import COUNTED_ANEW

MB = 1 << 20
PNG = encoded(picture(32, 24), "PNG")
TOO_LARGE = "File exceeds maximum size limit (10MB for images, 25MB for documents)"
Pair = tuple[Person, Person]

PAPERS = {
    "a.pdf": pdf(),
    "a.docx": office("docx"),
    "a.xlsx": office("xlsx"),
    "a.pptx": office("pptx"),
    "a.txt": "Grüße\n".encode(),
    "a.zip": zipped({"a.txt": b"a"}),
    "a.rar": rar({"a.txt": (b"a", 1)}),
    "a.7z": seven({"a.txt": b"a"}),
    "a.csv": b"a,b\n1,2\n",
    "a.json": b'{"a": 1}',
    "a.xml": b"<a/>",
}


@pytest.mark.parametrize("name", PAPERS)
async def test_t138_every_accepted_type_is_taken(name: str, pair: Pair) -> None:
    """Dialect B, type=file; the size of its bytes."""
    (found,) = await uploaded(pair[0], (name, None, PAPERS[name]), type="file")
    assert (found["type"], found["filename"], found["size"]) == ("file", name, len(PAPERS[name]))


@pytest.mark.parametrize(
    ("name", "head", "most"),
    [
        ("a.png", PNG, 10),
        ("a.txt", b"", 25),
        ("a.zip", b"PK\x03\x04", 50),
        ("a.csv", b"", 10),
    ],
)
async def test_t139_one_byte_over_the_limit_is_refused(name: str, head: bytes, most: int, pair: Pair) -> None:
    """1 MB is 2^20 bytes; the text names images and documents alone (B-33)."""
    data = head + b"a" * (most * MB + 1 - len(head))
    assert (await upload(pair[0], (name, None, data))).refusal == (413, "PAYLOAD_TOO_LARGE", TOO_LARGE)


@pytest.mark.parametrize(("name", "most"), [("a.txt", 25), ("a.csv", 10)])
async def test_t139_exactly_the_limit_passes(name: str, most: int, pair: Pair) -> None:
    """The last byte that fits."""
    (found,) = await uploaded(pair[0], (name, None, b"a\n" * (most * MB // 2)))
    assert found["size"] == most * MB


async def test_t140_six_files_are_too_many(pair: Pair) -> None:
    """Dialect B, of whichever kind."""
    six = [(f"{number}.png", "image/png", PNG) for number in range(6)]
    assert (await upload(pair[0], *six)).refusal == (400, "VALIDATION_ERROR", "Maximum 5 files per message")
    chat = await opened(*pair)
    ids = [str(uuid4()) for _ in range(6)]
    refused = await send_files(pair[0], chat, "image", *ids)
    assert refused.refusal == (400, "VALIDATION_ERROR", "Maximum 5 files per message")


async def test_t141_a_hundred_megabytes_together_are_the_most(pair: Pair) -> None:
    """Of one request; and of a message whose files came one by one."""
    large = [(f"{number}.txt", "text/plain", b"a" * (25 * MB)) for number in range(4)]
    refused = await upload(pair[0], *large, ("more.txt", "text/plain", b"a"))
    text = "Files exceed the maximum combined size of 100MB per message"
    assert refused.refusal == (413, "PAYLOAD_TOO_LARGE", text)
    four = await uploaded(pair[0], *large)
    (one,) = await uploaded(pair[0], ("more.txt", "text/plain", b"a"))
    chat = await opened(*pair)
    refused = await send_files(pair[0], chat, "file", *(file["id"] for file in [*four, one]))
    assert refused.refusal == (413, "PAYLOAD_TOO_LARGE", text)
    assert (await send_files(pair[0], chat, "file", *(file["id"] for file in four))).status == 201


@pytest.mark.parametrize(
    "name", ["evil.exe", "run.sh", "x.bat", "a.js", "page.html", "image.svg", "noending", ".hidden"]
)
async def test_t142_programs_and_scripts_are_not_taken(name: str, pair: Pair) -> None:
    """By their names, whatever they hold."""
    assert (await upload(pair[0], (name, None, b"MZ\x90\x00"))).refusal == UNSUPPORTED


@pytest.mark.parametrize(
    ("name", "kind", "data"),
    [
        ("photo.jpg", "image/jpeg", b"MZ\x90\x00" + bytes(200)),
        ("photo.png", "image/png", b"only text"),
        ("photo.jpg", "image/jpeg", PNG),
        ("photo.png", "text/plain", PNG),
        ("paper.pdf", "application/pdf", b"<html>"),
        ("list.txt", "text/plain", b"\x7fELF" + bytes(100)),
    ],
)
async def test_t143_what_a_file_holds_must_be_what_it_says(name: str, kind: str, data: bytes, pair: Pair) -> None:
    """Ending, declared type and content agree, or it is refused."""
    assert (await upload(pair[0], (name, kind, data))).refusal == UNSUPPORTED


async def test_t144_a_path_in_a_name_leads_nowhere(pair: Pair) -> None:
    """Stored under a UUID, shown without its folders."""
    (found,) = await uploaded(pair[0], ("../../../etc/passwd.txt", "text/plain", b"a"))
    assert found["filename"] == "passwd.txt"
    assert ".." not in found["url"]
    assert (await upload(pair[0], ("../../../etc/passwd", "text/plain", b"a"))).refusal == UNSUPPORTED


async def test_t145_a_name_of_300_characters_is_cut(pair: Pair) -> None:
    """To 255, its ending kept (G-30)."""
    (found,) = await uploaded(pair[0], ("ä" * 296 + ".txt", "text/plain", b"a"))
    assert found["filename"] == "ä" * 251 + ".txt"


async def test_t146_an_empty_file_is_refused(pair: Pair) -> None:
    """0 bytes (G-30)."""
    assert (await upload(pair[0], ("a.txt", "text/plain", b""))).refusal == (400, "VALIDATION_ERROR", "File is empty")


async def test_a_form_whose_type_does_not_fit_is_refused(pair: Pair) -> None:
    """G-29, whether the type stands before the files or after them; other types are named."""
    paper = ("a.pdf", "application/pdf", pdf())
    assert (await upload(pair[0], paper, type="image")).refusal == UNSUPPORTED
    body, headers = form([("files", *paper)])
    boundary = headers["Content-Type"].rpartition("=")[2]
    late = f'--{boundary}\r\nContent-Disposition: form-data; name="type"\r\n\r\nimage\r\n--{boundary}--\r\n'.encode()
    body = body.removesuffix(f"--{boundary}--\r\n".encode()) + late
    assert (await pair[0].request("POST", UPLOAD, headers=headers, body=body)).refusal == UNSUPPORTED
    assert (await upload(pair[0], paper, type="video")).refusal == (
        400,
        "VALIDATION_ERROR",
        "type must be image or file",
    )
    chat = await pair[0].conversation(pair[1])
    assert (await post_files(pair[0], chat, paper, type="video")).refusal == UNSUPPORTED


TYPE = b'--x\r\nContent-Disposition: form-data; name="type"\r\n\r\n'


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"--x\r\nnothing", "multipart/form-data; boundary=x", 400),
        (b"", "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 400),
        (b"--x\r\n", "multipart/form-data", 400),
        (b"{}", "application/json", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"--x\r\n\r\n" * 40, "multipart/form-data; boundary=x", 400),
        (TYPE + b"a" * 70_000 + b"\r\n--x--", "multipart/form-data; boundary=x", 400),
        (TYPE + b"\xff\r\n--x--", "multipart/form-data; boundary=x", 400),
        (b"--x\r\n" + b"A: " + b"a" * 20_000 + b"\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x", 400),
    ],
)  # fmt: skip
async def test_a_body_that_is_no_sound_form_is_refused(body: bytes, kind: str, status: int, pair: Pair) -> None:
    """With a clear error, and nothing else."""
    answer = await pair[0].request("POST", UPLOAD, headers={"Content-Type": kind}, body=body)
    assert answer.status == status, answer.body


async def test_a_file_in_a_field_for_none_is_refused(pair: Pair) -> None:
    """What was sent is not dropped unsaid."""
    answer = await upload(pair[0], ("avatar", "a.png", "image/png", PNG))
    assert answer.refusal == (400, "VALIDATION_ERROR", "avatar carries no files; send them as files")


async def test_files_and_text_are_asked_for_in_words(pair: Pair) -> None:
    """G-28, VAL-13, B-34."""
    chat = await opened(*pair)
    (file,) = await uploaded(pair[0], ("a.png", "image/png", PNG))
    with_text = await send_files(pair[0], chat, "text", file["id"], content="hi")
    assert with_text.refusal == (400, "VALIDATION_ERROR", "attachments cannot be sent with text")
    for body in ({"message_type": "image"}, {"message_type": "file", "attachments": []}):
        answer = await pair[0].post(f"/v1/conversations/{chat}/messages", body)
        assert answer.refusal == (
            400, "VALIDATION_ERROR", "attachments are required for image, video and file messages"
        )  # fmt: skip
    twice = await send_files(pair[0], chat, "image", file["id"], file["id"])
    assert twice.refusal == (400, "VALIDATION_ERROR", "An attachment stands here twice")


async def test_a_pixel_flood_is_rejected_and_leaves_nothing(start_server: StartServer) -> None:
    """403 with the text of ERR-11; the file before it in the same request is gone too."""
    place = await start_server(RATE_LIMITS="off")
    (person,) = await place.people(1)
    answer = await upload(person, ("a.png", "image/png", PNG), ("b.png", "image/png", flood_png(20_000, 20_000)))
    assert answer.refusal == REJECTED
    assert stored(place) == []


async def test_what_is_refused_or_sent_before_leaves_no_file(start_server: StartServer) -> None:
    """A stranger's conversation is refused before the first file; a refused or repeated send gives its files back."""
    place = await start_server(RATE_LIMITS="off")
    one, other, third = await place.people(3)
    chat = await one.conversation(other)
    picture_ = ("a.png", "image/png", PNG)
    assert (await post_files(third, chat, picture_)).status == 403
    await other.post("blocks", {"username": one.username})
    assert (await post_files(one, chat, picture_)).status == 403
    assert stored(place) == []
    await other.delete(f"blocks/{one.username}")
    key = str(uuid4())
    await post_files(one, chat, picture_, key=key)
    kept = stored(place)
    assert len(kept) == 2
    assert (await post_files(one, chat, picture_, key=key)).status == 200
    assert stored(place) == kept


async def test_t153_a_fourth_upload_at_a_time_is_refused(start_server: StartServer) -> None:
    """Three slow ones are under way; when one of them is cut off, its place is free and nothing of it is left."""
    place = await start_server(RATE_LIMITS="off")
    (person,) = await place.people(1)
    slow = [await Slow.begin(place, person) for _ in range(3)]
    answer = await upload(person, ("a.png", "image/png", PNG))
    assert (answer.status, answer.error["code"]) == (429, "RATE_LIMITED")
    assert answer.error["message"] == "Maximum 3 uploads at a time"
    slow[0].cut()
    await eventually(lambda: upload(person, ("a.png", "image/png", PNG)), lambda answer: answer.status == 200)
    for each in slow[1:]:
        assert await each.finish() == 200
    names = [path.name for path in stored(place)]
    assert len(names) == 4  # the picture, its thumbnail, and two texts


async def test_uploads_are_limited_per_minute(start_server: StartServer) -> None:
    """RLM-10: each request counts once, however many files it brings."""
    place = await start_server(RATE_LIMITS="upload=2/min")
    (person,) = await place.people(1)
    for _ in range(2):
        assert (await upload(person, ("a.png", "image/png", PNG), ("b.png", "image/png", PNG))).status == 200
    answer = await upload(person, ("a.png", "image/png", PNG))
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0


async def test_quotas_of_the_store_and_of_a_user_are_kept(start_server: StartServer) -> None:
    """507 with the text of ERR-12; what was full for one user is not for another."""
    clock = Clock()
    place = await start_server(RATE_LIMITS="off", USER_QUOTA="1MiB", STORAGE_QUOTA="2MiB", clock=clock)
    one, other, third = await place.people(3)
    large, small = ("a.txt", "text/plain", b"a" * MB), ("b.txt", "text/plain", b"a")
    assert (await upload(one, large)).status == 200
    assert (await upload(one, small)).refusal == NO_ROOM
    assert (await upload(other, large)).status == 200
    clock.advance(COUNTED_ANEW)
    assert (await upload(third, small)).refusal == NO_ROOM
    assert len(stored(place)) == 2
