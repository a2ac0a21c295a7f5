"""Profile ``web``: what somebody at a browser feels: how soon they can write, and how evenly the page moves under load.

Debian's Chromium without a display, in a window of 1280 by 720, on the machine that also runs the server: figures of different
machines compare by `loop_ms`. Frame times are those of requestAnimationFrame; a screen of 60 Hz has 16.7 ms.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import httpx
from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright
from playwright.async_api import TimeoutError as Late

from bench import cpu, dm, stats, users
from bench.server import Target
from bench.users import User

CHROMIUM = Path(os.environ.get("DUOLOGUE_TEST_CHROMIUM") or "/usr/bin/chromium")
BUILT = Path(__file__).parents[1] / "src" / "duologue" / "web" / "index.html"
PATIENCE = 30_000  # milliseconds
LOADS = 5  # first loads, each with an empty cache
HISTORY = 2_000  # messages before anybody looks
SECONDS = 8.0  # of scrolling, and of messages that come in
RATE = 50  # messages a second
LATE = 0.025  # seconds: a frame that was skipped

# Interactive: one can write, and the newest message is there. What the browser knows of the way to it, too.
_LOADED = """(newest) => {
  const isThere = document.querySelector('textarea[name=message]') && document.querySelector('[role=log]')?.textContent.includes(newest);
  return isThere ? performance.now() : null;
}"""
_COST = """() => ({
  paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  script: performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname.endsWith('.js'))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
})"""
_FRAMES = """() => {
  globalThis.frames = [];
  let last = performance.now();
  const next = (now) => { globalThis.frames.push(now - last); last = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""


async def run(target: Target) -> tuple[dict[str, Any], list[str]]:
    """Return the figures of one run and what went wrong, in sentences.

    Raises:
        RuntimeError: there is no Chromium, no built client, or the page did not do what it should.
    """
    try:
        return await _measure(target)
    except Error as error:
        raise RuntimeError(f"The page did not do what it should: {error.message}") from error


async def _measure(target: Target) -> tuple[dict[str, Any], list[str]]:
    for needed, advice in ((CHROMIUM, "apt-get install chromium"), (BUILT, "make web")):
        if not needed.exists():
            raise RuntimeError(f"{needed} is not there: {advice}")
    reader, writer = users.invent(2, target.secret)
    (conversation,) = await _conversation(target, writer, reader)
    loop_before = cpu.loop_ms()
    async with _Hand(target, writer, conversation) as hand, _chromium() as browser:
        await asyncio.gather(*(hand.send(f"history {number}") for number in range(HISTORY)))
        newest = await hand.send("the newest")
        await _read(target, reader, conversation)
        loads = [await _load(browser, target, reader, writer, newest) for _ in range(LOADS)]
        async with _page(browser, target, reader, writer, newest) as page:
            scrolling = await _scroll(page)
        async with _page(browser, target, reader, writer, newest) as page:
            coming, shown = await _receive(page, hand)
    failures = [] if shown else ["A message that was sent was never shown."]
    return {
        "profile": "web",
        "interactive_ms": round(_median([load["interactive"] for load in loads])),
        "first_paint_ms": round(_median([load["paint"] for load in loads])),
        "script_kb": round(loads[0]["script"] / 1000, 1),
        "scrolling": _figures(scrolling),
        "messages_per_s": RATE,
        "receiving": _figures(coming),
        "history": HISTORY,
        **dm.machine(loop_before, cpu.loop_ms()),
    }, failures


class _Hand:
    """Writes messages over REST. `async with`."""

    def __init__(self, target: Target, user: User, conversation: str) -> None:
        self._path = f"/api/v1/chat/conversations/{conversation}/messages"
        headers = {"Authorization": f"Bearer {user.token}"}
        limits = httpx.Limits(max_connections=16)
        self._http = httpx.AsyncClient(base_url=target.url, headers=headers, timeout=60, limits=limits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def send(self, text: str) -> str:
        """Send a text, and return it when it is stored."""
        (await self._http.post(self._path, json={"content": text})).raise_for_status()
        return text


async def _conversation(target: Target, writer: User, reader: User) -> list[str]:
    """Open the conversation of two users that the server has not seen yet."""
    async with httpx.AsyncClient(base_url=target.url, timeout=30) as client:
        seen = await client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {reader.token}"})
        seen.raise_for_status()
    return await users.open_conversations(target, [(writer, reader)])


async def _read(target: Target, reader: User, conversation: str) -> None:
    """Mark all as read: a conversation opens at its first unread message, and the end is what is measured."""
    headers = {"Authorization": f"Bearer {reader.token}"}
    async with httpx.AsyncClient(base_url=target.url, timeout=30, headers=headers) as client:
        (await client.post(f"/api/v1/chat/conversations/{conversation}/read", json={})).raise_for_status()


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def _context(browser: Browser, target: Target) -> BrowserContext:
    size = {"width": 1280, "height": 720}
    context = await browser.new_context(base_url=target.url, viewport=size, service_workers="block")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    return context


@asynccontextmanager
async def _page(browser: Browser, target: Target, reader: User, writer: User, newest: str) -> AsyncIterator[Page]:
    """Yield a page with the conversation, in a context of its own."""
    context = await _context(browser, target)
    page = await context.new_page()
    await page.goto(f"/chat/{writer.username}#token={reader.token}")
    await _wait(page, newest)
    yield page
    await context.close()


async def _load(browser: Browser, target: Target, reader: User, writer: User, newest: str) -> dict[str, float]:
    """Return the milliseconds and bytes of one first load."""
    context = await _context(browser, target)
    page = await context.new_page()
    await page.goto(f"/chat/{writer.username}#token={reader.token}")
    interactive = await _wait(page, newest)
    cost: dict[str, float] = await page.evaluate(_COST)
    await context.close()
    return {"interactive": interactive, **cost}


async def _wait(page: Page, newest: str) -> float:
    """Return when one could write, in milliseconds from the beginning of the navigation."""
    found = await page.wait_for_function(_LOADED, arg=newest, polling="raf")
    return float(await found.json_value())


async def _scroll(page: Page) -> list[float]:
    """Return the frame times while the wheel is turned upwards, older messages coming in."""
    await page.get_by_role("log").hover()
    await page.evaluate(_FRAMES)
    until = perf_counter() + SECONDS
    while perf_counter() < until:
        await page.mouse.wheel(0, -240)
        await page.evaluate("() => new Promise(requestAnimationFrame)")
    return await _frames(page)


async def _receive(page: Page, hand: _Hand) -> tuple[list[float], bool]:
    """Return the frame times while messages come in, and whether the last one was shown."""
    await page.evaluate(_FRAMES)
    began, sends = perf_counter(), []
    for number in range(round(SECONDS * RATE)):
        await asyncio.sleep(max(0.0, began + number / RATE - perf_counter()))
        sends.append(asyncio.ensure_future(hand.send(f"coming {number}")))
    await asyncio.gather(*sends)
    frames = await _frames(page)
    last = page.get_by_role("log").get_by_text(f"coming {round(SECONDS * RATE) - 1}", exact=True)
    try:
        await last.wait_for()
    except Late:
        return frames, False
    return frames, True


async def _frames(page: Page) -> list[float]:
    """Return the frame times so far, in seconds."""
    found: list[float] = await page.evaluate("() => globalThis.frames")
    return [each / 1000 for each in found]


def _figures(frames: list[float]) -> dict[str, float | None]:
    late = sum(frame > LATE for frame in frames)
    return {**stats.milliseconds(frames), "late_percent": round(100 * late / max(1, len(frames)), 2)}


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
