"""Documents, archives and data files that tests make, harmless and hostile."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import pikepdf
import py7zr

MAIN_PARTS = {
    "docx": ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
    "pptx": (
        "ppt/presentation.xml",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    ),
}


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def office(kind: str, extra: Mapping[str, bytes] | None = None, *, main_type: str = "") -> bytes:
    """A document of Office Open XML, with further parts."""
    part, media_type = MAIN_PARTS[kind]
    types = f'<Types><Override PartName="/{part}" ContentType="{main_type or media_type}"/></Types>'
    return zipped(
        {
            "[Content_Types].xml": types.encode(),
            "_rels/.rels": b"<Relationships/>",
            part: b"<document/>",
            **(extra or {}),
        }
    )


def seven(members: Mapping[str, bytes]) -> bytes:
    """A 7Z of these members."""
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return target.getvalue()


def sealed_seven() -> bytes:
    """A 7Z whose list of names is encrypted."""
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w", password="secret", header_encryption=True) as archive:
        archive.writestr(b"x" * 100, "a.txt")
    return target.getvalue()


def _vint(value: int) -> bytes:
    parts = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        parts.append(low | (0x80 if value else 0))
        if not value:
            return bytes(parts)


def _rar_block(fields: bytes, data: bytes = b"") -> bytes:
    sized = _vint(len(fields)) + fields
    return struct.pack("<I", zlib.crc32(sized)) + sized + data


def rar(members: Mapping[str, tuple[bytes, int]]) -> bytes:
    """A RAR 5 of stored members: name -> data and the size it declares."""
    blocks = [b"Rar!\x1a\x07\x01\x00", _rar_block(_vint(1) + _vint(0) + _vint(0))]
    for name, (data, size) in members.items():
        encoded = name.encode()
        sizes = _vint(len(data)) + _vint(0x4) + _vint(size) + _vint(0)
        fields = (
            _vint(2)
            + _vint(0x2)
            + sizes
            + struct.pack("<I", zlib.crc32(data))
            + _vint(0)
            + _vint(1)
            + _vint(len(encoded))
            + encoded
        )
        blocks.append(_rar_block(fields, data))
    return b"".join(blocks) + _rar_block(_vint(5) + _vint(0) + _vint(0))


_SECTOR = 512
_END, _FREE, _FAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(streams: Mapping[str, bytes], storages: tuple[str, ...] = ()) -> bytes:
    """A compound file (the container of binary Office): streams and empty storages, all at the root."""
    bodies = {name: data.ljust(4096, b"\0") for name, data in streams.items()}  # shorter ones would need a second table
    names = [*bodies, *storages]
    directory_sectors = -(-(len(names) + 1) // 4)
    fat: list[int] = [_FAT_SECTOR, *range(2, directory_sectors + 1), _END]
    entries = [_entry("Root Entry", 5, child=1, start=_END)]
    content = b""
    for index, name in enumerate(names, 1):
        following = index + 1 if index < len(names) else _FREE
        if name in bodies:
            sectors = -(-len(bodies[name]) // _SECTOR)
            entries.append(_entry(name, 2, right=following, start=len(fat), size=len(bodies[name])))
            fat += [*range(len(fat) + 1, len(fat) + sectors), _END]
            content += bodies[name].ljust(sectors * _SECTOR, b"\0")
        else:
            entries.append(_entry(name, 1, right=following, start=0))
    directory = b"".join(entries).ljust(directory_sectors * _SECTOR, b"\0")
    assert len(fat) <= 128
    table = struct.pack("<128I", *fat, *[_FREE] * (128 - len(fat)))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    return header + struct.pack("<108I", *[_FREE] * 108) + table + directory + content


def _entry(name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int = 0, size: int = 0) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, right, child)
    return encoded.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


def legacy(kind: str, extra: Mapping[str, bytes] | None = None, storages: tuple[str, ...] = ()) -> bytes:
    """A document of binary Office, as far as anybody looks."""
    main = {"doc": "WordDocument", "xls": "Workbook", "ppt": "PowerPoint Document"}[kind]
    return compound({main: b"\x09\x08\x08\x00" + bytes(8), **(extra or {})}, storages)


def macro_sheet_workbook() -> bytes:
    """A workbook with a sheet of Excel 4 macros."""
    sheet = struct.pack("<IBB", 0, 0, 1) + b"\x05\x00Auto1"
    records = struct.pack("<HH", 0x809, 16) + bytes(16) + struct.pack("<HH", 0x85, len(sheet)) + sheet
    return compound({"Workbook": records})


def vba_presentation() -> bytes:
    """A presentation that says it has VBA."""
    return compound({"PowerPoint Document": bytes(100) + struct.pack("<HHIIII", 2, 0x400, 12, 7, 1, 2)})


def pdf(*, streams: bool = False, **root: pikepdf.Object) -> bytes:
    """A PDF of one empty page; `root`: entries of its catalogue; `streams`: objects lie in object streams."""
    target = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        for name, value in root.items():
            document.Root[f"/{name}"] = document.make_indirect(value)
        mode = pikepdf.ObjectStreamMode.generate if streams else pikepdf.ObjectStreamMode.disable
        document.save(target, object_stream_mode=mode, compress_streams=streams)
    return target.getvalue()


def script() -> pikepdf.Dictionary:
    """An action that runs JavaScript."""
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def pdf_bomb(size: int, times: int) -> bytes:
    """A PDF with streams that inflate to so many zero bytes each."""
    target = io.BytesIO()
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()
    with pikepdf.new() as document:
        document.add_blank_page()
        kept = pikepdf.Array()
        for _ in range(times):
            stream = pikepdf.Stream(document, b"")
            stream.write(packed, filter=pikepdf.Name.FlateDecode)
            kept.append(document.make_indirect(stream))
        document.Root.Kept = kept
        document.save(target, compress_streams=False)
    return target.getvalue()


def zip_bomb(levels: int, width: int = 10, size: int = 1 << 20) -> bytes:
    """Like 42.zip: so many levels of archives, each holding the same one several times."""
    inner = zipped({"0.dat": bytes(size)})
    for _ in range(levels - 1):
        inner = zipped({f"{index}.zip": inner for index in range(width)})
    return inner


def overlapping_zip(times: int = 20) -> bytes:
    """Every entry of the directory points at the same member."""
    whole = zipped({"a": bytes(1 << 20)})
    at = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry = whole[at:end]
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times, times, len(entry) * times, at, 0)
    return whole[:at] + entry * times + tail


def lying_zip() -> bytes:
    """A member of a megabyte that declares ten bytes."""
    whole = bytearray(zipped({"a": bytes(1 << 20)}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = whole.index(mark) + at
        whole[place : place + 4] = struct.pack("<I", 10)
    return bytes(whole)


def encrypted_zip() -> bytes:
    """A ZIP whose only member says that it is encrypted."""
    whole = bytearray(zipped({"secret.txt": b"x" * 50}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(mark) + at] |= 1
    return bytes(whole)
