"""What policy and virus scanner make of files: flagged, refused, or kept from everybody until somebody has looked."""

from typing import Any
from uuid import UUID

from tests.blobs.clamd import clamd
from tests.blobs.daemon import EICAR, daemon
from tests.blobs.papers import pdf, zipped
from tests.blobs.pictures import encoded, picture
from tests.live.conftest import StartServer
from tests.live.files import (
    REJECTED,
    blobs,
    file_of,
    post_files,
    records,
    send_files,
    stored,
    upload,
    uploaded,
    urls,
)
from tests.live.hostile import SLOW, findings, refused
from tests.live.people import Answer, Person, Place, eventually
from tests.live.v1 import opened

PNG = encoded(picture(32, 24), "PNG")
WAITS = (503, "UNAVAILABLE", "The file is still being checked, please try again")


async def test_g32_macros_and_scripts_pass_where_they_are_flagged(start_server: StartServer) -> None:
    """FILE_FINDINGS=flag: they are stored byte for byte, and known; nothing else passes by it."""
    place = await start_server(RATE_LIMITS="off", FILE_FINDINGS="flag")
    one, other = await place.people(2)
    chat, found = await one.conversation(other), findings()
    for name, make in found.values():
        data = make()
        part = (name, None, data)
        for answer in (await upload(one, part), await post_files(one, chat, part)):
            (path,) = blobs(place, file_of(answer))
            assert path.read_bytes() == data
    flags = await place.sql("SELECT name, flags FROM attachments")
    assert {flag for row in flags for flag in row["flags"]} == {"macros", "active_content"}
    assert all(row["flags"] for row in flags)
    before = set(stored(place))
    for what, hostile in refused().items():
        if hostile.refusal == REJECTED and what not in found and what not in SLOW:
            assert (await upload(one, (hostile.name, hostile.media_type, hostile.make()))).refusal == REJECTED
    assert set(stored(place)) == before


async def test_a_file_that_the_scanner_knows_is_rejected(start_server: StartServer) -> None:
    """403 with the text of ERR-11 in both dialects; nothing is stored, and what is clean is."""
    async with daemon() as scanner:
        place = await start_server(RATE_LIMITS="off", CLAMAV_URL=scanner.url)
        one, other = await place.people(2)
        chat = await one.conversation(other)
        for name, data in (("a.txt", EICAR), ("a.png", PNG + EICAR), ("a.zip", zipped({"a.txt": b"a"}) + EICAR)):
            bad = ("files", name, None, data)
            assert (await upload(one, ("a.pdf", None, pdf()), bad)).refusal == REJECTED
            assert (await post_files(one, chat, ("a.png", None, PNG), bad)).refusal == REJECTED
        assert (stored(place), await records(place)) == ([], 0)
        (file,) = await uploaded(one, ("a.txt", None, b"hello"))
        assert scanner.streams[-1] == b"hello"
        assert await state_of(place, file["id"]) == "clean"


async def test_debians_clamd_looks_into_what_is_uploaded(start_server: StartServer) -> None:
    """On either kind of socket: what it knows is rejected, also inside an archive; what it does not know is clean."""
    with clamd() as scanner:
        for url in scanner:
            place = await start_server(RATE_LIMITS="off", CLAMAV_URL=url)
            (one,) = await place.people(1)
            before = set(stored(place)), await records(place)
            for bad in (("a.txt", None, EICAR), ("a.zip", None, zipped({"a.txt": EICAR}))):
                assert (await upload(one, bad)).refusal == REJECTED
            assert (set(stored(place)), await records(place)) == before
            for good in (("a.txt", None, b"hello"), ("a.png", None, PNG), ("a.zip", None, zipped({"a.txt": b"hello"}))):
                (file,) = await uploaded(one, good)
                assert await state_of(place, file["id"]) == "clean"


async def test_a_file_waits_while_the_scanner_is_away(start_server: StartServer) -> None:
    """Taken and sent as pending, and its bytes are nobody's; asked again, what is clean is served and what is infected is not."""
    place = await start_server(RATE_LIMITS="off", CLAMAV_URL="tcp://127.0.0.1:1")
    one, other = await place.people(2)
    chat = await opened(one, other)
    files = await uploaded(one, ("a.txt", None, b"hello"), ("b.txt", None, EICAR), ("c.png", None, PNG))
    assert (await send_files(one, chat, "file", *(file["id"] for file in files))).status == 201
    assert [await state_of(place, file["id"]) for file in files] == ["pending"] * 3
    for file in files:
        assert {answer.refusal for answer in await fetched(place, one, file)} == {WAITS}
        assert {answer.refusal for answer in await fetched(place, other, file)} == {WAITS}
    async with daemon() as scanner:
        again = await start_server(RATE_LIMITS="off", CLAMAV_URL=scanner.url)

        async def states() -> list[str]:
            return [await state_of(again, file["id"]) for file in files]

        await eventually(states, lambda found: "pending" not in found)
        assert await states() == ["clean", "infected", "clean"]
    text, virus, image = files
    for there in (place, again):
        assert {answer.raw for answer in await fetched(there, other, text)} == {b"hello"}
        assert all(answer.status == 200 for answer in await fetched(there, other, image))
        assert {answer.refusal for answer in await fetched(there, other, virus)} == {REJECTED}


async def fetched(place: Place, person: Person, file: dict[str, Any]) -> list[Answer]:
    """Every way to the bytes of a file: by its id, its paths, and signed links where they are given."""
    there = Person(place, person.id, person.username, person.token)
    links = (await there.post("/v1/messages/files/links", {"ids": [file["id"]]})).data["links"]
    named = [f"/v1/messages/files/{file['id']}", *urls(file)]
    return [await there.get(path) for path in named] + [await place.get(path) for link in links for path in urls(link)]


async def state_of(place: Place, file_id: str) -> str:
    """What the record says of the scan."""
    (row,) = await place.sql("SELECT state FROM attachments WHERE id = $1", UUID(file_id))
    state: str = row["state"]
    return state
