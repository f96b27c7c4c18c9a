"""Pictures for the demo's orders: coloured shapes with a label in the place of photographs."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from sqlmodel import SQLModel

from demo.people import STOREFRONT, Shop
from domain.actors import Actor
from domain.desk.evidence import Picture
from models.evidence import Evidence, EvidenceUpload
from resolvers.pictures import Pictures

_SIZE: Final = (480, 360)
_CUSTOMERS: Final = {
    "BROKEN": ("#f4d9d0", "#b5452c"),
    "MALFUNCTION": ("#d6e4f0", "#2f5d8a"),
    "FLAW": ("#efe6cf", "#97762a"),
    "EXPIRED": ("#e2ecd6", "#5c7d2f"),
    "WRONG_ITEM": ("#e7dcef", "#6d4392"),
    "MISSING_PARTS": ("#d8ecea", "#2b7a72"),
    "DAMAGED_PACKAGE": ("#f0dfe6", "#a13d66"),
}
_MERCHANTS: Final = {"INSPECTION": ("#e3e5e8", "#3f4a57"), "RECEIPT": ("#f2ead9", "#7a5a2b")}
"""The label of a picture, its background and its colour. Customers' pictures show the reason."""


@dataclass(frozen=True, slots=True)
class Album:
    """A merchant's pictures by their labels."""

    by_label: Mapping[str, Picture]

    def of_reason(self, reason: str) -> Picture | None:
        """A customer's picture for a reason of the second level; None if there is none."""
        label = reason.partition(".")[2]
        return self.by_label[label] if label in _CUSTOMERS else None

    @property
    def inspection(self) -> Picture:
        return self.by_label["INSPECTION"]

    @property
    def receipt(self) -> Picture:
        return self.by_label["RECEIPT"]


async def keep_album(
    store: Pictures, shop: Shop, uploaded_at: datetime
) -> tuple[Album, Iterable[SQLModel]]:
    """Put the pictures into the store, and return their rows."""
    by_label: dict[str, Picture] = {}
    rows: list[SQLModel] = []
    for drawings, uploader in ((_CUSTOMERS, STOREFRONT), (_MERCHANTS, shop.reviewer)):
        for number, (label, (ground, ink)) in enumerate(drawings.items()):
            picture = await store.put(shop.id, _draw(label, ground, ink, number))
            by_label[label] = picture
            rows += _rows(shop, picture, uploader, uploaded_at)
    return Album(by_label), rows


def _rows(
    shop: Shop, picture: Picture, uploader: Actor, uploaded_at: datetime
) -> tuple[Evidence, EvidenceUpload]:
    return (
        Evidence(
            merchant_id=shop.id,
            **picture.stored(),
            uploaded_by_kind=uploader.kind,
            uploaded_by_id=uploader.id,
            uploaded_at=uploaded_at,
        ),
        EvidenceUpload(
            merchant_id=shop.id,
            sha256=picture.sha256,
            uploader_kind=uploader.kind,
            uploader_id=uploader.id,
            customer_ref="",
            uploaded_at=uploaded_at,
        ),
    )


def _draw(label: str, ground: str, ink: str, number: int) -> bytes:
    image = Image.new("RGB", _SIZE, ground)
    draw = ImageDraw.Draw(image)
    box = (140, 60, 340, 260)
    if number % 2:
        draw.rounded_rectangle(box, radius=28, outline=ink, width=10)
    else:
        draw.ellipse(box, outline=ink, width=10)
    for crack in range(number + 1):
        draw.line((200 + crack * 14, 90, 180 + crack * 22, 230), fill=ink, width=4)
    # Pillow's own font has no Chinese glyphs.
    font = ImageFont.load_default(28)
    draw.text((240, 310), label.replace("_", " "), fill=ink, font=font, anchor="mm")
    out = io.BytesIO()
    image.save(out, format="JPEG", quality=85)
    return out.getvalue()
