"""The table of Chinese descriptions, and the descriptions of a schema by it.

Each row names the English description that it translates. A description that has changed since
finds no row, so the Chinese cannot tell what was true once.
"""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from graphql import GraphQLSchema

from schema.descriptions.elements import Element, elements_of

FILE: Final = Path(__file__).with_name("zh.csv")


class Key(NamedTuple):
    """The key of a row: a name, or `*.` and the last part of names, with their description."""

    name: str
    en: str


@cache
def chinese() -> Mapping[Key, str]:
    """The table. Raises ValueError if a key stands twice."""
    table: dict[Key, str] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = Key(row["name"], row["en"])
            if key in table:
                raise ValueError(f"{FILE.name} has two rows for {key}")
            table[key] = row["zh"]
    return table


def keys_of(element: Element) -> tuple[Key, ...]:
    """The keys under which the element's row may stand, the most specific one first."""
    english = element.definition.description or ""
    last = element.name.rpartition(".")[2]
    return Key(element.name, english), Key(f"*.{last}", english)


def chinese_descriptions(core: GraphQLSchema) -> Iterator[tuple[Element, str]]:
    """The elements that have a Chinese description, with it."""
    table = chinese()
    for element in elements_of(core):
        for key in keys_of(element):
            if key in table:
                yield element, table[key]
                break
