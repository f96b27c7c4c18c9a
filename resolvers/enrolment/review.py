"""Reviewing a merchant's enrolment: approve, reject, suspend or resume it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from database.advisory_lock import lock
from domain.enrolment import ENROLMENT, EnrolmentStep
from domain.refusals.refusal import BadInput
from domain.text import Text
from models.merchant import Suspension, enrolment_attempts, suspensions
from models.merchant import merchants as merchant_table
from models.queries import merchants
from models.tables import add
from resolvers.context import Context
from resolvers.enrolment.steps import check_step


async def review_enrolment(
    context: Context, merchant_id: int, step: EnrolmentStep, *, reason: str | None
) -> int:
    """Take a step of the enrolment. Returns the merchant's id. Raises Refused."""
    rule = ENROLMENT[step]
    if rule.needs_reason and reason is None:
        raise BadInput(("reason",), Text("需要填写原因", "This takes a reason."))
    async with context.write() as connection:
        await lock(connection, "enrolment", merchant_id)
        merchant = await merchants.get(connection, merchant_id)
        check_step(merchant.enrolment, step)
        await connection.execute(
            sa.update(merchant_table)
            .where(merchant_table.c.id == merchant_id)
            .values(enrolment=rule.target)
        )
        await _record_step(connection, context, merchant_id, step, reason)
    return merchant_id


async def _record_step(
    connection: AsyncConnection,
    context: Context,
    merchant_id: int,
    step: EnrolmentStep,
    reason: str | None,
) -> None:
    match step:
        case EnrolmentStep.SUSPEND:
            number = await merchants.latest_number(connection, suspensions, merchant_id) + 1
            suspension = Suspension(
                merchant_id=merchant_id,
                number=number,
                suspended_by=context.viewer.name,
                suspended_at=context.now,
                reason=reason or "",
            )
            await add(connection, suspension)
        case EnrolmentStep.RESUME:
            values = {
                "resumed_by": context.viewer.name,
                "resumed_at": context.now,
                "resume_reason": reason,
            }
            await _update_latest(connection, suspensions, merchant_id, values)
        case _:
            values = {
                "reviewed_by": context.viewer.name,
                "reviewed_at": context.now,
                "result": ENROLMENT[step].target,
                "reason": reason,
            }
            await _update_latest(connection, enrolment_attempts, merchant_id, values)


async def _update_latest(
    connection: AsyncConnection,
    table: sa.Table,
    merchant_id: int,
    values: dict[str, Any],  # Any: values of columns
) -> None:
    number = await merchants.latest_number(connection, table, merchant_id)
    await connection.execute(
        sa.update(table)
        .where(table.c.merchant_id == merchant_id, table.c.number == number)
        .values(**values)
    )
