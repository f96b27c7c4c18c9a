"""The waybills in an order's columns, in the form of the table that searches read."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.search_keys import waybill_key


def waybills_in(values: Mapping[str, Any]) -> Sequence[str]:
    """The waybills in the columns that hold shipments; any of them may be left out."""
    processing = values.get("processing") or {}
    shipments = (values.get("inbound"), values.get("review_shipment"), processing.get("outbound"))
    written = [
        waybill for shipment in shipments if shipment and (waybill := shipment.get("waybill"))
    ]
    return [key for waybill in written if (key := waybill_key(waybill))]


def new_waybill(values: Mapping[str, Any]) -> str | None:
    """The waybill in the columns that a step sets; None if there is none.

    A step sends one shipment, in whichever of the columns. So a use case has nothing to say about
    searches: whatever writes a shipment can be found by it.
    """
    return next(iter(waybills_in(values)), None)
