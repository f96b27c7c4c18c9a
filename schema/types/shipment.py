"""Goods that the merchant sends to the customer, and the input of their carrier and waybill."""

from typing import Any, Final

import strawberry

from domain.desk.reviews import Shipment as ShipmentData
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import MAX_DETAIL, MAX_REF, line, optional_line
from resolvers.context import Context

GOODS: Final = f"The goods to send. At most {MAX_DETAIL} characters."
CARRIER: Final = f"The carrier. At most {MAX_REF} characters."
WAYBILL: Final = f"The waybill number. At most {MAX_REF} characters."
LATER: Final = "Set to true if carrier and waybill are not known yet."


@strawberry.type(description="Goods that the merchant sends to the customer.")
class Shipment:
    """A shipment."""

    goods: str = strawberry.field(description="The goods.")
    carrier: str | None = strawberry.field(description="The carrier. Null if it is not known yet.")
    waybill: str | None = strawberry.field(
        description="The waybill number. Null if it is not known yet."
    )


def shipment_of(
    _context: Context,
    stored: dict[str, Any] | None,  # Any: JSON
    item_name: str,
) -> Shipment | None:
    """The stored shipment. Without goods of its own, it is the item of the order."""
    if stored is None:
        return None
    return Shipment(
        goods=stored.get("goods") or item_name,
        carrier=stored.get("carrier"),
        waybill=stored.get("waybill"),
    )


def shipment_sent(*path: str, carrier: str, waybill: str) -> ShipmentData:
    """The shipment of the order's own goods. Raises BadInput."""
    return ShipmentData(
        carrier=line(carrier, *path, "carrier", longest=MAX_REF),
        waybill=line(waybill, *path, "waybill", longest=MAX_REF),
    )


def shipment_to_send(
    *path: str, goods: str, carrier: str | None, waybill: str | None, later: bool
) -> ShipmentData:
    """The shipment of other goods. Raises BadInput unless it has a waybill or is sent later."""
    carrier = optional_line(carrier, *path, "carrier", longest=MAX_REF)
    waybill = optional_line(waybill, *path, "waybill", longest=MAX_REF)
    complete = carrier is not None and waybill is not None
    if complete == later or (carrier is None) != (waybill is None):
        text = Text(
            "填写承运商和运单号, 或选择稍后填写",
            "Give both carrier and waybill, or set later to true.",
        )
        raise BadInput((*path, "waybill"), text)
    goods = line(goods, *path, "goods", longest=MAX_DETAIL)
    return ShipmentData(goods=goods, carrier=carrier, waybill=waybill)
