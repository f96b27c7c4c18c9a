"""What a mutation answers about an order is what a query says of it afterwards, on both servers."""

from typing import Any, cast

import pytest
from graphql import GraphQLObjectType
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.generated.asking import variables
from tests.generated.stage import Stage
from tests.generated.tape import Tape
from tests.generated.values import Values
from tests.generated.writer import Operation, Writer

pytestmark = pytest.mark.anyio

CHANGE = """mutation({variables}$text: String!) {{ addNote(input: {{id: $order, text: $text}}) {{
  refusals {{ code }} serviceOrder {selection} }} }}"""
READ = "query({variables}) {{ serviceOrder(id: $order) {selection} }}"
LOOKING = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@LOOKING
@given(choices=st.binary(min_size=60, max_size=500))
async def test_a_payload_says_what_a_query_says_afterwards(stage: Stage, choices: bytes) -> None:
    tape = Tape(choices)
    values = Values(tape, stage)
    writer = Writer(stage.schema, tape, values, {})
    kind = cast("GraphQLObjectType", stage.schema.type_map["ServiceOrder"])
    piece = writer.piece(kind)
    declared = "".join(f"{one.definition}, " for one in piece.variables)
    own = {"order": tape.one_of(stage.own), **variables(values, Operation(None, piece.variables))}

    async def asked(template: str, **more: Any) -> Any:
        text = template.format(variables=f"$order: ID!, {declared}", selection=piece.text)
        body = {"query": "\n".join([text, *writer.fragments]), "variables": {**own, **more}}
        note(body["query"])
        return (await stage.as_("owner").post(body)).json()

    changed = await asked(CHANGE, text="催促")
    read = await asked(READ)  # of both servers
    if "errors" in changed or "errors" in read:
        assert [one["extensions"]["code"] for one in changed["errors"]] == [
            one["extensions"]["code"] for one in read["errors"]
        ]
    else:
        payload = changed["data"]["addNote"]
        assert payload == {"refusals": [], "serviceOrder": read["data"]["serviceOrder"]}
        assert str(payload["serviceOrder"]) == str(read["data"]["serviceOrder"])  # in this order
