"""Uploads that can be resumed, by tus 1.0, in both dialects: begun, continued, finished, refused, given up (docs/decisions/0009)."""

import base64
from email.utils import parsedate_to_datetime
from uuid import UUID, uuid4

import pytest
from tests.blobs.papers import pdf, script
from tests.blobs.pictures import encoded, flood_png, picture
from tests.blobs.recordings import film
from tests.live.conftest import StartServer
from tests.live.files import REJECTED, UNSUPPORTED, send_files, stored, upload
from tests.live.people import Person, Place
from tests.live.tus import (
    CHAT_UPLOADS,
    MISSING,
    OCTETS,
    SPOKEN,
    TEXT,
    V1_UPLOADS,
    Stream,
    begin_headers,
    brought,
    checksum,
    create,
    created,
    head,
    id_of,
    metadata,
    offset_of,
    patch,
)
from tests.live.v1 import opened

MB = 1 << 20
PNG = encoded(picture(32, 24), "PNG")
Pair = tuple[Person, Person]


# -- the protocol ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at",
    [
        V1_UPLOADS,
        CHAT_UPLOADS,
        "/chat/uploads",
        "/api/chat/uploads",
        f"{V1_UPLOADS}/5ea6e2dd-be02-4e32-8860-b65fc70e321d",
    ],
)
async def test_options_say_what_is_spoken_without_a_token(at: str, live: Place) -> None:
    """Version, extensions, the largest upload, algorithms; a version in the request is not looked at."""
    answer = await live.request("OPTIONS", at, headers={"Tus-Resumable": "0.2.2"})
    assert answer.status == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Tus-Extension"].split(",") == [
        "creation", "creation-with-upload", "expiration", "checksum", "termination",
    ]  # fmt: skip
    assert answer.headers["Tus-Max-Size"] == str(100 * MB)
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"


@pytest.mark.parametrize("said", ["0.2.2", None])
async def test_another_version_is_refused_before_anything_happens(said: str | None, pair: Pair) -> None:
    """412 with the version that is spoken; only whoever looks may leave it out."""
    one, _ = pair
    where = await created(one, 5)
    headers = {} if said is None else {"Tus-Resumable": said}
    begin = {**begin_headers(5, "a.txt"), **headers}
    if said is None:
        del begin["Tus-Resumable"]
    bytes_ = {**headers, "Upload-Offset": "0", "Content-Type": OCTETS}
    for method, path, more in (("POST", V1_UPLOADS, begin), ("PATCH", where, bytes_), ("DELETE", where, headers)):
        answer = await one.request(method, path, headers=more)
        assert (answer.status, answer.error["code"]) == (412, "PRECONDITION_FAILED"), method
        assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert (await one.get(where, headers=headers)).status == (412 if said else 200)
    assert await offset_of(one, where) == 0


async def test_every_answer_says_the_version(live: Place, pair: Pair) -> None:
    """Refusals too: without a token, of a route that is none, of a method."""
    one, _ = pair
    for answer in (
        await live.post(V1_UPLOADS, headers=SPOKEN),
        await one.get(f"{V1_UPLOADS}/nothing"),
        await one.put(V1_UPLOADS),
        await head(one, f"{V1_UPLOADS}/{uuid4()}"),
        await create(one, 5),
    ):
        assert answer.headers.get_list("Tus-Resumable") == ["1.0.0"]
    assert "Tus-Resumable" not in (await one.get("/v1/users/blocked")).headers


async def test_an_upload_goes_on_piece_by_piece(pair: Pair) -> None:
    """Its place, offset and end are told each time; the body of the last piece makes the attachment of the same id."""
    one, _ = pair
    answer = await create(one, len(TEXT), "work.txt", filetype="text/plain")
    assert answer.status == 201
    assert answer.data == {"attachments": []}
    where = answer.headers["Location"]
    assert where == f"{V1_UPLOADS}/{id_of(where)}"
    assert UUID(id_of(where)).version == 4
    assert answer.headers["Upload-Offset"] == "0"
    expires = answer.headers["Upload-Expires"]
    assert expires.endswith(" GMT")
    assert parsedate_to_datetime(expires) is not None
    half = len(TEXT) // 2
    for start, data in ((0, TEXT[:7]), (7, TEXT[7:half]), (half, TEXT[half:])):
        standing = await head(one, where)
        assert (standing.status, standing.headers["Cache-Control"]) == (200, "no-store")
        assert standing.headers["Upload-Offset"] == str(start)
        assert standing.headers["Upload-Length"] == str(len(TEXT))
        assert standing.headers["Upload-Metadata"] == metadata(filename="work.txt", filetype="text/plain")
        assert (await one.get(where)).data == {"attachments": []}
        answer = await patch(one, where, start, data)
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(start + len(data)))
        assert answer.headers["Upload-Expires"] == expires
    standing = await head(one, where)
    assert standing.headers["Upload-Offset"] == standing.headers["Upload-Length"] == str(len(TEXT))
    (file,) = (await one.get(where)).data["attachments"]
    assert (file["id"], file["filename"], file["size"], file["type"]) == (id_of(where), "work.txt", len(TEXT), "file")
    assert (await one.get(f"/v1/messages/files/{id_of(where)}")).status == 200


