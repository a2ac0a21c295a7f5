"""The row that one looks at: it stays at its pixel while messages load above it and below, and moves as far as the wheel turns."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Page, Request, Route, expect
from tests.browser.conftest import SignUp, Visit, talked
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch
from tests.factories import Chat, Make
from tests.live.people import Person, Place

MANY = 400
NEAR = 2  # pixels that a row may be off
TURN = 400  # pixels of one turn of the wheel
# Messages of one to four lines: rows of one height would hide a wrong one.
UNEVEN = r"""
UPDATE messages SET content = content || '.' || repeat(E'\nand on', substr(content, 9)::integer * 7 % 4) WHERE conversation_id = $1
"""
# The first row that is whole and not under the date: its number, and where it stands.
_SEEN = """() => {
  const top = document.querySelector('[role=log]').getBoundingClientRect().top + 60;
  const rows = [...document.querySelectorAll('[role=log] article')];
  const seen = rows.find((row) => row.getBoundingClientRect().top > top);
  return [Number(/message (\\d+)/.exec(seen.textContent)[1]), seen.getBoundingClientRect().top];
}"""
_TOP = """(number) => {
  const named = new RegExp(`message ${number}[.]`);
  const row = [...document.querySelectorAll('[role=log] article')].find(({ textContent }) => named.test(textContent));
  return row?.getBoundingClientRect().top;
}"""
# Until nothing has moved for ten frames.
_STILL = """() => new Promise((done) => {
  const log = document.querySelector('[role=log]');
  let last = '', times = 0;
  const look = () => {
    const now = `${log.scrollTop} ${log.scrollHeight}`;
    times = now === last ? times + 1 : 0;
    last = now;
    if (times === 10) done();
    else requestAnimationFrame(look);
  };
  look();
})"""
# Every place that the row of a number has been painted at from now on.
_FOLLOW = f"""(number) => {{
  const top = {_TOP};
  globalThis.painted = new Set();
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {{ globalThis.painted.add(top(number) ?? null); requestAnimationFrame(next); }};
  const next = () => channel.port2.postMessage(null);
  requestAnimationFrame(next);
}}"""
_PAINTED = "() => [...globalThis.painted]"
_ENDS = """() => {
  const rows = [...document.querySelectorAll('[role=log] article')];
  return [rows[0], rows.at(-1)].map(({ textContent }) => Number(/message (\\d+)/.exec(textContent)?.[1] ?? 0));
}"""
_MOVED = f"([number, from]) => {{ const top = {_TOP}; return Math.abs(top(number) - from) > 1; }}"
_ROOM = """(pixels) => {
  const log = document.querySelector('[role=log]');
  const left = pixels < 0 ? log.scrollTop : log.scrollHeight - log.clientHeight - log.scrollTop;
  return left > Math.abs(pixels);
}"""


@dataclass  # no slots: Playwright keeps something of its own in whose method it calls
class Gate:
    """Holds up what the page asks for of a history, on its way to the server."""

    is_shut: bool = False
    held: list[Route] = field(default_factory=list)

    async def pass_by(self, route: Route, _: Request) -> None:
        """Let a request through, or keep it until the gate opens."""
        if self.is_shut:
            self.held.append(route)
        else:
            await route.continue_()

    async def open(self) -> None:
        """Let through what waits, and everything from now on."""
        self.is_shut = False
        waiting, self.held = self.held, []
        await asyncio.gather(*(route.continue_() for route in waiting))


@dataclass(frozen=True, slots=True)
class Scene:
    """A visitor in front of several hundred messages of `bob`, and a gate before the pages of their history."""

    visitor: Visitor
    bob: Person
    chat: Chat
    make: Make
    gate: Gate

    @property
    def page(self) -> Page:
        """The visitor's page."""
        return self.visitor.page

    async def at(self, number: int) -> None:
        """Open the address of a message."""
        await self.page.goto(f"/chat/{self.bob.username}?around={self.make.id_of_message(self.chat, number)}")
        await expect(self.visitor.log.get_by_text(re.compile(rf"^message {number}[.]"))).to_be_in_viewport()
        await self.page.evaluate(_STILL)

    async def seen(self) -> tuple[int, float]:
        """Return the number of the row that is looked at, and where it stands, once all is still."""
        await self.page.evaluate(_STILL)
        number, top = await self.page.evaluate(_SEEN)
        return number, top

    async def turn(self, pixels: int) -> float:
        """Turn the wheel once over the messages; return by how much the row that was looked at has moved."""
        number, top = await self.page.evaluate(_SEEN)
        await self.visitor.log.hover()
        await self.page.mouse.wheel(0, pixels)
        await self.page.wait_for_function(_MOVED, arg=[number, top])
        await self.page.evaluate(_STILL)
        now: float | None = await self.page.evaluate(_TOP, number)
        assert now is not None, "what was looked at is not in the document any more"
        moved: float = now - top
        return moved

    async def turn_until_held(self, pixels: int) -> None:
        """Turn the wheel until the page asks for more of the history."""
        while not self.gate.held:
            await self.turn(pixels)

    async def read_up_to(self, number: int) -> None:
        """Turn the wheel until a message is in the document, and look that each turn moves as far as it should."""
        while (await self.ends())[0] > number:
            await self.page.wait_for_function(_ROOM, arg=-TURN)
            assert abs(await self.turn(-TURN) - TURN) <= NEAR

    async def ends(self) -> tuple[int, int]:
        """Return the numbers of the first and the last row in the document; 0: none of the many."""
        first, last = await self.page.evaluate(_ENDS)
        return first, last


