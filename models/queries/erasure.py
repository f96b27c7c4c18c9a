"""Finding what is to be erased: finished orders, a customer's applications, unused pictures."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.personal_data import pictures_in
from models.application import applications
from models.evidence import evidence_uploads, picture_erasures
from models.merchant import merchants
from models.service_order import UNERASED, events, service_orders

PAGE: Final = 500
"""Orders whose pictures are read together."""

Position = tuple[datetime, int]
"""When an order was finished, and its id."""

_ORDER: Final = service_orders.c
_QUEUE: Final = picture_erasures.c
# The condition of the index, word for word: the planner uses it for no other.
_UNERASED: Final = sa.text(UNERASED)


async def merchant_ids(connection: AsyncConnection, *, after: int, limit: int) -> Sequence[int]:
    rows = await connection.execute(
        sa.select(merchants.c.id)
        .where(merchants.c.id > after)
        .order_by(merchants.c.id)
        .limit(limit)
    )
    return rows.scalars().all()


async def finished_orders(
    connection: AsyncConnection,
    merchant_id: int,
    *,
    by: datetime,
    after: Position | None,
    limit: int,
) -> tuple[Sequence[int], Position | None]:
    """The applications of orders that finished by then and are not erased, and the next position.

    The longest finished come first.
    """
    where: list[sa.ColumnExpressionArgument[bool]] = [
        _ORDER.merchant_id == merchant_id,
        _UNERASED,
        _ORDER.finished_at <= by,
    ]
    if after is not None:
        where.append(sa.tuple_(_ORDER.finished_at, _ORDER.id) > sa.tuple_(*after))
    rows = (
        await connection.execute(
            sa.select(_ORDER.finished_at, _ORDER.id, _ORDER.application_id)
            .where(*where)
            .order_by(_ORDER.finished_at, _ORDER.id)
            .limit(limit)
        )
    ).all()
    end = (rows[-1].finished_at, rows[-1].id) if rows else None
    return sorted({row.application_id for row in rows}), end


async def applications_of(
    connection: AsyncConnection, merchant_id: int, customer_ref: str
) -> Sequence[int]:
    """The applications of a customer that are not erased: an erased one has no reference."""
    rows = await connection.execute(
        sa.select(_ORDER.application_id)
        .where(_ORDER.merchant_id == merchant_id, _ORDER.customer_ref == customer_ref)
        .distinct()
        .order_by(_ORDER.application_id)
    )
    return rows.scalars().all()


async def lock_orders(
    connection: AsyncConnection, merchant_id: int, application_ids: Sequence[int]
) -> Sequence[sa.Row[Any]]:
    """All orders of the applications, locked in the order of their ids, as everywhere."""
    rows = await connection.execute(
        sa.select(service_orders)
        .where(_ORDER.merchant_id == merchant_id, _ORDER.application_id.in_(application_ids))
        .order_by(_ORDER.id)
        .with_for_update()
    )
    return rows.all()


async def lock_applications(
    connection: AsyncConnection, merchant_id: int, ids: Sequence[int]
) -> Sequence[sa.Row[Any]]:
    rows = await connection.execute(
        sa.select(applications)
        .where(applications.c.merchant_id == merchant_id, applications.c.id.in_(ids))
        .order_by(applications.c.id)
        .with_for_update()
    )
    return rows.all()


async def rows_of_orders(
    connection: AsyncConnection, table: sa.Table, merchant_id: int, order_ids: Sequence[int]
) -> Sequence[sa.Row[Any]]:
    """The rows of a table that belong to orders."""
    rows = await connection.execute(
        sa.select(table)
        .where(table.c.merchant_id == merchant_id, table.c.service_order_id.in_(order_ids))
        .order_by(*table.primary_key)
    )
    return rows.all()


async def uploads_of(
    connection: AsyncConnection, merchant_id: int, customer_ref: str
) -> Sequence[str]:
    """The hashes of the pictures that a customer uploaded."""
    rows = await connection.execute(
        sa.select(evidence_uploads.c.sha256).where(
            evidence_uploads.c.merchant_id == merchant_id,
            evidence_uploads.c.customer_ref == customer_ref,
        )
    )
    return rows.scalars().all()


async def delete_uploads(connection: AsyncConnection, merchant_id: int, sha256: str) -> None:
    """Delete the uploads of a picture by customers who have no order any more.

    Others use the picture. A customer who has not applied yet, and uploaded it before, has to
    upload it again.
    """
    upload = evidence_uploads.c
    await connection.execute(
        sa.delete(evidence_uploads).where(
            upload.merchant_id == merchant_id,
            upload.sha256 == sha256,
            upload.customer_ref != "",
            ~sa.exists().where(
                _ORDER.merchant_id == upload.merchant_id,
                _ORDER.customer_ref == upload.customer_ref,
            ),
        )
    )


async def merchants_with_queue(connection: AsyncConnection) -> Sequence[int]:
    """The merchants that have pictures in the queue, erased ones included."""
    rows = await connection.execute(sa.select(_QUEUE.merchant_id).distinct())
    return rows.scalars().all()


async def queued_pictures(
    connection: AsyncConnection, merchant_id: int, *, before: datetime, limit: int
) -> Sequence[str]:
    """Pictures that wait for their erasure since then or longer."""
    rows = await connection.execute(
        sa.select(_QUEUE.sha256)
        .where(
            _QUEUE.merchant_id == merchant_id,
            _QUEUE.erased_at.is_(None),
            _QUEUE.queued_at <= before,
        )
        .order_by(_QUEUE.sha256)
        .limit(limit)
    )
    return rows.scalars().all()


async def used_pictures(
    connection: AsyncConnection, merchant_id: int, *, after: int, wanted: Collection[str]
) -> tuple[set[str], int | None]:
    """Those of the wanted pictures that a page of orders uses, and the last id of the page.

    Erased orders have no pictures. No index knows which order uses a picture, as nothing but this
    asks for it: so this goes over all orders of the merchant, for many pictures at once.
    """
    page = (
        await connection.execute(
            sa.select(_ORDER.id, _ORDER.pictures, _ORDER.review_pictures, _ORDER.receipt_pictures)
            .where(
                _ORDER.merchant_id == merchant_id,
                _ORDER.id > after,
                _ORDER.personal_data_erased_at.is_(None),
            )
            .order_by(_ORDER.id)
            .limit(PAGE)
        )
    ).all()
    if not page:
        return set(), None
    rows = await connection.execute(
        sa.select(events.c.details).where(
            events.c.merchant_id == merchant_id,
            events.c.service_order_id.between(page[0].id, page[-1].id),
            events.c.details.is_not(None),
        )
    )
    timeline = [row._asdict() for row in rows]
    used = set(pictures_in(page[0]._asdict(), timeline))
    used = used.union(*(pictures_in(row._asdict(), ()) for row in page))
    return used & set(wanted), page[-1].id