async def test_an_upload_may_begin_with_bytes(pair: Pair) -> None:
    """creation-with-upload: some of them, or all; then it is finished at once, and the answer shows it."""
    one, _ = pair
    answer = await create(one, len(TEXT), data=TEXT[:100_000])
    assert (answer.status, answer.headers["Upload-Offset"]) == (201, "100000")
    assert (await patch(one, answer.headers["Location"], 100_000, TEXT[100_000:])).status == 204
    answer = await create(one, len(PNG), "a.png", data=PNG, at=CHAT_UPLOADS)
    assert (answer.status, answer.headers["Upload-Offset"]) == (201, str(len(PNG)))
    (media,) = answer.data["media"]
    assert media["id"] == id_of(answer.headers["Location"])
    assert media["type"] == "image"


async def test_a_wrong_offset_changes_nothing(pair: Pair) -> None:
    """409, also of a finished upload; no offset at all is 400, another type 415."""
    one, _ = pair
    where = await created(one, 10)
    await patch(one, where, 0, b"hello")
    for offset in (0, 4, 6, 10):
        answer = await patch(one, where, offset, b"x")
        assert (answer.status, answer.error["code"], answer.error["details"]) == (409, "CONFLICT", {"offset": 5})
    for wrong in ("", "-1", "5.0", "five", "9" * 16):
        answer = await patch(one, where, 5, b"x", headers={"Upload-Offset": wrong})
        assert answer.refusal == (400, "VALIDATION_ERROR", "Upload-Offset must be a whole number of bytes")
    answer = await patch(one, where, 5, b"x", headers={"Content-Type": "application/octet-stream"})
    assert (answer.status, answer.error["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert await offset_of(one, where) == 5
    assert (await patch(one, where, 5, b"world")).status == 204
    assert (await patch(one, where, 5, b"world")).status == 409
    assert (await patch(one, where, 10, b"")).status == 204


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"Upload-Length": ""}, "Upload-Length must be a whole number of bytes"),
        ({"Upload-Length": "-5"}, "Upload-Length must be a whole number of bytes"),
        ({"Upload-Length": "0"}, "File is empty"),
        ({"Upload-Defer-Length": "1"}, "Upload-Length is needed from the beginning"),
        ({"Upload-Concat": "partial"}, "Upload-Concat is not supported"),
        ({"Upload-Metadata": ""}, "Upload-Metadata must name the file: filename"),
        ({"Upload-Metadata": "filename"}, "Upload-Metadata must name the file: filename"),
        ({"Upload-Metadata": "filename a.txt"}, "Upload-Metadata must be pairs of a key and a value in Base64"),
        ({"Upload-Metadata": f"{metadata(filename='a.txt')},"}, "Upload-Metadata must be pairs of a key and a value"),
        ({"Upload-Metadata": metadata(filename="a.txt") + "," + metadata(filename="b.txt")}, "Upload-Metadata must be"),
        ({"Upload-Metadata": metadata(filename="a.txt", more="x" * 4096)}, "Upload-Metadata must be pairs"),
        ({"Upload-Metadata": metadata(filename="a.txt", type="text")}, "type must be file or image"),
        ({"Upload-Metadata": metadata(filename="a.txt", type="image")}, UNSUPPORTED[2]),
        ({"Upload-Metadata": metadata(filename="a.exe")}, UNSUPPORTED[2]),
        ({"Upload-Metadata": metadata(filename="a.png", filetype="text/html")}, UNSUPPORTED[2]),
        ({"Upload-Metadata": metadata(filename="a.mov")}, UNSUPPORTED[2]),
    ],
)
async def test_what_cannot_be_taken_is_not_begun(headers: dict[str, str], text: str, pair: Pair) -> None:
    """400 before the first byte."""
    answer = await create(pair[0], 5, headers=headers)
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR"), answer.body
    assert answer.error["message"].startswith(text)
    assert "Location" not in answer.headers