@pytest.fixture
async def scene(site: Place, make: Make, sign_up: SignUp, visit: Visit, watch: Watch) -> AsyncIterator[Scene]:
    """Give a visitor who is signed in, and a conversation with messages of uneven height."""
    watch.expect("registration blocked")  # no worker stands between the page and the gate
    ada, bob = await sign_up("ada"), await sign_up("bob")
    chat = await talked(make, bob, ada, MANY)
    await site.sql(UNEVEN, chat.id)
    gate = Gate()
    visitor = await visit(ada, service_workers="block")
    await visitor.page.route(re.compile(r"/messages\?.*\b(cursor|after)="), gate.pass_by)
    await visitor.sign_in(f"/chat/{bob.username}")
    await expect(visitor.log.get_by_text(re.compile(rf"^message {MANY}[.]"))).to_be_in_viewport()
    yield Scene(visitor, bob, chat, make, gate)
    await gate.open()
    await visitor.page.unroute_all(behavior="wait")


def stayed(painted: list[float | None], top: float) -> bool:
    """Tell whether every place is that one."""
    return all(each is not None and abs(each - top) <= NEAR for each in painted)


async def test_what_one_looks_at_stays_while_older_messages_come_in_above_it(scene: Scene) -> None:
    """On every frame, however high they are; and what comes in below meanwhile is counted and moves nothing either."""
    scene.gate.is_shut = True
    await scene.turn_until_held(-TURN)
    number, top = await scene.seen()
    first, _ = await scene.ends()
    await scene.page.evaluate(_FOLLOW, number)
    await scene.bob.send(str(scene.chat.id), "Down here")
    await expect(scene.page.get_by_role("button", name="1 message below, to the newest")).to_be_visible()
    await scene.gate.open()
    await scene.page.wait_for_function(f"(first) => ({_ENDS})()[0] < first", arg=first)
    await scene.page.evaluate(_STILL)
    assert stayed(await scene.page.evaluate(_PAINTED), top)
    assert abs(await scene.page.evaluate(_TOP, number) - top) <= NEAR


async def test_what_one_looks_at_stays_while_older_messages_come_in_after_a_jump(scene: Scene) -> None:
    """On every frame, as one reads on upwards from where an address led."""
    await scene.at(MANY // 2)
    scene.gate.is_shut = True
    await scene.turn_until_held(-TURN)
    number, top = await scene.seen()
    first, _ = await scene.ends()
    await scene.page.evaluate(_FOLLOW, number)
    await scene.gate.open()
    await scene.page.wait_for_function(f"(first) => ({_ENDS})()[0] < first", arg=first)
    await scene.page.evaluate(_STILL)
    assert stayed(await scene.page.evaluate(_PAINTED), top)


@pytest.mark.timeout(240)
async def test_what_one_looks_at_stays_while_newer_messages_come_in_on_the_way_back(scene: Scene) -> None:
    """On every frame, although as many rows above it have to go as come in below."""
    await scene.at(MANY // 2)
    await scene.read_up_to(40)
    scene.gate.is_shut = True
    await scene.turn_until_held(TURN)
    number, top = await scene.seen()
    first, last = await scene.ends()
    await scene.page.evaluate(_FOLLOW, number)
    await scene.gate.open()
    grown = f"([first, last]) => {{ const [top, end] = ({_ENDS})(); return top > first && end > last; }}"
    await scene.page.wait_for_function(grown, arg=[first, last])
    await scene.page.evaluate(_STILL)
    assert stayed(await scene.page.evaluate(_PAINTED), top)


@pytest.mark.timeout(240)
async def test_the_wheel_moves_messages_as_far_as_it_turns(scene: Scene) -> None:
    """Up past what is loaded and down again past where one had jumped to: rows that are put in and taken out do not show."""
    await scene.at(MANY // 2)
    await scene.read_up_to(80)
    while (await scene.ends())[1] < 300:
        await scene.page.wait_for_function(_ROOM, arg=TURN)
        assert abs(await scene.turn(TURN) + TURN) <= NEAR
