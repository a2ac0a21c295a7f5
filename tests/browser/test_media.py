"""Files in the browser: chosen, pasted or recorded, looked at before they go, and opened on the other side."""

import asyncio
import io
import re

from PIL import Image
from playwright.async_api import FilePayload, Locator, expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.visitor import PHONE, Visitor

Pair = tuple[Visitor, Visitor]
_PASTE = """(field, [name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}"""


# So far that a message ends 300 pixels above what is seen.
_SCROLL_NEAR = """(log, message) => {
  let scroller = log;
  while (scroller.scrollHeight <= scroller.clientHeight) scroller = scroller.parentElement;
  const top = scroller.getBoundingClientRect().top;
  scroller.scrollBy({ top: message.getBoundingClientRect().bottom - top + 300, behavior: 'instant' });
}"""


def noise(side: int = 3000) -> bytes:
    """Return a JPEG that takes a moment to be made smaller."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 80).save(out, "JPEG")
    return out.getvalue()


def picture(colour: str = "teal", size: tuple[int, int] = (640, 480)) -> bytes:
    """Return a PNG."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


async def attach(visitor: Visitor, *files: tuple[str, str, bytes]) -> None:
    """Choose files by the button."""
    async with visitor.page.expect_file_chooser() as choosing:
        await visitor.page.get_by_role("button", name="Attach files").click()
    chooser = await choosing.value
    await chooser.set_files([FilePayload(name=name, mimeType=kind, buffer=data) for name, kind, data in files])


async def is_painted(image: Locator) -> None:
    """Wait until an image has come in whole."""
    await expect(image).to_be_visible()
    await image.evaluate("(image) => image.decode()")


async def test_a_picture_is_previewed_sent_and_opened(pair: Pair) -> None:
    """With words of its own; the other one opens it large and closes it by the keyboard, back where they were."""
    ada, bob = pair
    await attach(ada, ("sea.png", "image/png", picture()))
    previews = ada.page.get_by_role("list", name="Files to send")
    await expect(previews.get_by_role("listitem")).to_have_count(1)
    await is_painted(previews.locator("img").first)
    await ada.send("By the sea")
    await expect(previews).to_have_count(0)
    await bob.sees("By the sea")
    await ada.sees_status("By the sea", "read")
    opener = bob.log.get_by_role("button", name=re.compile("Picture"))
    await is_painted(opener.locator("img").first)
    await opener.click()
    lightbox = bob.page.get_by_role("dialog", name="Pictures and videos")
    await is_painted(lightbox.locator("img").first)
    await bob.page.keyboard.press("Escape")
    await expect(lightbox).to_have_count(0)
    await expect(opener).to_be_focused()


async def test_several_pictures_are_one_message_in_their_order(pair: Pair) -> None:
    """And can be leafed through; a preview can be taken out before."""
    ada, bob = pair
    files = [(f"{colour}.png", "image/png", picture(colour)) for colour in ("red", "green", "blue")]
    await attach(ada, *files)
    previews = ada.page.get_by_role("list", name="Files to send").get_by_role("listitem")
    await expect(previews).to_have_count(3)
    await ada.page.get_by_role("button", name="Remove green.png").click()
    await expect(previews).to_have_count(2)
    await ada.page.locator("button[type=submit]").click()
    await expect(bob.messages).to_have_count(1)
    await bob.log.get_by_role("button", name=re.compile("Picture")).first.click()
    lightbox = bob.page.get_by_role("dialog", name="Pictures and videos")
    await expect(lightbox.get_by_text("1 of 2")).to_be_visible()
    await bob.page.keyboard.press("ArrowRight")
    await expect(lightbox.get_by_text("2 of 2")).to_be_visible()


async def test_files_go_out_and_wait_while_one_is_elsewhere(sign_up: SignUp, visit: Visit) -> None:
    """A large picture that was sent and a file that was not, when one turns to another conversation at once."""
    ada, bob, cleo = await asyncio.gather(*(sign_up(stem) for stem in ("ada", "bob", "cleo")))
    for partner in (bob, cleo):
        await partner.send(await partner.conversation(ada), f"Hello from {partner.username}")
    visitor = await visit(ada)
    await visitor.sign_in(f"/chat/{bob.username}")
    await attach(visitor, ("sea.jpg", "image/jpeg", noise()))
    await visitor.page.locator("button[type=submit]").click()
    await visitor.entry(cleo.username).click()
    await visitor.sees(f"Hello from {cleo.username}")
    await attach(visitor, ("notes.txt", "text/plain", b"Notes"))
    await visitor.entry(bob.username).click()
    await is_painted(visitor.log.locator("img").first)
    await expect(visitor.page.get_by_role("list", name="Files to send")).to_have_count(0)
    await visitor.entry(cleo.username).click()
    await expect(visitor.page.get_by_role("list", name="Files to send").get_by_text("notes.txt")).to_be_visible()


