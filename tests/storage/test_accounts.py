"""Accounts and sessions on a real database: registering, signing in and out, rotation, passwords, and what races do to them."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from tests.factories import Make
from tests.storage.handclock import HandClock
from tests.storage.waiting import lock_is_waited_for

from duologue.auth.passwords import Passwords
from duologue.brokers.memory.limits import MemoryLimiter
from duologue.core.accounts import MAX_PASSWORD, NOT_SIGNED_IN, SESSION_TTL, Accounts, SignedIn
from duologue.core.callers import Callers, Identity
from duologue.core.errors import (
    ChatError,
    Conflict,
    Forbidden,
    RateLimited,
    Unauthorized,
    ValidationFailed,
)
from duologue.core.events import EndReason, Event, SessionsEnded
from duologue.core.model import Caller, User, UserState
from duologue.core.ports import Limit
from duologue.storage.accounts import AccountStore
from duologue.storage.callers import CallerStore
from duologue.storage.postgres import Postgres

HOME = "192.0.2.1"
SECRET = "correct horse battery"
OTHER = "staple of another kind"


class CountingHasher(PasswordHasher):
    """The cheapest real argon2, which counts its work."""

    work = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002  the library's name
        """Count and verify."""
        self.work += 1
        return super().verify(hash, password)

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        """Count and hash."""
        self.work += 1
        return super().hash(password, salt=salt)


@dataclass
class Told:
    """A broker that keeps what was published."""

    events: list[Event] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> None:
        """Keep them."""
        self.events.extend(events)

    def subscribe(self, deliver: Callable[[Sequence[Event]], None]) -> None:
        """Nobody listens here."""

    def ended(self) -> set[UUID]:
        """Return the sessions whose sockets were told to close, once each."""
        found = [event for event in self.events if isinstance(event, SessionsEnded)]
        assert all(event.reason is EndReason.SIGNED_OUT and event.session_id for event in found)
        ids = [event.session_id for event in found if event.session_id]
        assert len(ids) == len(set(ids))
        return set(ids)


@dataclass
class World:
    """A stand-alone server's accounts without its transports."""

    accounts: Accounts
    store: AccountStore
    callers: Callers
    told: Told
    clock: HandClock
    hasher: CountingHasher

    async def register(self, username: str = "ada", password: str = SECRET) -> SignedIn:
        """Register from home."""
        return await self.accounts.register(username, password, address=HOME)

    async def login(self, username: str = "ada", password: str = SECRET) -> SignedIn:
        """Sign in from home."""
        return await self.accounts.login(username, password, address=HOME)

    async def caller(self, signed: SignedIn) -> Caller:
        """Return the caller that an access token of this sign-in stands for."""
        return await self.callers.resolve(Identity(signed.user.id, session_id=signed.session_id))

    async def lives(self, signed: SignedIn) -> bool:
        """Tell whether the tokens of this sign-in open anything."""
        try:
            await self.caller(signed)
        except Unauthorized:
            return False
        return True

    async def refresh(self, signed: SignedIn) -> SignedIn:
        """Change the refresh token of this sign-in."""
        return await self.accounts.refresh(signed.user.id, signed.session_id, signed.rotation)


@pytest.fixture
def world(postgres: Postgres) -> Iterator[World]:
    """Give accounts with cheap hashes and the limit of the design."""
    clock, told, hasher = HandClock(), Told(), CountingHasher.from_parameters(CHEAPEST)
    assert isinstance(hasher, CountingHasher)
    store, passwords = AccountStore(postgres), Passwords(hasher)
    accounts = Accounts(
        store=store,
        passwords=passwords,
        limiter=MemoryLimiter(clock, {"login": Limit("login", 10, 60.0)}),
        broker=told,
        clock=clock,
        ids=uuid4,
    )
    yield World(accounts, store, Callers(CallerStore(postgres, clock=clock, ids=uuid4)), told, clock, hasher)
    passwords.close()


async def deactivate(postgres: Postgres, signed: SignedIn, state: str = "deactivated") -> None:
    """Change a user's state by hand."""
    await postgres.execute("UPDATE users SET state = $2 WHERE id = $1", signed.user.id, state)


# -- registering --------------------------------------------------------------------------------------------------------


