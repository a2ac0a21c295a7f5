"""A request that brings nothing any more does not hold an upload for ever."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from duologue.core.errors import Conflict
from duologue.core.resumable import STALLED, TAKEN_OVER, _Turn


async def silence() -> AsyncIterator[bytes]:
    """Nothing, for ever."""
    yield b"a"
    await asyncio.Event().wait()


async def test_silence_ends_a_request() -> None:
    """What came before is given out."""
    turn, chunks = _Turn(), silence()
    assert await turn.next(chunks, 0.01) == b"a"
    with pytest.raises(Conflict, match=STALLED):
        await turn.next(chunks, 0.01)


async def test_a_request_is_ended_while_it_waits() -> None:
    """At once, and it takes nothing more."""
    turn, chunks = _Turn(), silence()
    await turn.next(chunks, 60.0)
    waiting = asyncio.ensure_future(turn.next(chunks, 60.0))
    await asyncio.sleep(0)
    turn.end()
    turn.end()
    with pytest.raises(Conflict, match=TAKEN_OVER):
        await waiting
    with pytest.raises(Conflict, match=TAKEN_OVER):
        await turn.next(chunks, 60.0)
