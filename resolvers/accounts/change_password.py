"""Changing one's own password."""

import sqlalchemy as sa

from auth.passwords import hash_password
from domain.passwords import check_not_login
from domain.refusals.passwords import PasswordUnchanged
from domain.refusals.refusal import Refused
from domain.refusals.sign_in import InvalidCredentials
from domain.staff_history import StaffEventKind
from models.accounts import accounts
from models.queries import throttles
from models.queries.accounts import end_sessions
from resolvers.accounts import reset_codes
from resolvers.accounts.history import lock_account, record
from resolvers.accounts.prove_password import PATH, prove_password
from resolvers.context import Context


async def change_password(context: Context, current: str, new: str) -> None:
    """Ends all other sessions of the account, and its reset code. Raises Refused.

    A wrong current password counts as a failed sign-in.
    """
    trial, proven = await prove_password(context, current, "change of password")
    viewer = context.viewer
    if new == current:
        raise Refused(PasswordUnchanged(path=("newPassword",)))
    check_not_login(new, trial.login, "newPassword")
    password_hash = await hash_password(new)
    forgiven = trial.forgive()
    async with context.write() as connection:
        account = await lock_account(connection, viewer.id)
        # Of two changes at once, the second has compared a password that is no longer the one.
        if account is None or account.password_hash != proven.password_hash:
            raise Refused(InvalidCredentials(path=PATH))
        await connection.execute(
            sa.update(accounts)
            .where(accounts.c.id == viewer.id)
            .values(password_hash=password_hash)
        )
        await end_sessions(
            connection, viewer.id, context.services.wall.now(), but=viewer.session_id
        )
        await reset_codes.withdraw(connection, viewer.id)
        await throttles.delete(connection, forgiven)
        await record(connection, context, StaffEventKind.PASSWORD_CHANGED, account)
    context.services.authenticator.forget()
