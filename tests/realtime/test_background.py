"""Work that nobody waits for ends with the server, and so does what it spawns on its way out."""

import asyncio

from duologue.realtime.background import Background


async def test_what_is_spawned_during_the_stop_is_waited_for() -> None:
    """A task that hands over to another one as it ends: both are done when the stop returns."""
    background, done, let_go = Background(), [], asyncio.Event()

    async def second() -> None:
        await asyncio.sleep(0)
        done.append("second")

    async def first() -> None:
        await let_go.wait()
        background.spawn(second(), "second")
        done.append("first")

    background.spawn(first(), "first")
    stopping = asyncio.ensure_future(background.stop(5.0))
    await asyncio.sleep(0)
    let_go.set()
    await stopping
    assert done == ["first", "second"]


async def test_what_is_spawned_by_what_is_cancelled_ends_too() -> None:
    """Nothing that never ends outlives the stop, whoever spawned it."""
    background, ended = Background(), []

    async def endless(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)
            if name == "first":
                background.spawn(endless("second"), "second")

    background.spawn(endless("first"), "first")
    await asyncio.sleep(0)
    await background.stop(0.0)
    assert ended[0] == "first"
    await background.idle()  # nothing is left
