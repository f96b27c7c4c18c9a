"""Finding the webhook deliveries that are due, and recording what came of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.webhooks import DeliveryStatus, DisabledReason
from models.queries.presence import of_present
from models.queries.webhooks import is_pending
from models.webhook import HAS_WORK, Row, webhook_deliveries, webhook_endpoints

EndpointKey = tuple[int, int]
"""The merchant's id and the endpoint's."""

_HAS_WORK: Final = sa.text(HAS_WORK)


async def find_due(
    connection: AsyncConnection, now: datetime, *, failing: bool, most: int
) -> Sequence[EndpointKey]:
    """Endpoints of any merchants to which something is due, and that no worker holds."""
    endpoints = webhook_endpoints.c
    statement = (
        sa.select(endpoints.merchant_id, endpoints.id)
        .where(
            _HAS_WORK,
            endpoints.due_at <= now,
            sa.or_(endpoints.leased_until.is_(None), endpoints.leased_until <= now),
            endpoints.failures > 0 if failing else endpoints.failures == 0,
        )
        .order_by(endpoints.due_at)
        .limit(most)
    )
    rows = await connection.execute(of_present(connection, statement, endpoints.merchant_id))
    return [(merchant_id, id_) for merchant_id, id_ in rows]


async def lease(
    connection: AsyncConnection, key: EndpointKey, now: datetime, until: datetime
) -> Row | None:
    """Hold an endpoint until then, and return its row. None if another worker was faster."""
    endpoints = webhook_endpoints.c
    rows = await connection.execute(
        sa.update(webhook_endpoints)
        .where(
            *_is_endpoint(key),
            endpoints.disabled_at.is_(None),
            endpoints.due_at <= now,
            sa.or_(endpoints.leased_until.is_(None), endpoints.leased_until <= now),
        )
        .values(leased_until=until, lease=endpoints.lease + 1)
        .returning(*endpoints)
    )
    return rows.one_or_none()


def _is_endpoint(key: EndpointKey) -> Sequence[sa.ColumnElement[bool]]:
    return (webhook_endpoints.c.merchant_id == key[0], webhook_endpoints.c.id == key[1])


def _heads(key: EndpointKey) -> sa.Select[Any]:
    """The unfinished deliveries before which no delivery of the same order is unfinished."""
    deliveries, earlier = webhook_deliveries, webhook_deliveries.alias("earlier")
    waits = (
        sa.select(sa.literal(1))
        .where(
            earlier.c.merchant_id == key[0],
            earlier.c.endpoint_id == key[1],
            earlier.c.status == sa.literal_column(f"'{DeliveryStatus.PENDING}'"),
            earlier.c.service_order_id == deliveries.c.service_order_id,
            earlier.c.sequence < deliveries.c.sequence,
        )
        .exists()
    )
    return (
        sa.select(*deliveries.c)
        .where(*is_pending(*key), ~waits)
        .order_by(deliveries.c.next_attempt_at, deliveries.c.id)
    )


async def next_of(
    connection: AsyncConnection, key: EndpointKey, now: datetime, *, most: int
) -> Sequence[Row]:
    """The deliveries to an endpoint that are due: at most one of each order, its earliest."""
    due = _heads(key).where(webhook_deliveries.c.next_attempt_at <= now).limit(most)
    rows: Sequence[Row] = (await connection.execute(due)).all()
    return rows


async def next_time(connection: AsyncConnection, key: EndpointKey) -> datetime | None:
    """When the next delivery to an endpoint is due. None if all are finished."""
    times = _heads(key).with_only_columns(webhook_deliveries.c.next_attempt_at).limit(1)
    at: datetime | None = (await connection.execute(times)).scalar_one_or_none()
    return at


async def record(
    connection: AsyncConnection, key: EndpointKey, outcomes: Mapping[int, Mapping[str, Any]]
) -> None:
    """Set the columns of unfinished deliveries by their ids. Finished ones stay as they are.

    A worker that lost its hold, but went on, could otherwise undo what another recorded.
    """
    for id_, columns in sorted(outcomes.items()):
        await connection.execute(
            sa.update(webhook_deliveries)
            .where(*is_pending(*key), webhook_deliveries.c.id == id_)
            .values(**columns)
        )


async def restart(
    connection: AsyncConnection, key: EndpointKey, at: datetime | None = None
) -> None:
    """Let the three days of unfinished deliveries begin again with their next attempt.

    With ``at``, that attempt is then, as if none had been made.
    """
    anew = {} if at is None else {"attempts": 0, "next_attempt_at": at}
    await connection.execute(
        sa.update(webhook_deliveries)
        .where(*is_pending(*key), webhook_deliveries.c.first_attempt_at.is_not(None))
        .values(first_attempt_at=None, **anew)
    )


async def give_up(
    connection: AsyncConnection, key: EndpointKey, now: datetime, *, since: datetime | None = None
) -> None:
    """Give up the unfinished deliveries; with ``since``, those first tried then or before."""
    where = () if since is None else (webhook_deliveries.c.first_attempt_at <= since,)
    await connection.execute(
        sa.update(webhook_deliveries)
        .where(*is_pending(*key), *where)
        .values(status=DeliveryStatus.FAILED, finished_at=now, next_attempt_at=None)
    )


async def release(
    connection: AsyncConnection, key: EndpointKey, lease_number: int, columns: Mapping[str, Any]
) -> None:
    """End a hold and set columns, unless another worker holds the endpoint by now."""
    endpoints = webhook_endpoints.c
    await connection.execute(
        sa.update(webhook_endpoints)
        .where(
            *_is_endpoint(key),
            endpoints.lease == lease_number,
        )
        .values(leased_until=None, **columns)
    )


async def hold(connection: AsyncConnection, key: EndpointKey, lease_number: int) -> Row | None:
    """Lock the endpoint until the transaction ends, and return its row as it is now.

    None if another worker holds it by now.
    """
    rows = await connection.execute(
        sa.select(webhook_endpoints).where(*_is_endpoint(key)).with_for_update()
    )
    row = rows.one_or_none()
    return None if row is None or row.lease != lease_number else row


async def disable(
    connection: AsyncConnection, key: EndpointKey, reason: DisabledReason, now: datetime
) -> bool:
    """Disable an endpoint that is enabled. False if it was disabled already."""
    endpoints = webhook_endpoints.c
    disabled = await connection.execute(
        sa.update(webhook_endpoints)
        .where(
            *_is_endpoint(key),
            endpoints.disabled_at.is_(None),
        )
        .values(
            disabled_at=now,
            disabled_reason=reason,
            version=endpoints.version + 1,  # a person may have changed it since it was read
            updated_at=now,
        )
    )
    return disabled.rowcount == 1


async def insert(connection: AsyncConnection, rows: Collection[Mapping[str, Any]]) -> None:
    """Insert deliveries."""
    if rows:
        await connection.execute(sa.insert(webhook_deliveries), list(rows))
