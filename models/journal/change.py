"""What an action adds to a step: values for the order's columns and for its event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.actions import Action
from domain.desk.evidence import Picture
from domain.desk.receipts import InboundShipment, Receipt
from domain.desk.refunds import RefundMethod
from domain.desk.reviews import Shipment
from domain.desk.sending import carried_over
from domain.destinations import Destination
from domain.money import yuan


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
    own_reason: Mapping[str, Any] | None = None,
    customer_note: str | None = None,
    destination: Destination | None = None,
    shipment: Shipment | None = None,
    pictures: Sequence[Picture] = (),
    explanation: Mapping[str, Any] | None = None,
) -> Change:
    """The change of a review decision. ``destination`` is where the customer sends the goods.

    ``own_reason`` is the copy of the merchant's own reason, None for the platform's.

    Every ``review_*`` column of a decision is set, so that nothing of an earlier decision remains.
    ``step_values`` sets who decided what, and when.
    """
    stored_address = None if destination is None else destination.address.stored()
    stored_shipment = None if shipment is None else shipment.stored()
    stored_pictures = [picture.stored() for picture in pictures]
    rule = None if destination is None else destination.rule
    stored_pictures = [picture.stored() for picture in pictures]
    details = {
        "returnAddress": stored_address,
        "returnAddressRule": rule,
        "shipment": stored_shipment,
        "reason": reason,
        "ownReason": own_reason,
        "explanation": explanation,
        "pictures": stored_pictures or None,
    }
    return Change(
        values={
            "review_reason": reason,
            "own_review_reason": own_reason,
            "review_customer_note": customer_note,
            "review_address": stored_address,
            "review_address_rule": rule,
            "review_shipment": stored_shipment,
            "review_pictures": stored_pictures,
        },
        customer_note=customer_note,
        details=_without_none(details) or None,
    )


def taken_back_change(reason: str, customer_note: str | None) -> Change:
    """The change when a decision is taken back. The customer does not see the ``reason``."""
    return Change(customer_note=customer_note, internal_note=reason)


def address_change(destination: Destination, customer_note: str | None) -> Change:
    """The change of an approval's return address."""
    stored = destination.address.stored()
    return Change(
        values={"review_address": stored, "review_address_rule": destination.rule},
        customer_note=customer_note,
        details={"returnAddress": stored, "returnAddressRule": destination.rule},
    )


def processing_change(
    action: Action,
    *,
    by: str,
    customer_note: str | None = None,
    new_order_number: str | None = None,
    report: str | None = None,
    outbound: Shipment | None = None,
) -> Change:
    """The change of an exchange, a repair or a return. ``by`` is the actor's name."""
    stored_outbound = None if outbound is None else outbound.stored()
    processing = {
        "action": action,
        "by": by,
        "note": customer_note,
        "newOrderNumber": new_order_number,
        "report": report,
        "outbound": stored_outbound,
    }
    details = {
        "newOrderNumber": new_order_number,
        "report": report,
        "shipment": stored_outbound,
    }
    return Change(
        values={"processing": _without_none(processing)},
        customer_note=customer_note,
        details=_without_none(details) or None,
    )


def refund_change(
    *,
    by: str,
    refund_id: int,
    amount: int,
    freight: int,
    method: RefundMethod,
    customer_note: str | None,
    pending_refunds: int,
    before: Mapping[str, Any] | None = None,
) -> Change:
    """The change of a refund; amounts in fen. ``pending_refunds`` are those before it.

    ``before`` is the processing block before the refund: what the merchant sent stays in it.
    """
    processing = {
        "action": Action.REFUND,
        "by": by,
        "note": customer_note,
        **carried_over(before),
    }
    return Change(
        values={"pending_refunds": pending_refunds + 1, "processing": processing},
        customer_note=customer_note,
        details={
            "refund": str(refund_id),
            "amount": yuan(amount),
            "freight": yuan(freight),
            "method": method,
        },
    )


def refund_report_change(*, refund_id: int, amount: int, pending_refunds: int) -> Change:
    """The change when a refund's outcome is reported. ``pending_refunds`` are those before it.

    The reason of a failure stays with the refund: customers read the details.
    """
    return Change(
        values={"pending_refunds": pending_refunds - 1},
        details={"refund": str(refund_id), "amount": yuan(amount)},
    )


def shipment_change(inbound: InboundShipment) -> Change:
    """The change of the customer's shipment."""
    details = {
        "carrier": inbound.carrier,
        "waybill": inbound.waybill,
        "freight": None if inbound.freight is None else yuan(inbound.freight),
    }
    return Change(values={"inbound": inbound.stored()}, details=_without_none(details) or None)


def receipt_change(receipt: Receipt, pictures: Sequence[Picture] = ()) -> Change:
    """The change of a receipt."""
    return _receipt_change(receipt.stored(), pictures)


def cancelled_receipt_change(remark: str | None, pictures: Sequence[Picture] = ()) -> Change:
    """The change when the parcel of a cancelled order arrives. Nothing is inspected."""
    return _receipt_change({"remark": remark}, pictures)


def _receipt_change(stored: Mapping[str, Any], pictures: Sequence[Picture]) -> Change:
    stored_pictures = [picture.stored() for picture in pictures]
    return Change(
        values={"receipt": stored, "receipt_pictures": stored_pictures},
        details=_without_none({**stored, "pictures": stored_pictures or None}) or None,
    )


def cancelled_return_change(*, by: str, carrier: str, waybill: str) -> Change:
    """The change when the parcel of a cancelled order goes back. ``by`` is the actor's name."""
    outbound = {"carrier": carrier, "waybill": waybill}
    return Change(
        values={"processing": {"action": Action.RETURN_CANCELLED, "by": by, "outbound": outbound}},
        details={"shipment": outbound},
    )


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
