"""What operators see of somebody's files: how much there is, and which, in the copy of their data (FST-31)."""

from pathlib import Path
from uuid import UUID

import pytest
from tests.live.chat import Chat, chat
from tests.live.conftest import StartServer
from tests.live.operator import TOKEN, Operator
from tests.live.people import Place
from tests.shelf import Shelf, a_file

from duologue.storage.postgres import Postgres


@pytest.fixture
async def talk(start_server: StartServer) -> Chat:
    """Give a conversation on a server with an operator."""
    return await chat(await start_server(RATE_LIMITS="off", ADMIN_TOKEN=TOKEN))


@pytest.fixture
def operator(talk: Chat) -> Operator:
    """Give the operator."""
    place: Place = talk.one.place
    return Operator(place)


@pytest.fixture
def shelf(postgres: Postgres, tmp_path: Path) -> Shelf:
    """Give the server's store of files."""
    return Shelf(postgres, tmp_path / "files")


async def test_a_user_is_shown_with_what_their_files_take(talk: Chat, operator: Operator, shelf: Shelf) -> None:
    """Sent or not; nothing is 0; wherever one user is asked for or changed, but not in the answer of an upsert."""
    one = UUID(talk.one.id)
    for content in (b"12345", b"123"):
        file = await shelf.take_in(one, content)
    body = {"type": "image", "media": [{"id": str(file.id)}]}
    assert (await talk.one.post(f"conversations/{talk.id}/messages", body)).status == 201
    shown = (await operator.get(f"users/{one}")).data
    assert (shown["files"], shown["bytes"]) == (2, 8)
    shown = (await operator.get(f"users/{talk.two.id}")).data
    assert (shown["files"], shown["bytes"]) == (0, 0)
    assert (await operator.act("deactivate", talk.one))["bytes"] == 8
    [saved] = (await operator.put("users", {"users": [{"id": str(one), "displayName": "Ada"}]})).data["users"]
    assert not {"files", "bytes"} & saved.keys()


async def test_a_copy_lists_the_files_of_messages_and_those_never_sent(
    talk: Chat, operator: Operator, shelf: Shelf
) -> None:
    """Names, types, sizes, URLs; of deleted messages none, as their texts; another's unsent files are not theirs."""
    one = UUID(talk.one.id)
    sent, deleted, unsent = [await shelf.take_in(one, name=f"{n}.jpg") for n in ("sent", "deleted", "unsent")]
    await shelf.take_in(UUID(talk.two.id), name="other.jpg")
    for file in (sent, deleted):
        body = {"type": "image", "media": [{"id": str(file.id)}]}
        answer = await talk.one.post(f"conversations/{talk.id}/messages", body)
    await talk.one.delete(f"messages/{answer.data['id']}")
    lines = await operator.export(talk.one.id)
    assert [line["kind"] for line in lines] == ["user", "upload", "conversation", "message", "message", "end"]
    known = {"type": "image", "mimeType": "image/jpeg", "size": 7}
    upload, message, gone = lines[1], lines[3], lines[4]
    expected = {**known, "id": str(unsent.id), "filename": "unsent.jpg", "url": f"/uploads/{unsent.key}"}
    assert {name: upload[name] for name in expected} == expected
    [file_of_message] = message["files"]
    expected = {**known, "id": str(sent.id), "filename": "sent.jpg", "url": f"/uploads/{sent.key}"}
    assert file_of_message == {**expected, "uploadedAt": file_of_message["uploadedAt"]}
    assert gone["files"] == []
    theirs = await operator.export(talk.two.id)
    assert [line["filename"] for line in theirs if line["kind"] == "upload"] == ["other.jpg"]
    assert [len(line["files"]) for line in theirs if line["kind"] == "message"] == [1]


async def test_a_copy_of_more_uploads_than_a_chunk_is_whole(talk: Chat, operator: Operator, shelf: Shelf) -> None:
    """1,100 of them, each once."""
    files = [a_file() for _ in range(1100)]
    await shelf.records.add(UUID(talk.one.id), files)
    lines = await operator.export(talk.one.id)
    found = [line["id"] for line in lines if line["kind"] == "upload"]
    assert sorted(found) == sorted(str(file.id) for file in files)
