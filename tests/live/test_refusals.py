"""What a refusal tells: of why somebody cannot be written to no more than the seeds say, neither in words nor in work (G-18, PRV-06).

That nobody has a name or an id is 404 as the seeds say; beyond that, whoever refuses is refused alike: the same statements run, so
an answer's time does not tell a block from a privacy setting, nor either from an account that is gone.
"""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.live.conftest import StartServer
from tests.live.people import Answer, Person, Place
from tests.live.statements import Counter, counted
from tests.live.test_statements import BESIDE

ADMIN = "the-operators-token-for-tests-alone-0123456789"
Ask = Callable[[Person, Person], Awaitable[Answer]]

OPENINGS: dict[str, Ask] = {
    "A": lambda one, two: one.get(f"conversations/with/{two.username}"),
    "B": lambda one, two: one.post("/v1/conversations", {"recipient_id": two.id}),
}
REASONS = {
    "none": (403, "FORBIDDEN", "User does not accept messages"),
    "followers": (403, "FORBIDDEN", "User only accepts messages from followers"),
    "blocked": (403, "BLOCKED", "Cannot send message to this user"),
    "deactivated": (403, "FORBIDDEN", "Not allowed"),
    "erased": (403, "FORBIDDEN", "Not allowed"),
}


@dataclass
class World:
    """A server whose statements are counted."""

    place: Place
    counter: Counter

    async def refusing(self, why: str) -> tuple[Person, Person]:
        """Return somebody, and somebody else who cannot be written to, for this reason."""
        one, two = await self.place.people(2)
        operator = {"Authorization": f"Bearer {ADMIN}"}
        path = f"/api/v1/admin/users/{two.id}"
        if why in {"none", "followers"}:
            await two.patch("/api/v1/users/me", {"whoCanMessage": why})
        elif why == "blocked":
            await two.post("blocks", {"username": one.username})
        elif why == "deactivated":
            await self.place.post(f"{path}/deactivate", headers=operator)
        else:
            await self.place.request("DELETE", path, headers=operator)
            two.username = (await self.place.get(path, headers=operator)).data["username"]
        return one, two


@pytest.fixture
async def world(database: str, start_server: StartServer) -> AsyncIterator[World]:
    """Give a world; the folder is short, as the name of a Unix socket must be."""
    with tempfile.TemporaryDirectory(prefix="duologue-") as folder:
        async with counted(database, Path(folder)) as (counter, dsn):
            yield World(await start_server(DATABASE_URL=dsn, RATE_LIMITS="off", ADMIN_TOKEN=ADMIN), counter)


@pytest.mark.parametrize("dialect", OPENINGS)
async def test_a_refusal_tells_its_reason_and_no_more(world: World, dialect: str) -> None:
    """Status, code and text are the seeds'; nothing else stands in the body; the work is the same whatever the reason."""
    costs: dict[str, list[str]] = {}
    for why, refusal in REASONS.items():
        one, two = await world.refusing(why)
        world.counter.seen.clear()
        answer = await OPENINGS[dialect](one, two)
        costs[why] = [name for name in world.counter.seen if name not in BESIDE and "." in name]  # the driver's own
        assert answer.refusal == refusal, why
        assert set(answer.error) == {"code", "message", "request_id" if dialect == "B" else "requestId"}
    plain = costs.pop("none")
    assert costs.pop("followers") == _with_follows(plain)  # whether one follows must be looked up to be judged
    assert costs == dict.fromkeys(costs, plain)


def _with_follows(plain: list[str]) -> list[str]:
    """The same work, and the one look-up that the answer itself tells of."""
    place = plain.index("ledger.blocks") + 1
    return [*plain[:place], "ledger.follows", *plain[place:]]


async def test_nobody_and_somebody_gone_are_told_apart_by_status_alone(world: World) -> None:
    """An id that nobody has is 404, an erased user's 403; neither body holds anything of a user."""
    one, gone = await world.refusing("erased")
    unknown = await one.post("/v1/conversations", {"recipient_id": "00000000-0000-4000-8000-000000000000"})
    refused = await one.post("/v1/conversations", {"recipient_id": gone.id})
    assert unknown.refusal == (404, "NOT_FOUND", "User not found")
    assert refused.refusal == (403, "FORBIDDEN", "Not allowed")
