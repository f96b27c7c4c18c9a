"""Every mutation of an order takes an idempotency key, and the hash of a request never changes."""

import ast
from hashlib import sha256
from pathlib import Path

import strawberry
from graphql import GraphQLInputObjectType, get_named_type
from strawberry import Schema

from schema.idempotency import hash_of, key_field
from tests.desk.test_idempotency import CASES

ROOT = Path(__file__).parents[2]
WRITERS = {
    "append_event",
    "record_all",
    "record_assignments",
    "record_step",
    "take_step",
    "ServiceOrderEvent",
}
"""A use case that imports one of these changes orders."""
BY_ITSELF = {
    "resolvers/service_orders/decision.py": "part of the two reviews",
    "resolvers/staff/free_orders.py": "part of disabling an employee, which is done once",
    "resolvers/platform/calendar.py": "a window overlaps itself, and is withdrawn once",
}
"""Use cases that change orders without claiming a key, with the reason."""


def test_every_mutation_that_shows_an_order_or_an_application_takes_a_key(schema: Schema) -> None:
    core = schema._schema
    assert core.mutation_type is not None
    keyed, replaying, showing = set(), set(), set()
    for name, field in core.mutation_type.fields.items():
        payload = get_named_type(field.type)
        shown = {get_named_type(part.type).name for part in payload.fields.values()}
        if shown & {"ServiceOrder", "Application", "ReviewResult", "StepResult"}:
            showing.add(name)
        if "replayed" in payload.fields:
            replaying.add(name)
        for argument in field.args.values():
            kind = get_named_type(argument.type)
            assert isinstance(kind, GraphQLInputObjectType)
            if "idempotencyKey" in kind.fields:
                keyed.add(name)
    cases = {case.name for case in CASES}
    assert keyed == cases, "add a case to CASES in tests/desk/test_idempotency.py"
    assert replaying == keyed, "give the payload `replayed: bool = replayed_field()`"
    # An address lets the clock look at blocked orders again.
    unkeyed = showing - keyed
    assert not unkeyed, f"give the input of {unkeyed} `idempotency_key: str | None = key_field()`"
    assert showing == keyed - {"saveReturnAddress", "exportServiceOrders"}


def imported(file: Path) -> set[str]:
    return {
        name.name
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }


def test_every_use_case_that_changes_an_order_claims_the_key() -> None:
    without = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "resolvers").rglob("*.py")
        if (names := imported(file)) & WRITERS and not names & {"claim_or_replay", "run_batch"}
    }
    assert without == set(BY_ITSELF), (
        "claim the key in these use cases, or name them in BY_ITSELF with the reason"
    )


@strawberry.input
class AnyInput:
    """An input of this version."""

    id: str
    names: list[str] = strawberry.field(default_factory=list)
    quick: bool = False
    note: str | None = None
    idempotency_key: str | None = key_field()


@strawberry.input
class LaterAnyInput(AnyInput):
    """The same input in a later version, with more fields."""

    weight: int = 5
    inner: AnyInput | None = strawberry.UNSET


def test_a_request_has_the_same_hash_in_every_version_of_the_server() -> None:
    """Otherwise a request that is repeated during an update would be refused as another one."""
    request = AnyInput(id="T3JkZXI6MTox", note="好", idempotency_key="one")
    expected = sha256('["AddNote", {"id": "T3JkZXI6MTox", "note": "好"}]'.encode()).hexdigest()
    assert hash_of("AddNote", request) == expected
    later = LaterAnyInput(id="T3JkZXI6MTox", note="好", idempotency_key="two")
    assert hash_of("AddNote", later) == expected


def test_what_differs_in_anything_but_the_key_has_another_hash() -> None:
    requests = [
        AnyInput(id="1"),
        AnyInput(id="2"),
        AnyInput(id="1", names=["a", "b"]),
        AnyInput(id="1", names=["b", "a"]),
        AnyInput(id="1", names=["ab"]),
        AnyInput(id="1", quick=True),
        AnyInput(id="1", note=""),
        AnyInput(id="1", note="a"),
        AnyInput(id="1", note="a "),
        LaterAnyInput(id="1", weight=6),
        LaterAnyInput(id="1", inner=AnyInput(id="1")),
        LaterAnyInput(id="1", inner=AnyInput(id="1", quick=True)),
    ]
    hashes = {hash_of(name, request) for name in ("AddNote", "Close") for request in requests}
    assert len(hashes) == 2 * len(requests)
