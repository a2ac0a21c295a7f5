"""Fetching files: who gets what, how it is answered, parts of it, and signed links (FST-14 to FST-28, C-36, C-37)."""

import io
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image
from tests.blobs.pictures import GPS_MARK, photograph
from tests.live.clock import Clock
from tests.live.conftest import StartServer
from tests.live.files import post_files
from tests.live.people import Answer, Person, Place
from tests.shelf import Shelf

from duologue.core.files import ScanState
from duologue.core.model import FileKind
from duologue.storage.postgres import Postgres

GONE = (404, "NOT_FOUND", "File not found")
FOREIGN = (403, "FORBIDDEN", "Not a participant")
NOBODY = (401, "UNAUTHORIZED", "Authentication required")
TEXT = bytes(range(256)) * 40
LINKS = ("files/links", "/chat/files/links", "/api/chat/files/links", "/v1/messages/files/links")


@dataclass(frozen=True, slots=True)
class Scene:
    """A file that `one` sent to `two`; `eve` is somebody else. Files are put into the store and recorded by hand."""

    place: Place
    shelf: Shelf
    one: Person
    two: Person
    eve: Person
    conversation: str

    async def keep(self, content: bytes = TEXT, **values: Any) -> str:
        """Take a document of `one` in; return its id."""
        file_id = values.pop("id", None) or uuid4()
        plain = {
            "kind": FileKind.FILE,
            "name": "notes.txt",
            "media_type": "text/plain",
            "key": f"messages/files/2026/11/{file_id}.txt",
            "thumbnail_key": None,
        }
        file = await self.shelf.take_in(UUID(self.one.id), content, id=file_id, **{**plain, **values})
        return str(file.id)

    async def send(self, content: bytes = TEXT, **values: Any) -> str:
        """Take a document in and send it; return its id."""
        file_id = await self.keep(content, **values)
        await self.attach(file_id)
        return file_id

    async def attach(self, file_id: str) -> str:
        """Send a file; return the message's id."""
        body = {"message_type": "file", "attachments": [{"id": file_id}]}
        found: str = (await self.one.post(f"/v1/conversations/{self.conversation}/messages", body)).data["id"]
        return found

    async def url(self, file_id: str) -> str:
        """The unsigned path of a file."""
        rows = await self.shelf.postgres.fetch("SELECT key FROM attachments WHERE id = $1", UUID(file_id))
        return f"/uploads/{rows[0]['key']}"

    async def link(self, person: Person, file_id: str) -> str:
        """A signed link."""
        answer = await person.post("files/links", {"ids": [file_id]})
        found: str = answer.data["links"][0]["url"]
        return found


async def scene_of(place: Place, postgres: Postgres) -> Scene:
    """Make the people."""
    one, two, eve = await place.people(3)
    conversation = await one.conversation(two)
    return Scene(place, Shelf(postgres, place.folder / "files"), one, two, eve, conversation)


@pytest.fixture
async def scene(live: Place) -> AsyncIterator[Scene]:
    """Give the people on the shared server."""
    postgres = Postgres(live.dsn, size=1)
    await postgres.open()
    yield await scene_of(live, postgres)
    await postgres.close()


def by_id(file_id: str) -> str:
    """The path of a file by its id."""
    return f"/v1/messages/files/{file_id}"


# -- the file -----------------------------------------------------------------------------------------------------------


async def test_t149_a_participant_downloads_a_file_by_its_id(scene: Scene) -> None:
    """Its type, its name, its length, its bytes (FST-20 to FST-23); both participants."""
    file_id = await scene.send()
    for person in (scene.one, scene.two):
        answer = await person.get(by_id(file_id))
        assert answer.status == 200
        assert answer.raw == TEXT
        assert answer.headers["content-type"] == "text/plain"
        assert answer.headers["content-length"] == str(len(TEXT))
        assert answer.headers["content-disposition"] == "attachment; filename=\"notes.txt\"; filename*=UTF-8''notes.txt"


