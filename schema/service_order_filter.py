"""The filter of service orders, and the SQL conditions that it stands for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
import strawberry

from database.any_of import AnyOf
from domain.actions import Action
from domain.applications import Expectation
from domain.own_reasons import own_use
from domain.reasons import REASONS, ReasonUse
from domain.statuses import Status
from domain.words import MAX_REF, at_most, between, line, reference
from models.service_order import COMMON_DECISIONS, service_orders
from projection.conditions import NO_ROWS, Condition, IsIn, Template, equals
from schema import ids
from schema.service_order_search import ServiceOrderSearch

LONGEST_DUE_WITHIN: Final = timedelta(days=31)
MAX_REASONS: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class _Within:
    start: Template
    end: Template


def _within(column: sa.ColumnElement[Any]) -> _Within:
    return _Within(Template(lambda start: column >= start), Template(lambda end: column < end))


class _Reasons:
    """The condition for reasons of one use.

    Own reasons are found in an index of the orders that have one. For the platform's, which many
    orders have, a page reads the queue's index in order and leaves rows out.
    """

    def __init__(self, code: sa.ColumnElement[Any], own: sa.ColumnElement[Any]) -> None:
        self._any = IsIn(code)
        self._is_own = Template(lambda: own.is_not(None))

    def __call__(self, codes: Sequence[str]) -> list[Condition]:
        is_own = all(own_use(code) is not None for code in codes)
        return [self._any(codes), *([self._is_own()] if is_own else [])]


def _reasons(codes: Sequence[str]) -> list[Condition]:
    """A code tells its use, and so its column; codes of both uses need either column."""
    uses = {reason.use if (reason := REASONS.get(code)) else own_use(code) for code in codes}
    if len(uses) != 1:
        return [_ANY_REASON(list(codes))]
    [use] = uses
    return [NO_ROWS()] if use is None else _REASONS[use](codes)


_TABLE = service_orders.c
_due_at = _TABLE.clock_due_at
_MERCHANT = equals(_TABLE.merchant_id)
_STATUS = IsIn(_TABLE.status)
_EXPECTATION = IsIn(_TABLE.expectation)
_SKU = equals(_TABLE.sku)
_CUSTOMER = equals(_TABLE.customer_ref)
_APPLICATION = equals(_TABLE.application_id)
_ASSIGNEE = equals(_TABLE.assignee_id)
_UNASSIGNED = Template(lambda: _TABLE.assignee_id.is_(None))
_ASSIGNED = Template(lambda: _TABLE.assignee_id.is_not(None))
_APPLIED = _within(_TABLE.applied_at)
_UPDATED = _within(_TABLE.updated_at)
_CUSTOMER_UPDATED = _within(_TABLE.customer_updated_at)
_DUE_IN = _within(_due_at)
_REVIEWER = equals(_TABLE.decided_by_id)
_DECISION = IsIn(_TABLE.decision)
_RARE_DECISION = Template(
    # The condition of the index, word for word: parameters would hide that it is the same.
    lambda: _TABLE.decision.not_in(
        [sa.literal_column(f"'{common}'") for common in COMMON_DECISIONS]
    )
)
_DECIDED = _within(_TABLE.decided_at)
_RECEIVED = _within(_TABLE.received_at)
_FINISHED = _within(_TABLE.finished_at)
_OVERDUE = Template(lambda now: _due_at <= now)
_NOT_OVERDUE = Template(lambda now: sa.or_(_due_at.is_(None), _due_at > now))
_DUE_SOON = Template(lambda now, most: (_due_at > now) & (_due_at <= most))
_REASONS: Final = {
    ReasonUse.APPLICATION: _Reasons(_TABLE.reason_code, _TABLE.own_reason),
    ReasonUse.REVIEW: _Reasons(_TABLE.review_reason, _TABLE.own_review_reason),
}
_ANY_REASON = Template(
    lambda values: (
        AnyOf(_TABLE.reason_code, values)
        | sa.and_(_TABLE.review_reason.is_not(None), AnyOf(_TABLE.review_reason, values))
    )
)
_target_at = _TABLE.target_at
_PAST_TARGET = Template(lambda now: _target_at <= now)
_NOT_PAST_TARGET = Template(lambda now: sa.or_(_target_at.is_(None), _target_at > now))
HAS_TARGET: Final = Template(lambda: _target_at.is_not(None))
HAS_CLOCK: Final = Template(lambda: _due_at.is_not(None))
AWAITS_RULING: Final = Template(
    lambda: _TABLE.escalated_at.is_not(None) & _TABLE.ruled_at.is_(None)
)
_AWAITS_NO_RULING = Template(lambda: _TABLE.escalated_at.is_(None) | _TABLE.ruled_at.is_not(None))
_BLOCKED = Template(
    # The condition of the index, word for word: SQLite would compare the column with 1.
    lambda: sa.literal_column("service_order.auto_approval_blocked", sa.Boolean)
)
_NOT_BLOCKED = Template(lambda: ~_TABLE.auto_approval_blocked)


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
class ServiceOrderFilter(ServiceOrderSearch):
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
    unassigned: bool | None = strawberry.field(
        default=None,
        description=(
            "未分配. True: orders assigned to nobody. False: orders assigned to somebody. None for "
            "customers."
        ),
    )
    sku: str | None = strawberry.field(
        default=None, description="Orders for goods with this stock-keeping number."
    )
    customer_ref: str | None = strawberry.field(
        default=None, description="Orders of the customer with this storefront identifier."
    )
    reason: list[str] | None = strawberry.field(
        default=None,
        description=(
            "Orders with one of these reasons, the customer's for applying or that of the latest "
            "review decision: codes of the query `reasons`, at most 20."
        ),
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
    reviewer_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "Orders whose latest review decision is by this employee (审核人). None for customers."
        ),
    )
    decision: list[Action] | None = strawberry.field(
        default=None,
        description=(
            "Orders whose latest review decision (审核结论) is one of these. An action that "
            "decides no review finds nothing."
        ),
    )
    decided: InstantRange | None = strawberry.field(
        default=None,
        description="Orders whose latest review decision (审核时间) was made in this range.",
    )
    received: InstantRange | None = strawberry.field(
        default=None, description="Orders whose goods were received (收货时间) in this range."
    )
    finished: InstantRange | None = strawberry.field(
        default=None, description="Orders whose `finishedAt` (完结时间) is in this range."
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
    escalated: bool | None = strawberry.field(
        default=None,
        description=("True: orders that wait for a ruling (平台裁决). False: all other orders."),
    )

    past_target: bool | None = strawberry.field(
        default=None,
        description=(
            "True: orders past the merchant's own target (内部时限). False: all other orders. "
            "Customers see no targets."
        ),
    )

    auto_approval_blocked: bool | None = strawberry.field(
        default=None,
        description=(
            "无法自动通过. True: orders past the review deadline that the system cannot approve, "
            "as `QueueSummary.autoApprovalBlocked` counts them. False: all other orders."
        ),
    )

    def conditions(
        self, now: datetime, merchant_id: int | None, *, customer: bool
    ) -> list[Condition]:
        """For a ``customer``, nothing that customers do not see decides what matches.

        ``merchant_id`` is the viewer's merchant, None for the platform. Raises BadInput, or Refused
        for an id of another type.
        """
        conditions = [*self._equal(), *self._ids(), *self._times(now, customer=customer)]
        if self.unassigned is not None:
            conditions.append((_UNASSIGNED if self.unassigned else _ASSIGNED)())
        if self.escalated is not None:
            conditions.append((AWAITS_RULING if self.escalated else _AWAITS_NO_RULING)())
        if self.auto_approval_blocked is not None:
            conditions.append((_BLOCKED if self.auto_approval_blocked else _NOT_BLOCKED)())
        if merchant_id is None and self.merchant_id is not None:
            merchant_id = ids.merchant_of(self.merchant_id, "filter", "merchantId")
        conditions += self.search(merchant_id)
        hidden = (self.assignee_id, self.unassigned, self.reviewer_id)
        if customer and hidden != (None, None, None):
            conditions.append(NO_ROWS())
        if self.past_target is not None:
            conditions += self._target(now, past=self.past_target, customer=customer)
        return conditions

    def _target(self, now: datetime, *, past: bool, customer: bool) -> list[Condition]:
        if customer:
            return [NO_ROWS()] if past else []
        return [(_PAST_TARGET if past else _NOT_PAST_TARGET)(now)]

    def _equal(self) -> list[Condition]:
        conditions: list[Condition] = []
        if self.status is not None:
            at_most(self.status, "filter", "status", most=len(Status))
            conditions.append(_STATUS(self.status))
        if self.expectation is not None:
            at_most(self.expectation, "filter", "expectation", most=len(Expectation))
            conditions.append(_EXPECTATION(self.expectation))
        if self.reason is not None:
            at_most(self.reason, "filter", "reason", most=MAX_REASONS)
            codes = [line(code, "filter", "reason", longest=MAX_REF) for code in self.reason]
            conditions += _reasons(codes)
        if self.decision is not None:
            at_most(self.decision, "filter", "decision", most=len(Action))
            conditions.append(_DECISION(self.decision))
            if not set(COMMON_DECISIONS) & set(self.decision):
                conditions.append(_RARE_DECISION())
        for name, value, template in (
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
            ("reviewerId", "Employee", self.reviewer_id, _REVIEWER),
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
            (self.decided, _DECIDED),
            (self.received, _RECEIVED),
            (self.finished, _FINISHED),
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
