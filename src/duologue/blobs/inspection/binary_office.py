"""The binary formats of Word, Excel and PowerPoint: told apart by their streams, with the places where macros lie.

VBA storages; macro sheets of Excel 4, by the records of the workbook; the record in which PowerPoint says that it has VBA. Other
files of the same container (installers above all) have none of the three streams and are refused.
"""

import struct

import olefile

from duologue.blobs.jobs import Limits
from duologue.blobs.verdicts import Unreadable

_STREAMS = {"doc": ("worddocument",), "xls": ("workbook", "book"), "ppt": ("powerpoint document",)}
_MACRO_STORAGES = {"macros", "vba", "_vba_project_cur", "_vba_project"}
_SHEET = 0x85  # BOUNDSHEET of BIFF: position, visibility, then what kind of sheet
_MACRO_SHEET = 1
_SAYS_VBA = bytes.fromhex("02000004 0c000000")  # header of VBAInfoAtom: version 2, type 0x400, 12 bytes
_RECORD = struct.Struct("<HH")


def inspect_binary_office(kind: str, source: str, _: Limits) -> list[str]:
    """`macros`, if there are any.

    Raises:
        Unreadable: broken, or no document of this kind.
    """
    try:
        with olefile.OleFileIO(source) as document:
            paths = [[part.lower() for part in path] for path in document.listdir(streams=True, storages=True)]
            main = next((path[0] for path in paths if len(path) == 1 and path[0] in _STREAMS[kind]), None)
            if main is None:
                raise Unreadable("content")
            data = document.openstream(main).read()
    except OSError as error:
        raise Unreadable("content") from error
    has_macros = any(part in _MACRO_STORAGES for path in paths for part in path)
    if kind == "xls":
        has_macros = has_macros or _has_macro_sheet(data)
    elif kind == "ppt":
        has_macros = has_macros or _says_vba(data)
    return ["macros"] if has_macros else []


def _has_macro_sheet(workbook: bytes) -> bool:
    at = 0
    while at + _RECORD.size <= len(workbook):
        record, size = _RECORD.unpack_from(workbook, at)
        at += _RECORD.size
        if record == _SHEET and size >= 6 and workbook[at + 5 : at + 6] == bytes([_MACRO_SHEET]):
            return True
        at += size
    return False


def _says_vba(presentation: bytes) -> bool:
    at = presentation.find(_SAYS_VBA)
    while at >= 0:
        if (
            presentation[at + 12 : at + 16] == b"\x01\0\0\0"
        ):  # after the header: reference, then whether there are macros
            return True
        at = presentation.find(_SAYS_VBA, at + 1)
    return False
