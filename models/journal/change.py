"""What an action adds to a step: values for the order's columns and for its event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.addresses import Address
from domain.evidence import Picture
from domain.money import yuan
from domain.reviews import Shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``values`` are columns of the order to set; the other fields are the event's."""

    values: Mapping[str, Any] = field(default_factory=dict)
    customer_note: str | None = None
    internal_note: str | None = None
    details: Mapping[str, Any] | None = None


def decision_change(
    *,
    reason: str | None = None,
    customer_note: str | None = None,
    address: Address | None = None,
    shipment: Shipment | None = None,
    pictures: Sequence[Picture] = (),
    explanation: Mapping[str, Any] | None = None,
) -> Change:
    """The change of a review decision. ``address`` is where the customer sends the goods.

    Every ``review_*`` column of a decision is set, so that nothing of an earlier decision remains.
    ``step_values`` sets who decided what, and when.
    """
    stored_address = None if address is None else address.stored()
    stored_shipment = None if shipment is None else shipment.stored()
    details = {
        "returnAddress": stored_address,
        "shipment": stored_shipment,
        "reason": reason,
        "explanation": explanation,
    }
    return Change(
        values={
            "review_reason": reason,
            "review_customer_note": customer_note,
            "review_address": stored_address,
            "review_shipment": stored_shipment,
            "review_pictures": [picture.stored() for picture in pictures],
        },
        customer_note=customer_note,
        details={name: value for name, value in details.items() if value is not None} or None,
    )


def shipping_change(*, carrier: str, waybill: str, freight: int | None) -> Change:
    """The change of the step SHIP. ``freight`` is in fen."""
    details = {"carrier": carrier, "waybill": waybill}
    if freight is not None:
        details["freight"] = yuan(freight)
    return Change(details=details)
