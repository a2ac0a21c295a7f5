"""What is taken by name, declared type and first bytes, in each dialect, and how much of it."""

import pytest
from tests.blobs.papers import legacy, office, pdf, rar, seven, zipped
from tests.blobs.pictures import encoded, picture
from tests.blobs.recordings import film, voice

from duologue.blobs.kinds import KINDS, MB, Category, Kind, check_count, check_size, choose, limit
from duologue.blobs.signatures import check_head
from duologue.core.errors import PayloadTooLarge, ValidationFailed
from duologue.core.files import FileRules, clean_name
from duologue.core.model import FileKind, MessageType

SNAKE, CAMEL = FileRules.SNAKE, FileRules.CAMEL
UNSUPPORTED = "File type not supported. Allowed: JPEG, PNG, PDF, DOCX, etc."


def kind_of(name: str) -> Kind:
    """The kind with this name."""
    return next(kind for kind in KINDS if kind.name == name)


BOTH = [
    "a.jpg", "a.JPEG", "a.png", "a.gif", "a.webp", "a.pdf", "a.doc", "a.docx", "a.xls", "a.xlsx", "a.ppt", "a.pptx", "a.txt",
    "a.zip", "a.rar", "a.7z", "a.csv", "a.json", "a.xml", "a.m4a", "a.mp3", "a.ogg", "a.opus", "a.wav", "a.weba",
]  # fmt: skip


@pytest.mark.parametrize("name", BOTH)
def test_t138_both_dialects_take_these(name: str) -> None:
    """Whether the type is declared, unknown to the browser, or missing (C-35)."""
    for rules in (SNAKE, CAMEL):
        kind = choose(name, None, rules, MessageType.FILE)
        for declared in ("", "application/octet-stream", kind.media_type.upper() + "; charset=utf-8"):
            assert choose(name, declared, rules, None) is kind


REFUSED = [
    "evil.exe", "run.sh", "x.bat", "a.js", "x.cmd", "x.ps1", "x.msi", "x.jar", "x.apk", "x.app", "x.dmg", "x.scr", "x.vbs", "x.wsf",
    "x.hta", "x.svg", "x.html", "x", "x.", "photo.jpg.exe", "x.docm",
]  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_t142_programs_scripts_and_everything_unknown_are_refused(name: str) -> None:
    """By their last ending, whatever they declare (FTY-19, FTY-20)."""
    for rules in (SNAKE, CAMEL):
        with pytest.raises(ValidationFailed, match=UNSUPPORTED):
            choose(clean_name(name), "image/jpeg", rules, None)


def test_t143_a_declared_type_has_to_agree() -> None:
    """A text declared as a picture, a picture declared as a PDF."""
    for name, declared in (
        ("a.txt", "image/png"),
        ("a.png", "application/pdf"),
        ("a.pdf", "text/html"),
        ("a.csv", "image/jpeg"),
    ):
        with pytest.raises(ValidationFailed, match=UNSUPPORTED):
            choose(name, declared, SNAKE, None)


def test_only_dialect_a_takes_video() -> None:
    """C-35; a container that could hold either is audio in B, if it is declared so or not at all."""
    assert choose("a.mp4", "video/mp4", CAMEL, MessageType.VIDEO).shown_as is FileKind.VIDEO
    assert choose("a.webm", None, CAMEL, None).shown_as is FileKind.VIDEO
    assert choose("a.webm", "audio/webm;codecs=opus", CAMEL, None).shown_as is FileKind.AUDIO
    assert choose("a.webm", "audio/webm;codecs=opus", SNAKE, None).shown_as is FileKind.AUDIO
    assert choose("a.mp4", None, SNAKE, None).shown_as is FileKind.AUDIO
    for name, declared in (("a.mp4", "video/mp4"), ("a.webm", "video/webm"), ("a.mov", None)):
        with pytest.raises(ValidationFailed, match=UNSUPPORTED):
            choose(name, declared, SNAKE, None)


def test_g28_g29_a_message_type_takes_its_own_files() -> None:
    """Pictures are pictures; a message of files takes everything, also pictures (mixed)."""
    assert choose("a.png", None, SNAKE, MessageType.FILE).shown_as is FileKind.IMAGE
    for name, message_type in (
        ("a.pdf", MessageType.IMAGE),
        ("a.mp4", MessageType.IMAGE),
        ("a.png", MessageType.VIDEO),
    ):
        with pytest.raises(ValidationFailed, match=UNSUPPORTED):
            choose(name, None, CAMEL, message_type)


def test_t139_limits_are_exact() -> None:
    """Exactly the limit passes, one byte more does not; 1 MB is 2^20 (C-34)."""
    expected = {
        SNAKE: {Category.IMAGE: 10, Category.DOCUMENT: 25, Category.ARCHIVE: 50, Category.DATA: 10, Category.AUDIO: 25},
        CAMEL: {
            Category.IMAGE: 10,
            Category.DOCUMENT: 50,
            Category.ARCHIVE: 50,
            Category.DATA: 50,
            Category.AUDIO: 25,
            Category.VIDEO: 100,
        },
    }
    for rules, limits in expected.items():
        for kind in KINDS:
            if kind.category in limits:
                most = limits[kind.category] * 1_048_576
                assert limit(kind, rules) == most
                check_size(kind, rules, most, most)
                with pytest.raises(PayloadTooLarge, match="File exceeds maximum size limit"):
                    check_size(kind, rules, most + 1, most + 1)


