"""The table of Chinese descriptions, and the descriptions of a schema by it.

Each row names the English description that it translates. A description that has changed since
finds no row, so the Chinese cannot tell what was true once.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from graphql import GraphQLSchema

from schema.descriptions.elements import Element, elements_of

FILE: Final = Path(__file__).with_name("zh.csv")
ANY_NAME: Final = "*"


class Key(NamedTuple):
    """The key of a row: a name or ``ANY_NAME``, and an English description."""

    name: str
    english: str


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


def key_of(element: Element) -> Key | None:
    """The key of the element's row. None if it has none."""
    for name in (element.name, ANY_NAME):
        key = Key(name, element.english)
        if key in chinese():
            return key
    return None


def chinese_descriptions(core: GraphQLSchema) -> Iterator[tuple[Element, str]]:
    """The elements that have a Chinese description, with it."""
    for element in elements_of(core):
        key = key_of(element)
        if key is not None:
            yield element, chinese()[key] + _note(element)


def _note(element: Element) -> str:
    """Who may use a root field, with the codes of the permissions, which the English note names."""
    if element.note is None:
        return ""
    codes = ", ".join(re.findall(r"`\w+`", element.note.en))
    return f"\n\n{element.note.zh[:-1]} ({codes})." if codes else f"\n\n{element.note.zh}"
