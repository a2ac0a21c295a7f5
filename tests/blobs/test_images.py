"""Pictures through the worker processes: size, orientation, metadata, thumbnails, animation, and everything hostile."""

import asyncio
import os
import signal
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import blurhash
import pytest
from PIL import Image, ImageCms
from tests.blobs.pictures import (
    GPS_MARK,
    animation,
    chunk,
    encoded,
    flood_gif,
    flood_jpeg,
    flood_png,
    frame_bomb_apng,
    frame_bomb_gif,
    large_webp,
    photograph,
    picture,
    restless_gif,
)

from duologue.blobs.jobs import Family, Job, Limits, Outcome
from duologue.blobs.worker import NICENESS
from duologue.blobs.workers import Workers
from duologue.core.errors import Unavailable

Process = Callable[[str, bytes], Awaitable[Outcome]]
FORMATS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP"}


@pytest.fixture
def process(workers: Workers, tmp_path: Path) -> Process:
    """Give the way of one picture through a worker."""

    async def run(kind: str, data: bytes) -> Outcome:
        source = tmp_path / "source"
        source.write_bytes(data)
        return await workers.run(Family.IMAGES, Job(kind, str(source), str(tmp_path / "out")))

    return run


async def started(pool: Workers) -> None:
    """Wait until a process is at work."""
    async with asyncio.timeout(10):
        while not pool.pids:  # noqa: ASYNC110 -- a process of the kernel sets no event
            await asyncio.sleep(0.01)


def proc(pid: int, name: str) -> bytes:
    """What the kernel says of a process."""
    return Path(f"/proc/{pid}/{name}").read_bytes()


def main_of(outcome: Outcome) -> bytes:
    """The picture as written."""
    assert outcome.verdict == "fine", outcome
    assert outcome.main is not None
    return Path(outcome.main).read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_picture_of_each_format_is_written_anew_in_its_format(process: Process, kind: str) -> None:
    """Format and size stay; width, height and placeholder are known (C-38, FST-18)."""
    outcome = await process(kind, encoded(picture(), FORMATS[kind]))
    main = main_of(outcome)
    assert (outcome.width, outcome.height) == (320, 240)
    with Image.open(str(outcome.main)) as image:
        assert image.format == FORMATS[kind]
        red, green, blue = image.convert("RGB").getpixel((10, 10))  # type: ignore[misc]
    assert red > 180
    assert green < 60
    assert blue < 60
    assert len(main) > 0
    assert outcome.placeholder is not None
    assert len(blurhash.decode(outcome.placeholder, 4, 3)) == 3


async def test_t136_a_photograph_is_cut_to_1920_and_loses_what_it_knew(process: Process) -> None:
    """3000x2000 becomes 1920x1280; no EXIF, GPS, XMP or comment is left; the thumbnail is a JPEG of 400x400."""
    outcome = await process("jpeg", photograph())
    main = main_of(outcome)
    assert (outcome.width, outcome.height) == (1920, 1280)
    assert GPS_MARK not in main
    assert b"Exif" not in main
    assert b"Camera" not in main
    with Image.open(str(outcome.thumbnail)) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (400, 400))


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_picture_is_turned_as_its_orientation_says(process: Process, orientation: int) -> None:
    """All eight orientations; the red corner ends where the camera saw it."""
    outcome = await process("jpeg", photograph(400, 200, orientation=orientation))
    main_of(outcome)
    is_turned = orientation > 4
    assert (outcome.width, outcome.height) == ((200, 400) if is_turned else (400, 200))
    corner = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[orientation]
    with Image.open(str(outcome.main)) as image:
        at = tuple(5 if side == 0 else length - 6 for side, length in zip(corner, image.size, strict=True))
        red, green, _ = image.convert("RGB").getpixel(at)  # type: ignore[misc, arg-type]
    assert red > 180
    assert green < 60


