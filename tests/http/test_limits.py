"""Hostile documents are refused with the limit named, in time linear in their size."""

import pytest
from graphql import GraphQLError, get_introspection_query, parse
from starlette.testclient import TestClient

from execution.cost_analysis import MAX_NESTING, CostAnalysis
from execution.document_cache import DocumentCache
from execution.limits import (
    CODE,
    LIMITS,
    MAX_CHARACTERS,
    MAX_INPUT_VALUES,
    MAX_ROOT_MUTATIONS,
    MAX_TOKENS,
    check_cost,
    check_input_values,
    operations_of,
    parse_within_limits,
)
from execution.multipliers import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from tests.http.toy import schema
from transport.request import GRAPHQL_JSON

core = schema._schema


def limits_exceeded(text: str, **variables: object) -> list[str]:
    report = check_cost(core, parse(text))
    errors = [*report.errors]
    errors += filter(None, (check(variables) for check in report.variable_checks.values()))
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
    analysis = CostAnalysis(core, document)
    [operation] = operations_of(document)
    assert analysis.cost(operation).fields == 2 ** (length + 1)  # expanded
    assert analysis.visited == 2 + 3 * length + 1  # as written


def test_fragments_spread_forty_times_each_are_weighed_in_linear_time() -> None:
    fragments = [f"fragment F{i} on Order {{ {f'...F{i + 1} ' * 40} }}" for i in range(10)]
    text = "{ order { ...F0 } } " + " ".join(fragments) + " fragment F10 on Order { id }"
    analysis = CostAnalysis(core, document := parse(text))
    [operation] = operations_of(document)
    assert analysis.cost(operation).fields == 10**9  # 40^10, saturated
    assert analysis.visited == 2 + 10 * 40 + 1


def test_a_circle_of_fragments_is_left_to_the_standard_rules(client: TestClient) -> None:
    text = "{ order { ...A } } fragment A on Order { self { ...B } } fragment B on Order { ...A }"
    assert limits_exceeded(text) == []
    [error] = client.post("/graphql", json={"query": text}).json()["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def values_of(text: str, **variables: object) -> int:
    [operation] = operations_of(document := parse(text))
    analysis = CostAnalysis(core, document)
    return analysis.evaluate(analysis.cost(operation).values, variables)


INNER = "nodes { pictures { id } self { pictures { id } } }"
PAGES = "query($n: Int) { orders(first: SIZE) { nodes { related(first: SIZE) { INNER } } } }"
PAGES = PAGES.replace("INNER", INNER)


@pytest.mark.parametrize(("size", "refused"), [(100, ["values"]), (5, []), (0, []), (-1, [])])
def test_a_page_size_counts_the_same_in_a_variable(size: int, refused: list[str]) -> None:
    assert limits_exceeded(PAGES.replace("SIZE", str(size))) == refused
    assert limits_exceeded(PAGES.replace("SIZE", "$n"), n=size) == refused
    assert values_of(PAGES.replace("SIZE", str(size))) == values_of(
        PAGES.replace("SIZE", "$n"), n=size
    )


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ({}, DEFAULT_PAGE_SIZE),
        ({"n": None}, DEFAULT_PAGE_SIZE),
        ({"n": 20}, 20),
        ({"n": 10**9}, MAX_PAGE_SIZE),
        ({"n": "wrong"}, MAX_PAGE_SIZE),
        ({"n": 5, "m": 30}, 30),
    ],
    ids=str,
)
def test_a_page_counts_what_its_variables_make_of_it(given: dict[str, object], size: int) -> None:
    text = "query($n: Int, $m: Int) { orders(first: $n, last: $m) { nodes { id } } }"
    assert values_of(text, **given) == 1 + size * 2


def test_a_page_size_left_out_counts_as_its_default(client: TestClient) -> None:
    for default, status in ((100, 400), (5, 200)):
        text = PAGES.replace("$n: Int", f"$n: Int = {default}").replace("SIZE", "$n")
        for variables in ({}, {"n": 5}, {}):
            answer = client.post("/graphql", json={"query": text, "variables": variables})
            assert answer.status_code == (200 if variables else status)


def test_a_page_that_is_too_large_is_named_with_its_limit(client: TestClient) -> None:
    body = {"query": PAGES.replace("SIZE", "$n"), "variables": {"n": 100}}
    response = client.post("/graphql", json=body)
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["extensions"]["limit"] == "values"
    assert error["message"] == (
        "The query is too complex: 240,201 values in its answer, by its lists and page sizes; "
        "200,000 are allowed."
    )


