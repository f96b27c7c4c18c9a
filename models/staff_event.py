"""The histories of a merchant's staff and of the platform's accounts. Rows never change."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from domain.actors import ActorKind
from domain.staff_history import PlatformAccountEventKind, StaffEventKind
from models.columns import Stored, big, enum, json, whole
from models.tables import table_of, within_tenant


class StaffEvent(SQLModel, table=True):
    """A change of a merchant's employees or roles; ``sequence`` counts them without gaps.

    ``subject`` is the name of the employee or the role at that time. A role may be deleted, so
    that ``role_id`` is no foreign key. ``details`` holds what changed, before and after.
    """

    __tablename__ = "staff_event"
    __table_args__ = (
        within_tenant("employee_id", "employee"),
        Index("ix_staff_event_employee", "merchant_id", "employee_id", "sequence"),
        Index("ix_staff_event_role", "merchant_id", "role_id", "sequence"),
    )

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    sequence: int = whole(primary_key=True)
    kind: StaffEventKind = enum(StaffEventKind)
    at: datetime
    actor_kind: ActorKind = enum(ActorKind)
    actor_id: int = big()
    actor_name: str = Field(max_length=64)
    employee_id: int | None = big(default=None)
    role_id: int | None = big(default=None)
    subject: str = Field(max_length=64)
    details: Stored = json(default_factory=dict)


class PlatformAccountEvent(SQLModel, table=True):
    """A change of the platform's accounts, which belong to no merchant."""

    __tablename__ = "platform_account_event"
    __table_args__ = (Index("ix_platform_account_event_account", "account_id", "sequence"),)

    sequence: int = whole(primary_key=True)
    kind: PlatformAccountEventKind = enum(PlatformAccountEventKind)
    at: datetime
    actor_kind: ActorKind = enum(ActorKind)
    actor_id: int = big()
    actor_name: str = Field(max_length=64)
    account_id: int = big(foreign_key="account.id")
    subject: str = Field(max_length=64)
    details: Stored = json(default_factory=dict)


staff_events = table_of(StaffEvent)
platform_account_events = table_of(PlatformAccountEvent)
