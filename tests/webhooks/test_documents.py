"""Which documents can be stored with a webhook endpoint."""

import pytest
import strawberry

from execution.stored_documents import StoredDocuments
from schema.webhook_messages import SELECTED_FIELD


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        ("query($id: ID!) { serviceOrder(id: $id) { number }", "Syntax Error"),
        ("query($id: ID!) { serviceOrder(id: $id) { nothing } }", "Cannot query field"),
        ("mutation { signOut { done } }", "It must be one query."),
        ("query A($id: ID!) { serviceOrder(id: $id) { number } } query B { __typename }", "one"),
        ("{ serviceOrders { nodes { number } } }", "one variable"),
        ('{ serviceOrder(id: "x") { number } }', "one variable"),
        (
            "query($id: ID!, $n: Int!) { serviceOrder(id: $id) { timeline(last: $n) { kind } } }",
            "one",
        ),
        ('query($id: ID! = "x") { serviceOrder(id: $id) { number } }', "one variable"),
        ("query($id: ID!) { a: serviceOrder(id: $id) { number } }", "without an alias"),
        ("query($id: ID!) { serviceOrder(id: $id) { number } viewer { name } }", "only field"),
        ("query($id: ID!) { node(id: $id) { id } }", "only field"),
        ("query($id: ID!) { ...F } fragment F on Query { serviceOrder(id: $id) { id } }", "only"),
        (
            (
                "query($id: ID!) { serviceOrder(id: $id) { siblings { "
                "timeline(last: 100) { kind at actor { name } } } } }"
            ),
            "2,000 values",
        ),
    ],
)
def test_a_document_is_one_query_of_one_order(
    schema: strawberry.Schema, selection: str, reason: str
) -> None:
    problem = StoredDocuments(schema, SELECTED_FIELD).problem_of(selection)
    assert problem is not None
    assert reason in problem


def test_a_query_of_one_order_with_its_lists_and_fragments_can_be_stored(
    schema: strawberry.Schema,
) -> None:
    selection = """query($id: ID!) { serviceOrder(id: $id) { ...F timeline(last: 20) { kind } } }
        fragment F on ServiceOrder { number item { name } customer { name } }"""
    assert StoredDocuments(schema, SELECTED_FIELD).problem_of(selection) is None
