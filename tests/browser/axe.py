"""axe-core of web/node_modules, run in a page: what it finds, as lines that a person can act on."""

from pathlib import Path

import pytest
from playwright.async_api import Page

SCRIPT = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async () => {
  const moves = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
  await Promise.allSettled(moves.map(({ finished }) => finished));
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) =>
    `${id}: ${help} at ${target.join(' ')}: ${failureSummary.split('\\n').slice(1).join(' ').trim()}`));
}"""


async def violations(page: Page) -> list[str]:
    """Return what breaks a rule in the page once it has come to rest; all rules of axe, best practices too."""
    if not SCRIPT.exists():
        pytest.skip("axe-core is not installed; `npm ci` in web/ does it")
    await page.evaluate(SCRIPT.read_text())
    found: list[str] = await page.evaluate(_RUN)
    return found
