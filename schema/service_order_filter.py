"""Which service orders a queue shows: the filter, and the conditions that it stands for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
import strawberry

from domain.applications import Expectation
from domain.statuses import Status
from domain.words import MAX_REF, at_most, between, words
from models.service_order import service_orders
from projection.conditions import Among, Condition, Template, equals
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
_STATUS = Among(_TABLE.status)
_EXPECTATION = Among(_TABLE.expectation)
_ID = equals(_TABLE.id)
_ORDER_NUMBER = equals(_TABLE.order_number)
_SKU = equals(_TABLE.sku)
_CUSTOMER = equals(_TABLE.customer_ref)
_APPLICATION = equals(_TABLE.application_id)
_ASSIGNEE = equals(_TABLE.assignee_id)
_APPLIED = _within(_TABLE.applied_at)
_UPDATED = _within(_TABLE.updated_at)
_DUE_IN = _within(_due_at)
_OVERDUE = Template(lambda now: _due_at <= now)
_NOT_OVERDUE = Template(lambda now: sa.or_(_due_at.is_(None), _due_at > now))
_DUE_SOON = Template(lambda now, most: (_due_at > now) & (_due_at <= most))
HAS_CLOCK: Final = Template(lambda: _due_at.is_not(None))


@strawberry.input(description="A stretch of time. Either end may be left open.")
class InstantRange:
    """A range."""

    start: datetime | None = strawberry.field(
        default=None, name="from", description="From this instant on."
    )
    end: datetime | None = strawberry.field(
        default=None, name="to", description="Up to, but without, this instant."
    )

    def conditions(self, within: "_Within") -> list[Condition]:
        found = []
        if self.start is not None:
            found.append(within.start(self.start))
        if self.end is not None:
            found.append(within.end(self.end))
        return found


@strawberry.input(description="Which service orders. Everything given must hold.")
class ServiceOrderFilter:
    """A filter."""

    status: list[Status] | None = strawberry.field(
        default=None, description="In one of these statuses."
    )
    expectation: list[Expectation] | None = strawberry.field(
        default=None, description="The customer wants one of these."
    )
    application_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this application."
    )
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this merchant; for the platform, who sees all."
    )
    assignee_id: strawberry.ID | None = strawberry.field(
        default=None, description="This employee is in charge."
    )
    number: str | None = strawberry.field(default=None, description="With this 服务单号.")
    order_number: str | None = strawberry.field(
        default=None, description="Of the purchase with this number."
    )
    sku: str | None = strawberry.field(default=None, description="About goods of this number.")
    customer_ref: str | None = strawberry.field(default=None, description="Of this customer.")
    applied: InstantRange | None = strawberry.field(
        default=None, description="Applied for in this time."
    )
    updated: InstantRange | None = strawberry.field(
        default=None, description="Changed last in this time."
    )
    due: InstantRange | None = strawberry.field(
        default=None, description="With a clock that ends in this time."
    )
    overdue: bool | None = strawberry.field(
        default=None, description="Whether the clock has run out."
    )
    due_within: int | None = strawberry.field(
        default=None, description="Not overdue yet, but in so many seconds; 31 days at most."
    )

    def conditions(self, now: datetime) -> list[Condition]:
        """Raises BadInput, or Refused for the id of something that is not the viewer's."""
        return [*self._equal(), *self._ids(), *self._times(now)]

    def _equal(self) -> list[Condition]:
        found: list[Condition] = []
        if self.status is not None:
            at_most(self.status, "filter", "status", most=len(Status))
            found.append(_STATUS(self.status))
        if self.expectation is not None:
            at_most(self.expectation, "filter", "expectation", most=len(Expectation))
            found.append(_EXPECTATION(self.expectation))
        if self.number is not None:
            found.append(_ID(ids.number(self.number, "filter", "number")))
        for name, said, template in (
            ("orderNumber", self.order_number, _ORDER_NUMBER),
            ("sku", self.sku, _SKU),
            ("customerRef", self.customer_ref, _CUSTOMER),
        ):
            if said is not None:
                found.append(template(words(said, "filter", name, longest=MAX_REF)))
        return found

    def _ids(self) -> list[Condition]:
        found: list[Condition] = []
        for name, type_name, said, template in (
            ("applicationId", "Application", self.application_id, _APPLICATION),
            ("assigneeId", "Employee", self.assignee_id, _ASSIGNEE),
        ):
            if said is not None:
                merchant, row = ids.key_of(type_name, said, "filter", name)
                found += [_MERCHANT(merchant), template(row)]
        if self.merchant_id is not None:
            found.append(_MERCHANT(ids.merchant_of(self.merchant_id, "filter", "merchantId")))
        return found

    def _times(self, now: datetime) -> list[Condition]:
        found: list[Condition] = []
        for span, within in (
            (self.applied, _APPLIED),
            (self.updated, _UPDATED),
            (self.due, _DUE_IN),
        ):
            if span is not None:
                found += span.conditions(within)
        if self.overdue is not None:
            found.append((_OVERDUE if self.overdue else _NOT_OVERDUE)(now))
        if self.due_within is not None:
            most = int(LONGEST_DUE_WITHIN.total_seconds())
            seconds = between(self.due_within, "filter", "dueWithin", least=0, most=most)
            found.append(_DUE_SOON(now, now + timedelta(seconds=seconds)))
        return found
