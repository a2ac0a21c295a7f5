"""Uploads that can be resumed, when much happens at once, or the server dies in between (docs/decisions/0009)."""

import asyncio
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from tests.blobs.pictures import encoded, picture
from tests.faults.process import service
from tests.live.clock import Clock
from tests.live.conftest import StartServer, running
from tests.live.files import NO_ROOM, UNSUPPORTED, stored, upload
from tests.live.people import SECRET, Person, Place, eventually
from tests.live.tus import (
    MISSING,
    SPOKEN,
    TEXT,
    V1_UPLOADS,
    Stream,
    arrived,
    brought,
    checksum,
    create,
    created,
    head,
    id_of,
    offset_of,
    patch,
)

MB = 1 << 20
PNG = encoded(picture(32, 24), "PNG")
SETTINGS = {"JWT_SECRET": SECRET, "RATE_LIMITS": "off", "LOG_LEVEL": "error"}
Pair = tuple[Person, Person]


def parts(place: Place) -> list[Path]:
    """What lies on the disk of unfinished uploads, and of what is known of finished ones."""
    return list((place.folder / "files" / "partial").iterdir())


async def content(person: Person, where: str) -> bytes:
    """What was stored of an upload."""
    (file,) = (await person.get(where)).data["attachments"]
    shown = [path for path in stored(person.place) if path.stem == file["id"] and "messages" in path.parts]
    return shown[0].read_bytes()


# -- many at once ------------------------------------------------------------------------------------------------------------


