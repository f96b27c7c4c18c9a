"""The filter of service orders, and the SQL conditions that it stands for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
import strawberry

from domain.applications import Expectation
from domain.statuses import Status
from domain.words import MAX_REF, at_most, between, reference
from models.service_order import service_orders
from projection.conditions import NO_ROWS, Condition, IsIn, Template, equals
from schema import ids

LONGEST_DUE_WITHIN: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True, eq=False)
class _Within:
    start: Template
    end: Template


def _within(column: sa.ColumnElement[Any]) -> _Within:
    return _Within(Template(lambda start: column >= start), Template(lambda end: column < end))


_TABLE = service_orders.c
_due_at = _TABLE.clock_due_at
_MERCHANT = equals(_TABLE.merchant_id)
_STATUS = IsIn(_TABLE.status)
_EXPECTATION = IsIn(_TABLE.expectation)
_ID = equals(_TABLE.id)
_ORDER_NUMBER = equals(_TABLE.order_number)
_SKU = equals(_TABLE.sku)
_CUSTOMER = equals(_TABLE.customer_ref)
_APPLICATION = equals(_TABLE.application_id)
_ASSIGNEE = equals(_TABLE.assignee_id)
_APPLIED = _within(_TABLE.applied_at)
_UPDATED = _within(_TABLE.updated_at)
_CUSTOMER_UPDATED = _within(_TABLE.customer_updated_at)
_DUE_IN = _within(_due_at)
_OVERDUE = Template(lambda now: _due_at <= now)
_NOT_OVERDUE = Template(lambda now: sa.or_(_due_at.is_(None), _due_at > now))
_DUE_SOON = Template(lambda now, most: (_due_at > now) & (_due_at <= most))
HAS_CLOCK: Final = Template(lambda: _due_at.is_not(None))


@strawberry.input(description="A range of time. Each end is optional.")
class InstantRange:
    """A range."""

    start: datetime | None = strawberry.field(
        default=None, name="from", description="The start of the range, inclusive."
    )
    end: datetime | None = strawberry.field(
        default=None, name="to", description="The end of the range, exclusive."
    )

    def conditions(self, within: "_Within") -> list[Condition]:
        conditions = []
        if self.start is not None:
            conditions.append(within.start(self.start))
        if self.end is not None:
            conditions.append(within.end(self.end))
        return conditions


@strawberry.input(description="A filter of service orders. An order must match every given field.")
class ServiceOrderFilter:
    """A filter."""

    status: list[Status] | None = strawberry.field(
        default=None, description="Orders in one of these statuses."
    )
    expectation: list[Expectation] | None = strawberry.field(
        default=None, description="Orders with one of these expectations."
    )
    application_id: strawberry.ID | None = strawberry.field(
        default=None, description="Orders of this application."
    )
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Orders of this merchant. For the platform, which sees all merchants.",
    )
    assignee_id: strawberry.ID | None = strawberry.field(
        default=None, description="Orders assigned to this employee. None for customers."
    )
    number: str | None = strawberry.field(
        default=None, description="The order with this number (服务单号)."
    )
    order_number: str | None = strawberry.field(
        default=None, description="Orders of the purchase with this number."
    )
    sku: str | None = strawberry.field(
        default=None, description="Orders for goods with this stock-keeping number."
    )
    customer_ref: str | None = strawberry.field(
        default=None, description="Orders of the customer with this storefront identifier."
    )
    applied: InstantRange | None = strawberry.field(
        default=None, description="Orders whose `appliedAt` is in this range."
    )
    updated: InstantRange | None = strawberry.field(
        default=None, description="Orders whose `updatedAt` is in this range."
    )
    due: InstantRange | None = strawberry.field(
        default=None, description="Orders whose clock is due in this range."
    )
    overdue: bool | None = strawberry.field(
        default=None, description="True: orders past their deadline. False: all other orders."
    )
    due_within: int | None = strawberry.field(
        default=None,
        description=(
            "Orders that are not overdue but due within this number of seconds, at most 31 days."
        ),
    )

    def conditions(self, now: datetime, *, customer: bool) -> list[Condition]:
        """For a ``customer``, nothing that customers do not see decides what matches.

        Raises BadInput, or Refused for an id of another type.
        """
        conditions = [*self._equal(), *self._ids(), *self._times(now, customer=customer)]
        if customer and self.assignee_id is not None:
            conditions.append(NO_ROWS())
        return conditions

    def _equal(self) -> list[Condition]:
        conditions: list[Condition] = []
        if self.status is not None:
            at_most(self.status, "filter", "status", most=len(Status))
            conditions.append(_STATUS(self.status))
        if self.expectation is not None:
            at_most(self.expectation, "filter", "expectation", most=len(Expectation))
            conditions.append(_EXPECTATION(self.expectation))
        if self.number is not None:
            conditions.append(_ID(ids.number(self.number, "filter", "number")))
        for name, value, template in (
            ("orderNumber", self.order_number, _ORDER_NUMBER),
            ("sku", self.sku, _SKU),
            ("customerRef", self.customer_ref, _CUSTOMER),
        ):
            if value is not None:
                conditions.append(template(reference(value, "filter", name, longest=MAX_REF)))
        return conditions

    def _ids(self) -> list[Condition]:
        conditions: list[Condition] = []
        for name, type_name, value, template in (
            ("applicationId", "Application", self.application_id, _APPLICATION),
            ("assigneeId", "Employee", self.assignee_id, _ASSIGNEE),
        ):
            if value is not None:
                merchant, row = ids.key_of(type_name, value, "filter", name)
                conditions += [_MERCHANT(merchant), template(row)]
        if self.merchant_id is not None:
            conditions.append(_MERCHANT(ids.merchant_of(self.merchant_id, "filter", "merchantId")))
        return conditions

    def _times(self, now: datetime, *, customer: bool) -> list[Condition]:
        conditions: list[Condition] = []
        for range_, within in (
            (self.applied, _APPLIED),
            (self.updated, _CUSTOMER_UPDATED if customer else _UPDATED),
            (self.due, _DUE_IN),
        ):
            if range_ is not None:
                conditions += range_.conditions(within)
        if self.overdue is not None:
            conditions.append((_OVERDUE if self.overdue else _NOT_OVERDUE)(now))
        if self.due_within is not None:
            most = int(LONGEST_DUE_WITHIN.total_seconds())
            seconds = between(self.due_within, "filter", "dueWithin", least=0, most=most)
            conditions.append(_DUE_SOON(now, now + timedelta(seconds=seconds)))
        return conditions