async def test_t150_others_get_nothing(scene: Scene) -> None:
    """Without a token 401, a stranger 403, an unknown id 404; in the words of the dialect that was asked (FST-24, FST-25)."""
    file_id = await scene.send()
    answer = await scene.place.get(by_id(file_id))
    assert answer.refusal == NOBODY
    assert answer.headers["www-authenticate"] == "Bearer"
    assert (await scene.eve.get(by_id(file_id))).refusal == FOREIGN
    assert (await scene.two.get(by_id(str(uuid4())))).refusal == GONE
    assert "request_id" in (await scene.two.get(by_id(str(uuid4())))).error
    assert "requestId" in (await scene.two.get(f"/uploads/messages/files/2026/11/{uuid4()}.txt")).error


async def test_t151_the_url_of_an_attachment_serves_nothing_without_a_token(scene: Scene) -> None:
    """It looks public and is not (C-37, FST-27)."""
    url = await scene.url(await scene.send())
    assert (await scene.place.get(url)).refusal == NOBODY
    assert (await scene.eve.get(url)).refusal == FOREIGN
    assert (await scene.two.get(url)).raw == TEXT


async def test_t136_a_photograph_comes_back_without_the_place_it_was_taken(pair: tuple[Person, Person]) -> None:
    """At most 1920 on a side, ratio kept; thumbnail 400x400 JPEG; no GPS in any byte."""
    one, two = pair
    chat = await one.conversation(two)
    sent = await post_files(one, chat, ("holiday.jpg", "image/jpeg", photograph(3000, 2000)))
    (media,) = sent.data["media"]
    stored, thumbnail = await two.get(media["url"]), await two.get(media["thumbnailUrl"])
    with _opened(stored) as image:
        assert (image.format, image.size) == ("JPEG", (1920, 1280))
    with _opened(thumbnail) as image:
        assert (image.format, image.size) == ("JPEG", (400, 400))
    assert GPS_MARK not in stored.raw + thumbnail.raw
    assert b"Exif" not in stored.raw + thumbnail.raw
    assert stored.headers["content-disposition"].startswith("inline;")
    assert thumbnail.headers["content-type"] == "image/jpeg"


async def test_the_short_forms_of_urls_lead_to_the_same_bytes(scene: Scene) -> None:
    """`/uploads/messages/2024/11/<id>.jpg`, `/uploads/messages/thumbnails/<id>.jpg` (C-36); nothing else does."""
    file_id = str(uuid4())
    keys: dict[str, Any] = {
        "key": f"messages/videos/2024/11/{file_id}.mp4",
        "thumbnail_key": f"messages/videos/thumbnails/{file_id}.jpg",
        "poster_key": f"messages/videos/posters/{file_id}.jpg",
    }
    await scene.send(id=UUID(file_id), kind=FileKind.VIDEO, media_type="video/mp4", name="a.mp4", **keys)
    for key in keys.values():
        for form in (key, key.replace("/videos", "")):
            answer = await scene.two.get(f"/uploads/{form}")
            assert (answer.status, answer.raw) == (200, TEXT), form
    kinds = [(await scene.two.get(f"/uploads/{key}")).headers["content-type"] for key in keys.values()]
    assert kinds == ["video/mp4", "image/jpeg", "image/jpeg"]
    for wrong in (
        f"messages/images/2024/11/{file_id}.mp4",
        f"messages/videos/2024/12/{file_id}.mp4",
        f"messages/videos/2024/11/{file_id}.jpg",
        f"messages/videos/2024/11/{file_id}",
        f"messages/2024/{file_id}.mp4",
        f"messages/videos/{file_id}.mp4",
        f"{file_id}.mp4",
        f"messages/videos/2024/11/{file_id.upper()}.mp4",
        "messages/videos/2024/11/no-id.mp4",
        f"messages/videos/2024/11/%2e%2e/11/{file_id}.mp4",
        "spool",
    ):
        assert (await scene.two.get(f"/uploads/{wrong}")).status == 404, wrong


async def test_an_upload_that_was_not_sent_is_its_owners_alone(scene: Scene) -> None:
    """Until a message carries it; then it is the conversation's (G-31)."""
    file_id = await scene.keep()
    url = await scene.url(file_id)
    assert (await scene.one.get(url)).raw == TEXT
    for person in (scene.two, scene.eve):
        assert (await person.get(url)).refusal == (403, "FORBIDDEN", "This attachment is not yours")
    await scene.attach(file_id)
    assert (await scene.two.get(url)).raw == TEXT


