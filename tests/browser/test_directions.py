"""Other ways to write: from right to left, and Thai."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect
from tests.browser.axe import violations
from tests.browser.conftest import SignUp, Visit
from tests.browser.fit import middle, misfits
from tests.browser.visitor import DESKTOP, PHONE, Visitor

# Addresses, and what tells that all of the page is there.
PAGES = {
    "/": "Theirs",
    "/settings": "Appearance",
    "/settings/privacy": "Anybody on this server",
    "/settings/account": "Password now",
}
THAI_PAGES = {
    "/settings/profile": "หากเว้นว่างจะเห็นชื่อผู้ใช้",
    "/settings/privacy": "ทุกคนบนเซิร์ฟเวอร์นี้",
    "/settings/notifications": "แสดงเนื้อหาข้อความ",
    "/settings/appearance": "กระดาษ",
    "/settings/blocked": "คุณไม่ได้บล็อกใคร",
    "/settings/account": "รหัสผ่านปัจจุบัน",
}
Look = Callable[[str], Awaitable[None]]

pytestmark = pytest.mark.timeout(240)


def looking(page: Page, faults: list[str]) -> Look:
    """Return what looks at a view, and notes what is wrong with it."""

    async def look(view: str) -> None:
        faults.extend(f"{view}: {fault}" for fault in [*await misfits(page), *await violations(page)])

    return look


async def mirror(page: Page) -> None:
    """Turn the page around: there is no language of that direction yet."""
    await page.evaluate("document.documentElement.dir = 'rtl'")


async def spoken(sign_up: SignUp, visit: Visit, width: int) -> tuple[Visitor, str]:
    """Sign somebody in who has a conversation; return them and the partner's name."""
    ada, bob = await sign_up("ada"), await sign_up("bob")
    visitor = await visit(ada, width=width)
    await visitor.sign_in(f"/chat/{bob.username}")
    await visitor.send("My own")
    await visitor.sees_status("My own", "sent")
    await bob.send(await bob.conversation(ada), "Theirs")
    await visitor.sees("Theirs")
    return visitor, bob.username


async def middles(visitor: Visitor) -> tuple[float, float, float]:
    """Return the middles of the visitor's words, of the whole conversation and of the partner's words."""
    own, theirs = [await middle(visitor.message(each).get_by_text(each)) for each in ("My own", "Theirs")]
    return own, await middle(visitor.log), theirs


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
async def test_from_right_to_left_everything_stands_the_other_way_round(
    sign_up: SignUp, visit: Visit, width: int
) -> None:
    """One's own words at the end of the line, which is the left; nothing is out of the window, and no rule is broken."""
    visitor, _ = await spoken(sign_up, visit, width)
    page = visitor.page
    faults: list[str] = []
    look = looking(page, faults)
    own, log, theirs = await middles(visitor)
    assert theirs < log < own
    await mirror(page)
    own, log, theirs = await middles(visitor)
    assert own < log < theirs
    await look("a conversation")
    await page.get_by_role("button", name="What can be done with this conversation").click()
    await expect(page.get_by_role("menu")).to_be_visible()
    await look("a menu")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Media, files and links").click()
    await expect(page.get_by_role("dialog", name="What was shared")).to_be_visible()
    await look("galleries")
    for path, text in PAGES.items():
        await page.goto(path)
        await expect(page.get_by_text(text).first).to_be_visible()
        await mirror(page)
        await look(path)
    assert not faults, "\n".join(faults)


async def test_thai_fits_a_phone(sign_up: SignUp, visit: Visit) -> None:
    """On each view no word of a button is cut, and no rule is broken."""
    visitor, partner = await spoken(sign_up, visit, PHONE)
    page = visitor.page
    faults: list[str] = []
    look = looking(page, faults)
    await page.evaluate("localStorage.setItem('duologue.device', JSON.stringify({ locale: 'th' }))")
    await page.goto("/")
    await expect(page.get_by_role("heading", name="การสนทนา")).to_be_visible()
    await look("the list")
    await page.get_by_role("button", name="เริ่มการสนทนาใหม่").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await look("a new conversation")
    await page.goto(f"/chat/{partner}")
    await visitor.sees("Theirs")
    await look("a conversation")
    await page.get_by_role("button", name="ตัวเลือกของการสนทนานี้").click()
    await page.get_by_role("menuitem", name="ลบการสนทนา").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await look("a question")
    for path, text in THAI_PAGES.items():
        await page.goto(path)
        await expect(visitor.stage.get_by_text(text).first).to_be_visible()
        await look(path)
    await page.evaluate("localStorage.removeItem('duologue.session')")
    await page.goto("/")
    await expect(page.get_by_role("button", name="เข้าสู่ระบบ")).to_be_visible()
    await look("signing in")
    await page.get_by_role("button", name="สร้างบัญชี").click()
    await look("signing up")
    assert not faults, "\n".join(faults)
