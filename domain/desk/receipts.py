"""The way of the goods to the merchant: the customer's shipment and the merchant's receipt."""

from dataclasses import dataclass
from enum import auto
from typing import Any, Final

from domain.applications import LogisticsIn
from domain.names import Named

MAX_PARCEL: Final = 50
"""The maximum number of orders in a parcel."""


class PackingFinding(Named):
    """The condition of the packaging."""

    INTACT = auto()
    OPENED = auto()
    DAMAGED = auto()
    MISSING = auto()


class FunctionFinding(Named):
    """Whether the goods work."""

    WORKING = auto()
    FAULTY = auto()
    NOT_TESTED = auto()


class AppearanceFinding(Named):
    """The condition of the goods' appearance."""

    LIKE_NEW = auto()
    USED = auto()
    DAMAGED = auto()


class AccessoriesFinding(Named):
    """Whether the accessories are complete."""

    COMPLETE = auto()
    INCOMPLETE = auto()
    MISSING = auto()


class InvoiceFinding(Named):
    """Whether the invoice is included."""

    ENCLOSED = auto()
    MISSING = auto()
    NOT_ISSUED = auto()


class GoodsFinding(Named):
    """Whether the goods are those of the application."""

    AS_APPLIED = auto()
    WRONG_GOODS = auto()
    INCOMPLETE = auto()


@dataclass(frozen=True, slots=True)
class Finding:
    """What the merchant found when it opened the parcel, in one respect."""

    finding: Named
    remark: str | None = None

    def stored(self) -> dict[str, Any]:  # Any: the value of a JSON column
        return {"finding": self.finding, "remark": self.remark}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The merchant's inspection of received goods (拆包登记)."""

    packing: Finding
    function: Finding
    appearance: Finding
    accessories: Finding
    invoice: Finding
    received_quantity: int
    goods: GoodsFinding
    remark: str | None = None

    def stored(self) -> dict[str, Any]:  # Any: the value of a JSON column
        return {
            "packing": self.packing.stored(),
            "function": self.function.stored(),
            "appearance": self.appearance.stored(),
            "accessories": self.accessories.stored(),
            "invoice": self.invoice.stored(),
            "receivedQuantity": self.received_quantity,
            "goods": self.goods,
            "remark": self.remark,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundShipment:
    """The goods on their way to the merchant. ``freight`` is what the customer paid, in fen."""

    carrier: str | None = None
    waybill: str | None = None
    freight: int | None = None

    def missing(self, logistics_in: LogisticsIn | None) -> tuple[str, ...]:
        """What a shipment of this kind must carry and does not."""
        if logistics_in is LogisticsIn.DROP_OFF:
            return ()
        return tuple(name for name in ("carrier", "waybill") if getattr(self, name) is None)

    def stored(self) -> dict[str, Any]:  # Any: the value of a JSON column
        return {"carrier": self.carrier, "waybill": self.waybill, "freight": self.freight}
