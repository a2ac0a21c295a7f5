"""Pictures that tests make: photographs with orientation and GPS, animations, and headers that lie."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw
from PIL.Image import Exif

GPS_MARK = b"GPSPLACE"


def picture(width: int = 320, height: int = 240, mode: str = "RGB") -> Image.Image:
    """A picture that no crop or turn leaves unchanged: red corner at the upper left, blue ground, a green disc."""
    image = Image.new("RGBA", (width, height), (20, 40, 200, 255))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width // 3, height // 3, width * 2 // 3, height * 2 // 3), fill=(20, 180, 60, 255))
    draw.rectangle((0, 0, width // 4, height // 4), fill=(230, 20, 20, 255))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The file."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def photograph(width: int = 3000, height: int = 2000, *, orientation: int = 1) -> bytes:
    """A JPEG with camera, GPS, XMP and a comment, lying as `orientation` says."""
    exif = Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera of somebody"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (52.0, 31.0, 12.0)
    place[29] = GPS_MARK.decode()
    return encoded(
        picture(width, height), "JPEG", exif=exif, comment=GPS_MARK, xmp=b"<x>" + GPS_MARK + b"</x>", quality=92
    )


def animation(kind: str = "GIF", frames: int = 4, size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    """Frames of different colours and durations, shown for ever."""
    moving = [
        Image.new("RGB", size, (250 * index // frames, 80, 250 - 250 * index // frames)) for index in range(frames)
    ]
    durations = [100 + 20 * index for index in range(frames)]
    return encoded(moving[0], kind, save_all=True, append_images=moving[1:], duration=durations, loop=0, **options)


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def flood_png(width: int, height: int) -> bytes:
    """A PNG of a few hundred kilobytes that says it is this large, and has the rows to prove it up to a point."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def flood_jpeg() -> bytes:
    """A small JPEG whose frame header says 65535x65535."""
    whole = bytearray(encoded(picture(16, 16), "JPEG"))
    at = whole.index(b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">HH", 65535, 65535)
    return bytes(whole)


def flood_gif(width: int = 65535, height: int = 65535) -> bytes:
    """A GIF whose screen is larger than any screen."""
    whole = bytearray(encoded(picture(16, 16, "P"), "GIF"))
    whole[6:10] = struct.pack("<HH", width, height)
    return bytes(whole)


def frame_bomb_gif(frames: int, size: int = 1000) -> bytes:
    """A GIF of so many tiny frames on a large screen."""
    one = encoded(picture(8, 8, "P"), "GIF")
    first = one.index(b",", 13 + 3 * (2 << (one[10] & 7)))
    frame = b"\x21\xf9\x04\x04\x01\x00\x00\x00" + one[first:-1]
    head = bytearray(one[:first])
    head[6:10] = struct.pack("<HH", size, size)
    return bytes(head) + frame * frames + b";"


def restless_gif(frames: int, size: int = 1000) -> bytes:
    """A GIF of a few kilobytes per frame whose frames all differ from the one before: work for seconds."""
    pair = [encoded(turned, "GIF") for turned in (picture(size, size, "P"), picture(size, size, "P").rotate(180))]
    first = [one.index(b",", 13 + 3 * (2 << (one[10] & 7))) for one in pair]
    return pair[0][: first[0]] + b"".join(pair[i % 2][first[i % 2] : -1] for i in range(frames)) + b";"


def frame_bomb_apng(frames: int, size: int = 1000) -> bytes:
    """A PNG that announces so many frames."""
    whole = encoded(Image.new("L", (size, size)), "PNG")
    control = chunk(b"acTL", struct.pack(">II", frames, 0))
    return whole[:33] + control + whole[33:]


def large_webp() -> bytes:
    """A WebP of the most pixels its format allows, in a few bytes: over any limit of ours."""
    return encoded(Image.new("L", (16383, 4000)), "WEBP", quality=1, method=0)
