"""What an employee may do now, for work that goes on without a request."""

from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.authenticator import grants_of
from domain.permissions import Permission
from models.queries import accounts


@dataclass(frozen=True, slots=True)
class Employee:
    """An employee whose account is not disabled. ``zone`` is the merchant's time zone."""

    permissions: frozenset[Permission]
    zone: tzinfo

    def may(self, *permissions: Permission) -> bool:
        """Whether the employee holds all of the permissions."""
        return self.permissions.issuperset(permissions)


async def find_employee(
    connection: AsyncConnection, merchant_id: int, account_id: int
) -> Employee | None:
    """The employee, or the main account; None if the account is disabled."""
    rows = await accounts.staff(connection, merchant_id, account_id)
    if not rows:
        return None
    return Employee(frozenset(grants_of(rows)), ZoneInfo(rows[0].time_zone))
