"""The plan that fetches objects of one entity by their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from graphql import FieldNode, get_named_type, is_abstract_type

from database.batch_statement import BatchableStatement
from database.compiled import Row, Statement
from projection.child_lists import fetch_child_lists, needs_snapshot
from projection.completion import TypedObject
from projection.conditions import Condition, Conditions, ParameterNames, parameters_of, templates_of
from projection.fields import RequestContext
from projection.key_relation import KeyRelation
from projection.planner import Planner
from projection.sources import LoadedRow, ObjectSource
from projection.statements import NamedStatement, StatementCache, StatementRunner
from projection.variables import Variables


class ObjectPlan:
    """Fetches objects of one entity by their keys."""

    def __init__(
        self,
        planner: Planner,
        entity: str,
        type_: Any,  # Any: graphql-core's types have no common base
        nodes: Sequence[FieldNode],
    ) -> None:
        self._scope = scope = planner.scope(entity)
        self._key_columns = tuple(cast("sa.Table", scope.table).primary_key.columns)
        self._key_indexes = [scope.index_of(column) for column in self._key_columns]
        self._shape = planner.shape(scope, nodes)
        self._is_abstract = is_abstract_type(get_named_type(type_))
        self._keys = KeyRelation("key", [column.type for column in self._key_columns])
        self._key_names = [f"k{position}" for position in range(len(self._key_columns))]
        self._single_statements = StatementCache()
        self._batch_statements = StatementCache()

    async def fetch_one(
        self,
        runner: StatementRunner,
        source: ObjectSource,
        context: RequestContext,
        variables: Variables,
    ) -> Any:
        """The object, or null.

        A condition on a column of the key is decided here: a statement that compares the merchant
        once is planned faster where tables are distributed.
        """
        where = []
        for condition in source.where:
            position = self._key_position(condition)
            if position is None:
                where.append(condition)
            elif condition.values[0] != source.key[position]:
                return None
        statement, names = self._single_statements.get(
            templates_of(where), lambda: self._single_statement(runner.dialect, where)
        )
        parameters = parameters_of(names, where) if where else {}
        for name, value in zip(self._key_names, source.key, strict=True):
            parameters[name] = value
        _, objects = await self._run(runner, statement, parameters, context, variables)
        return objects[0] if objects else None

    def _key_position(self, condition: Condition) -> int | None:
        """The position in the key of the column that the condition compares with a value."""
        for position, column in enumerate(self._key_columns):
            if condition.template.equal is column:
                return position
        return None

    async def fetch(
        self,
        runner: StatementRunner,
        sources: Sequence[ObjectSource],
        context: RequestContext,
        variables: Variables,
    ) -> list[Any]:
        """The objects in the order of their sources, null where a row is missing."""
        where = sources[0].where
        keys = list(dict.fromkeys([source.key for source in sources]))
        if len(keys) == 1:
            return [await self.fetch_one(runner, sources[0], context, variables)] * len(sources)
        tenant = keys[0][0]
        one_tenant = all(key[0] == tenant for key in keys)
        statement, names = self._batch_statements.get(
            (templates_of(where), one_tenant),
            lambda: self._batch_statement(runner.dialect, where, one_tenant=one_tenant),
        )
        parameters = parameters_of(names, where) | self._keys.parameters(runner.dialect, keys)
        parameters["first"] = tenant
        rows, objects = await self._run(runner, statement, parameters, context, variables)
        by_key = {
            tuple([row[index] for index in self._key_indexes]): object_
            for row, object_ in zip(rows, objects, strict=True)
        }
        return [by_key.get(source.key) for source in sources]

    async def _run(
        self,
        runner: StatementRunner,
        statement: Statement,
        parameters: Mapping[str, Any],
        context: RequestContext,
        variables: Variables,
    ) -> tuple[Sequence[Row], list[Any]]:
        """The rows, and the objects that they are shaped into."""
        if needs_snapshot(self._scope.level):
            await runner.ensure_transaction()
        rows = await runner.run(statement, parameters)
        lists = await fetch_child_lists(runner, self._scope.level, rows, context, variables)
        objects = [self._shape(row, lists, context) for row in rows]
        if self._is_abstract:
            objects = [TypedObject(object_, self._scope.entity.name) for object_ in objects]
        return rows, objects

    def can_shape_loaded_row(self, source: ObjectSource) -> bool:
        """Whether the source has a loaded row, and that row is enough.

        It is not where more than the row is selected, or where the row cannot tell whether the
        viewer may see it.
        """
        loaded_row, level = source.loaded_row, self._scope.level
        if (
            loaded_row is None
            or self._is_abstract
            or level.children
            or level.arguments
            or level.has_expressions
            or level.source is not self._scope.table
        ):
            return False
        return all(
            condition.template.equal is not None
            and loaded_row.value(condition.template.equal) == condition.values[0]
            for condition in source.where
        )

    def shape_loaded_row(self, loaded_row: LoadedRow, context: RequestContext) -> Any:
        """The object that the loaded row is shaped into."""
        return self._shape(
            [loaded_row.value(column) for column in self._scope.level.columns], (), context
        )

    def _single_statement(self, dialect: sa.Dialect, where: Conditions) -> NamedStatement:
        parameter_names = ParameterNames("w")
        has_key = [
            column == sa.bindparam(name)
            for name, column in zip(self._key_names, self._key_columns, strict=True)
        ]
        conditions = map(parameter_names.build, where)
        statement = self._scope.level.select().where(*has_key, *conditions)
        return BatchableStatement(statement, dialect), parameter_names.names

    def _batch_statement(
        self, dialect: sa.Dialect, where: Conditions, *, one_tenant: bool
    ) -> NamedStatement:
        parameter_names, level = ParameterNames("w"), self._scope.level
        keys = self._keys.relation(dialect)
        on = [
            keys.c[name] == column
            for name, column in zip(self._key_names, self._key_columns, strict=True)
        ]
        statement = level.select(keys.join(level.source, sa.and_(*on)))
        if one_tenant:
            statement = statement.where(self._key_columns[0] == sa.bindparam("first"))
        statement = statement.where(*map(parameter_names.build, where))
        return Statement(statement, dialect), parameter_names.names
