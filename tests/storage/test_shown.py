"""Files as one viewer may see them: everything that decides it, by one statement (FST-25, G-31)."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from tests.factories import Chat, Make
from tests.storage.conftest import CountingPostgres

from duologue.core.downloads import Shown
from duologue.core.files import ScanState, StoredFile
from duologue.core.model import FileKind, User, UserState
from duologue.storage.attachments import AttachmentStore
from duologue.storage.postgres import Postgres

if TYPE_CHECKING:
    from duologue.core.downloads import DownloadStore


def stored(make: Make, *, state: ScanState = ScanState.CLEAN) -> StoredFile:
    """A picture that was taken in."""
    id_ = make.id()
    return StoredFile(
        id=id_,
        kind=FileKind.IMAGE,
        name="holiday.png",
        media_type="image/png",
        size=1234,
        digest=bytes(range(32)),
        source=bytes(32),
        key=f"messages/images/2026/11/{id_}.png",
        stored_at=make.at(3),
        state=state,
        thumbnail_key=f"messages/images/thumbnails/{id_}.jpg",
        poster_key=f"messages/images/posters/{id_}.jpg",
        width=4,
        height=3,
        duration=1.5,
        waveform=(1, 2),
        placeholder="L",
    )


class Files:
    """Files of one user in one conversation."""

    def __init__(self, postgres: Postgres, make: Make, chat: Chat, owner: User) -> None:
        self._postgres = postgres
        self._make = make
        self._chat = chat
        self._owner = owner
        self._store = AttachmentStore(postgres)

    async def keep(self, *, state: ScanState = ScanState.CLEAN) -> StoredFile:
        """Take one in."""
        file = stored(self._make, state=state)
        await self._store.add(self._owner.id, [file])
        return file

    async def send(self, file: StoredFile, *, at: float, deleted: bool = False) -> UUID:
        """Send it; return the message's id."""
        deleted_at = self._make.at(at + 1) if deleted else None
        message = await self._make.message(
            self._chat, self._owner, kind="image", at=self._make.at(at), deleted_at=deleted_at
        )
        await self._postgres.execute(
            "UPDATE attachments SET conversation_id = $2, message_id = $3, sent_at = $4, place = $1 WHERE id = $1",
            *(file.id, self._chat.id, message, self._make.at(at)),
        )
        return message


@pytest.fixture
async def ann(make: Make) -> User:
    """Give a user."""
    return await make.user("ann")


@pytest.fixture
async def bob(make: Make) -> User:
    """Give another user."""
    return await make.user("bob")


@pytest.fixture
async def chat(make: Make, ann: User, bob: User) -> Chat:
    """Give their conversation."""
    return await make.conversation(ann, bob)


@pytest.fixture
def files(postgres: Postgres, make: Make, chat: Chat, ann: User) -> Files:
    """Give Ann's files."""
    return Files(postgres, make, chat, ann)


@pytest.fixture
def store(postgres: Postgres) -> "DownloadStore":
    """Give the store, as the core knows it."""
    return AttachmentStore(postgres)


def facts(shown: Shown | None) -> tuple[UserState | None, bool, bool, bool]:
    """Return what decides."""
    assert shown is not None
    return shown.viewer, shown.is_sent, shown.takes_part, shown.is_gone


async def test_a_file_is_shown_with_all_that_its_answer_needs(
    store: "DownloadStore", files: Files, ann: User, bob: User
) -> None:
    """Record, digest, keys of every blob, state, owner."""
    file = await files.keep(state=ScanState.PENDING)
    await files.send(file, at=10)
    shown = await store.shown(bob.id, file.id)
    assert shown is not None
    assert shown.attachment == file.attachment
    assert (shown.owner_id, shown.digest, shown.poster_key) == (ann.id, file.digest, file.poster_key)
    assert shown.state is ScanState.PENDING
    assert facts(shown) == (UserState.ACTIVE, True, True, False)


async def test_an_unknown_file_is_none(store: "DownloadStore", make: Make, ann: User) -> None:
    """There is nothing to tell of it."""
    assert await store.shown(ann.id, make.id()) is None


async def test_what_was_not_sent_says_so_and_whose_it_is(
    store: "DownloadStore", files: Files, ann: User, bob: User
) -> None:
    """Nobody takes part in a conversation that there is not (G-31)."""
    file = await files.keep()
    for viewer in (ann, bob):
        shown = await store.shown(viewer.id, file.id)
        assert facts(shown) == (UserState.ACTIVE, False, False, True)
        assert shown is not None
        assert shown.owner_id == ann.id


async def test_strangers_take_no_part(store: "DownloadStore", files: Files, make: Make) -> None:
    """Neither another user nor nobody."""
    file = await files.keep()
    await files.send(file, at=10)
    eve = await make.user()
    assert facts(await store.shown(eve.id, file.id))[:3] == (UserState.ACTIVE, True, False)
    assert facts(await store.shown(make.id(), file.id))[:3] == (None, True, False)


@pytest.mark.parametrize("state", [UserState.DEACTIVATED, UserState.ERASED])
async def test_the_viewers_state_is_told(
    store: "DownloadStore", files: Files, postgres: Postgres, bob: User, state: UserState
) -> None:
    """A link outlives its viewer otherwise."""
    file = await files.keep()
    await files.send(file, at=10)
    await postgres.execute("UPDATE users SET state = $2 WHERE id = $1", bob.id, state.value)
    assert facts(await store.shown(bob.id, file.id)) == (state, True, True, False)


async def test_the_file_of_a_deleted_message_is_gone_for_both(
    store: "DownloadStore", files: Files, ann: User, bob: User
) -> None:
    """As the message itself."""
    file = await files.keep()
    await files.send(file, at=10, deleted=True)
    for viewer in (ann, bob):
        assert facts(await store.shown(viewer.id, file.id)) == (UserState.ACTIVE, True, True, True)


async def test_what_a_viewer_deleted_is_gone_for_them_alone(
    store: "DownloadStore", files: Files, make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """At the very time of the mark it is gone, a microsecond later it is there (G-20)."""
    file, later = await files.keep(), await files.keep()
    await files.send(file, at=10)
    await files.send(later, at=11)
    await make.delete_for(chat, bob, make.at(10))
    assert facts(await store.shown(bob.id, file.id))[3] is True
    assert facts(await store.shown(ann.id, file.id))[3] is False
    assert facts(await store.shown(bob.id, later.id))[3] is False
    await make.delete_for(chat, bob, make.at(10) - timedelta(microseconds=1))
    assert facts(await store.shown(bob.id, file.id))[3] is False


async def test_many_are_shown_in_the_order_asked_by_one_statement(
    counting: CountingPostgres, files: Files, make: Make, bob: User
) -> None:
    """Unknown ones are left out; one is one statement too."""
    kept = [await files.keep() for _ in range(3)]
    for file in kept:
        await files.send(file, at=10)
    store = AttachmentStore(counting)
    ids = [kept[2].id, make.id(), kept[0].id, kept[1].id]
    assert await store.shown(bob.id, ids[0])  # the driver learns the types of arrays by the first one
    counting.taken()
    assert [shown.attachment.id for shown in await store.shown_many(bob.id, ids)] == [ids[0], ids[2], ids[3]]
    assert counting.taken() == 1
    assert await store.shown(bob.id, kept[0].id)
    assert counting.taken() == 1
