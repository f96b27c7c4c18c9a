"""Templates of orders: the rows of a story, with placeholders for times and the customer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from bench.shops import Shop
from bench.stories import BEGIN, CUSTOMER, StoryOrder, StoryStep
from domain.actors import Actor

Row = list[Any]
"""The values of a row, in the order of the table's columns."""

Instant = Callable[[int], Any]
"""Converts seconds since ``BEGIN`` to an instant in the database's form."""


@dataclass(frozen=True, slots=True)
class RowTemplate:
    """A row whose instants are seconds after the application.

    ``instants`` are columns of instants, ``texts`` columns of JSON that contains instants, and
    ``customers`` columns of the customer's reference.
    """

    values: Row
    instants: tuple[tuple[int, int], ...]
    texts: tuple[tuple[int, str, tuple[int, ...]], ...]
    customers: tuple[int, ...]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "RowTemplate":
        row: Row = []
        instants, texts, customers = [], [], []
        for column, value in enumerate(values.values()):
            stored = value
            if isinstance(value, datetime):
                instants.append((column, _seconds(value)))
            elif value == CUSTOMER:
                customers.append(column)
            elif isinstance(value, dict | list):
                stored = orjson.dumps(value).decode()
                if times := _instants_in(value):
                    text = stored.replace("%", "%%")
                    for time in times:
                        text = text.replace(time.isoformat(), "%s", 1)
                    texts.append((column, text, tuple(map(_seconds, times))))
            elif isinstance(value, str):
                stored = str(value)
            row.append(stored)
        return cls(row, tuple(instants), tuple(texts), tuple(customers))

    def filled(self, applied: int, instant: Instant, customer: str) -> Row:
        row = self.values.copy()
        for column, after in self.instants:
            row[column] = instant(applied + after)
        for column, text, afters in self.texts:
            row[column] = text % tuple(
                (BEGIN + timedelta(seconds=applied + after)).isoformat() for after in afters
            )
        for column in self.customers:
            row[column] = customer
        return row


def _seconds(time: datetime) -> int:
    return int((time - BEGIN).total_seconds())


def _instants_in(value: object) -> list[datetime]:
    """All instants in JSON, in the order of its text."""
    if isinstance(value, dict):
        return [time for item in value.values() for time in _instants_in(item)]
    if isinstance(value, list):
        return [time for item in value for time in _instants_in(item)]
    if isinstance(value, str) and value.endswith("+00:00"):
        return [datetime.fromisoformat(value)]
    return []


@dataclass(frozen=True, slots=True)
class OrderTemplate:
    """The rows that a story leaves at a merchant."""

    order: RowTemplate
    events: tuple[RowTemplate, ...]

    @classmethod
    def of(cls, shop: Shop, story: tuple[StoryStep, ...], reviewer: Actor) -> "OrderTemplate":
        order = StoryOrder(shop, reviewer)
        for step in story:
            order.take(step)
        return cls(RowTemplate.of(order.order), tuple(map(RowTemplate.of, order.events)))