async def test_who_registers_is_signed_in_and_has_all_rows(world: World, postgres: Postgres) -> None:
    """User, account, session and position row are there, and the password is nowhere."""
    signed = await world.accounts.register("Ada", SECRET, " Ada Lovelace ", address=HOME)
    caller = await world.caller(signed)
    assert (caller.user.username, caller.user.display_name, caller.head) == ("Ada", "Ada Lovelace", 0)
    assert caller.user == signed.user
    row = await postgres.fetchrow(
        "SELECT u.username_key, a.password_hash FROM users u JOIN accounts a ON a.user_id = u.id"
    )
    assert row is not None
    assert row["username_key"] == "ada"
    assert row["password_hash"].startswith("$argon2id$")
    assert SECRET not in row["password_hash"]


@pytest.mark.parametrize(
    "name", ["", "ab", "a" * 33, "ada lovelace", "ada/x", "ädä", "ada\n", "ada\0", "user@home", "-" * 2]
)
async def test_names_outside_the_rule_are_not_registered(world: World, name: str) -> None:
    """3 to 32 of the letters A to Z, digits, `_`, `.` and `-` (design part 6)."""
    with pytest.raises(ValidationFailed):
        await world.register(name)
    assert world.hasher.work == 0


@pytest.mark.parametrize("password", ["", "1234567", "a" * (MAX_PASSWORD + 1), "abcdefgh\ud800"])
async def test_passwords_outside_the_rule_are_not_taken(world: World, password: str) -> None:
    """8 to 1,024 characters of Unicode text, to register and to change."""
    with pytest.raises(ValidationFailed):
        await world.register("ada", password)
    caller = await world.caller(await world.register())
    with pytest.raises(ValidationFailed):
        await world.accounts.change_password(caller, SECRET, password, address=HOME)


@pytest.mark.parametrize("name", ["ada", "ADA"])
async def test_a_taken_name_is_a_conflict_before_any_work(world: World, make: Make, name: str) -> None:
    """Without case, and whoever has it; a stranger cannot make the server hash by asking for taken names."""
    await make.user("Ada")
    with pytest.raises(Conflict):
        await world.register(name)
    assert world.hasher.work == 0


async def test_twenty_at_once_register_one_name_and_one_gets_it(world: World, postgres: Postgres) -> None:
    """The others get a conflict, never a fault, and leave nothing behind."""
    outcomes = await asyncio.gather(
        *(world.accounts.register("ada", SECRET, address=f"192.0.2.{n}") for n in range(20)), return_exceptions=True
    )
    signed = [outcome for outcome in outcomes if isinstance(outcome, SignedIn)]
    assert len(signed) == 1
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, SignedIn)] == [Conflict] * 19
    for table in ("users", "positions", "accounts", "sessions"):
        assert await postgres.fetchval(f"SELECT count(*) FROM {table}") == 1, table  # noqa: S608  names of ours
    assert (await world.login()).user == signed[0].user


async def test_the_operator_adds_accounts_without_limit_or_session(world: World, postgres: Postgres) -> None:
    """`duologue user add`: the rules of names and passwords hold, nobody is signed in."""
    for number in range(12):
        await world.accounts.add(f"user{number}", SECRET)
    with pytest.raises(Conflict):
        await world.accounts.add("user1", SECRET)
    assert await postgres.fetchval("SELECT count(*) FROM sessions") == 0
    assert (await world.login("user7")).user.username == "user7"


# -- signing in ---------------------------------------------------------------------------------------------------------


async def test_signing_in_takes_the_password_and_ignores_the_case_of_the_name(world: World) -> None:
    """Each sign-in is a session of its own."""
    first = await world.register("Ada")
    second = await world.login("aDA")
    assert second.user == first.user
    assert second.session_id != first.session_id
    assert await world.lives(first)
    assert await world.lives(second)


async def test_unknown_users_and_wrong_passwords_are_told_alike_after_the_same_work(world: World, make: Make) -> None:
    """Nobody learns who has an account: one text, one verification, also for users without one and names nobody can have."""
    await world.register()
    await make.user("passwordless")
    seen = set()
    for name, password in (
        ("ada", OTHER),
        ("nobody", SECRET),
        ("passwordless", SECRET),
        ("a/b", SECRET),
        ("ada\0", SECRET),
        ("x" * 100, SECRET),
        ("", ""),
        ("ada", ""),
    ):
        before = world.hasher.work
        with pytest.raises(Unauthorized) as refusal:
            await world.login(name, password)
        seen.add((type(refusal.value), refusal.value.message, world.hasher.work - before))
    assert seen == {(Unauthorized, NOT_SIGNED_IN, 1)}


