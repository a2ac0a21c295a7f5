"""Files that people send to do harm, and what the product has to say of each; made once, at first use. Nothing of the product inside."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import pikepdf
from tests.blobs.papers import (
    legacy,
    lying_zip,
    macro_sheet_workbook,
    office,
    overlapping_zip,
    pdf,
    pdf_bomb,
    rar,
    script,
    seven,
    vba_presentation,
    zip_bomb,
    zipped,
)
from tests.blobs.pictures import (
    animation,
    encoded,
    flood_gif,
    flood_jpeg,
    flood_png,
    frame_bomb_apng,
    frame_bomb_gif,
    large_webp,
    picture,
)
from tests.blobs.recordings import film, voice
from tests.live.files import EMPTY, REJECTED, UNSUPPORTED
from tests.live.people import Refusal

MB = 1 << 20
FORMATS = {"jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP"}
TYPES = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
HTML = b"<!DOCTYPE html><html><body><script>alert(document.domain)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PHP = b"<?php system($_GET[0]); ?>"
MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
PLAYLIST = b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nfile:///etc/passwd\nhttp://127.0.0.1:1/x\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile '/etc/passwd'\n"
GIF_SCRIPT_WIDTH = 0x2A2F  # pixels: written as the bytes /* which begin a comment of JavaScript


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file, and how it is refused in both dialects. `make` returns its bytes."""

    name: str
    media_type: str | None
    make: Callable[[], bytes]
    refusal: Refusal


def refused() -> dict[str, Hostile]:
    """What is never stored, by what it is."""
    return {**_bombs(), **_disguises(), **_broken(), **_active()}


def _bombs() -> dict[str, Hostile]:
    made: dict[str, tuple[str, Callable[[], bytes]]] = {
        "PNG that says 65535x65535": ("a.png", lambda: flood_png(65535, 65535)),
        "PNG of 20000x20000": ("a.png", lambda: flood_png(20_000, 20_000)),
        "JPEG that says 65535x65535": ("a.jpg", flood_jpeg),
        "GIF that says 65535x65535": ("a.gif", flood_gif),
        "WebP of 65 megapixels": ("a.webp", large_webp),
        "GIF of 1001 frames": ("a.gif", lambda: frame_bomb_gif(1_001, 10)),
        "GIF of 300 large frames": ("a.gif", lambda: frame_bomb_gif(300)),
        "APNG of a billion frames": ("a.png", lambda: frame_bomb_apng(1_000_000_000)),
        "like 42.zip": ("42.zip", lambda: zip_bomb(6)),
        "ZIP that is wide, not deep": ("a.zip", lambda: zip_bomb(3, width=40)),
        "ZIP of zeros": ("a.zip", lambda: zipped({str(index): bytes(20 * MB) for index in range(3)})),
        "ZIP whose members share their bytes": ("a.zip", overlapping_zip),
        "ZIP of too many members": ("a.zip", lambda: zipped({str(index): b"" for index in range(10_001)})),
        "ZIP with a GZ of zeros": ("a.zip", lambda: zipped({"a.gz": gzip.compress(bytes(40 * MB))})),
        "ZIP whose names climb": ("a.zip", lambda: zipped({"../../etc/cron.d/x": b"x"})),
        "encrypted ZIP of zeros": ("a.zip", lambda: sealed_zip({"a": bytes(60 * MB)})),
        "RAR that declares a terabyte": ("a.rar", lambda: rar({"a": (b"x", 1 << 40)})),
        "7Z of zeros": ("a.7z", lambda: seven({"a": bytes(40 * MB)})),
        "DOCX of zeros": ("a.docx", lambda: office("docx", {"word/media/a.bmp": bytes(60 * MB)})),
        "PDF of zeros": ("a.pdf", lambda: pdf_bomb(200 * MB, 6)),
        "XML of laughs": ("a.xml", lambda: LAUGHS),
        "XML from elsewhere": ("a.xml", lambda: b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
    }
    return {what: Hostile(name, None, make, REJECTED) for what, (name, make) in made.items()}


# What keeps a worker busy for seconds. The worker does not know by which way a file came: once is enough, but at full length.
SLOW = ("PDF of zeros", "WebP of 65 megapixels", "like 42.zip")


def _active() -> dict[str, Hostile]:
    return {what: Hostile(name, None, make, REJECTED) for what, (name, make) in findings().items()}


def findings() -> dict[str, tuple[str, Callable[[], bytes]]]:
    """What a policy decides about: macros, and what a PDF runs."""
    return {
        "DOCX with VBA": ("a.docx", lambda: office("docx", {"word/vbaProject.bin": b"x"})),
        "XLSX with VBA": ("a.xlsx", lambda: office("xlsx", {"xl/vbaProject.bin": b"x"})),
        "PPTX with VBA in other letters": ("a.pptx", lambda: office("pptx", {"ppt/VBAPROJECT.BIN": b"x"})),
        "DOCM called DOCX": ("a.docx", lambda: office("docx", main_type=MACRO_TYPE)),
        "DOC with VBA": ("a.doc", lambda: legacy("doc", storages=("Macros",))),
        "XLS with a macro sheet": ("a.xls", macro_sheet_workbook),
        "PPT with VBA": ("a.ppt", vba_presentation),
        "PDF that opens with a script": ("a.pdf", lambda: pdf(OpenAction=script())),
        "PDF with a script in an object stream": ("a.pdf", lambda: pdf(streams=True, OpenAction=script())),
        "PDF that starts a program": (
            "a.pdf",
            lambda: pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))),
        ),
    }


