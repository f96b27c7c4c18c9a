"""The changes of the steps on parcels: the customer's and the merchant's."""

from collections.abc import Mapping
from typing import Any, Final

from demo import sayings
from demo.steps.stage import Stage
from domain.actions import Action
from domain.applications import LogisticsIn
from domain.desk.receipts import Finding, GoodsFinding, InboundShipment, Receipt
from models.journal.change import (
    Change,
    cancelled_receipt_change,
    cancelled_return_change,
    receipt_change,
    shipment_change,
)

_PICTURED: Final = 0.3
"""The share of receipts with a picture."""

_SHORT: Final = 0.2
"""The share of receipts of several pieces in which some are missing."""

_WRONG: Final = 0.02
"""The share of receipts of other goods than the customer applied for."""


def ship(stage: Stage) -> Change:
    """Goods that are dropped off have no waybill; the customer pays for those that are sent."""
    if stage.case.logistics_in is LogisticsIn.DROP_OFF:
        return shipment_change(InboundShipment())
    carrier, waybill = stage.parcel()
    is_sent = stage.case.logistics_in is LogisticsIn.CUSTOMER_SHIPS
    freight = stage.random.randrange(800, 2600, 100) if is_sent else None
    return shipment_change(InboundShipment(carrier=carrier, waybill=waybill, freight=freight))


def correct_waybill(stage: Stage) -> Change:
    carrier, waybill = stage.parcel()
    details = {"carrier": carrier, "waybill": waybill}
    return Change(values={"inbound": {**stage.replay.order["inbound"], **details}}, details=details)


def receive(stage: Stage) -> Change:
    quantity, goods = _received(stage)
    receipt = Receipt(
        packing=_finding(stage, sayings.PACKING),
        function=_finding(stage, sayings.FUNCTION),
        appearance=_finding(stage, sayings.APPEARANCE),
        accessories=_finding(stage, sayings.ACCESSORIES),
        invoice=_finding(stage, sayings.INVOICE),
        received_quantity=quantity,
        goods=goods,
        remark=sayings.GOODS[goods],
    )
    is_pictured = stage.random.random() < _PICTURED
    return receipt_change(receipt, (stage.case.album.receipt,) if is_pictured else ())


def receive_cancelled(stage: Stage) -> Change:
    return cancelled_receipt_change(stage.random.choice(sayings.LATE_PARCELS))


def return_cancelled(stage: Stage) -> Change:
    carrier, waybill = stage.parcel()
    return cancelled_return_change(by=stage.actor.name, carrier=carrier, waybill=waybill)


def update_shipment(stage: Stage) -> Change:
    """The waybill of what the last step sent."""
    carrier, waybill = stage.parcel()
    order = stage.replay.order
    is_resent = order["last_action"] is Action.RESEND
    processing: Mapping[str, Any] = order["processing"] or {}
    sent = (order["review_shipment"] if is_resent else processing.get("outbound")) or {}
    shipment = {"goods": sent.get("goods"), "carrier": carrier, "waybill": waybill}
    values = (
        {"review_shipment": shipment}
        if is_resent
        else {"processing": {**processing, "outbound": shipment}}
    )
    return Change(values=values, details={"shipment": shipment})


def _received(stage: Stage) -> tuple[int, GoodsFinding]:
    applied = stage.case.quantity
    if applied > 1 and stage.random.random() < _SHORT:
        return applied - 1, GoodsFinding.INCOMPLETE
    if stage.random.random() < _WRONG:
        return applied, GoodsFinding.WRONG_GOODS
    return applied, GoodsFinding.AS_APPLIED


def _finding(stage: Stage, findings: sayings.Findings) -> Finding:
    weights = [weight for weight, _ in findings]
    (finding,) = stage.random.choices([finding for _, finding in findings], weights)
    return finding
