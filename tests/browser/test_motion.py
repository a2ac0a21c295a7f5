"""Who asks for less motion is shown none."""

from typing import Literal

from playwright.async_api import expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.visitor import Visitor

# All that ever began to move for longer than a millisecond.
_NOTE = """
globalThis.moved = [];
for (const name of ['animationstart', 'transitionrun']) {
  addEventListener(name, ({ target }) => {
    for (const animation of target.getAnimations?.({ subtree: true }) ?? []) {
      if (animation.effect.getComputedTiming().activeDuration > 1) {
        globalThis.moved.push(`${name} ${animation.animationName ?? animation.transitionProperty} at ${target.className}`);
      }
    }
  }, true);
}
"""
_MOVES = """() => [...globalThis.moved, ...document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().activeDuration > 1).map((each) => `at last: ${each.animationName}`)]"""


async def moves(sign_up: SignUp, visit: Visit, wish: Literal["reduce", "no-preference"]) -> list[str]:
    """Return what moves while a partner types and writes, a menu, a dialog and a note come and go."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada, reduced_motion=wish)
    partner: Visitor = await visit(bob)
    await visitor.page.add_init_script(_NOTE)
    await visitor.sign_in(f"/chat/{bob.username}")
    await partner.sign_in(f"/chat/{ada.username}")
    await partner.field.press_sequentially("Hel")
    await expect(visitor.stage.get_by_text("typing")).to_be_visible()
    await partner.send("Hello")
    await visitor.sees("Hello")
    await visitor.choose("Stop following")
    await expect(visitor.page.get_by_text("You do not follow")).to_be_visible()
    await visitor.choose("Block")
    await visitor.confirm("Cancel")
    await visitor.page.get_by_role("button", name="Media, files and links").click()
    await expect(visitor.page.get_by_role("dialog", name="What was shared")).to_be_visible()
    found: list[str] = await visitor.page.evaluate(_MOVES)
    return sorted(set(found))


async def test_nothing_moves_for_who_asked_for_that(sign_up: SignUp, visit: Visit) -> None:
    """Not when a message comes, not what opens; for all others it does."""
    assert await moves(sign_up, visit, "reduce") == []
    assert await moves(sign_up, visit, "no-preference") != []
