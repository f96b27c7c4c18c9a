"""Quantities bought, the merchants of a platform's connector, and the names of divisions.

The names are copied into stored addresses, those on orders and in their events too, so that they
stay readable when the table of divisions changes.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel.sql.sqltypes import AutoString

from domain.divisions import region_of

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Path = tuple[str, ...]
"""The names that lead to a value within a JSON column."""

Expression = sa.ColumnElement[Any]
"""Any: the columns of a migration have no types."""

_CODES: Final = ("province_code", "city_code", "district_code")
_ADDRESSES: Final = (
    ("application", "pickup_address", ()),
    ("service_order", "review_address", ()),
    ("service_order_event", "details", ("returnAddress",)),
)
"""The JSON columns that hold addresses, and the path to the address within them."""


def upgrade() -> None:
    op.add_column("service_order", sa.Column("purchased_quantity", sa.Integer(), nullable=True))
    op.add_column("return_address", sa.Column("region", AutoString(length=100), nullable=True))
    op.add_column("connector", sa.Column("merchant_ids", sa.JSON(none_as_null=True)))
    _name_return_addresses()
    for table, column, path in _ADDRESSES:
        _name_addresses(table, column, path)


def downgrade() -> None:
    for table, column, path in _ADDRESSES:
        _forget_names(table, column, path)
    op.drop_column("connector", "merchant_ids")
    op.drop_column("return_address", "region")
    op.drop_column("service_order", "purchased_quantity")


def _name_return_addresses() -> None:
    rows = sa.table("return_address", sa.column("region"), *map(sa.column, _CODES))
    codes = [rows.c[name] for name in _CODES]
    for values in _distinct(codes):
        same = [code == value for code, value in zip(codes, values, strict=True)]
        op.execute(sa.update(rows).where(*same).values(region=region_of(*values)))


def _name_addresses(table: str, column: str, path: Path) -> None:
    """One update for the whole table, from a map of all codes that it holds to their names."""
    rows = sa.table(table, sa.column(column))
    stored = rows.c[column]
    codes = [_value(stored, (*path, name)) for name in _CODES]
    regions = {"-".join(values): region_of(*values) for values in _distinct(codes)}
    if not regions:
        return
    key = codes[0] + "-" + codes[1] + "-" + codes[2]
    named: Expression
    if _is_sqlite():
        region: Expression = sa.func.json_extract(sa.bindparam("regions"), '$."' + key + '"')
        named = sa.func.json_set(stored, _sqlite_path((*path, "region")), region)
    else:
        region = sa.func.jsonb_extract_path_text(_jsonb(sa.bindparam("regions")), key)
        place = _postgresql_path((*path, "region"))
        named = sa.cast(sa.func.jsonb_set(_jsonb(stored), place, sa.func.to_jsonb(region)), sa.JSON)
    # Without the second condition a NULL region would make the whole value NULL.
    update = sa.update(rows).where(codes[2].is_not(None), region.is_not(None))
    update = update.values({column: named})
    op.get_bind().execute(update, {"regions": json.dumps(regions)})


def _forget_names(table: str, column: str, path: Path) -> None:
    rows = sa.table(table, sa.column(column))
    stored, place = rows.c[column], (*path, "region")
    shorter: Expression
    if _is_sqlite():
        shorter = sa.func.json_remove(stored, _sqlite_path(place))
    else:
        shorter = sa.cast(_jsonb(stored).op("#-")(_postgresql_path(place)), sa.JSON)
    is_named = _value(stored, place).is_not(None)
    op.execute(sa.update(rows).where(is_named).values({column: shorter}))


def _distinct(codes: Sequence[Expression]) -> Iterable[tuple[str, str, str]]:
    statement = sa.select(*codes).where(codes[2].is_not(None)).distinct()
    return [(row[0], row[1], row[2]) for row in op.get_bind().execute(statement)]


def _value(column: Expression, path: Path) -> Expression:
    """The text at a path within a JSON column."""
    if _is_sqlite():
        return sa.func.json_extract(column, _sqlite_path(path), type_=sa.Text)
    return sa.func.jsonb_extract_path_text(_jsonb(column), *path, type_=sa.Text)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _jsonb(value: Expression) -> Expression:
    return sa.cast(sa.cast(value, sa.Text), JSONB)


def _sqlite_path(path: Path) -> str:
    return "$." + ".".join(path)


def _postgresql_path(path: Path) -> Expression:
    return sa.cast(list(path), sa.ARRAY(sa.Text))
