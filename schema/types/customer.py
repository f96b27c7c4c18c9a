"""The customer of an application, masked, and the contact that staff can reveal."""

import strawberry

from domain.masking import mask_name, mask_phone
from models.application import applications
from schema.fields import column, projected
from schema.types.merchant import PostalAddress


@projected(applications)
@strawberry.type(
    description=(
        "客户. The customer who applied. Name and phone are masked; `revealCustomerContact` shows "
        "them in full."
    )
)
class Customer:
    """A customer."""

    ref: str = column(
        applications.c.customer_ref,
        "The storefront's own identifier of the customer. Empty once it is erased.",
    )
    name: str = column(
        applications.c.customer_name, "The masked name: 王**. Empty once it is erased.", mask_name
    )
    phone: str = column(
        applications.c.customer_phone,
        "The masked phone number: 138****5678. Empty once it is erased.",
        mask_phone,
    )


@strawberry.type(description="A customer's contact details, without masking.")
class CustomerContact:
    """A revealed contact."""

    name: str = strawberry.field(description="The customer's name.")
    phone: str = strawberry.field(description="The customer's phone number.")
    address: PostalAddress | None = strawberry.field(
        description="The pickup address. Null if the goods are not picked up."
    )
