"""The blocks of an order's row that its events tell: shipments, receipt, processing, rating."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from domain.actions import Action
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE
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
    _last: Action | None = None

    def take(self, event: Told) -> None:
        action = _ACTIONS.get(event.kind)
        if action is None:
            return
        details = dict(event.details or {})
        details.pop("targetAt", None)  # of the status that the step leads to, not of a block
        if LIFECYCLE[action].decides:
            self.review_shipment = details.get("shipment")
        elif action in (Action.SHIP, Action.CORRECT_WAYBILL):
            self._ship(details)
        elif action in _RECEIVES:
            self.receipt_pictures = details.pop("pictures", ())
            self.receipt = details
        elif action in _PROCESSES:
            self.processing = _processing(event, action, details)
        elif action is Action.UNDO:
            self.processing = None
        elif action is Action.UPDATE_SHIPMENT:
            self._update_shipment(details.get("shipment"))
        elif action is Action.CONFIRM:
            self.satisfaction = details.get("satisfaction")
            self.satisfaction_comment = event.customer_note
        if LIFECYCLE[action].target is not None:
            self._last = action

    def columns(self) -> Stored:
        return {
            "review_shipment": self.review_shipment,
            "inbound": self.inbound,
            "receipt": self.receipt,
            "receipt_pictures": list(self.receipt_pictures),
            "processing": self.processing,
            "satisfaction": self.satisfaction,
            "satisfaction_comment": self.satisfaction_comment,
        }

    def _ship(self, details: Stored) -> None:
        if "freight" in details:
            details["freight"] = fen(details["freight"])
        self.inbound = {**(self.inbound or {}), **details}

    def _update_shipment(self, shipment: Stored | None) -> None:
        if self._last is Action.RESEND:
            self.review_shipment = shipment
        else:
            self.processing = {**(self.processing or {}), "outbound": shipment}


def is_same(stored: object, expected: object) -> bool:
    """Whether two blocks are equal; a key without a value is as good as none."""
    return _without_none(stored) == _without_none(expected)


def _processing(event: Told, action: Action, details: Stored) -> Stored:
    return {
        "action": action,
        "by": event.actor_name,
        "note": event.customer_note,
        "newOrderNumber": details.get("newOrderNumber"),
        "report": details.get("report"),
        "outbound": details.get("shipment"),
    }


def _without_none(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: _without_none(part) for key, part in value.items() if part is not None}
