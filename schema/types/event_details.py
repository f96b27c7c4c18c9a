"""The types of what events tell, by kind of fact."""

from datetime import datetime
from enum import StrEnum

import strawberry

from domain.desk.receipts import GoodsFinding
from domain.desk.refunds import RefundMethod
from domain.desk.rulings import Remedy
from schema.enums import described
from schema.scalars import Money
from schema.types.actor import Actor
from schema.types.receipt import (
    AccessoriesResult,
    AppearanceResult,
    FunctionResult,
    InvoiceResult,
    PackingResult,
)


class ContactPart(StrEnum):
    """A part of a customer's contact."""

    NAME = "NAME"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"


described(
    ContactPart,
    "A part of a customer's contact (联系方式).",
    {
        ContactPart.NAME: "姓名. The name.",
        ContactPart.PHONE: "电话. The phone number.",
        ContactPart.ADDRESS: "取件地址. The pickup address.",
    },
)


@strawberry.type(
    description="分配变更. Who was in charge of the order, and who is after the event."
)
class AssignmentChange:
    """A change of the assignee."""

    assignee: Actor | None = strawberry.field(
        description="The employee in charge after the event. Null if nobody is."
    )
    previous_assignee: Actor | None = strawberry.field(
        description="The employee in charge before the event. Null if nobody was."
    )
    cause: str | None = strawberry.field(
        description=(
            "Why the server made the change by itself, such as `EMPLOYEE_DISABLED`. Null if a "
            "person made it."
        )
    )


@strawberry.type(description="发出的商品. Goods that the merchant sends, as the event tells them.")
class ShipmentDetails:
    """A shipment to the customer."""

    goods: str | None = strawberry.field(
        description="The goods. Null for the goods of the order itself."
    )
    carrier: str | None = strawberry.field(description="The carrier. Null if it is not known yet.")
    waybill: str | None = strawberry.field(
        description="The waybill number. Null if it is not known yet."
    )


@strawberry.type(
    description="客户寄回. The customer's shipment, or the part of it that was corrected."
)
class InboundDetails:
    """A shipment to the merchant."""

    carrier: str | None = strawberry.field(
        description="The carrier. Null if the customer brings the goods and named none."
    )
    waybill: str | None = strawberry.field(
        description="The waybill number. Null if the customer brings the goods and named none."
    )
    freight: Money | None = strawberry.field(
        description="What the customer paid for the shipment, in yuan. Null if it is not known."
    )


@strawberry.type(description="拆包登记. What the merchant found when the goods arrived.")
class ReceiptDetails:
    """The findings."""

    packing: PackingResult | None = strawberry.field(description="The condition of the packaging.")
    function: FunctionResult | None = strawberry.field(description="Whether the goods work.")
    appearance: AppearanceResult | None = strawberry.field(
        description="The condition of the goods' appearance."
    )
    accessories: AccessoriesResult | None = strawberry.field(
        description="Whether the accessories are complete."
    )
    invoice: InvoiceResult | None = strawberry.field(description="Whether the invoice is included.")
    received_quantity: int | None = strawberry.field(
        description="The number of units that arrived."
    )
    goods: GoodsFinding | None = strawberry.field(
        description="Whether the goods are those of the application."
    )
    remark: str | None = strawberry.field(description="Other remarks. Null if there are none.")


@strawberry.type(description="退款. The refund that the event tells of.")
class RefundDetails:
    """A refund."""

    number: str = strawberry.field(description="退款单号. The number of the refund.")
    amount: Money = strawberry.field(
        description="The amount refunded of what was paid for the item, in yuan."
    )
    freight: Money | None = strawberry.field(
        description="The freight refunded in addition, in yuan. Null for the outcome of a payment."
    )
    method: RefundMethod | None = strawberry.field(
        description="How the money goes back. Null for the outcome of a payment."
    )


@strawberry.type(description="时限顺延. The move of a clock by a pause window.")
class ClockMove:
    """A moved deadline."""

    window: str = strawberry.field(description="The name of the pause window.")
    due_before: datetime | None = strawberry.field(description="The deadline before the move.")
    due_after: datetime | None = strawberry.field(description="The deadline after the move.")


@strawberry.type(
    description="裁决内容. What follows from a ruling. Its text is the event's `customerNote`."
)
class RulingDetails:
    """A ruling's remedy."""

    remedy: Remedy | None = strawberry.field(
        description="For `RULED_PROCESS`: how the merchant makes it good. Null for other rulings."
    )
    amount: Money | None = strawberry.field(
        description="The amount to refund, in yuan. Null if the ruling names none."
    )