async def test_dialects_take_what_their_forms_take(pair: Pair) -> None:
    """A video by A alone, in its envelope; a media type under `type`, as some clients say it, is no type of message."""
    one, _ = pair
    refused = await create(one, 5, "a.mov")
    assert refused.refusal == UNSUPPORTED
    assert "request_id" in refused.error
    refused = await create(one, 5, "a.mp4", at=CHAT_UPLOADS, type="sticker")
    assert refused.error["message"] == "type must be file or image or video"
    assert "requestId" in refused.error
    video = film()
    where = await brought(one, video, "a.mp4", at=CHAT_UPLOADS, type="video", filetype="video/mp4")
    (media,) = (await one.get(where)).data["media"]
    assert (media["type"], media["duration"]) == ("video", 3.0)
    assert (await create(one, 5, "a.png", type="image/png")).status == 201


async def test_the_method_may_stand_in_a_header(pair: Pair) -> None:
    """X-HTTP-Method-Override, for clients that cannot send every method."""
    one, _ = pair
    where = await created(one, 10)
    said = {**SPOKEN, "Upload-Offset": "0", "Content-Type": OCTETS, "X-HTTP-Method-Override": "PATCH"}
    answer = await one.request("POST", where, headers=said, body=b"hello")
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, "5")
    answer = await one.request("POST", where, headers={**SPOKEN, "X-HTTP-Method-Override": "DELETE"})
    assert answer.status == 204
    assert (await head(one, where)).status == 404


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_bytes_are_held_against_their_checksum(algorithm: str, pair: Pair) -> None:
    """460 when they differ, and nothing of the piece is kept; the right ones go on from there."""
    one, _ = pair
    where = await created(one, len(TEXT))
    assert (await patch(one, where, 0, TEXT[:9], headers=checksum(TEXT[:9], algorithm))).status == 204
    answer = await patch(one, where, 9, TEXT[9:], headers=checksum(b"another", algorithm))
    assert (answer.status, answer.error["code"]) == (460, "CHECKSUM_MISMATCH")
    assert await offset_of(one, where) == 9
    answer = await patch(one, where, 9, TEXT[9:], headers=checksum(TEXT[9:], algorithm))
    assert answer.status == 204
    (file,) = (await one.get(where)).data["attachments"]
    assert file["size"] == len(TEXT)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "sha1",
        "sha1 x",
        "md5 " + base64.b64encode(bytes(16)).decode(),
        "sha1 " + base64.b64encode(b"short").decode(),
    ],
)
async def test_a_checksum_that_nobody_can_check_is_refused(said: str, pair: Pair) -> None:
    """400, and nothing of the piece is kept."""
    one, _ = pair
    where = await created(one, 10)
    answer = await patch(one, where, 0, b"hello", headers={"Upload-Checksum": said})
    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")
    assert await offset_of(one, where) == 0


async def test_an_upload_is_its_creators_alone(pair: Pair) -> None:
    """Nobody else learns that it is there, before its end and after it; in no dialect."""
    one, other = pair
    for where in (await created(one, 10), await brought(one, b"done", "a.txt")):
        before = await offset_of(one, where)
        assert (await head(other, where)).status == 404
        assert (await other.get(where)).refusal == MISSING
        assert (await other.get(f"{CHAT_UPLOADS}/{id_of(where)}")).refusal == MISSING
        assert (await patch(other, where, before, b"x")).refusal == MISSING
        assert (await other.request("DELETE", where, headers=SPOKEN)).refusal == MISSING
        assert await offset_of(one, where) == before


async def test_an_upload_is_given_up(start_server: StartServer) -> None:
    """Termination: unfinished or finished, nothing is left of it; what a message carries stays."""
    place = await start_server(RATE_LIMITS="off")
    one, other = await place.people(2)
    for making in (created(one, 10), brought(one, PNG, "a.png")):
        where = await making
        assert (await one.request("DELETE", where, headers=SPOKEN)).status == 204
        assert (await head(one, where)).status == 404
        assert (await patch(one, where, 0, b"x")).refusal == MISSING
        assert stored(place) == []
    where = await brought(one, PNG, "a.png")
    chat = await opened(one, other)
    assert (await send_files(one, chat, "image", id_of(where))).status == 201
    answer = await one.request("DELETE", where, headers=SPOKEN)
    assert answer.refusal == (409, "CONFLICT", "This attachment is already part of a message")
    assert (await other.get(f"/v1/messages/files/{id_of(where)}")).status == 200


# -- what becomes of it ------------------------------------------------------------------------------------------------------


