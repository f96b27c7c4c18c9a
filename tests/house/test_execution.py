"""The planned execution sends the same bytes as the ordinary execution."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from strawberry.extensions import SchemaExtension

from app import create_app
from database.availability import Unreachable
from database.connection_limiter import Overloaded, TooSlow
from domain.events import EventKind
from execution.shapers import SourceShaper
from schema.build import build
from tests.client import Client, Failed
from tests.given import Shop, World
from tests.house.test_statements import QUERIES, Desk
from transport.edge import Application

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(given: World) -> Shop:
    return await given.merchant()


class Watched(SchemaExtension):
    """Counts the operations of the ordinary execution."""

    operations = 0

    def on_operation(self) -> Iterator[None]:
        Watched.operations += 1
        yield


def served(given: World, *, plans: bool = True) -> Application:
    schema = build()
    schema.extensions = (*schema.extensions, Watched)
    return create_app(given.parts, runs_clock=False, schema=schema, plans=plans)


async def test_both_executions_answer_the_same_bytes(given: World) -> None:
    async with (
        Client.of(served(given)) as planned,
        Client.of(served(given, plans=False)) as walking,
    ):
        desk = await Desk.open(given, planned)
        for _ in range(3):
            await desk.add_order()
        variables = desk.variables()
        unplanned = set()
        for name, (who, text, _) in QUERIES.items():
            token = desk.as_(who).token
            used = {key: value for key, value in variables.items() if f"${key}" in text}
            body = {"query": text, "variables": used}
            before = Watched.operations
            answer = await planned.as_(token).post(body)
            if Watched.operations > before:
                unplanned.add(name)
            other = await walking.as_(token).post(body)
            if answer.content != other.content:  # the URL of a picture changes every five minutes
                answer = await planned.as_(token).post(body)
                other = await walking.as_(token).post(body)
            assert "errors" not in answer.json(), name
            assert answer.content == other.content, name
        assert unplanned == set()


REVIEW = """mutation Review($id: ID!, $note: String!) {
  reviewServiceOrder(input: {id: $id, decision: {
    reject: {reason: "NOT_ELIGIBLE.USED", customerNote: $note}}}) {
    refusals { __typename code ... on AlreadyDecided { by { name } } }
    serviceOrder { id status version } } }"""


async def test_a_mutation_is_planned_and_so_is_what_it_is_refused(given: World, shop: Shop) -> None:
    reviewer = await given.reviewer(shop)
    orders = [await given.order(shop) for _ in range(3)]
    async with Client.of(served(given)) as client:
        desk = client.as_(reviewer.token)
        for order in orders[:2]:
            await desk.ask(REVIEW, id=order.id, note="已使用")
        before = Watched.operations
        done = await desk.ask(REVIEW, id=orders[2].id, note="已使用")
        refused = await desk.ask(REVIEW, id=orders[2].id, note="已使用")
        assert Watched.operations == before
    assert done["serviceOrder"] == {"id": orders[2].id, "status": "REJECTED", "version": 2}
    assert refused == {
        "refusals": [
            {"__typename": "AlreadyDecided", "code": "ALREADY_DECIDED", "by": {"name": "小A"}}
        ],
        "serviceOrder": done["serviceOrder"],
    }


async def test_what_a_planned_mutation_fails_with_is_worded_and_nothing_is_done_twice(
    given: World, shop: Shop
) -> None:
    reviewer = await given.reviewer(shop)
    order = await given.order(shop)
    async with Client.of(served(given)) as client:
        desk = client.as_(reviewer.token)
        with pytest.raises(Failed) as wrong:
            await desk.ask(REVIEW, id=order.id, note="")
        with pytest.raises(Failed) as nobody:
            await client.ask(REVIEW, id=order.id, note="已使用")
        assert await given.kinds(order) == [EventKind.SUBMITTED]
        await desk.ask(REVIEW, id=order.id, note="已使用")
        assert await given.kinds(order) == [EventKind.SUBMITTED, EventKind.REJECTED]
    assert wrong.value.code == "BAD_USER_INPUT"
    assert nobody.value.code == "UNAUTHENTICATED"


async def test_a_known_mutation_is_not_taken_by_get(given: World, shop: Shop) -> None:
    reviewer = await given.reviewer(shop)
    orders = [await given.order(shop) for _ in range(2)]
    async with Client.of(served(given)) as client:
        desk = client.as_(reviewer.token)
        await desk.ask(REVIEW, id=orders[0].id, note="已使用")
        variables = json.dumps({"id": orders[1].id, "note": "已使用"})
        answer = await desk.get({"query": REVIEW, "variables": variables})
    assert answer.status_code == 405
    assert await given.kinds(orders[1]) == [EventKind.SUBMITTED]


async def test_a_bug_in_the_plan_of_a_mutation_is_logged_and_nothing_is_done_twice(
    given: World,
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(*_: Any) -> list[Any]:
        raise ZeroDivisionError

    reviewer = await given.reviewer(shop)
    order = await given.order(shop)
    # Put a bug into the planned execution; the ordinary execution does not call this function.
    monkeypatch.setattr(SourceShaper, "shape", fail)
    async with Client.of(served(given)) as client:
        done = await client.as_(reviewer.token).ask(REVIEW, id=order.id, note="已使用")
    assert done["serviceOrder"] == {"id": order.id, "status": "REJECTED", "version": 2}
    assert await given.kinds(order) == [EventKind.SUBMITTED, EventKind.REJECTED]
    [record] = [record for record in caplog.records if record.name == "aftersales.http"]
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


@pytest.mark.parametrize("passing", [Overloaded(), TooSlow(), Unreachable("gone")])
async def test_a_database_that_goes_after_a_mutation_is_no_bug_of_its_plan(
    given: World,
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    passing: Exception,
) -> None:
    async def fail(*_: Any) -> list[Any]:
        raise passing

    reviewer = await given.reviewer(shop)
    order = await given.order(shop)
    # Let the read fail that follows the mutation: nothing outside shows the moment between them.
    monkeypatch.setattr(SourceShaper, "shape", fail)
    async with Client.of(served(given)) as client:
        done = await client.as_(reviewer.token).ask(REVIEW, id=order.id, note="已使用")
    assert done["serviceOrder"]["version"] == 2
    assert await given.kinds(order) == [EventKind.SUBMITTED, EventKind.REJECTED]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_what_is_refused_is_no_bug_of_a_plan(
    given: World, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    async with Client.of(served(given)) as client:
        for text in ("{ roles { id } }", '{ node(id: "x") { id } }', "{ roles(x: 1) { id } }"):
            for token in (None, shop.owner.token, "a-token-of-nobody"):
                await client.as_(token).post({"query": text})
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
