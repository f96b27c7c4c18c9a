"""Values for arguments and variables: of any input type, mostly sensible, sometimes not."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)

from domain.divisions import below
from domain.reasons import REASONS
from tests.conftest import NOON
from tests.generated.stage import ORDERINGS, Stage
from tests.generated.tape import Tape
from tests.inputs import TYPE_OF_ID

JUNK: Final[tuple[Any, ...]] = (None, True, 1, -1, 0, 1.5, 2**31, "", "x", "🎈", [], {}, [None])
WORDS: Final = ("说明", "a note", "", " ", "x" * 501, 'q"uo\\te\n', "SKU-0", "%", "蓝牙耳机")
NUMBERS: Final = (1, 2, 3, 5, 20, 0, 100, -1, 3_600, 86_400, 900_000, 2**31 - 1)
INSTANTS: Final = tuple(
    (NOON + timedelta(hours=hours)).isoformat() for hours in (0, -1, 24, 48, 96.5, 97, -9_999)
)
ODD_INSTANTS: Final = (
    "2026-11-24T08:00:00+08:00",
    "2026-11-22T12:00:00.123456789Z",
    "2026-11-22T12:00:00",
    "2026-13-40T00:00:00Z",
    "9999-12-31T23:59:59-12:00",
    "",
)
PLACES: Final = (*[one.code for one in below(None)][:3], "440300", "440305", "999999")

CURSOR: Final = "a cursor of "
"""Begins the place of a cursor; the name of the list follows."""


FRACTIONS: Final = (0.9, 0.5, 0, 1, 4.5, -1, 1e300)
AMOUNTS: Final = ("100.00", "0", "0.01", "189.00", "-1.00", "1.234", "1e3", "90000000000000.00", "")


class Values:
    """Chooses values. ``place`` is the name of the argument or field that a value is for."""

    def __init__(self, tape: Tape, stage: Stage) -> None:
        self.tape = tape
        self.stage = stage
        self.junk = 0
        """How many values in a hundred are of no type; in a document they would make it invalid."""

    def any(self, kind: GraphQLInputType, place: str) -> Any:
        if self.tape.happens(self.junk):
            return self.tape.one_of(JUNK)
        if isinstance(kind, GraphQLNonNull):
            return self.present(kind.of_type, place)
        return None if self.tape.happens(8) else self.present(kind, place)

    def present(self, kind: GraphQLInputType, place: str) -> Any:
        if isinstance(kind, GraphQLList):
            many = self.tape.one_of((1, 2, 3, 0, 5))
            return [self.any(kind.of_type, place) for _ in range(many)]
        if isinstance(kind, GraphQLInputObjectType):
            return {name: self.any(kind.fields[name].type, name) for name in self.chosen(kind)}
        if isinstance(kind, GraphQLEnumType):
            return self.tape.one_of(list(kind.values))
        return self.scalar(str(kind), place)

    def chosen(self, kind: GraphQLInputObjectType) -> list[str]:
        """Which fields of an input object are given."""
        if kind.is_one_of:
            return [self.tape.one_of(list(kind.fields))]
        rest = 100 // len(kind.fields) + 8
        return [
            name
            for name, field in kind.fields.items()
            if is_required_input_field(field) or self.tape.happens(rest)
        ]

    def scalar(self, kind: str, place: str) -> Any:
        match kind:
            case "ID":
                return self.id(place)
            case "Int":
                return self.number(place)
            case "Boolean":
                return self.tape.happens(50)
            case "DateTime":
                odd = self.tape.happens(10)
                return self.tape.one_of(ODD_INSTANTS if odd else INSTANTS)
            case "Money" | "Float":
                return self.tape.one_of(AMOUNTS if kind == "Money" else FRACTIONS)
            case "String":
                return self.words(place)
            case _:
                message = f"No query took a {kind} so far: say here what to give it"
                raise TypeError(message)

    def id(self, place: str) -> str:
        known = self.stage.known
        if place in TYPE_OF_ID and not self.tape.happens(10):
            return self.tape.one_of(known[TYPE_OF_ID[place]])
        if place in {"id", "ids"} and not self.tape.happens(30):
            return self.tape.one_of(known["ServiceOrder"])
        return self.tape.one_of(known[self.tape.one_of(list(known))])

    def number(self, place: str) -> int:
        if place in {"first", "last"} and not self.tape.happens(8):
            return self.tape.one_of((2, 1, 3, 5, 7, 30))
        return self.tape.one_of(NUMBERS)

    def words(self, place: str) -> str:
        if self.tape.happens(10):
            return self.tape.one_of(WORDS)
        if place.startswith(CURSOR):
            return self.cursor(place.removeprefix(CURSOR))
        known: dict[str, Sequence[str]] = {
            **self.stage.words,
            "parentCode": PLACES,
            "reason": list(REASONS),
        }
        return self.tape.one_of(known.get(place, WORDS))

    def cursor(self, of: str) -> str:
        """Of the list by its name, or of any page of orders; sometimes of another list."""
        known = self.stage.cursors
        if of not in known:
            of = self.tape.one_of(ORDERINGS)
        return self.tape.one_of(
            known[self.tape.one_of(list(known)) if self.tape.happens(4) else of]
        )


def literal(kind: GraphQLInputType, value: Any) -> str:
    """A value as it stands in a document."""
    if isinstance(kind, GraphQLNonNull):
        return literal(kind.of_type, value)
    if isinstance(value, list):
        inner = kind.of_type if isinstance(kind, GraphQLList) else kind
        return f"[{', '.join(literal(inner, one) for one in value)}]"
    if isinstance(value, dict):
        fields = kind.fields if isinstance(kind, GraphQLInputObjectType) else {}
        said = [f"{name}: {literal(fields[name].type, one)}" for name, one in value.items()]
        return f"{{{', '.join(said)}}}"
    if isinstance(kind, GraphQLEnumType) and isinstance(value, str) and value in kind.values:
        return value
    return json.dumps(value, ensure_ascii=False)