def _disguises() -> dict[str, Hostile]:
    archive = partial(zipped, {"evil.sh": b"#!/bin/sh\n"})
    made: dict[str, tuple[str, str | None, Callable[[], bytes]]] = {
        "PDF that is a ZIP too": ("a.pdf", None, lambda: pdf() + archive()),
        "PDF within the comment's reach of a ZIP": ("a.pdf", None, pdf_in_zip),
        "ZIP that is a PDF first": ("a.zip", None, lambda: pdf() + archive()),
        "page called JPEG, with its marker": ("a.jpg", "image/jpeg", lambda: b"\xff\xd8\xff\xe0" + HTML),
        "page called PNG, with its signature": ("a.png", "image/png", lambda: b"\x89PNG\r\n\x1a\n" + HTML),
        "script called GIF, with its signature": ("a.gif", "image/gif", lambda: b"GIF89a=1;alert(1)//"),
        "page called WebP, with its signature": (
            "a.webp", "image/webp", lambda: b"RIFF\x64\x00\x00\x00WEBPVP8 " + HTML,
        ),
        "SVG by its own name": ("a.svg", "image/svg+xml", lambda: SVG),
        "page by its own name": ("a.html", "text/html", lambda: HTML),
        "page called text": ("a.txt", "text/plain", lambda: HTML),
        "SVG called XML": ("a.xml", "text/xml", lambda: SVG),
        "JAR called ZIP": (
            "a.zip", None, lambda: zipped({"META-INF/MANIFEST.MF": b"Main-Class: Evil", "Evil.class": b"\xca\xfe"}),
        ),
        "program called ZIP": ("a.zip", None, lambda: b"MZ\x90\x00" + archive()),
        "program called picture": ("a.png", "image/png", lambda: b"\x7fELF" + bytes(200)),
        "voice called film": ("a.mp4", "video/mp4", partial(voice, "mp4", "aac")),
        "film called voice": ("a.m4a", "audio/mp4", film),
        "film called voice message of a browser": (
            "a.weba", "audio/webm", partial(film, "webm", "libvpx"),
        ),
        "playlist called film": ("a.mp4", "video/mp4", lambda: PLAYLIST),
        "playlist called voice": ("a.m4a", "audio/mp4", lambda: PLAYLIST),
        "list of files called film": ("a.mp4", "video/mp4", lambda: CONCAT),
        "list of files called voice": ("a.mp4", "audio/mp4", lambda: CONCAT),
    }  # fmt: skip
    for ending, media_type in TYPES.items():
        made[f"SVG called {ending}"] = (f"a.{ending}", media_type, lambda: SVG)
        made[f"SVG called {ending} and declared"] = (f"a.{ending}", "image/svg+xml", lambda: SVG)
        made[f"page called {ending}"] = (f"a.{ending}", media_type, lambda: HTML)
    return {what: Hostile(name, kind, make, UNSUPPORTED) for what, (name, kind, make) in made.items()}