async def test_a_deleted_message_takes_its_files_along(scene: Scene) -> None:
    """By id, by url and by a link that was signed before: 404 for both, like the message (DEL, FST-26)."""
    file_id = await scene.keep()
    message, url = await scene.attach(file_id), await scene.url(file_id)
    links = [await scene.link(person, file_id) for person in (scene.one, scene.two)]
    tag = (await scene.two.get(url)).headers["etag"]
    assert (await scene.one.delete(f"messages/{message}")).status == 200
    for person in (scene.one, scene.two):
        assert (await person.get(by_id(file_id))).refusal == GONE
        assert (await person.get(url, headers={"If-None-Match": tag})).refusal == GONE
    for link in links:
        assert (await scene.place.get(link)).refusal == GONE
    assert (await scene.eve.get(url)).refusal == FOREIGN


async def test_a_deleted_conversation_hides_its_files_from_who_deleted_it(scene: Scene) -> None:
    """The other one still has them; what is sent later shows (G-20)."""
    file_id = await scene.send()
    assert (await scene.two.delete(f"conversations/{scene.conversation}")).status == 200
    assert (await scene.two.get(by_id(file_id))).refusal == GONE
    assert (await scene.one.get(by_id(file_id))).raw == TEXT
    assert (await scene.two.get(by_id(await scene.send()))).raw == TEXT


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (ScanState.PENDING, (503, "UNAVAILABLE", "The file is still being checked, please try again")),
        (ScanState.INFECTED, (403, "FORBIDDEN", "File rejected: Security scan failed")),
    ],
)
async def test_only_clean_files_are_served(scene: Scene, state: ScanState, refusal: tuple[int, str, str]) -> None:
    """To nobody, in no form, thumbnails neither; a pending one says when to ask again (FST-34)."""
    file_id = str(uuid4())
    thumbnail = f"messages/images/thumbnails/{file_id}.jpg"
    await scene.send(id=UUID(file_id), thumbnail_key=thumbnail)
    await scene.shelf.postgres.execute("UPDATE attachments SET state = $2 WHERE id = $1", UUID(file_id), state.value)
    for path in (by_id(file_id), await scene.url(file_id), f"/uploads/{thumbnail}"):
        answer = await scene.two.get(path)
        assert answer.refusal == refusal
        assert answer.headers.get("retry-after") == ("10" if state is ScanState.PENDING else None)


