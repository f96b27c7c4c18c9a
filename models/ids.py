"""Ids: 63 bits, made here, in the order of time.

41 bits of milliseconds since 2024 and 22 bits that begin at random in each millisecond: no sequence
has to be shared, so that tenants can live on different machines. Good until the year 2093.
"""

import secrets
import threading
import time
from typing import Final

_EPOCH_MS: Final = 1_704_067_200_000
_LOW_BITS: Final = 22
_lock = threading.Lock()
_last = 0


def new_id() -> int:
    """An id that is larger than any that this process made before."""
    global _last  # noqa: PLW0603 - the one piece of state that makes ids of one process ascend
    fresh = ((time.time_ns() // 1_000_000 - _EPOCH_MS) << _LOW_BITS) | secrets.randbits(_LOW_BITS)
    with _lock:
        _last = max(fresh, _last + 1)
        return _last
