"""Shapers: what a resolver returned becomes the answer of one key, in planned execution.

They take a list of values at a time, so that the objects which all items of a list refer to are
fetched together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from execution.field_plans import FieldPlans
from execution.sources import is_source
from projection.completion import Complete
from projection.sources import ObjectSource
from projection.statements import StatementRunner
from projection.variables import Variables
from resolvers.context import Context

# Any, throughout: values of whatever type the API declares.


class Unplanned(Exception):
    """The ordinary execution has to answer."""


class Shaper(Protocol):
    """Shapes the values of one key."""

    def needs_runner(self, value: Any, context: Context) -> bool:
        """Whether shaping the value takes the database. Raises Unplanned for unexpected values."""
        ...

    async def shape(
        self,
        runner: StatementRunner | None,
        values: Sequence[Any],
        context: Context,
        variables: Variables,
    ) -> list[Any]:
        """Shape the values, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class ValueShaper:
    """Shapes values that hold no source; without ``complete`` they need no change."""

    complete: Complete | None

    def needs_runner(self, value: Any, _context: Context) -> bool:
        if is_source(value):
            raise Unplanned
        return False

    async def shape(
        self,
        _runner: StatementRunner | None,
        values: Sequence[Any],
        _context: Context,
        _variables: Variables,
    ) -> list[Any]:
        complete = self.complete
        return list(values) if complete is None else [complete(value) for value in values]


@dataclass(frozen=True, slots=True)
class DeferredShaper:
    """Shapes deferred values, which were loaded before."""

    shaper: ValueShaper

    def needs_runner(self, value: Any, context: Context) -> bool:
        return self.shaper.needs_runner(value.value, context)

    async def shape(
        self,
        runner: StatementRunner | None,
        values: Sequence[Any],
        context: Context,
        variables: Variables,
    ) -> list[Any]:
        loaded = [value.value for value in values]
        return await self.shaper.shape(runner, loaded, context, variables)


@dataclass(frozen=True, slots=True)
class SourceShaper:
    """Shapes sources; one whose loaded row is enough is not fetched."""

    field_plans: FieldPlans

    def needs_runner(self, value: Any, context: Context) -> bool:
        if value is None or value == []:
            return False
        if not is_source(value):
            raise Unplanned
        return not self.field_plans.can_shape_loaded_row(value, context)

    async def shape(
        self,
        runner: StatementRunner | None,
        values: Sequence[Any],
        context: Context,
        variables: Variables,
    ) -> list[Any]:
        plans = self.field_plans
        if len(values) == 1 and runner is not None and is_source(values[0]):
            return [await plans.fetch(runner, values[0], context, variables)]
        shaped: list[Any] = [None if value is None else [] for value in values]
        indexes: list[int] = []
        for index, value in enumerate(values):
            if plans.can_shape_loaded_row(value, context):
                shaped[index] = plans.shape_loaded_row(value, context)
            elif is_source(value):
                indexes.append(index)
        if indexes and runner is not None:
            sources = [values[index] for index in indexes]
            fetched = (
                await plans.fetch(runner, sources, context, variables)
                if all(isinstance(source, ObjectSource) for source in sources)
                else [await plans.fetch(runner, source, context, variables) for source in sources]
            )
            for index, object_ in zip(indexes, fetched, strict=True):
                shaped[index] = object_
        return shaped


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """One key of an object: the attribute that it reads, or the constant that it always has."""

    key: str
    attribute: str | None
    shaper: Shaper | None
    constant: Any = None


@dataclass(frozen=True, slots=True)
class ObjectShaper:
    """Shapes objects that hold sources among their attributes, and lists of such objects."""

    entries: Sequence[ObjectEntry]

    async def load(self, value: Any, context: Context) -> None:
        """Load the deferred values of one object."""
        for entry in self.entries:
            if entry.attribute is not None and isinstance(entry.shaper, DeferredShaper):
                await getattr(value, entry.attribute).load(context)

    def needs_runner(self, value: Any, context: Context) -> bool:
        if value is None:
            return False
        if isinstance(value, list):
            needs = [self.needs_runner(item, context) for item in value]
        else:
            needs = [
                entry.shaper.needs_runner(getattr(value, entry.attribute), context)
                for entry in self.entries
                if entry.attribute is not None and entry.shaper is not None
            ]
        return any(needs)  # a list, not a generator: every value is checked for Unplanned

    async def shape(
        self,
        runner: StatementRunner | None,
        values: Sequence[Any],
        context: Context,
        variables: Variables,
    ) -> list[Any]:
        items: list[Any] = []
        for value in values:
            items += value if isinstance(value, list) else [value]
        objects = [item for item in items if item is not None]
        columns = [
            [entry.constant] * len(objects)
            if entry.attribute is None or entry.shaper is None
            else await entry.shaper.shape(
                runner,
                [getattr(object_, entry.attribute) for object_ in objects],
                context,
                variables,
            )
            for entry in self.entries
        ]
        keys = [entry.key for entry in self.entries]
        shaped = iter([dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)])

        def next_shaped(value: Any) -> Any:
            if isinstance(value, list):
                return [next_shaped(item) for item in value]
            return None if value is None else next(shaped)

        return [next_shaped(value) for value in values]
