"""The browsers of the tests: Debian's Chromium over its own protocol, Debian's Firefox ESR over WebDriver BiDi. Neither is fetched."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

CHROMIUM = Path(os.environ.get("DUOLOGUE_TEST_CHROMIUM") or "/usr/bin/chromium")
FIREFOX = Path(os.environ.get("DUOLOGUE_TEST_FIREFOX") or "/usr/bin/firefox-esr")
# A microphone that is there and may be used; Debian's Chromium cannot make its sandbox as root.
SWITCHES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--no-sandbox", "--disable-gpu")


def need(browser: Path) -> None:
    """Skip the test where a browser is missing."""
    if not browser.exists():
        pytest.skip(f"{browser} is not there; scripts/system.py installs it")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium; the test is skipped without it."""
    need(CHROMIUM)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        await browser.close()


@asynccontextmanager
async def firefox() -> AsyncIterator[Browser]:
    """Debian's Firefox, as it is: this channel means WebDriver BiDi, other Firefoxes of Playwright's are patched."""
    need(FIREFOX)
    async with async_playwright() as playwright:
        browser = await playwright.firefox.launch(executable_path=FIREFOX, channel="moz-firefox")
        yield browser
        await browser.close()
