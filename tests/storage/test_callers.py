"""Who stands behind a token: look-ups that share a statement, and rows that a platform's claims make and refresh."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4, uuid5

import asyncpg
import pytest
from tests.factories import Make
from tests.storage.conftest import CountingPostgres
from tests.storage.handclock import HandClock
from tests.storage.waiting import lock_is_waited_for

from duologue.core import callers as core
from duologue.core.callers import Asked, Callers, Found, Identity
from duologue.core.errors import Forbidden, Unauthorized, Unavailable
from duologue.core.model import User
from duologue.storage.callers import CallerStore
from duologue.storage.postgres import Postgres

Names = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def clock() -> HandClock:
    """Give the time of sessions."""
    return HandClock()


@pytest.fixture
def store(postgres: Postgres, clock: HandClock) -> CallerStore:
    """Give the store."""
    return CallerStore(postgres, clock=clock, ids=uuid4)


@pytest.fixture
def callers(store: CallerStore) -> Callers:
    """Give the use case over the real store."""
    return Callers(store)


@pytest.fixture
def names(postgres: Postgres) -> Names:
    """Return the usernames of some users, read by plain SQL."""

    async def read(*ids: UUID) -> list[str]:
        found = await postgres.fetch("SELECT id, username, username_key FROM users WHERE id = ANY($1::uuid[])", ids)
        assert all(row["username_key"] == row["username"].casefold() for row in found)
        by_id = {row["id"]: row["username"] for row in found}
        return [by_id[user_id] for user_id in ids]

    return read


async def session_of(postgres: Postgres, user: User, *, until: datetime, ended_at: datetime | None = None) -> UUID:
    """Insert a sign-in session."""
    session_id = uuid4()
    await postgres.execute(
        "INSERT INTO sessions (id, user_id, expires_at, ended_at) VALUES ($1, $2, $3, $4)",
        *(session_id, user.id, until, ended_at),
    )
    return session_id


# -- looking up ---------------------------------------------------------------------------------------------------------


async def test_a_caller_comes_with_settings_head_total_and_session(
    callers: Callers, make: Make, postgres: Postgres, clock: HandClock
) -> None:
    """Everything a request needs of its caller is one look-up."""
    user = await make.user("ada", display_name="Ada", show_last_seen=False, who_can_message="followers")
    await postgres.execute("UPDATE positions SET head = 7, unread_total = 3 WHERE user_id = $1", user.id)
    session_id = await session_of(postgres, user, until=datetime.fromtimestamp(clock.now() + 1, UTC))
    caller = await callers.resolve(Identity(user.id, 17.5, session_id))
    assert caller.user == user
    assert (caller.head, caller.unread_total, caller.session_id, caller.expires_at) == (7, 3, session_id, 17.5)


async def test_sessions_that_ended_or_expired_or_are_anothers_are_refused(
    callers: Callers, make: Make, postgres: Postgres, clock: HandClock
) -> None:
    """A token of ours is worth what its session is worth."""
    user, other = await make.user(), await make.user()
    now = datetime.fromtimestamp(clock.now(), UTC)
    later = now + timedelta(days=1)
    for session_id in (
        await session_of(postgres, user, until=later, ended_at=now),
        await session_of(postgres, user, until=now),
        await session_of(postgres, other, until=later),
        uuid4(),
    ):
        with pytest.raises(Unauthorized):
            await callers.resolve(Identity(user.id, session_id=session_id))


async def test_a_session_of_a_user_who_is_not_there_makes_no_user(callers: Callers, postgres: Postgres) -> None:
    """Only a platform's token makes users."""
    with pytest.raises(Unauthorized):
        await callers.resolve(Identity(uuid4(), session_id=uuid4(), username="ada"))
    assert await postgres.fetchval("SELECT count(*) FROM users") == 0


async def test_the_erased_are_unknown_and_the_deactivated_are_told(callers: Callers, make: Make) -> None:
    """A token of an erased user is 401 for ever, that of a deactivated one 403 until they are back."""
    erased, deactivated = await make.user(state="erased"), await make.user(state="deactivated")
    with pytest.raises(Unauthorized):
        await callers.resolve(Identity(erased.id))
    with pytest.raises(Forbidden):
        await callers.resolve(Identity(deactivated.id))