async def test_two_requests_are_not_at_work_on_one_upload(pair: Pair) -> None:
    """The second is told so, and the first goes on."""
    one, _ = pair
    where = await created(one, len(TEXT))
    stream = await Stream.begin(one, where, 0, len(TEXT))
    await stream.write(TEXT[: MB // 2])
    await arrived(one, where, MB // 4)
    answer = await patch(one, where, 0, TEXT)
    assert answer.refusal == (409, "CONFLICT", "Another request is at work on this upload")
    await stream.write(TEXT[MB // 2 :])
    assert await stream.status() == 204
    await stream.close()
    assert (await one.get(where)).data["attachments"][0]["size"] == len(TEXT)


async def test_who_asks_to_go_on_takes_over(pair: Pair) -> None:
    """A connection that died unnoticed does not hold an upload: HEAD ends it, and says what came."""
    one, _ = pair
    where = await created(one, len(TEXT))
    stream = await Stream.begin(one, where, 0, len(TEXT))
    await stream.write(TEXT[: MB // 2])
    await arrived(one, where, MB // 4)
    offset = await offset_of(one, where)
    assert offset >= MB // 4
    assert await stream.status() == 409
    stream.cut()
    assert (await patch(one, where, offset, TEXT[offset:])).status == 204


async def test_an_upload_that_is_being_brought_can_be_given_up(pair: Pair) -> None:
    """DELETE ends the request that brings it."""
    one, _ = pair
    where = await created(one, len(TEXT))
    stream = await Stream.begin(one, where, 0, len(TEXT))
    await stream.write(TEXT[: MB // 2])
    await arrived(one, where, MB // 4)
    assert (await one.request("DELETE", where, headers=SPOKEN)).status == 204
    assert await stream.status() == 409
    stream.cut()
    assert (await head(one, where)).status == 404


async def test_a_cut_connection_keeps_what_came(pair: Pair) -> None:
    """That is the point; and it goes on from there."""
    one, _ = pair
    where = await created(one, len(TEXT))
    stream = await Stream.begin(one, where, 0, len(TEXT))
    await stream.write(TEXT[: MB // 2])
    await arrived(one, where, MB // 4)
    stream.cut()
    offset = await offset_of(one, where)
    assert MB // 4 <= offset <= MB // 2
    assert (await patch(one, where, offset, TEXT[offset:])).status == 204
    (file,) = (await one.get(where)).data["attachments"]
    assert file["size"] == len(TEXT)


async def test_a_cut_connection_keeps_nothing_that_a_checksum_was_for(pair: Pair) -> None:
    """Nobody can say any more whether it is right."""
    one, _ = pair
    where = await created(one, len(TEXT))
    await patch(one, where, 0, TEXT[:5])
    stream = await Stream.begin(one, where, 5, len(TEXT) - 5, checksum(TEXT[5:]))
    await stream.write(TEXT[5 : MB // 2])
    bytes_ = one.place.folder / "files" / "partial" / f"{id_of(where)}.part"

    async def size() -> int:
        return bytes_.stat().st_size

    await eventually(size, lambda now: now >= MB // 4)
    stream.cut()
    assert await offset_of(one, where) == 5


async def test_what_could_not_begin_with_its_bytes_has_not_begun(start_server: StartServer) -> None:
    """Nobody was told its name, so nobody could go on with it."""
    place = await start_server(RATE_LIMITS="off")
    (one,) = await place.people(1)
    answer = await create(one, 10, data=b"hello", headers=checksum(b"another"))
    assert (answer.status, answer.error["code"]) == (460, "CHECKSUM_MISMATCH")
    assert parts(place) == []


async def test_the_fourth_upload_at_a_time_waits(start_server: StartServer) -> None:
    """T-153: three are under way, forms and these together; the fourth is told to wait, and not gone."""
    place = await start_server(RATE_LIMITS="off")
    (one,) = await place.people(1)
    streams = []
    for _ in range(3):
        where = await created(one, len(TEXT))
        streams.append(await Stream.begin(one, where, 0, len(TEXT)))
        await streams[-1].write(TEXT[: MB // 2])
        await arrived(one, where, MB // 4)
    where = await created(one, 5)
    answer = await patch(one, where, 0, b"hello")
    assert answer.refusal == (429, "RATE_LIMITED", "Maximum 3 uploads at a time")
    assert (await upload(one, ("a.png", "image/png", PNG))).status == 429
    for stream in streams:
        await stream.write(TEXT[MB // 2 :])
        assert await stream.status() == 204
        await stream.close()
    assert (await patch(one, where, 0, b"hello")).status == 204


async def test_a_user_has_so_many_unfinished_uploads(start_server: StartServer) -> None:
    """100; each that ends makes room for another."""
    place = await start_server(RATE_LIMITS="off")
    one, other = await place.people(2)
    places = await asyncio.gather(*(created(one, 5) for _ in range(100)))
    assert (await create(one, 5)).refusal == (429, "RATE_LIMITED", "Maximum 100 unfinished uploads")
    assert (await create(other, 5)).status == 201
    assert (await patch(one, places[0], 0, b"hello")).status == 204
    assert (await create(one, 5)).status == 201
    assert (await create(one, 5)).status == 429
    assert (await one.request("DELETE", places[1], headers=SPOKEN)).status == 204
    assert (await create(one, 5)).status == 201


# -- what lasts --------------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(120)
async def test_an_upload_goes_on_after_the_server_was_killed(database: str) -> None:
    """Kill -9 in the middle of a request: after the next start it goes on from what came, and is whole byte for byte."""
    async with service(DATABASE_URL=database) as made:
        await made.start()
        place = Place(made.url, database, made.folder)
        (one,) = await place.people(1)
        where, sure = await created(one, len(TEXT)), await created(one, len(TEXT))
        streams = [
            await Stream.begin(one, where, 0, len(TEXT)),
            await Stream.begin(one, sure, 0, len(TEXT), checksum(TEXT)),
        ]
        for stream in streams:
            await stream.write(TEXT[: MB // 2])
        await arrived(one, where, MB // 4)
        made.kill()
        await made.ended()
        for stream in streams:
            stream.cut()
        await made.start()
        offset = await offset_of(one, where)
        assert MB // 4 <= offset <= MB // 2
        assert await offset_of(one, sure) == 0  # nobody can say whether it is right
        assert (await patch(one, where, offset, TEXT[offset:])).status == 204
        assert await content(one, where) == TEXT
        await place.close()


async def test_what_was_whole_when_the_server_died_is_taken_in_when_asked_for(database: str, tmp_path: Path) -> None:
    """By HEAD as by GET; a client that finds all bytes there believes it has finished. What is no such file is refused then."""
    wheres = []
    async with running(database, tmp_path, {}, SETTINGS) as place:
        (one,) = await place.people(1)
        for name in ("a.txt", "b.txt", "c.png"):
            wheres.append(await created(one, len(TEXT), name))
            await patch(one, wheres[-1], 0, b"\x89PNG\r\n\x1a\n" if name == "c.png" else TEXT[:8])
    for where in wheres:  # as if the rest had come in the last moment
        with (tmp_path / "files" / "partial" / f"{id_of(where)}.part").open("ab") as file:
            file.write(TEXT[8:])
    async with running(database, tmp_path, {}, SETTINGS) as place:
        one = Person(place, one.id, one.username, one.token)
        first, second, third = wheres
        assert await offset_of(one, first) == len(TEXT)
        assert await content(one, first) == TEXT
        assert await content(one, second) == TEXT
        assert (await one.get(third)).refusal == UNSUPPORTED
        assert (await head(one, third)).status == 404


async def test_what_was_recorded_when_the_server_died_is_not_taken_in_twice(database: str, tmp_path: Path) -> None:
    """Between the record and the note of it: the same attachment, once."""
    async with running(database, tmp_path, {}, SETTINGS) as place:
        (one,) = await place.people(1)
        where = await brought(one, TEXT)
        before = (await one.get(where)).data
    state = tmp_path / "files" / "partial" / f"{id_of(where)}.json"
    state.write_text(state.read_text().replace('"is_done":true', '"is_done":false'))
    state.with_suffix(".part").write_bytes(TEXT)
    async with running(database, tmp_path, {}, SETTINGS) as place:
        one = Person(place, one.id, one.username, one.token)
        assert await offset_of(one, where) == len(TEXT)
        assert (await one.get(where)).data == before
        assert len(await place.sql("SELECT FROM attachments")) == 1
        assert [path.suffix for path in parts(place)] == [".json"]


async def test_what_waits_on_the_disk_counts_for_quotas(database: str, tmp_path: Path) -> None:
    """Also after a restart; and what is given up, finished or refused counts no more."""
    settings = {**SETTINGS, "USER_QUOTA": "1MiB"}
    data = b"a" * (MB // 2)
    async with running(database, tmp_path, {}, settings) as place:
        one, other = await place.people(2)
        assert (await create(one, MB + 1)).refusal == NO_ROOM
        where = await created(one, MB)
        assert (await patch(one, where, 0, data)).status == 204
        assert (await create(one, MB // 2 + 1)).refusal == NO_ROOM
        assert (await create(one, MB // 2)).status == 201
        assert (await create(other, MB)).status == 201
    async with running(database, tmp_path, {}, settings) as place:
        one = Person(place, one.id, one.username, one.token)
        assert (await create(one, MB // 2 + 1)).refusal == NO_ROOM
        assert (await upload(one, ("a.txt", "text/plain", data + b"a"))).refusal == NO_ROOM
        rival = await created(one, MB // 2)
        assert (await upload(one, ("a.txt", "text/plain", data))).status == 200
        assert (await patch(one, rival, 0, data)).refusal == NO_ROOM
        assert (await head(one, rival)).status == 404
        assert (await create(one, 1)).refusal == NO_ROOM
        assert (await one.request("DELETE", where, headers=SPOKEN)).status == 204
        assert (await create(one, MB // 2 + 1)).refusal == NO_ROOM
        last = await created(one, MB // 2, data=data)
        assert await offset_of(one, last) == MB // 2
        assert (await create(one, 1)).refusal == NO_ROOM


async def test_an_upload_expires(database: str, tmp_path: Path) -> None:
    """After UPLOAD_TTL it is gone, finished or not; the next start leaves nothing of it."""
    clock = Clock()
    settings = {**SETTINGS, "UPLOAD_TTL": "1h"}
    async with running(database, tmp_path, {"clock": clock}, settings) as place:
        one, _ = await place.people(2)
        where, done = await created(one, 10), await brought(one, b"hello")
        expires = (await head(one, where)).headers["Upload-Expires"]
        assert abs(parsedate_to_datetime(expires).timestamp() - clock.now() - 3_600) < 60
        clock.advance(3_500)
        assert (await patch(one, where, 0, b"hello")).status == 204
        young = await created(one, 10)
        clock.advance(101)
        assert (await head(one, where)).status == 404
        assert (await patch(one, where, 5, b"world")).refusal == MISSING
        assert (await head(one, done)).status == 404
        assert await offset_of(one, young) == 0
    async with running(database, tmp_path, {"clock": clock}, settings) as place:
        assert {path.stem for path in parts(place)} == {id_of(young)}


async def test_a_store_that_is_away_costs_no_bytes(start_server: StartServer) -> None:
    """503, to be tried again: whoever asks when it is back finds the upload finished."""
    place = await start_server(RATE_LIMITS="off")
    (one,) = await place.people(1)
    blocked = place.folder / "files" / "messages"
    blocked.write_bytes(b"a file where a folder should be")
    where = await created(one, len(TEXT))
    answer = await patch(one, where, 0, TEXT)
    assert (answer.status, answer.error["code"]) == (503, "UNAVAILABLE")
    assert (await head(one, where)).status == 503
    blocked.unlink()
    assert await offset_of(one, where) == len(TEXT)
    assert await content(one, where) == TEXT


async def test_pages_of_allowed_origins_may_upload(start_server: StartServer) -> None:
    """A browser lets them send what tus says in headers, and read it."""
    place = await start_server(RATE_LIMITS="off", CORS_ORIGINS="https://chat.example")
    (one,) = await place.people(1)
    origin = {"Origin": "https://chat.example"}
    asked = "authorization,tus-resumable,upload-length,upload-metadata,upload-offset,upload-checksum,content-type"
    wanted = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": asked}
    answer = await place.request("OPTIONS", V1_UPLOADS, headers={**origin, **wanted})
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "https://chat.example"
    answer = await create(one, 5, headers=origin)
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"Location", "Upload-Offset", "Upload-Length", "Upload-Expires", "Tus-Resumable"} <= exposed
