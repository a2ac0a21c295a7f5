"""What documents, archives and data files are found to be, through the worker processes."""

import gzip
import io
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pikepdf
import pytest
from tests.blobs.papers import (
    encrypted_zip,
    legacy,
    lying_zip,
    macro_sheet_workbook,
    office,
    overlapping_zip,
    pdf,
    pdf_bomb,
    rar,
    script,
    sealed_seven,
    seven,
    vba_presentation,
    zip_bomb,
    zipped,
)
from tests.blobs.pictures import encoded, picture

from duologue.blobs.jobs import Family, Job, Limits, Outcome
from duologue.blobs.workers import Workers

Inspect = Callable[[str, bytes], Awaitable[Outcome]]
MB = 1 << 20


@pytest.fixture
def inspect(workers: Workers, tmp_path: Path) -> Inspect:
    """Give the way of one document through a worker."""

    async def run(kind: str, data: bytes) -> Outcome:
        source = tmp_path / "source"
        source.write_bytes(data)
        return await workers.run(Family.DOCUMENTS, Job(kind, str(source), str(tmp_path / "out")))

    return run


def protected_pdf(owner: str, user: str) -> bytes:
    """A PDF with a password."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(target, encryption=pikepdf.Encryption(owner=owner, user=user))
    return target.getvalue()


def with_attachment() -> bytes:
    """A PDF that holds an archive, not packed again, as the last of its objects."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.Root.Attached = document.make_indirect(pikepdf.Stream(document, zipped({"a.txt": b"a"})))
        document.save(target, compress_streams=False)
    assert b"PK\x05\x06" in target.getvalue()
    return target.getvalue()


GOOD = {
    "pdf": ("pdf", pdf()),
    "pdf with object streams": ("pdf", pdf(streams=True)),
    "pdf with an archive attached": ("pdf", with_attachment()),
    "pdf that opens somewhere": ("pdf", pdf(OpenAction=pikepdf.Array([pikepdf.Name.Fit]))),
    "pdf nobody may print": ("pdf", protected_pdf("owner", "")),
    "pdf with a password to open": ("pdf", protected_pdf("owner", "user")),
    "docx": ("docx", office("docx")),
    "xlsx": ("xlsx", office("xlsx")),
    "pptx": ("pptx", office("pptx")),
    "docx with a sheet in it": ("docx", office("docx", {"word/embeddings/one.xlsx": office("xlsx")})),
    "doc": ("doc", legacy("doc")),
    "xls": ("xls", legacy("xls")),
    "ppt": ("ppt", legacy("ppt")),
    "zip": ("zip", zipped({"a.txt": b"hello", "folder/b.bin": bytes(range(256))})),
    "empty zip": ("zip", zipped({})),
    "zip in a zip": ("zip", zipped({"a.zip": zipped({"b.txt": b"hello" * 100})})),
    "zip with a gz in it": ("zip", zipped({"a.gz": gzip.compress(b"hello" * 100), "not.gz": b"\x1f\x8bhello"})),
    "encrypted zip": ("zip", encrypted_zip()),
    "bzip2 in a zip": ("zip", zipped({"a": b"hello" * 999}, zipfile.ZIP_BZIP2)),
    "rar": ("rar", rar({"a.txt": (b"hello", 5), "b.txt": (b"", 0)})),
    "7z": ("7z", seven({"a.txt": b"hello" * 100})),
    "7z with its names encrypted": ("7z", sealed_seven()),
    "txt": ("txt", "Grüße, мир, 世界 🙂\r\n\ttab\f".encode()),
    "txt in UTF-16": ("txt", "Grüße, мир".encode("utf-16")),
    "txt in Latin-1": ("txt", "Grüße".encode("latin-1")),
    "csv": ("csv", b'\xef\xbb\xbfa;b\r\n"1";"2"\r\n'),
    "json": ("json", b' {"a": [1, 2.5, null, "\\u00e9"]}\n'),
    "json of one word": ("json", b"true"),
    "xml": ("xml", b'<?xml version="1.0"?><!DOCTYPE note [<!ENTITY c "(c)">]><note>&c;</note>'),
}


@pytest.mark.parametrize(("kind", "data"), GOOD.values(), ids=GOOD)
async def test_a_sound_file_passes_without_findings(inspect: Inspect, kind: str, data: bytes) -> None:
    """Every kind, also in its less usual forms."""
    outcome = await inspect(kind, data)
    assert (outcome.verdict, outcome.reason, outcome.findings) == ("fine", "", [])


