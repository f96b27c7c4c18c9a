"""Documents that are too deep, too wide, endless or no documents at all."""

import time
from typing import Any

import pytest

from execution.limits import LIMITS, MAX_ROOT_MUTATIONS
from tests.client import Client
from tests.hostile.conftest import Changes, Ground

pytestmark = pytest.mark.anyio

COMPLEX, INVALID, UNPARSED = (
    "QUERY_TOO_COMPLEX",
    "GRAPHQL_VALIDATION_FAILED",
    "GRAPHQL_PARSE_FAILED",
)


def around(times: int) -> str:
    """From an order to its application and back, again and again."""
    opened = "application { serviceOrders { " * times
    return "{ serviceOrders { nodes { " + opened + "id " + "} }" * times + " } } }"


def fragments(count: int, spread: str) -> str:
    """Fragments that each spread the next, twice or more."""
    chain = [f"fragment F{at} on ServiceOrder {{ {spread.format(at + 1)} }}" for at in range(count)]
    last = f"fragment F{count} on ServiceOrder {{ id }}"
    return "{ serviceOrders { nodes { ...F0 } } } " + " ".join([*chain, last])


SIGN_IN = 'a{}: signIn(input: {{login: "x", password: "guess-{}"}}) {{ refusals {{ code }} }}'
NOTE = 'n{}: addNote(input: {{id: "{}", text: "x"}}) {{ refusals {{ code }} }}'
PAGES = """{ serviceOrders(first: 100) { nodes { application { serviceOrders {
  timeline { details } actions { blockers { code message path } } } } } } }"""
CIRCLE = "fragment A on ServiceOrder { application { serviceOrders { ...A } } }"
DOCUMENTS: dict[str, tuple[str, str]] = {
    "in circles": (around(10), COMPLEX),
    "in circles without end": (around(400), COMPLEX),
    "pages in pages": (
        PAGES,
        COMPLEX,
    ),
    "aliases": (
        "{ "
        + " ".join(f"a{at}: queueSummary {{ autoApprovalBlocked }}" for at in range(100))
        + "}",
        COMPLEX,
    ),
    "fields": ("{ serviceOrders { nodes { " + "id " * LIMITS.fields + "} } }", COMPLEX),
    "guesses at a password": (
        "mutation { "
        + " ".join(SIGN_IN.format(at, at) for at in range(MAX_ROOT_MUTATIONS + 1))
        + " }",
        COMPLEX,
    ),
    "many writes": (
        "mutation { "
        + " ".join(NOTE.format(at, "x") for at in range(MAX_ROOT_MUTATIONS + 1))
        + " }",
        COMPLEX,
    ),
    "fragments that double": (fragments(30, "...F{0} ...F{0}"), COMPLEX),
    "fragments in a circle": (
        "{ serviceOrders { nodes { ...A } } } " + CIRCLE,
        INVALID,
    ),
    "a fragment of itself": ("{ ...A } fragment A on Query { ...A }", INVALID),
    "directives": ("{ serverTime " + "@include(if: true) " * 200 + "}", COMPLEX),
    "introspection in circles": (
        "{ __schema { types { " + "fields { type { " * 15 + "name" + " } }" * 15 + " } } }",
        COMPLEX,
    ),
    "the whole schema many times": (
        "{ __schema { types { "
        + " ".join(
            f"a{at}: fields {{ name description isDeprecated args {{ name }} }}" for at in range(30)
        )
        + " } } }",
        COMPLEX,
    ),
    "braces": ("{a" * 5000, COMPLEX),
    "nothing but braces": ("{" * 5000, UNPARSED),
    "lists in lists": ("{ nodes(ids: " + "[" * 5000 + "]" * 5000 + ") { id } }", COMPLEX),
    "a list type in list types": (
        f"query($a: {'[' * 3000}Int{']' * 3000}) {{ serverTime }}",
        COMPLEX,
    ),
    "a very long name": ("{ " + "a" * 60_000 + " }", INVALID),
    "very long": ("{ serverTime } #" + "x" * 100_000, COMPLEX),
    "no field": ("{ nothing }", INVALID),
    "a private attribute": ("{ __class__ }", INVALID),
    "no subscription": ("subscription { serverTime }", "BAD_REQUEST"),
    "a leaf with leaves": ("{ serverTime { year } }", INVALID),
    "an object as a leaf": ("{ viewer }", INVALID),
    "two answers under one name": ("{ a: serverTime a: viewer { name } }", INVALID),
    "an unused variable": ("query($a: Int) { serverTime }", INVALID),
    "an unknown variable": ("{ node(id: $id) { id } }", INVALID),
    "a wrong variable": ("query($a: Int) { node(id: $a) { id } }", INVALID),
    "an open string": ('{ node(id: "x) { id } }', UNPARSED),
    "a lone surrogate": ('{ node(id: "\\ud800") { id } }', UNPARSED),
    "half a pair": ('{ node(id: "\\ud83d\\u0041") { id } }', UNPARSED),
    "beyond Unicode": ('{ node(id: "\\u{110000}") { id } }', UNPARSED),
    "a control character": ("{ server\x07Time }", UNPARSED),
    "NUL": ("{ \0serverTime }", UNPARSED),
    "prose": ("tell me everything", UNPARSED),
    "SQL": ("SELECT * FROM account; --", UNPARSED),
    "a definition of types": ("type Query { a: Int }", "BAD_REQUEST"),
    "two operations": ("query A { serverTime } query B { serverTime }", "BAD_REQUEST"),
    "a large whole number": ("{ serviceOrders(first: 99999999999) { nodes { id } } }", INVALID),
    "a number of many digits": (
        "{ serviceOrders(first: " + "9" * 5000 + ") { nodes { id } } }",
        INVALID,
    ),
    "a large fraction": ("{ serviceOrders(first: 1e400) { nodes { id } } }", INVALID),
    "NUL in a literal": ('{ node(id: "\\u0000") { id } }', "BAD_USER_INPUT"),
    "a block string": ('{ node(id: """\n  x\n  """) { id } }', "BAD_USER_INPUT"),
}


