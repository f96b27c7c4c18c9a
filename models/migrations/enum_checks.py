"""A plugin for Alembic: compares the CHECK constraints of enums with the models.

Alembic itself does not compare them, so a value without a migration would pass unnoticed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrateOperation, UpgradeOps
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult

from models.tables import CHECK_NAME, METADATA

NAME: Final = "aftersales.enum_checks"

Values = tuple[str, ...]


@dataclass(frozen=True)
class EnumCheck:
    """A constraint on a column; ``values`` None if there is none."""

    table: str
    column: str
    name: str
    values: Values | None

    def without_values(self) -> "EnumCheck":
        return replace(self, values=None)


class ChangeEnumOp(MigrateOperation):
    """A call of ``change_enum`` in a draft, and the call that takes it back."""

    def __init__(self, old: EnumCheck, new: EnumCheck) -> None:
        self.old, self.new = old, new

    def reverse(self) -> "ChangeEnumOp":
        return ChangeEnumOp(self.new, self.old)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """What ``migrate --check`` prints. Any: as Alembic has it."""
        old, new = set(self.old.values or ()), set(self.new.values or ())
        place = f"{self.new.table}.{self.new.column}"
        return ("change_enum", place, {"add": sorted(new - old), "remove": sorted(old - new)})


@renderers.dispatch_for(ChangeEnumOp)
def _render(context: AutogenContext, operation: ChangeEnumOp) -> str:
    context.imports.add("from models.migrations.enums import change_enum")
    check = operation.new
    arguments = f"{check.table!r}, {check.column!r}, {check.values!r}, constraint={check.name!r}"
    return f"change_enum({arguments})"


def _compare(
    context: AutogenContext, operations: UpgradeOps, _schemas: set[str | None]
) -> PriorityDispatchResult:
    inspector = context.inspector
    for table in METADATA.sorted_tables:
        if not inspector.has_table(table.name):
            continue  # it will be created with its constraints
        modelled = {check.name: check for check in _of_models(table)}
        stored = {check.name: check for check in _of_database(inspector, table.name)}
        for name in sorted(stored.keys() - modelled.keys()):  # before its column is dropped
            operations.ops.insert(0, ChangeEnumOp(stored[name], stored[name].without_values()))
        for name, check in modelled.items():
            present = stored.get(name, check.without_values())
            if set(present.values or ()) != set(check.values or ()):
                operations.ops.append(ChangeEnumOp(present, check))
    return PriorityDispatchResult.CONTINUE


def _of_models(table: sa.Table) -> Iterator[EnumCheck]:
    for column in table.columns:
        if isinstance(column.type, sa.Enum) and column.type.create_constraint:
            name = CHECK_NAME % {
                "table_name": table.name,
                "constraint_name": column.type.name,
            }
            yield EnumCheck(table.name, column.name, name, tuple(column.type.enums))


def _of_database(inspector: sa.Inspector, table: str) -> Iterator[EnumCheck]:
    """Reads the values out of the condition, which each database words in its own way."""
    for check in inspector.get_check_constraints(table):
        condition = check["sqltext"]
        column = re.search(r"\w+", condition)
        values = tuple(re.findall(r"'((?:[^']|'')*)'", condition))
        if check["name"] is not None and column is not None and values:
            yield EnumCheck(table, column.group(), check["name"], values)


_PLUGIN: Final = Plugin(NAME)
_PLUGIN.add_autogenerate_comparator(
    _compare, "schema", "enum_checks", priority=DispatchPriority.LAST
)
