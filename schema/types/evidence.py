"""Pictures, as clients see them."""

import strawberry

from domain.evidence import Picture
from models.evidence import evidence
from resolvers.context import Context
from schema import ids
from schema.fields import column, computed, projected
from schema.types.node import Node


def _url(context: Context, merchant_id: int, sha256: str, media_type: str) -> str:
    picture = Picture(sha256=sha256, media_type=media_type, bytes=0, width=0, height=0)
    return context.services.pictures.url(merchant_id, picture)


@projected(evidence)
@strawberry.type(description="凭证图片. A picture, without the metadata that the camera wrote.")
class Evidence(Node):
    """A picture that was uploaded."""

    id: strawberry.ID = computed(
        ids.of_tenant("Evidence"),
        (evidence.c.merchant_id, evidence.c.sha256),
        "The id; the same picture has the same id, however often it is uploaded.",
    )
    url: str = computed(
        _url,
        (evidence.c.merchant_id, evidence.c.sha256, evidence.c.media_type),
        "Where to fetch it. The address expires after at least 15 minutes; ask anew then.",
    )
    media_type: str = column(evidence.c.media_type, "`image/jpeg`, `image/png` or `image/webp`.")
    bytes: int = column(evidence.c.bytes, "The size of the file as stored, in bytes.")
    width: int = column(evidence.c.width, "The width, in pixels.")
    height: int = column(evidence.c.height, "The height, in pixels.")
