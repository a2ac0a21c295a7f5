"""The pictures of the README, taken by Debian's Chromium from a server with the demo world: `make pictures`.

    .venv/bin/python scripts/screenshots.py          into docs/pictures/

Needs the built client, chromium, and fonts-noto-color-emoji for the faces; nothing of it is used by tests.
"""

import asyncio
import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from PIL import Image, ImageDraw, ImageFilter
from playwright.async_api import Browser, Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = os.environ.get("DUOLOGUE_TEST_CHROMIUM") or "/usr/bin/chromium"
PASSWORD = "demo-password"  # noqa: S105  of invented people (storage/seed/people.py)
READY_SECONDS = 60
QUALITY = 82  # of WebP: text stays sharp, a picture stays below 100 kB

TALK = (
    ("bruno", "Back from the coast! The light on Sunday was unreal."),
    ("amara", "I am so jealous. Did you get it on film?"),
    ("bruno", None),  # the photograph
    ("amara", "Oh, this one goes on my wall."),
    ("amara", "Dinner on Thursday? I'll bring the lemon pasta 🍋"),
    ("bruno", "Yes please. 7 at mine, I have the good olives."),
)
UNREAD = ("Guess who found the tent poles", "In the piano. Do not ask.")


class Device(NamedTuple):
    """A kind of screen: what it is called, its size in CSS pixels, device pixels to each, whether it is touched."""

    name: str
    width: int
    height: int
    scale: float
    is_touched: bool


DEVICES = (Device("desktop", 1280, 800, 1.5, is_touched=False), Device("phone", 390, 844, 2, is_touched=True))


@contextlib.contextmanager
def served() -> Iterator[str]:
    """Run a server with the demo world in a folder of its own; its address."""
    folder = tempfile.mkdtemp(prefix="duologue-pictures-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    duologue = str(Path(sys.executable).with_name("duologue"))
    # In that folder no .env of the checkout applies.
    subprocess.run([duologue, "seed", "--data", folder], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    command = [duologue, "serve", "--port", port, "--data", folder]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/health/ready").is_success:
                return
        time.sleep(0.05)
    raise RuntimeError(f"The server was not ready after {READY_SECONDS} s, or ended with {process.poll()}.")


def photograph() -> bytes:
    """An evening at the sea, drawn: no photograph of anybody is in this repository."""
    width, height = 1200, 800
    horizon = 500
    sea = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(sea)
    for row in range(height):
        above = row < horizon
        part = row / horizon if above else (row - horizon) / (height - horizon)
        top, low = ((38, 54, 96), (248, 168, 110)) if above else ((222, 140, 104), (24, 36, 66))
        colour = tuple(round(a + (b - a) * part) for a, b in zip(top, low, strict=True))
        draw.line([(0, row), (width, row)], fill=colour)
    draw.ellipse((720, 400, 880, 560), fill=(255, 226, 168))
    draw.rectangle((0, horizon, width, horizon + 62), fill=(214, 134, 102))
    for step in range(14):
        reach = 70 - step * 3
        draw.line(
            [(800 - reach, horizon + 12 + step * 20), (800 + reach, horizon + 12 + step * 20)], (255, 210, 150), 5
        )
    draw.polygon([(0, 430), (180, 372), (330, 440), (470, 500), (0, 500)], fill=(32, 34, 58))
    file = io.BytesIO()
    sea.filter(ImageFilter.GaussianBlur(2)).save(file, "JPEG", quality=90)
    return file.getvalue()


def talk(url: str) -> None:
    """Let two of the demo world say something to each other, with a photograph; each reads what the other says. A third is not read yet."""
    people = {name: _signed_in(url, name) for name in ("amara", "bruno", "elif")}
    opened = people["amara"].get("conversations/with/bruno").raise_for_status().json()["data"]
    for name, text in TALK:
        body: dict[str, Any] = {"json": {"content": text}}
        if text is None:
            body = {"files": {"files": ("sunday.jpg", photograph(), "image/jpeg")}}
        people[name].post(f"conversations/{opened['id']}/messages", **body).raise_for_status()
        other = people["bruno" if name == "amara" else "amara"]
        other.post(f"conversations/{opened['id']}/read", json={}).raise_for_status()
    unread = people["elif"].get("conversations/with/amara").raise_for_status().json()["data"]
    for text in UNREAD:
        people["elif"].post(f"conversations/{unread['id']}/messages", json={"content": text}).raise_for_status()


def _signed_in(url: str, name: str) -> httpx.Client:
    answer = httpx.post(f"{url}/api/v1/auth/login", json={"username": name, "password": PASSWORD}).raise_for_status()
    headers = {"Authorization": f"Bearer {answer.json()['data']['accessToken']}"}
    return httpx.Client(base_url=f"{url}/api/v1/chat/", headers=headers, timeout=60)


async def take(browser: Browser, url: str, device: Device, scheme: Any) -> None:
    """Sign in on this device and take what it shows: the conversation; on a phone the inbox, too."""
    context = await browser.new_context(
        base_url=url,
        viewport={"width": device.width, "height": device.height},
        device_scale_factor=device.scale,
        has_touch=device.is_touched,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = await context.new_page()
    await page.goto("/")
    await page.get_by_label("Username", exact=True).fill("amara")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    entry = page.get_by_role("navigation", name="Conversations").get_by_role("link", name="Bruno")
    await entry.wait_for()
    if device.is_touched:
        await _save(page, f"inbox-{device.name}-{scheme}")
    await entry.click()
    await page.get_by_text(str(TALK[-1][1])).last.wait_for()
    await page.wait_for_function(
        "() => { const seen = [...document.querySelectorAll('[role=log] img')]; "
        "return seen.length > 0 && seen.every((image) => image.complete && image.naturalWidth > 0); }"
    )
    await _save(page, f"{device.name}-{scheme}")
    await context.close()


async def _save(page: Page, name: str) -> None:
    await page.mouse.move(0, 0)  # over nothing that answers
    await page.evaluate("document.fonts.ready")
    taken = Image.open(io.BytesIO(await page.screenshot(animations="disabled", caret="hide")))
    taken.convert("RGB").save(PICTURES / f"{name}.webp", quality=QUALITY, method=6)
    sys.stderr.write(f"docs/pictures/{name}.webp\n")


async def main() -> None:
    """Take all of them, one after the other."""
    PICTURES.mkdir(exist_ok=True)
    with served() as url:
        talk(url)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            for device in DEVICES:
                for scheme in ("light", "dark"):
                    await take(browser, url, device, scheme)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
