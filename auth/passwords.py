"""Passwords, hashed with Argon2id and OWASP's parameters: 19 MiB, two passes, one thread.

Hashing has its own threads: in asyncio's default executor, hashing and the decoding of pictures
would wait for each other.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from database.connection_limiter import ConnectionLimiter, Limits, Permit

MAX_HASHING: Final = 2
"""How many passwords a process hashes concurrently. Each takes 19 MiB and a processor."""
WAITING: Final = 128
"""How many more may wait: two seconds, with two processors."""
PATIENCE: Final = timedelta(seconds=10)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Written out: hashing it takes a process 0.03 s at every start.
_DUMMY_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$iI21sw3sJ6Y7D0+2aD9d8Q$"
    "+atzAvkTbIKRhAccKFvOAX7CBrowOchV6wdin+fi1ks"
)
_threads = ThreadPoolExecutor(MAX_HASHING, thread_name_prefix="password")
_limiter = ConnectionLimiter(MAX_HASHING, Limits(waiting=WAITING, patience=PATIENCE))


def permit() -> Permit:
    """Permit to hash. Raises Overloaded if too many wait, or for too long."""
    return _limiter.enter()


async def hash_password(password: str) -> str:
    """Takes about 0.03 s of processor time. Raises Overloaded."""
    async with permit():
        return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def is_password(stored: str | None, password: str) -> bool:
    """Check a password, within a ``permit``. None, for an unknown login, takes the same time."""
    compared = stored or _DUMMY_HASH
    loop = asyncio.get_running_loop()
    matches = await loop.run_in_executor(_threads, _matches, compared, password)
    return matches and stored is not None


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False
