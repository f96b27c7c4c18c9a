"""The staff's mutations of closing, of notes, and of revealing a customer's contact."""

import strawberry

from domain.desk.reviews import MAX_NOTE
from domain.permissions import Permission
from domain.words import words
from resolvers.service_orders.note import note
from resolvers.service_orders.processing.close import close
from resolvers.service_orders.reveal_contact import reveal_contact
from schema import visible
from schema.fields import Info, mutation
from schema.idempotency import key_field, replayed_field
from schema.types.customer import CustomerContact
from schema.types.merchant import postal
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal
from schema.types.service_order import ServiceOrder
from schema.types.step import ServiceOrderPayload, StepInput, order_number, payload_of

_LIMIT = f"At most {MAX_NOTE} characters."


@strawberry.input(description="The closing of a received service order.")
class CloseServiceOrderInput(StepInput):
    """A closing."""

    reason: str = strawberry.field(description=f"The reason for closing. {_LIMIT}")


@strawberry.input(description="An internal note on a service order.")
class AddNoteInput(StepInput):
    """A note."""

    text: str = strawberry.field(description=f"The note. Customers never see it. {_LIMIT}")


@strawberry.input(description="The service order whose customer's contact to reveal.")
class RevealCustomerContactInput:
    """A reveal."""

    id: strawberry.ID = strawberry.field(description="The id of the service order.")
    idempotency_key: str | None = key_field()


@strawberry.type(description="A customer's contact details, without masking.")
class RevealCustomerContactPayload:
    """A reveal's payload."""

    contact: CustomerContact | None = strawberry.field(
        default=None, description="The contact details. Null if the request was refused."
    )
    service_order: ServiceOrder | None = strawberry.field(
        default=None,
        description=(
            "The service order as it is now; its timeline records the reveal. Null if it does not "
            "exist or the viewer may not see it."
        ),
    )
    replayed: bool = replayed_field()
    refusals: list[Refusal] = refusals_field()


@strawberry.type
class DeskMutations:
    """Mutations of the desk's staff."""

    @mutation(Permission.PROCESS)
    async def close_service_order(
        self, info: Info, input: CloseServiceOrderInput
    ) -> ServiceOrderPayload:
        """Closes a received service order without exchange, repair or return."""
        outcome = await close(
            info.context,
            order_number(info.context, input.id),
            words(input.reason, "reason", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.NOTE)
    async def add_note(self, info: Info, input: AddNoteInput) -> ServiceOrderPayload:
        """Adds an internal note to a service order, in any status. Customers never see it."""
        outcome = await note(
            info.context,
            order_number(info.context, input.id),
            words(input.text, "text", longest=MAX_NOTE),
            expected_version=input.expected_version,
        )
        return payload_of(info.context, outcome)

    @mutation(Permission.CUSTOMER_CONTACT_READ)
    async def reveal_customer_contact(
        self, info: Info, input: RevealCustomerContactInput
    ) -> RevealCustomerContactPayload:
        """Reveals a customer's contact details. The timeline records who revealed them and when."""
        key, contact = await reveal_contact(info.context, order_number(info.context, input.id))
        return RevealCustomerContactPayload(
            contact=CustomerContact(
                name=contact.name,
                phone=contact.phone,
                address=postal(contact.address.stored()) if contact.address else None,
            ),
            service_order=visible.order(info.context.viewer, key),
        )