async def test_callers_that_wait_share_a_statement(counting: CountingPostgres, make: Make, clock: HandClock) -> None:
    """Two hundred sockets at once: the first look-up, and one for all that came while it ran."""
    users = [await make.user() for _ in range(200)]
    callers = Callers(CallerStore(counting, clock=clock, ids=uuid4))
    await callers.resolve(Identity(users[0].id))
    counting.taken()
    found = await asyncio.gather(*(callers.resolve(Identity(user.id)) for user in users))
    assert [caller.user for caller in found] == users
    assert counting.taken() <= 2


class Gate:
    """A store whose first look-up waits until the test opens it."""

    def __init__(self, store: core.CallerStore) -> None:
        self.store, self.batches = store, list[Sequence[Asked]]()
        self.reached, self.open = asyncio.Event(), asyncio.Event()

    async def find(self, asked: Sequence[Asked]) -> dict[Asked, Found]:
        """Pass it on."""
        self.batches.append(asked)
        self.reached.set()
        await self.open.wait()
        return await self.store.find(asked)

    async def admit(self, identity: Identity, *, is_new: bool) -> None:
        """Pass it on."""
        await self.store.admit(identity, is_new=is_new)


async def test_who_hangs_up_takes_nothing_from_the_others(store: CallerStore, make: Make) -> None:
    """Several wait for the same look-up; one leaves; and what is asked later is read later."""
    user = await make.user()
    gate = Gate(store)
    callers = Callers(gate)
    waiting = [asyncio.create_task(callers.resolve(Identity(user.id))) for _ in range(3)]
    await gate.reached.wait()
    late = asyncio.create_task(callers.resolve(Identity(user.id)))
    await asyncio.sleep(0)
    waiting[0].cancel()
    gate.open.set()
    assert (await waiting[1]).user == (await waiting[2]).user == (await late).user == user
    assert [len(batch) for batch in gate.batches] == [1, 1]
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]