async def test_the_buttons_of_a_preview_fit_under_a_finger(sign_up: SignUp, visit: Visit) -> None:
    """Each as large as a finger wants, and all within their tile."""
    ada, bob = await asyncio.gather(sign_up("ada"), sign_up("bob"))
    visitor = await visit(ada, width=PHONE, has_touch=True, is_mobile=True)
    await visitor.sign_in(f"/chat/{bob.username}")
    await attach(visitor, *((f"{colour}.png", "image/png", picture(colour)) for colour in ("red", "green")))
    tile = visitor.page.get_by_role("list", name="Files to send").get_by_role("listitem").first
    frame = await tile.bounding_box()
    boxes = [await button.bounding_box() for button in await tile.get_by_role("button").all()]
    assert frame is not None
    assert len(boxes) == 3
    for box in boxes:
        assert box is not None
        assert (box["width"], box["height"]) == (44, 44)
        assert frame["x"] <= box["x"] <= box["x"] + box["width"] <= frame["x"] + frame["width"]


async def test_a_picture_is_loaded_before_it_is_seen(pair: Pair) -> None:
    """As one reads upwards: a little outside of the messages' own scroller."""
    ada, bob = pair
    await attach(ada, ("sea.png", "image/png", picture()))
    await ada.send("By the sea")
    await bob.sees("By the sea")
    conversation = await ada.person.conversation(bob.person)
    for _ in range(15):
        await ada.person.send(conversation, "One line\nand another\nand another\nand another")
    await ada.person.send(conversation, "The end")
    await bob.sees("The end")
    await bob.page.reload()
    await bob.sees("The end")
    image = bob.message("By the sea").locator("img")
    await expect(image).to_have_count(0)
    await bob.log.evaluate(_SCROLL_NEAR, await bob.message("By the sea").element_handle())
    await is_painted(image)
    await expect(bob.message("By the sea")).not_to_be_in_viewport()


async def test_a_picture_can_be_pasted(pair: Pair) -> None:
    """As from a screenshot."""
    ada, bob = pair
    await ada.field.evaluate(_PASTE, ["image.png", "image/png", list(picture("orange", (80, 60)))])
    await expect(ada.page.get_by_role("list", name="Files to send").get_by_role("listitem")).to_have_count(1)
    await ada.page.locator("button[type=submit]").click()
    await is_painted(bob.log.locator("img").first)


async def test_what_cannot_be_sent_is_refused_before_it_leaves(pair: Pair) -> None:
    """With what to do instead."""
    ada, _ = pair
    await attach(ada, ("run.exe", "application/octet-stream", b"MZ" + bytes(64)), ("none.png", "image/png", b""))
    await expect(ada.page.get_by_text("run.exe: this type of file is not taken.")).to_be_visible()
    await expect(ada.page.get_by_text("none.png is empty.")).to_be_visible()
    await expect(ada.page.get_by_role("list", name="Files to send")).to_have_count(0)


async def test_a_voice_message_is_recorded_and_played(pair: Pair) -> None:
    """From the microphone of the machine, to a player on the other side."""
    ada, bob = pair
    await ada.page.get_by_role("button", name="Record a voice message").click()
    await expect(ada.page.get_by_text(re.compile(r"0:0[1-9]"))).to_be_visible()
    await ada.page.get_by_role("button", name="Send the recording").click()
    player = bob.log.get_by_role("button", name=re.compile("^Play"))
    await expect(player).to_be_visible()
    await player.click()
    await expect(bob.log.get_by_role("button", name=re.compile("^Pause"))).to_be_visible()


async def test_what_was_shared_is_collected(pair: Pair) -> None:
    """Pictures, files and links of the conversation, each in its place; one leads back to its message."""
    ada, bob = pair
    await ada.send("See https://duologue.example/play")
    await attach(ada, ("notes.txt", "text/plain", b"Notes"))
    await ada.send("My notes")
    await bob.sees("My notes")
    await bob.page.get_by_role("button", name="Media, files and links").click()
    shared = bob.page.get_by_role("dialog", name="What was shared")
    await expect(shared.get_by_text("No pictures or videos yet")).to_be_visible()
    await shared.get_by_role("tab", name="Files").click()
    await expect(shared.get_by_text("notes.txt")).to_be_visible()
    await shared.get_by_role("tab", name="Links").click()
    await expect(shared.get_by_text("duologue.example/play").first).to_be_visible()
    await shared.get_by_role("button", name="Show in the conversation").first.click()
    await expect(shared).to_have_count(0)
    await expect(bob.message("See https://duologue.example/play")).to_be_in_viewport()
