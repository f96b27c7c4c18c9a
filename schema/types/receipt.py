"""The receipt of a service order, and the customer's shipment before it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import strawberry

from domain.desk.evidence import MAX_PICTURES
from domain.desk.receipts import (
    AccessoriesFinding,
    AppearanceFinding,
    FunctionFinding,
    GoodsFinding,
    InvoiceFinding,
    PackingFinding,
)
from domain.money import yuan
from domain.names import Named
from models.service_order import service_orders
from resolvers.context import Context
from schema.fields import column, computed, kept, projected
from schema.scalars import Money
from schema.types.evidence import Evidence, pictures_of

_FINDING = "The finding."
_REMARK = "The remark. Null if there is none."
_PARCEL_ONLY = "Null for the parcel of a cancelled order, which is not inspected."


def _freight(stored: dict[str, Any]) -> str | None:  # Any: JSON
    freight = stored["freight"]
    return None if freight is None else yuan(freight)


@projected(service_orders)
@strawberry.type(description="The customer's shipment of the goods to the merchant.")
class InboundShipment:
    """A shipment to the merchant."""

    carrier: str | None = column(
        service_orders.c.inbound,
        "The carrier. Null if the customer brings the goods and named none.",
        lambda stored: stored["carrier"],
    )
    waybill: str | None = column(
        service_orders.c.inbound,
        "The waybill number. Null if the customer brings the goods and named none.",
        lambda stored: stored["waybill"],
    )
    freight: Money | None = column(
        service_orders.c.inbound,
        "What the customer paid for the shipment, in yuan. Null if it is not known. The freight of "
        "a parcel with several orders stands with one of them.",
        _freight,
    )
    at: datetime = column(service_orders.c.shipped_at, "When the shipment was recorded.")


@strawberry.type(description="The condition of the packaging, as found.")
class PackingResult:
    """A finding on the packaging."""

    finding: PackingFinding = strawberry.field(description=_FINDING)
    remark: str | None = strawberry.field(description=_REMARK)


@strawberry.type(description="Whether the goods work, as found.")
class FunctionResult:
    """A finding on the function."""

    finding: FunctionFinding = strawberry.field(description=_FINDING)
    remark: str | None = strawberry.field(description=_REMARK)


@strawberry.type(description="The condition of the goods' appearance, as found.")
class AppearanceResult:
    """A finding on the appearance."""

    finding: AppearanceFinding = strawberry.field(description=_FINDING)
    remark: str | None = strawberry.field(description=_REMARK)


@strawberry.type(description="Whether the accessories are complete, as found.")
class AccessoriesResult:
    """A finding on the accessories."""

    finding: AccessoriesFinding = strawberry.field(description=_FINDING)
    remark: str | None = strawberry.field(description=_REMARK)


@strawberry.type(description="Whether the invoice is included, as found.")
class InvoiceResult:
    """A finding on the invoice."""

    finding: InvoiceFinding = strawberry.field(description=_FINDING)
    remark: str | None = strawberry.field(description=_REMARK)


def _result(
    name: str, finding: type[Named], result: Callable[..., object]
) -> Callable[[Context, dict[str, Any]], object]:
    return lambda _context, stored: result_of(stored, name, finding, result)


def result_of(
    stored: Mapping[str, Any],  # Any: JSON
    name: str,
    finding: type[Named],
    result: Callable[..., object],
) -> object:
    """The finding of this name, None if nothing was found."""
    value = stored.get(name)
    if value is None:
        return None
    return result(finding=finding(value["finding"]), remark=value["remark"])


def _goods(stored: dict[str, Any]) -> GoodsFinding | None:
    value = stored.get("goods")
    return None if value is None else GoodsFinding(value)


@projected(service_orders)
@strawberry.type(description="拆包登记. What the merchant found when the goods arrived.")
class Receipt:
    """The receipt block."""

    packing: PackingResult | None = computed(
        _result("packing", PackingFinding, PackingResult),
        (service_orders.c.receipt,),
        f"The condition of the packaging. {_PARCEL_ONLY}",
    )
    function: FunctionResult | None = computed(
        _result("function", FunctionFinding, FunctionResult),
        (service_orders.c.receipt,),
        f"Whether the goods work. {_PARCEL_ONLY}",
    )
    appearance: AppearanceResult | None = computed(
        _result("appearance", AppearanceFinding, AppearanceResult),
        (service_orders.c.receipt,),
        f"The condition of the goods' appearance. {_PARCEL_ONLY}",
    )
    accessories: AccessoriesResult | None = computed(
        _result("accessories", AccessoriesFinding, AccessoriesResult),
        (service_orders.c.receipt,),
        f"Whether the accessories are complete. {_PARCEL_ONLY}",
    )
    invoice: InvoiceResult | None = computed(
        _result("invoice", InvoiceFinding, InvoiceResult),
        (service_orders.c.receipt,),
        f"Whether the invoice is included. {_PARCEL_ONLY}",
    )
    received_quantity: int | None = column(
        service_orders.c.receipt,
        f"The number of units that arrived. {_PARCEL_ONLY}",
        lambda stored: stored.get("receivedQuantity"),
    )
    goods: GoodsFinding | None = column(
        service_orders.c.receipt,
        f"Whether the goods are those of the application. {_PARCEL_ONLY}",
        _goods,
    )
    remark: str | None = column(
        service_orders.c.receipt,
        "Other remarks. Null if there are none.",
        lambda stored: stored["remark"],
    )
    evidence: list[Evidence] = kept(
        pictures_of(service_orders.c.receipt_pictures),
        f"The merchant's pictures, at most {MAX_PICTURES}.",
    )
    at: datetime = column(service_orders.c.received_at, "When the receipt was recorded.")
