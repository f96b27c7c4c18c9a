"""Optimistic concurrency: an attempt that lost a race with another change is repeated."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from domain.actors import ActorKind
from domain.decision import current_version
from domain.refusals.orders import StaleVersion
from domain.refusals.refusal import Refused
from models.queries.service_orders import Order

MAX_ATTEMPTS: Final = 3
"""Attempts before the caller gives up.

Each attempt reads the order again and asks the rules again, and mostly they refuse. On SQLite the
first attempt succeeds: a write transaction excludes all others.
"""

T = TypeVar("T")


async def retry_concurrent_changes(
    kind: ActorKind,
    attempt: Callable[[], Awaitable[tuple[Order, T | None]]],
) -> T:
    """Repeat the attempt until it has written.

    ``attempt`` reads an order and writes it. It returns the order as it was read, and None if the
    order changed before the write. Raises Refused(StaleVersion) after the last attempt, with the
    version that a viewer of this kind sees.
    """
    version = 0
    for _ in range(MAX_ATTEMPTS):
        order, written = await attempt()
        if written is not None:
            return written
        version = current_version(order.facts, kind)
    raise Refused(StaleVersion(current=version))