async def test_a_finished_upload_is_sent_in_both_dialects(pair: Pair) -> None:
    """Its id is an attachment's like any other, whichever dialect it came by."""
    one, other = pair
    chat = await one.conversation(other)
    by_b, by_a = await brought(one, PNG, "b.png"), await brought(one, PNG, "a.png", at="/chat/uploads")
    body = {"type": "image", "media": [{"id": id_of(by_b)}]}
    sent = (await one.post(f"conversations/{chat}/messages", body)).data
    assert [media["filename"] for media in sent["media"]] == ["b.png"]
    answer = await send_files(one, chat, "image", id_of(by_a))
    assert [file["filename"] for file in answer.data["attachments"]] == ["a.png"]
    assert [media["id"] for message in await other.messages(chat) for media in message["media"]] == [
        id_of(by_a), id_of(by_b),
    ]  # fmt: skip


async def test_an_unfinished_upload_is_not_sent(pair: Pair) -> None:
    """It is no attachment yet."""
    one, other = pair
    chat = await opened(one, other)
    where = await created(one, 10)
    assert (await send_files(one, chat, "file", id_of(where))).refusal == (
        400,
        "VALIDATION_ERROR",
        "Unknown attachment",
    )


@pytest.mark.parametrize(("name", "most", "at"), [("a.csv", 10, V1_UPLOADS), ("a.mp4", 100, CHAT_UPLOADS)])
async def test_one_byte_over_the_limit_is_not_begun(name: str, most: int, at: str, pair: Pair) -> None:
    """413 by what was announced."""
    answer = await create(pair[0], most * MB + 1, name, at=at)
    assert (answer.status, answer.error["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert (await create(pair[0], most * MB, name, at=at)).status == 201


async def test_exactly_the_limit_passes(pair: Pair) -> None:
    """The last byte that fits."""
    where = await brought(pair[0], b"a,b\n" * (10 * MB // 4), "a.csv")
    (file,) = (await pair[0].get(where)).data["attachments"]
    assert file["size"] == 10 * MB


async def test_a_hundred_megabytes_that_are_no_video_are_refused_at_their_beginning(pair: Pair) -> None:
    """With 99 MB still to come, and the upload is gone."""
    one, _ = pair
    where = await created(one, 100 * MB, "a.mp4", at=CHAT_UPLOADS)
    stream = await Stream.begin(one, where, 0, 100 * MB)
    await stream.write(PNG + bytes(MB))
    assert await stream.status() == 400
    stream.cut()
    assert (await head(one, where)).status == 404


async def test_first_bytes_that_come_one_by_one_are_judged_together(pair: Pair) -> None:
    """What the first 4096 bytes are is known when they are here, whatever requests brought them."""
    one, _ = pair
    where = await created(one, MB, "a.png")
    assert (await patch(one, where, 0, b"<svg ")).status == 204
    assert (await patch(one, where, 5, bytes(4_000))).status == 204
    assert (await patch(one, where, 4_005, bytes(200))).refusal == UNSUPPORTED
    assert (await head(one, where)).status == 404


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("a.png", PNG[: len(PNG) // 2], UNSUPPORTED),
        ("a.txt", b"#!/bin/sh\n", UNSUPPORTED),
        ("a.png", flood_png(20_000, 20_000), REJECTED),
        ("a.pdf", pdf(OpenAction=script()), REJECTED),
    ],
)
async def test_a_refused_upload_is_gone(
    name: str, data: bytes, refusal: tuple[int, str, str], start_server: StartServer
) -> None:
    """The request that brings the last byte is answered as a form would be; nothing is left."""
    place = await start_server(RATE_LIMITS="off")
    (one,) = await place.people(1)
    for at in (V1_UPLOADS, CHAT_UPLOADS):
        where = await created(one, len(data), name, at=at)
        assert (await patch(one, where, 0, data)).refusal == refusal
        assert (await head(one, where)).status == 404
        assert (await create(one, len(data), name, at=at, data=data)).refusal == refusal
    assert stored(place) == []


async def test_more_bytes_than_announced_are_refused(pair: Pair) -> None:
    """What comes is not what was begun: 413, and it is gone."""
    one, _ = pair
    where = await created(one, 10)
    answer = await patch(one, where, 0, b"hello world")
    assert answer.refusal == (413, "PAYLOAD_TOO_LARGE", "More bytes than Upload-Length says")
    assert (await head(one, where)).status == 404


async def test_creating_counts_towards_the_limit_and_continuing_does_not(start_server: StartServer) -> None:
    """RLM-10: with forms together."""
    place = await start_server(RATE_LIMITS="upload=2/min")
    (one,) = await place.people(1)
    assert (await upload(one, ("a.png", "image/png", PNG))).status == 200
    answer = await create(one, 10)
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    for offset in range(10):
        assert (await patch(one, answer.headers["Location"], offset, b"a")).status == 204
    answer = await create(one, 10)
    assert (answer.status, answer.error["code"]) == (429, "RATE_LIMITED")
    assert int(answer.headers["Retry-After"]) > 0