async def test_a_small_picture_is_not_enlarged_but_its_thumbnail_is_square(process: Process) -> None:
    """A picture of 30x10 stays so; thumbnails are always 400x400 (FST-05)."""
    outcome = await process("png", encoded(picture(30, 10), "PNG"))
    assert (outcome.width, outcome.height) == (30, 10)
    with Image.open(str(outcome.thumbnail)) as thumbnail:
        assert thumbnail.size == (400, 400)


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
async def test_what_moves_stays_moving(process: Process, kind: str) -> None:
    """Frames, their times and the rounds are those of the original."""
    outcome = await process(kind, animation(FORMATS[kind]))
    main_of(outcome)
    with Image.open(str(outcome.main)) as image:
        durations = []
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            image.load()
            durations.append(round(image.info["duration"]))
        assert durations == [100, 120, 140, 160]
        assert image.info.get("loop") == 0
        red, _, blue = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert red > 150 > blue


async def test_a_large_animation_is_cut_down_frame_by_frame(process: Process) -> None:
    """2400 pixels become 1920, in every frame."""
    outcome = await process("gif", animation(frames=3, size=(2400, 400)))
    main_of(outcome)
    assert (outcome.width, outcome.height) == (1920, 320)
    with Image.open(str(outcome.main)) as image:
        assert getattr(image, "n_frames", 1) == 3


async def test_a_gif_loses_its_comment(process: Process) -> None:
    """Comments of an animation are metadata too."""
    assert GPS_MARK not in main_of(await process("gif", animation(comment=GPS_MARK)))


