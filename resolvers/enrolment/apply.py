"""Applying for enrolment as a merchant (开通自主售后)."""

import sqlalchemy as sa

from database.advisory_lock import lock
from domain.addresses import Address
from domain.enrolment import ENROLMENT, EnrolmentStep
from domain.refusals.orders import NoReturnAddress
from domain.refusals.refusal import Refused
from models.merchant import EnrolmentAttempt, enrolment_attempts
from models.merchant import merchants as merchant_table
from models.queries import merchants
from models.tables import add
from resolvers.context import Context
from resolvers.enrolment.addresses import put_address
from resolvers.enrolment.steps import check_step


async def apply(context: Context, address: Address | None) -> int:
    """Save the address if there is one, and apply. Returns the merchant's id. Raises Refused."""
    merchant_id = context.merchant_id
    async with context.write() as connection:
        await lock(connection, "enrolment", merchant_id)
        merchant = await merchants.get(connection, merchant_id)
        check_step(merchant.enrolment, EnrolmentStep.APPLY)
        if address is not None:
            path = ("returnAddress",)
            await put_address(connection, context, address, id_=None, make_default=True, path=path)
        elif await merchants.find_default_address(connection, merchant_id) is None:
            raise Refused(NoReturnAddress(missing=("returnAddress",), path=("returnAddress",)))
        await connection.execute(
            sa.update(merchant_table)
            .where(merchant_table.c.id == merchant_id)
            .values(enrolment=ENROLMENT[EnrolmentStep.APPLY].target)
        )
        await add(
            connection,
            EnrolmentAttempt(
                merchant_id=merchant_id,
                number=await merchants.latest_number(connection, enrolment_attempts, merchant_id)
                + 1,
                applied_by=context.viewer.name,
                applied_at=context.now,
            ),
        )
    return merchant_id
