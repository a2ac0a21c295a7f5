"""Office Open XML: a ZIP whose list of parts says which kind of document it is; macros are found wherever they lie.

Also in documents within the document. What is looked for: VBA projects, macro sheets, and parts that call themselves macro-enabled
(FST-37). Remote templates and links are not.
"""

import zipfile

from duologue.blobs.inspection.archives import Contents, walk_zip
from duologue.blobs.jobs import Limits
from duologue.blobs.verdicts import Unreadable

_PARTS = "[Content_Types].xml"
_LONGEST = 4 << 20  # bytes of the list of parts
_MAIN = {
    "docx": (b"wordprocessingml.document.main+xml", b"ms-word.document.macroEnabled"),
    "xlsx": (b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled"),
    "pptx": (
        b"presentationml.presentation.main+xml",
        b"ms-powerpoint.presentation.macroEnabled",
        b"presentationml.slideshow.main+xml",
    ),
}
_MACRO_FILES = ("vbaproject.bin", "vbadata.xml")


def inspect_office(kind: str, source: str, limits: Limits) -> list[str]:
    """`macros`, if there are any.

    Raises:
        Hostile: a bomb.
        Unreadable: broken, or another kind of document.
    """
    with open(source, "rb") as file:  # noqa: PTH123 -- handed on to a library
        contents = Contents(file.seek(0, 2), limits)
        walk_zip(file, contents, limits)
        parts = _parts(source)
    if not any(name in parts for name in _MAIN[kind]):
        raise Unreadable("content")
    names = [name.lower() for name in contents.names]
    has_macros = (
        any(name.endswith(_MACRO_FILES) or "macrosheets/" in name for name in names) or b"macroEnabled" in parts
    )
    return (
        ["macros"] if has_macros or any(name.endswith((".docm", ".xlsm", ".pptm", ".xlsb")) for name in names) else []
    )


def _parts(source: str) -> bytes:
    """The list of parts.

    Raises:
        Unreadable: there is none.
    """
    with zipfile.ZipFile(source) as archive:
        try:
            with archive.open(_PARTS) as part:
                return part.read(_LONGEST)
        except KeyError as error:
            raise Unreadable("content") from error
