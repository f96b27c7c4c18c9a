"""Processing received goods, and the thread with the customer about the outcome."""

from typing import Final

import strawberry

from domain.desk.reviews import MAX_NOTE, Shipment
from domain.permissions import Permission
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import MAX_REF, line, optional_line, optional_words, words
from resolvers.service_orders.processing.exchange import exchange
from resolvers.service_orders.processing.repair import repair
from resolvers.service_orders.processing.reply import reply
from resolvers.service_orders.processing.send_back import send_back
from resolvers.service_orders.processing.solve import solve
from resolvers.service_orders.processing.undo import undo
from resolvers.service_orders.processing.update_shipment import update_shipment
from schema.fields import Info, mutation
from schema.types.shipment import (
    CARRIER,
    GOODS,
    LATER,
    WAYBILL,
    shipment_sent,
    shipment_to_send,
)
from schema.types.step import ServiceOrderPayload, StepInput, order_number, payload_of

_LIMIT: Final = f"At most {MAX_NOTE} characters."
_CUSTOMER_NOTE: Final = f"The message to the customer. {_LIMIT}"


@strawberry.input(
    description=(
        "换新. The exchange of the goods. Requires `newOrderNumber`; or `goods`, with `carrier` "
        "and `waybill` or with `later: true`."
    )
)
class ExchangeServiceOrderInput(StepInput):
    """An exchange."""

    new_order_number: str | None = strawberry.field(
        default=None,
        description=(
            "The storefront's number of the purchase that replaces the goods. At most "
            f"{MAX_REF} characters."
        ),
    )
    goods: str | None = strawberry.field(default=None, description=GOODS)
    carrier: str | None = strawberry.field(default=None, description=CARRIER)
    waybill: str | None = strawberry.field(default=None, description=WAYBILL)
    later: bool = strawberry.field(default=False, description=LATER)
    customer_note: str | None = strawberry.field(default=None, description=_CUSTOMER_NOTE)

    def read(self) -> tuple[str | None, Shipment | None]:
        """The new order number or the shipment. Raises BadInput unless exactly one is given."""
        number = optional_line(self.new_order_number, "newOrderNumber", longest=MAX_REF)
        if self.goods is not None and number is None:
            return None, shipment_to_send(
                goods=self.goods, carrier=self.carrier, waybill=self.waybill, later=self.later
            )
        others = self.goods is not None or self.carrier or self.waybill or self.later
        if number is None or others:
            text = Text(
                "填写新订单号, 或填写商品及其运单",
                "Give either newOrderNumber alone, or goods and their shipment.",
            )
            raise BadInput(("newOrderNumber",), text)
        return number, None


@strawberry.input(description="维修. The repair of the goods, which go back to the customer.")
class RepairServiceOrderInput(StepInput):
    """A repair."""

    report: str = strawberry.field(description=f"What was repaired. The customer sees it. {_LIMIT}")
    carrier: str = strawberry.field(description=CARRIER)
    waybill: str = strawberry.field(description=WAYBILL)
    customer_note: str | None = strawberry.field(default=None, description=_CUSTOMER_NOTE)


@strawberry.input(description="原返. The return of the goods to the customer, as they came.")
class SendBackServiceOrderInput(StepInput):
    """A return."""

    carrier: str = strawberry.field(description=CARRIER)
    waybill: str = strawberry.field(description=WAYBILL)
    customer_note: str | None = strawberry.field(default=None, description=_CUSTOMER_NOTE)


@strawberry.input(description="The service order whose exchange or return to undo.")
class UndoProcessingInput(StepInput):
    """An undoing."""


@strawberry.input(description="The solution of the customer's objection.")
class SolveServiceOrderInput(StepInput):
    """A solution."""

    customer_note: str = strawberry.field(description=_CUSTOMER_NOTE)


@strawberry.input(description="A reply in the thread between customer and staff.")
class ReplyToServiceOrderInput(StepInput):
    """A reply."""

    text: str = strawberry.field(description=f"The reply. Customer and staff see it. {_LIMIT}")


@strawberry.input(description="The shipment of what the merchant sent to the customer.")
class UpdateShipmentInput(StepInput):
    """A shipment."""

    carrier: str = strawberry.field(description=CARRIER)
    waybill: str = strawberry.field(description=WAYBILL)


@strawberry.type
class ProcessingMutations:
    """Mutations that process received goods."""

    @mutation(Permission.PROCESS)
    async def exchange_service_order(
        self, info: Info, input: ExchangeServiceOrderInput
    ) -> ServiceOrderPayload:
        """换新. Exchanges received goods: by a new purchase, or by goods that are sent."""
        new_order_number, outbound = input.read()
        outcome = await exchange(
            info.context,
            order_number(info.context, input.id),
            new_order_number=new_order_number,
            outbound=outbound,
            customer_note=optional_words(input.customer_note, "customerNote", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.PROCESS)
    async def repair_service_order(
        self, info: Info, input: RepairServiceOrderInput
    ) -> ServiceOrderPayload:
        """维修. Records that received goods were repaired and sent back to the customer."""
        outcome = await repair(
            info.context,
            order_number(info.context, input.id),
            report=words(input.report, "report", longest=MAX_NOTE),
            outbound=shipment_sent(carrier=input.carrier, waybill=input.waybill),
            customer_note=optional_words(input.customer_note, "customerNote", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.PROCESS)
    async def send_back_service_order(
        self, info: Info, input: SendBackServiceOrderInput
    ) -> ServiceOrderPayload:
        """原返. Records that received goods were sent back to the customer as they came."""
        outcome = await send_back(
            info.context,
            order_number(info.context, input.id),
            outbound=shipment_sent(carrier=input.carrier, waybill=input.waybill),
            customer_note=optional_words(input.customer_note, "customerNote", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.PROCESS)
    async def undo_processing(self, info: Info, input: UndoProcessingInput) -> ServiceOrderPayload:
        """Undoes an exchange or a return, if no other step followed it."""
        outcome = await undo(
            info.context,
            order_number(info.context, input.id),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.PROCESS)
    async def solve_service_order(
        self, info: Info, input: SolveServiceOrderInput
    ) -> ServiceOrderPayload:
        """Reports that the customer's objection is solved. The customer may confirm or object."""
        outcome = await solve(
            info.context,
            order_number(info.context, input.id),
            words(input.customer_note, "customerNote", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.PROCESS, Permission.CUSTOMER_ACT)
    async def reply_to_service_order(
        self, info: Info, input: ReplyToServiceOrderInput
    ) -> ServiceOrderPayload:
        """Writes a message that customer and staff see, while the outcome is open."""
        outcome = await reply(
            info.context,
            order_number(info.context, input.id),
            words(input.text, "text", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.RECEIVE)
    async def update_shipment(self, info: Info, input: UpdateShipmentInput) -> ServiceOrderPayload:
        """Adds or corrects the waybill of what the merchant sent, until the customer confirms."""
        outcome = await update_shipment(
            info.context,
            order_number(info.context, input.id),
            carrier=line(input.carrier, "carrier", longest=MAX_REF),
            waybill=line(input.waybill, "waybill", longest=MAX_REF),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)
