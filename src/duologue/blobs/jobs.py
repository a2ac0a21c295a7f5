"""What the server and its worker processes say to each other: one job, one outcome; and the limits that hold for both.

Messages are MessagePack behind four bytes of length, on the worker's standard input and output.
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

GIB = 1 << 30


class Family(StrEnum):
    """Which worker takes a job. Each loads the decoders of its family alone."""

    IMAGES = "images"
    AV = "av"
    DOCUMENTS = "documents"


class Limits(Struct, frozen=True, kw_only=True):
    """What one job may use, and what hostile files are measured by (G-32).

    Attributes:
        memory: bytes of address space of a worker process.
        cpu: seconds of CPU time per job.
        wall: seconds until the server kills the worker.
        av_cpu, av_wall: the same for video and audio, which may play for an hour and more (10 minutes of sound take up to 10 s).
        written: bytes of one file that a worker writes.
        pixels: of one picture, as declared by its header.
        frames: of one animation.
        frame_pixels: of all frames of an animation together.
        unpacked: bytes in an archive or document, all levels together.
        ratio: unpacked to packed, judged from `ratio_from` unpacked bytes on.
        entries: members of an archive, all levels together.
        depth: archives within archives.
        nested: bytes of an archive within an archive that is opened, in memory.
    """

    memory: int = GIB
    cpu: int = 30
    wall: float = 60.0
    av_cpu: int = 180
    av_wall: float = 360.0
    written: int = 256 << 20
    pixels: int = 40_000_000
    frames: int = 1_000
    frame_pixels: int = 250_000_000
    unpacked: int = GIB
    ratio: int = 200
    ratio_from: int = 16 << 20
    entries: int = 10_000
    depth: int = 3
    nested: int = 64 << 20

    def of(self, family: Family) -> "Limits":
        """The limits for one family, in `cpu` and `wall`."""
        return replace(self, cpu=self.av_cpu, wall=self.av_wall) if family is Family.AV else self


class Job(Struct, frozen=True):
    """A file to inspect and process. `kind`: its name in the table of kinds; `out`: paths begin with this."""

    kind: str
    source: str
    out: str


class Outcome(Struct, kw_only=True, omit_defaults=True):
    """What came of a job.

    Attributes:
        verdict: unreadable: not what it says; hostile: refused for security; full: the disk took no more.
        reason: one word for programs and logs, nothing of the file's content.
        findings: what a policy decides about: `macros`, `active_content`.
        main, thumbnail, poster: paths of files written; without `main` the source is stored as it is.
    """

    verdict: Literal["fine", "unreadable", "hostile", "full"] = "fine"
    reason: str = ""
    findings: list[str] = []
    main: str | None = None
    thumbnail: str | None = None
    poster: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    codec: str | None = None
    waveform: list[int] | None = None
    placeholder: str | None = None
