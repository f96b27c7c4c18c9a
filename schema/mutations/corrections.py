"""The mutations that correct what the customer said: the contact, pictures and the waybill."""

import strawberry

from domain.permissions import Permission
from domain.refusals.refusal import BadInput
from domain.text import Text
from domain.words import MAX_NAME, MAX_PHONE, MAX_REF, line, optional_line, optional_phone
from resolvers.service_orders.amend import ContactCorrection, amend
from resolvers.service_orders.parcels.correct_waybill import correct_waybill
from schema.fields import Info, mutation
from schema.types.merchant import AddressInput
from schema.types.review_input import pictures
from schema.types.step import ServiceOrderPayload, StepInput, order_number, payload_of


@strawberry.input(description="A corrected contact. Fields that are left out stay as they are.")
class ContactInput:
    """A contact."""

    name: str | None = strawberry.field(
        default=None, description=f"The customer's name. At most {MAX_NAME} characters."
    )
    phone: str | None = strawberry.field(
        default=None, description=f"The customer's phone number. At most {MAX_PHONE} characters."
    )
    address: AddressInput | None = strawberry.field(
        default=None, description="The address at which the goods are picked up."
    )

    def read(self, *path: str) -> ContactCorrection:
        """Raises BadInput."""
        return ContactCorrection(
            name=optional_line(self.name, *path, "name", longest=MAX_NAME),
            phone=optional_phone(self.phone, *path, "phone"),
            address=None if self.address is None else self.address.read(*path, "address"),
        )


@strawberry.input(description="Pictures, a corrected contact, or both.")
class AmendServiceOrderInput(StepInput):
    """An amendment."""

    evidence_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description=(
            "The ids of pictures that the customer uploaded. Together with the pictures that the "
            "order has, at most three."
        ),
    )
    contact: ContactInput | None = strawberry.field(
        default=None,
        description="The corrected contact. It holds for all orders of the application.",
    )


@strawberry.input(description="The corrected waybill of the customer's shipment.")
class CorrectWaybillInput(StepInput):
    """A waybill."""

    carrier: str = strawberry.field(description=f"The carrier. At most {MAX_REF} characters.")
    waybill: str = strawberry.field(
        description=f"The waybill number. At most {MAX_REF} characters."
    )


@strawberry.type
class CorrectionMutations:
    """Mutations that correct what the customer said."""

    @mutation(Permission.CUSTOMER_ACT)
    async def amend_service_order(
        self, info: Info, input: AmendServiceOrderInput
    ) -> ServiceOrderPayload:
        """Adds pictures, or corrects the contact, while a service order waits for review."""
        contact = ContactCorrection() if input.contact is None else input.contact.read("contact")
        if not input.evidence_ids and not contact.values():
            text = Text("需要图片或联系方式", "Give pictures or a contact.")
            raise BadInput(("evidenceIds",), text)
        outcome = await amend(
            info.context,
            order_number(info.context, input.id),
            pictures=pictures(info.context, input.evidence_ids),
            contact=contact,
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.RECEIVE, Permission.CUSTOMER_ACT)
    async def correct_waybill(self, info: Info, input: CorrectWaybillInput) -> ServiceOrderPayload:
        """Corrects the waybill of the goods that the customer sent, until they are received."""
        outcome = await correct_waybill(
            info.context,
            order_number(info.context, input.id),
            carrier=line(input.carrier, "carrier", longest=MAX_REF),
            waybill=line(input.waybill, "waybill", longest=MAX_REF),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)
