"""The table of applications, as storefronts submit them."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Stored, big, json
from models.tables import table_of


class Application(SQLModel, table=True):
    """An application: one purchase, one customer, one service order for each of its items.

    Of an application only the contact changes, when the customer corrects it. ``content_hash``
    shows whether a submission with a known reference has the same content as the first one.
    ``connector_id`` is the submitter: a connector, or the account of an employee.
    """

    __table_args__ = (UniqueConstraint("merchant_id", "connector_id", "external_ref"),)

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


applications = table_of(Application)
