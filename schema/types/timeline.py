"""The timeline of a service order: its events, and which of them the viewer sees."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
import strawberry
from strawberry.scalars import JSON

from domain.events import EventKind
from domain.personal_data import ErasureCause
from domain.statuses import Status
from models.service_order import events, service_orders
from projection.conditions import Condition, Template
from projection.fields import Column, Computed, Constant, ToMany
from resolvers.context import Context
from schema.acting import acting
from schema.customers import customers_event_details, event_details
from schema.fields import column, computed, kept, projected
from schema.types.actor import Actor
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
from schema.types.event_readers import (
    INBOUND,
    RECEIPTS,
    REFUNDS,
    RULINGS,
    detail,
    read_address,
    read_assignment,
    read_clock_move,
    read_contact,
    read_erasure,
    read_export,
    read_inbound,
    read_reason,
    read_receipt,
    read_refund,
    read_ruling,
    read_shipment,
    read_target,
    read_value,
)
from schema.types.evidence import EVENT_PICTURES, Evidence
from schema.types.explanation import AutoApprovalExplanation, explanation_of
from schema.types.merchant import PostalAddress
from schema.types.reason import Reason

MAX_TIMELINE = 100


@projected(events)
@strawberry.type(
    description=(
        "处理记录. An event on a service order's timeline. Events never change, except that their "
        "texts, pictures and waybills are null once the order's personal data is erased."
    )
)
class ServiceOrderEvent:
    """An event of a timeline."""

    sequence: int = column(
        events.c.sequence,
        "The position on the timeline, from 1, without gaps: customers see a numbering of their "
        "own. The order's `version` is the latest sequence.",
        customers=Column(events.c.customer_sequence),
    )
    kind: EventKind = column(events.c.kind, "The kind of event.")
    at: datetime = column(events.c.at, "When the event happened.")
    actor: Actor = acting(
        events.c.actor_kind,
        events.c.actor_name,
        events.c.actor_id,
        "The actor that caused the event.",
        events.c.merchant_id,
    )
    from_status: Status | None = column(
        events.c.from_status,
        "The status of the order before the event. Null for the first event.",
    )
    to_status: Status = column(events.c.to_status, "The status of the order after the event.")
    customer_note: str | None = column(
        events.c.customer_note,
        "The message between merchant and customer. Null if the event has none.",
    )
    internal_note: str | None = column(
        events.c.internal_note,
        "The staff's internal note, which customers never see. Null if the event has none.",
        customers=Constant(None),
    )
    explanation: AutoApprovalExplanation | None = computed(
        explanation_of,
        (events.c.details,),
        "For `AUTO_APPROVED`, `FEEDBACK_EXPIRED`, `SHIPMENT_EXPIRED` and `AUTO_CONFIRMED`: the "
        "rule and the deadline behind the step. Null for other kinds.",
    )
    pictures: list[Evidence] = kept(
        EVENT_PICTURES,
        "凭证图片. The pictures that were given with the event. Decisions and applications from "
        "before pictures were recorded here have theirs in `ServiceOrder.review` and "
        "`ServiceOrder.pictures`.",
    )
    reason: Reason | None = detail(
        "reason",
        read_reason,
        "reason",
        hidden=("ownReason",),
        description="原因. For review decisions: the reason. Null if none was given.",
    )
    return_address: PostalAddress | None = detail(
        "return_address",
        read_address,
        "returnAddress",
        description=(
            "退货地址. For `APPROVED`, `AUTO_APPROVED`, `RETURN_ADDRESS_CHANGED` and "
            "`RULED_RETURN`: the address that the goods go to from then on. Null for other kinds."
        ),
    )
    return_address_rule: str | None = detail(
        "return_address_rule",
        read_value("returnAddressRule"),
        "returnAddressRule",
        description=(
            "Why the goods go to this address, as in `ServiceOrder.review`. Null without an "
            "address, and for customers."
        ),
    )
    shipment: ShipmentDetails | None = detail(
        "shipment",
        read_shipment,
        "shipment",
        description=(
            "发出的商品. For `RESENT`, `EXCHANGED`, `REPAIRED`, `SENT_BACK`, `SHIPMENT_UPDATED` "
            "and `CANCELLED_RETURNED`: what the merchant sends. Null if it sends nothing."
        ),
    )
    inbound: InboundDetails | None = detail(
        "inbound",
        read_inbound,
        "carrier",
        "waybill",
        "freight",
        kinds=INBOUND,
        description=(
            "客户寄回. For `SHIPPED` and `WAYBILL_CORRECTED`: the customer's shipment. Null if the "
            "customer brings the goods and said no more, and for other kinds."
        ),
    )
    receipt: ReceiptDetails | None = detail(
        "receipt",
        read_receipt,
        "packing",
        "function",
        "appearance",
        "accessories",
        "invoice",
        "receivedQuantity",
        "goods",
        "remark",
        kinds=RECEIPTS,
        description=(
            "拆包登记. For `RECEIVED` and `CANCELLED_RECEIVED`: the findings. Null if there are "
            "none, and for other kinds."
        ),
    )
    refund: RefundDetails | None = detail(
        "refund",
        read_refund,
        "refund",
        "amount",
        "freight",
        "method",
        kinds=REFUNDS,
        description=(
            "退款. For `REFUNDED`, `REFUND_SETTLED` and `REFUND_FAILED`: the refund. Null for "
            "other kinds."
        ),
    )
    new_order_number: str | None = detail(
        "new_order_number",
        read_value("newOrderNumber"),
        "newOrderNumber",
        description=(
            "For `EXCHANGED`: the storefront's number of the purchase that replaces the goods. "
            "Null if the merchant sends them, and for other kinds."
        ),
    )
    report: str | None = detail(
        "report",
        read_value("report"),
        "report",
        description="For `REPAIRED`: the report on the repair. Null for other kinds.",
    )
    satisfaction: int | None = detail(
        "satisfaction",
        read_value("satisfaction"),
        "satisfaction",
        description="For `CONFIRMED`: the customer's rating, 1 to 5. Null if there is none.",
    )
    corrected_contact: list[ContactPart] | None = detail(
        "corrected_contact",
        read_contact,
        "contact",
        description=(
            "For `AMENDED`: the parts of the contact that were corrected. Null if none was, and "
            "for other kinds."
        ),
    )
    ruling: RulingDetails | None = detail(
        "ruling",
        read_ruling,
        "remedy",
        "amount",
        kinds=RULINGS,
        description="裁决内容. For `RULED_PROCESS`: the remedy. Null for other kinds.",
    )
    clock_move: ClockMove | None = detail(
        "clock_move",
        read_clock_move,
        "window",
        "from",
        "to",
        description="For `CLOCK_MOVED`: the deadline before and after. Null for other kinds.",
    )
    export: strawberry.ID | None = detail(
        "export",
        read_export,
        "export",
        columns=(events.c.merchant_id,),
        description=(
            "For `CONTACT_REVEALED`: the id of the export (导出) whose file shows the contact. "
            "Null if the contact was revealed alone, for other kinds, and for customers."
        ),
    )
    assignment: AssignmentChange | None = detail(
        "assignment",
        read_assignment,
        "assignee",
        "assigneeId",
        "previousAssignee",
        "previousAssigneeId",
        "cause",
        columns=(events.c.merchant_id,),
        description=(
            "分配变更. For `ASSIGNED`, `CLAIMED` and `RELEASED`, and for steps that freed the "
            "order: who was and who is in charge. Null for other events, and for customers."
        ),
    )
    erasure: ErasureCause | None = detail(
        "erasure",
        read_erasure,
        "erasure",
        description=(
            "个人信息删除原因. For `PERSONAL_DATA_ERASED`: why the personal data of the order was "
            "erased. Null for other kinds, and for customers."
        ),
    )
    target_at: datetime | None = detail(
        "target_at",
        read_target,
        "targetAt",
        description=(
            "内部时限. The merchant's own target that the event set. Null if it set none, and for "
            "customers."
        ),
    )
    details: JSON | None = computed(
        event_details,
        (events.c.details,),
        "The same data as JSON, with keys in camelCase, by kind of event. Prefer the typed fields "
        "of the event. New keys may be added. Null if the event has none, or none that the viewer "
        "may see.",
        customers=Computed(customers_event_details, (events.c.details,)),
    )


# The upper bounds keep out events that were added after the order's row was read.
def _latest(sequence: str) -> Template:
    return Template(
        lambda child, version, last: (
            (child.c[sequence] > version - last) & (child.c[sequence] <= version)
        )
    )


def _before(sequence: str) -> Template:
    """The latest events before one: sequences have no gaps."""

    def build(
        child: sa.FromClause,
        version: sa.ColumnElement[int],
        last: sa.ColumnElement[int],
        earlier: sa.ColumnElement[int],
    ) -> sa.ColumnElement[bool]:
        end = sa.type_coerce(earlier, sa.Integer())
        until = sa.case((version < end, version), else_=end)
        return (child.c[sequence] > until - last) & (child.c[sequence] <= until)

    return Template(build)


def _conditions(
    latest: Template, before: Template
) -> Callable[[Mapping[str, Any], Context], Sequence[Condition]]:
    def conditions(arguments: Mapping[str, Any], _context: Context) -> Sequence[Condition]:
        last = min(max(arguments["last"], 1), MAX_TIMELINE)
        end = arguments.get("before")
        return (latest(last) if end is None else before(last, max(end, 1) - 1),)

    return conditions


def _events(
    version: sa.ColumnElement[Any],
    where: Callable[[Mapping[str, Any], Context], Sequence[Condition]],
) -> ToMany:
    return ToMany(
        "ServiceOrderEvent",
        parent=(service_orders.c.merchant_id, service_orders.c.id),
        child=(events.c.merchant_id, events.c.service_order_id),
        order_by=(events.c.sequence,),
        where=where,
        parent_columns=(version,),
        # Events never change, and the version says which of them there are.
        needs_snapshot=False,
    )


TIMELINE: Final = _events(
    service_orders.c.version, _conditions(_latest("sequence"), _before("sequence"))
)
"""The latest events of an order."""
CUSTOMERS_TIMELINE: Final = _events(
    service_orders.c.customer_version,
    _conditions(_latest("customer_sequence"), _before("customer_sequence")),
)
"""The latest events of an order that its customer sees."""


def timeline_arguments(
    last: Annotated[
        int,
        strawberry.argument(
            description=f"The number of latest events to return, at most {MAX_TIMELINE}."
        ),
    ] = 50,
    before: Annotated[
        int | None,
        strawberry.argument(
            description=(
                "Return the latest events before the one with this `sequence`: the page before, "
                "until it begins with 1."
            )
        ),
    ] = None,
) -> list[ServiceOrderEvent]:
    """Declares the arguments; the projection fetches the events."""
    raise NotImplementedError
