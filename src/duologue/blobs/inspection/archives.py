"""Archives: judged by the sizes they declare, and for ZIP by reading every member to see that the sizes are true.

Nothing is unpacked to disk. A ZIP within a ZIP is opened in memory, so many levels deep; members that are packed in another way are
counted as they inflate. Of RAR and 7Z the declared sizes are read, and nothing within. What is encrypted cannot be looked into: its
declared sizes are judged all the same, and an archive whose list of names is encrypted passes.
"""

import bz2
import gzip
import io
import itertools
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

import py7zr
import rarfile

from duologue.blobs.jobs import Limits
from duologue.blobs.verdicts import Hostile, Unreadable

_PIECE = 1 << 18
_ENCRYPTED = 0x1
_TRAVERSAL = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")
_PACKED: Mapping[bytes, Callable[[IO[bytes]], io.BufferedIOBase]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
_PROGRAMS = ({"META-INF/MANIFEST.MF"}, {"AndroidManifest.xml"})  # what makes a ZIP a .jar or an .apk
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, lzma.LZMAError, ValueError)


class Contents:
    """What all levels of one file hold together, measured against the limits as it grows. `packed`: bytes of the file."""

    def __init__(self, packed: int, limits: Limits) -> None:
        self.names: list[str] = []
        self.packed = packed
        self._limits = limits
        self._unpacked = 0

    def add(self, name: str) -> None:
        """One more member.

        Raises:
            Hostile: too many, or a name that leaves the folder it is unpacked into.
        """
        self.names.append(name)
        if len(self.names) > self._limits.entries:
            raise Hostile("entries")
        if _TRAVERSAL.search(name):
            raise Hostile("traversal")

    def grow(self, size: int) -> None:
        """So many more bytes.

        Raises:
            Hostile: too many, or too many for what they are packed into.
        """
        self._unpacked += size
        if self._unpacked > self._limits.unpacked:
            raise Hostile("bomb")
        if self._unpacked > self._limits.ratio_from and self._unpacked > self.packed * self._limits.ratio:
            raise Hostile("bomb")


def inspect_archive(kind: str, source: str, limits: Limits) -> list[str]:
    """Nothing is ever found in an archive: it is taken or refused.

    Raises:
        Hostile: a bomb, too deep, too many members.
        Unreadable: broken, or a program in the clothes of an archive.
    """
    with open(source, "rb") as file:  # noqa: PTH123 -- handed on to three libraries
        contents = Contents(file.seek(0, io.SEEK_END), limits)
        file.seek(0)
        if kind == "zip":
            walk_zip(file, contents, limits)
            if any(marks <= set(contents.names) for marks in _PROGRAMS):
                raise Unreadable("program")
        elif kind == "rar":
            _walk_rar(source, contents)
        else:
            _walk_7z(file, contents)
    return []


def walk_zip(file: IO[bytes], contents: Contents, limits: Limits, depth: int = 1) -> None:
    """Every member of a ZIP and of those within it: declared first, then read.

    Raises:
        Hostile, Unreadable: as above.
    """
    if depth > limits.depth:
        raise Hostile("depth")
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _judge_declared(members, contents)
            for member in members:
                _read_member(archive, member, contents, limits, depth)
    except _BROKEN_ZIP as error:
        raise Unreadable("archive") from error


def _judge_declared(members: Sequence[zipfile.ZipInfo], contents: Contents) -> None:
    """Names, sizes, and that no two members share their bytes: that is how a few of them become petabytes."""
    for member in members:
        contents.add(member.filename)
    places = sorted((member.header_offset, member.compress_size) for member in members)
    for (start, size), (following, _) in itertools.pairwise(places):
        if start + size > following:
            raise Hostile("overlap")
    for member in members:
        contents.grow(member.file_size)


def _read_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, contents: Contents, limits: Limits, depth: int
) -> None:
    """A member to its end, in pieces: its size and checksum are true, or it is broken. Unknown methods stay unread."""
    if member.flag_bits & _ENCRYPTED or member.is_dir():
        return
    try:
        with archive.open(member) as data:
            head = data.read(_PIECE)
            if head.startswith(b"PK\x03\x04"):
                walk_zip(_held(head, data, limits), contents, limits, depth + 1)
            elif (
                opener := next((opener for mark, opener in _PACKED.items() if head.startswith(mark)), None)
            ) is not None:
                if depth + 1 > limits.depth:
                    raise Hostile("depth")
                _count(opener(_held(head, data, limits)), contents)
            else:
                for _ in iter(lambda: data.read(_PIECE), b""):
                    pass
    except NotImplementedError:
        return


def _held(head: bytes, data: IO[bytes], limits: Limits) -> io.BytesIO:
    """A member in memory, whole.

    Raises:
        Hostile: it is too large for that.
    """
    held = io.BytesIO(head + data.read(limits.nested - len(head) + 1))
    if held.getbuffer().nbytes > limits.nested:
        raise Hostile("nested")
    return held


def _count(unpacked: io.BufferedIOBase, contents: Contents) -> None:
    """A member that is packed by itself: counted as it inflates; one that is not what it looks like counts until it breaks."""
    try:
        for piece in iter(lambda: unpacked.read(_PIECE), b""):
            contents.grow(len(piece))
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return


def _walk_rar(source: str, contents: Contents) -> None:
    try:
        with rarfile.RarFile(source, part_only=True) as archive:
            members = archive.infolist()
            if not members or any(_is_cut(member, contents.packed) for member in members):
                raise Unreadable("archive")
    except rarfile.PasswordRequired:
        return
    except rarfile.Error as error:
        raise Unreadable("archive") from error
    _declare(((member.filename or "", member.file_size or 0) for member in members), contents)


def _is_cut(member: rarfile.RarInfo, size: int) -> bool:
    """Whether a member ends behind the end of the file; the library would only notice when it unpacks."""
    return int(member.data_offset or 0) + int(member.compress_size or 0) > size


def _walk_7z(file: IO[bytes], contents: Contents) -> None:
    try:
        with py7zr.SevenZipFile(file) as archive:
            members = archive.list()
    except py7zr.PasswordRequired:
        return
    except (
        py7zr.exceptions.ArchiveError,
        EOFError,
        lzma.LZMAError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
    ) as error:
        raise Unreadable("archive") from error
    _declare(((member.filename, member.uncompressed or 0) for member in members), contents)


def _declare(members: Iterator[tuple[str, int]], contents: Contents) -> None:
    for name, size in members:
        contents.add(name)
        contents.grow(size)
