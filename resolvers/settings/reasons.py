"""A merchant's own reasons, and what it retires of the platform's. Nothing is deleted."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from domain.actions import Action
from domain.own_reasons import (
    MAX_OWN_REASONS,
    Entry,
    OwnDictionary,
    own_code,
    own_use,
)
from domain.reasons import ReasonUse
from domain.refusals.general import NotFound
from domain.refusals.reasons import (
    ReasonCodeTaken,
    ReasonNotRetired,
    ReasonRetired,
    TooManyReasons,
)
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from models.ids import new_id
from models.merchant import merchants
from models.queries.reasons import browse, find_retired
from models.reason import Reason, reasons
from models.tables import add
from resolvers.context import Context

_DECISIONS: Final = ("decisions",)


async def create_reason(
    context: Context,
    *,
    use: ReasonUse,
    handle: str | None,
    parent: str | None,
    name: Text,
    decisions: Sequence[Action],
    position: int,
) -> Entry:
    """Add a reason to a group, or a group if ``parent`` is None. Raises BadInput or Refused."""
    code = own_code(use, handle or f"R{new_id()}", "handle")
    _check_decisions(use, parent, decisions)
    async with _change(context) as (connection, dictionary):
        if dictionary.entry(code) is not None:
            raise Refused(ReasonCodeTaken(reason=code, path=("handle",)))
        if len(dictionary.own) >= MAX_OWN_REASONS:
            raise Refused(TooManyReasons(limit=MAX_OWN_REASONS))
        if parent is not None:
            _check_group(dictionary, use, parent)
        row = Reason(
            merchant_id=context.merchant_id,
            code=code,
            parent=parent,
            name_zh=name.zh,
            name_en=name.en,
            decisions=list(decisions),
            position=position,
            created_at=context.now,
            updated_at=context.now,
        )
        await add(connection, row)
        return await _entry(connection, context, code)


async def update_reason(
    context: Context,
    code: str,
    *,
    name_zh: str | None,
    name_en: str | None,
    decisions: Sequence[Action] | None,
    position: int | None,
) -> Entry:
    """Change the given fields. Orders keep the names that they have. Raises BadInput or Refused."""
    async with _change(context) as (connection, dictionary):
        entry = dictionary.entry(code)
        if entry is None or entry.position is None:
            raise Refused(NotFound(kind="Reason", path=("code",)))
        if decisions is not None:
            _check_decisions(entry.reason.use, entry.reason.parent, decisions)
        values = {
            "name_zh": name_zh,
            "name_en": name_en,
            "decisions": None if decisions is None else list(decisions),
            "position": position,
        }
        given = {column: value for column, value in values.items() if value is not None}
        await _update(connection, context, code, **given, updated_at=context.now)
        return await _entry(connection, context, code)


async def retire_reason(context: Context, code: str) -> Entry:
    """Retire the merchant's own reason, or the platform's for this merchant. Raises Refused."""
    async with _change(context) as (connection, dictionary):
        entry = _get(dictionary, code)
        if await _is_retired(connection, context, code):
            raise Refused(ReasonRetired(reason=code, path=("code",)))
        if entry.position is None:
            retired = await find_retired(connection, context.merchant_id)
            await _store_retired(connection, context, {**retired, code: context.now.isoformat()})
        else:
            await _update(connection, context, code, retired_at=context.now)
        return await _entry(connection, context, code)


async def restore_reason(context: Context, code: str) -> Entry:
    """Take a reason into use again. A group that is retired stays so. Raises Refused."""
    async with _change(context) as (connection, dictionary):
        entry = _get(dictionary, code)
        if not await _is_retired(connection, context, code):
            raise Refused(ReasonNotRetired(reason=code, path=("code",)))
        if entry.position is None:
            retired = await find_retired(connection, context.merchant_id)
            rest = {name: at for name, at in retired.items() if name != code}
            await _store_retired(connection, context, rest)
        else:
            await _update(connection, context, code, retired_at=None)
        return await _entry(connection, context, code)


@asynccontextmanager
async def _change(context: Context) -> AsyncIterator[tuple[AsyncConnection, OwnDictionary]]:
    """A write transaction, one at a time per merchant, and the dictionary as it is before."""
    async with context.write() as connection:
        await lock(connection, "reasons", context.merchant_id)
        yield connection, await browse(connection, context.merchant_id)


def _get(dictionary: OwnDictionary, code: str) -> Entry:
    entry = dictionary.entry(code)
    if entry is None:
        raise Refused(NotFound(kind="Reason", path=("code",)))
    return entry


async def _entry(connection: AsyncConnection, context: Context, code: str) -> Entry:
    return _get(await browse(connection, context.merchant_id), code)


async def _is_retired(connection: AsyncConnection, context: Context, code: str) -> bool:
    """Whether the reason itself is retired, whatever its group is."""
    if own_use(code) is None:
        return code in await find_retired(connection, context.merchant_id)
    query = sa.select(reasons.c.retired_at).where(
        reasons.c.merchant_id == context.merchant_id, reasons.c.code == code
    )
    return (await connection.execute(query)).scalar_one() is not None


async def _update(
    connection: AsyncConnection, context: Context, code: str, **values: object
) -> None:
    await connection.execute(
        sa.update(reasons)
        .where(reasons.c.merchant_id == context.merchant_id, reasons.c.code == code)
        .values(**values)
    )


async def _store_retired(
    connection: AsyncConnection, context: Context, retired: dict[str, str]
) -> None:
    await connection.execute(
        sa.update(merchants)
        .where(merchants.c.id == context.merchant_id)
        .values(retired_reasons=retired or None)
    )


def _check_decisions(use: ReasonUse, parent: str | None, decisions: Sequence[Action]) -> None:
    """Only a reason for reviews, and no group, has decisions. Raises BadInput."""
    needed = use is ReasonUse.REVIEW and parent is not None
    if needed and not decisions:
        raise BadInput(
            _DECISIONS, Text("审核原因需要适用的决定", "A reason for reviews needs decisions.")
        )
    if decisions and not needed:
        raise BadInput(
            _DECISIONS,
            Text("申请原因和分组没有适用的决定", "Only a reason for reviews has decisions."),
        )


def _check_group(dictionary: OwnDictionary, use: ReasonUse, parent: str) -> None:
    """Raises Refused unless the parent is a group of the use.."""
    entry = dictionary.entry(parent)
    if entry is None or entry.reason.parent is not None or entry.reason.use is not use:
        raise Refused(NotFound(kind="Reason", path=("parentCode",)))
    if entry.retired_at is not None:
        raise Refused(ReasonRetired(reason=parent, path=("parentCode",)))
