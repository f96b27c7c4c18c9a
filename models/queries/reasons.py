"""Finding a merchant's own reasons, and what it retired of the platform's."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.prepared import AnyConnection, Prepared
from domain.actions import Action
from domain.own_reasons import Entry, OwnDictionary, OwnReason, own_use
from domain.reasons import ReasonUse
from domain.text import Text
from models.columns import Stored
from models.merchant import merchants
from models.reason import reasons

_group: Final = reasons.alias("own_group")
_OWN: Final = (
    sa.select(reasons, _group.c.retired_at.label("group_retired_at"))
    .select_from(reasons)
    .outerjoin(
        _group,
        (_group.c.merchant_id == reasons.c.merchant_id) & (_group.c.code == reasons.c.parent),
    )
)
_BY_CODE: Final = Prepared(
    _OWN.where(
        reasons.c.merchant_id == sa.bindparam("merchant_id"),
        reasons.c.code == sa.bindparam("code"),
    )
)


async def find_own(session: AnyConnection, merchant_id: int, code: str) -> OwnReason | None:
    """The merchant's own reason with the code. No statement for a code of the platform."""
    if own_use(code) is None:
        return None
    rows = await _BY_CODE.all(session, merchant_id=merchant_id, code=code)
    return read(rows[0]) if rows else None


async def find_many(
    connection: AsyncConnection, merchant_id: int, codes: Collection[str]
) -> dict[str, OwnReason]:
    """The merchant's own reasons with these codes. No statement for codes of the platform."""
    own = sorted({code for code in codes if own_use(code) is not None})
    if not own:
        return {}
    query = _OWN.where(reasons.c.merchant_id == merchant_id, reasons.c.code.in_(own))
    return {row.code: read(row) for row in await connection.execute(query)}


async def browse(connection: AsyncConnection, merchant_id: int) -> OwnDictionary:
    """All reasons of a merchant, and those that it retired of the platform's."""
    stored = await find_retired(connection, merchant_id)
    rows = await connection.execute(
        _OWN.where(reasons.c.merchant_id == merchant_id).order_by(
            reasons.c.position, reasons.c.created_at, reasons.c.code
        )
    )
    return OwnDictionary(
        own=tuple(
            Entry(
                reason=read(row),
                position=row.position,
                retired_at=row.retired_at or row.group_retired_at,
            )
            for row in rows
        ),
        retired={code: datetime.fromisoformat(at) for code, at in stored.items()},
    )


async def find_retired(connection: AsyncConnection, merchant_id: int) -> Stored:
    """When the merchant retired which of the platform's reasons, as it is stored."""
    query = sa.select(merchants.c.retired_reasons).where(merchants.c.id == merchant_id)
    return (await connection.execute(query)).scalar_one_or_none() or {}


def read(row: Any) -> OwnReason:  # noqa: ANN401 - a row of SQLAlchemy or of ``Prepared``
    """An own reason from a row of the table and its group's ``group_retired_at``."""
    return OwnReason(
        row.code,
        own_use(row.code) or ReasonUse.REVIEW,
        Text(row.name_zh, row.name_en),
        row.parent,
        tuple(Action(value) for value in row.decisions),
        row.retired_at is not None or row.group_retired_at is not None,
    )
