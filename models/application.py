"""The table of applications, as storefronts submit them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.search_keys import name_key, number_key, phone_key
from models.columns import Stored, big, json, search_key
from models.tables import table_of


class Application(SQLModel, table=True):
    """An application: one purchase, one customer, one service order for each of its items.

    Of an application only the contact changes, when the customer corrects it. ``content_hash``
    shows whether a submission with a known reference has the same content as the first one.
    ``connector_id`` is the submitter: a connector, or the account of an employee.
    ``order_key``, ``name_key`` and ``phone_key`` are the forms that searches compare.
    """

    __table_args__ = (
        UniqueConstraint("merchant_id", "connector_id", "external_ref"),
        Index("ix_application_order_key", "merchant_id", "order_key", "id"),
        Index("ix_application_name_key", "merchant_id", "name_key", "id"),
        Index("ix_application_phone_key", "merchant_id", "phone_key", "id"),
    )

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    id: int = big(primary_key=True)
    connector_id: int = big()
    external_ref: str = Field(max_length=64)
    content_hash: str = Field(max_length=64)
    order_number: str = Field(max_length=64)
    customer_ref: str = Field(max_length=64)
    customer_name: str = Field(max_length=64)
    customer_phone: str = Field(max_length=32)
    pickup_address: Stored | None = json(default=None)
    applied_at: datetime
    order_key: str = search_key()
    name_key: str = search_key()
    phone_key: str = search_key()


def search_keys(
    *, order_number: str, name: str, phone: str
) -> dict[str, Any]:  # Any: values of columns
    """The columns of an application that searches compare."""
    return {
        "order_key": number_key(order_number),
        "name_key": name_key(name),
        "phone_key": phone_key(phone),
    }


applications = table_of(Application)
