"""Refunds of a service order."""

from datetime import datetime
from typing import TypeVar

import strawberry

from domain.actors import ActorKind
from domain.desk.refunds import RefundMethod, RefundStatus
from domain.money import yuan
from models.refund import refunds
from projection.fields import Constant
from resolvers.context import Context
from schema import ids
from schema.fields import column, computed, projected
from schema.scalars import Money
from schema.types.actor import Actor, actor_of

T = TypeVar("T")


def _for_staff(context: Context, value: T) -> T | None:
    """Hide a value from customers."""
    return None if context.viewer.kind is ActorKind.CUSTOMER else value


def _submitter(context: Context, name: str, id_: int, merchant_id: int) -> Actor:
    return actor_of(context, ActorKind.EMPLOYEE, name, id_, merchant_id)


@projected(refunds)
@strawberry.type(
    description=(
        "退款. A refund of a service order's item. Its payment succeeds or fails some time after "
        "the refund was submitted."
    )
)
class Refund:
    """A refund."""

    id: strawberry.ID = computed(
        ids.of_tenant("Refund"),
        (refunds.c.merchant_id, refunds.c.id),
        "The id, for `reportRefund`.",
    )
    number: str = column(
        refunds.c.id,
        "退款单号. The number to show to people. The events of the refund name it.",
        str,
    )
    amount: Money = column(
        refunds.c.amount, "The amount refunded of what was paid for the item, in yuan.", yuan
    )
    freight: Money = column(
        refunds.c.freight,
        "The freight refunded in addition, of what the customer paid for sending the goods, in "
        "yuan.",
        yuan,
    )
    method: RefundMethod = column(refunds.c.method, "How the money goes back.")
    status: RefundStatus = column(refunds.c.status, "Whether the money was paid.")
    submitted_by: Actor | None = computed(
        _submitter,
        (refunds.c.submitted_by, refunds.c.submitted_by_id, refunds.c.merchant_id),
        "The person who submitted the refund. Null for customers.",
        customers=Constant(None),
    )
    submitted_at: datetime = column(refunds.c.submitted_at, "When the refund was submitted.")
    reported_at: datetime | None = column(
        refunds.c.reported_at,
        "When the outcome of the payment was reported. Null while it is not known.",
    )
    payment_ref: str | None = column(
        refunds.c.payment_ref,
        "The reference of the payment at the payment service. Null if none was reported.",
    )
    failure: str | None = computed(
        _for_staff,
        (refunds.c.failure,),
        "Why the payment failed. Null if no reason was reported, and for customers.",
    )
