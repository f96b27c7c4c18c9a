"""The plan that fetches the pages of a connection, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType

from database.compiled import Statement
from database.unindexed import unindexed
from projection.child_lists import fetch_child_lists, needs_snapshot
from projection.conditions import Conditions, ParameterNames, parameters_of, templates_of
from projection.connection import ConnectionShaper, FetchedPage
from projection.fields import RequestContext
from projection.pages import MAX_TOTAL, Order, PageArguments
from projection.planner import Planner
from projection.selection import select
from projection.sources import PageSource
from projection.statements import NamedStatement, StatementCache, StatementRunner
from projection.variables import Variables

_FIELDS_WITHOUT_ROWS: Final = frozenset({"totalCount", "__typename"})


class PagePlan:
    """Fetches pages of a connection, in one order."""

    def __init__(
        self,
        planner: Planner,
        entity: str,
        order: Order,
        type_: GraphQLObjectType,
        nodes: Sequence[FieldNode],
    ) -> None:
        self._scope = planner.scope(entity)
        self._order = order
        fields = select(planner.operation, type_, nodes)
        self._wants_total = any(field.name == "totalCount" for field in fields)
        self._wants_rows = any(field.name not in _FIELDS_WITHOUT_ROWS for field in fields)
        self._entries = ConnectionShaper(planner, self._scope, order, type_).entries(fields)
        self._statements = StatementCache()
        self._count_statements = StatementCache()

    async def fetch(
        self,
        runner: StatementRunner,
        source: PageSource,
        context: RequestContext,
        variables: Variables,
    ) -> dict[str, Any]:
        """A connection: edges, nodes and page info in one statement, the count in another.

        Raises BadPage for a cursor that is not one of this list.
        """
        where, page = source.where, source.arguments
        after = None if page.after is None else self._order.decode_cursor(page.after, "after")
        before = None if page.before is None else self._order.decode_cursor(page.before, "before")
        statement, names = self._statements.get(
            (templates_of(where), after is None, before is None, page.backward),
            lambda: self._statement(runner.dialect, where, page),
        )
        parameters = parameters_of(names, where)
        parameters["limit"] = page.size + 1
        for end, cursor in (("after", after), ("before", before)):
            parameters |= {f"{end}{position}": value for position, value in enumerate(cursor or ())}
        counts = self._wants_total and source.total is None
        if counts or needs_snapshot(self._scope.level):
            await runner.ensure_transaction()
        rows = list(await runner.run(statement, parameters)) if self._wants_rows else []
        has_more = len(rows) > page.size
        rows = rows[: page.size]
        if page.backward:
            rows.reverse()
        fetched = FetchedPage(
            rows=rows,
            has_next=before is not None if page.backward else has_more,
            has_previous=has_more if page.backward else after is not None,
            total=await self._total(runner, where) if counts else source.total,
            lists=await fetch_child_lists(runner, self._scope.level, rows, context, variables),
            context=context,
        )
        return {key: shape(fetched) for key, shape in self._entries}

    def _statement(
        self, dialect: sa.Dialect, where: Conditions, page: PageArguments
    ) -> NamedStatement:
        parameter_names, order = ParameterNames("w"), self._order
        self._scope.index_of(order.columns[0])  # at least one column, for hasNextPage alone
        conditions = list(map(parameter_names.build, where))
        if any(condition.template.finds_few for condition in where):
            conditions = self._led_by_few(where, conditions)
            order = order.unindexed()
        statement = self._scope.level.select().where(*conditions)
        if page.after is not None:
            statement = statement.where(order.beyond_cursor("after", reverse=False))
        if page.before is not None:
            statement = statement.where(order.beyond_cursor("before", reverse=True))
        statement = statement.order_by(*order.order_by(reverse=page.backward))
        limited = statement.limit(sa.bindparam("limit", type_=sa.Integer))
        return Statement(limited, dialect), parameter_names.names

    @staticmethod
    def _led_by_few(
        where: Conditions, conditions: Sequence[sa.ColumnElement[bool]]
    ) -> list[sa.ColumnElement[bool]]:
        """The conditions, of which only those that find few rows use indexes."""
        return [
            built if condition.template.finds_few else unindexed(built)
            for condition, built in zip(where, conditions, strict=True)
        ]

    async def _total(self, runner: StatementRunner, where: Conditions) -> int:
        """Count the rows up to ``MAX_TOTAL``, which bounds what the count of a long list costs."""
        statement, names = self._count_statements.get(
            templates_of(where), lambda: self._count_statement(runner.dialect, where)
        )
        return int((await runner.run(statement, parameters_of(names, where)))[0][0])

    def _count_statement(self, dialect: sa.Dialect, where: Conditions) -> NamedStatement:
        parameter_names = ParameterNames("w")
        rows = sa.select(sa.literal(1).label("one")).select_from(self._scope.entity.table)
        counted = rows.where(*map(parameter_names.build, where)).limit(MAX_TOTAL).subquery()
        count = sa.select(sa.func.count()).select_from(counted)
        return Statement(count, dialect), parameter_names.names