async def test_a_database_that_is_away_is_said_to_all_who_wait_and_forgotten(
    callers: Callers, make: Make, postgres: Postgres
) -> None:
    """The next look-up after it is back is answered."""
    user = await make.user()
    await postgres.close()
    outcomes = await asyncio.gather(*(callers.resolve(Identity(user.id)) for _ in range(5)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 5
    await postgres.open()
    assert (await callers.resolve(Identity(user.id))).user == user


# -- a platform's users -------------------------------------------------------------------------------------------------


async def test_the_first_token_makes_the_user_from_its_claims(callers: Callers, postgres: Postgres) -> None:
    """Username, name, picture and the platform's own id are kept, and the user has a position row (design part 6)."""
    identity = Identity(uuid4(), 9.0, None, "42", "Ada.Lovelace", "Ada", "https://img.example/ada.png")
    caller = await callers.resolve(identity)
    user = caller.user
    assert (user.username, user.display_name, user.avatar_url) == ("Ada.Lovelace", "Ada", "https://img.example/ada.png")
    assert (caller.head, caller.unread_total, caller.expires_at) == (0, 0, 9.0)
    row = await postgres.fetchrow("SELECT username_key, external_id FROM users WHERE id = $1", identity.user_id)
    assert row is not None
    assert tuple(row) == ("ada.lovelace", "42")


async def test_without_a_username_the_generated_one_is_stable(callers: Callers) -> None:
    """The end of the id names the user, until a claim does; a claim that is gone leaves the name."""
    user_id = UUID("0198c0de-0000-7000-8000-00000000abcd")
    assert (await callers.resolve(Identity(user_id))).user.username == "user-00000000abcd"
    assert (await callers.resolve(Identity(user_id, display_name="Ada"))).user.username == "user-00000000abcd"
    assert (await callers.resolve(Identity(user_id, username="ada"))).user.username == "ada"
    again = (await callers.resolve(Identity(user_id))).user
    assert (again.username, again.display_name) == ("ada", "Ada")


async def test_generated_names_that_are_taken_are_passed_over(callers: Callers, make: Make) -> None:
    """Somebody has the short one, or both: a name that nobody has is found."""
    user_id, last = uuid4(), uuid4()
    await make.user(f"user-{user_id.hex[-12:]}")
    assert (await callers.resolve(Identity(user_id))).user.username == f"user-{user_id.hex}"
    await make.user(f"user-{last.hex[-12:]}")
    await make.user(f"user-{last.hex}")
    assert (await callers.resolve(Identity(last))).user.username.startswith("user-")


async def test_a_row_is_written_only_when_a_claim_differs(
    counting: CountingPostgres, clock: HandClock, postgres: Postgres
) -> None:
    """The same claims again cost one statement and touch nothing."""
    callers = Callers(CallerStore(counting, clock=clock, ids=uuid4))
    identity = Identity(uuid4(), username="ada", display_name="Ada")
    await callers.resolve(Identity(uuid4()))
    counting.taken()  # those of a new connection
    await callers.resolve(identity)
    assert counting.taken() == 3  # look, make, look
    version = "SELECT xmin::text FROM users WHERE id = $1"
    before = await postgres.fetchval(version, identity.user_id)
    counting.taken()
    await callers.resolve(identity)
    await callers.resolve(Identity(identity.user_id))
    assert counting.taken() == 2
    assert await postgres.fetchval(version, identity.user_id) == before
    await callers.resolve(replace(identity, display_name="Lady Ada"))
    assert await postgres.fetchval(version, identity.user_id) != before


async def test_a_claim_wins_a_taken_name_and_the_former_holder_gets_it_back_when_seen(
    callers: Callers, names: Names
) -> None:
    """Compared without case; who lost the name has a generated one until their next token (design part 6)."""
    first, second = Identity(uuid4(), username="ada"), Identity(uuid4(), username="ADA")
    await callers.resolve(first)
    await callers.resolve(second)
    assert await names(first.user_id, second.user_id) == [f"user-{first.user_id.hex[-12:]}", "ADA"]
    assert (await callers.resolve(first)).user.username == "ada"
    assert await names(first.user_id, second.user_id) == ["ada", f"user-{second.user_id.hex[-12:]}"]


async def test_a_generated_name_can_be_claimed_by_another(callers: Callers) -> None:
    """Its holder moves on to the longer generated one."""
    holder = uuid4()
    name = (await callers.resolve(Identity(holder))).user.username
    assert (await callers.resolve(Identity(uuid4(), username=name))).user.username == name
    assert (await callers.resolve(Identity(holder))).user.username == f"user-{holder.hex}"


async def test_one_external_id_of_two_issuers_is_two_users(callers: Callers, postgres: Postgres) -> None:
    """The id tells them apart; the second one's external id is not kept, and nobody is refused."""
    one, two = uuid5(uuid4(), "one"), uuid5(uuid4(), "two")
    for user_id in (one, two, one):
        await callers.resolve(Identity(user_id, external_id="42"))
    found = await postgres.fetch("SELECT id, external_id FROM users")
    assert {row["id"]: row["external_id"] for row in found} == {one: "42", two: None}


@pytest.mark.parametrize("state", ["deactivated", "erased"])
async def test_claims_change_nothing_of_who_is_not_active(
    callers: Callers, store: CallerStore, make: Make, names: Names, state: str
) -> None:
    """Not by the look-up, and not if the state changed after it."""
    user = await make.user("gone", state=state)
    identity = Identity(user.id, username="back", display_name="Back")
    with pytest.raises((Unauthorized, Forbidden)):
        await callers.resolve(identity)
    await store.admit(identity, is_new=False)
    assert await names(user.id) == ["gone"]


async def test_who_is_not_active_costs_one_look_up(counting: CountingPostgres, make: Make, clock: HandClock) -> None:
    """However their claims differ, nothing is tried."""
    user = await make.user("gone", state="deactivated")
    callers = Callers(CallerStore(counting, clock=clock, ids=uuid4))
    with pytest.raises(Forbidden):
        await callers.resolve(Identity(user.id, username="back"))
    counting.taken()
    with pytest.raises(Forbidden):
        await callers.resolve(Identity(user.id, username="back"))
    assert counting.taken() == 1


async def test_a_name_taken_between_look_and_writing_is_won_all_the_same(
    callers: Callers, make: Make, names: Names, database: str, postgres: Postgres
) -> None:
    """Somebody new comes in with the name, but has not committed yet: the claim waits, fails, looks again and wins."""
    user, other = await make.user("ada"), uuid4()
    hand = await asyncpg.connect(database)
    try:
        coming = hand.transaction()
        await coming.start()
        await hand.execute("INSERT INTO users (id, username, username_key) VALUES ($1, 'bob', 'bob')", other)
        await hand.execute("INSERT INTO positions (user_id) VALUES ($1)", other)
        claim = asyncio.create_task(callers.resolve(Identity(user.id, username="bob")))
        await lock_is_waited_for(postgres)
        await coming.commit()
        assert (await claim).user.username == "bob"
        assert await names(other) == [f"user-{other.hex[-12:]}"]
    finally:
        await hand.close()


async def test_first_requests_at_once_make_one_user(store: CallerStore, postgres: Postgres) -> None:
    """Twenty nodes see the same new user in the same moment."""
    identity = Identity(uuid4(), username="ada")
    found = await asyncio.gather(*(Callers(store).resolve(identity) for _ in range(20)))
    assert {caller.user.username for caller in found} == {"ada"}
    assert await postgres.fetchval("SELECT updated_at = created_at FROM users")  # and nobody wrote it again
    assert await postgres.fetchval("SELECT count(*) FROM users") == 1
    assert await postgres.fetchval("SELECT count(*) FROM positions") == 1


async def test_new_users_who_claim_one_name_at_once_all_come_in(store: CallerStore, postgres: Postgres) -> None:
    """One has it at the end, the others have generated ones."""
    identities = [Identity(uuid4(), username="ada") for _ in range(8)]
    await asyncio.gather(*(store.admit(identity, is_new=True) for identity in identities))
    found = await postgres.fetch("SELECT id, username FROM users")
    assert sorted(row["username"] == "ada" for row in found) == [False] * 7 + [True]
    assert {row["id"] for row in found} == {identity.user_id for identity in identities}


async def test_users_may_swap_names_at_once(store: CallerStore, make: Make, names: Names, postgres: Postgres) -> None:
    """No deadlock and no lost user, however the two meet; what is seen last holds its claim."""
    one, two = await make.user("one"), await make.user("two")
    for _ in range(15):
        swap = (Identity(one.id, username="two"), Identity(two.id, username="one"))
        back = (Identity(one.id, username="one"), Identity(two.id, username="two"))
        await asyncio.gather(*(Callers(store).resolve(identity) for identity in swap + back))
    await Callers(store).resolve(Identity(one.id, username="two"))
    await Callers(store).resolve(Identity(two.id, username="one"))
    assert await names(one.id, two.id) == ["two", "one"]
    assert await postgres.fetchval("SELECT count(*) FROM users") == 2


async def test_a_user_who_is_locked_delays_only_their_own_claims(callers: Callers, make: Make, database: str) -> None:
    """Somebody holds the position row by hand: that user's new claims wait and give up, others come in meanwhile."""
    held, free = await make.user("held"), await make.user("free")
    hand = await asyncpg.connect(database)
    try:
        async with hand.transaction():
            await hand.execute("SELECT FROM positions WHERE user_id = $1 FOR NO KEY UPDATE", held.id)
            delayed = asyncio.create_task(callers.resolve(Identity(held.id, display_name="New")))
            assert (await callers.resolve(Identity(free.id, display_name="New"))).user.display_name == "New"
            assert (await callers.resolve(Identity(held.id))).user.display_name is None
            assert not delayed.done()
            with pytest.raises(Unavailable):
                await delayed
    finally:
        await hand.close()
    assert (await callers.resolve(Identity(held.id, display_name="New"))).user.display_name == "New"
