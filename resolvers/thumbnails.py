"""Thumbnails of pictures: made when they are first asked for, and stored beside their pictures."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from database.connection_limiter import ConnectionLimiter, Limits, Overloaded
from domain.desk.evidence import FORMATS
from resolvers.decoding.headers import BadPicture, read_header
from resolvers.pictures import Pictures
from resolvers.store_availability import StoreUnreachable

LIMITS: Final = Limits(
    connections=2, waiting=256, patience=timedelta(seconds=5), transaction=timedelta(seconds=15)
)
"""Thumbnails made at once, and those that wait. They wait here and not among the uploads, whose
queue is short: a page that is opened for the first time asks for many."""

THUMBNAIL_TYPE: Final = "image/webp"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown at the address of a picture or a thumbnail."""

    data: bytes
    media_type: str
    is_final: bool
    """False if the picture stands in for a thumbnail that could not be made now."""


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """Finds thumbnails, and makes those that are missing."""

    pictures: Pictures
    limiter: ConnectionLimiter = field(
        default_factory=lambda: ConnectionLimiter(LIMITS.connections, LIMITS)
    )

    async def fetch(self, merchant_id: int, sha256: str, width: int) -> Shown | None:
        """A thumbnail, or the picture if none can be made now; None if there is no such picture.

        Raises StoreUnreachable or Overloaded if the picture cannot be read.
        """
        data = await self.pictures.fetch_thumbnail(merchant_id, sha256, width)
        if data is not None:
            return Shown(data, THUMBNAIL_TYPE, is_final=True)
        picture = await self.pictures.fetch(merchant_id, sha256)
        if picture is None:
            return None
        try:
            async with self.limiter.enter():
                made = await self.pictures.decoders.thumbnail(picture, width)
        except (Overloaded, BadPicture):
            # An `<img>` does not try again after a 503.
            return Shown(picture, FORMATS[read_header(picture).format], is_final=False)
        with suppress(StoreUnreachable, Overloaded):  # it can be shown, and is made again
            await self.pictures.put_thumbnail(merchant_id, sha256, width, made.data)
            # Erasing deletes the picture first. If that came before, it has not seen this file.
            if await self.pictures.fetch(merchant_id, sha256) is None:
                await self.pictures.delete_thumbnail(merchant_id, sha256, width)
                return None
        return Shown(made.data, THUMBNAIL_TYPE, is_final=True)
