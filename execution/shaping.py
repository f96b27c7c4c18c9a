"""How what a resolver answers with becomes the answer: sources fetched, and the rest shaped.

Values are shaped a column at a time, so that the objects which the items of a list hold are
fetched together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from execution.answers import FieldPlans, is_source
from projection.plain import Finish
from projection.sources import One
from projection.statements import StatementRunner
from projection.variables import Variables
from resolvers.context import Context

# Any, throughout: values of whatever type the API says.


class Unplanned(Exception):
    """The ordinary execution has to answer."""


class Shaper(Protocol):
    """Shapes the values of one key."""

    def fetches(self, value: Any) -> bool:
        """Whether it takes the database."""
        ...

    async def shape(
        self,
        rows: StatementRunner | None,
        values: Sequence[Any],
        given: Context,
        variables: Variables,
    ) -> list[Any]:
        """Raises Unplanned for what was not expected."""
        ...


@dataclass(frozen=True, slots=True)
class PlainShaper:
    """Of values that hold nothing to fetch; without ``finish`` they are as they have to be."""

    finish: Finish | None

    def fetches(self, value: Any) -> bool:
        if is_source(value):
            raise Unplanned
        return False

    async def shape(
        self,
        _rows: StatementRunner | None,
        values: Sequence[Any],
        _given: Context,
        _variables: Variables,
    ) -> list[Any]:
        finish = self.finish
        return list(values) if finish is None else [finish(value) for value in values]


@dataclass(frozen=True, slots=True)
class SourceShaper:
    """Of sources; what is at hand already is not fetched again."""

    place: FieldPlans

    def fetches(self, value: Any) -> bool:
        if value is None or value == []:
            return False
        if not is_source(value):
            raise Unplanned
        return not self.place.shows(value)

    async def shape(
        self,
        rows: StatementRunner | None,
        values: Sequence[Any],
        given: Context,
        variables: Variables,
    ) -> list[Any]:
        if len(values) == 1 and rows is not None and is_source(values[0]):
            return [await self.place.fetch(rows, values[0], given, variables)]
        shaped: list[Any] = [None if value is None else [] for value in values]
        missing: list[int] = []
        for at, value in enumerate(values):
            if self.place.shows(value):
                shaped[at] = self.place.show(value, given)
            elif is_source(value):
                missing.append(at)
        if missing and rows is not None:
            wanted = [values[at] for at in missing]
            together = all(isinstance(one, One) for one in wanted)
            fetched = (
                await self.place.fetch(rows, wanted, given, variables)
                if together
                else [await self.place.fetch(rows, one, given, variables) for one in wanted]
            )
            for at, one in zip(missing, fetched, strict=True):
                shaped[at] = one
        return shaped


@dataclass(frozen=True, slots=True)
class ShapedKey:
    """One key of an object: the attribute that it shows; ``said`` is what it says of every one."""

    key: str
    attribute: str | None
    shaper: Shaper | None
    said: Any = None


@dataclass(frozen=True, slots=True)
class ObjectShaper:
    """Of objects that hold sources among their attributes, and of lists of such objects."""

    parts: Sequence[ShapedKey]

    def fetches(self, value: Any) -> bool:
        if value is None:
            return False
        if isinstance(value, list):
            each = [self.fetches(one) for one in value]
        else:
            each = [
                part.shaper.fetches(getattr(value, part.attribute))
                for part in self.parts
                if part.attribute is not None and part.shaper is not None
            ]
        return any(each)  # of all of them, for each is asked whether it is as expected

    async def shape(
        self,
        rows: StatementRunner | None,
        values: Sequence[Any],
        given: Context,
        variables: Variables,
    ) -> list[Any]:
        every: list[Any] = []
        for value in values:
            every += value if isinstance(value, list) else [value]
        there = [one for one in every if one is not None]
        columns = [
            [part.said] * len(there)
            if part.attribute is None or part.shaper is None
            else await part.shaper.shape(
                rows, [getattr(one, part.attribute) for one in there], given, variables
            )
            for part in self.parts
        ]
        keys = [part.key for part in self.parts]
        shaped = iter([dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)])

        def next_of(value: Any) -> Any:
            if isinstance(value, list):
                return [next_of(one) for one in value]
            return None if value is None else next(shaped)

        return [next_of(value) for value in values]
