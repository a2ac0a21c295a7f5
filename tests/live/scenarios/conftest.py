"""Two people, each speaking a dialect: every scenario runs in A, in B, and crosswise."""

from typing import NamedTuple

import pytest
from tests.live.people import Place
from tests.live.scenarios.camel import Camel
from tests.live.scenarios.snake import Snake
from tests.live.scenarios.speaker import Speaker

DIALECTS: dict[str, type[Speaker]] = {"A": Camel, "B": Snake}


class Pair(NamedTuple):
    """Two speakers and their conversation."""

    one: Speaker
    two: Speaker
    conversation: str


@pytest.fixture(params=["AA", "AB", "BA", "BB"])
async def speakers(request: pytest.FixtureRequest, live: Place) -> tuple[Speaker, Speaker]:
    """Two who have never met."""
    people = await live.people(2)
    one, two = (DIALECTS[name](person) for name, person in zip(request.param, people, strict=True))
    return one, two


@pytest.fixture
async def pair(speakers: tuple[Speaker, Speaker]) -> Pair:
    """Two with a conversation."""
    one, two = speakers
    return Pair(one, two, await one.open(two))