async def test_a_record_without_its_blob_is_404_and_a_wrong_blob_is_not_served(scene: Scene) -> None:
    """What is missing is not there; what is not what was recorded does not pass for it."""
    missing, wrong = await scene.send(), await scene.send()
    for file_id, less in ((missing, None), (wrong, b"other")):
        path = scene.shelf.folder / (await scene.url(file_id)).removeprefix("/uploads/")
        path.unlink()
        if less is not None:
            path.write_bytes(less)
    assert (await scene.two.get(by_id(missing))).status == 404
    async with httpx.AsyncClient(base_url=scene.place.url, trust_env=False) as http:
        answer = await http.get(by_id(wrong), headers={"Authorization": f"Bearer {scene.two.token}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL_ERROR")


# -- how it is answered -------------------------------------------------------------------------------------------------


async def test_nothing_in_a_file_can_run(scene: Scene) -> None:
    """Type as stored and not guessed, a sandbox, no frame, no referrer; kept by the client alone, and asked for each time."""
    file_id = await scene.send()
    for path in (by_id(file_id), await scene.url(file_id), await scene.link(scene.two, file_id)):
        headers = (await scene.two.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("kind", "media_type", "loads"),
    [
        (FileKind.IMAGE, "image/png", "img-src 'self'"),
        (FileKind.VIDEO, "video/mp4", "media-src 'self'"),
        (FileKind.AUDIO, "audio/mp4", "media-src 'self'"),
        (FileKind.FILE, "application/pdf", ""),
        (FileKind.FILE, "text/plain", ""),
    ],
)
async def test_only_pictures_videos_and_sounds_are_shown_in_place(
    scene: Scene, kind: FileKind, media_type: str, loads: str
) -> None:
    """By url and by link; by its id any file is to be saved. Opened by itself it may load itself, and run nothing."""
    file_id = await scene.send(kind=kind, media_type=media_type)
    for path in (await scene.url(file_id), await scene.link(scene.two, file_id)):
        headers = (await scene.two.get(path)).headers
        policy = headers["content-security-policy"].split("; ")
        assert headers["content-disposition"].startswith("inline;" if loads else "attachment;")
        assert "default-src 'none'" in policy
        assert [each for each in policy if each.startswith(("img", "media"))] == ([loads] if loads else [])
        assert [each for each in policy if "script" in each] == []
        assert policy[0] == ("sandbox allow-same-origin" if "media" in loads else "sandbox")
    assert (await scene.two.get(by_id(file_id))).headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
    [
        ("plan.pdf", "plan.pdf", "plan.pdf"),
        ('a "b" \\ c.txt', 'a \\"b\\" \\\\ c.txt', "a%20%22b%22%20%5C%20c.txt"),
        ("Grüße 你好 👋.txt", "Gr__e __ _.txt", "Gr%C3%BC%C3%9Fe%20%E4%BD%A0%E5%A5%BD%20%F0%9F%91%8B.txt"),
        ("a;b=c,d'e%41*.txt", "a;b=c,d'e%41*.txt", "a%3Bb%3Dc%2Cd%27e%2541%2A.txt"),
    ],
)
async def test_names_of_any_kind_stand_in_the_header(scene: Scene, name: str, plain: str, whole: str) -> None:
    """In ASCII with quotes and backslashes escaped, and whole in UTF-8 (RFC 6266, B-32)."""
    answer = await scene.two.get(by_id(await scene.send(name=name)))
    assert answer.headers["content-disposition"] == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"


async def test_head_says_the_same_without_reading_anything(scene: Scene) -> None:
    """All headers of GET; a range is not GET's alone to ask for, and the blob need not be there (RFC 9110, 9.3.2, 14.2)."""
    file_id = await scene.send()
    for path in (by_id(file_id), await scene.url(file_id), await scene.link(scene.two, file_id)):
        whole = await scene.two.get(path)
        head = await scene.two.request("HEAD", path, headers={"Range": "bytes=0-1"})
        assert (head.status, head.raw) == (200, b"")
        beside = {"date", "x-request-id"}
        assert {name: value for name, value in head.headers.items() if name not in beside} == {
            name: value for name, value in whole.headers.items() if name not in beside
        }
    (scene.shelf.folder / (await scene.url(file_id)).removeprefix("/uploads/")).unlink()
    assert (await scene.two.request("HEAD", by_id(file_id))).status == 200
    assert (await scene.eve.request("HEAD", by_id(file_id))).status == 403
    assert (await scene.place.request("HEAD", by_id(file_id))).status == 401


async def test_what_the_client_has_already_is_not_sent_again(scene: Scene) -> None:
    """304 with the tag and without a body; any of several tags, weak ones too; the tag is the digest's, alike for equal files."""
    file_id, again = await scene.send(), await scene.send()
    path = by_id(file_id)
    tag = (await scene.two.get(path)).headers["etag"]
    assert re.fullmatch(r'"[\w-]{43}"', tag)
    assert (await scene.two.get(by_id(again))).headers["etag"] == tag
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = await scene.two.get(path, headers={"If-None-Match": known})
        assert (answer.status, answer.raw, answer.headers["etag"]) == (304, b"", tag)
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "content-length" not in answer.headers
    for unknown in ('"other"', tag.strip('"'), ""):
        assert (await scene.two.get(path, headers={"If-None-Match": unknown})).raw == TEXT


