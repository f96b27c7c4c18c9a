"""The plan that fetches a list without pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode

from database.compiled import Statement
from projection.child_lists import fetch_child_lists, needs_snapshot
from projection.conditions import Conditions, ParameterNames, parameters_of, templates_of
from projection.fields import RequestContext
from projection.planner import Planner
from projection.sources import ListSource
from projection.statements import NamedStatement, StatementCache, StatementRunner
from projection.variables import Variables


class ListPlan:
    """Fetches every row that meets a source's conditions."""

    def __init__(
        self,
        planner: Planner,
        entity: str,
        order_by: Sequence[sa.ColumnElement[Any]],
        nodes: Sequence[FieldNode],
    ) -> None:
        self._scope = planner.scope(entity)
        self._shape = planner.shape(self._scope, nodes)
        self._order_by = order_by
        self._statements = StatementCache()

    async def fetch(
        self,
        runner: StatementRunner,
        source: ListSource,
        context: RequestContext,
        variables: Variables,
    ) -> list[Any]:
        where = source.where
        statement, names = self._statements.get(
            templates_of(where), lambda: self._statement(runner.dialect, where)
        )
        if needs_snapshot(self._scope.level):
            await runner.ensure_transaction()
        rows = await runner.run(statement, parameters_of(names, where))
        lists = await fetch_child_lists(runner, self._scope.level, rows, context, variables)
        return [self._shape(row, lists, context) for row in rows]

    def _statement(self, dialect: sa.Dialect, where: Conditions) -> NamedStatement:
        parameter_names = ParameterNames("w")
        statement = self._scope.level.select().where(*map(parameter_names.build, where))
        return Statement(statement.order_by(*self._order_by), dialect), parameter_names.names
