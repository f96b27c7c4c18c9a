"""Refunds: what can be refunded of a purchase, by whom, and how the money goes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from domain.money import yuan
from domain.refusals.refunds import (
    FreightTooLarge,
    RefundAboveCeiling,
    RefundTooLarge,
    TooManyRefunds,
)
from domain.refusals.refusal import Refusal

MAX_REFUNDS: Final = 20
"""How many refunds an order can have, failed ones included."""

MAX_PERMITTED: Final = 10
"""How many people a refusal names who may refund more."""


class RefundMethod(StrEnum):
    """How the money goes back."""

    ORIGINAL_PAYMENT = "ORIGINAL_PAYMENT"
    """原路退回: to where it came from."""
    BALANCE = "BALANCE"
    """账户余额: to the customer's balance at the marketplace."""
    OFFLINE = "OFFLINE"
    """线下转账: transferred by the merchant."""


class RefundStatus(StrEnum):
    """Whether the money was paid."""

    SUBMITTED = "SUBMITTED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class RefundOutcome(StrEnum):
    """The outcome of a refund's payment."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"

    @property
    def status(self) -> RefundStatus:
        return RefundStatus(self.value)


Ceiling = int | None
"""The most that a person may refund of a purchase line, in fen; None if there is no ceiling."""


def is_within(amount: int, ceiling: Ceiling) -> bool:
    return ceiling is None or amount <= ceiling


def effective_ceiling(ceilings: Iterable[Ceiling]) -> Ceiling:
    """The ceiling of a person with these grants of REFUND: the greatest; 0 without a grant."""
    greatest = 0
    for ceiling in ceilings:
        if ceiling is None:
            return None
        greatest = max(greatest, ceiling)
    return greatest


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunder:
    """A person who may refund, up to the ceiling."""

    id: int
    name: str
    ceiling: Ceiling
    is_main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRefund:
    """A refund of a purchase line; amounts in fen."""

    order_id: int
    submitted_by: int
    amount: int
    freight: int
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLine:
    """A purchased item over all its service orders, as one of them sees it; amounts in fen.

    ``paid`` is what was paid for the item. ``freight_paid`` is what the customer paid for sending
    the goods of the order ``order_id``.
    """

    order_id: int
    paid: int
    freight_paid: int
    refunds: Sequence[EarlierRefund]

    @property
    def refundable(self) -> int:
        """What can still be refunded, over all service orders of the line."""
        return max(self.paid - sum(refund.amount for refund in self._counted()), 0)

    @property
    def freight_refundable(self) -> int:
        """The freight that can still be refunded for this order."""
        refunded = sum(
            refund.freight for refund in self._counted() if refund.order_id == self.order_id
        )
        return max(self.freight_paid - refunded, 0)

    @property
    def count(self) -> int:
        """How many refunds the order has."""
        return sum(refund.order_id == self.order_id for refund in self.refunds)

    def refunded_by(self, person: int) -> int:
        """What the person has refunded of the line, freight included."""
        return sum(
            refund.amount + refund.freight
            for refund in self._counted()
            if refund.submitted_by == person
        )

    def _counted(self) -> Iterable[EarlierRefund]:
        return (refund for refund in self.refunds if not refund.failed)


def refund_blockers(line: PurchaseLine, *, amount: int, freight: int) -> Iterable[Refusal]:
    """Why the amounts cannot be refunded, whoever refunds them."""
    if line.count >= MAX_REFUNDS:
        yield TooManyRefunds(limit=MAX_REFUNDS)
    if amount > line.refundable:
        yield RefundTooLarge(refundable=yuan(line.refundable), path=("amount",))
    if freight > line.freight_refundable:
        yield FreightTooLarge(refundable=yuan(line.freight_refundable), path=("freight",))


def above_ceiling(
    line: PurchaseLine, ceiling: int, *, total: int, refunders: Iterable[Refunder]
) -> Refusal:
    """The refusal of a refund of ``total`` above the ceiling. It names who may refund so much.

    Each person's own earlier refunds of the line count, or a large refund could be split.
    """
    able = [
        refunder
        for refunder in refunders
        if is_within(line.refunded_by(refunder.id) + total, refunder.ceiling)
    ]
    employees = [refunder.name for refunder in able if not refunder.is_main]
    main_account = [refunder.name for refunder in able if refunder.is_main]
    permitted = (*employees[: MAX_PERMITTED - len(main_account)], *main_account)
    return RefundAboveCeiling(ceiling=yuan(ceiling), permitted=permitted, path=("amount",))


def freight_of(inbound: Mapping[str, Any] | None, earlier: int | None = None) -> int:
    """The freight of a customer's stored shipment, in fen; 0 if none is known.

    ``earlier`` is the freight of shipments before a ruling that the goods go back again.
    """
    freight: int | None = (inbound or {}).get("freight")
    return (freight or 0) + (earlier or 0)
