"""What becomes of files when messages are deleted and their senders erased (FST-45, B-47, DEL-04, G-31)."""

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.blobs.pictures import encoded, picture
from tests.live.chat import Chat, chat
from tests.live.conftest import StartServer
from tests.live.files import upload
from tests.live.operator import TOKEN, Operator
from tests.live.people import Person, Place, eventually
from tests.shelf import Shelf, a_file

from duologue.core.errors import Unauthorized
from duologue.core.files import StoredFile
from duologue.storage.postgres import Postgres


@pytest.fixture
async def place(start_server: StartServer) -> Place:
    """Give a server with an operator."""
    return await start_server(RATE_LIMITS="off", ADMIN_TOKEN=TOKEN)


@pytest.fixture
async def talk(place: Place) -> Chat:
    """Give a conversation."""
    return await chat(place)


@pytest.fixture
def shelf(postgres: Postgres, tmp_path: Path) -> Shelf:
    """Give the server's store of files."""
    return Shelf(postgres, tmp_path / "files")


async def send(shelf: Shelf, person: Person, conversation: str, count: int = 1) -> tuple[str, list[StoredFile]]:
    """Send pictures; return the message's id and what is known of them."""
    files = [await shelf.take_in(UUID(person.id)) for _ in range(count)]
    body = {"type": "image", "media": [{"id": str(file.id)} for file in files]}
    answer = await person.post(f"conversations/{conversation}/messages", body)
    assert answer.status == 201, answer.body
    return answer.data["id"], files


def keys(*files: StoredFile) -> set[str]:
    """Return the names of their blobs."""
    return {key for file in files for key in file.keys}


async def test_a_message_that_is_deleted_keeps_its_files_unseen(place: Place, talk: Chat, shelf: Shelf) -> None:
    """By its sender or by the platform: records and blobs stay as its text does (DEL-04), shown to nobody."""
    mine, one = await send(shelf, talk.one, talk.id)
    theirs, two = await send(shelf, talk.two, talk.id)
    assert (await talk.one.delete(f"messages/{mine}")).status == 200
    assert (await Operator(place).delete(f"messages/{theirs}")).status == 200
    for person in (talk.one, talk.two):
        assert await person.messages(talk.id) == []
        assert (await person.get(f"conversations/{talk.id}/media")).data["media"] == []
    assert await shelf.keys() == keys(*one, *two)
    assert await shelf.use(UUID(talk.one.id)) == (1, one[0].size)


async def test_erasing_a_user_leaves_the_partners_files(place: Place, talk: Chat, shelf: Shelf) -> None:
    """With `messages=remove` theirs go, sent, deleted and unsent; what the partner sent and holds stays, and is counted so."""
    await send(shelf, talk.one, talk.id, 3)
    deleted, _ = await send(shelf, talk.one, talk.id)
    await talk.one.delete(f"messages/{deleted}")
    await shelf.take_in(UUID(talk.one.id))
    _, sent = await send(shelf, talk.two, talk.id, 2)
    unsent = await shelf.take_in(UUID(talk.two.id))
    await Operator(place).erase(talk.one, messages="remove")
    assert await shelf.keys() == keys(*sent, unsent)
    assert await shelf.use(UUID(talk.one.id)) == (0, 0)
    assert (await shelf.use(UUID(talk.two.id)))[0] == 3
    [entry] = await Operator(place).audit("user.erase")
    assert (entry["details"]["files"], entry["details"]["left"]) == (5, 0)


async def test_files_that_were_kept_can_go_later(place: Place, talk: Chat, shelf: Shelf) -> None:
    """`keep`, then `remove`: as with texts."""
    _, sent = await send(shelf, talk.one, talk.id, 2)
    await Operator(place).erase(talk.one)
    assert await shelf.keys() == keys(*sent)
    assert len((await talk.two.messages(talk.id))[0]["media"]) == 2
    await Operator(place).erase(talk.one, messages="remove")
    assert await shelf.keys() == set()
    assert await shelf.use(UUID(talk.one.id)) == (0, 0)