RANGES: Mapping[str, tuple[int, int] | None] = {
    "bytes=0-0": (0, 0),
    "bytes=0-": (0, len(TEXT) - 1),
    "bytes=100-199": (100, 199),
    "bytes=10000-": (10_000, len(TEXT) - 1),
    "bytes=10000-999999999999999999999999": (10_000, len(TEXT) - 1),
    "bytes=-5": (len(TEXT) - 5, len(TEXT) - 1),
    "bytes=-99999999": (0, len(TEXT) - 1),
    "BYTES = 1 - 2": (1, 2),
    "bytes=0-1,5-6": None,
    "bytes=5-4": None,
    "bytes=-": None,
    "bytes=": None,
    "bytes=a-b": None,
    "bytes=+1-2": None,
    "bytes=\u0661-\u0662": None,
    "lines=0-1": None,
}


@pytest.mark.parametrize("asked", RANGES)
async def test_one_range_is_answered_and_anything_else_is_the_whole(scene: Scene, asked: str) -> None:
    """From a to b, from a on, the last n (RFC 9110, 14); several ranges and what is none are ignored."""
    file_id = await scene.send()
    for path in (by_id(file_id), await scene.link(scene.two, file_id)):
        answer = await scene.two.get(path, headers={"Range": asked})
        expected = RANGES[asked]
        if expected is None:
            assert (answer.status, answer.raw) == (200, TEXT)
            assert "content-range" not in answer.headers
        else:
            first, last = expected
            assert (answer.status, answer.raw) == (206, TEXT[first : last + 1])
            assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(TEXT)}"
            assert answer.headers["content-length"] == str(last - first + 1)
        assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("asked", [f"bytes={len(TEXT)}-", "bytes=99999999999999999999999999999-", "bytes=-0"])
async def test_a_range_behind_the_end_is_refused(scene: Scene, asked: str) -> None:
    """416 with the size, in the envelope of the dialect."""
    file_id = await scene.send()
    for path in (by_id(file_id), await scene.url(file_id)):
        answer = await scene.two.get(path, headers={"Range": asked})
        assert answer.refusal[:2] == (416, "RANGE_NOT_SATISFIABLE")
        assert answer.headers["content-range"] == f"bytes */{len(TEXT)}"


async def test_a_range_of_another_version_is_the_whole(scene: Scene) -> None:
    """`If-Range` by strong comparison; a time is never ours (RFC 9110, 13.1.5)."""
    path = by_id(await scene.send())
    tag = (await scene.two.get(path)).headers["etag"]
    headers = {"Range": "bytes=0-1", "If-Range": tag}
    assert (await scene.two.get(path, headers=headers)).status == 206
    for other in (f"W/{tag}", '"other"', "Sat, 21 Nov 2026 07:00:00 GMT"):
        assert (await scene.two.get(path, headers={**headers, "If-Range": other})).raw == TEXT


async def test_thumbnails_come_whole_and_keep_their_tag(scene: Scene) -> None:
    """No range of them, no counting; a tag of their own (C-36)."""
    file_id = str(uuid4())
    url = f"/uploads/messages/images/thumbnails/{file_id}.jpg"
    await scene.send(id=UUID(file_id), thumbnail_key=url.removeprefix("/uploads/"))
    answer = await scene.two.get(url, headers={"Range": "bytes=0-1"})
    assert (answer.status, answer.raw, answer.headers["accept-ranges"]) == (200, TEXT, "none")
    assert answer.headers["content-length"] == str(len(TEXT))
    assert answer.headers["content-disposition"].startswith('inline; filename="notes-thumbnail.jpg"')
    assert answer.headers["etag"] != (await scene.two.get(by_id(file_id))).headers["etag"]
    assert (await scene.two.get(url, headers={"If-None-Match": answer.headers["etag"]})).status == 304
    assert (await scene.two.request("HEAD", url)).status == 200


# -- limits -------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def limited(start_server: StartServer, postgres: Postgres) -> Scene:
    """Give the people on a server with rate limits."""
    return await scene_of(await start_server(), postgres)


