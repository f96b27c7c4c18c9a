"""Pictures: how many, how large, of what kind."""

from dataclasses import asdict, dataclass
from typing import Any, Final

MAX_PICTURES: Final = 3
"""How many pictures an order's review, or the customer's description, can carry."""

PICTURE_BYTES_LIMIT: Final = 819_200
"""A picture must be smaller than this, 800 KB."""

MAX_PIXELS: Final = 25_000_000
"""Phones make pictures of 12 or 24 million pixels. With more, a picture that is small enough as a
file has been shrunk badly, or is a decompression bomb: each pixel costs 20 bytes to decode."""

FORMATS: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""The formats that are accepted, as the decoder calls them, and their media types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A stored picture. ``sha256`` is of the bytes as stored, and finds them."""

    sha256: str
    media_type: str
    bytes: int
    width: int
    height: int

    def stored(self) -> dict[str, Any]:  # Any, for it goes into a JSON column
        return asdict(self)
