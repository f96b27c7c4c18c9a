"""Plans a selection: one statement per list that it asks for, and a function that shapes the rows.

The function is compiled from an expression that holds the answer's keys in their order, as one
would write it by hand: ``{"number": row[0], "merchant": {"name": row[1]}}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType, is_non_null_type

from database.compiled import result_processor
from projection.child_lists import ChildList, Level
from projection.completion import completer
from projection.fields import (
    Column,
    Computed,
    Constant,
    Embedded,
    Entity,
    JsonList,
    PlainFetch,
    Subquery,
    ToMany,
    ToOne,
)
from projection.registry import Registry
from projection.scope import Scope, new_alias
from projection.selection import Operation, SelectedField, select
from projection.serializers import serializer
from projection.shape_compiler import Shape, ShapeCompiler


class Planner:
    """Plans the selections of one operation, for the viewers of one variant."""

    def __init__(
        self,
        registry: Registry,
        operation: Operation,
        dialect: sa.Dialect,
        variant: str | None = None,
    ) -> None:
        self.registry = registry
        self._variant = variant
        self.operation = operation
        self.dialect = dialect

    def scope(self, entity_name: str) -> Scope:
        """A new statement over the entity's own table, so that a caller can narrow it."""
        entity = self.registry.entities[entity_name]
        return Scope(Level(entity.table), entity, entity.table)

    def shape(self, scope: Scope, nodes: Iterable[FieldNode]) -> Shape:
        """Plan one object: select its columns, and compile the function that shapes its row."""
        compiler = ShapeCompiler()
        return compiler.compile(self._entity(compiler, scope, nodes))

    def _entity(self, compiler: ShapeCompiler, scope: Scope, nodes: Iterable[FieldNode]) -> str:
        type_ = self.operation.schema.get_type(scope.entity.name)
        return self._object(compiler, scope, cast("GraphQLObjectType", type_), nodes)

    # Each of these returns the expression for a part of the answer.

    def _object(
        self,
        compiler: ShapeCompiler,
        scope: Scope,
        type_: GraphQLObjectType,
        nodes: Iterable[FieldNode],
        fields: Mapping[str, PlainFetch] | None = None,
    ) -> str:
        entries = [
            f"{selected.key!r}: {self._field(compiler, scope, type_, selected, fields)}"
            for selected in select(self.operation, type_, nodes)
        ]
        if not scope.level.columns:  # a statement must select something
            scope.level.add(scope.table, next(iter(scope.table.c)))
        return "{" + ", ".join(entries) + "}"

    def _field(  # noqa: C901, PLR0911 - one for each kind of field
        self,
        compiler: ShapeCompiler,
        scope: Scope,
        type_: GraphQLObjectType,
        selected: SelectedField,
        fields: Mapping[str, PlainFetch] | None,
    ) -> str:
        if selected.name == "__typename":
            return repr(type_.name)
        if fields is None:
            fetch = self.registry.fetch(type_.name, selected.name, self._variant)
        else:
            fetch = fields[selected.name]
        match fetch:
            case Constant(value):
                return compiler.name(value)
            case Column(column, None):
                return self._value(compiler, scope, column, serializer)
            case Column(column, convert):
                value = compiler.call(
                    convert, self._value(compiler, scope, column, result_processor)
                )
                is_nullable = not is_non_null_type(type_.fields[selected.name].type)
                return _unless_null(self._raw(scope, column), value) if is_nullable else value
            case Computed():
                return self._computed(compiler, scope, type_, selected, fetch)
            case Subquery(expression, convert):
                index = scope.level.add_expression(expression(scope.table))
                return compiler.call(convert, f"row[{index}]")
            case Embedded():
                return self._embedded(compiler, scope, selected, fetch)
            case ToOne():
                return self._to_one(compiler, scope, type_, selected, fetch)
            case JsonList():
                return self._json_list(compiler, scope, selected, fetch)
            case ToMany():
                return self._to_many(scope, type_, selected, fetch)

    def _embedded(
        self, compiler: ShapeCompiler, scope: Scope, selected: SelectedField, fetch: Embedded
    ) -> str:
        embedded = cast("GraphQLObjectType", self.operation.schema.get_type(fetch.entity))
        object_ = self._object(compiler, scope, embedded, selected.nodes, fetch.fields)
        if fetch.presence is None:
            return object_
        return _unless_null(self._raw(scope, fetch.presence), object_)

    def _to_one(
        self,
        compiler: ShapeCompiler,
        scope: Scope,
        type_: GraphQLObjectType,
        selected: SelectedField,
        fetch: ToOne,
    ) -> str:
        entity = self.registry.entities[fetch.entity]
        is_non_null = is_non_null_type(type_.fields[selected.name].type)
        # The key of a row that may be missing is selected even if nobody asks for it: it is NULL
        # where the row is missing.
        key = None if is_non_null else _last_key_column(entity)
        joined = scope.to_one(entity, fetch.table, selected=key)
        object_ = self._entity(compiler, joined, selected.nodes)
        if key is None:
            return object_
        return _unless_null(f"row[{joined.index_of(key)}]", object_)

    def _raw(self, scope: Scope, column: sa.ColumnElement[Any]) -> str:
        expression = (scope.expressions or {}).get(str(column.key))
        return expression if expression is not None else f"row[{scope.index_of(column)}]"

    def _value(
        self,
        compiler: ShapeCompiler,
        scope: Scope,
        column: sa.ColumnElement[Any],
        converter: Callable[[Any, sa.Dialect], Callable[[Any], Any] | None],
    ) -> str:
        expression = (scope.expressions or {}).get(str(column.key))
        if expression is not None:
            return expression  # from JSON, which holds values as the API writes them
        convert = converter(column.type, self.dialect)
        return compiler.call(convert, f"row[{scope.index_of(column)}]")

    def _computed(
        self,
        compiler: ShapeCompiler,
        scope: Scope,
        type_: GraphQLObjectType,
        selected: SelectedField,
        fetch: Computed,
    ) -> str:
        values = [
            self._value(compiler, scope, column, result_processor) for column in fetch.columns
        ]
        arguments = []
        if fetch.takes_arguments:
            arguments = [self._arguments(compiler, scope, type_, selected)]
        parameters = ", ".join(["context", *arguments, *values])
        call = f"{compiler.name(fetch.value)}({parameters})"
        field_type = type_.fields[selected.name].type
        complete = completer(self.registry, self.operation, field_type, selected.nodes)
        return compiler.call(complete, call)

    def _arguments(
        self,
        compiler: ShapeCompiler,
        scope: Scope,
        type_: GraphQLObjectType,
        selected: SelectedField,
    ) -> str:
        """The arguments of a field: constant for the plan, or coerced once for each request."""
        coerce = selected.argument_coercer(type_.fields[selected.name])
        if selected.variables_in_arguments:
            return f"lists[-1][{scope.level.add_arguments(coerce)}]"
        return compiler.name(coerce(self.operation.variables))

    def _json_list(
        self, compiler: ShapeCompiler, scope: Scope, selected: SelectedField, fetch: JsonList
    ) -> str:
        entity = self.registry.entities[fetch.entity]
        expressions = {str(column.key): f"item[{str(column.key)!r}]" for column in entity.table.c}
        for column, row_column in fetch.row_columns.items():
            expressions[str(column.key)] = self._raw(scope, row_column)
        item_scope = Scope(scope.level, entity, entity.table, expressions)
        item = self._entity(compiler, item_scope, selected.nodes)
        items = self._value(compiler, scope, fetch.column, result_processor)
        if fetch.key is not None:
            items = f"(({items}) or {{}}).get({fetch.key!r}) or ()"
        return f"[{item} for item in {items}]"

    def _to_many(
        self, scope: Scope, type_: GraphQLObjectType, selected: SelectedField, fetch: ToMany
    ) -> str:
        entity = self.registry.entities[fetch.entity]
        table = new_alias(entity.table)
        child_scope = Scope(Level(table), entity, table)
        key_table = table
        if fetch.through is not None:
            key_table = new_alias(cast("sa.Column[Any]", fetch.child[0]).table)
            child_scope.level.source = key_table.join(table, fetch.through(key_table, table))
        keys = tuple(key_table.c[str(column.key)] for column in fetch.child)
        for column in fetch.child:
            child_scope.level.add(key_table, column)
        shape = self.shape(child_scope, selected.nodes)
        index = len(scope.level.children)
        scope.level.children.append(
            ChildList(
                fetch=fetch,
                level=child_scope.level,
                shape=shape,
                table=table,
                keys=keys,
                order_by=[table.c[str(column.key)] for column in fetch.order_by],
                parent_indexes=tuple(
                    scope.index_of(column) for column in (*fetch.parent, *fetch.parent_columns)
                ),
                coerce_arguments=selected.argument_coercer(type_.fields[selected.name]),
            )
        )
        own = fetch.parent_columns if fetch.per_parent else ()
        key = "".join(f"row[{scope.index_of(column)}], " for column in (*fetch.parent, *own))
        return f"lists[{index}].get(({key}), [])"


def _last_key_column(entity: Entity) -> sa.ColumnElement[Any]:
    table = entity.table.element if isinstance(entity.table, sa.Alias) else entity.table
    return list(cast("sa.Table", table).primary_key.columns)[-1]


def _unless_null(raw: str, value: str) -> str:
    return f"(None if {raw} is None else {value})"
