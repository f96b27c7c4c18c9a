"""Applications and the service orders that they are split into.

Both types are in one module because each has a field of the other's type.
"""

from datetime import datetime

import strawberry

from domain.applications import Expectation, LogisticsIn
from domain.money import yuan
from domain.statuses import Status
from models.application import applications
from models.merchant import default_addresses, merchants
from models.queries.refunds import refundable
from models.queries.service_orders import FACTS
from models.refund import refunds
from models.service_order import events, service_orders
from models.staff import employees
from projection.fields import Column, Constant, ToMany
from schema import ids
from schema.fields import column, computed, kept, many, one, part, projected, subquery
from schema.scalars import Money
from schema.types.clock import Clock, current_clock, review_clock
from schema.types.customer import Customer
from schema.types.evidence import Evidence, pictures_of
from schema.types.merchant import Merchant
from schema.types.node import Node
from schema.types.processing import PROCESSING_COLUMNS, Processing, processing_of
from schema.types.reason import Reason, reason_of
from schema.types.receipt import InboundShipment, Receipt
from schema.types.refund import Refund
from schema.types.review import ReviewDecision
from schema.types.ruling import RULING_COLUMNS, Ruling, ruling_of
from schema.types.service_targets import OrderTarget, order_target
from schema.types.siblings import MAX_SIBLINGS, SIBLINGS
from schema.types.staff import Assignee
from schema.types.thread import thread_arguments, thread_conditions
from schema.types.timeline import (
    CUSTOMERS_TIMELINE,
    TIMELINE,
    ServiceOrderEvent,
    timeline_arguments,
)
from schema.types.verdict import ActionVerdict, verdicts


@projected(
    applications,
    joins={merchants: lambda parent, joined: joined.c.id == parent.c.merchant_id},
)
@strawberry.type(
    description=(
        "申请单. A customer's application for after-sales service. Each of its items becomes a "
        "service order."
    )
)
class Application(Node):
    """An application."""

    id: strawberry.ID = computed(
        ids.of_tenant("Application"),
        (applications.c.merchant_id, applications.c.id),
        "The globally unique id.",
    )
    merchant: Merchant = one("Merchant", merchants, "The merchant that sold the goods.")
    external_ref: str = column(
        applications.c.external_ref, "The storefront's own reference of the application."
    )
    order_number: str = column(
        applications.c.order_number, "The storefront's number of the purchase."
    )
    customer: Customer = part("Customer", "The customer who applied.")
    applied_at: datetime = column(applications.c.applied_at, "When the application was accepted.")
    service_orders: list["ServiceOrder"] = many(
        ToMany(
            "ServiceOrder",
            parent=(applications.c.merchant_id, applications.c.id),
            child=(service_orders.c.merchant_id, service_orders.c.application_id),
            order_by=(service_orders.c.id,),
        ),
        "The service orders, one for each item, in the order of the items.",
    )


@projected(service_orders)
@strawberry.type(description="The item of a service order, as it was purchased.")
class ServiceOrderItem:
    """A snapshot of the item."""

    sku: str = column(service_orders.c.sku, "The merchant's stock-keeping number.")
    name: str = column(service_orders.c.item_name, "The name of the goods.")
    quantity: int = column(service_orders.c.quantity, "The number of units.")
    category: str | None = column(
        service_orders.c.category, "The category of the goods. Null if it is not known."
    )
    warehouse: str | None = column(
        service_orders.c.warehouse,
        "The warehouse that the goods came from. Null if it is not known.",
    )
    purchased_quantity: int | None = column(
        service_orders.c.purchased_quantity,
        "购买数量. The number of units of the SKU that were bought in the purchase. Null if the "
        "application did not state it.",
    )
    unit_price: Money = column(service_orders.c.unit_price, "The price of a unit, in yuan.", yuan)
    paid_amount: Money = column(
        service_orders.c.paid_amount, "The amount paid for all units, in yuan.", yuan
    )


