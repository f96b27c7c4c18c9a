"""Finds the changes of a migration with which servers of the release before cannot go on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection


@dataclass(frozen=True)
class Column:
    """A column, as far as another release's statements depend on it."""

    type: str
    nullable: bool
    has_default: bool


@dataclass(frozen=True)
class Table:
    """A table: its columns, and what refuses rows of it."""

    columns: Mapping[str, Column]
    refusing: frozenset[str]
    """Checks, unique constraints and indexes, and foreign keys."""


def tables_of(connection: Connection) -> dict[str, Table]:
    inspector = sa.inspect(connection)
    return {name: _table(inspector, name) for name in inspector.get_table_names()}


def _table(inspector: sa.Inspector, name: str) -> Table:
    refusing = [
        *(
            f"check {check['name']} {check['sqltext']}"
            for check in inspector.get_check_constraints(name)
        ),
        *(f"unique {unique['column_names']}" for unique in inspector.get_unique_constraints(name)),
        *(
            f"unique {index['column_names']}"
            for index in inspector.get_indexes(name)
            if index["unique"]
        ),
        *(f"foreign {key['constrained_columns']}" for key in inspector.get_foreign_keys(name)),
    ]
    columns = {
        column["name"]: Column(
            type=str(column["type"]),
            nullable=column["nullable"],
            has_default=column.get("default") is not None,
        )
        for column in inspector.get_columns(name)
    }
    return Table(columns, frozenset(refusing))


def changes_that_stop_others(
    before: Mapping[str, Table], after: Mapping[str, Table]
) -> Iterator[str]:
    """A sentence for each. New tables, and columns that may be left out, stop nobody."""
    for name, table in before.items():
        new = after.get(name)
        if new is None:
            yield f"{name} is gone"
            continue
        for column, kind in table.columns.items():
            if column not in new.columns:
                yield f"{name}.{column} is gone"
            elif new.columns[column].type != kind.type:
                yield f"{name}.{column} has another type"
            elif kind.nullable and not new.columns[column].nullable:
                yield f"{name}.{column} must have a value"
        for column, kind in new.columns.items():
            if column not in table.columns and not (kind.nullable or kind.has_default):
                yield f"{name}.{column} is new and must have a value"
        for rule in sorted(new.refusing - table.refusing):
            yield f"{name} refuses more: {rule}"
