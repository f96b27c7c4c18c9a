"""Any operation whatever is answered as the ordinary execution would have answered it.

A document is generated from the schema, and asked several times, by whoever it was written for and
by others, with values that change: what is kept of it must hold no values, and nobody's rights. In
`make test` the operations are the same each time; `make fuzz` looks for new ones.
"""

import os
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    validate,
    visit,
)
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from settings import PREFIX
from tests.generated.asking import asks
from tests.generated.stage import Stage
from tests.generated.tape import Tape
from tests.generated.values import Values
from tests.generated.writer import Writer

pytestmark = pytest.mark.anyio

MORE = os.environ.get(f"{PREFIX}TEST_EXAMPLES")
"""How many documents a test may try instead, other ones each time."""

VIEWERS = (
    "owner",
    "supervisor",
    "reviewer",
    "reader",
    "employee without a permission",
    "other owner",
    "customer",
    "connector",
    "storefront of all",
    "platform",
    "platform's enrolments",
    "nobody",
    "bad token",
)
TAPES = st.binary(min_size=100, max_size=900)
"""A tape writes one document; one that is shorter than its document ends in first choices."""
LOOKING = settings(
    max_examples=int(MORE or 20),
    derandomize=not MORE,
    # To find the smallest document that differs takes minutes: `make fuzz` does.
    phases=tuple(Phase) if MORE else (Phase.generate,),
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("viewer", VIEWERS)
@LOOKING
@given(tape=TAPES)
async def test_any_operation_is_answered_alike(stage: Stage, viewer: str, tape: bytes) -> None:
    """Both servers are asked: see tests/both.py. And nothing may be answered as a bug."""
    found = asks(Tape(tape), stage, viewer)
    note(found[0].body["query"])
    for ask in found:
        response = await ask.of(stage)
        assert response.status_code in {200, 400}, (ask, response.text)
        codes = [one["extensions"]["code"] for one in response.json().get("errors", ())]
        assert "INTERNAL" not in codes, (ask, response.text)


# What the operations are worth


def written(stage: Stage, each: int) -> list[str]:
    """So many documents about each field of the root, and as many for each of its arguments."""
    assert stage.schema.query_type is not None
    texts = []
    for name, field in stage.schema.query_type.fields.items():
        for at in range(each * (1 + len(field.args))):
            tape = Tape(Random(at).randbytes(900))
            writer = Writer(stage.schema, tape, Values(tape, stage), {name: field})
            texts.append(writer.document().text)
    return texts


class Seen(Visitor):
    """Collects the fields, arguments and members of inputs that documents use."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self.types = TypeInfo(schema)
        self.names: set[str] = set()

    def of(self, text: str) -> None:
        visit(parse(text), TypeInfoVisitor(self.types, self))

    def enter_field(self, node: Any, *_: Any) -> None:
        self.names.add(f"{self.types.get_parent_type()}.{node.name.value}")

    def enter_argument(self, node: Any, *_: Any) -> None:
        if not self.types.get_directive():
            field = self.types.get_field_def()
            assert field is not None
            self.names.add(f"{field.type} {node.name.value}")

    def enter_object_field(self, node: Any, *_: Any) -> None:
        parent = get_named_type(self.types.get_parent_input_type())
        self.names.add(f"{parent}.{node.name.value}")


def reachable(schema: GraphQLSchema) -> set[str]:
    """Everything that queries can ask for and give."""
    found: set[str] = set()
    ahead: list[Any] = [schema.query_type]
    known: set[Any] = set()
    while ahead:
        kind = get_named_type(ahead.pop())
        if kind in known or not hasattr(kind, "fields"):
            continue
        known.add(kind)
        shared = {name for one in getattr(kind, "interfaces", ()) for name in one.fields}
        for name, field in kind.fields.items():
            if name not in shared:  # counted once, where the interface is asked for it
                found.add(f"{kind}.{name}")
            ahead.append(field.type)
            for argument, said in getattr(field, "args", {}).items():
                found.add(f"{field.type} {argument}")
                ahead.append(said.type)
        if not isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            ahead += schema.get_possible_types(kind)
    return found


async def test_the_operations_leave_out_nothing_that_a_query_can_say(stage: Stage) -> None:
    seen = Seen(stage.schema)
    for text in written(stage, 60):
        seen.of(text)
    assert reachable(stage.schema) - seen.names == set()


async def test_nearly_all_operations_are_valid(stage: Stage) -> None:
    texts = written(stage, 2)
    errors = [errors for text in texts if (errors := validate(stage.schema, parse(text)))]
    assert len(errors) < len(texts) / 30, errors
