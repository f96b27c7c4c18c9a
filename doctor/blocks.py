"""The blocks of an order's row that its events tell: shipments, receipt, processing, rating."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from domain.actions import Action
from domain.desk.refunds import freight_of
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE, RULINGS
from domain.money import fen

Stored = dict[str, Any]  # Any: JSON
"""A block as a JSON column holds it."""

LATER: Final = frozenset({"inbound", "receipt"})
"""Blocks that are empty in the rows of orders from before these columns."""

_ACTIONS: Final[Mapping[EventKind, Action]] = {kind: action for action, kind in EVENTS.items()}
_PROCESSES: Final = frozenset(
    {
        Action.REFUND,
        Action.EXCHANGE,
        Action.REPAIR,
        Action.SEND_BACK,
        Action.RETURN_CANCELLED,
    }
)
_RECEIVES: Final = frozenset({Action.RECEIVE, Action.RECEIVE_CANCELLED})


class Told(Protocol):
    """What an event tells."""

    kind: EventKind
    at: datetime
    actor_name: str
    customer_note: str | None
    details: Mapping[str, Any] | None  # Any: JSON


@dataclass(slots=True)
class Blocks:
    """The columns after the events so far, by their names."""

    review_shipment: Stored | None = None
    inbound: Stored | None = None
    receipt: Stored | None = None
    processing: Stored | None = None
    satisfaction: int | None = None
    satisfaction_comment: str | None = None
    receipt_pictures: Iterable[Stored] = ()
    ruling: Stored | None = None
    earlier_freight: int | None = None

    def take(self, event: Told) -> None:
        action = _ACTIONS.get(event.kind)
        if action is None:
            return
        details = dict(event.details or {})
        if action in RULINGS:
            self._rule(event, action, details)
        else:
            self._apply(event, action, details)

    def _apply(self, event: Told, action: Action, details: Stored) -> None:
        details.pop("targetAt", None)  # of the status that the step leads to, not of a block
        if LIFECYCLE[action].decides:
            self.review_shipment = details.get("shipment")
        elif LIFECYCLE[action].takes_back:
            self.review_shipment = None
        elif action in (Action.SHIP, Action.CORRECT_WAYBILL):
            self._ship(details)
        elif action in _RECEIVES:
            self.receipt_pictures = details.pop("pictures", ())
            self.receipt = details
        elif action in _PROCESSES:
            self.processing = _processing(event, action, details, self.processing or {})
        elif action is Action.UNDO:
            self.processing = None
        elif action is Action.UPDATE_SHIPMENT:
            self._update_shipment(details.get("shipment"))
        elif action is Action.CONFIRM:
            self.satisfaction = details.get("satisfaction")
            self.satisfaction_comment = event.customer_note

    def columns(self) -> Stored:
        return {
            "review_shipment": self.review_shipment,
            "inbound": self.inbound,
            "receipt": self.receipt,
            "receipt_pictures": list(self.receipt_pictures),
            "processing": self.processing,
            "satisfaction": self.satisfaction,
            "satisfaction_comment": self.satisfaction_comment,
            "ruling": self.ruling,
            "earlier_freight": self.earlier_freight,
        }

    def _ship(self, details: Stored) -> None:
        if "freight" in details:
            details["freight"] = fen(details["freight"])
        self.inbound = {**(self.inbound or {}), **details}

    def _rule(self, event: Told, action: Action, details: Stored) -> None:
        self.ruling = {
            "action": action,
            "by": event.actor_name,
            "at": event.at.isoformat(),
            "note": event.customer_note,
            "remedy": details.get("remedy"),
            "amount": details.get("amount"),
        }
        if action is Action.RULE_RETURN:
            self.earlier_freight = freight_of(self.inbound, self.earlier_freight) or None
            self.inbound = self.receipt = None
            self.receipt_pictures = ()

    def _update_shipment(self, shipment: Stored | None) -> None:
        sent = self.processing or {}
        is_after_receipt = sent.get("action") in _PROCESSES - {Action.REFUND}
        if is_after_receipt or sent.get("outbound") or sent.get("newOrderNumber"):
            self.processing = {**sent, "outbound": shipment}
        else:
            self.review_shipment = shipment


def is_same(stored: object, expected: object) -> bool:
    """Whether two blocks are equal; a key without a value is as good as none."""
    return _without_none(stored) == _without_none(expected)


def is_refund_of_before(stored: Stored | None, expected: Stored | None) -> bool:
    """Whether the block is that of a refund from when refunds did not keep what was sent."""
    is_refund = stored is not None and stored.get("action") == Action.REFUND
    return is_refund and is_same(
        stored, {**(expected or {}), "outbound": None, "newOrderNumber": None}
    )


def _processing(event: Told, action: Action, details: Stored, before: Stored) -> Stored:
    sent = before if action is Action.REFUND else details | {"outbound": details.get("shipment")}
    return {
        "action": action,
        "by": event.actor_name,
        "note": event.customer_note,
        "newOrderNumber": sent.get("newOrderNumber"),
        "report": details.get("report"),
        "outbound": sent.get("outbound"),
    }


def _without_none(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: _without_none(part) for key, part in value.items() if part is not None}
