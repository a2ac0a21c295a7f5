"""Somebody without a mouse: goes by keys alone, and must see where they are on the way."""

from playwright.async_api import Locator, Page, expect

# What has the focus and does not show it: by an outline of its own, of what it stands in, or of what stands for it.
_UNSEEN = """() => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  if (focused === null || focused === document.body || focused === document.documentElement) return null;
  const isOutlined = (element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
  };
  const around = [focused, focused.nextElementSibling];
  for (let outer = focused.parentElement; outer !== null && around.length < 5; outer = outer.parentElement) around.push(outer);
  const isSeen = focused.matches(':focus-visible') && around.some((element) => element !== null && isOutlined(element));
  return isSeen ? null : focused.outerHTML.slice(0, 200);
}"""


async def go(page: Page, key: str, to: Locator, most: int = 60) -> None:
    """Press a key until something has the focus."""
    for _ in range(most):
        if await to.evaluate("(element) => element === document.activeElement"):
            return
        await page.keyboard.press(key)
        await is_seen(page)
    raise AssertionError(f"{key} does not lead to {to}")


async def is_seen(page: Page) -> None:
    """Check that one sees where the focus is."""
    unseen = await page.evaluate(_UNSEEN)
    assert unseen is None, f"it has the focus, and nobody sees it: {unseen}"


async def stands_at(page: Page, element: Locator) -> None:
    """Wait until something has the focus, and check that one sees it."""
    await expect(element).to_be_focused()
    await is_seen(page)
