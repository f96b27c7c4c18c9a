"""Choosing a new password with a one-time code."""

from typing import Any

import sqlalchemy as sa

from auth.passwords import hash_password
from domain.passwords import check_not_login
from domain.refusals.passwords import InvalidResetCode
from domain.refusals.refusal import Refused
from domain.refusals.sign_in import AccountDisabled
from domain.staff_history import StaffEventKind
from models.accounts import accounts, password_resets
from models.queries import throttles
from models.queries.accounts import end_sessions
from resolvers.accounts import reset_codes
from resolvers.accounts.history import lock_account, record
from resolvers.accounts.unlink_identity import unlink_identity
from resolvers.context import Context
from resolvers.sign_in.trial import trying


async def redeem_reset(context: Context, login: str, code: str, password: str) -> None:
    """Set the password, end all sessions and remove the link to an identity. Raises Refused.

    The code works once.
    A wrong code counts as a failed sign-in. The answer does not tell it from an unknown login.
    """
    code_hash = reset_codes.hashed(code)
    async with trying(context, login) as trial:
        is_valid = await _is_valid(context, login, code_hash)  # asked for unknown logins, too
        if trial.account is None or not is_valid:
            trial.fail("reset of a password")
            raise Refused(InvalidResetCode(path=("code",)))
    if trial.account.disabled_at is not None:
        raise Refused(AccountDisabled())
    check_not_login(password, login, "newPassword")
    password_hash = await hash_password(password)
    forgiven = trial.forgive()
    async with context.write() as connection:
        account = await lock_account(connection, trial.account.id)
        used = await connection.execute(
            sa.delete(password_resets).where(
                password_resets.c.account_id == trial.account.id,
                password_resets.c.code_hash == code_hash,
            )
        )
        if account is None or used.rowcount != 1:  # somebody was faster
            raise Refused(InvalidResetCode(path=("code",)))
        await connection.execute(
            sa.update(accounts)
            .where(accounts.c.id == account.id)
            .values(password_hash=password_hash)
        )
        await end_sessions(connection, account.id, context.services.wall.now())
        # Who needed the reset may not be the one who linked the identity.
        await unlink_identity(connection, context, account)
        await throttles.delete(connection, forgiven)
        await record(connection, context, StaffEventKind.PASSWORD_RESET, account)
    context.services.authenticator.forget()


async def _is_valid(context: Context, login: str, code_hash: str) -> bool:
    statement: sa.Select[Any] = (
        sa.select(password_resets.c.account_id)
        .join(accounts, accounts.c.id == password_resets.c.account_id)
        .where(
            accounts.c.login == login,
            password_resets.c.code_hash == code_hash,
            password_resets.c.expires_at > context.services.wall.now(),
        )
    )
    async with context.services.database.read(vital=True) as connection:
        return (await connection.execute(statement)).one_or_none() is not None
