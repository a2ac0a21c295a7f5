"""Files on their way out of the browser: made smaller, dropped, watched and called off; and what comes of them on the other side."""

import asyncio
import io
import re
from base64 import b64decode
from typing import Any

from PIL import Image
from playwright.async_api import JSHandle, expect
from tests.blobs.pictures import GPS_MARK, encoded, photograph
from tests.blobs.recordings import film
from tests.browser.test_media import attach, is_painted
from tests.browser.visitor import Visitor
from tests.live.files import stored
from tests.live.people import eventually

Pair = tuple[Visitor, Visitor]
UPRIGHT = 6  # what a phone that was held upright says of a picture that lies
_NOTE_WHAT_LEAVES = """() => {
  const { send } = XMLHttpRequest.prototype;
  globalThis.left = [];
  XMLHttpRequest.prototype.send = function (body) {
    if (body instanceof Blob) globalThis.left.push(body);
    return send.call(this, body);
  };
}"""
_WHAT_LEFT = """() => Promise.all(globalThis.left.map((blob) => new Promise((done) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result.split(',')[1]);
  reader.readAsDataURL(blob);
})))"""
_DRAGGED = """(files) => {
  const data = new DataTransfer();
  for (const [name, type, text] of files) data.items.add(new File([text], name, { type }));
  return data;
}"""
_PLAYS = "(video) => video.currentTime > 0.2 && video.videoWidth === 320"


def large_photograph() -> bytes:
    """A JPEG of 4000 x 3000 that lies on its side, with the place where it was taken, and too restless to be small."""
    with Image.open(io.BytesIO(photograph(4000, 3000, orientation=UPRIGHT))) as plain:
        exif, picture = plain.getexif(), plain.convert("RGB")
    picture.paste(Image.effect_noise((1500, 1500), 80).convert("RGB"), (2000, 1200))
    return encoded(picture, "JPEG", exif=exif, comment=GPS_MARK)


async def left(visitor: Visitor) -> list[bytes]:
    """Return the files that have left the page since `_NOTE_WHAT_LEAVES`."""
    return [b64decode(each) for each in await visitor.page.evaluate(_WHAT_LEFT)]


async def only_file(visitor: Visitor, partner: Visitor) -> Any:
    """Return what the server says of the only file of the only message."""
    (message,) = await visitor.person.messages(await visitor.person.conversation(partner.person))
    (file,) = message["media"]
    return file


async def test_a_large_picture_is_made_smaller_before_it_leaves(pair: Pair) -> None:
    """Upright, at most 1920 pixels on a side, and without a word of the camera's, such as where it was."""
    ada, bob = pair
    data = large_photograph()
    assert GPS_MARK in data
    await ada.page.evaluate(_NOTE_WHAT_LEAVES)
    await attach(ada, ("hike.jpg", "image/jpeg", data))
    await ada.send("Where we were")
    await ada.sees_status("Where we were", "read")
    await is_painted(bob.message("Where we were").locator("img").first)
    (sent,) = await left(ada)
    file = await only_file(ada, bob)
    kept = (await bob.person.get(file["url"])).raw
    for each in (sent, kept):
        assert GPS_MARK not in each
        with Image.open(io.BytesIO(each)) as picture:
            assert picture.size == (1440, 1920)
            assert not picture.getexif()
            red, _, blue = picture.convert("RGB").crop((1400, 40, 1401, 41)).tobytes()
            assert red > 180, "the corner that was red is the upper right one"
            assert blue < 80
    assert (file["width"], file["height"]) == (1440, 1920)


async def test_a_small_picture_is_sent_as_it_is(pair: Pair) -> None:
    """Byte for byte; the server still takes out where it was taken."""
    ada, bob = pair
    data = photograph(800, 600)
    await ada.page.evaluate(_NOTE_WHAT_LEAVES)
    await attach(ada, ("hut.jpg", "image/jpeg", data))
    await ada.send("The hut")
    await ada.sees_status("The hut", "read")
    assert await left(ada) == [data]
    kept = (await bob.person.get((await only_file(ada, bob))["url"])).raw
    assert GPS_MARK not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (800, 600)


