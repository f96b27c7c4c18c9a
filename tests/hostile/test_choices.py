"""Exactly one member of a choice is given, and a variable that might be null is none."""

from typing import Any

import pytest

from tests.client import Client, Failed
from tests.given import World

pytestmark = [pytest.mark.anyio, pytest.mark.one_database]

PLAN = "reviewPlan(input: {ids: $ids, decision: DECISION}) { refusals { code } results { done } }"
INLINE = f"{{ {PLAN} }}"
IN_A_FRAGMENT = f"{{ ...F }} fragment F on Query {{ {PLAN} }}"
WHOLE, MEMBER = "$decision: BatchDecisionInput!", "$member: ApproveInput!"

GOOD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "literal": ("", "{approve: {}}", {}),
    "variable": (WHOLE, "$decision", {"decision": {"approve": {}}}),
    "member in a variable": (MEMBER, "{approve: $member}", {"member": {}}),
}
BAD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "none": ("", "{}", {}),
    "null": ("", "{approve: null}", {}),
    "two": ("", '{approve: {}, recordGiveUp: {customerNote: "-"}}', {}),
    "none in a variable": (WHOLE, "$decision", {"decision": {}}),
    "null in a variable": (WHOLE, "$decision", {"decision": {"approve": None}}),
    "two in a variable": (
        WHOLE,
        "$decision",
        {"decision": {"approve": {}, "recordGiveUp": {"customerNote": "-"}}},
    ),
    "a variable that might be null": (
        "$member: ApproveInput",
        "{approve: $member}",
        {"member": {}},
    ),
}


async def plan(
    client: Client, given: World, body: str, case: tuple[str, str, dict[str, Any]]
) -> Any:
    shop = await given.merchant()
    order = await given.order(shop)
    declared, decision, variables = case
    query = f"query($ids: [ID!]! {declared}) {body.replace('DECISION', decision)}"
    return await client.as_(shop.owner.token).ask(query, ids=[order.id], **variables)


@pytest.mark.parametrize("body", [INLINE, IN_A_FRAGMENT], ids=["inline", "in a fragment"])
@pytest.mark.parametrize("name", GOOD)
async def test_one_member_is_a_choice(client: Client, given: World, name: str, body: str) -> None:
    answer = await plan(client, given, body, GOOD[name])
    assert answer == {"refusals": [], "results": [{"done": True}]}


@pytest.mark.parametrize("body", [INLINE, IN_A_FRAGMENT], ids=["inline", "in a fragment"])
@pytest.mark.parametrize("name", BAD)
async def test_anything_else_is_none(client: Client, given: World, name: str, body: str) -> None:
    with pytest.raises(Failed) as failed:
        await plan(client, given, body, BAD[name])
    assert failed.value.code in {"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"}
    assert "OneOf Input Object" in str(failed.value)
