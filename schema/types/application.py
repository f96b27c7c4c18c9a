"""Applications and their customers, as clients see them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from models.application import applications
from models.merchant import merchants
from models.service_order import service_orders
from projection.fields import ToMany
from schema import ids
from schema.fields import column, computed, many, one, part, projected
from schema.types.merchant import Merchant, PostalAddress
from schema.types.node import Node

if TYPE_CHECKING:
    from schema.types.service_order import ServiceOrder

_SHOWN = 3


def mask_name(name: str) -> str:
    """王小明 → 王**."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678."""
    if len(phone) <= 2 * _SHOWN + 1:
        return "*" * len(phone)
    return phone[:_SHOWN] + "*" * (len(phone) - 2 * _SHOWN - 1) + phone[-_SHOWN - 1 :]


@projected(applications)
@strawberry.type(
    description=(
        "客户. Who applied; name and phone are masked. `revealCustomerContact` shows them to those "
        "who may see them."
    )
)
class Customer:
    """A customer."""

    ref: str = column(applications.c.customer_ref, "How the storefront calls the customer.")
    name: str = column(applications.c.customer_name, "The name, masked: 王**.", mask_name)
    phone: str = column(
        applications.c.customer_phone, "The phone, masked: 138****5678.", mask_phone
    )


@projected(
    applications,
    joins={merchants: lambda mine, other: other.c.id == mine.c.merchant_id},
)
@strawberry.type(
    description="申请单. What a customer applied for at once; a service order for each item."
)
class Application(Node):
    """An application."""

    id: strawberry.ID = computed(
        ids.of_tenant("Application"),
        (applications.c.merchant_id, applications.c.id),
        "The id, unique over all types.",
    )
    merchant: Merchant = one("Merchant", merchants, "Whose goods they are.")
    external_ref: str = column(
        applications.c.external_ref, "The storefront's own reference of the application."
    )
    order_number: str = column(
        applications.c.order_number, "The number of the purchase, as the storefront knows it."
    )
    customer: Customer = part("Customer", "Who applied.")
    applied_at: datetime = column(applications.c.applied_at, "When it was accepted.")
    service_orders: list[
        Annotated["ServiceOrder", strawberry.lazy("schema.types.service_order")]
    ] = many(
        ToMany(
            "ServiceOrder",
            parent=(applications.c.merchant_id, applications.c.id),
            child=(service_orders.c.merchant_id, service_orders.c.application_id),
            order_by=(service_orders.c.id,),
        ),
        "One for each item, in the order of the items.",
    )


@strawberry.type(description="How to reach a customer, nothing masked.")
class CustomerContact:
    """A contact that was revealed."""

    name: str = strawberry.field(description="The name.")
    phone: str = strawberry.field(description="The phone.")
    address: PostalAddress | None = strawberry.field(
        description="From where the goods are picked up, if they are."
    )
