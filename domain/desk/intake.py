"""The checks of a new application against what was bought and what was already applied for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from domain.money import yuan
from domain.refusals.intake import PaidAbovePrice, QuantityExceeded
from domain.refusals.refusal import Refusal
from domain.statuses import FINAL, Status

MAX_NAMED_ORDERS: Final = 20
"""How many earlier orders a refusal names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedItem:
    """An item of a new application. ``purchased_quantity`` is None if it was not stated."""

    sku: str
    quantity: int
    purchased_quantity: int | None
    unit_price: int
    paid_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierOrder:
    """An earlier service order of the same purchase."""

    id: int
    sku: str
    quantity: int
    purchased_quantity: int | None
    status: Status
    is_refunded: bool

    @property
    def holds_units(self) -> bool:
        """Whether its units cannot be applied for again.

        An open order holds its units, and a completed one whose goods were refunded. After a
        repair, an exchange or a return the customer has the goods again.
        """
        return self.status not in FINAL or (self.status is Status.COMPLETED and self.is_refunded)


def amount_refusals(items: Sequence[AppliedItem]) -> Iterator[Refusal]:
    """Refuse each item for which more was paid than its price."""
    for index, item in enumerate(items):
        price = item.unit_price * item.quantity
        if item.paid_amount > price:
            yield PaidAbovePrice(price=yuan(price), path=("items", str(index), "paidAmount"))


def quantity_refusals(
    items: Sequence[AppliedItem], earlier: Iterable[EarlierOrder]
) -> Iterator[Refusal]:
    """Refuse each purchase line of which more is applied for than was bought.

    What was bought is the least that the application states for the line; if it states nothing,
    the most that an earlier order states. A line of which nobody stated it is not checked.
    """
    orders = list(earlier)
    for sku in dict.fromkeys(item.sku for item in items):
        of_line = [order for order in orders if order.sku == sku]
        purchased = _purchased([item for item in items if item.sku == sku], of_line)
        holding = [order for order in of_line if order.holds_units]
        applied = sum(order.quantity for order in holding)
        index = _first_beyond(items, sku, applied, purchased)
        if purchased is not None and index is not None:
            yield QuantityExceeded(
                sku=sku,
                purchased=purchased,
                already_applied=applied,
                open_orders=tuple(str(order.id) for order in holding[:MAX_NAMED_ORDERS]),
                path=("items", str(index), "quantity"),
            )


def reopening_refusal(order_id: int, of_line: Sequence[EarlierOrder]) -> Refusal | None:
    """Refuse a reopening that would hold more units of the purchase line than were bought."""
    purchased = _purchased([], of_line)
    [order] = [order for order in of_line if order.id == order_id]
    holding = [order for order in of_line if order.holds_units]
    applied = sum(order.quantity for order in holding)
    if purchased is None or applied + order.quantity <= purchased:
        return None
    return QuantityExceeded(
        sku=order.sku,
        purchased=purchased,
        already_applied=applied,
        open_orders=tuple(str(order.id) for order in holding[:MAX_NAMED_ORDERS]),
        path=("id",),
    )


def _purchased(items: Sequence[AppliedItem], earlier: Sequence[EarlierOrder]) -> int | None:
    stated = [item.purchased_quantity for item in items if item.purchased_quantity is not None]
    known = [order.purchased_quantity for order in earlier if order.purchased_quantity is not None]
    return min(stated) if stated else max(known, default=None)


def _first_beyond(
    items: Sequence[AppliedItem], sku: str, applied: int, purchased: int | None
) -> int | None:
    """The index of the first item of the line that goes beyond what was bought."""
    for index, item in enumerate(items):
        if item.sku == sku:
            applied += item.quantity
            if purchased is not None and applied > purchased:
                return index
    return None
