"""Uploaded pictures, and the lists of pictures that a service order holds."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import sqlalchemy as sa
import strawberry

from domain.desk.evidence import Picture
from models.evidence import evidence
from models.service_order import events, service_orders
from projection.fields import JsonList
from resolvers.context import Context
from schema import ids
from schema.fields import column, computed, projected
from schema.types.node import Node


def _url(
    context: Context,
    arguments: Mapping[str, Any],
    merchant_id: int,
    sha256: str,
    media_type: str,
    width: int,
) -> str:
    picture = Picture(sha256=sha256, media_type=media_type, bytes=0, width=width, height=0)
    return context.services.pictures.url(merchant_id, picture, arguments.get("width"))


def _url_arguments(
    width: Annotated[
        int | None,
        strawberry.argument(
            description=(
                "The width at which the picture will be shown, in pixels. The URL is that of a "
                "thumbnail (`image/webp`) of this or the next larger width in "
                "`evidenceRules.thumbnailWidths`, or of the picture itself if that is no wider."
            )
        ),
    ] = None,
) -> str:
    raise NotImplementedError


@projected(evidence)
@strawberry.type(
    description="凭证图片. An uploaded picture. Metadata written by the camera is removed."
)
class Evidence(Node):
    """An uploaded picture."""

    id: strawberry.ID = computed(
        ids.of_tenant("Evidence"),
        (evidence.c.merchant_id, evidence.c.sha256),
        "The globally unique id. Uploading the same picture again returns the same id.",
    )
    url: str = computed(
        _url,
        (evidence.c.merchant_id, evidence.c.sha256, evidence.c.media_type, evidence.c.width),
        "The URL to fetch the picture from. It is valid for at least 15 minutes, and stays the "
        "same for an hour, so that caches keep the picture. Query it again after that.",
        _url_arguments,
    )
    media_type: str = column(
        evidence.c.media_type, "The media type: `image/jpeg`, `image/png` or `image/webp`."
    )
    bytes: int = column(evidence.c.bytes, "The size of the stored file, in bytes.")
    width: int = column(evidence.c.width, "The width, in pixels.")
    height: int = column(evidence.c.height, "The height, in pixels.")


def pictures_of(column: sa.ColumnElement[Any]) -> JsonList:
    """The pictures whose hashes a column of a service order holds."""
    return JsonList("Evidence", column, {evidence.c.merchant_id: service_orders.c.merchant_id})


EVENT_PICTURES: Final = JsonList(
    "Evidence", events.c.details, {evidence.c.merchant_id: events.c.merchant_id}, key="pictures"
)
"""The pictures that were given with an event."""
