"""The tables of a merchant's employees and their roles."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import big, json
from models.tables import table_of, within_tenant


class Employee(SQLModel, table=True):
    """A merchant's employee, the main account included. The id is the account's.

    It is no foreign key, as accounts belong to no tenant: see ``models/accounts.py``.
    """

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    id: int = big(primary_key=True)
    name: str = Field(max_length=64)
    login: str = Field(max_length=64)
    is_main: bool = False
    extra_permissions: list[str] = json(default_factory=list)
    refund_ceiling: int | None = big(default=None)
    created_at: datetime
    disabled_at: datetime | None = None


class Role(SQLModel, table=True):
    """A named set of permissions."""

    __table_args__ = (
        # SQLite drops a constraint only with its table, to which other rows refer.
        UniqueConstraint("merchant_id", "name"),
        Index("ix_role_name_key", "merchant_id", "name_key", unique=True),
    )

    merchant_id: int = big(primary_key=True, foreign_key="merchant.id")
    id: int = big(primary_key=True)
    name: str = Field(max_length=32)
    name_key: str
    """The folded name: no two roles of a merchant have names that read the same."""
    permissions: list[str] = json(default_factory=list)
    refund_ceiling: int | None = big(default=None)
    created_at: datetime
    updated_at: datetime


class EmployeeRole(SQLModel, table=True):
    """The assignment of a role to an employee."""

    __tablename__ = "employee_role"
    __table_args__ = (within_tenant("employee_id", "employee"), within_tenant("role_id", "role"))

    merchant_id: int = big(primary_key=True)
    employee_id: int = big(primary_key=True)
    role_id: int = big(primary_key=True, index=True)


employees = table_of(Employee)
roles = table_of(Role)
employee_roles = table_of(EmployeeRole)


def with_roles(source: sa.FromClause) -> sa.Join:
    """Join the employees of ``source`` with their roles: a row for each role, or one without."""
    with_assignments = source.outerjoin(
        employee_roles,
        (employee_roles.c.merchant_id == employees.c.merchant_id)
        & (employee_roles.c.employee_id == employees.c.id),
    )
    return with_assignments.outerjoin(
        roles,
        (roles.c.merchant_id == employee_roles.c.merchant_id)
        & (roles.c.id == employee_roles.c.role_id),
    )
