"""Video and audio through the worker processes: what is known of them, posters, waveforms, and what is refused."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import av
import pytest
from PIL import Image
from tests.blobs.pictures import encoded, picture
from tests.blobs.recordings import film, turned, voice

from duologue.blobs.jobs import Family, Job, Limits, Outcome
from duologue.blobs.workers import Workers


def read(path: str) -> bytes:
    """A file written by a worker."""
    return Path(path).read_bytes()


Process = Callable[[str, bytes], Awaitable[Outcome]]


@pytest.fixture
def process(workers: Workers, tmp_path: Path) -> Process:
    """Give the way of one recording through a worker."""

    async def run(kind: str, data: bytes) -> Outcome:
        source = tmp_path / "source"
        source.write_bytes(data)
        return await workers.run(Family.AV, Job(kind, str(source), str(tmp_path / "out")))

    return run


FILMS = {
    "mp4, H.264": ("mp4", "mp4", "libx264", "h264"),
    "mp4, H.265": ("mp4", "mp4", "libx265", "hevc"),
    "mov, H.264": ("mov", "mov", "libx264", "h264"),
    "webm, VP8": ("webm", "webm", "libvpx", "vp8"),
    "webm, VP9": ("webm", "webm", "libvpx-vp9", "vp9"),
}


@pytest.mark.parametrize(("kind", "container", "encoder", "codec"), FILMS.values(), ids=FILMS)
async def test_a_video_has_duration_size_codec_poster_and_thumbnail(
    process: Process, kind: str, container: str, encoder: str, codec: str
) -> None:
    """The file itself is stored as it came: no main file is written (FTY-12)."""
    outcome = await process(kind, film(container, encoder, sound=True))
    assert outcome.verdict == "fine", outcome
    assert outcome.main is None
    assert (outcome.width, outcome.height, outcome.codec) == (320, 180, codec)
    assert outcome.duration == pytest.approx(3.0, abs=0.25)
    assert outcome.placeholder is not None
    with Image.open(str(outcome.poster)) as poster, Image.open(str(outcome.thumbnail)) as thumbnail:
        assert (poster.format, poster.size) == ("JPEG", (320, 180))
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (400, 400))
        red = poster.convert("RGB").getpixel((300, 170))
    assert red[0] == pytest.approx(80, abs=24)  # type: ignore[index] # the frame at one second


async def test_a_video_held_upright_has_an_upright_poster(process: Process) -> None:
    """The track's matrix turns size and picture by 90 degrees clockwise."""
    outcome = await process("mp4", turned(film(size=(320, 160))))
    assert (outcome.width, outcome.height) == (160, 320)
    with Image.open(str(outcome.poster)) as poster:
        assert poster.size == (160, 320)
        corner = poster.convert("RGB").getpixel((150, 10))
    assert min(corner) > 200  # type: ignore[arg-type]


async def test_a_recording_of_a_browser_says_no_duration_and_has_one(process: Process, tmp_path: Path) -> None:
    """A live WebM has no duration in its header; it is read from the packets."""
    outcome = await process("webm", film("webm", "libvpx", options={"live": "1"}))
    assert outcome.duration == pytest.approx(3.0, abs=0.25)


async def test_a_video_of_one_frame_has_a_poster(process: Process) -> None:
    """However short it is."""
    outcome = await process("mp4", film(seconds=1))
    assert outcome.verdict == "fine"
    assert outcome.poster is not None


VOICES = {
    "m4a": ("m4a", "ipod", "aac"),
    "mp4": ("m4a", "mp4", "aac"),
    "mp3": ("mp3", "mp3", "libmp3lame"),
    "ogg, Opus": ("ogg", "ogg", "libopus"),
    "ogg, Vorbis": ("ogg", "ogg", "vorbis"),
    "webm, Opus": ("weba", "webm", "libopus"),
    "wav": ("wav", "wav", "pcm_s16le"),
}


