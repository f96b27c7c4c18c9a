"""The limits and formats of pictures."""

from dataclasses import asdict, dataclass
from typing import Any, Final

MAX_PICTURES: Final = 3
"""The maximum number of pictures of a review, an application item or an answer."""

PICTURE_BYTES_LIMIT: Final = 819_200
"""A file must be smaller than this: 800 KB."""

MAX_PIXELS: Final = 25_000_000
"""Phones take pictures of 12 or 24 million pixels. A small file with more pixels is badly
compressed or a decompression bomb: decoding costs 20 bytes for each pixel."""

FORMATS: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""The accepted formats, by the decoder's name, and their media types."""

THUMBNAIL_WIDTHS: Final = (160, 320, 640, 1280)
"""The widths in which pictures are also shown. More would be more files for each picture."""


def thumbnail_width(wanted: int, width: int) -> int | None:
    """The smallest width of a thumbnail that is enough; None if the picture itself is as small."""
    return next((step for step in THUMBNAIL_WIDTHS if wanted <= step < width), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A stored picture. ``sha256`` is the hash of the stored bytes, and their key in the store."""

    sha256: str
    media_type: str
    bytes: int
    width: int
    height: int

    def stored(self) -> dict[str, Any]:  # Any: the value of a JSON column
        return asdict(self)