async def test_t154_the_101st_download_within_a_minute_is_refused(limited: Scene) -> None:
    """Whichever way they come, and by whoever's link; what sends no bytes costs nothing (RLM-08)."""
    file_id = await limited.send()
    url, link = await limited.url(file_id), await limited.link(limited.two, file_id)
    paths = [by_id(file_id), url, link] * 33 + [url]
    answers = [await limited.two.get(path) for path in paths[:99]]
    tag = answers[0].headers["etag"]
    for headers in ({"If-None-Match": tag}, {"Range": "bytes=999999-"}):
        assert (await limited.two.get(url, headers=headers)).status in (304, 416)
    assert (await limited.two.request("HEAD", url)).status == 200
    answers.append(await limited.place.get(link, headers={"Range": "bytes=0-1"}))
    assert [answer.status for answer in answers] == [200] * 99 + [206]
    assert answers[98].headers["x-ratelimit-remaining"] == "1"
    for path in (by_id(file_id), url):
        refused = await limited.two.get(path)
        assert refused.refusal[:2] == (429, "RATE_LIMITED")
        assert int(refused.headers["retry-after"]) > 0
    assert (await limited.place.get(link)).status == 429
    assert (await limited.one.get(url)).status == 200


async def test_thumbnails_cost_nothing(limited: Scene) -> None:
    """Two pages of history show more of them than the limit would leave."""
    file_id = str(uuid4())
    url = f"/uploads/messages/images/thumbnails/{file_id}.jpg"
    await limited.send(id=UUID(file_id), thumbnail_key=url.removeprefix("/uploads/"))
    links = (await limited.two.post("files/links", {"ids": [file_id]})).data["links"]
    for path in (url, links[0]["thumbnailUrl"]):
        answers = [await limited.two.get(path) for _ in range(60)]
        assert {answer.status for answer in answers} == {200}
        assert "x-ratelimit-limit" not in answers[0].headers


# -- links --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LINKS)
async def test_links_serve_without_a_token(scene: Scene, path: str) -> None:
    """Of both dialects and at every mount: file and thumbnail, for an hour (FST-26)."""
    file_id = str(uuid4())
    await scene.send(id=UUID(file_id), thumbnail_key=f"messages/files/thumbnails/{file_id}.jpg")
    plain = await scene.send()
    answer = await scene.two.post(path, {"ids": [file_id, plain]})
    first, second = answer.data["links"]
    snake = path.startswith("/v1")
    expires, thumbnail = ("expires_at", "thumbnail_url") if snake else ("expiresAt", "thumbnailUrl")
    assert set(first) == {"id", "url", thumbnail, expires}
    assert set(second) == {"id", "url", expires}
    assert [first["id"], second["id"]] == [file_id, plain]
    for link in (first["url"], first[thumbnail], second["url"]):
        assert (await scene.place.get(link)).raw == TEXT
    assert first["url"].startswith(f"{await scene.url(file_id)}?viewer={scene.two.id}&expires=")


async def test_what_the_caller_may_not_see_has_no_link(scene: Scene) -> None:
    """Unknown, foreign, unsent by somebody else, deleted, infected ones are left out; asked twice, answered once."""
    good, foreign, deleted, infected = [await scene.send() for _ in range(4)]
    unsent, pending = await scene.keep(), await scene.send()
    message = await scene.shelf.postgres.fetchval("SELECT message_id FROM attachments WHERE id = $1", UUID(deleted))
    await scene.one.delete(f"messages/{message}")
    for file_id, state in ((infected, "infected"), (pending, "pending")):
        await scene.shelf.postgres.execute("UPDATE attachments SET state = $2 WHERE id = $1", UUID(file_id), state)
    ids = [str(uuid4()), pending, deleted, good, infected, unsent, good]

    async def linked(person: Person) -> list[str]:
        answer = await person.post("files/links", {"ids": [*ids, foreign]})
        return [link["id"] for link in answer.data["links"]]

    assert await linked(scene.two) == [pending, good, foreign]
    assert await linked(scene.one) == [pending, good, unsent, foreign]
    assert await linked(scene.eve) == []


