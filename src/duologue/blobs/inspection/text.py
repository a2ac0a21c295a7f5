"""Text, CSV, JSON and XML: really text, and well formed where the kind says so.

The syntax alone is read; nothing is built from it, and no entity of an XML file is ever expanded.
"""

import codecs
import re
from pathlib import Path
from xml.parsers import expat

import msgspec

from duologue.blobs.jobs import Limits
from duologue.blobs.signatures import CONTROLS, HEAD, check_text
from duologue.blobs.verdicts import Hostile, Unreadable
from duologue.core.errors import ValidationFailed

_PIECE = 1 << 20
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDE_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_LIVE = {"html", "svg", "script"}


def inspect_text(kind: str, source: str, _: Limits) -> list[str]:
    """Nothing is ever found in text: it is taken or refused.

    Raises:
        Unreadable: no text, a script or live markup, or not of its syntax.
        Hostile: XML whose entities refer to each other or to elsewhere.
    """
    _check_characters(source)
    if kind == "json":
        _check_json(source)
    elif kind == "xml":
        _check_xml(source)
    return []


def _check_characters(source: str) -> None:
    """The whole file as its beginning was judged when it came."""
    with Path(source).open("rb") as file:
        head = file.read(HEAD)
        try:
            check_text(head)
        except ValidationFailed as error:
            raise Unreadable("content") from error
        file.seek(0)
        wide = codecs.getincrementaldecoder("utf-16")() if head.startswith(_WIDE) else None
        while piece := file.read(_PIECE):
            found = _WIDE_CONTROLS.search(wide.decode(piece)) if wide else CONTROLS.search(piece)
            if found:
                raise Unreadable("content")


def _check_json(source: str) -> None:
    """RFC 8259: UTF-8; its mark is overlooked."""
    data = Path(source).read_bytes().removeprefix(codecs.BOM_UTF8)
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable("syntax") from error


def _check_xml(source: str) -> None:
    parser = expat.ParserCreate()
    elements: list[str] = []

    def entity(_name: str, _is_parameter: int, value: str | None, *_outside: object) -> None:
        if value is None or "&" in value or "%" in value:
            raise Hostile("entities")

    def start(name: str, _attributes: object) -> None:
        if not elements:
            elements.append(name)

    parser.EntityDeclHandler = entity
    parser.StartElementHandler = start
    try:
        with Path(source).open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        if error.code == expat.errors.codes.get(expat.errors.XML_ERROR_AMPLIFICATION_LIMIT_BREACH, -1):
            raise Hostile("entities") from error
        raise Unreadable("syntax") from error
    if elements[0].rpartition(":")[2].lower() in _LIVE:
        raise Unreadable("content")