@pytest.mark.parametrize(("kind", "container", "codec"), VOICES.values(), ids=VOICES)
async def test_audio_becomes_aac_in_mp4_with_a_waveform(
    process: Process, kind: str, container: str, codec: str
) -> None:
    """Read back: AAC, the duration, no title; 64 peaks that are silent where the sound is."""
    outcome = await process(kind, voice(container, codec))
    assert outcome.verdict == "fine", outcome
    assert outcome.main is not None
    with av.open(outcome.main) as stored:
        assert [stream.codec_context.name for stream in stored.streams] == ["aac"]
        assert "title" not in stored.metadata
        heard = sum(frame.samples / frame.sample_rate for frame in stored.decode(audio=0))
    assert heard == pytest.approx(2.0, abs=0.15)
    assert outcome.duration == pytest.approx(2.0, abs=0.15)
    data = read(outcome.main)
    assert data[4:8] == b"ftyp"
    assert data.index(b"moov") < data.index(b"mdat")  # plays before it has come whole
    assert b"GPSPLACE" not in data
    peaks = outcome.waveform
    assert peaks is not None
    assert len(peaks) == 64
    assert max(peaks[:38]) <= 5
    assert min(peaks[46:60]) >= 60
    assert max(peaks) == 100


@pytest.mark.parametrize(("rate", "layout"), [(8_000, "mono"), (44_100, "stereo"), (16_000, "stereo")])
async def test_sound_of_any_rate_plays_everywhere(process: Process, rate: int, layout: str) -> None:
    """44.1 or 48 kHz, one channel or two."""
    outcome = await process("wav", voice("wav", "pcm_s16le", 1.0, rate=rate, layout=layout))
    with av.open(str(outcome.main)) as stored:
        stream = stored.streams.audio[0]
        assert stream.rate in (44_100, 48_000)
        assert stream.layout.name == layout


async def test_a_breath_of_sound_and_silence_have_a_waveform(process: Process) -> None:
    """64 peaks, also of 30 milliseconds; all 0 when nothing is heard."""
    short = await process("wav", voice("wav", "pcm_s16le", 0.03))
    assert len(short.waveform or []) == 64
    quiet = await process("wav", voice("wav", "pcm_s16le", 1.0)[:20_000])
    assert quiet.waveform == [0] * 64


async def test_a_video_is_no_voice_and_a_voice_no_video(process: Process) -> None:
    """What a container holds has to agree with what it is called."""
    for kind, data in (("m4a", film(sound=True)), ("weba", film("webm", "libvpx", sound=True))):
        assert (await process(kind, data)).reason == "video"
    for kind, data in (("mp4", voice("mp4", "aac")), ("webm", voice("webm", "libopus"))):
        assert (await process(kind, data)).reason == "no_video"


REFUSED = {
    "text": b"hello " * 100,
    "playlist": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "concat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "picture": encoded(picture(), "PNG"),
    "avi": film("avi", "mpeg4"),
    "program": b"\x7fELF" + bytes(500),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
async def test_another_format_is_never_tried(process: Process, data: bytes) -> None:
    """Above all no playlist, which could name other files."""
    for kind in ("mp4", "webm", "m4a", "mp3", "ogg", "wav"):
        assert (await process(kind, data)).verdict == "unreadable"


async def test_a_recording_cut_off_or_damaged_is_refused_or_played(process: Process) -> None:
    """Never a failure of ours."""
    for kind, whole in (
        ("mp4", film()),
        ("webm", film("webm", "libvpx")),
        ("ogg", voice("ogg", "libopus")),
        ("m4a", voice("ipod", "aac")),
    ):
        assert (await process(kind, whole[:60])).verdict == "unreadable"
        for at in range(0, len(whole), len(whole) // 6):
            damaged = whole[:at] + bytes(byte ^ 0x5A for byte in whole[at : at + 40]) + whole[at + 40 :]
            assert (await process(kind, damaged)).verdict in ("fine", "unreadable", "hostile")


async def test_a_video_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    """Before a frame is decoded."""
    pool = Workers(1, Limits(pixels=1_000))
    (tmp_path / "film").write_bytes(film(size=(64, 64)))
    try:
        outcome = await pool.run(Family.AV, Job("mp4", str(tmp_path / "film"), str(tmp_path / "out")))
        assert (outcome.verdict, outcome.reason) == ("hostile", "pixels")
    finally:
        await pool.close()