def test_err08_is_word_for_word() -> None:
    """In dialect B, for every kind (B-33)."""
    with pytest.raises(PayloadTooLarge) as refused:
        check_size(kind_of("csv"), SNAKE, 11 * MB, 11 * MB)
    assert refused.value.message == "File exceeds maximum size limit (10MB for images, 25MB for documents)"
    assert refused.value.details == {"limit": 10 * MB}


def test_t141_files_of_a_message_have_a_limit_together() -> None:
    """100 MB, exactly so much passes, in both dialects."""
    for rules in (SNAKE, CAMEL):
        check_size(kind_of("zip"), rules, 1, 100 * MB)
        with pytest.raises(PayloadTooLarge, match="100MB"):
            check_size(kind_of("zip"), rules, 1, 100 * MB + 1)


def test_t140_t048_files_of_a_message_are_counted() -> None:
    """Five in B; in A ten pictures, five when anything else is among them."""
    image, document = kind_of("png"), kind_of("pdf")
    check_count([image] * 5, SNAKE)
    check_count([image] * 10, CAMEL)
    check_count([document] * 5, CAMEL)
    for kinds, rules, text in (
        ([image] * 6, SNAKE, "Maximum 5 files per message"),
        ([image] * 11, CAMEL, "Maximum 10 images per message"),
        ([document] * 6, CAMEL, "Maximum 5 files per message"),
        ([image] * 5 + [document], CAMEL, "Maximum 5 files per message"),
    ):
        with pytest.raises(ValidationFailed, match=text):
            check_count(kinds, rules)


BEGINNINGS = {
    "jpeg": encoded(picture(), "JPEG"),
    "png": encoded(picture(), "PNG"),
    "gif": encoded(picture(), "GIF"),
    "webp": encoded(picture(), "WEBP"),
    "pdf": pdf(),
    "doc": legacy("doc"),
    "xls": legacy("xls"),
    "ppt": legacy("ppt"),
    "docx": office("docx"),
    "xlsx": office("xlsx"),
    "pptx": office("pptx"),
    "txt": b"hello",
    "zip": zipped({"a": b"x"}),
    "rar": rar({"a": (b"x", 1)}),
    "7z": seven({"a": b"x"}),
    "csv": b"a,b\n",
    "json": b"[]",
    "xml": b"<a/>",
    "mp4": film(),
    "mov": film("mov"),
    "webm": film("webm", "libvpx"),
    "m4a": voice("ipod", "aac"),
    "mp3": voice("mp3", "libmp3lame"),
    "ogg": voice("ogg", "libopus"),
    "weba": voice("webm", "libopus"),
    "wav": voice("wav", "pcm_s16le"),
}
PROGRAMS = {
    "exe": b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff" + bytes(100),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(100),
    "mach-o": bytes.fromhex("cffaedfe07000001") + bytes(100),
    "class": bytes.fromhex("cafebabe00000034") + bytes(100),
}


def test_every_kind_is_known_by_its_first_bytes() -> None:
    """And there is a test file of every kind."""
    assert {kind.name for kind in KINDS} == set(BEGINNINGS)
    for kind in KINDS:
        check_head(kind, BEGINNINGS[kind.name][:4096])


@pytest.mark.parametrize("program", PROGRAMS)
def test_t143_a_program_is_refused_by_its_first_bytes_whatever_it_is_called(program: str) -> None:
    """No kind takes them."""
    for kind in KINDS:
        with pytest.raises(ValidationFailed, match=UNSUPPORTED):
            check_head(kind, PROGRAMS[program])


def test_no_kind_takes_the_first_bytes_of_another_family() -> None:
    """A picture is no document, a document no picture; containers that share their beginning are told apart later."""
    alike = [
        {"doc", "xls", "ppt"},
        {"docx", "xlsx", "pptx", "zip"},
        {"txt", "csv", "json", "xml"},
        {"mp4", "mov", "m4a"},
        {"webm", "weba"},
        {"webp", "wav"},
    ]
    for kind in KINDS:
        family = next((names for names in alike if kind.name in names), {kind.name})
        for name, data in BEGINNINGS.items():
            if name not in family:
                with pytest.raises(ValidationFailed, match=UNSUPPORTED):
                    check_head(kind, data[:4096])


def test_sound_without_a_tag_and_rare_brands_of_mp4_are_left_to_the_demuxer() -> None:
    """The library does not know them; PyAV does."""
    for head in (b"\xff\xf3\x90\x64" + bytes(400), b"\xff\xfb\x90\x64" + bytes(400)):
        check_head(kind_of("mp3"), head)
    for brand in (b"iso5", b"mp41", b"dash", b"M4V "):
        check_head(kind_of("mp4"), b"\0\0\0\x18ftyp" + brand + bytes(40))


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("../../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\system.txt", "system.txt"),
        ("C:\\fakepath\\photo.jpg", "photo.jpg"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt"),
        ("a\x00.txt", "a.txt"),
        ("photo\u202egnp.txt", "photognp.txt"),
        ("  spaced .pdf  ", "spaced.pdf"),
        ("name.pdf...", "name.pdf"),
        ("..%2f..%2fx.txt", "%2f..%2fx.txt"),
        ("Zoe\u0308.txt", "Zo\u00eb.txt"),
        ("\ud800x.txt", "x.txt"),
        ("👨\u200d👩\u200d👧.png", "👨\u200d👩\u200d👧.png"),
        ("", "file"),
        ("///", "file"),
        (".pdf", "pdf"),
        ("\u202e.pdf", "pdf"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ("é" * 300, "é" * 255),
    ],
)
def test_t144_t145_a_name_is_cleaned(given: str, cleaned: str) -> None:
    """No path, no hidden characters, 255 at most with its ending kept (B-32, G-30)."""
    assert clean_name(given) == cleaned
