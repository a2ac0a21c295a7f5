"""Markup in whatever somebody else may write is text, wherever it is shown (T-045)."""

import re

from playwright.async_api import Dialog, expect
from tests.browser.conftest import SignUp, Visit
from tests.browser.test_media import attach
from tests.browser.test_worker import push, shown
from tests.browser.visitor import Visitor
from tests.live.people import Person

NAME = "<b>Ada</b><img src=x onerror=alert(1)>"
WORDS = '<script>alert(2)</script><img src=x onerror="alert(3)"> &amp; <i>all'
LIVE = "script:not([src]), [onerror], img[src$=x], bdi b, bdi i, p b, p i"


async def called(sign_up: SignUp, name: str) -> Person:
    """Make an account with a name to show."""
    person = await sign_up("ada")
    answer = await person.patch("/api/v1/users/me", {"displayName": name})
    assert answer.status == 200, answer.body
    return person


def dialogs_of(visitor: Visitor) -> list[str]:
    """Return where the questions and alerts of a page are noted from now on."""
    noted: list[str] = []

    async def note(dialog: Dialog) -> None:
        noted.append(dialog.message)
        await dialog.dismiss()

    visitor.page.on("dialog", note)
    return noted


async def test_t045_markup_in_names_and_previews_is_shown_as_text(sign_up: SignUp, visit: Visit) -> None:
    """In the list, above the conversation, in the title and in what is told to a screen reader markup is what was written."""
    ada, bob = await called(sign_up, NAME), await visit(await sign_up("bob"))
    dialogs = dialogs_of(bob)
    await bob.sign_in()
    conversation = await ada.conversation(bob.person)
    await ada.send(conversation, WORDS)
    entry = bob.inbox.get_by_role("listitem")
    await expect(entry.get_by_text(NAME, exact=True)).to_be_visible()
    await expect(entry.get_by_text(WORDS, exact=True)).to_be_visible()
    await expect(bob.page).to_have_title("(1) Duologue")
    await bob.open(ada.username)
    await expect(bob.stage.get_by_role("heading", name=NAME, exact=True)).to_be_visible()
    await bob.sees(WORDS)
    await ada.send(conversation, f"{WORDS}!")
    await expect(bob.page.get_by_role("status").get_by_text(f"{NAME}: {WORDS}!", exact=True)).to_be_attached()
    await expect(bob.page).to_have_title("Duologue")
    await expect(bob.page.locator("body").locator(LIVE)).to_have_count(0)
    assert dialogs == []


async def test_t045_markup_in_a_file_name_and_beside_a_link_is_shown_as_text(sign_up: SignUp, visit: Visit) -> None:
    """No address becomes a link but those of the web, and nothing in one ends it."""
    ada, bob = await visit(await sign_up("ada")), await visit(await sign_up("bob"))
    dialogs = dialogs_of(bob)
    await ada.sign_in(f"/chat/{bob.name}")
    await bob.sign_in(f"/chat/{ada.name}")
    await attach(ada, ("<b>cast.txt", "text/plain", b"Cast"))
    await ada.send('https://play.example/"onmouseover="alert(4) javascript:alert(5) data:text/html,<b>no</b>')
    article = bob.messages
    await expect(article).to_have_count(1)
    links = article.get_by_role("link").filter(has_text=re.compile("."))
    await expect(links).to_have_count(1)
    assert await links.evaluate("(link) => [link.protocol, link.host]") == ["https:", "play.example"]
    assert "onmouseover" not in await links.evaluate("(link) => link.getAttributeNames()")
    (message,) = await ada.person.messages(await ada.person.conversation(bob.person))
    (file,) = message["media"]
    await expect(article.get_by_text(file["originalFilename"], exact=True)).to_be_visible()
    await expect(article.locator("b, script, [onerror], [onmouseover]")).to_have_count(0)
    assert dialogs == []


async def test_t045_markup_in_a_notification_is_shown_as_text(sign_up: SignUp, visit: Visit) -> None:
    """Who wrote and what, letter by letter, and it leads nowhere but to the conversation."""
    ada = await visit(await sign_up(), permissions=["notifications"])
    dialogs = dialogs_of(ada)
    await ada.sign_in()
    message = {
        "type": "message", "conversationId": "c-1", "username": "../<b>", "displayName": NAME, "preview": WORDS, "count": 1,
    }  # fmt: skip
    await push(ada, message)
    (told,) = await shown(ada, 1)
    assert told == {"title": NAME, "body": WORDS, "tag": "c-1", "data": {"path": "/chat/..%2F%3Cb%3E"}}
    assert dialogs == []