async def test_a_video_is_shown_and_played(pair: Pair) -> None:
    """In its place in the conversation: a still of it at once, and the film itself when it is pressed."""
    ada, bob = pair
    await attach(ada, ("first-act.webm", "video/webm", film("webm", "libvpx", seconds=3)))
    await ada.send("The first act")
    await ada.sees_status("The first act", "read")
    video = bob.message("The first act").locator("video")
    await expect(video).to_have_attribute("aria-label", "Video: first-act.webm")
    await expect(video).to_have_attribute("poster", re.compile("."))
    await video.scroll_into_view_if_needed()
    assert await video.evaluate("(video) => video.paused && video.readyState === 0")
    await video.press(" ")
    await bob.page.wait_for_function(_PLAYS, arg=await video.element_handle())


async def test_a_document_is_downloaded_under_its_own_name(pair: Pair) -> None:
    """As it was sent, and the page stays where it is."""
    ada, bob = pair
    name, data = "Rôles (für den 2. Akt).txt", b"Romeo, Julia, Nurse\n"
    await attach(ada, (name, "text/plain", data))
    await ada.send("Who plays what")
    await bob.sees("Who plays what")
    address = bob.page.url
    async with bob.page.expect_download() as coming:
        await bob.message("Who plays what").get_by_role("link", name=f"Download {name}").click()
    download = await coming.value
    assert download.suggested_filename == name
    assert await asyncio.to_thread((await download.path()).read_bytes) == data
    assert bob.page.url == address


async def test_an_upload_is_watched_and_called_off(pair: Pair) -> None:
    """Nothing is sent, nothing of it stays with the server, and what comes after goes out."""
    ada, bob = pair
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    session = await ada.context.new_cdp_session(ada.page)
    await session.send("Network.emulateNetworkConditions", slow)
    place = ada.person.place
    before = set(stored(place))
    await attach(ada, ("script.txt", "text/plain", b"To be or not to be. " * 200_000))
    await ada.send("The whole play")
    bar = ada.message("The whole play").get_by_role("progressbar", name="Uploading script.txt")
    await expect(bar).to_be_visible()
    share = "(bar) => bar.value / bar.max"
    first: float = await bar.evaluate(share)
    await eventually(lambda: bar.evaluate(share), lambda now: first < now)
    assert await bar.evaluate(share) < 1
    assert set(stored(place)) > before
    await ada.message("The whole play").get_by_role("button", name="Cancel sending").click()
    await expect(ada.message("The whole play")).to_have_count(0)
    await expect(ada.field).to_have_value("")
    await expect(ada.page.get_by_role("list", name="Files to send")).to_have_count(0)
    await session.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    await ada.send("A summary will do")
    await ada.sees_status("A summary will do", "read")
    await expect(bob.messages).to_have_count(1)
    messages = await ada.person.messages(await ada.person.conversation(bob.person))
    assert [each["content"] for each in messages] == ["A summary will do"]
    await eventually(lambda: asyncio.to_thread(stored, place), lambda now: set(now) == before)


async def dragged(visitor: Visitor, *files: tuple[str, str, str]) -> JSHandle:
    """Return what a drag of files carries."""
    return await visitor.page.evaluate_handle(_DRAGGED, list(files))


async def test_files_dropped_on_the_conversation_are_attached(pair: Pair) -> None:
    """Anywhere on it, and it says so while they are above; beside it a drop does nothing."""
    ada, bob = pair
    await ada.send("Here they come")
    await ada.sees_status("Here they come", "read")
    beside = await dragged(ada, ("beside.txt", "text/plain", "Beside"))
    files = await dragged(ada, ("cast.txt", "text/plain", "Cast"), ("props.txt", "text/plain", "Props"))
    veil = ada.page.get_by_text("Drop to attach")
    await ada.log.dispatch_event("dragover", {"dataTransfer": files})
    await expect(veil).to_be_visible()
    await ada.inbox.dispatch_event("dragover", {"dataTransfer": beside})
    await expect(veil).to_have_count(0)
    await ada.inbox.dispatch_event("drop", {"dataTransfer": beside})
    await ada.log.dispatch_event("dragover", {"dataTransfer": files})
    await ada.log.dispatch_event("drop", {"dataTransfer": files})
    await expect(veil).to_have_count(0)
    previews = ada.page.get_by_role("list", name="Files to send").get_by_role("listitem")
    await expect(previews).to_have_text([re.compile("cast.txt"), re.compile("props.txt")])
    await ada.send("Dropped")
    message = bob.message("Dropped")
    for name in ("cast.txt", "props.txt"):
        await expect(message.get_by_text(name, exact=True)).to_be_visible()