def test_fragments_with_a_page_in_a_variable_are_worked_out_in_linear_time() -> None:
    text = "query($n: Int) " + chained(25, leaf="related(first: $n) { nodes { id } }")
    [operation] = operations_of(document := parse(text))
    analysis = CostAnalysis(core, document)
    cost = analysis.cost(operation)
    assert len(analysis._formulas._functions) <= 3 * 26
    assert analysis.evaluate(cost.values, {"n": 1}) < analysis.evaluate(cost.values, {"n": 2})


@pytest.mark.parametrize(
    ("alternatives", "values"),
    [
        ("... on Order { id self { id } } ... on Picture { id }", 3),
        ("... on Picture { id } ... on Order { id self { id } }", 3),
        ("... on Order { id self { id } } ...P ...P", 3),
        ("... on Order { id } ... on Order { self { id } } ... on Picture { id }", 3),
        ("... on Thing { id } ... on Order { id self { id } } ... on Picture { id }", 4),
        ("... on Thing { id } ... on Picture { id }", 2),
        ("... on Order { id } id ... on Nothing { id }", 3),
        ("... on Order { related(first: $n) { nodes { id } } } ... on Picture { id }", 15),
        ("... on Order { related(first: $n) { nodes { id } } } ... on Picture { a: id b: id }", 15),
    ],
)
def test_fragments_on_types_that_exclude_one_another_count_as_the_largest(
    alternatives: str, values: int
) -> None:
    fragment = " fragment P on Picture { id }" if "...P" in alternatives else ""
    text = f"query($n: Int) {{ thing {{ {alternatives} }} }}{fragment}"
    assert values_of(text, n=7) == 1 + values


@pytest.mark.parametrize(
    ("variables", "refused"),
    [
        ({"a": ["x"] * (MAX_INPUT_VALUES - 1)}, False),
        ({"a": ["x"] * MAX_INPUT_VALUES}, True),
        ({"a": [{"b": "x"}] * (MAX_INPUT_VALUES // 2 - 1)}, False),
        ({"a": [{"b": "x"}] * (MAX_INPUT_VALUES // 2)}, True),
        ({f"a{at}": 1 for at in range(MAX_INPUT_VALUES + 1)}, True),
    ],
    ids=["list", "long list", "objects", "many objects", "many variables"],
)
def test_variables_hold_so_many_values_and_no_more(
    client: TestClient, variables: dict[str, object], refused: bool
) -> None:
    assert (check_input_values(variables) is not None) is refused
    response = client.post("/graphql", json={"query": "{ hello }", "variables": variables})
    assert response.status_code == (400 if refused else 200)
    if refused:
        [error] = response.json()["errors"]
        assert error["extensions"]["limit"] == "input_values"


def test_a_number_of_ten_thousand_digits_is_only_a_large_page() -> None:
    text = f"{{ orders(first: {'9' * 9999}) {{ nodes {{ id }} }} }}"
    [operation] = operations_of(document := parse(text))
    assert CostAnalysis(core, document).cost(operation).values == 1 + MAX_PAGE_SIZE * 2


def test_ids_count_as_many_objects() -> None:
    assert values_of('{ nodes(ids: ["a", "b"]) { id } }') == 3
    text = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert values_of(text, ids=["a", "b", "c"]) == 1 + 3
    assert values_of(text, ids=["a"] * 1000) == 1 + MAX_PAGE_SIZE


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
        ("{ " + repeated("a#: __schema { types { name } }", 21) + " }", "root_fields"),
        ("{ " + repeated("a#: __schema { types { name } }", 3) + " }", "schema_introspections"),
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
    cache = DocumentCache(size=2)
    known = [cache.get(core, "{ hello }", ()) for _ in range(3)]
    assert known[0] is not known[1]
    assert known[1] is known[2]
    for i in range(100):
        cache.get(core, f"{{ a{i}: hello }}", ())
    assert cache.get(core, "{ hello }", ()) is known[2]


def test_a_refused_document_is_not_remembered() -> None:
    cache = DocumentCache(size=2)
    text = "{ " + repeated("a#: hello", 21) + " }"
    assert {cache.get(core, text, ()) for _ in range(3)}
    assert not cache._cached
