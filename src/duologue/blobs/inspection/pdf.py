"""PDF: JavaScript and programs to start, and bombs. Read by qpdf, which also opens object streams and mends broken tables.

Every object that the file's table leads to is looked at, in object streams too, and the bytes for the word itself, which finds what
no table leads to any more. Not found: what is encrypted with a password to open it (names in object streams), and scripts of
attached files. A PDF that is a ZIP too is refused: it is stored as it comes, and who reads a ZIP begins at its end.
"""

import io
import mmap
import re
import struct
from collections.abc import Iterator

import pikepdf

from duologue.blobs.jobs import Limits
from duologue.blobs.verdicts import Hostile, Unreadable

# A name may write any of its characters as # and two digits.
_WORD = re.compile(
    b"/" + b"".join(b"(?:%c|#%02x|#%02X)" % (letter, letter, letter) for letter in b"JavaScript") + rb"[\s/<>\[\]()%]"
)
_ACTIONS = {"/JavaScript", "/Launch", "/ImportData"}
_RICH_MEDIA = "/RichMedia"
_SCRIPTS = (b"<script", b"x-javascript")
_MOST_FILTERS = 4
_DEEPEST = 200
_ZIP_END = b"PK\x05\x06"
_ZIP_END_SIZE = 22  # bytes, before a comment whose length is the last two
_ZIP_COMMENT = 0xFFFF  # bytes at most
_END = b"%%EOF"


def inspect_pdf(_kind: str, source: str, limits: Limits) -> list[str]:
    """`active_content`, if there is any.

    Raises:
        Hostile: streams that inflate beyond the limits.
        Unreadable: no PDF, one beyond mending, or one that is an archive too.
    """
    if _is_archive(source):
        raise Unreadable("polyglot")
    try:
        with pikepdf.open(source, suppress_warnings=True) as document:
            is_active = _says_the_word(source)
            inflated = 0
            for each in document.objects:
                is_active = _is_active(each) or is_active
                if isinstance(each, pikepdf.Stream):
                    inflated += _inflated(each)
                    if inflated > limits.unpacked:
                        raise Hostile("bomb")
    except pikepdf.PasswordError:
        is_active = _says_the_word(source)
    except pikepdf.PdfError as error:
        raise Unreadable("content") from error
    return ["active_content"] if is_active else []


def _is_archive(source: str) -> bool:
    """Whether the file ends as a ZIP does: its last record stands behind the document, or reaches to the last byte.

    An archive that is attached within the document does neither.
    """
    with open(source, "rb") as file:  # noqa: PTH123 -- from its end
        file.seek(max(0, file.seek(0, io.SEEK_END) - _ZIP_END_SIZE - _ZIP_COMMENT))
        tail = file.read()
    at = tail.rfind(_ZIP_END)
    if at < 0 or len(tail) < at + _ZIP_END_SIZE:
        return False
    comment = struct.unpack_from("<H", tail, at + _ZIP_END_SIZE - 2)[0]
    return at > tail.rfind(_END) or at + _ZIP_END_SIZE + int(comment) == len(tail)


def _says_the_word(source: str) -> bool:
    with open(source, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:  # noqa: PTH123 -- mapped
        return _WORD.search(data) is not None


def _is_active(each: pikepdf.Object) -> bool:
    return any(_is_active_dictionary(found) for found in _dictionaries(each))


def _dictionaries(root: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The dictionaries that stand in an object itself; others are objects of their own, and come by themselves."""
    waiting = [(root, 0)]
    while waiting:
        each, depth = waiting.pop()
        if depth > _DEEPEST:
            raise Hostile("depth")
        if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            yield each
            children = [each.get(key) for key in each.keys()]  # noqa: SIM118 -- a stream iterates over nothing
        elif isinstance(each, pikepdf.Array):
            children = list(each)
        else:
            continue
        waiting += [
            (child, depth + 1) for child in children if isinstance(child, pikepdf.Object) and not child.is_indirect
        ]


def _is_active_dictionary(each: pikepdf.Object) -> bool:
    if "/JS" in each or str(each.get("/S", "")) in _ACTIONS:
        return True
    if str(each.get("/Subtype", "")) == _RICH_MEDIA:
        return True
    return "/XFA" in each and _has_script(each["/XFA"])


def _has_script(form: pikepdf.Object) -> bool:
    """Whether a form of XML holds scripts: one stream, or names and streams in turn."""
    parts = list(form) if isinstance(form, pikepdf.Array) else [form]
    return any(mark in part.read_bytes() for part in parts if isinstance(part, pikepdf.Stream) for mark in _SCRIPTS)


def _inflated(stream: pikepdf.Stream) -> int:
    """Bytes of a stream without its general filters; pictures and broken streams count nothing. Memory is the worker's bound."""
    filters = stream.get("/Filter")
    if filters is None:
        return 0
    if isinstance(filters, pikepdf.Array) and len(filters) > _MOST_FILTERS:
        raise Hostile("bomb")
    try:
        return len(stream.get_stream_buffer(pikepdf.StreamDecodeLevel.generalized))
    except pikepdf.PdfError as error:
        if "bad_alloc" in str(error):  # qpdf names running out of memory like any other fault of a stream
            raise Hostile("bomb") from error
        return 0
    except (MemoryError, RuntimeError) as error:
        raise Hostile("bomb") from error
