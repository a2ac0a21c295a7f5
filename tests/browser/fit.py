"""Whether a view fits its window: nothing scrolls sideways, no button is out of reach, no word of one is cut."""

from playwright.async_api import Locator, Page

_FAULTS = """() => {
  const found = [];
  const say = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 160)}`);
  const root = document.scrollingElement;
  if (root.scrollWidth > root.clientWidth) found.push(`the page scrolls sideways by ${root.scrollWidth - root.clientWidth}`);
  const lookAt = (element) => {
    const { overflowX, clipPath } = getComputedStyle(element);
    if (/auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth) say('scrolls sideways', element);
    if (!element.matches('button, label') || clipPath !== 'none' || !element.checkVisibility()) return;
    const { left, right, width } = element.getBoundingClientRect();
    if (width > 0 && (left < -0.5 || right > root.clientWidth + 0.5)) say('is out of the window', element);
    // A tooltip is no part of its button.
    if (element.clientWidth > 0 && element.scrollWidth > element.clientWidth && !element.hasAttribute('data-tooltip')) {
      say('is cut', element);
    }
  };
  const look = (tree) => {
    for (const element of tree.querySelectorAll('*')) {
      lookAt(element);
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return found;
}"""


async def misfits(page: Page) -> list[str]:
    """Return what does not fit."""
    found: list[str] = await page.evaluate(_FAULTS)
    return found


async def middle(element: Locator) -> float:
    """Return the middle of something, in pixels from the left."""
    box = await element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2