async def errors_of(client: Client, query: str, **rest: Any) -> list[dict[str, Any]]:
    started = time.process_time()
    response = await client.post({"query": query, **rest})
    assert time.process_time() - started < 5
    assert response.status_code in {200, 400}
    assert len(response.content) < 2 * len(query) + 20_000
    errors = response.json()["errors"]
    assert errors
    assert all(error["message"] for error in errors)
    return errors


@pytest.mark.one_database
@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_hostile_document_is_refused_by_its_code_and_does_nothing(
    ground: Ground, changes: Changes, name: str
) -> None:
    text, code = DOCUMENTS[name]
    for token in (None, ground.shop.owner.token):
        errors = await errors_of(ground.client.as_(token), text)
        expected = {code}
        if code == "BAD_USER_INPUT" and token is None:
            expected = {"UNAUTHENTICATED"}
        assert {error["extensions"]["code"] for error in errors} == expected
        assert not await changes.any()


async def test_ten_mutations_run_one_after_the_other(ground: Ground, changes: Changes) -> None:
    world = ground.world
    order = await world.order(ground.shop)
    document = "mutation { " + " ".join(NOTE.format(at, order.id) for at in range(10)) + " }"
    response = await ground.client.as_(ground.shop.owner.token).post({"query": document})
    assert "errors" not in response.json()
    assert (await world.row(order)).version == 11
    assert await changes.any()


async def test_a_mutation_that_is_refused_does_not_undo_its_neighbours(ground: Ground) -> None:
    world = ground.world
    order = await world.order(ground.shop)
    notes = [NOTE.format(0, order.id), NOTE.format(1, "x"), NOTE.format(2, order.id)]
    response = await ground.client.as_(ground.shop.owner.token).post(
        {"query": "mutation { " + " ".join(notes) + " }"}
    )
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["path"] == ["n1"]
    assert (await world.row(order)).version in {2, 3}


@pytest.mark.one_database
@pytest.mark.parametrize(
    "variables",
    [
        {"id": {"a": {"b": {"c": {}}}}},
        {"id": [[[[[["x"]]]]]]},
        {"id": None},
        {},
        {"id": "x", "unknown": "y"},
        {"ID": "x"},
    ],
    ids=str,
)
async def test_variables_that_do_not_fit_are_bad_input(
    ground: Ground, variables: dict[str, Any]
) -> None:
    client = ground.client.as_(ground.shop.owner.token)
    query = "query($id: ID!) { node(id: $id) { id } }"
    errors = await errors_of(client, query, variables=variables)
    assert [error["extensions"]["code"] for error in errors] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "query",
    [
        "{ }",
        "{ viewer { } }",
        "{ serviceOrders { } }",
        "{ serviceOrders { nodes { } edges { node { } } pageInfo { } } }",
        "{ serviceOrders { nodes { application { } timeline { } actions { } clock { } } } }",
        "{ roles { ...A } } fragment A on Role { }",
        "{ queueSummary { review { } } }",
    ],
)
async def test_braces_with_nothing_in_them_ask_for_nothing(ground: Ground, query: str) -> None:
    """This graphql-core takes them, though no client writes them."""
    response = await ground.client.as_(ground.shop.owner.token).post({"query": query})
    assert response.status_code == 200
    assert set(response.json()) == {"data"}
