"""One try of a secret for a login, within the limits of failed sign-ins.

Signing in, changing a password and redeeming a reset code share their counts, so that none of them
is a second way to guess.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from auth import attempts, device_tokens
from auth.attempts import Attempt, Terms
from auth.networks import network_of
from auth.passwords import is_password
from models.accounts import accounts, sign_ins
from resolvers.context import Context

KNOWN_PLACE: Final = timedelta(days=30)
"""How long a place stays known to an account after a sign-in from there."""

_log = logging.getLogger("aftersales.sign_in")


@dataclass(frozen=True, slots=True)
class Trial:
    """A try that the limits allow. ``account`` is None for an unknown login."""

    context: Context
    login: str
    attempt: Attempt
    terms: Terms
    account: sa.Row[Any] | None
    place: str

    async def is_password(self, password: str) -> bool:
        """Whether it is the account's. An unknown login takes the same time."""
        return await is_password(self.account and self.account.password_hash, password)

    def fail(self, tried: str) -> None:
        """Count a failure, and log it without the login as typed: some type their password there.

        An existing login is logged as its account's id, any other as a hash, so that password
        spraying over many logins looks different from one person's typing errors.
        """
        services = self.context.services
        services.attempts.fail(self.terms)
        services.attempts.outcomes["wrong_credentials"] += 1
        subject = (
            f"the unknown login {services.attempts.key('log', self.login)[:12]}"
            if self.account is None
            else f"account {self.account.id}"
        )
        address = self.context.request.address or "no address"
        _log.warning("failed %s to %s from %s", tried, subject, address)

    def forgive(self) -> list[str]:
        """Forget the failures before. Returns the stored keys to delete."""
        return self.context.services.attempts.forgive(self.attempt)

    @property
    def is_own_device(self) -> bool:
        return _is_own_device(self.attempt, self.account)


@asynccontextmanager
async def trying(
    context: Context, login: str, device_token: str | None = None
) -> AsyncIterator[Trial]:
    """A permit to check one secret. Raises Refused after too many failures, and Overloaded."""
    device = device_tokens.read(context.services.keys, device_token)
    attempt = context.services.attempts.attempt(login, context.request.address, device)
    place = context.services.attempts.key("place", network_of(context.request.address))
    async with context.services.attempts.permit(attempt):
        account = await _find_account(context, login, place)
        terms = _attempt_terms(attempt, account)
        await context.services.attempts.check(attempt, terms)
        yield Trial(context, login, attempt, terms, account, place)


async def _find_account(context: Context, login: str, place: str) -> sa.Row[Any] | None:
    """The account, and whether it has signed in from this place within ``KNOWN_PLACE``."""
    since: datetime = context.services.wall.now() - KNOWN_PLACE
    is_known = sa.exists().where(
        sign_ins.c.account_id == accounts.c.id,
        sign_ins.c.place == place,
        sign_ins.c.created_at > since,
    )
    statement = sa.select(
        accounts.c.id,
        accounts.c.merchant_id,
        accounts.c.password_hash,
        accounts.c.disabled_at,
        is_known.label("is_known"),
    ).where(accounts.c.login == login)
    async with context.services.database.read(vital=True) as connection:
        return (await connection.execute(statement)).one_or_none()


def _attempt_terms(attempt: Attempt, account: sa.Row[Any] | None) -> Terms:
    """A known device is limited on its own, a known place for this login only."""
    if attempt.of_device is not None and _is_own_device(attempt, account):
        return Terms({attempt.of_device: attempts.MAX_OF_DEVICE}, (attempt.of_device,))
    if account is not None and account.is_known:
        limits = {attempt.at_place: attempts.MAX_AT_KNOWN_PLACE}
        return Terms(limits, (attempt.at_place, attempt.of_place))
    limits = {
        attempt.at_place: attempts.MAX_AT_PLACE,
        attempt.of_place: attempts.MAX_OF_PLACE,
        attempt.of_login: attempts.MAX_OF_LOGIN,
    }
    return Terms(limits, tuple(limits))


def _is_own_device(attempt: Attempt, account: sa.Row[Any] | None) -> bool:
    device = attempt.device
    return device is not None and account is not None and device.account_id == account.id