async def test_sign_ins_are_limited_per_address_and_name(world: World) -> None:
    """Ten a minute, right or wrong; another name or address is not touched by it (design part 9)."""
    await world.register()
    for _ in range(10):
        with pytest.raises(Unauthorized):
            await world.login("ADA", OTHER)
    work = world.hasher.work
    charges: dict[str, Any] = {}
    with pytest.raises(RateLimited):
        await world.accounts.login("ada", SECRET, address=HOME, charges=charges)
    assert charges["login"].limit == 10
    assert world.hasher.work == work
    await world.accounts.login("ada", SECRET, address="192.0.2.2")
    with pytest.raises(Unauthorized):
        await world.login("bob", SECRET)
    world.clock.seconds += 60.0
    assert await world.lives(await world.login())


async def test_names_that_nobody_can_have_share_one_limit(world: World) -> None:
    """So that they fill no memory."""
    for number in range(10):
        with pytest.raises(Unauthorized):
            await world.login(f"/{number}", SECRET)
    with pytest.raises(RateLimited):
        await world.login("/x", SECRET)


async def test_registering_is_limited_per_address(world: World) -> None:
    """Ten new accounts a minute; a network of IPv6 is one address."""
    for number in range(10):
        await world.accounts.register(f"user{number}", SECRET, address=f"2001:db8::{number}")
    with pytest.raises(RateLimited):
        await world.accounts.register("user10", SECRET, address="2001:db8::ffff")
    await world.accounts.register("user10", SECRET, address="2001:db8:0:1::1")
    await world.accounts.register("user11", SECRET, address="::ffff:192.0.2.1")


async def test_a_deactivated_account_is_told_so_only_after_the_right_password(world: World, postgres: Postgres) -> None:
    """An erased one is unknown."""
    signed = await world.register()
    await deactivate(postgres, signed)
    with pytest.raises(Forbidden):
        await world.login()
    with pytest.raises(Forbidden):
        await world.refresh(signed)
    with pytest.raises(Unauthorized):
        await world.login("ada", OTHER)
    await deactivate(postgres, signed, "active")
    assert (await world.refresh(signed)).rotation == 1  # the refusal has not used the token up
    await deactivate(postgres, signed, "erased")
    with pytest.raises(Unauthorized):
        await world.login()
    with pytest.raises(Unauthorized):
        await world.refresh(signed)


async def test_a_hash_of_former_parameters_is_made_anew_at_the_next_sign_in(world: World, postgres: Postgres) -> None:
    """Stronger parameters reach everybody who signs in, and the password stays."""
    await world.register()
    former = PasswordHasher(time_cost=2, memory_cost=CHEAPEST.memory_cost, parallelism=1).hash(SECRET)
    await postgres.execute("UPDATE accounts SET password_hash = $1", former)
    await world.login()
    assert await postgres.fetchval("SELECT password_hash FROM accounts") != former
    work = world.hasher.work
    await world.login()
    assert world.hasher.work == work + 1


async def test_the_operator_signs_somebody_in(world: World, make: Make) -> None:
    """`duologue token`: a session without a password, also of who has none; not of who is deactivated."""
    for user in (await world.accounts.add("ada", SECRET), await make.user("bob")):
        assert await world.lives(await world.accounts.sign_in(user))
    with pytest.raises(Forbidden):
        await world.accounts.sign_in(User(uuid4(), "carol", state=UserState.DEACTIVATED))


# -- sessions -----------------------------------------------------------------------------------------------------------


async def test_refresh_tokens_rotate_and_carry_the_session_on(world: World, postgres: Postgres) -> None:
    """Each refresh moves the end of the session by its whole life."""
    signed = await world.register()
    world.clock.seconds += SESSION_TTL - 1
    second = await world.refresh(signed)
    assert (second.user, second.session_id, second.rotation) == (signed.user, signed.session_id, 1)
    end = await postgres.fetchval("SELECT expires_at FROM sessions")
    assert end == datetime.fromtimestamp(world.clock.seconds + SESSION_TTL, UTC)
    third = await world.refresh(second)
    assert third.rotation == 2
    assert await world.lives(third)
    assert world.told.ended() == set()


