"""What storefronts submit."""

import strawberry

from domain.applications import (
    MAX_DESCRIPTION,
    MAX_ITEMS,
    MAX_QUANTITY,
    Expectation,
    LogisticsIn,
)
from domain.permissions import Permission
from domain.words import MAX_DETAIL, MAX_NAME, MAX_PHONE, MAX_REF, at_most, between, words
from execution.answers import one
from resolvers.applications.submit import Item, Submission, submit
from schema import ids
from schema.fields import Info, mutation
from schema.idempotency import key_field
from schema.scalars import Money
from schema.types.merchant import AddressInput
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal
from schema.types.service_order import Application


@strawberry.input(description="One thing that was bought, and what is wrong with it.")
class ApplicationItemInput:
    """An item."""

    expectation: Expectation = strawberry.field(description="What the customer wants.")
    reason: str = strawberry.field(
        description="The code of a reason for use in `APPLICATION`, of the second level."
    )
    description: str = strawberry.field(
        description=f"What the customer wrote, up to {MAX_DESCRIPTION} characters."
    )
    evidence_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description=(
            "The customer's pictures, uploaded by the storefront or by this customer; "
            "three at most."
        ),
    )
    logistics_in: LogisticsIn = strawberry.field(
        default=LogisticsIn.CUSTOMER_SHIPS, description="How the goods come back."
    )
    sku: str = strawberry.field(description="The merchant's number of the goods.")
    name: str = strawberry.field(description="What the goods are called.")
    quantity: int = strawberry.field(description=f"How many, 1 to {MAX_QUANTITY}.")
    unit_price: Money = strawberry.field(description="The price of one, in yuan.")
    paid_amount: Money = strawberry.field(description="What was paid for all, in yuan.")

    def read(self, merchant_id: int | None, at: int) -> Item:
        """Raises BadInput or Refused."""
        path = ("items", str(at))
        return Item(
            expectation=self.expectation,
            reason=words(self.reason, *path, "reason", longest=MAX_REF),
            description=words(self.description, *path, "description", longest=MAX_DESCRIPTION),
            pictures=[
                ids.picture_of(merchant_id, one, *path, "evidenceIds", str(place))
                for place, one in enumerate(self.evidence_ids)
            ],
            logistics_in=self.logistics_in,
            sku=words(self.sku, *path, "sku", longest=MAX_REF),
            name=words(self.name, *path, "name", longest=MAX_DETAIL),
            quantity=between(self.quantity, *path, "quantity", least=1, most=MAX_QUANTITY),
            unit_price=int(self.unit_price),
            paid_amount=int(self.paid_amount),
        )


@strawberry.input(description="A customer's application, as the storefront took it.")
class SubmitApplicationInput:
    """An application."""

    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="For which merchant; a storefront that serves several must say it.",
    )
    external_ref: str = strawberry.field(
        description=(
            "The storefront's own reference. The same reference with the same content answers the "
            "first application again; with other content it is refused."
        )
    )
    order_number: str = strawberry.field(description="The number of the purchase.")
    customer_ref: str = strawberry.field(description="How the storefront calls the customer.")
    customer_name: str = strawberry.field(description="The customer's name.")
    customer_phone: str = strawberry.field(description="The customer's phone.")
    pickup_address: AddressInput | None = strawberry.field(
        default=None, description="From where the goods are picked up, if they are."
    )
    items: list[ApplicationItemInput] = strawberry.field(
        description=f"What it is about, 1 to {MAX_ITEMS} items."
    )
    idempotency_key: str | None = key_field()

    def read(self, merchant_id: int | None) -> Submission:
        """Raises BadInput or Refused."""
        at_most(self.items, "items", least=1, most=MAX_ITEMS)
        pickup = self.pickup_address
        return Submission(
            external_ref=words(self.external_ref, "externalRef", longest=MAX_REF),
            order_number=words(self.order_number, "orderNumber", longest=MAX_REF),
            customer_ref=words(self.customer_ref, "customerRef", longest=MAX_REF),
            customer_name=words(self.customer_name, "customerName", longest=MAX_NAME),
            customer_phone=words(self.customer_phone, "customerPhone", longest=MAX_PHONE),
            pickup_address=pickup.read("pickupAddress") if pickup else None,
            items=[item.read(merchant_id, at) for at, item in enumerate(self.items)],
        )


@strawberry.type(description="An application that was accepted.")
class SubmitApplicationPayload:
    """A submission's payload."""

    application: Application | None = strawberry.field(
        default=None, description="The application; null if it was refused."
    )
    replayed: bool = strawberry.field(
        default=False,
        description=(
            "Whether it was there already, from the same reference or the same `idempotencyKey`."
        ),
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class IntakeMutations:
    """Mutations of storefronts."""

    @mutation(Permission.APPLICATION_SUBMIT)
    async def submit_application(
        self, info: Info, input: SubmitApplicationInput
    ) -> SubmitApplicationPayload:
        """Submit an application. Each item becomes a service order, and its 48 hours begin."""
        named = ids.optional_merchant(input.merchant_id, "merchantId")
        merchant = info.context.viewer.merchant_id or named
        key, replayed = await submit(info.context, input.read(merchant), named)
        return SubmitApplicationPayload(application=one("Application", key), replayed=replayed)
