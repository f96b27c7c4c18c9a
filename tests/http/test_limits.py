"""Hostile documents are refused with the limit named, in time linear in their size."""

import pytest
from graphql import GraphQLError, get_introspection_query, parse
from starlette.testclient import TestClient

from schema.document_gate import _Passages
from schema.http_request import GRAPHQL_JSON
from schema.limits import (
    CODE,
    LIMITS,
    MAX_CHARACTERS,
    MAX_NESTING,
    MAX_PAGE_SIZE,
    MAX_ROOT_MUTATIONS,
    MAX_TOKENS,
    Scales,
    excesses,
    operations_of,
    parse_within_limits,
)
from tests.http.toy import schema

core = schema._schema


def limits_exceeded(text: str) -> list[str]:
    errors = excesses(core, parse(text))
    for error in errors:
        assert error.extensions is not None
        assert error.extensions["code"] == CODE
        assert error.extensions["found"] is None or (
            error.extensions["found"] > error.extensions["allowed"]
        )
    return [error.extensions["limit"] for error in errors if error.extensions]


def repeated(field: str, times: int) -> str:
    return " ".join(field.replace("#", str(i)) for i in range(times))


def nested(field: str, times: int, leaf: str = "id") -> str:
    return "{ " + f"{field} {{ " * times + leaf + " }" * times + " }"


def chained(length: int, spread: str = "...F# ...F#", leaf: str = "id") -> str:
    """Fragments of which each spreads the next twice: 2^length fields, once expanded."""
    fragments = [
        f"fragment F{i} on Order {{ self {{ {spread.replace('#', str(i + 1))} }} }}"
        for i in range(length)
    ]
    last = f"fragment F{length} on Order {{ {leaf} }}"
    return "\n".join(["{ order { ...F0 } }", *fragments, last])


D = LIMITS.depth
BOUNDARIES = {
    "depth": (
        "{ order " + nested("self", D - 2) + " }",
        "{ order " + nested("self", D - 1) + " }",
    ),
    "fields": (
        "{ order { " + repeated("id", LIMITS.fields - 1) + " } }",
        "{ order { " + repeated("id", LIMITS.fields) + " } }",
    ),
    "aliases": (
        "{ order { " + repeated("a#: id", LIMITS.aliases) + " } }",
        "{ order { " + repeated("a#: id", LIMITS.aliases + 1) + " } }",
    ),
    "directives": (
        "{ order { id " + "@skip(if: false) " * LIMITS.directives + "} }",
        "{ order { ... @include(if: true) { id "
        + "@skip(if: false) " * LIMITS.directives
        + "} } }",
    ),
    "root_fields": (
        "{ " + "hello " * LIMITS.root_fields + "}",
        "{ ...A ...A ...A } fragment A on Query { " + "hello " * (LIMITS.root_fields // 2) + "}",
    ),
    "values": (
        "{ orders(first: 99) { nodes { related(first: 99) { nodes { pictures { id } } } } } }",
        "{ orders(first: 99) { nodes { related(first: 99) { nodes { pictures { id id } } } } } }",
    ),
}


@pytest.mark.parametrize("limit", list(BOUNDARIES))
def test_a_limit_admits_what_it_allows_and_refuses_one_more(limit: str) -> None:
    within, beyond = BOUNDARIES[limit]
    assert limits_exceeded(within) == []
    assert limits_exceeded(beyond) == [limit]


def test_mutations_are_fewer_because_each_may_be_a_guess_at_a_password() -> None:
    assert limits_exceeded("mutation { " + "touch " * MAX_ROOT_MUTATIONS + "}") == []
    beyond = "mutation { " + "touch " * (MAX_ROOT_MUTATIONS + 1) + "}"
    assert limits_exceeded(beyond) == ["root_fields"]


@pytest.mark.parametrize("length", [5, 25])
def test_fragments_spread_twice_each_are_weighed_in_linear_time(length: int) -> None:
    document = parse(chained(length))
    scales = Scales(core, document)
    [operation] = operations_of(document)
    assert scales.weigh(operation).fields == 2 ** (length + 1)  # expanded
    assert scales.visited == 2 + 3 * length + 1  # as written


def test_fragments_spread_forty_times_each_are_weighed_in_linear_time() -> None:
    fragments = [f"fragment F{i} on Order {{ {f'...F{i + 1} ' * 40} }}" for i in range(10)]
    text = "{ order { ...F0 } } " + " ".join(fragments) + " fragment F10 on Order { id }"
    scales = Scales(core, document := parse(text))
    [operation] = operations_of(document)
    assert scales.weigh(operation).fields == 10**9  # 40^10, saturated
    assert scales.visited == 2 + 10 * 40 + 1


def test_a_circle_of_fragments_is_left_to_the_standard_rules(client: TestClient) -> None:
    text = "{ order { ...A } } fragment A on Order { self { ...B } } fragment B on Order { ...A }"
    assert limits_exceeded(text) == []
    [error] = client.post("/graphql", json={"query": text}).json()["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(("size", "refused"), [("$n", True), ("100", True), ("5", False)])
def test_a_page_size_in_a_variable_counts_as_the_largest(size: str, refused: bool) -> None:
    inner = "nodes { pictures { id } self { pictures { id } } }"
    text = f"{{ orders(first: {size}) {{ nodes {{ related(first: {size}) {{ {inner} }} }} }} }}"
    assert limits_exceeded(f"query($n: Int) {text}") == (["values"] if refused else [])


def test_a_number_of_ten_thousand_digits_is_only_a_large_page() -> None:
    text = f"{{ orders(first: {'9' * 9999}) {{ nodes {{ id }} }} }}"
    [operation] = operations_of(document := parse(text))
    assert Scales(core, document).weigh(operation).values == 1 + MAX_PAGE_SIZE * 2


def test_ids_count_as_many_objects() -> None:
    def values(text: str) -> int:
        [operation] = operations_of(document := parse(text))
        return Scales(core, document).weigh(operation).values

    assert values('{ nodes(ids: ["a", "b"]) { id } }') == 3
    assert values("query($ids: [ID!]!) { nodes(ids: $ids) { id } }") == 1 + MAX_PAGE_SIZE


def test_the_introspection_that_tools_send_passes(client: TestClient) -> None:
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    assert "errors" not in client.post("/graphql", json={"query": query}).json()


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("{ __schema { types " + nested("ofType", 20, "name") + " } }", "introspection_depth"),
        (
            "{ __schema { types { fields { "
            + repeated("args { type { fields { name args { name } } } }", 20)
            + " } } } }",
            "introspection_values",
        ),
        ("{ " + repeated("a#: __schema { types { name } }", 21) + " }", "root_fields"),
    ],
)
def test_introspection_has_limits_of_its_own(text: str, limit: str) -> None:
    assert limit in limits_exceeded(text)


