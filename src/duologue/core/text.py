"""Message text as it is stored: control characters removed, length judged, links found. Pure.

The rule of C-58: text is stored and returned as written; markup is neutralised on the wire (`<` as an escape) and by clients.
"""

import hashlib
import re
from collections.abc import Sequence
from uuid import UUID

from duologue.core.errors import ValidationFailed
from duologue.core.model import MessageType
from duologue.core.rules import MAX_TEXT

# C0 and C1 controls but tab and newline; CR is handled before (design part 1, Text). Lone surrogates cannot be stored as UTF-8.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINK = re.compile(r"https?://[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
_TRAILING = ".,;:!?"
MAX_LINKS = 50
MAX_URL = 2_048

EMPTY = "content cannot be empty"
TOO_LONG = f"content must be at most {MAX_TEXT} characters"
NOT_UNICODE = "content must be valid Unicode text"


def normalise(text: str) -> str:
    """The text without control characters, CR LF as LF; ZWJ and bidi marks stay."""
    if text.isprintable():
        return text
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))


def check(text: str | None) -> str:
    """A text message's content, normalised: 1 to 10,000 characters (code points), not only whitespace (VAL-01, G-26, G-27)."""
    if text is None:
        raise ValidationFailed(EMPTY)
    if not text.isascii() and _SURROGATES.search(text):
        raise ValidationFailed(NOT_UNICODE)
    clean = normalise(text)
    if not clean or clean.isspace():
        raise ValidationFailed(EMPTY)
    if len(clean) > MAX_TEXT:
        raise ValidationFailed(TOO_LONG)
    return clean


def caption(text: str | None) -> str | None:
    """What stands under files, normalised: as a text, but none is no fault (VAL-14)."""
    if text is None or not normalise(text).strip():
        return None
    return check(text)


def links(text: str) -> list[str]:
    """The http and https URLs of a text in order, each once, without the punctuation that ends a sentence (RM-19, RM-23)."""
    if "://" not in text:
        return []
    found = dict.fromkeys(_trim(match.group()) for match in _LINK.finditer(text))
    return [url for url in found if len(url) <= MAX_URL and not url.endswith("//")][:MAX_LINKS]


def _trim(url: str) -> str:
    """Cut closing punctuation; a closing bracket stays only if the URL opened it."""
    while url and (url[-1] in _TRAILING or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return url


def fingerprint(
    conversation_id: UUID, kind: MessageType, content: str | None, attachments: Sequence[UUID] = ()
) -> bytes:
    """What a send key stands for: the same bytes for the same send, whatever the dialect (design part 1, Idempotent send)."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(conversation_id.bytes + kind.value.encode() + b"\0")
    digest.update(b"" if content is None else content.encode())
    for attachment in attachments:
        digest.update(b"\0" + attachment.bytes)
    return digest.digest()
