"""The schema is told to whoever asks, unless the operator says otherwise."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from graphql import get_introspection_query
from pydantic import SecretStr

from app import create_app
from execution.introspection import MAX_ANSWERS, _answers
from parts import Parts
from schema.build import build
from settings import Environment, Settings
from tests.client import Client

pytestmark = pytest.mark.anyio

FULL = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
)
ASKED = {
    "everything": (FULL, {}),
    "one type": ('{ __type(name: "Role") { name fields { name } __typename } }', {}),
    "a type in a variable": (
        "query($n: String!) { __type(name: $n) { name kind enumValues { name } } }",
        {"n": "Permission"},
    ),
    "a type that is not there": ('{ __type(name: "Nothing") { name } }', {}),
    "aliases, fragments and directives": (
        """query($yes: Boolean!) { a: __schema { ...S } b: __schema { ...S @skip(if: $yes) }
        t: __type(name: "Node") { possibleTypes { name } interfaces { name } } }
        fragment S on __Schema { types { name ... on __Type { kind @include(if: $yes) } }
          directives { name locations args { name defaultValue } } queryType { name } }""",
        {"yes": True},
    ),
    "deprecated ones where wanted": (
        """query($all: Boolean) { __type(name: "ServiceOrder") {
        fields(includeDeprecated: $all) { name isDeprecated args(includeDeprecated: $all) {
          name type { name ofType { name } } } } } }""",
        {"all": True},
    ),
    "together with data": ("{ __schema { queryType { name } } permissions { permission } }", {}),
    "the name of a type": ("{ __typename viewer { __typename } }", {}),
}


@pytest.fixture
async def ordinary(parts: Parts, schema) -> AsyncIterator[Client]:
    """The same desk, where graphql-core answers everything."""
    app = create_app(parts, runs_clock=False, schema=schema, plans=False)
    async with Client.of(app) as client:
        yield client


@pytest.mark.parametrize("name", ASKED)
async def test_the_schema_is_told_as_graphql_core_tells_it(
    client: Client, ordinary: Client, name: str
) -> None:
    query, variables = ASKED[name]
    body = {"query": query, "variables": variables}
    expected = await ordinary.post(body)
    assert "errors" not in expected.json()
    for _ in range(3):
        assert (await client.post(body)).content == expected.content


async def test_an_answer_depends_on_its_variables(client: Client) -> None:
    query = ASKED["a type in a variable"][0]
    for _ in range(3):
        for name in ("Permission", "Expectation"):
            assert (await client.ask(query, n=name))["name"] == name


async def test_so_many_answers_are_kept_and_no_more(client: Client) -> None:
    query = ASKED["a type in a variable"][0]
    for at in range(3 * MAX_ANSWERS):
        assert await client.ask(query, n=f"Nothing{at}") is None
    assert len(_answers) <= MAX_ANSWERS


@pytest.fixture
async def silent(parts: Parts) -> AsyncIterator[Client]:
    """A desk whose operator tells nobody the schema."""
    app = create_app(replace(parts, explorable=False), runs_clock=False)
    async with Client.of(app) as client:
        yield client


@pytest.mark.parametrize("name", sorted(set(ASKED) - {"the name of a type"}))
async def test_turned_off_nothing_of_the_schema_is_told(silent: Client, name: str) -> None:
    query, variables = ASKED[name]
    answer = (await silent.post({"query": query, "variables": variables})).json()
    assert "data" not in answer
    for error in answer["errors"]:
        assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert "Introspection is turned off" in error["message"]


async def test_turned_off_the_name_of_a_type_is_still_told(silent: Client) -> None:
    data = await silent.ask_all(ASKED["the name of a type"][0])
    assert data == {"__typename": "Query", "viewer": None}


WRONG = {
    "a field": ("{ viewr { name } }", {}),
    "an argument": ("{ reasons(us: REVIEW) { code } }", {}),
    "a type": ("query($a: Permissio) { serverTime }", {}),
    "an enum value": ("{ reasons(use: REVIEV) { code } }", {}),
    "an input field": ('mutation { signIn(input: {logon: "a"}) { refusals { code } } }', {}),
    "a type condition": ('{ node(id: "") { ... on Rol { id } } }', {}),
    "an enum value in a variable": (
        "query($use: ReasonUse) { reasons(use: $use) { code } }",
        {"use": "REVIEV"},
    ),
    "an input field in a variable": (
        "mutation($i: SignInInput!) { signIn(input: $i) { refusals { code } } }",
        {"i": {"login": "a", "password": "b", "passwort": "c"}},
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_a_client_may_have_meant_is_told_unless_it_is_turned_off(
    client: Client, silent: Client, name: str
) -> None:
    query, variables = WRONG[name]
    for _ in range(3):
        told = await client.post({"query": query, "variables": variables})
        assert "Did you mean" in told.text
        untold = await silent.post({"query": query, "variables": variables})
        assert untold.json()["errors"]
        assert "Did you mean" not in untold.text


async def test_turned_off_there_is_no_graphiql(parts: Parts, schema) -> None:
    for explorable, status in ((True, 200), (False, 404)):
        app = create_app(replace(parts, explorable=explorable), runs_clock=False, schema=schema)
        async with Client.of(app) as client:
            assert (await client.http.get("/examples.json")).status_code == status
            assert ((await client.http.get("/graphiql")).status_code == 404) is (status == 404)
            assert (await client.http.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("environment", "introspection", "explorable"),
    [
        (Environment.DEVELOPMENT, None, True),
        (Environment.DEVELOPMENT, False, False),
        (Environment.PRODUCTION, None, False),
        (Environment.PRODUCTION, True, True),
    ],
)
def test_production_tells_nothing_unless_it_is_said(
    environment: Environment, introspection: bool | None, explorable: bool
) -> None:
    key = "A" * 43 + "="
    settings = Settings(
        environment=environment, introspection=introspection, signing_key=SecretStr(key)
    )
    assert settings.explorable is explorable
    assert build(explorable=explorable).as_str() == build().as_str()
