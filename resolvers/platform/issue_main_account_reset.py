"""Issuing a code with which a merchant's main account gets a new password."""

import sqlalchemy as sa

from domain.actors import ActorKind
from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.staff_history import StaffEventKind
from models.accounts import accounts
from resolvers.accounts import reset_codes
from resolvers.accounts.history import lock_account, record
from resolvers.accounts.reset_codes import ResetCode
from resolvers.context import Context


async def issue_main_account_reset(context: Context, merchant_id: int) -> ResetCode:
    """The present password works until the code is used. The merchant's staff history records it.

    Raises Refused.
    """
    async with context.write() as connection:
        main = sa.select(accounts.c.id).where(
            accounts.c.merchant_id == merchant_id, accounts.c.kind == ActorKind.MAIN_ACCOUNT
        )
        id_ = await connection.scalar(main)
        account = None if id_ is None else await lock_account(connection, id_)
        if account is None:
            raise Refused(NotFound(kind="Merchant", path=("merchantId",)))
        code = await reset_codes.issue(connection, context, account.id)
        kind = StaffEventKind.PASSWORD_RESET_ISSUED
        await record(connection, context, kind, account, context.viewer.actor)
    return code