def unreferenced() -> bytes:
    """A PDF that carries an action no table leads to."""
    return pdf() + b"\n99 0 obj << /S /JavaScript /JS (app.alert(1)) >> endobj\n"


def xfa(form: bytes) -> bytes:
    """A PDF with a form of XML."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        parts = pikepdf.Array(["template", document.make_indirect(pikepdf.Stream(document, form))])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=parts)
        document.save(target)
    return target.getvalue()


def escaped() -> bytes:
    """A PDF that writes its names in digits."""
    plain = pdf(OpenAction=script())
    return plain.replace(b"/JavaScript", b"/J#61v#61Script").replace(b"/JS", b"/#4aS")


ACTIVE = {
    "opening runs a script": pdf(OpenAction=script()),
    "a script in an object stream": pdf(streams=True, OpenAction=script()),
    "a script in a table of names": pdf(
        Names=pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["a", script()])))
    ),
    "a script deep within": pdf(Deep=pikepdf.Array([pikepdf.Array([pikepdf.Dictionary(A=script())])])),
    "names written in digits": escaped(),
    "a script nobody refers to": unreferenced(),
    "a form that calculates": xfa(b"<template><script contentType='application/x-javascript'>1</script></template>"),
    "a film of Flash": pdf(Note=pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia)),
    "a program to start": pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))),
}


async def test_a_form_without_scripts_passes(inspect: Inspect) -> None:
    """Forms of XML are common; only those that run something are found."""
    assert (await inspect("pdf", xfa(b"<template><field/></template>"))).findings == []


@pytest.mark.parametrize("data", ACTIVE.values(), ids=ACTIVE)
async def test_scripts_and_programs_in_a_pdf_are_found(inspect: Inspect, data: bytes) -> None:
    """Wherever a reader would find them (FST-36)."""
    outcome = await inspect("pdf", data)
    assert (outcome.verdict, outcome.findings) == ("fine", ["active_content"])


MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
MACROS = {
    "docx with VBA": ("docx", office("docx", {"word/vbaProject.bin": b"x"})),
    "xlsx with VBA": ("xlsx", office("xlsx", {"xl/vbaProject.bin": b"x"})),
    "pptx with VBA under another case": ("pptx", office("pptx", {"ppt/VBAPROJECT.BIN": b"x"})),
    "xlsx with a macro sheet": ("xlsx", office("xlsx", {"xl/macrosheets/sheet1.xml": b"<x/>"})),
    "docm called docx": ("docx", office("docx", main_type=MACRO_TYPE)),
    "VBA in a sheet in a docx": (
        "docx",
        office("docx", {"word/embeddings/a.bin": office("xlsx", {"xl/vbaProject.bin": b"x"})}),
    ),
    "doc with VBA": ("doc", legacy("doc", storages=("Macros",))),
    "xls with VBA": ("xls", legacy("xls", storages=("_VBA_PROJECT_CUR",))),
    "xls with a macro sheet": ("xls", macro_sheet_workbook()),
    "ppt with VBA": ("ppt", vba_presentation()),
}


@pytest.mark.parametrize(("kind", "data"), MACROS.values(), ids=MACROS)
async def test_macros_are_found(inspect: Inspect, kind: str, data: bytes) -> None:
    """In both families of formats, and in documents within documents (FST-37)."""
    outcome = await inspect(kind, data)
    assert (outcome.verdict, outcome.findings) == ("fine", ["macros"])


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
BOMBS = {
    "zip of zeros": ("zip", zipped({f"{index}": bytes(20 * MB) for index in range(3)}), "bomb"),
    "like 42.zip": ("zip", zip_bomb(6), "depth"),
    "wide, not deep": ("zip", zip_bomb(3, width=40), "bomb"),
    "members that share bytes": ("zip", overlapping_zip(), "overlap"),
    "too many members": ("zip", zipped({str(index): b"" for index in range(10_001)}), "entries"),
    "gz in a zip": ("zip", zipped({"a.gz": gzip.compress(bytes(40 * MB))}), "bomb"),
    "names that climb": ("zip", zipped({"../../etc/cron.d/x": b"x"}), "traversal"),
    "docx of zeros": ("docx", office("docx", {"word/media/a.bmp": bytes(60 * MB)}), "bomb"),
    "rar that declares a terabyte": ("rar", rar({"a": (b"x", 1 << 40)}), "bomb"),
    "7z of zeros": ("7z", seven({"a": bytes(40 * MB)}), "bomb"),
    "xml of laughs": ("xml", LAUGHS, "entities"),
    "xml from elsewhere": ("xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "entities"),
    "pdf of zeros": ("pdf", pdf_bomb(200 * MB, 6), "bomb"),
    "pdf of one large zero": ("pdf", pdf_bomb(1200 * MB, 1), ""),
}


@pytest.mark.parametrize(("kind", "data", "reason"), BOMBS.values(), ids=BOMBS)
async def test_bombs_are_refused(inspect: Inspect, kind: str, data: bytes, reason: str) -> None:
    """By what they declare, or as they inflate; whatever the policy (FST-38, G-32)."""
    assert len(data) < 3 * MB
    outcome = await inspect(kind, data)
    assert outcome.verdict == "hostile"
    assert outcome.reason == (reason or outcome.reason)


DISGUISED = {
    "xlsx called docx": ("docx", office("xlsx")),
    "docx called pptx": ("pptx", office("docx")),
    "zip called docx": ("docx", zipped({"a.txt": b"x"})),
    "jar called zip": ("zip", zipped({"META-INF/MANIFEST.MF": b"Main-Class: Evil", "Evil.class": b"\xca\xfe\xba\xbe"})),
    "apk called zip": ("zip", zipped({"AndroidManifest.xml": b"x", "classes.dex": b"x"})),
    "msi called doc": ("doc", legacy("xls")),
    "xls called ppt": ("ppt", legacy("xls")),
    "zip that lies about sizes": ("zip", lying_zip()),
    "zip cut off": ("zip", zipped({"a.txt": b"hello" * 500})[:-30]),
    "zip damaged": (
        "zip",
        zipped({"a.txt": bytes(range(256)) * 9}, zipfile.ZIP_STORED).replace(bytes(range(99)), bytes(99), 1),
    ),
    "rar cut off": ("rar", rar({"a.txt": (b"hello", 5)})[:14]),
    "rar cut off in a member": ("rar", rar({"a.txt": (b"hello" * 100, 500)})[:-200]),
    "7z cut off": ("7z", seven({"a.txt": b"hello"})[:-10]),
    "7z of nothing": ("7z", b"7z\xbc\xaf\x27\x1c" + bytes(100)),
    "pdf of nothing": ("pdf", b"%PDF-1.7\nnothing"),
    "pdf that is a zip too": ("pdf", pdf() + zipped({"a.sh": b"#!/bin/sh"})),
    "picture called pdf": ("pdf", encoded(picture(), "PNG")),
    "doc of nothing": ("doc", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000)),
    "binary called txt": ("txt", bytes(range(256))),
    "binary behind a text": ("txt", b"hello " * 2_000_000 + b"\0"),
    "binary behind a wide text": ("txt", "hello".encode("utf-16") + b"\x01\x00"),
    "shell script called txt": ("txt", b"#!/bin/sh\nrm -rf /\n"),
    "php called txt": ("txt", b"\xef\xbb\xbf  <?php system('id'); ?>"),
    "pdf called txt": ("txt", pdf()),
    "html called txt": ("txt", b"<!-- x -->\n<HTML><script>alert(1)</script>"),
    "svg called xml": ("xml", b'<?xml version="1.0"?><s:svg xmlns:s="http://www.w3.org/2000/svg"/>'),
    "xhtml called xml": ("xml", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'),
    "broken json": ("json", b'{"a": 1'),
    "text called json": ("json", b"hello"),
    "broken xml": ("xml", b"<a><b></a>"),
    "text called xml": ("xml", b"hello"),
}


@pytest.mark.parametrize(("kind", "data"), DISGUISED.values(), ids=DISGUISED)
async def test_what_is_broken_or_disguised_is_refused(inspect: Inspect, kind: str, data: bytes) -> None:
    """The content has to be what the name says, to its end."""
    outcome = await inspect(kind, data)
    assert outcome.verdict == "unreadable", outcome


async def test_the_limits_are_settings(tmp_path: Path) -> None:
    """Depth and ratio are what the configuration says (G-32)."""
    pool = Workers(1, Limits(depth=1, ratio_from=1_000, ratio=5))
    try:
        for data, reason in ((zipped({"a.zip": zipped({"b": b"x"})}), "depth"), (zipped({"a": bytes(20_000)}), "bomb")):
            (tmp_path / "source").write_bytes(data)
            outcome = await pool.run(Family.DOCUMENTS, Job("zip", str(tmp_path / "source"), ""))
            assert (outcome.verdict, outcome.reason) == ("hostile", reason)
    finally:
        await pool.close()
