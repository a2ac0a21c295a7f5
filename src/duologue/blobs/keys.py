"""The keys under which blobs are stored: generated, by kind, year and month (FST-09 to FST-12, C-36). Nothing of a user's is in one."""

from datetime import datetime
from uuid import UUID

from duologue.blobs.kinds import Category, Kind
from duologue.core.files import ending_of

_FOLDERS = {Category.IMAGE: "images", Category.VIDEO: "videos"}  # all others lie under files
_SOUND = ".m4a"  # what every sound is stored as


def main_key(kind: Kind, file_id: UUID, name: str, at: datetime) -> str:
    """`messages/images/2026/11/<id>.jpg`: the ending is one of the kind's own, whatever case it came in."""
    ending = _SOUND if kind.category is Category.AUDIO else ending_of(name)
    return f"messages/{_folder(kind)}/{at:%Y/%m}/{file_id}{ending}"


def thumbnail_key(kind: Kind, file_id: UUID) -> str:
    """`messages/images/thumbnails/<id>.jpg`, without year and month (FST-10)."""
    return f"messages/{_folder(kind)}/thumbnails/{file_id}.jpg"


def poster_key(kind: Kind, file_id: UUID) -> str:
    """`messages/videos/posters/<id>.jpg`."""
    return f"messages/{_folder(kind)}/posters/{file_id}.jpg"


def _folder(kind: Kind) -> str:
    return _FOLDERS.get(kind.category, "files")
