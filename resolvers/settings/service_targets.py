"""A merchant's own targets and its time zone."""

from functools import cache
from typing import Final
from zoneinfo import available_timezones

import sqlalchemy as sa

from domain.refusals.refusal import BadInput, Refused
from domain.refusals.targets import TargetBeyondWindow
from domain.targets import LONGEST, TARGETED, ServiceTargets
from domain.text import Text
from models.merchant import merchants
from resolvers.context import Context

_NO_PLACES: Final = frozenset({"Factory", "localtime", "posixrules"})
"""Names in the tz database that are no time zones, or another one on each machine."""


async def set_service_targets(context: Context, targets: ServiceTargets) -> int:
    """Replace the targets; orders that wait keep theirs. Returns the merchant's id. Raises Refused.

    ``targets`` without any minutes remove all of them.
    """
    refusals = [
        TargetBeyondWindow(status=TARGETED[name], longest=LONGEST[name], path=(name,))
        for name, minutes in targets.minutes.items()
        if minutes > LONGEST[name]
    ]
    if refusals:
        raise Refused(*refusals)
    return await _update(context, service_targets=targets.stored() if targets.minutes else None)


async def set_time_zone(context: Context, name: str) -> int:
    """Return the merchant's id. Raises BadInput for a name that is not in the tz database."""
    if name not in _time_zones():
        message = Text("没有这个时区", "There is no such time zone.")
        raise BadInput(("timeZone",), message)
    return await _update(context, time_zone=name)


async def _update(context: Context, **values: object) -> int:
    async with context.write() as connection:
        await connection.execute(
            sa.update(merchants).where(merchants.c.id == context.merchant_id).values(values)
        )
    return context.merchant_id


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACES
