"""Two people at browsers, and a real server between them: the built client, accounts of its own, no rate limits."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Browser
from tests.browser.browsers import chromium as chromium_of_debian
from tests.browser.browsers import firefox as firefox_of_debian
from tests.browser.visitor import DESKTOP, PASSWORD, PATIENCE, Visitor
from tests.browser.watch import Watch
from tests.conftest import named, run
from tests.factories import Chat, Make
from tests.live.conftest import running
from tests.live.people import SECRET, Person, Place

import web
from duologue.core.model import User
from duologue.storage.postgres import Postgres

SETTINGS = {"RATE_LIMITS": "off", "LOG_LEVEL": "error"}
HEIGHT = 720

SignUp = Callable[..., Awaitable[Person]]
Visit = Callable[..., Awaitable[Visitor]]
_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """Skip everything here where the client was not built from the sources that are here."""
    if not web.is_current():
        lacking = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        lacking("the web client is not built, or of other sources; `make web` builds it")


@pytest.fixture(scope="session")
async def site(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """Give a server that serves the client, on a database that the tests of the session share."""
    name = f"browser_{os.getpid()}"
    await run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    async with running(named(server, name), tmp_path_factory.mktemp("browser"), {}, SETTINGS) as place:
        yield place
    await run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
async def make(site: Place) -> AsyncIterator[Make]:
    """Give what makes rows in the database that the tests share: one factory, so that no id comes twice."""
    pool = Postgres(site.dsn, size=2)
    await pool.open()
    yield Make(pool)
    await pool.close()


async def talked(make: Make, one: Person, other: Person, number: int) -> Chat:
    """Let somebody have said so many messages to another one, who has read them; return the conversation."""
    sender, reader = (User(UUID(each.id), each.username) for each in (one, other))
    chat = Chat(UUID(await one.conversation(other)), sender, reader)
    await make.messages(chat, sender, number)
    return chat


@pytest.fixture
async def platform(database: str, tmp_path: Path) -> AsyncIterator[Place]:
    """Give a server behind a platform, whose people have tokens of its own."""
    async with running(database, tmp_path, {}, {"JWT_SECRET": SECRET, **SETTINGS}) as place:
        yield place


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Give a Chromium."""
    async with chromium_of_debian() as browser:
        yield browser


@pytest.fixture(scope="session")
async def firefox() -> AsyncIterator[Browser]:
    """Give a Firefox."""
    async with firefox_of_debian() as browser:
        yield browser


@pytest.fixture
def watch() -> Any:
    """Give the watch over all pages of the test, which fails for whatever nobody expected."""
    made = Watch()
    yield made
    faults = list(dict.fromkeys(made.faults))
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


async def sign_up_at(place: Place, stem: str = "ada") -> Person:
    """Make an account with a name of its own that begins so."""
    username = f"{stem}{os.getpid()}x{next(_numbers)}"
    body = {"username": username, "password": PASSWORD}
    answer = await place.request("POST", "/api/v1/auth/register", body=body)
    return Person(place, answer.data["user"]["id"], username, answer.data["accessToken"])


@pytest.fixture
def sign_up(site: Place) -> SignUp:
    """Make accounts of the shared server."""

    async def made(stem: str = "ada") -> Person:
        return await sign_up_at(site, stem)

    return made


@pytest.fixture
async def visit(chromium: Browser, watch: Watch) -> AsyncIterator[Visit]:
    """Open browser contexts for people, each with storage of its own; `browser`, `width` and options of the context by name.

    Nobody is signed in yet.
    """
    async with AsyncExitStack() as stack:

        async def opened(
            person: Person, *, browser: Browser = chromium, width: int = DESKTOP, **options: Any
        ) -> Visitor:
            context = await browser.new_context(
                base_url=person.place.url,
                locale="en-GB",
                viewport={"width": width, "height": HEIGHT},
                **options,
            )
            stack.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE)
            await watch.over(context)
            return Visitor(person, context, await context.new_page())

        yield opened


@pytest.fixture
async def pair(sign_up: SignUp, visit: Visit) -> tuple[Visitor, Visitor]:
    """Give two people at desktops, signed in, each in the conversation with the other."""
    ada, bob = await asyncio.gather(sign_up("ada"), sign_up("bob"))
    one, other = await asyncio.gather(visit(ada), visit(bob))
    await asyncio.gather(one.sign_in(f"/chat/{bob.username}"), other.sign_in(f"/chat/{ada.username}"))
    return one, other
