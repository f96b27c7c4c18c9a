"""The mutations of the goods' way to the merchant: shipping, receiving, parcels, late parcels."""

import strawberry

from domain.desk.receipts import MAX_PARCEL, InboundShipment
from domain.desk.reviews import MAX_NOTE
from domain.permissions import Permission
from domain.words import MAX_REF, line, optional_line, optional_words
from resolvers.service_orders.parcels.receive import receive
from resolvers.service_orders.parcels.receive_cancelled import receive_cancelled
from resolvers.service_orders.parcels.receive_many import OrderReceipt, receive_many
from resolvers.service_orders.parcels.return_cancelled import return_cancelled
from resolvers.service_orders.parcels.ship import ship
from resolvers.service_orders.parcels.ship_many import ship_many
from schema.fields import Info, mutation
from schema.idempotency import key_field
from schema.scalars import Money
from schema.types.receipt_input import EVIDENCE, InspectionInput
from schema.types.review_input import EXPECTED_VERSION, any_order_number, order_ids, pictures
from schema.types.step import ServiceOrderPayload, StepInput, order_number, payload_of
from schema.types.step_result import StepResultsPayload, step_results

_NO_NEED = f"Not required for `DROP_OFF`. At most {MAX_REF} characters."


@strawberry.input(description="A shipment of the customer's.")
class ShipmentInput:
    """The fields of every shipment to the merchant."""

    carrier: str | None = strawberry.field(default=None, description=f"The carrier. {_NO_NEED}")
    waybill: str | None = strawberry.field(
        default=None, description=f"The waybill number. {_NO_NEED}"
    )
    freight: Money | None = strawberry.field(
        default=None, description="The cost of the shipment, in yuan."
    )

    def read(self) -> InboundShipment:
        """Raises BadInput."""
        return InboundShipment(
            carrier=optional_line(self.carrier, "carrier", longest=MAX_REF),
            waybill=optional_line(self.waybill, "waybill", longest=MAX_REF),
            freight=None if self.freight is None else int(self.freight),
        )


@strawberry.input(description="The customer's shipment of the goods to the merchant.")
class ShipServiceOrderInput(StepInput, ShipmentInput):
    """The shipment of one order."""


@strawberry.input(description="The customer's shipment of one parcel with several service orders.")
class ShipServiceOrdersInput(ShipmentInput):
    """The shipment of a parcel."""

    ids: list[strawberry.ID] = strawberry.field(
        description=f"The ids of 1 to {MAX_PARCEL} different service orders of one application."
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="拆包登记. The receipt of a service order's goods.")
class ReceiveServiceOrderInput(StepInput, InspectionInput):
    """The receipt of one order."""


@strawberry.input(description="拆包登记. The receipt of one service order of a parcel.")
class ParcelReceiptInput(InspectionInput):
    """The receipt of one order of a parcel."""

    id: strawberry.ID = strawberry.field(description="The id of the service order.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="拆包登记. The receipt of one parcel with several service orders.")
class ReceiveServiceOrdersInput:
    """The receipt of a parcel."""

    receipts: list[ParcelReceiptInput] = strawberry.field(
        description=f"The receipts of 1 to {MAX_PARCEL} service orders of one application."
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="The arrival of a parcel whose service order was cancelled.")
class ReceiveCancelledInput(StepInput):
    """The arrival of a cancelled order's parcel."""

    remark: str | None = strawberry.field(
        default=None, description=f"A remark on the parcel. At most {MAX_NOTE} characters."
    )
    evidence_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description=EVIDENCE)


@strawberry.input(description="The return of a parcel whose service order was cancelled.")
class ReturnCancelledInput(StepInput):
    """The return of a cancelled order's parcel."""

    carrier: str = strawberry.field(description=f"The carrier. At most {MAX_REF} characters.")
    waybill: str = strawberry.field(
        description=f"The waybill number. At most {MAX_REF} characters."
    )


@strawberry.type
class ReceiptMutations:
    """Mutations of the goods' way to the merchant."""

    @mutation(Permission.RECEIVE, Permission.CUSTOMER_ACT)
    async def ship_service_order(
        self, info: Info, input: ShipServiceOrderInput
    ) -> ServiceOrderPayload:
        """Records that the customer sent the goods. Staff can record it for the customer."""
        outcome = await ship(
            info.context,
            order_number(info.context, input.id),
            input.read(),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.RECEIVE, Permission.CUSTOMER_ACT)
    async def ship_service_orders(
        self, info: Info, input: ShipServiceOrdersInput
    ) -> StepResultsPayload:
        """Records that the customer sent a parcel with several orders, each for itself.

        The freight is recorded with the first order that is shipped.
        """
        results = await ship_many(info.context, order_ids(input.ids), input.read())
        return step_results(info.context, results)

    @mutation(Permission.RECEIVE)
    async def receive_service_order(
        self, info: Info, input: ReceiveServiceOrderInput
    ) -> ServiceOrderPayload:
        """拆包登记. Records that the goods were received and inspected."""
        outcome = await receive(
            info.context,
            order_number(info.context, input.id),
            input.read(),
            pictures=pictures(info.context, input.evidence_ids),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.RECEIVE)
    async def receive_service_orders(
        self, info: Info, input: ReceiveServiceOrdersInput
    ) -> StepResultsPayload:
        """拆包登记. Records that a parcel with several orders was received, each for itself."""
        context = info.context
        receipts = []
        for index, receipt in enumerate(input.receipts):
            path = ("receipts", str(index))
            receipts.append(
                OrderReceipt(
                    id=any_order_number(receipt.id, *path, "id"),
                    receipt=receipt.read(*path),
                    pictures=pictures(context, receipt.evidence_ids, *path),
                    expected_version=receipt.expected_version,
                )
            )
        return step_results(context, await receive_many(context, receipts))

    @mutation(Permission.RECEIVE)
    async def receive_cancelled(
        self, info: Info, input: ReceiveCancelledInput
    ) -> ServiceOrderPayload:
        """Records that a parcel arrived whose order was cancelled while it was on its way."""
        outcome = await receive_cancelled(
            info.context,
            order_number(info.context, input.id),
            remark=optional_words(input.remark, "remark", longest=MAX_NOTE),
            pictures=pictures(info.context, input.evidence_ids),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.RECEIVE)
    async def return_cancelled(
        self, info: Info, input: ReturnCancelledInput
    ) -> ServiceOrderPayload:
        """Records that the parcel of a cancelled order was sent back to the customer."""
        outcome = await return_cancelled(
            info.context,
            order_number(info.context, input.id),
            carrier=line(input.carrier, "carrier", longest=MAX_REF),
            waybill=line(input.waybill, "waybill", longest=MAX_REF),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)
