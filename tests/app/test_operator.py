"""What the command line does to users: accounts with given and drawn passwords, the list, tokens that open what they say, the seed."""

import time
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from tests.factories import Make

from duologue.api.caller import Authenticator
from duologue.app.errors import StartError
from duologue.app.operator import TOKEN_TTL, Operator
from duologue.app.parts import SystemClock
from duologue.auth.claims import Expected
from duologue.auth.keys import secret_keys
from duologue.auth.tokens import PlatformTokens, StandaloneTokens
from duologue.config import Config
from duologue.core.callers import Callers
from duologue.core.errors import Conflict, NotFound, ValidationFailed
from duologue.storage.accounts import AccountStore
from duologue.storage.callers import CallerStore
from duologue.storage.postgres import Postgres
from duologue.storage.seed import PASSWORD
from duologue.storage.users import UserStore

SECRET = "a secret of the platform, for tests alone"
HASHER = PasswordHasher.from_parameters(CHEAPEST)
PLATFORM = Config(
    jwt_secret=(SECRET, "an older secret of the platform, for tests"), jwt_audience=("chat",), jwt_issuer="us"
)


@pytest.fixture
def operator(postgres: Postgres) -> Operator:
    """Give the operator of a stand-alone server."""
    return Operator(Config(), postgres, hasher=HASHER)


@pytest.fixture
def platforms(postgres: Postgres) -> Operator:
    """Give the operator of a server behind a platform."""
    return Operator(PLATFORM, postgres, hasher=HASHER)


@pytest.fixture
async def own(postgres: Postgres) -> Authenticator:
    """Give what knows the stand-alone server's tokens."""
    tokens = StandaloneTokens(await AccountStore(postgres).secret(), clock=time.time)
    return Authenticator(tokens, Callers(CallerStore(postgres, clock=SystemClock(), ids=uuid4)))


@pytest.fixture
def foreign(postgres: Postgres) -> Authenticator:
    """Give what knows the platform's tokens."""
    tokens = PlatformTokens(secret_keys([SECRET.encode()]), clock=time.time, expected=Expected(("chat",), "us"))
    return Authenticator(tokens, Callers(CallerStore(postgres, clock=SystemClock(), ids=uuid4)))


async def test_an_account_is_added(operator: Operator, postgres: Postgres) -> None:
    """With the password that is given, by the rules of names and passwords."""
    user = await operator.add_user("ada", "correct horse")
    known = await AccountStore(postgres).credentials("ada")
    assert known is not None
    assert known.user == user
    assert HASHER.verify(known.password_hash, "correct horse")
    with pytest.raises(Conflict):
        await operator.add_user("ADA", "correct horse")
    with pytest.raises(ValidationFailed):
        await operator.add_user("no name", "correct horse")
    with pytest.raises(ValidationFailed):
        await operator.add_user("dave", "short")


async def test_the_list_goes_through_all_pages(operator: Operator, postgres: Postgres) -> None:
    """Also of more users than one page holds, each once, in order."""
    await postgres.execute(
        "INSERT INTO users (id, username, username_key) "
        "SELECT gen_random_uuid(), 'user' || lpad(n::text, 4, '0'), 'user' || lpad(n::text, 4, '0') FROM generate_series(1, 1001) n"
    )
    names = [line.user.username async for line in operator.users()]
    assert names == [f"user{n:04}" for n in range(1, 1002)]


async def test_a_token_of_a_stand_alone_server_opens_it(operator: Operator, own: Authenticator) -> None:
    """For a user by name, without case, or by id."""
    ada = await operator.add_user("ada", "correct horse")
    for user in ("Ada", str(ada.id)):
        caller = await own.caller(await operator.token(user, None))
        assert caller.user == ada
        assert caller.session_id is not None
    assert (await own.caller(await operator.token("ada", "Ada"))).id == ada.id


async def test_an_id_that_nobody_has_becomes_a_user_if_it_is_named(operator: Operator, own: Authenticator) -> None:
    """Nobody loses their name to it, and a misspelt name makes nobody."""
    user_id = str(uuid4())
    caller = await own.caller(await operator.token(user_id, "ada"))
    assert (str(caller.id), caller.user.username) == (user_id, "ada")
    for user, username, error in (
        (user_id, "bob", Conflict),
        (str(uuid4()), "ADA", Conflict),
        (str(uuid4()), "a/b", ValidationFailed),
        (str(uuid4()), None, NotFound),
        ("bob", None, NotFound),
        ("bob", "bob", NotFound),
    ):
        with pytest.raises(error):
            await operator.token(user, username)


async def test_a_token_of_a_platform_opens_the_server(platforms: Operator, foreign: Authenticator) -> None:
    """With the issuer and audience of the settings, for whatever the platform calls its users: an id, a `sub`, a name."""
    user_id = str(uuid4())
    caller = await foreign.caller(await platforms.token(user_id, "ada"))
    assert (str(caller.id), caller.user.username) == (user_id, "ada")
    assert caller.expires_at is not None
    assert TOKEN_TTL - 60 < caller.expires_at - time.time() < TOKEN_TTL + 60
    assert (await foreign.caller(await platforms.token("ADA", None))).id == caller.id
    external = await foreign.caller(await platforms.token("customer-42", None))
    assert external.user.username == "customer-42"
    assert external.id == (await foreign.caller(await platforms.token("customer-42", None))).id


async def test_the_user_of_a_platforms_token_is_known_at_once(platforms: Operator, postgres: Postgres) -> None:
    """Others can write to them before they come."""
    await platforms.token(str(uuid4()), "ada")
    assert await UserStore(postgres).by_username("ada") is not None


async def test_what_a_platform_could_not_sign_is_refused(
    platforms: Operator, operator: Operator, postgres: Postgres
) -> None:
    """A subject or name that no server takes, a server whose keys are the platform's alone, an account there."""
    for user, username in (
        ("", None),
        ("a\nb", None),
        (str(uuid4()), "a/b"),
        (str(uuid4()), "x" * 65),
        (str(uuid4()), ""),
    ):
        with pytest.raises(ValidationFailed):
            await platforms.token(user, username)
    assert [line async for line in operator.users()] == []
    with pytest.raises(StartError, match="JWT_SECRET"):
        await Operator(Config(jwt_jwks_url="https://id.example.com/keys"), postgres).token("ada", None)
    with pytest.raises(StartError, match="duologue token"):
        await platforms.add_user("ada", "correct horse")


async def test_the_seed_has_passwords_where_there_are_accounts(
    operator: Operator, own: Authenticator, postgres: Postgres
) -> None:
    """Stand-alone everybody has the one that is printed."""
    seeded = await operator.seed()
    assert seeded.changed
    assert not (await operator.seed()).changed
    for username in seeded.usernames:
        known = await AccountStore(postgres).credentials(username)
        assert known is not None
        assert HASHER.verify(known.password_hash, PASSWORD)
        assert (await own.caller(await operator.token(username, None))).user == known.user


async def test_the_seed_of_a_platform_has_none(platforms: Operator, make: Make, postgres: Postgres) -> None:
    """Its people sign in by the platform's tokens; a name that is taken stops the seed with a sentence."""
    assert (await platforms.seed()).changed
    assert await postgres.fetchval("SELECT count(*) FROM accounts") == 0
    await make.user("later")
    assert not (await platforms.seed()).changed
