"""Passwords, hashed with Argon2id by OWASP's figures: 19 MiB, two passes, one lane."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

MIN_PASSWORD: Final = 8
MAX_PASSWORD: Final = 128

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody signs in with this")


async def hash_password(password: str) -> str:
    """Takes about 0.03 s of a processor, in a thread."""
    return await asyncio.to_thread(_hasher.hash, password)


async def is_password(stored: str | None, password: str) -> bool:
    """Compare; for a login that does not exist (None) it takes as long and says no."""
    return await asyncio.to_thread(_matches, stored or _NOBODY, password) and stored is not None


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False
