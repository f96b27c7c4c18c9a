"""Passwords, hashed with Argon2id by OWASP's figures: 19 MiB, two passes, one lane.

Hashing has threads of its own: in asyncio's default executor it would wait for pictures, and
pictures for it.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from database.connection_limiter import ConnectionLimiter, Limits, Permit

MIN_PASSWORD: Final = 8
MAX_PASSWORD: Final = 128

AT_ONCE: Final = 2
"""How many passwords a process hashes at a time, which takes 19 MiB and a processor each."""
WAITING: Final = 128
"""How many more may wait for that; with two processors, for two seconds."""
PATIENCE: Final = timedelta(seconds=10)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody signs in with this")
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
_turns = ConnectionLimiter(AT_ONCE, Limits(waiting=WAITING, patience=PATIENCE))


def turn() -> Permit:
    """A place among those who may hash. Raises Overloaded where too many wait, or for too long."""
    return _turns.enter()


async def hash_password(password: str) -> str:
    """Takes about 0.03 s of a processor. Raises Overloaded."""
    async with turn():
        return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def is_password(stored: str | None, password: str) -> bool:
    """Compare, within a ``turn``; for a login that does not exist (None) it takes as long."""
    given = stored or _NOBODY
    loop = asyncio.get_running_loop()
    matches = await loop.run_in_executor(_threads, _matches, given, password)
    return matches and stored is not None


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False
