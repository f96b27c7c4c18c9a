"""The order of a step is read together with the viewer, and the step relies on nothing old."""

from typing import Any, Final

import pytest

from database.driver_connection import LISTENERS, StatementEvent
from domain.actions import Action
from domain.desk.reviews import ReviewDecision
from domain.refusals.orders import AlreadyDecided
from domain.refusals.refusal import Refused
from models.queries.signed_in_with_order import OrderAhead
from resolvers.context import ClientRequest, Context
from resolvers.service_orders.review import review
from tests.client import Client
from tests.given import OrderRef, Person, World

pytestmark = [pytest.mark.anyio, pytest.mark.asked_once]

VERSION: Final = "query($id: ID!) { serviceOrder(id: $id) { version } }"
APPROVE: Final = ReviewDecision(action=Action.APPROVE)


async def read_ahead(given: World, who: Person, order: OrderRef) -> Context:
    """A request of which the viewer and the order have been read."""
    context = Context(given.parts.services, ClientRequest(given.now, token=who.token))
    context.ahead = OrderAhead(order.merchant_id, order.key, given.now)
    await context.authenticate(fresh=True)
    return context


async def test_a_review_is_two_statements_on_postgresql_and_five_on_citus(
    client: Client, given: World
) -> None:
    if given.parts.database.is_sqlite:
        pytest.skip("SQLite has no round trip to save")
    shop = await given.merchant()
    reviewer, order = await given.reviewer(shop), await given.order(shop)
    told: list[str] = []

    def note(one: StatementEvent) -> None:
        told.append(one.statement)

    LISTENERS.append(note)
    try:
        said: dict[str, Any] = {"id": order.id, "decision": {"approve": {}}}
        payload = await client.as_(reviewer.token).do(
            "reviewServiceOrder", "serviceOrder { id status version }", **said
        )
    finally:
        LISTENERS.remove(note)
    assert payload["refusals"] == []
    more = [False] * 3 if given.parts.database.is_distributed else []
    assert ["FROM sign_in" in statement for statement in told] == [True, False, *more]


async def test_a_decision_after_the_order_was_read_ahead_is_told(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    first, second = [await given.reviewer(shop, name) for name in ("先审", "后审")]
    context = await read_ahead(given, second, order)
    desk = client.as_(first.token)
    assert await desk.codes("reviewServiceOrder", id=order.id, decision={"approve": {}}) == []
    with pytest.raises(Refused) as refused:
        await review(context, order.key, APPROVE)
    (refusal,) = refused.value.refusals
    assert isinstance(refusal, AlreadyDecided)
    assert refusal.by.name == "先审"


async def test_an_order_that_changed_after_it_was_read_ahead_is_read_again(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    reviewer = await given.reviewer(shop)
    desk = client.as_(reviewer.token)
    context = await read_ahead(given, reviewer, order)
    assert await desk.codes("addNote", id=order.id, text="已联系") == []
    outcome = await review(context, order.key, APPROVE)
    assert outcome.written is not None
    assert await desk.ask(VERSION, id=order.id) == {"version": 3}


async def test_what_was_read_ahead_is_of_no_other_order(client: Client, given: World) -> None:
    shop = await given.merchant()
    order, other = [await given.order(shop) for _ in range(2)]
    reviewer = await given.reviewer(shop)
    await review(await read_ahead(given, reviewer, order), other.key, APPROVE)
    desk = client.as_(reviewer.token)
    assert await desk.ask(VERSION, id=order.id) == {"version": 1}
    assert await desk.ask(VERSION, id=other.id) == {"version": 2}
