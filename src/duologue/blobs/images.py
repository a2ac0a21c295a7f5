"""Pictures, in a worker process: decoded as JPEG, PNG, GIF or WebP only, turned upright, cut down, written anew without metadata.

Writing anew is what removes EXIF, GPS, XMP and comments, and whatever else a file carried along (FST-01 to 07, SEC-16, C-38).
Colours are converted to sRGB before the profile goes. What moves stays moving.
"""

import io
from typing import Any

import blurhash
from PIL import GifImagePlugin, Image, ImageCms, ImageFile, ImageOps, ImageSequence

from duologue.blobs.jobs import Job, Limits, Outcome
from duologue.blobs.verdicts import Hostile, Unreadable

SIDE = 1920  # pixels, the longest side kept
QUALITY = 85
THUMBNAIL = (400, 400)
THUMBNAIL_QUALITY = 75
_PROFILE = 4 << 20  # bytes; a larger colour profile is not read
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP"}
_HASHED = (32, 32)  # pixels that the placeholder is computed from

# Our own limit is checked first, by `_open`; Pillow's would only warn up to twice its value.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False
# Frames that share a palette keep it: no colour is lost, and nothing is computed.
GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY


def process(job: Job, limits: Limits) -> Outcome:
    """Write `<out>.main` and `<out>.thumbnail`; width, height and placeholder are those of the picture as stored.

    Raises:
        Hostile: too many pixels or frames.
        Unreadable: no such picture, or a broken one; decoders raise their own errors too.
    """
    kind = _FORMATS[job.kind]
    with _open(job.source, kind, limits) as image:
        frames = _frames(image, limits)
        main, thumbnail = f"{job.out}.main", f"{job.out}.thumbnail"
        size = _write_moving(image, main, kind) if frames > 1 else _write_still(image, main, kind)
    with Image.open(main, formats=[kind]) as stored:
        placeholder = write_thumbnail(stored, thumbnail)
    return Outcome(main=main, thumbnail=thumbnail, width=size[0], height=size[1], placeholder=placeholder)


def write_thumbnail(image: Image.Image, path: str) -> str:
    """A square JPEG of the middle, on white where it was transparent; its BlurHash."""
    image.draft("RGB", (THUMBNAIL[0] * 2, THUMBNAIL[1] * 2))
    square = ImageOps.fit(_on_white(image), THUMBNAIL, Image.Resampling.LANCZOS)
    square.save(path, "JPEG", quality=THUMBNAIL_QUALITY, optimize=True)
    return placeholder_of(image)


def placeholder_of(image: Image.Image) -> str:
    """The BlurHash of a whole picture: 4 components across, 3 down."""
    small = _on_white(image).resize(_HASHED, Image.Resampling.BILINEAR)
    width = small.width * 3
    flat = small.tobytes()
    rows = [[flat[at : at + 3] for at in range(y, y + width, 3)] for y in range(0, len(flat), width)]
    return str(blurhash.encode(rows, components_x=4, components_y=3))


def write_jpeg(image: Image.Image, path: str) -> tuple[int, int]:
    """A still of a video, at most 1920 on a side; its size."""
    still = _on_white(image)
    still.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    still.save(path, "JPEG", quality=QUALITY, optimize=True)
    return still.size


def _open(path: str, kind: str, limits: Limits) -> Image.Image:
    """The picture, its header read and judged; no pixel is decoded yet."""
    image = Image.open(path, formats=[kind])
    if not image.width or not image.height:
        raise Unreadable("unreadable")
    if image.width * image.height > limits.pixels:
        raise Hostile("pixels")
    return image


def _frames(image: Image.Image, limits: Limits) -> int:
    """How many frames it has, counted without decoding them."""
    frames = getattr(image, "n_frames", 1)
    if frames > limits.frames or (frames > 1 and frames * image.width * image.height > limits.frame_pixels):
        raise Hostile("frames")
    return int(frames)


def _write_still(image: Image.Image, path: str, kind: str) -> tuple[int, int]:
    """Decode, turn, cut down, write; the size as written."""
    upright = _upright(image)
    clean = _bare(_without_profile(upright), kind)
    options: dict[str, Any] = {"quality": QUALITY} if kind in ("JPEG", "WEBP") else {}
    if kind in ("JPEG", "PNG"):
        options["optimize"] = kind == "JPEG"
    clean.save(path, kind, **options)
    return clean.size


def _upright(image: Image.Image) -> Image.Image:
    """At most 1920 on a side, turned as its orientation says. A JPEG is decoded at a fraction of its size where that is enough."""
    if max(image.size) > SIDE:
        image = image if image.mode not in ("P", "1", "I;16") else _deep(image)
        image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    else:
        image.load()
    return ImageOps.exif_transpose(image)


def _write_moving(image: Image.Image, path: str, kind: str) -> tuple[int, int]:
    """Every frame, its time and the number of rounds; the size as written. Frames are read one by one while they are written."""
    options: dict[str, Any] = {"save_all": True, "comment": b"", "exif": b"", "xmp": b"", "icc_profile": b""}
    options["loop"] = image.info.get("loop", None if kind == "GIF" else 0)
    if kind == "GIF" and "transparency" in image.info:
        options["disposal"] = 2  # what was opaque can become transparent again
    if kind == "WEBP":
        options |= {"quality": QUALITY, "duration": [_duration(frame) for frame in ImageSequence.Iterator(image)]}
    image.seek(0)
    if max(image.size) <= SIDE:
        image.save(path, kind, **{name: value for name, value in options.items() if value is not None})
        return image.size
    small = [_small(frame) for frame in ImageSequence.Iterator(image)]
    options["duration"] = [_duration(frame) for frame in small]
    options["append_images"] = small[1:]
    small[0].save(path, kind, **{name: value for name, value in options.items() if value is not None})
    return small[0].size


def _small(frame: Image.Image) -> Image.Image:
    """A frame at most 1920 on a side, with nothing but its duration."""
    duration = _duration(frame)
    small = _deep(frame)
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    small.info = {"duration": duration}
    return small


def _duration(frame: Image.Image) -> int:
    """Milliseconds that a frame is shown; a WebP knows them once it is decoded."""
    frame.load()
    return max(0, int(frame.info.get("duration", 0)))


def _bare(image: Image.Image, kind: str) -> Image.Image:
    """In a mode that the format can write, without anything beside the pixels but which colour is transparent."""
    if kind == "JPEG" and image.mode not in ("L", "RGB"):
        image = image.convert("L" if image.mode in ("1", "I", "I;16", "F") else "RGB")
    elif kind != "JPEG" and image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
        image = _deep(image)
    image.info = {name: value for name, value in image.info.items() if name == "transparency"}
    return image


def _deep(image: Image.Image) -> Image.Image:
    """In eight bits per channel, without a palette."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 256).convert("L")
    if image.mode in ("I", "F"):
        return image.point(lambda value: value / 256).convert("L")
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _on_white(image: Image.Image) -> Image.Image:
    """Without transparency, in RGB."""
    deep = _deep(image)
    if deep.mode != "RGBA":
        return deep.convert("RGB")
    ground = Image.new("RGBA", deep.size, "white")
    ground.alpha_composite(deep)
    return ground.convert("RGB")


def _without_profile(image: Image.Image) -> Image.Image:
    """The colours in sRGB, if the profile that says otherwise can be read; a broken one is only dropped."""
    profile = image.info.get("icc_profile")
    if not profile or len(profile) > _PROFILE or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGB" if image.mode == "CMYK" else image.mode
        if mode == "L":
            return image
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image