HOSTILE = {
    "braces": ("{" * 100_000, "characters"),
    "braces and names": ("{a" * 30_000, "nesting"),
    "too long": (" " * MAX_CHARACTERS + "{hello}", "characters"),
    "tokens": ("{ " + "hello " * MAX_TOKENS + "}", "tokens"),
    "comments": ("#\n" * 30_000 + "{ hello }", "tokens"),
    "lists in lists": ("{ echo(value: " + "[" * 40_000, "nesting"),
    "objects in objects": ("{ echo(value: " + "{a:" * 20_000, "nesting"),
    "list types": ("query($v: " + "[" * 40_000, "nesting"),
    "inline fragments": ("{" + "...{" * MAX_NESTING + "hello" + "}" * (MAX_NESTING + 1), "nesting"),
    "a long chain": (chained(120, spread="...F#"), "nesting"),
    "a long flat chain": (
        "{ order { ...F0 } }"
        + "".join(f" fragment F{i} on Order {{ ...F{i + 1} }}" for i in range(160))
        + " fragment F160 on Order { id }",
        "nesting",
    ),
}


@pytest.mark.parametrize("name", list(HOSTILE))
@pytest.mark.parametrize("accept", ["*/*", GRAPHQL_JSON])
def test_a_hostile_document_is_a_400_that_names_the_limit(
    client: TestClient, name: str, accept: str
) -> None:
    text, limit = HOSTILE[name]
    response = client.post("/graphql", json={"query": text}, headers={"accept": accept})
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == CODE
    assert error["extensions"]["limit"] == limit
    assert error["message"].startswith("The query is too complex")


def test_a_syntax_error_is_no_excess() -> None:
    with pytest.raises(GraphQLError) as caught:
        parse_within_limits("{ hello")
    assert caught.value.extensions == {"code": "GRAPHQL_PARSE_FAILED"}


def test_a_document_is_remembered_when_it_comes_again_and_strangers_do_not_displace_it() -> None:
    passages = _Passages(size=2)
    known = [passages.get(core, "{ hello }", ()) for _ in range(3)]
    assert known[0] is not known[1]
    assert known[1] is known[2]
    for i in range(100):
        passages.get(core, f"{{ a{i}: hello }}", ())
    assert passages.get(core, "{ hello }", ()) is known[2]


def test_a_refused_document_is_not_remembered() -> None:
    passages = _Passages(size=2)
    text = "{ " + repeated("a#: hello", 21) + " }"
    assert {passages.get(core, text, ()) for _ in range(3)}
    assert not passages._kept