def _broken() -> dict[str, Hostile]:
    found = {
        "ZIP that lies about sizes": Hostile("a.zip", None, lying_zip, UNSUPPORTED),
        "ZIP cut off": Hostile("a.zip", None, lambda: zipped({"a.txt": b"hello" * 500})[:-30], UNSUPPORTED),
        "RAR cut off": Hostile("a.rar", None, lambda: rar({"a.txt": (b"hello" * 100, 500)})[:-200], UNSUPPORTED),
        "7Z cut off": Hostile("a.7z", None, lambda: seven({"a.txt": b"hello"})[:-10], UNSUPPORTED),
        "PDF of nothing": Hostile("a.pdf", None, lambda: b"%PDF-1.7\nnothing", UNSUPPORTED),
        "film cut off before its table": Hostile("a.mp4", "video/mp4", lambda: film()[:3_000], UNSUPPORTED),
    }
    for ending, kind in FORMATS.items():
        whole = partial(encoded, picture(), kind)
        for what, make in (
            ("cut in half", partial(_half, whole)),
            ("of its first 40 bytes", partial(_start, whole, 40)),
            ("of its signature alone", partial(_start, whole, 12)),
        ):
            found[f"{kind} {what}"] = Hostile(f"a.{ending}", TYPES[ending], make, UNSUPPORTED)
        found[f"{kind} of no bytes"] = Hostile(f"a.{ending}", TYPES[ending], bytes, EMPTY)
    found["animation cut in half"] = Hostile("a.gif", "image/gif", partial(_half, animation), UNSUPPORTED)
    for name in ("a.txt", "a.zip", "a.pdf", "a.m4a"):
        found[f"{name} of no bytes"] = Hostile(name, None, bytes, EMPTY)
    return found


def _half(make: Callable[[], bytes]) -> bytes:
    whole = make()
    return whole[: len(whole) // 2]


def _start(make: Callable[[], bytes], size: int) -> bytes:
    return make()[:size]


def pdf_in_zip() -> bytes:
    """A PDF before which nothing stands, and that lies in an archive whose comment reaches to its end."""
    target = io.BytesIO(pdf().removesuffix(b"%%EOF\n"))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("evil.sh", b"#!/bin/sh\n")
        archive.comment = b"\n%%EOF\n"
    return target.getvalue()


def sealed_zip(members: dict[str, bytes]) -> bytes:
    """A ZIP whose members say that they are encrypted."""
    whole = bytearray(zipped(members))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = whole.find(mark)
        while place >= 0:
            whole[place + at] |= 1
            place = whole.find(mark, place + 1)
    return bytes(whole)


@dataclass(frozen=True, slots=True)
class Polyglot:
    """A sound picture that is something else too; `marks` are what must not be found in what is stored."""

    name: str
    data: bytes
    marks: tuple[bytes, ...]


@cache
def polyglots() -> tuple[Polyglot, ...]:
    """Pictures with pages, scripts and archives before, within and behind them."""
    archive = zipped({"evil.sh": b"#!/bin/sh\n"})
    wide = encoded(picture(GIF_SCRIPT_WIDTH, 16, "P"), "GIF", comment=b"*/=1;alert(1);/*")
    assert wide.startswith(b"GIF89a/*")
    marks = (HTML, b"<script", b"alert(", PHP, b"<?php", b"PK\x03\x04", b"PK\x05\x06")
    return (
        Polyglot("jpeg-html.jpg", encoded(picture(), "JPEG", comment=HTML, exif=_exif()) + HTML, marks),
        Polyglot("jpeg-zip.jpg", encoded(picture(), "JPEG") + archive, marks),
        Polyglot("png-zip.png", encoded(picture(), "PNG") + archive, marks),
        Polyglot("png-html.png", encoded(picture(), "PNG", exif=_exif()) + HTML, marks),
        Polyglot("gif-js.gif", wide + b"*/;alert(1)", marks),
        Polyglot("gif-php.gif", animation(comment=PHP) + HTML, marks),
        Polyglot("webp-html.webp", encoded(picture(), "WEBP", exif=_exif(), xmp=HTML) + HTML + archive, marks),
    )


def _exif() -> bytes:
    exif = picture().getexif()
    exif[0x010E] = HTML.decode()
    exif[0x013B] = PHP.decode()
    return exif.tobytes()


def damaged() -> Iterator[tuple[str, bytes]]:
    """Pictures of each format with bytes turned at places all over them: name and bytes."""
    for ending, kind in FORMATS.items():
        whole = encoded(picture(), kind)
        for at in range(16, len(whole), max(1, len(whole) // 8)):
            yield f"{at}.{ending}", whole[:at] + bytes(byte ^ 0xA5 for byte in whole[at : at + 16]) + whole[at + 16 :]
