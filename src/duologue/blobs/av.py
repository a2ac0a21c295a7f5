"""Video and audio, in a worker process, by PyAV: what they are, a poster, a waveform.

A video is stored as it came; its poster is a frame near its beginning. Audio is stored as AAC in MP4, which every browser plays,
without what its file said beside the sound. Only the demuxer of the file's own kind is tried, and only the decoders named here, so
that a playlist or a rare format cannot pass as a video.
"""

import array
from collections.abc import Iterator
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from duologue.blobs.images import write_jpeg, write_thumbnail
from duologue.blobs.jobs import Job, Limits, Outcome
from duologue.blobs.verdicts import Hostile, Unreadable

PEAKS = 64
POSTER_AT = 1.0  # seconds; earlier in a video of less than three
_BLOCK = 0.05  # seconds of sound behind one value while reading
_MEASURED = 8_000  # samples per second that a waveform is measured at
_BIT_RATE = {1: 96_000, 2: 160_000}  # by channels

_DEMUXERS = {
    "mp4": "mov",
    "mov": "mov",
    "webm": "matroska",
    "m4a": "mov",
    "mp3": "mp3",
    "ogg": "ogg",
    "weba": "matroska",
    "wav": "wav",
}
_PICTURE = {"h264", "hevc", "av1", "libdav1d", "vp8", "vp9", "libvpx", "libvpx-vp9", "mpeg4", "mjpeg", "prores"}
_SOUND = {"aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "libvorbis", "flac", "alac", "amrnb", "amrwb"}
_VIDEOS = ("mp4", "mov", "webm")


def process(job: Job, limits: Limits) -> Outcome:
    """A video: `<out>.poster`, `<out>.thumbnail`. Audio: `<out>.main`.

    Raises:
        Hostile: too many pixels.
        Unreadable: not such a file, or one that does not play; PyAV raises errors of its own.
    """
    with _open(job.source, _DEMUXERS[job.kind]) as container:
        if job.kind in _VIDEOS:
            return _video(container, job.out, limits)
        return _audio(container, job.out)


def _open(path: str, demuxer: str) -> InputContainer:
    """A file of one demuxer; nothing beyond the file is read, whatever it refers to."""
    return av.open(
        path, format=demuxer, metadata_errors="ignore", options={"protocol_whitelist": "file", "use_absolute_path": "0"}
    )


# -- video --------------------------------------------------------------------------------------------------------------


def _video(container: InputContainer, out: str, limits: Limits) -> Outcome:
    stream = _picture_stream(container)
    if stream is None:
        raise Unreadable("no_video")
    if stream.codec_context.name not in _PICTURE:
        raise Unreadable("codec")
    if stream.width * stream.height > limits.pixels:
        raise Hostile("pixels")
    codec = stream.codec_context.codec.canonical_name
    stream.codec_context.thread_count = 1
    duration = _length(container, stream) or _last(container, stream)
    still = _upright(_frame_near(container, stream, min(POSTER_AT, duration / 3)), stream.sample_aspect_ratio)
    write_jpeg(still, f"{out}.poster")
    placeholder = write_thumbnail(still, f"{out}.thumbnail")
    return Outcome(
        poster=f"{out}.poster",
        thumbnail=f"{out}.thumbnail",
        width=still.width,
        height=still.height,
        duration=round(duration, 3),
        codec=codec,
        placeholder=placeholder,
    )


def _picture_stream(container: InputContainer) -> VideoStream | None:
    """The video itself; a cover picture of a piece of music is none."""
    covers = av.stream.Disposition.attached_pic
    return next((stream for stream in container.streams.video if not stream.disposition & covers), None)


def _frame_near(container: InputContainer, stream: VideoStream, seconds: float) -> VideoFrame:
    """The first frame at or after the key frame before this time, or else the first of all."""
    if seconds > 0 and stream.time_base:
        container.seek(int(seconds / stream.time_base), stream=stream)
        found = next(_frames_until(container, stream, seconds), None)
        if found is not None:
            return found
    container.seek(0)
    first = next((frame for frame in container.decode(stream)), None)
    if first is None:
        raise Unreadable("no_video")
    return first


def _frames_until(container: InputContainer, stream: VideoStream, seconds: float) -> Iterator[VideoFrame]:
    """The frame shown at this time; broken ones before it are passed over by the decoder."""
    last = None
    for frame in container.decode(stream):
        if last is not None and frame.time is not None and frame.time > seconds:
            break
        last = frame
    if last is not None:
        yield last


def _upright(frame: VideoFrame, ratio: Fraction | None) -> Image.Image:
    """The frame as players show it: turned, and with square pixels."""
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    if ratio and ratio != 1 and Fraction(1, 4) <= ratio <= 4:
        image = image.resize((max(1, round(image.width * ratio)), image.height))
    turned = frame.rotation % 360
    return image.rotate(turned, expand=True) if turned else image


def _length(container: InputContainer, stream: VideoStream | AudioStream) -> float:
    """Seconds, as the file says; 0 if it does not."""
    if container.duration:
        return float(container.duration / av.time_base)
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return 0.0


def _last(container: InputContainer, stream: VideoStream) -> float:
    """Seconds until the last packet ends: recordings of browsers do not say how long they are."""
    ends = (
        float(((packet.pts or 0) + (packet.duration or 0)) * packet.time_base)
        for packet in container.demux(stream)
        if packet.pts is not None and packet.time_base
    )
    return max(ends, default=0.0)


# -- audio --------------------------------------------------------------------------------------------------------------


def _audio(container: InputContainer, out: str) -> Outcome:
    if _picture_stream(container) is not None:
        raise Unreadable("video")
    stream = next(iter(container.streams.audio), None)
    if stream is None:
        raise Unreadable("no_audio")
    if stream.codec_context.name not in _SOUND and not stream.codec_context.name.startswith("pcm_"):
        raise Unreadable("codec")
    stream.codec_context.thread_count = 1
    main, loudness = f"{out}.main", _Loudness()
    with av.open(main, "w", format="ipod", options={"movflags": "+faststart"}) as target:
        _transcode(container, stream, target, loudness)
    duration = _read_back(main)
    return Outcome(main=main, duration=round(duration, 3), codec="aac", waveform=loudness.peaks())


def _transcode(container: InputContainer, stream: AudioStream, target: OutputContainer, loudness: "_Loudness") -> None:
    """Decode, measure and encode, frame by frame."""
    rate = 44_100 if stream.rate % 11_025 == 0 else 48_000
    layout = "mono" if stream.channels == 1 else "stereo"
    encoder = target.add_stream("aac", rate=rate, layout=layout)
    encoder.bit_rate = _BIT_RATE[1 if layout == "mono" else 2]
    resampler = AudioResampler(format="fltp", layout=layout, rate=rate, frame_size=1024)
    meter = AudioResampler(format="s16", layout="mono", rate=_MEASURED, frame_size=1024)
    for sound in _resampled(container.decode(stream), resampler):
        target.mux(encoder.encode(sound))
        for measured in meter.resample(sound):
            loudness.add(measured)
    target.mux(encoder.encode(None))
    for measured in meter.resample(None):
        loudness.add(measured)


def _resampled(frames: Iterator[AudioFrame], resampler: AudioResampler) -> Iterator[AudioFrame]:
    """Gaps and jumps of a recording are closed."""
    for frame in frames:
        frame.pts = None
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _read_back(path: str) -> float:
    """Seconds of the file just written, after a look whether it plays.

    Raises:
        Unreadable: nothing was in it.
    """
    with av.open(path, format="mov") as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None or next(container.decode(stream), None) is None:
            raise Unreadable("no_audio")
        return _length(container, stream)


class _Loudness:
    """The loudest sample of each block of sound; little memory for hours of it."""

    def __init__(self) -> None:
        self._blocks = array.array("H")
        self._open = 0
        self._filled = 0

    def add(self, frame: AudioFrame) -> None:
        """Measure a frame of 16-bit mono."""
        samples = array.array("h", bytes(frame.planes[0])[: frame.samples * 2])
        size = int(_MEASURED * _BLOCK)
        at = 0
        while at < len(samples):
            part = samples[at : at + size - self._filled]
            self._open = max(self._open, *part, -min(part))
            self._filled += len(part)
            at += len(part)
            if self._filled == size:
                self._close()

    def peaks(self) -> list[int]:
        """64 values from 0 to 100, the loudest being 100; silence is all 0."""
        if self._filled:
            self._close()
        count = len(self._blocks)
        parts = [
            self._blocks[i * count // PEAKS : max((i + 1) * count // PEAKS, i * count // PEAKS + 1)]
            for i in range(PEAKS)
        ]
        loudest = max(self._blocks, default=0)
        return [round(100 * max(part, default=0) / loudest) if loudest else 0 for part in parts]

    def _close(self) -> None:
        self._blocks.append(self._open)
        self._open = self._filled = 0
