"""The waybill that a step brings to an order, and its row in the table that searches read."""

from collections.abc import Mapping
from typing import Any

from domain.search_keys import waybill_key


def new_waybill(values: Mapping[str, Any]) -> str | None:
    """The key of the waybill in the columns that a step sets; None if there is none.

    A step sends one shipment, in whichever of the columns. So a use case has nothing to say about
    searches: whatever writes a shipment can be found by it.
    """
    processing = values.get("processing") or {}
    for shipment in (
        values.get("inbound"),
        values.get("review_shipment"),
        processing.get("outbound"),
    ):
        if waybill := (shipment or {}).get("waybill"):
            return waybill_key(waybill) or None
    return None