async def test_a_transparent_animation_stays_transparent(process: Process) -> None:
    """What a frame leaves open does not show the frame before."""
    frames = [Image.new("RGBA", (40, 40), (0, 0, 0, 0)) for _ in range(3)]
    for index, frame in enumerate(frames):
        frame.paste((255, 0, 0, 255), (index * 10, 0, index * 10 + 10, 10))
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100, disposal=2)
    outcome = await process("gif", data)
    main_of(outcome)
    with Image.open(str(outcome.main)) as image:
        image.seek(2)
        shown = image.convert("RGBA")
    assert shown.getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert shown.getpixel((25, 5)) == (255, 0, 0, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
async def test_a_png_of_each_mode_is_readable_afterwards(process: Process, mode: str) -> None:
    """Bilevel, grey, palette, alpha and sixteen bits, small and to be cut down."""
    for size in ((120, 80), (2400, 1600)):
        source = (
            picture(*size, "L").convert("I;16").point(lambda value: value * 256)
            if mode == "I;16"
            else picture(*size, mode)
        )
        outcome = await process("png", encoded(source, "PNG"))
        main_of(outcome)
        with Image.open(str(outcome.main)) as image:
            image.load()
            assert max(image.size) == min(max(size), 1920)
            darkest, brightest = image.convert("RGBA").convert("L").getextrema()
        assert brightest - darkest > 50  # type: ignore[operator]


async def test_transparency_of_a_palette_is_kept(process: Process) -> None:
    """A palette PNG and a GIF with a transparent colour keep it."""
    for kind in ("png", "gif"):
        source = Image.new("P", (60, 60), 0)
        source.putpalette([255, 0, 0, 0, 255, 0] + [0] * 762)
        source.paste(1, (0, 0, 30, 30))
        outcome = await process(kind, encoded(source, FORMATS[kind], transparency=0))
        main_of(outcome)
        with Image.open(str(outcome.main)) as image:
            shown = image.convert("RGBA")
        assert shown.getpixel((50, 50))[3] == 0  # type: ignore[index]
        assert shown.getpixel((5, 5)) == (0, 255, 0, 255)


async def test_a_cmyk_jpeg_becomes_rgb(process: Process) -> None:
    """Browsers do not agree about CMYK."""
    outcome = await process("jpeg", encoded(picture(mode="CMYK"), "JPEG"))
    main_of(outcome)
    with Image.open(str(outcome.main)) as image:
        assert image.mode == "RGB"


async def test_colours_are_converted_before_the_profile_goes(process: Process) -> None:
    """A profile that swaps nothing but names somebody is gone; the picture is that of before."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    main = main_of(await process("jpeg", encoded(picture(), "JPEG", icc_profile=profile)))
    assert b"ICC_PROFILE" not in main


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 500, b"x" * (5 << 20)], ids=["short", "zeros", "large"])
async def test_a_broken_profile_is_dropped(process: Process, profile: bytes) -> None:
    """A profile is no reason to refuse a picture, whatever it holds."""
    main = main_of(await process("jpeg", encoded(picture(), "JPEG", icc_profile=profile)))
    assert len(main) < 100_000


@pytest.mark.parametrize("name", [b"iCCP", b"zTXt", b"eXIf"])
async def test_a_bomb_in_the_metadata_of_a_png_is_not_unpacked(process: Process, name: bytes) -> None:
    """A profile or a text that inflates to 400 MB: refused or left out."""
    whole = encoded(picture(), "PNG")
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(400)) + packer.flush()
    outcome = await process("png", whole[:33] + chunk(name, b"x\0\0" + bomb) + whole[33:])
    assert outcome.verdict in ("fine", "unreadable")
    if outcome.main:
        assert len(main_of(outcome)) < 2 * len(whole)


HOSTILE = {
    "PNG that says 65535x65535": ("png", lambda: flood_png(65535, 65535), "pixels"),
    "PNG of 20000x20000": ("png", lambda: flood_png(20000, 20000), "pixels"),
    "JPEG that says 65535x65535": ("jpeg", flood_jpeg, "pixels"),
    "GIF that says 65535x65535": ("gif", flood_gif, "pixels"),
    "WebP of 65 megapixels": ("webp", large_webp, "pixels"),
    "GIF of 1001 frames": ("gif", lambda: frame_bomb_gif(1001, 10), "frames"),
    "GIF of 300 large frames": ("gif", lambda: frame_bomb_gif(300), "frames"),
    "APNG of a billion frames": ("png", lambda: frame_bomb_apng(1_000_000_000), "frames"),
}


@pytest.mark.parametrize(("kind", "make", "reason"), HOSTILE.values(), ids=HOSTILE)
async def test_floods_and_bombs_are_refused(
    process: Process, kind: str, make: Callable[[], bytes], reason: str
) -> None:
    """By what their headers say, before a pixel is decoded."""
    outcome = await process(kind, make())
    assert (outcome.verdict, outcome.reason) == ("hostile", reason)


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_picture_cut_off_or_damaged_is_refused(process: Process, kind: str) -> None:
    """Cut anywhere, or with bytes turned in its middle: refused, or a picture; the worker never fails us."""
    whole = encoded(picture(), FORMATS[kind])
    assert (await process(kind, whole[: len(whole) // 2])).verdict == "unreadable"
    for part in (1, 8, 16, 40):
        assert (await process(kind, whole[:part])).verdict == "unreadable"
    for at in range(20, len(whole), max(1, len(whole) // 12)):
        damaged = whole[:at] + bytes(byte ^ 0xA5 for byte in whole[at : at + 16]) + whole[at + 16 :]
        assert (await process(kind, damaged)).verdict in ("fine", "unreadable", "hostile")


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!DOCTYPE html><script>alert(1)</script>",
        encoded(picture(16, 16), "TIFF"),
        encoded(picture(16, 16), "BMP"),
        encoded(picture(16, 16), "ICO"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
    ],
    ids=["svg", "html", "tiff", "bmp", "ico", "eps"],
)
async def test_only_four_decoders_are_ever_tried(process: Process, data: bytes) -> None:
    """What another decoder would read is unreadable, whatever it is called."""
    for kind in FORMATS:
        assert (await process(kind, data)).verdict == "unreadable"


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_polyglot_is_only_a_picture_afterwards(process: Process, kind: str) -> None:
    """An archive, markup or script behind or inside a picture does not survive being written anew."""
    evil = b"PK\x03\x04<script>alert(1)</script><?php system($_GET[0]); ?>"
    options = {"JPEG": {"comment": evil}, "GIF": {"comment": evil[:200]}}.get(FORMATS[kind], {})
    main = main_of(await process(kind, encoded(picture(), FORMATS[kind], **options) + evil))
    for mark in (b"PK\x03\x04", b"<script", b"<?php"):
        assert mark not in main


async def test_a_job_over_its_memory_is_refused_and_the_next_goes_on(tmp_path: Path) -> None:
    """The worker is bounded, not the machine."""
    pool = Workers(1, Limits(memory=320 << 20, pixels=1_000_000_000))
    (tmp_path / "large").write_bytes(encoded(Image.new("RGB", (16000, 8000)), "PNG"))
    (tmp_path / "small").write_bytes(encoded(picture(), "PNG"))
    try:
        outcome = await pool.run(Family.IMAGES, Job("png", str(tmp_path / "large"), str(tmp_path / "out")))
        assert (outcome.verdict, outcome.reason) == ("hostile", "memory")
        assert (
            await pool.run(Family.IMAGES, Job("png", str(tmp_path / "small"), str(tmp_path / "out")))
        ).verdict == "fine"
    finally:
        await pool.close()


@pytest.mark.parametrize("limits", [Limits(wall=0.6), Limits(cpu=0)], ids=["wall", "cpu"])
async def test_a_job_over_its_time_is_killed(tmp_path: Path, limits: Limits) -> None:
    """By the clock or by CPU time: refused, and the process is gone."""
    pool = Workers(1, limits)
    (tmp_path / "slow").write_bytes(restless_gif(240))
    try:
        outcome = await pool.run(Family.IMAGES, Job("gif", str(tmp_path / "slow"), str(tmp_path / "out")))
        assert (outcome.verdict, outcome.reason) == ("hostile", "time")
        assert pool.pids == []
    finally:
        await pool.close()


async def test_a_worker_killed_from_outside_is_not_the_files_fault(tmp_path: Path, workers: Workers) -> None:
    """The caller hears `Unavailable` and may try again."""
    pool = Workers(1, Limits())
    os.mkfifo(tmp_path / "never")  # opening it waits for a writer: the worker is at work until it is killed
    job = asyncio.create_task(pool.run(Family.IMAGES, Job("png", str(tmp_path / "never"), str(tmp_path / "out"))))
    try:
        await started(pool)
        os.kill(pool.pids[0], signal.SIGKILL)
        with pytest.raises(Unavailable):
            await job
        (tmp_path / "good").write_bytes(encoded(picture(), "PNG"))
        assert (
            await pool.run(Family.IMAGES, Job("png", str(tmp_path / "good"), str(tmp_path / "out")))
        ).verdict == "fine"
    finally:
        await pool.close()


async def test_a_cancelled_job_leaves_no_process_at_work(tmp_path: Path) -> None:
    """An upload cut off in the middle of its processing ends the work too."""
    pool = Workers(1, Limits())
    os.mkfifo(tmp_path / "never")
    job = asyncio.create_task(pool.run(Family.IMAGES, Job("png", str(tmp_path / "never"), str(tmp_path / "out"))))
    await started(pool)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert pool.pids == []
    await pool.close()


async def test_workers_know_nothing_of_our_environment(tmp_path: Path) -> None:
    """A decoder that is taken over finds no secret in its environment, and its memory is bounded."""
    pool = Workers(1, Limits())
    (tmp_path / "good").write_bytes(encoded(picture(), "PNG"))
    await pool.run(Family.IMAGES, Job("png", str(tmp_path / "good"), str(tmp_path / "out")))
    pid = pool.pids[0]
    environment = proc(pid, "environ").split(b"\0")
    assert {entry.partition(b"=")[0] for entry in environment} <= {
        b"PATH",
        b"LANG",
        b"MALLOC_ARENA_MAX",
        b"OMP_NUM_THREADS",
        b"",
    }
    assert str(Limits().memory).encode() in proc(pid, "limits")
    await pool.close()
    assert pool.pids == []


async def test_workers_let_messages_go_first(tmp_path: Path) -> None:
    """They are nicer than the server: where both want the processor, it is the server's."""
    pool = Workers(1, Limits())
    (tmp_path / "good").write_bytes(encoded(picture(), "PNG"))
    await pool.run(Family.IMAGES, Job("png", str(tmp_path / "good"), str(tmp_path / "out")))
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, pool.pids[0]) == min(ours + NICENESS, 19)
    await pool.close()