async def test_more_files_than_a_chunk_all_go(place: Place, talk: Chat, shelf: Shelf) -> None:
    """1,100 that were never sent, and 1,200 in 120 messages."""
    owner = UUID(talk.one.id)
    await shelf.records.add(owner, [a_file() for _ in range(2300)])
    async with place.hand() as hand:
        await hand.execute(
            "INSERT INTO messages (id, conversation_id, sender_id, receiver_id, type, content, created_at, updated_at, read_at) "
            "SELECT gen_random_uuid(), $1, $2, $3, 'image', NULL, at, at, at FROM generate_series(1, 120) n, "
            "LATERAL (SELECT now() - interval '1 day' + n * interval '1 millisecond' AS at) times",
            *(UUID(talk.id), owner, UUID(talk.two.id)),
        )
        await hand.execute(
            "UPDATE attachments AS a SET conversation_id = $1, message_id = m.id, sent_at = now(), place = gen_random_uuid() "
            "FROM (SELECT id, row_number() OVER () AS n FROM attachments LIMIT 1200) AS f "
            "JOIN (SELECT id, row_number() OVER () AS n FROM messages) AS m ON (f.n - 1) / 10 + 1 = m.n WHERE a.id = f.id",
            UUID(talk.id),
        )
    assert len(await shelf.ids()) == 2300
    await Operator(place).erase(talk.one, messages="remove")
    assert await shelf.ids() == set()
    assert await shelf.use(owner) == (0, 0)


async def test_a_store_that_is_away_does_not_keep_the_rest_from_going(
    start_server: StartServer, postgres: Postgres, tmp_path: Path
) -> None:
    """The records go and the audit says how many blobs are left; housekeeping finds those, having no record."""
    away = "s3://KEY:SECRET@bucket?region=nowhere&endpoint=http%3A%2F%2F127.0.0.1%3A9"
    place = await start_server(RATE_LIMITS="off", ADMIN_TOKEN=TOKEN, STORAGE_URL=away)
    talk, shelf = await chat(place), Shelf(postgres, tmp_path / "elsewhere")
    await send(shelf, talk.one, talk.id)
    await Operator(place).erase(talk.one, messages="remove")
    assert await shelf.ids() == set()
    assert await talk.two.messages(talk.id) == []
    [entry] = await Operator(place).audit("user.erase")
    assert (entry["details"]["finished"], entry["details"]["files"], entry["details"]["left"]) == (True, 1, 2)


async def test_an_upload_that_races_an_erasure_leaves_nothing(place: Place, shelf: Shelf) -> None:
    """What comes in while its owner is erased is refused, or removed with them: no record, no blob, nothing on its way."""
    small = encoded(picture(32, 24), "PNG")

    async def nothing() -> bool:
        return True

    async def spooled() -> bool:
        return bool(left_behind(shelf))

    for reached in (nothing, spooled, shelf.keys, shelf.ids):
        person = await place.person()
        uploads = [
            asyncio.create_task(upload(person, (f"canary{n}.png", "image/png", small), type="image")) for n in range(3)
        ]
        await eventually(reached, bool)
        await Operator(place).erase(person)
        assert {answer.status for answer in await asyncio.gather(*uploads)} <= {200, 201, 401}
        assert await shelf.use(UUID(person.id)) == (0, 0)
        assert await shelf.ids() == set()
        assert left_behind(shelf) == []


def left_behind(shelf: Shelf) -> list[Path]:
    """Return what lies in the store and in the spool."""
    return [path for path in shelf.folder.rglob("*") if path.is_file() and path.name != "lock"]


async def test_a_record_for_somebody_who_was_shut_out_is_refused(place: Place, shelf: Shelf) -> None:
    """Also for nobody: the intake removes the blobs again then."""
    person, gone = await place.people(2)
    await Operator(place).erase(gone)
    await Operator(place).act("deactivate", person)
    for owner in (UUID(gone.id), UUID(person.id), uuid4()):
        with pytest.raises(Unauthorized):
            await shelf.records.add(owner, [a_file()])
    assert await shelf.ids() == set()
    assert await shelf.postgres.fetchval("SELECT count(*) FROM storage_use") == 0
