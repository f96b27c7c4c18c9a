"""The CHECK constraint of an enum's column: how a migration changes it."""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection


def change_enum(table: str, column: str, values: Sequence[str] | None, *, constraint: str) -> None:
    """Let the column hold exactly these values; None lets it hold any text.

    Before a value is taken away, the migration must give its rows another one: otherwise the
    database raises IntegrityError, and nothing of the migration remains. PostgreSQL reads the whole
    table to check it, and nobody else can use the table until the migration commits.
    """
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(op.get_bind(), table, constraint, _check(column, values))
        return
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}")
    if values is not None:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {_check(column, values)}")


def _check(column: str, values: Sequence[str] | None) -> str:
    quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values or ())
    return "" if values is None else f"CHECK ({column} IN ({quoted}))"


_TEXT = r"(?:'(?:[^']|'')*'|[^()'])*"
_CHECK = rf"CHECK\s*\({_TEXT}\({_TEXT}\){_TEXT}\)"


def _rebuild(connection: Connection, table: str, constraint: str, check: str) -> None:
    """Create the table again with another constraint, as SQLite can alter none.

    Not by Alembic's batch: it renames a copy, and the rows of other tables that refer to this one
    would refer to nothing when the transaction ends. Here the references wait until then
    (``defer_foreign_keys``), and the table has its name and its rows again before.
    """
    schema = sa.text(
        "SELECT sql FROM sqlite_schema WHERE tbl_name = :table AND sql IS NOT NULL"
        " ORDER BY type <> 'table'"
    )
    definition, *others = connection.execute(schema, {"table": table}).scalars()
    definition = re.sub(rf',\s*CONSTRAINT\s+"?{constraint}"?\s+{_CHECK}', "", definition)
    if check:
        body, _, end = definition.rpartition(")")
        definition = f"{body},\n\tCONSTRAINT {constraint} {check}\n){end}"
    for statement in (
        "PRAGMA defer_foreign_keys = ON",
        f"CREATE TEMPORARY TABLE kept_rows AS SELECT * FROM {table}",  # noqa: S608 - a table of ours
        f"DROP TABLE {table}",
        definition,
        f"INSERT INTO {table} SELECT * FROM kept_rows",  # noqa: S608 - a table of ours
        "DROP TABLE kept_rows",
        *others,
    ):
        connection.exec_driver_sql(statement)
