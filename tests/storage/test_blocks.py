"""The block list and the state between two users."""

from typing import TYPE_CHECKING

import pytest
from tests.factories import Make

from duologue.core.model import BlockStatus, Cursor
from duologue.storage.blocks import BlockStore
from duologue.storage.postgres import Postgres

if TYPE_CHECKING:
    from tests.storage.conftest import CountingPostgres

    from duologue.core import ports


@pytest.fixture
def store(postgres: Postgres) -> "ports.BlockStore":
    """Give the store, as the core knows it."""
    return BlockStore(postgres)


async def test_the_list_is_the_blockers_own_newest_first_and_paged(store: "ports.BlockStore", make: Make) -> None:
    """With reason and profile, without any presence; being blocked does not show in it (RK-05, BLK-03)."""
    ann, eve = await make.user(), await make.user()
    others = [await make.user(display_name=f"D{number}") for number in range(5)]
    blocks = [
        await make.block(ann, other, reason="spam", at=make.at(number // 2)) for number, other in enumerate(others)
    ]
    await make.block(eve, ann)
    page = await store.page(ann.id, None, 2)
    assert [block.id for block in page.items] == [blocks[4], blocks[3]]
    assert (page.has_more, page.next) == (True, Cursor(make.at(1), blocks[3]))
    first = page.items[0]
    assert (first.blocker_id, first.reason, first.created_at) == (ann.id, "spam", make.at(2))
    assert (first.blocked.id, first.blocked.username, first.blocked.display_name) == (
        others[4].id,
        others[4].username,
        "D4",
    )
    assert (first.blocked.shows_presence, first.blocked.last_seen_at) == (False, None)
    page = await store.page(ann.id, page.next, 3)
    assert ([block.id for block in page.items], page.has_more) == ([blocks[2], blocks[1], blocks[0]], False)
    assert list((await store.page(others[0].id, None, 3)).items) == []


async def test_status_tells_both_directions(store: "ports.BlockStore", make: Make) -> None:
    """Sending is possible only while neither stands (DTOA-09, BLK-16)."""
    ann, bob = await make.user(), await make.user()
    assert await store.status(ann.id, bob.id) == BlockStatus(is_blocked=False, is_blocked_by=False)
    await make.block(ann, bob)
    assert await store.status(ann.id, bob.id) == BlockStatus(is_blocked=True, is_blocked_by=False)
    assert await store.status(bob.id, ann.id) == BlockStatus(is_blocked=False, is_blocked_by=True)
    assert not (await store.status(bob.id, ann.id)).can_send_message
    await make.block(bob, ann)
    assert await store.status(ann.id, bob.id) == BlockStatus(is_blocked=True, is_blocked_by=True)


async def test_each_method_takes_one_statement(counting: "CountingPostgres", make: Make) -> None:
    """However many blocks there are."""
    ann = await make.user()
    for _ in range(10):
        await make.block(ann, await make.user())
    store = BlockStore(counting)
    counting.taken()
    assert (len((await store.page(ann.id, None, 20)).items), counting.taken()) == (10, 1)
    await store.status(ann.id, make.id())
    assert counting.taken() == 1
