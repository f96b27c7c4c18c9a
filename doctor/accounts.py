"""Checks the times of sessions and of codes for new passwords."""

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from doctor.faults import Fault
from doctor.finding import Finding
from models.accounts import password_resets, sign_ins


async def examine(connection: AsyncConnection) -> AsyncIterator[Finding]:
    sessions = sa.select(sign_ins.c.id).where(
        (sign_ins.c.last_used_at < sign_ins.c.created_at)
        | (sign_ins.c.last_used_at >= sign_ins.c.expires_at)
    )
    for id_ in await connection.scalars(sessions.order_by(sign_ins.c.id)):
        yield Finding(fault=Fault.ACCOUNT_WRONG, detail=f"session {id_}: last_used_at")
    resets = sa.select(password_resets.c.account_id).where(
        password_resets.c.expires_at <= password_resets.c.created_at
    )
    for id_ in await connection.scalars(resets.order_by(password_resets.c.account_id)):
        yield Finding(
            fault=Fault.ACCOUNT_WRONG, detail=f"the reset code of account {id_}: expires_at"
        )
