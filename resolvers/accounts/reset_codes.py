"""One-time codes with which an account can get a new password."""

import secrets as random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import secrets
from models.accounts import PasswordReset, password_resets
from models.tables import add
from resolvers.context import Context

RESET_WINDOW: Final = timedelta(hours=24)
"""How long a code is valid."""

MAX_CODE: Final = 64
"""How long a code may be as it is sent: with spaces and dashes."""

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter looks like a digit."""
_LENGTH: Final = 16
"""80 bits. People read codes out on the telephone; 26 characters would be typed wrongly."""
_GROUP: Final = 4
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class ResetCode:
    """A code as it is shown, once."""

    code: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"ResetCode(…, {self.expires_at})"


async def issue(connection: AsyncConnection, context: Context, account_id: int) -> ResetCode:
    """Store a new code for the account. An earlier one stops working."""
    now = context.services.wall.now()
    code = "".join(random.choice(_ALPHABET) for _ in range(_LENGTH))
    await withdraw(connection, account_id)
    reset = PasswordReset(
        account_id=account_id,
        code_hash=hashed(code),
        created_at=now,
        expires_at=now + RESET_WINDOW,
    )
    await add(connection, reset)
    groups = [code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP)]
    return ResetCode("-".join(groups), reset.expires_at)


async def withdraw(connection: AsyncConnection, account_id: int) -> None:
    """Delete the account's code, if it has one."""
    await connection.execute(
        sa.delete(password_resets).where(password_resets.c.account_id == account_id)
    )


def hashed(code: str) -> str:
    """The hash of a code as people type it: in any case, with or without its dashes."""
    return secrets.hashed(code.upper().translate(_READ_AS))
