"""The tables of merchants, their enrolment, and their return addresses."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from domain.business_hours import DEFAULT_TIME_ZONE
from domain.destinations import RuleKind
from domain.enrolment import EnrolmentStatus
from models.columns import Stored, big, enum, json, long_text, whole
from models.tables import table_of, within_tenant


class Merchant(SQLModel, table=True):
    """A merchant: the tenant. Its id is the ``merchant_id`` of all its rows.

    ``address_rules`` copies its return address rules and their addresses, so that the statement
    that reads an order for a review also says where its goods go. Null without rules.
    ``retired_reasons`` holds when it retired which of the platform's reasons, by their codes.
    ``service_targets`` are its own targets, null without any: see ``domain.targets``.
    """

    id: int = big(primary_key=True)
    name: str = Field(max_length=64)
    enrolment: EnrolmentStatus = enum(EnrolmentStatus, default=EnrolmentStatus.NOT_ENROLLED)
    created_at: datetime
    address_rules: Stored | None = json(default=None)
    retired_reasons: Stored | None = json(default=None)
    time_zone: str = Field(default=DEFAULT_TIME_ZONE, max_length=64)
    service_targets: Stored | None = json(default=None)


class EnrolmentAttempt(SQLModel, table=True):
    """An application for enrolment and its result."""

    __tablename__ = "enrolment_attempt"

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    number: int = Field(primary_key=True)
    applied_by: str = Field(max_length=64)
    applied_at: datetime
    reviewed_by: str | None = Field(default=None, max_length=64)
    reviewed_at: datetime | None = None
    result: EnrolmentStatus = enum(EnrolmentStatus, default=EnrolmentStatus.PENDING_REVIEW)
    reason: str | None = long_text(default=None)


class Suspension(SQLModel, table=True):
    """A time for which the platform suspended the merchant."""

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    number: int = Field(primary_key=True)
    suspended_by: str = Field(max_length=64)
    suspended_at: datetime
    reason: str = long_text()
    resumed_by: str | None = Field(default=None, max_length=64)
    resumed_at: datetime | None = None
    resume_reason: str | None = long_text(default=None)


class ReturnAddress(SQLModel, table=True):
    """An address to which customers send goods; one is the default if there is any."""

    __tablename__ = "return_address"
    __table_args__ = (
        Index(
            "uq_return_address_default",
            "merchant_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    id: int = big(primary_key=True)
    contact: str = Field(max_length=64)
    phone: str = Field(max_length=32)
    zip: str | None = Field(default=None, max_length=6)
    province_code: str = Field(max_length=6)
    city_code: str = Field(max_length=6)
    district_code: str = Field(max_length=6)
    detail: str = Field(max_length=200)
    region: str | None = Field(default=None, max_length=100)
    is_default: bool
    created_at: datetime
    updated_at: datetime


class ReturnAddressRule(SQLModel, table=True):
    """A rule that sends certain goods to an address. ``position`` orders a merchant's rules."""

    __tablename__ = "return_address_rule"
    __table_args__ = (within_tenant("address_id", "return_address"),)

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    position: int = whole(primary_key=True)
    kind: RuleKind = enum(RuleKind)
    value: str = Field(max_length=64)
    address_id: int = big()


merchants = table_of(Merchant)
enrolment_attempts = table_of(EnrolmentAttempt)
suspensions = table_of(Suspension)
return_addresses = table_of(ReturnAddress)
address_rules = table_of(ReturnAddressRule)
default_addresses = return_addresses.alias("default_address")
"""The same table, for joins with the default address alone."""