@projected(
    service_orders,
    joins={
        merchants: lambda parent, joined: joined.c.id == parent.c.merchant_id,
        applications: lambda parent, joined: (
            (joined.c.merchant_id == parent.c.merchant_id)
            & (joined.c.id == parent.c.application_id)
        ),
        employees: lambda parent, joined: (
            (joined.c.merchant_id == parent.c.merchant_id) & (joined.c.id == parent.c.assignee_id)
        ),
        default_addresses: lambda parent, joined: (
            (joined.c.merchant_id == parent.c.merchant_id) & joined.c.is_default
        ),
    },
)
@strawberry.type(
    description=(
        "服务单. The after-sales case of one item of a customer's application, from review to "
        "completion."
    )
)
class ServiceOrder(Node):
    """A service order."""

    id: strawberry.ID = computed(
        ids.of_tenant("ServiceOrder"),
        (service_orders.c.merchant_id, service_orders.c.id),
        "The globally unique id.",
    )
    number: str = column(service_orders.c.id, "服务单号. The number to show to people.", str)
    version: int = column(
        service_orders.c.version,
        "The number of events so far that the viewer may see. Send it as `expectedVersion` to "
        "change the order only if it has not changed since it was read.",
        customers=Column(service_orders.c.customer_version),
    )
    status: Status = column(service_orders.c.status, "The current status.")
    merchant: Merchant = one("Merchant", merchants, "The merchant that sold the goods.")
    application: Application = one(
        "Application", applications, "The application that the order belongs to."
    )
    order_number: str = column(
        service_orders.c.order_number, "The storefront's number of the purchase."
    )
    customer: Customer = part("Customer", "The customer who applied.")
    expectation: Expectation = column(
        service_orders.c.expectation, "The outcome that the customer expects."
    )
    reason: Reason = computed(
        reason_of,
        (service_orders.c.reason_code, service_orders.c.own_reason),
        "The customer's reason for applying.",
    )
    description: str = column(
        service_orders.c.description, "The customer's description of the problem."
    )
    pictures: list[Evidence] = kept(
        pictures_of(service_orders.c.pictures),
        "The customer's pictures, at most three.",
    )
    item: ServiceOrderItem = part("ServiceOrderItem", "The item, as it was purchased.")
    logistics_in: LogisticsIn = column(
        service_orders.c.logistics_in, "How the goods return to the merchant."
    )
    assignee: Assignee | None = one(
        "Assignee",
        employees,
        "The employee in charge. Null if nobody is assigned, and for customers.",
        customers=Constant(None),
    )
    review: ReviewDecision | None = part(
        "ReviewDecision",
        "The latest review decision. Null before the first one, and after it was taken back.",
        service_orders.c.decision,
    )
    processing: Processing | None = computed(
        processing_of,
        PROCESSING_COLUMNS,
        "The latest refund, exchange, repair or return. Null before the first one, and after it "
        "was undone.",
    )
    inbound: InboundShipment | None = part(
        "InboundShipment",
        "The customer's shipment of the goods. Null before it, and for orders that were shipped "
        "before shipments were recorded here; the timeline has those.",
        service_orders.c.inbound,
    )
    receipt: Receipt | None = part(
        "Receipt",
        "拆包登记. The receipt of the goods. Null before it, and for orders that were received "
        "before receipts were recorded here; the timeline has those.",
        service_orders.c.receipt,
    )
    clock: Clock | None = computed(
        current_clock,
        (
            service_orders.c.status,
            service_orders.c.clock_started_at,
            service_orders.c.clock_due_at,
            service_orders.c.clock_pauses,
        ),
        "The clock of the current status. Null once the order is finished.",
    )
    target: OrderTarget | None = computed(
        order_target,
        (service_orders.c.target_at,),
        "内部时限. The merchant's own target of the current status, set when the order entered it. "
        "Null if there is none, and for customers.",
        customers=Constant(None),
    )
    review_clock: Clock | None = computed(
        review_clock,
        (
            service_orders.c.status,
            service_orders.c.review_started_at,
            service_orders.c.review_due_at,
            service_orders.c.review_paused_at,
            service_orders.c.review_left_ms,
            service_orders.c.review_pauses,
        ),
        "The 48-hour review clock. Paused while the customer is asked. Null once the review is "
        "over.",
    )
    auto_approval_blocked: bool = column(
        service_orders.c.auto_approval_blocked,
        "Whether the review deadline has passed and the system cannot approve the order because "
        "the merchant has no return address. Always false for customers.",
        customers=Constant(value=False),
    )
    siblings: list["ServiceOrder"] = many(
        SIBLINGS,
        "同一订单的其他服务单. The other service orders of the same purchase that the viewer may "
        f"see, in ascending order; the first {MAX_SIBLINGS}.",
    )
    refunds: list[Refund] = many(
        ToMany(
            "Refund",
            parent=(service_orders.c.merchant_id, service_orders.c.id),
            child=(refunds.c.merchant_id, refunds.c.service_order_id),
            order_by=(refunds.c.id,),
        ),
        "退款. The refunds of the order, in ascending order.",
    )
    refundable: Money = subquery(
        refundable,
        yuan,
        "What can still be refunded of the item, in yuan: the amount paid, less all refunds of "
        "the purchased item that did not fail, over all its service orders.",
    )
    actions: list[ActionVerdict] = computed(
        verdicts,
        FACTS,
        "The possible actions, each with whether the viewer may take it now. The mutations apply "
        "the same rules.",
    )
    timeline: list[ServiceOrderEvent] = many(
        TIMELINE,
        "处理记录. The latest events of the order that the viewer may see, in ascending order.",
        timeline_arguments,
        customers=CUSTOMERS_TIMELINE,
    )
    satisfaction: int | None = column(
        service_orders.c.satisfaction,
        "The customer's rating when they last confirmed the outcome, 1 to 5. Null if there is "
        "none.",
    )
    satisfaction_comment: str | None = column(
        service_orders.c.satisfaction_comment,
        "The customer's comment when they last confirmed the outcome. Null if there is none.",
    )
    escalated_at: datetime | None = column(
        service_orders.c.escalated_at,
        "When the customer or the merchant last asked the platform to step in. Null if nobody did.",
    )
    ruling: Ruling | None = computed(
        ruling_of,
        RULING_COLUMNS,
        "平台裁决. The platform's latest ruling. Null before the first one. After another "
        "escalation it stays until the next ruling.",
    )
    thread: list[ServiceOrderEvent] = many(
        ToMany(
            "ServiceOrderEvent",
            parent=(service_orders.c.merchant_id, service_orders.c.id),
            child=(events.c.merchant_id, events.c.service_order_id),
            order_by=(events.c.sequence,),
            where=thread_conditions,
            parent_columns=(service_orders.c.version,),
            needs_snapshot=False,  # as for the timeline
        ),
        "The latest messages between customer and staff about the outcome, in ascending order: "
        "`REPORTED_UNSOLVED`, `REPLIED` and `SOLVED`.",
        thread_arguments,
    )
    applied_at: datetime = column(
        service_orders.c.applied_at,
        "When the application was accepted and the review clock started.",
    )
    updated_at: datetime = column(
        service_orders.c.updated_at,
        "When the latest event happened that the viewer may see.",
        customers=Column(service_orders.c.customer_updated_at),
    )
    finished_at: datetime | None = column(
        service_orders.c.finished_at,
        "When the order was completed, rejected or cancelled. Null until then.",
    )
    personal_data_erased_at: datetime | None = column(
        service_orders.c.personal_data_erased_at,
        "个人信息删除时间. When the customer's personal data was erased: contact, texts, pictures "
        "and waybills are empty or null since, and the order never changes again. Null until then.",
    )
