"""The one service that most fault tests share, running whenever a test begins; and a server in this process for the network's faults."""

import os
from collections.abc import AsyncIterator

import pytest
from tests.conftest import named, run
from tests.faults.process import Service, service
from tests.live.conftest import running
from tests.live.people import SECRET, Place


@pytest.fixture(scope="session")
async def folder_of_faults() -> AsyncIterator[Service]:
    """Give a service with a PostgreSQL of its own, not started: to make the folder costs more than most tests."""
    async with service() as made:
        yield made


@pytest.fixture
async def serving(folder_of_faults: Service) -> Service:
    """Give the service, serving."""
    if not folder_of_faults.is_running:
        await folder_of_faults.start()
    return folder_of_faults


@pytest.fixture(scope="session")
async def place(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """Give a server in this process, to whom a network leads that the test holds in its hand."""
    name = f"network_{os.getpid()}"
    await run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    # A socket of which nothing comes is soon given up: half-open ones would count towards a user's connections.
    settings = {
        "JWT_SECRET": SECRET,
        "RATE_LIMITS": "off",
        "LOG_LEVEL": "error",
        "PING_INTERVAL": "1s",
        "PONG_TIMEOUT": "1s",
    }
    async with running(named(server, name), tmp_path_factory.mktemp("network"), {}, settings) as place:
        yield place
    await run(server, f"DROP DATABASE {name} WITH (FORCE)")
