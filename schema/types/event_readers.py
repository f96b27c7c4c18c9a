"""The typed fields of events: each is read from the event's JSON, if its kind has the key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa

from domain.actors import ActorKind
from domain.desk.receipts import (
    AccessoriesFinding,
    AppearanceFinding,
    FunctionFinding,
    GoodsFinding,
    InvoiceFinding,
    PackingFinding,
)
from domain.desk.refunds import RefundMethod
from domain.desk.rulings import Remedy
from domain.events import CUSTOMER_DETAILS, DETAILS, EventKind
from domain.personal_data import ErasureCause
from models.service_order import events
from projection.fields import Constant
from resolvers.context import Context
from schema import ids
from schema.fields import computed
from schema.types.actor import Actor, actor_of
from schema.types.event_details import (
    AssignmentChange,
    ClockMove,
    ContactPart,
    InboundDetails,
    ReceiptDetails,
    RefundDetails,
    RulingDetails,
    ShipmentDetails,
)
from schema.types.merchant import PostalAddress, postal
from schema.types.reason import Reason, reason_of
from schema.types.receipt import (
    AccessoriesResult,
    AppearanceResult,
    FunctionResult,
    InvoiceResult,
    PackingResult,
    result_of,
)

Stored = Mapping[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Detail:
    """A typed field of events, and the keys of the JSON that it shows."""

    keys: frozenset[str]
    kinds: frozenset[EventKind]

    def covers(self, kind: EventKind, key: str) -> bool:
        return key in self.keys and kind in self.kinds


COVERED: Final[dict[str, Detail]] = {
    "explanation": Detail(frozenset({"explanation"}), frozenset(EventKind)),
    "pictures": Detail(frozenset({"pictures"}), frozenset(EventKind)),
}
"""The typed field of each detail, by its name in Python. ``detail`` adds to it."""


def detail(
    name: str,
    read: Callable[..., object],
    *keys: str,
    description: str,
    kinds: frozenset[EventKind] = frozenset(EventKind),
    columns: tuple[sa.ColumnElement[Any], ...] = (),
    hidden: tuple[str, ...] = (),
) -> Any:  # Any: the field stands as the default of an attribute of another type
    """A field that is null unless the event is of one of the kinds and has one of the keys.

    ``read`` gets the context, the details, and the values of ``columns``. Customers see the field
    if they see its keys. ``hidden`` are keys that customers do not see by name, but as part of it.
    """
    seen = CUSTOMER_DETAILS.intersection(keys)
    if seen and len(seen) < len(keys):
        message = f"Customers see some keys of the detail {name}, and not others"
        raise TypeError(message)
    wanted = tuple(keys)

    def value(context: Context, kind: EventKind, stored: Stored | None, *values: object) -> object:
        if not stored or kind not in kinds or not any(key in stored for key in wanted):
            return None
        return read(context, stored, *values)

    COVERED[name] = Detail(frozenset((*keys, *hidden)), kinds)
    return computed(
        value,
        (events.c.kind, events.c.details, *columns),
        description,
        customers=None if seen else Constant(None),
    )


def having(*keys: str) -> frozenset[EventKind]:
    """The kinds of events that may have one of the details."""
    return frozenset(kind for kind, names in DETAILS.items() if not names.isdisjoint(keys))


# Several kinds have keys of the same name, which mean different things.
INBOUND: Final = frozenset({EventKind.SHIPPED, EventKind.WAYBILL_CORRECTED})
REFUNDS: Final = having("refund")
RULINGS: Final = having("remedy")
RECEIPTS: Final = frozenset({EventKind.RECEIVED, EventKind.CANCELLED_RECEIVED})


def read_assignment(_context: Context, stored: Stored, merchant_id: int) -> AssignmentChange:
    def employee(prefix: str) -> Actor | None:
        name, id_ = stored.get(prefix), stored.get(f"{prefix}Id")
        if name is None:
            return None
        number = None if id_ is None else int(id_)
        return actor_of(_context, ActorKind.EMPLOYEE, name, number, merchant_id)

    return AssignmentChange(
        assignee=employee("assignee"),
        previous_assignee=employee("previousAssignee"),
        cause=stored.get("cause"),
    )


def read_target(_context: Context, stored: Stored) -> datetime:
    return datetime.fromisoformat(stored["targetAt"])


def read_reason(context: Context, stored: Stored) -> Reason | None:
    return reason_of(context, stored["reason"], stored.get("ownReason"))


def read_address(_context: Context, stored: Stored) -> PostalAddress | None:
    return postal(stored.get("returnAddress"))


def read_value(key: str) -> Callable[[Context, Stored], object]:
    """A value that stands in the JSON as in the API."""
    return lambda _context, stored: stored.get(key)


def read_shipment(_context: Context, stored: Stored) -> ShipmentDetails | None:
    shipment = stored["shipment"]
    if shipment is None:
        return None
    return ShipmentDetails(
        goods=shipment.get("goods"),
        carrier=shipment.get("carrier"),
        waybill=shipment.get("waybill"),
    )


def read_inbound(_context: Context, stored: Stored) -> InboundDetails:
    return InboundDetails(
        carrier=stored.get("carrier"),
        waybill=stored.get("waybill"),
        freight=stored.get("freight"),
    )


_FINDINGS: Final = (
    ("packing", PackingFinding, PackingResult),
    ("function", FunctionFinding, FunctionResult),
    ("appearance", AppearanceFinding, AppearanceResult),
    ("accessories", AccessoriesFinding, AccessoriesResult),
    ("invoice", InvoiceFinding, InvoiceResult),
)


def read_receipt(_context: Context, stored: Stored) -> ReceiptDetails:
    goods = stored.get("goods")
    findings: dict[str, Any] = {
        name: result_of(stored, name, finding, result) for name, finding, result in _FINDINGS
    }
    return ReceiptDetails(
        **findings,
        received_quantity=stored.get("receivedQuantity"),
        goods=None if goods is None else GoodsFinding(goods),
        remark=stored.get("remark"),
    )


def read_refund(_context: Context, stored: Stored) -> RefundDetails:
    method = stored.get("method")
    return RefundDetails(
        number=stored["refund"],
        amount=stored["amount"],
        freight=stored.get("freight"),
        method=None if method is None else RefundMethod(method),
    )


def read_clock_move(_context: Context, stored: Stored) -> ClockMove:
    return ClockMove(
        window=stored["window"],
        due_before=_instant(stored.get("from")),
        due_after=_instant(stored.get("to")),
    )


def read_ruling(_context: Context, stored: Stored) -> RulingDetails:
    remedy = stored.get("remedy")
    return RulingDetails(
        remedy=None if remedy is None else Remedy(remedy), amount=stored.get("amount")
    )


def read_contact(_context: Context, stored: Stored) -> list[ContactPart]:
    return [ContactPart(cast("str", part).upper()) for part in stored["contact"]]


def read_export(_context: Context, stored: Stored, merchant_id: int) -> str:
    return ids.encode("Export", merchant_id, stored["export"])


def read_erasure(_context: Context, stored: Stored) -> ErasureCause:
    return ErasureCause(stored["erasure"])


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
