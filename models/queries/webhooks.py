"""Finding webhook endpoints and the deliveries to them."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.refusals.general import NotFound
from domain.refusals.refusal import Refused
from domain.webhooks import DeliveryStatus, DisabledReason
from models.feed import feed_heads
from models.queries.presence import of_present
from models.webhook import FOLLOWS, Row, webhook_deliveries, webhook_endpoints

_SYSTEM_REASONS: Final[list[sa.ColumnElement[Any]]] = [
    sa.literal_column(f"'{reason}'") for reason in (DisabledReason.FAILING, DisabledReason.GONE)
]


async def get(
    connection: AsyncConnection, merchant_id: int, id_: int, *, locks: bool = True
) -> Row:
    """The endpoint, locked until the transaction ends unless told. Raises Refused(NotFound)."""
    query = sa.select(webhook_endpoints).where(
        webhook_endpoints.c.merchant_id == merchant_id,
        webhook_endpoints.c.id == id_,
        webhook_endpoints.c.deleted_at.is_(None),
    )
    row = (await connection.execute(query.with_for_update() if locks else query)).one_or_none()
    if row is None:
        raise Refused(NotFound(kind="WebhookEndpoint", path=("id",)))
    return row


async def count(connection: AsyncConnection, merchant_id: int) -> int:
    """The number of a merchant's endpoints, disabled ones included."""
    number = await connection.execute(
        sa.select(sa.func.count()).where(
            webhook_endpoints.c.merchant_id == merchant_id, webhook_endpoints.c.deleted_at.is_(None)
        )
    )
    return int(number.scalar_one())


async def update(
    connection: AsyncConnection,
    merchant_id: int,
    id_: int,
    **values: Any,  # noqa: ANN401 - of the columns
) -> None:
    """Set columns of an endpoint."""
    await connection.execute(
        sa.update(webhook_endpoints)
        .where(webhook_endpoints.c.merchant_id == merchant_id, webhook_endpoints.c.id == id_)
        .values(**values)
    )


async def enabled_of(
    connection: AsyncConnection, merchant_id: int, *, waits: bool = False
) -> Sequence[Row]:
    """The merchant's endpoints that are not disabled, locked in the order of their ids.

    Endpoints that another transaction has locked are left out, unless it ``waits`` for them.
    """
    rows = await connection.execute(
        sa.select(webhook_endpoints)
        .where(
            webhook_endpoints.c.merchant_id == merchant_id,
            webhook_endpoints.c.disabled_at.is_(None),
        )
        .order_by(webhook_endpoints.c.id)
        .with_for_update(skip_locked=not waits)
    )
    return rows.all()


def is_pending(merchant_id: int, endpoint_id: int) -> Sequence[sa.ColumnElement[bool]]:
    """The conditions for the unfinished deliveries of an endpoint."""
    return (
        webhook_deliveries.c.merchant_id == merchant_id,
        webhook_deliveries.c.endpoint_id == endpoint_id,
        # The index's own condition, word for word: a parameter would not match it.
        webhook_deliveries.c.status == sa.literal_column(f"'{DeliveryStatus.PENDING}'"),
    )


async def find_behind(connection: AsyncConnection, *, most: int) -> Sequence[int]:
    """Merchants of which an enabled endpoint has not reached the head of the feed."""
    merchant_id = webhook_endpoints.c.merchant_id
    statement = (
        sa.select(merchant_id)
        .join(feed_heads, feed_heads.c.merchant_id == merchant_id)
        .where(sa.text(FOLLOWS), webhook_endpoints.c.position < feed_heads.c.position)
        .distinct()
        .limit(most)
    )
    rows = await connection.execute(
        of_present(connection, statement, merchant_id, feed_heads.c.merchant_id)
    )
    return list(rows.scalars())


def count_failed(merchant: sa.FromClause) -> sa.ScalarSelect[Any]:
    """The number of a merchant's endpoints that the system disabled."""
    endpoints = webhook_endpoints.c
    return (
        sa.select(sa.func.count())
        .where(
            endpoints.merchant_id == merchant.c.id,
            endpoints.deleted_at.is_(None),
            endpoints.disabled_reason.in_(_SYSTEM_REASONS),
        )
        .scalar_subquery()
    )
