"""What each endpoint of the admin API costs the database: a fixed number of statements, however many users a call names (design part 8)."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from tests.live.conftest import StartServer
from tests.live.operator import TOKEN, Operator
from tests.live.people import Answer, Person
from tests.live.statements import Counter, counted
from tests.live.test_statements import BESIDE, FLUSH

NOTE = "audit.note"


@dataclass
class Scene:
    """An operator, and users with a conversation."""

    counter: Counter
    operator: Operator
    one: Person
    other: Person
    conversation: str

    async def cost(self, call: "Callable[[Scene], Awaitable[Answer]]") -> list[str]:
        """Return the names of the statements that a call runs."""
        self.counter.seen.clear()
        assert (await call(self)).status == 200
        beside = {*BESIDE, "callers.find", "users.seen"}
        return [name for name in self.counter.seen if name not in beside]


@pytest.fixture
async def scene(database: str, start_server: StartServer) -> AsyncIterator[Scene]:
    """Give a server whose statements are counted, marks of delivery left out; every connection is there already."""
    with tempfile.TemporaryDirectory(prefix="duologue-") as folder:
        async with counted(database, Path(folder)) as (counter, dsn):
            place = await start_server(DATABASE_URL=dsn, RATE_LIMITS="off", ADMIN_TOKEN=TOKEN)
            one, other = await place.people(2)
            conversation = await one.conversation(other)
            await one.send(conversation, "x")
            yield Scene(counter, Operator(place), one, other, conversation)


Call = Callable[[Scene], Awaitable[Answer]]
READS: dict[str, tuple[Call, list[str]]] = {
    "user": (lambda s: s.operator.get(f"users/{s.one.id}"), ["admin.by_id", NOTE]),
    "blocks": (lambda s: s.operator.get(f"users/{s.one.id}/blocks"), ["admin.by_id", "blocks.page", NOTE]),
    "stats": (lambda s: s.operator.get("stats"), ["admin.counts"]),
    "audit": (lambda s: s.operator.get("audit"), ["audit.page", NOTE]),
}


@pytest.mark.parametrize("endpoint", READS)
async def test_what_a_look_costs(scene: Scene, endpoint: str) -> None:
    """The look, and its entry in the audit log."""
    call, expected = READS[endpoint]
    assert await scene.cost(call) == expected


@pytest.mark.parametrize("count", [1, 300])
async def test_an_upsert_costs_the_same_for_one_and_for_many(scene: Scene, count: int) -> None:
    """New users: a look, an insertion, an entry, the answer; changed ones also their locks and a second look."""
    items = [{"id": str(uuid4()), "username": f"u{uuid4().hex[:12]}"} for _ in range(count)]
    made = await scene.cost(lambda s: s.operator.put("users", {"users": items}))
    before, after = ["BEGIN", "upserts.patience", "upserts.involved"], [NOTE, "upserts.many", "COMMIT"]
    assert made == [*before, "upserts.insert", *after]
    await scene.operator.put("users", {"users": items})  # the driver asks once what an array of booleans is
    changed = await scene.cost(lambda s: s.operator.put("users", {"users": items}))
    assert changed == [*before, "upserts.lock", "upserts.involved", "upserts.change", *after]


@pytest.mark.parametrize("count", [1, 40])
async def test_follows_cost_the_same_for_one_and_for_many(scene: Scene, count: int) -> None:
    """One look at all who are named, one deletion, one insertion, one entry."""
    ids = [str(uuid4()) for _ in range(count)]
    await scene.operator.put("users", {"users": [{"id": id_} for id_ in ids]})
    add = [{"follower": id_, "followed": scene.one.id} for id_ in ids]
    found = await scene.cost(lambda s: s.operator.post("follows", {"add": add}))
    assert found == ["BEGIN", "admin.patience", "admin.hold", "admin.unfollow", "admin.follow", NOTE, "COMMIT"]


async def test_a_deactivation_costs_one_transaction_and_one_for_each_chunk_of_partners(scene: Scene) -> None:
    """The user's lock, the change with its entry; then who is to be told, and all of them at once."""
    found = await scene.cost(lambda s: s.operator.post(f"users/{s.one.id}/deactivate"))
    lock = ["BEGIN", "standing.patience", "standing.lock", "standing.user"]
    assert found == [
        *("admin.by_id", *lock, "standing.change", NOTE, "COMMIT"),
        *("standing.untold", *lock, "standing.tell", "COMMIT", "standing.finish", "standing.untold", "admin.by_id"),
    ]


async def test_an_erasure_costs_a_few_statements_for_each_conversation(scene: Scene) -> None:
    """Messages that are removed share their flushes; emptying them is one transaction for each chunk."""
    for number in range(20):
        await scene.one.send(scene.conversation, f"{number}")
    found = await scene.cost(lambda s: s.operator.delete(f"users/{s.one.id}", messages="remove"))
    assert found.count("ledger.write") <= 2
    start = found.index("erasure.written")
    walk = [name for name in found[start : found.index("erasure.sessions")] if not name.startswith("ledger")]
    assert [name for name in walk if name not in FLUSH] == [
        *("erasure.written", *["COMMIT"] * found.count("ledger.write"), "BEGIN", "erasure.lock_conversation"),
        *("erasure.empty", "erasure.unlink", "COMMIT", "erasure.files", "erasure.written", "erasure.unsent"),
    ]
    assert len(found) < 60
