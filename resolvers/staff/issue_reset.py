"""Issuing codes with which employees and main accounts get a new password."""

from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.refusals.staff import MainAccountProtected
from domain.staff_history import StaffEventKind
from models.queries import staff
from resolvers.accounts import reset_codes
from resolvers.accounts.history import lock_account, record
from resolvers.accounts.reset_codes import ResetCode
from resolvers.context import Context
from resolvers.staff_change import staff_change


async def issue_employee_reset(context: Context, id_: int) -> ResetCode:
    """Issue a code for an employee. The present password works until the code is used.

    Raises Refused, also for the main account: with a stolen session one could take it over, without
    the password that ``change_password`` asks for.
    """
    merchant_id = context.merchant_id
    async with staff_change(context) as connection:
        employee = await staff.get_employee(connection, merchant_id, id_)
        if employee.is_main:
            raise Refused(MainAccountProtected(path=("id",)))
        account = await lock_account(connection, id_)
        if account is None:
            raise Refused(NotFound(kind="Employee", path=("id",)))
        code = await reset_codes.issue(connection, context, id_)
        kind = StaffEventKind.PASSWORD_RESET_ISSUED
        await record(connection, context, kind, account, context.viewer.actor)
    return code
