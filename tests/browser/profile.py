"""A Chromium as people have it: with a profile of its own, permissions that are asked for, and tabs that others hide.

Playwright's own contexts are private windows whose tabs are all looked at.
"""

import asyncio
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from tests.browser.browsers import CHROMIUM, SWITCHES, need
from tests.live.people import eventually

MORE = ("--headless", "--remote-debugging-port=0", "--no-first-run", "--lang=en-GB", "--window-size=1280,900")


@asynccontextmanager
async def everyday(folder: Path) -> AsyncIterator[Browser]:
    """Debian's Chromium with its profile in a folder; the first context is that of the profile."""
    need(CHROMIUM)
    switches = (*SWITCHES, *MORE, f"--user-data-dir={folder}")
    process = await asyncio.create_subprocess_exec(CHROMIUM, *switches, "about:blank", stdout=DEVNULL, stderr=DEVNULL)
    try:
        address = folder / "DevToolsActivePort"

        async def lines() -> list[str]:
            return address.read_text().split() if address.exists() else []

        port, path = await eventually(lines, lambda found: len(found) > 1)
        async with async_playwright() as playwright:
            yield await playwright.chromium.connect_over_cdp(f"ws://127.0.0.1:{port}{path}", no_defaults=True)
    finally:
        process.terminate()
        await process.wait()
