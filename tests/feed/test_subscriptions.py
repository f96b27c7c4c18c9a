"""Streams: every event once, projected once for all, and to nobody who may not read on."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from database.driver_connection import LISTENERS, StatementEvent
from domain.permissions import Permission
from execution.document_cache import pin_document
from execution.planned_execution import PlannedExecution
from execution.streams import StreamEnded, SubscriptionRefused
from jobs.sequencer import purge
from models.clock import WallClock
from tests.client import Client
from tests.feed.test_feed import EVENTS as PAGE
from tests.feed.test_feed import note
from tests.given import World
from tests.streams import PATIENCE_S, Stream, Streams

pytestmark = pytest.mark.anyio

EVENTS = """subscription($after: String, $filter: EventFilter, $merchantId: ID) {
  events(after: $after, filter: $filter, merchantId: $merchantId) {
    cursor event { kind sequence } serviceOrder { id status version timeline { kind } } } }"""
CHANGED = """subscription($filter: EventFilter) { serviceOrderChanged(filter: $filter) {
  event { kind } serviceOrder { id } } }"""
QUEUE = "subscription { queueChanged { review { waiting } processing { waiting } } }"


async def test_a_stream_sends_what_happens_and_goes_on_after_a_cursor(
    client: Client, given: World, streams: Streams
) -> None:
    shop = await given.merchant()
    owner, orders = client.as_(shop.owner.token), await given.application(shop, 3)
    async with streams.open(shop.owner.token, EVENTS) as stream:
        (first,) = await streams.started(stream)
        await note(owner, orders[0])
        event = await first
        assert event["event"] == {"kind": "NOTED", "sequence": 2}
        assert event["serviceOrder"] == {
            "id": orders[0].id,
            "status": "PENDING_REVIEW",
            "version": 2,
            "timeline": [{"kind": "SUBMITTED"}, {"kind": "NOTED"}],
        }
    for order in orders:
        await note(owner, order)
    async with streams.open(shop.owner.token, EVENTS, after=event["cursor"]) as resumed:
        missed = await resumed.take(2)
        (last,) = await streams.started(resumed)
        assert (
            await owner.codes("reviewServiceOrder", id=orders[2].id, decision={"approve": {}}) == []
        )
        seen = [*missed, await last, await resumed.next()]
    page = await owner.ask(PAGE, after=event["cursor"])
    assert [result["cursor"] for result in seen] == [node["cursor"] for node in page["nodes"]]
    assert [result["event"]["kind"] for result in seen] == ["NOTED"] * 3 + ["APPROVED"]


async def test_each_reader_gets_the_own_feed_and_what_the_filter_lets_through(
    client: Client, given: World, streams: Streams
) -> None:
    shop, other = await given.merchant(), await given.merchant("京东自营")
    order, foreign = await given.order(shop), await given.order(other)
    owner = client.as_(shop.owner.token)
    platform = await given.platform(Permission.MERCHANT_READ)
    connector = await given.connector(shop, [Permission.SERVICE_ORDER_READ])
    async with AsyncExitStack() as stack:

        async def opened(token: str, query: str, **variables: Any) -> Stream:
            return await stack.enter_async_context(streams.open(token, query, **variables))

        own = await opened(shop.owner.token, CHANGED)
        approved = await opened(connector.token, CHANGED, filter={"kind": ["APPROVED"]})
        everything = await opened(platform.token, EVENTS)
        named = await opened(platform.token, EVENTS, merchantId=other.global_id)
        tasks = await streams.started(own, approved, everything, named)
        await note(client.as_(other.owner.token), foreign)
        await note(owner, order)
        assert await owner.codes("reviewServiceOrder", id=order.id, decision={"approve": {}}) == []
        first = [(await task)["serviceOrder"]["id"] for task in tasks]
        assert first == [order.id, order.id, first[2], foreign.id]
        both = [first[2], *[one["serviceOrder"]["id"] for one in await everything.take(2)]]
        assert Counter(both) == {order.id: 2, foreign.id: 1}
        assert (await own.next())["event"]["kind"] == "APPROVED"


async def test_the_counters_come_at_once_and_then_at_most_once_a_second(
    client: Client, given: World, streams: Streams
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 8)
    reviewer = await given.reviewer(shop)
    async with streams.open(reviewer.token, QUEUE) as stream:
        assert (await stream.next())["review"]["waiting"] == 8
        (changed,) = await streams.started(stream)
        began = asyncio.get_running_loop().time()
        for order in orders:
            codes = await client.as_(reviewer.token).codes(
                "reviewServiceOrder", id=order.id, decision={"approve": {}}
            )
            assert codes == []
        results, waiting = [], (await changed)["review"]["waiting"]
        while waiting:
            results.append(waiting)
            waiting = (await stream.next())["review"]["waiting"]
        assert len(results) <= asyncio.get_running_loop().time() - began + 1


async def test_a_document_that_is_trusted_or_was_asked_for_otherwise_can_be_subscribed_to(
    client: Client, given: World, streams: Streams
) -> None:
    """What else plans it, at the start or for a response, keeps plans of another kind."""
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    planned = PlannedExecution(streams.schema)
    for title in ("trusted", "posted"):
        query = f"subscription {title} {{ queueChanged {{ review {{ waiting }} }} }}"
        if title == "trusted":
            pin_document(streams.schema._schema, query)
            planned.prepare([query])
        for _ in range(3):  # a document is kept from its second time on
            assert (await owner.post({"query": query})).status_code == 400
        async with streams.open(shop.owner.token, query) as stream:
            assert await stream.next() == {"review": {"waiting": 0}}


LARGE = """subscription($last: Int!) { events { serviceOrder { application { serviceOrders {
  first: timeline(last: $last) { ...All } second: timeline(last: $last) { ...All } } } } } }
  fragment All on ServiceOrderEvent { sequence kind at fromStatus toStatus customerNote internalNote
    report actor { kind name id } }"""
"""It would be within the limit as a query."""

ENDS: dict[str, str] = {
    "the employee is disabled": "UNAUTHENTICATED",
    "the permission is taken away": "FORBIDDEN",
    "the session is signed out": "UNAUTHENTICATED",
    "the connector is disabled": "UNAUTHENTICATED",
    "the merchant is suspended": "MERCHANT_NOT_ENABLED",
}


async def test_a_stream_ends_within_two_seconds_when_its_viewer_may_not_read_on(
    client: Client, given: World, streams: Streams
) -> None:
    shop, suspended = await given.merchant(), await given.merchant("京东家电")
    owner = client.as_(shop.owner.token)
    disabled = await given.reviewer(shop, "小A")
    demoted = await given.employee(shop, Permission.SERVICE_ORDER_READ, name="小B")
    leaving, staying = await given.reviewer(shop, "小C"), await given.reviewer(shop, "小D")
    connector = await given.connector(shop, [Permission.SERVICE_ORDER_READ])
    tokens = [
        disabled.token,
        demoted.token,
        leaving.token,
        connector.token,
        suspended.owner.token,
        staying.token,
    ]
    platform = client.as_((await given.platform()).token)
    async with streams.open(tokens[0], EVENTS) as stream:
        await streams.started(stream)  # a document is kept from its second time on
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(streams.open(token, EVENTS)) for token in tokens]
        *ending, going_on = await streams.started(*opened)
        connectors = await owner.ask("{ connectors { id } }")
        for name, arguments in (
            ("disableEmployee", {"id": disabled.global_id}),
            ("updateEmployee", {"id": demoted.global_id, "extraPermissions": []}),
            ("disableConnector", {"id": connectors[0]["id"]}),
        ):
            assert await owner.codes(name, **arguments) == [], name
        await client.as_(leaving.token).ask("mutation { signOut { refusals { code } } }")
        codes = await platform.codes(
            "suspendMerchant", merchantId=suspended.global_id, reason="检查"
        )
        assert codes == []
        _, waiting = await asyncio.wait(ending, timeout=2)
        assert not waiting
        errors = [task.exception() for task in ending]
        reasons = dict(zip(ENDS, errors, strict=True))
        assert all(isinstance(error, StreamEnded | SubscriptionRefused) for error in errors)
        assert {name: code_of(error) for name, error in reasons.items()} == ENDS
        assert not going_on.done()
        await note(owner, await given.order(shop))
        assert (await going_on)["event"]["kind"] == "NOTED"
    with pytest.raises(SubscriptionRefused) as refused:
        async with streams.open(suspended.owner.token, EVENTS) as stream:
            await stream.next()
    assert code_of(refused.value) == "MERCHANT_NOT_ENABLED"


def code_of(error: BaseException | None) -> Any:
    if isinstance(error, StreamEnded):
        return error.code
    assert isinstance(error, SubscriptionRefused)
    # The transport gives this code to variables that do not fit.
    return (error.errors[0].extensions or {}).get("code", "BAD_USER_INPUT")


async def test_a_subscription_that_makes_no_sense_is_refused(
    given: World, streams: Streams
) -> None:
    shop = await given.merchant()
    token, customer = shop.owner.token, (await given.customer(shop)).token
    cases: list[tuple[str | None, str, dict[str, Any], str]] = [
        (None, EVENTS, {}, "UNAUTHENTICATED"),
        ("no token", EVENTS, {}, "UNAUTHENTICATED"),
        (customer, EVENTS, {}, "FORBIDDEN"),
        (token, EVENTS, {"after": "x"}, "BAD_USER_INPUT"),
        (token, EVENTS, {"after": 1}, "BAD_USER_INPUT"),
        (token, EVENTS, {"filter": {"kind": ["NOTHING"]}}, "BAD_USER_INPUT"),
        (token, EVENTS, {"merchantId": (await given.merchant()).global_id}, "NOT_FOUND"),
        (token, "subscription { nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        (token, "subscription {", {}, "GRAPHQL_PARSE_FAILED"),
        (token, "{ serverTime }", {}, "BAD_REQUEST"),
        (token, LARGE, {"last": 100}, "QUERY_TOO_COMPLEX"),
        (
            token,
            "subscription { a: queueChanged { review { waiting } } queueChanged { __typename } }",
            {},
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ]
    for who, query, variables, code in cases:
        with pytest.raises(SubscriptionRefused) as refused:
            async with streams.open(who, query, **variables) as stream:
                await stream.next()
        assert code_of(refused.value) == code, (query, variables)


async def test_a_stream_that_has_fallen_behind_what_is_kept_ends(
    client: Client, given: World, streams: Streams
) -> None:
    shop = await given.merchant()
    owner, orders = client.as_(shop.owner.token), await given.application(shop, 2)
    async with streams.open(shop.owner.token, EVENTS) as stream:
        (first,) = await streams.started(stream)
        await note(owner, orders[0])
        cursor = (await first)["cursor"]
        for order in orders:
            await note(owner, order)
        async with asyncio.timeout(PATIENCE_S):
            while len((await owner.ask(PAGE))["nodes"]) < 3:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.05)
        await purge(given.parts.database, WallClock().now() + timedelta(days=1))
        with pytest.raises(StreamEnded) as ended:
            await stream.next()
        assert ended.value.code == "CURSOR_EXPIRED"
    with pytest.raises(SubscriptionRefused) as refused:
        async with streams.open(shop.owner.token, EVENTS, after=cursor) as stream:
            await stream.next()
    assert code_of(refused.value) == "CURSOR_EXPIRED"


async def test_what_many_stream_is_read_once(
    client: Client, given: World, streams: Streams
) -> None:
    shop = await given.merchant()
    owner, order = client.as_(shop.owner.token), await given.order(shop)
    tokens = [(await given.reviewer(shop, f"小{number}")).token for number in range(3)] * 40
    async with streams.open(tokens[0], EVENTS) as stream:
        await streams.started(stream)  # a document is kept from its second time on
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(streams.open(token, EVENTS)) for token in tokens]
        tasks = await streams.started(*opened)
        seen: list[str] = []

        def listen(event: StatementEvent) -> None:
            seen.append(event.statement)

        LISTENERS.append(listen)
        try:
            await note(owner, order)
            results = await asyncio.gather(*tasks)
        finally:
            LISTENERS.remove(listen)
    assert len({result["cursor"] for result in results}) == 1
    windows = [text for text in seen if "event_feed" in text and "JOIN" in text]
    timelines = [text for text in seen if "ORDER BY service_order_event_1.sequence" in text]
    assert (len(windows), len(timelines)) == (1, 1)


async def test_a_subscription_is_not_answered_as_one_response(
    client: Client, given: World, caplog: pytest.LogCaptureFixture
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    response = await owner.post({"query": EVENTS})
    assert response.status_code == 400
    assert "failed" not in caplog.text  # it is the client's mistake
