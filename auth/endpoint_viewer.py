"""The viewer of a webhook endpoint: its scopes, as far as its owner still holds what they take."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.employees import find_employee
from auth.viewer import Grant, Viewer
from domain.actors import ActorKind
from domain.enrolment import EnrolmentStatus
from domain.permissions import Permission
from domain.staffing import working_scopes
from models.queries import merchants

NAME = "Webhook"


async def find_viewer(
    connection: AsyncConnection,
    merchant_id: int,
    endpoint_id: int,
    *,
    owner_id: int,
    scopes: Sequence[str],
) -> Viewer | None:
    """The viewer; None while the merchant is suspended, when nobody of its staff works either."""
    merchant = await merchants.get(connection, merchant_id)
    if merchant.enrolment == EnrolmentStatus.SUSPENDED:
        return None
    owner = await find_employee(connection, merchant_id, owner_id)
    held = frozenset[Permission]() if owner is None else owner.permissions
    working = working_scopes([Permission(scope) for scope in scopes], held)
    return Viewer(
        kind=ActorKind.CONNECTOR,
        id=endpoint_id,
        name=NAME,
        merchant_id=merchant_id,
        grants={
            permission: Grant(direct=True) for permission in Permission if permission in working
        },
        zone=ZoneInfo(merchant.time_zone),
    )
