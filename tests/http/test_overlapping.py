"""The linear rule finds a conflict exactly where graphql-core's own rule finds one."""

import random
import time

import pytest
from graphql import (
    DocumentNode,
    GraphQLError,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    parse,
    validate,
)

from execution.overlapping_fields_rule import MAX_VISITS, LinearOverlappingFieldsRule

SCHEMA = build_schema("""
interface I { i: I  n(x: Int): Int  s: String  l: [I!]! }
type A implements I { i: I  n(x: Int): Int  s: String  l: [I!]!  a: A  t: Int!  u: String }
type B implements I { i: I  n(x: Int): Int  s: String  l: [I!]!  b: A  t: Int   u: String! }
union U = A | B
type Query { i: I  a: A  b: B  u: U  q: Query  n(x: Int): Int }
""")
NAMES = ("i", "a", "b", "u", "q", "n", "s", "l", "t")


def conflicts(document: DocumentNode) -> list[GraphQLError]:
    return validate(SCHEMA, document, [LinearOverlappingFieldsRule])


def standard(document: DocumentNode) -> list[GraphQLError]:
    return validate(SCHEMA, document, [OverlappingFieldsCanBeMergedRule])


def selection(chance: random.Random, kind: str, depth: int) -> str:
    """Fields, inline fragments and spreads as they come, valid in what they ask for."""
    chosen = []
    fields = SCHEMA.type_map[kind].fields if kind != "U" else {}  # type: ignore[attr-defined]
    for _ in range(chance.randint(1, 4)):
        name = chance.choice([*fields, "..."])
        if name == "...":
            on = chance.choice(["I", "A", "B"] if kind != "Query" else ["Query"])
            inner = chance.choice(
                [f"...F{on}", f"... on {on} {{ {selection(chance, on, depth)} }}"]
            )
            chosen.append(inner if depth else "__typename")
            depth -= depth > 0
            continue
        alias = chance.choice(["", "", "x: ", "i: "])
        argument = chance.choice(["", "(x: 1)", "(x: 2)"]) if name == "n" else ""
        target = str(fields[name].type).strip("[]!")
        inner = ""
        if target in {"I", "A", "B", "U", "Query"}:
            if not depth:
                continue
            inner = f" {{ {selection(chance, target, depth - 1)} }}"
        chosen.append(f"{alias}{name}{argument}{inner}")
    return " ".join(chosen or ["__typename"])


def document_of(chance: random.Random) -> str:
    """An operation, and the fragments that it reaches and no others."""
    text = f"{{ {selection(chance, 'Query', 3)} }}"
    for on in ("I", "A", "B", "Query"):  # each spreads those after it at most: there is no circle
        if f"...F{on}" in text:
            inner = selection(chance, on, 1)
            for earlier in ("I", "A", "B", "Query"):
                inner = inner.replace(f"...F{earlier}", "__typename")
                if earlier == on:
                    break
            text += f" fragment F{on} on {on} {{ {inner} }}"
    return text


def test_it_agrees_with_the_standard_rule() -> None:
    chance = random.Random(1)
    found = {True: 0, False: 0}
    for _ in range(2000):
        document = parse(text := document_of(chance))
        ours, theirs = conflicts(document), standard(document)
        assert bool(ours) == bool(theirs), (text, ours, theirs)
        found[bool(ours)] += 1
    assert min(found.values()) > 100


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{ x: n x: a { s } }",
            "'x' conflict because they return conflicting types 'Int' and 'A'.",
        ),
        ("{ n(x: 1) n(x: 2) }", "'n' conflict because they have differing arguments."),
        (
            "{ a { x: s } a { x: u } }",
            "'a' conflict because subfields 'x' conflict because 's' and 'u' are different fields.",
        ),
    ],
)
def test_a_conflict_is_worded_like_the_standard_rule_words_it(text: str, message: str) -> None:
    [error] = conflicts(parse(text))
    assert error.message.startswith(f"Fields {message}")
    assert error.nodes is not None
    assert len(error.nodes) == 2


def test_a_circle_of_fragments_ends() -> None:
    text = "{ i { ...P } } fragment P on I { i { ...P ...R } } fragment R on I { i { ...P } s }"
    assert conflicts(parse(text)) == []


def test_fields_under_many_types_are_looked_at_so_often_and_no_more() -> None:
    inner = "s"
    for _ in range(60):
        one, other = (f"... on {on} {{ i {{ ... on {on} {{ s }} }} }}" for on in "AB")
        inner = f"{one} {other} i {{ {inner} }}"
    document = parse(f"{{ i {{ {inner} }} }}")
    started = time.process_time()
    errors = conflicts(document)
    assert time.process_time() - started < 60 * MAX_VISITS / 1e6 + 0.5
    assert all("too many fields" in error.message for error in errors)