async def test_a_refresh_token_used_again_ends_its_session(world: World) -> None:
    """Two hold it, one of them is a thief: both are out, their sockets close, other sessions stay."""
    signed, other = await world.register(), await world.login()
    second = await world.refresh(signed)
    with pytest.raises(Unauthorized):
        await world.refresh(signed)
    assert world.told.ended() == {signed.session_id}
    assert not await world.lives(second)
    with pytest.raises(Unauthorized):
        await world.refresh(second)
    assert await world.lives(other)


async def test_one_refresh_token_used_many_times_at_once_is_changed_once(world: World) -> None:
    """At most one gets the next rotation, and the session is ended once."""
    signed = await world.register()
    outcomes = await asyncio.gather(*(world.refresh(signed) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(outcome, SignedIn) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Unauthorized) for outcome in outcomes) == 9
    assert world.told.ended() == {signed.session_id}
    assert not await world.lives(signed)


async def test_an_expired_session_is_not_refreshed_and_nobody_else_can_refresh_it(world: World, make: Make) -> None:
    """The session's own user alone, and in time."""
    signed, stranger = await world.register(), await make.user()
    with pytest.raises(Unauthorized):
        await world.accounts.refresh(stranger.id, signed.session_id, 0)
    with pytest.raises(Unauthorized):
        await world.accounts.refresh(signed.user.id, uuid4(), 0)
    assert await world.lives(signed)
    world.clock.seconds += SESSION_TTL
    with pytest.raises(Unauthorized):
        await world.refresh(signed)
    assert world.told.ended() == set()


async def test_logging_out_ends_one_session_at_once(world: World) -> None:
    """Its tokens are refused, its sockets are told; again changes nothing; another user cannot do it."""
    signed, other = await world.register(), await world.login()
    await world.accounts.logout(uuid4(), signed.session_id)
    assert await world.lives(signed)
    for _ in range(2):
        await world.accounts.logout(signed.user.id, signed.session_id)
    assert world.told.ended() == {signed.session_id}
    assert not await world.lives(signed)
    assert await world.lives(other)
    with pytest.raises(Unauthorized):
        await world.refresh(signed)


async def test_logging_out_everywhere_ends_all_sessions_of_one_user(world: World) -> None:
    """The one that asks included, and nobody else's."""
    sessions = [await world.register(), await world.login(), await world.login()]
    bystander = await world.register("bob")
    await world.accounts.logout_all(await world.caller(sessions[1]))
    assert world.told.ended() == {signed.session_id for signed in sessions}
    assert [await world.lives(signed) for signed in sessions] == [False] * 3
    assert await world.lives(bystander)


async def test_many_who_log_out_everywhere_at_once_do_not_lock_each_other_up(world: World) -> None:
    """Every session is ended once, whoever ends it."""
    sessions = [await world.register()] + [await world.login() for _ in range(8)]
    caller = await world.caller(sessions[0])
    await asyncio.gather(
        *(world.accounts.logout_all(caller) for _ in range(8)),
        *(world.accounts.logout(signed.user.id, signed.session_id) for signed in sessions),
    )
    assert world.told.ended() == {signed.session_id for signed in sessions}


async def test_expired_sessions_are_forgotten_in_chunks(world: World, postgres: Postgres) -> None:
    """At most 500 a call, and none that lives."""
    signed = await world.register()
    now = datetime.fromtimestamp(world.clock.now(), UTC)
    await postgres.execute(
        "INSERT INTO sessions (id, user_id, expires_at) SELECT gen_random_uuid(), $1, $2 FROM generate_series(1, 600)",
        *(signed.user.id, now - timedelta(seconds=1)),
    )
    assert [await world.store.prune_sessions(now) for _ in range(3)] == [500, 100, 0]
    assert await world.lives(signed)


# -- passwords ----------------------------------------------------------------------------------------------------------


async def test_a_new_password_ends_all_sessions_and_begins_one(world: World) -> None:
    """The old password is worth nothing from then on."""
    sessions = [await world.register(), await world.login()]
    signed = await world.accounts.change_password(await world.caller(sessions[0]), SECRET, OTHER, address=HOME)
    assert world.told.ended() == {each.session_id for each in sessions}
    assert [await world.lives(each) for each in sessions] == [False, False]
    assert await world.lives(signed)
    with pytest.raises(Unauthorized):
        await world.login("ada", SECRET)
    assert await world.lives(await world.login("ada", OTHER))


