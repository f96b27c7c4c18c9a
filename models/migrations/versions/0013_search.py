"""Searches: the compared forms of numbers, names and phones, waybills, and indexes of windows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

# Not a copy: rows must have the keys that the present code compares.
from domain.search_keys import MAX_KEY, name_key, number_key, phone_key, waybill_key

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BATCH: Final = 5_000
_JSON = sa.JSON(none_as_null=True)
_KEY: Final = sa.String(MAX_KEY).with_variant(sa.String(MAX_KEY, collation="C"), "postgresql")
_KEYS: Final = {
    "order_key": ("order_number", number_key),
    "name_key": ("customer_name", name_key),
    "phone_key": ("customer_phone", phone_key),
}
_PARTIAL: Final = (
    ("ix_service_order_decided", ("decided_at",), "decided_at IS NOT NULL"),
    ("ix_service_order_received", ("received_at",), "received_at IS NOT NULL"),
    ("ix_service_order_finished", ("finished_at",), "finished_at IS NOT NULL"),
    (
        "ix_service_order_reviewer",
        ("decided_by_id", "applied_at"),
        "decided_by_id IS NOT NULL",
    ),
    (
        "ix_service_order_decision",
        ("decision", "applied_at"),
        "decision NOT IN ('APPROVE', 'AUTO_APPROVE')",
    ),
)
_WITH_WAYBILL: Final = (
    *("SHIPPED", "WAYBILL_CORRECTED", "RESENT", "EXCHANGED", "REPAIRED", "SENT_BACK"),
    *("CANCELLED_RETURNED", "SHIPMENT_UPDATED"),
)


def upgrade() -> None:
    for name in _KEYS:
        # SQLite adds a column that must not be null only with a default.
        op.add_column("application", sa.Column(name, _KEY, nullable=False, server_default=""))
    _fill_keys()
    if op.get_bind().dialect.name == "postgresql":
        for name in _KEYS:
            op.alter_column("application", name, server_default=None)
    for name in _KEYS:
        op.create_index(f"ix_application_{name}", "application", ["merchant_id", name, "id"])

    op.create_table(
        "service_order_waybill",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("waybill", _KEY, nullable=False),
        sa.Column("service_order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "service_order_id"],
            ["service_order.merchant_id", "service_order.id"],
            name=op.f("fk_service_order_waybill_merchant_id_service_order"),
        ),
        sa.PrimaryKeyConstraint(
            "merchant_id", "waybill", "service_order_id", name=op.f("pk_service_order_waybill")
        ),
    )
    _fill_waybills()
    for name, columns, condition in _PARTIAL:
        op.create_index(
            name,
            "service_order",
            ["merchant_id", *columns, "id"],
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )


def downgrade() -> None:
    for name, _, _ in _PARTIAL:
        op.drop_index(name, "service_order")
    op.drop_table("service_order_waybill")
    for name in _KEYS:
        op.drop_index(f"ix_application_{name}", "application")
        op.drop_column("application", name)


def _fill_keys() -> None:
    table = sa.table(
        "application",
        sa.column("merchant_id", sa.BigInteger()),
        sa.column("id", sa.BigInteger()),
        *(sa.column(name, sa.String()) for pair in _KEYS.items() for name in (pair[0], pair[1][0])),
    )
    columns = [table.c[source] for source, _ in _KEYS.values()]
    update = (
        sa.update(table)
        .where(table.c.merchant_id == sa.bindparam("m"), table.c.id == sa.bindparam("i"))
        .values({name: sa.bindparam(f"set_{name}") for name in _KEYS})
    )
    for rows in _batches(table, ("merchant_id", "id"), columns, sa.true()):
        values = [
            {"m": row.merchant_id, "i": row.id}
            | {f"set_{name}": key(getattr(row, of)) for name, (of, key) in _KEYS.items()}
            for row in rows
        ]
        op.get_bind().execute(update, values)


def _fill_waybills() -> None:
    """From the events, which also tell the waybills that were corrected."""
    key = ("merchant_id", "service_order_id", "sequence")
    event = sa.table(
        "service_order_event",
        *(sa.column(name, sa.BigInteger()) for name in key),
        sa.column("kind", sa.String()),
        sa.column("details", _JSON),
    )
    for rows in _batches(event, key, [event.c.details], event.c.kind.in_(_WITH_WAYBILL)):
        found = {
            (row.merchant_id, text, row.service_order_id)
            for row in rows
            if (text := _waybill_of(row.details or {}))
        }
        if found:
            # An order may have had the same waybill before; both databases know this clause.
            op.get_bind().execute(
                sa.text(
                    "INSERT INTO service_order_waybill (merchant_id, waybill, service_order_id)"
                    " VALUES (:m, :w, :o) ON CONFLICT DO NOTHING"
                ),
                [{"m": m, "w": w, "o": o} for m, w, o in sorted(found)],
            )


def _waybill_of(details: Mapping[str, Any]) -> str:  # Any: JSON
    text = details.get("waybill") or (details.get("shipment") or {}).get("waybill")
    return waybill_key(text or "")


def _batches(
    table: sa.TableClause,
    key: Sequence[str],
    columns: Sequence[sa.ColumnElement[Any]],
    condition: sa.ColumnElement[bool],
) -> Iterator[Sequence[sa.Row[Any]]]:
    """The rows in batches, in the order of their key: no more of them are in memory at once."""
    keys = [table.c[name] for name in key]
    query = sa.select(*keys, *columns).where(condition).order_by(*keys).limit(_BATCH)
    rows = op.get_bind().execute(query).all()
    while rows:
        yield rows
        last = sa.tuple_(*[sa.literal(value, sa.BigInteger()) for value in rows[-1][: len(keys)]])
        rows = op.get_bind().execute(query.where(sa.tuple_(*keys) > last)).all()
