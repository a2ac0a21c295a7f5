"""Video and audio that tests make."""

import array
import io
import math
import struct
from fractions import Fraction
from typing import Any

import av
from PIL import Image

RATE = 48_000


def voice(
    container: str, codec: str, seconds: float = 2.0, *, layout: str = "mono", rate: int = RATE, **options: Any
) -> bytes:
    """Two thirds of silence, then a tone."""
    target = io.BytesIO()
    with av.open(target, "w", format=container, **options) as output:
        if codec == "vorbis":  # FFmpeg's own encoder: stereo only, and called experimental
            layout = "stereo"
            stream = output.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
        else:
            stream = output.add_stream(codec, rate=rate, layout=layout)
        output.metadata.update({"title": "GPSPLACE", "artist": "somebody"})
        encoder_format = stream.codec_context.format
        resampler = av.AudioResampler(
            format=encoder_format.name if encoder_format else "fltp", layout=layout, rate=rate
        )
        count = int(seconds * rate)
        samples = [
            int(12_000 * math.sin(i * 2 * math.pi * 440 / rate)) if i * 3 > 2 * count else 0 for i in range(count)
        ]
        frame = av.AudioFrame(format="s16", layout="mono", samples=count)
        frame.planes[0].update(array.array("h", samples).tobytes())
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for sound in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(sound))
        output.mux(stream.encode(None))
    return target.getvalue()


def film(
    container: str = "mp4",
    codec: str = "libx264",
    *,
    size: tuple[int, int] = (320, 180),
    seconds: int = 3,
    sound: bool = False,
    **options: Any,
) -> bytes:
    """Ten frames a second, from black through red; a white field in the upper left corner."""
    target = io.BytesIO()
    with av.open(target, "w", format=container, **options) as output:
        stream = output.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
        stream.bit_rate = 400_000
        extra = (
            output.add_stream("aac" if container in ("mp4", "mov") else "libopus", rate=RATE, layout="mono")
            if sound
            else None
        )
        for index in range(seconds * 10):
            image = Image.new("RGB", size, (8 * index % 256, 0, 0))
            image.paste((255, 255, 255), (0, 0, size[0] // 4, size[1] // 4))
            output.mux(stream.encode(frame_of(image)))
        output.mux(stream.encode(None))
        if extra is not None:
            frame = av.AudioFrame(format="fltp", layout="mono", samples=1024 if container in ("mp4", "mov") else 960)
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            output.mux(extra.encode(frame))
            output.mux(extra.encode(None))
    return target.getvalue()


def frame_of(image: Image.Image) -> av.VideoFrame:
    """A picture as a frame."""
    return av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call, no-any-return]


def turned(film_of_mp4: bytes) -> bytes:
    """The film as a phone held upright writes it: the matrix of its track says 90 degrees clockwise."""
    at = film_of_mp4.index(b"tkhd") + 4 + 40
    one, minus = 1 << 16, -(1 << 16)
    matrix = struct.pack(">9i", 0, one, 0, minus, 0, 0, 0, 0, 1 << 30)
    return film_of_mp4[:at] + matrix + film_of_mp4[at + 36 :]
