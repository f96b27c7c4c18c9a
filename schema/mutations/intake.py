"""The mutation with which storefronts, and staff for a customer, submit applications."""

import strawberry

from domain.applications import (
    MAX_DESCRIPTION,
    MAX_ITEMS,
    MAX_QUANTITY,
    Expectation,
    LogisticsIn,
)
from domain.permissions import Permission
from domain.words import (
    MAX_DETAIL,
    MAX_NAME,
    MAX_REF,
    at_most,
    between,
    line,
    optional_line,
    phone,
    reference,
    words,
)
from execution.sources import object_source
from resolvers.applications.submit import Item, Submission, submit
from schema import ids
from schema.fields import Info, mutation
from schema.idempotency import key_field
from schema.scalars import Money
from schema.types.merchant import AddressInput
from schema.types.payload import refusals_field
from schema.types.queue_summary import QueueSummary, queue_summary_field
from schema.types.refusal import Refusal
from schema.types.service_order import Application


@strawberry.input(description="A purchased item and the request for it.")
class ApplicationItemInput:
    """An item."""

    expectation: Expectation = strawberry.field(
        description="The outcome that the customer expects."
    )
    reason: str = strawberry.field(
        description="The code of a reason for use in `APPLICATION`. Codes of groups are refused."
    )
    description: str = strawberry.field(
        description=(
            f"The customer's description of the problem. At most {MAX_DESCRIPTION} characters."
        )
    )
    evidence_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description=(
            "The ids of at most three pictures, uploaded by the storefront, the staff or this "
            "customer."
        ),
    )
    logistics_in: LogisticsIn = strawberry.field(
        default=LogisticsIn.CUSTOMER_SHIPS, description="How the goods return to the merchant."
    )
    sku: str = strawberry.field(description="The merchant's stock-keeping number.")
    name: str = strawberry.field(description="The name of the goods.")
    quantity: int = strawberry.field(description=f"The number of units, 1 to {MAX_QUANTITY}.")
    purchased_quantity: int | None = strawberry.field(
        default=None,
        description=(
            "购买数量. The number of units of this SKU that were bought in the purchase, 1 to "
            f"{MAX_QUANTITY}. Recommended: with it, more than was bought is refused with "
            "`QUANTITY_EXCEEDED`, over all service orders of the purchase that are open or were "
            "refunded. If left out, the number that an earlier application stated holds."
        ),
    )
    unit_price: Money = strawberry.field(description="The price of a unit, in yuan.")
    paid_amount: Money = strawberry.field(
        description=(
            "The amount paid for all units, in yuan: at most the unit price times the quantity."
        )
    )
    category: str | None = strawberry.field(
        default=None,
        description=(
            f"The category of the goods, for return address rules. At most {MAX_REF} characters."
        ),
    )
    warehouse: str | None = strawberry.field(
        default=None,
        description=(
            "The warehouse that the goods came from, for return address rules. At most "
            f"{MAX_REF} characters."
        ),
    )

    def read(self, merchant_id: int | None, index: int) -> Item:
        """Raises BadInput or Refused."""
        path = ("items", str(index))
        return Item(
            expectation=self.expectation,
            reason=line(self.reason, *path, "reason", longest=MAX_REF),
            description=words(self.description, *path, "description", longest=MAX_DESCRIPTION),
            pictures=[
                ids.picture_of(merchant_id, id_, *path, "evidenceIds", str(position))
                for position, id_ in enumerate(self.evidence_ids)
            ],
            logistics_in=self.logistics_in,
            sku=reference(self.sku, *path, "sku", longest=MAX_REF),
            name=line(self.name, *path, "name", longest=MAX_DETAIL),
            quantity=between(self.quantity, *path, "quantity", least=1, most=MAX_QUANTITY),
            purchased_quantity=None
            if self.purchased_quantity is None
            else between(
                self.purchased_quantity, *path, "purchasedQuantity", least=1, most=MAX_QUANTITY
            ),
            unit_price=int(self.unit_price),
            paid_amount=int(self.paid_amount),
            category=optional_line(self.category, *path, "category", longest=MAX_REF),
            warehouse=optional_line(self.warehouse, *path, "warehouse", longest=MAX_REF),
        )


@strawberry.input(
    description="A customer's application, submitted by a storefront or by the merchant's staff."
)
class SubmitApplicationInput:
    """An application."""

    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The id of the merchant. Required for a storefront that serves several.",
    )
    external_ref: str = strawberry.field(
        description=(
            "The submitter's own reference. A repeated reference with the same content returns "
            "the first application; with different content it is refused with "
            "`EXTERNAL_REF_REUSED`."
        )
    )
    order_number: str = strawberry.field(description="The storefront's number of the purchase.")
    customer_ref: str = strawberry.field(
        description="The storefront's own identifier of the customer."
    )
    customer_name: str = strawberry.field(description="The customer's name.")
    customer_phone: str = strawberry.field(description="The customer's phone number.")
    pickup_address: AddressInput | None = strawberry.field(
        default=None, description="The pickup address. Required if an item is picked up."
    )
    items: list[ApplicationItemInput] = strawberry.field(
        description=f"The items, 1 to {MAX_ITEMS}."
    )
    idempotency_key: str | None = key_field()

    def read(self, merchant_id: int | None) -> Submission:
        """Raises BadInput or Refused."""
        at_most(self.items, "items", least=1, most=MAX_ITEMS)
        pickup = self.pickup_address
        return Submission(
            external_ref=reference(self.external_ref, "externalRef", longest=MAX_REF),
            order_number=reference(self.order_number, "orderNumber", longest=MAX_REF),
            customer_ref=reference(self.customer_ref, "customerRef", longest=MAX_REF),
            customer_name=line(self.customer_name, "customerName", longest=MAX_NAME),
            customer_phone=phone(self.customer_phone, "customerPhone"),
            pickup_address=pickup.read("pickupAddress") if pickup else None,
            items=[item.read(merchant_id, index) for index, item in enumerate(self.items)],
        )


@strawberry.type(description="The accepted application.")
class SubmitApplicationPayload:
    """A submission's payload."""

    application: Application | None = strawberry.field(
        default=None, description="The application. Null if the request was refused."
    )
    replayed: bool = strawberry.field(
        default=False,
        description=(
            "Whether an earlier request with the same reference or `idempotencyKey` submitted it."
        ),
    )
    queue_summary: QueueSummary | None = queue_summary_field()
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class IntakeMutations:
    """Mutations of storefronts."""

    @mutation(Permission.APPLICATION_SUBMIT)
    async def submit_application(
        self, info: Info, input: SubmitApplicationInput
    ) -> SubmitApplicationPayload:
        """提交申请. Submits an application. Each item becomes a service order under review.

        A storefront submits what its customer entered; the merchant's staff, what a customer said
        on the phone. The timeline says who submitted it.
        """
        argument = ids.optional_merchant(input.merchant_id, "merchantId")
        merchant = info.context.viewer.merchant_id or argument
        key, replayed = await submit(info.context, input.read(merchant), argument)
        return SubmitApplicationPayload(
            application=object_source("Application", key), replayed=replayed
        )