async def test_a_wrong_old_password_changes_nothing_and_counts(world: World) -> None:
    """Whoever stole a token cannot try passwords with it: the limit of signing in holds."""
    signed = await world.register()
    caller = await world.caller(signed)
    for _ in range(10):
        with pytest.raises(Forbidden):
            await world.accounts.change_password(caller, OTHER, "whatever it may be", address=HOME)
    with pytest.raises(RateLimited):
        await world.accounts.change_password(caller, SECRET, OTHER, address=HOME)
    assert await world.lives(signed)
    world.clock.seconds += 60
    assert await world.lives(await world.login())


async def test_a_password_changed_twice_at_once_is_changed_once(world: World) -> None:
    """The second one's old password is wrong by then; exactly one session lives."""
    caller = await world.caller(await world.register())
    outcomes = await asyncio.gather(
        *(world.accounts.change_password(caller, SECRET, f"{OTHER} {n}", address=HOME) for n in range(5)),
        return_exceptions=True,
    )
    signed = [outcome for outcome in outcomes if isinstance(outcome, SignedIn)]
    assert len(signed) == 1
    assert all(isinstance(outcome, SignedIn | Forbidden) for outcome in outcomes)
    assert await world.lives(signed[0])


async def test_who_signs_in_with_the_old_password_while_it_changes_is_not_left_in(
    world: World, database: str, postgres: Postgres
) -> None:
    """The sign-in has verified the old hash and waits for the change, which commits: no session begins."""
    await world.register()
    hand = await asyncpg.connect(database)
    try:
        change = hand.transaction()
        await change.start()
        await hand.execute("UPDATE accounts SET password_hash = 'another'")
        login = asyncio.create_task(world.login())
        await lock_is_waited_for(postgres)
        await change.commit()
        with pytest.raises(Unauthorized):
            await login
    finally:
        await hand.close()
    assert await postgres.fetchval("SELECT count(*) FROM sessions") == 1


async def test_random_sign_ins_refreshes_and_ends_at_once_never_fail_otherwise(world: World) -> None:
    """Whatever meets whatever: an answer or a refusal, no deadlock, and after the last end nothing lives."""
    first = await world.register()
    caller = await world.caller(first)
    sessions = [await world.login() for _ in range(5)]
    wishes = [
        *(world.refresh(signed) for signed in sessions for _ in range(2)),
        *(world.accounts.logout_all(caller) for _ in range(3)),
        *(world.accounts.logout(first.user.id, signed.session_id) for signed in sessions),
        *(world.accounts.login("ada", SECRET, address=f"192.0.2.{n + 9}") for n in range(5)),
        world.accounts.change_password(caller, SECRET, OTHER, address="192.0.2.99"),
    ]
    outcomes = await asyncio.gather(*wishes, return_exceptions=True)
    refusals = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [type(refusal) for refusal in refusals if type(refusal) is not Unauthorized] == []
    assert all(isinstance(refusal, ChatError) for refusal in refusals)
    await world.accounts.logout_all(caller)
    assert [await world.lives(signed) for signed in sessions] == [False] * 5


# -- the operator's list ------------------------------------------------------------------------------------------------


async def test_the_list_of_users_is_in_order_and_goes_on_after_a_name(world: World, make: Make) -> None:
    """`duologue user list`: page by page, without case, with what an operator asks about."""
    for name in ("Carol", "ada", "bob"):
        await world.register(name)
    await make.user("dave", state="deactivated")
    first = await world.store.page("", 3)
    assert [line.user.username for line in first] == ["ada", "bob", "Carol"]
    assert all(line.has_password and line.created_at.tzinfo is UTC for line in first)
    rest = await world.store.page("Carol", 3)
    assert [(line.user.username, line.user.state, line.has_password) for line in rest] == [
        ("dave", "deactivated", False)
    ]


async def test_the_secret_of_the_database_stays(world: World) -> None:
    """It signs tokens, so it is long and the same whenever it is read."""
    secret = await world.store.secret()
    assert len(secret) >= 32
    assert await world.store.secret() == secret
