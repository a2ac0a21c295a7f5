"""What the first bytes of a file are, by puremagic; refuses what is not the kind that its name says (FTY-17, FTY-21, T-143).

Cheap enough for the event loop (a third of a millisecond), so that a disguised file is refused before the rest of it has come.
The whole file is inspected later, in a worker process.
"""

import codecs
import re

import puremagic

from duologue.blobs.kinds import Kind, unsupported

HEAD = 4096  # bytes that are looked at

# Controls that no text file holds: C0 without tab, line feed, form feed, carriage return, escape.
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# Scripts, live markup and documents written in letters, as they begin; comments and instructions may stand before markup.
_SCRIPT = re.compile(rb"#!|<\?php|<%|@echo\b|<script\b|%PDF-|%!PS|\{\\rtf", re.IGNORECASE)
_MARKUP = re.compile(
    rb"(?:\s|<\?xml.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>)*<(?:\w+:)?(?:html|svg|script)\b", re.IGNORECASE | re.DOTALL
)
_DOCTYPE = re.compile(rb"\s*<!DOCTYPE\s+(?:html|svg)\b", re.IGNORECASE)


def check_head(kind: Kind, head: bytes) -> None:
    """Refuse a file by its first bytes, up to `HEAD` of them.

    Raises:
        ValidationFailed: they belong to something else.
    """
    if not kind.signatures:
        check_text(head)
        return
    known = recognised(head)
    is_left_to_demuxer = kind.is_probed and not known and CONTROLS.search(head) is not None
    if not known & kind.signatures and not is_left_to_demuxer:
        raise unsupported("content")


def recognised(head: bytes) -> set[str]:
    """The endings that the library knows for these bytes; empty if it knows none."""
    try:
        return {
            match.extension for match in puremagic.magic_string(head) if match.offset >= 0 and len(match.byte_match) > 2
        }
    except puremagic.PureError:
        return set()


def check_text(head: bytes) -> None:
    """Refuse what is no text, a script, or markup that a browser would run.

    Raises:
        ValidationFailed: so it is.
    """
    text = plain(head)
    if CONTROLS.search(text):
        raise unsupported("content")
    if _SCRIPT.match(text.lstrip()) or _MARKUP.match(text) or _DOCTYPE.match(text):
        raise unsupported("content")


def plain(head: bytes) -> bytes:
    """The text without its byte order mark, as 8-bit characters; UTF-16 needs its mark to be text."""
    mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
    body = head[len(mark) :]
    if mark in _WIDE:
        even = body[: len(body) & ~1]
        return even.decode(_WIDE[mark], errors="replace").encode("utf-8", errors="replace")
    return body