@pytest.mark.parametrize("path", LINKS[::3])
async def test_links_take_fifty_ids_at_most(scene: Scene, path: str) -> None:
    """None at all is no error."""
    many = [str(uuid4()) for _ in range(51)]
    assert (await scene.two.post(path, {"ids": many[:50]})).data == {"links": []}
    assert (await scene.two.post(path, {"ids": []})).data == {"links": []}
    words = "ids must be an array of at most 50 ids"
    for bad in (many, "x", None):
        assert (await scene.two.post(path, {"ids": bad})).refusal == (400, "VALIDATION_ERROR", words)
    assert (await scene.two.post(path, {"ids": ["x"]})).status == 400
    assert (await scene.two.post(path)).refusal == (400, "VALIDATION_ERROR", "ids is required")
    assert (await scene.place.post(path, {"ids": []})).status == 401


async def test_a_forged_link_is_401(scene: Scene) -> None:
    """Another file, viewer, end or signature than was signed, or a part of it missing."""
    file_id, other = await scene.send(), await scene.send()
    link = httpx.URL(await scene.link(scene.two, file_id))
    forged = [
        link.copy_with(path=await scene.url(other)),
        link.copy_set_param("viewer", scene.one.id),
        link.copy_set_param("viewer", "x"),
        link.copy_set_param("expires", "99999999999"),
        link.copy_set_param("expires", "-1"),
        link.copy_set_param("signature", "A" * 43),
        link.copy_set_param("signature", ""),
        link.copy_set_param("signature", "\u00e9"),
        link.copy_remove_param("viewer"),
        link.copy_remove_param("expires"),
        link.copy_add_param("viewer", scene.eve.id),
    ]
    for bad in forged:
        assert (await scene.place.get(str(bad))).refusal == (401, "UNAUTHORIZED", "Invalid link"), bad
    assert (await scene.place.get(str(link.copy_remove_param("signature")))).refusal == NOBODY
    assert (await scene.place.get(str(link))).status == 200


async def test_a_token_goes_before_a_link(scene: Scene) -> None:
    """Who shows one is judged by it."""
    link = await scene.link(scene.two, await scene.send())
    assert (await scene.eve.get(link)).refusal == FOREIGN
    bad = {"Authorization": "Bearer no-token"}
    assert (await scene.place.get(link, headers=bad)).status == 401


async def test_a_link_ends(start_server: StartServer, postgres: Postgres) -> None:
    """After LINK_TTL, with a text that says so; `expiresAt` says when."""
    clock = Clock()
    scene = await scene_of(await start_server(clock=clock, LINK_TTL="30m"), postgres)
    answer = await scene.two.post("files/links", {"ids": [await scene.send()]})
    (link,) = answer.data["links"]
    ends = datetime.fromisoformat(link["expiresAt"]).timestamp()
    assert abs(ends - time.time() - 1800) < 10
    assert f"expires={int(ends)}&" in link["url"]
    clock.advance(ends - time.time() - 5)
    assert (await scene.place.get(link["url"])).status == 200
    clock.advance(6)
    assert (await scene.place.get(link["url"])).refusal == (401, "UNAUTHORIZED", "Link expired")


async def test_a_link_dies_with_its_viewer(start_server: StartServer, postgres: Postgres) -> None:
    """Deactivated 403, erased 401; the partner's link lives on."""
    place = await start_server(ADMIN_TOKEN="the-operators-token-for-tests-alone-0123456789", RATE_LIMITS="off")
    operator = {"Authorization": "Bearer the-operators-token-for-tests-alone-0123456789"}
    scene = await scene_of(place, postgres)
    file_id = await scene.send()
    link, partners = await scene.link(scene.two, file_id), await scene.link(scene.one, file_id)
    account = f"/api/v1/admin/users/{scene.two.id}"
    assert (await place.post(f"{account}/deactivate", headers=operator)).status == 200
    assert (await place.get(link)).refusal == (403, "FORBIDDEN", "Account is deactivated")
    assert (await place.post(f"{account}/reactivate", headers=operator)).status == 200
    assert (await place.get(link)).status == 200
    assert (await place.request("DELETE", account, headers=operator)).status == 200
    assert (await place.get(link)).refusal == NOBODY
    assert (await place.get(partners)).status == 200


def _opened(answer: Answer) -> Image.Image:
    return Image.open(io.BytesIO(answer.raw))
