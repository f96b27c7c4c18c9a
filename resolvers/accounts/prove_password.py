"""Proving that the person at a session knows the account's password.

For what outlives a session: a stolen session must not become a stolen account.
"""

from typing import Any

import sqlalchemy as sa

from domain.refusals.general import NotYours
from domain.refusals.refusal import Refused
from domain.refusals.sign_in import InvalidCredentials
from models.accounts import accounts
from resolvers.context import Context
from resolvers.sign_in.trial import Trial, trying

PATH = ("currentPassword",)


async def prove_password(context: Context, password: str, tried: str) -> tuple[Trial, sa.Row[Any]]:
    """The trial and the account. Raises Refused.

    A wrong password counts as a failed sign-in, and is logged as a failed ``tried``.
    """
    if context.viewer.session_id is None:
        raise Refused(NotYours())
    async with trying(context, await _login(context)) as trial:
        if trial.account is None or not await trial.is_password(password):
            trial.fail(tried)
            raise Refused(InvalidCredentials(path=PATH))
    return trial, trial.account


async def _login(context: Context) -> str:
    async with context.read() as connection:
        login = await connection.scalar(
            sa.select(accounts.c.login).where(accounts.c.id == context.viewer.id)
        )
    return str(login)
