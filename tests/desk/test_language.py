"""Errors are in the language of the request, however early they are made."""

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.client import Client
from tests.given import World

pytestmark = pytest.mark.anyio

CHINESE = re.compile(r"[\u3400-\u9fff]")
ORDERS = """query($first: Int, $after: String) {
  serviceOrders(first: $first, after: $after) { totalCount } }"""
BEFORE = "query($to: DateTime) { serviceOrders(filter: {applied: {to: $to}}) { totalCount } }"
REQUESTS = [
    (
        {"query": ORDERS, "variables": {"first": 101}},
        "每页须为 1 至 100 项",
        "A page has 1 to 100 items.",
    ),
    (
        {"query": ORDERS, "variables": {"after": "x"}},
        "不是此列表在此排序下的游标",
        "This is not a cursor of this list in this order.",
    ),
    (
        {"query": "{" + " ".join(f"a{n}: serverTime" for n in range(21)) + "}"},
        "查询过于复杂",
        "too complex",
    ),
    (
        {"query": BEFORE, "variables": {"to": "2026-11-22T20:00:00+08:60"}},
        "RFC 3339 格式",
        "An instant is",
    ),
    (
        {"query": "query A { serverTime } query B { serverTime }"},
        "文档中有多个操作",
        "several operations",
    ),
    ({"query": 5}, "须为字符串或 null", "must be a string or null"),
    ([], "不支持批量请求", "Batching is not enabled"),
]


@pytest.mark.parametrize(("body", "zh", "en"), REQUESTS, ids=[request[2] for request in REQUESTS])
async def test_an_error_is_in_the_language_of_its_request(
    client: Client, given: World, body: object, zh: str, en: str
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    for language, expected in (("zh-CN", zh), ("en", en), ("zh-CN", zh)):
        response = await replace(owner, language=language).post(body)
        message = response.json()["errors"][0]["message"]
        assert expected in message
        assert (CHINESE.search(message) is not None) == (language == "zh-CN")


async def test_no_message_of_bad_input_holds_the_path_to_it(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner, order = client.as_(shop.owner.token), await given.order(shop)
    query = "mutation($i: AddNoteInput!) { addNote(input: $i) { refusals { code } } }"
    body = {"query": query, "variables": {"i": {"id": order.id, "text": " "}}}
    for language, expected in (("zh-CN", "不能为空"), ("en", "This must not be empty.")):
        response = await replace(owner, language=language).post(body)
        [error] = response.json()["errors"]
        assert error["message"] == expected
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": ["text"]}


async def test_a_message_has_instants_in_the_time_zone_of_the_merchant(
    client: Client, given: World
) -> None:
    """It is noon in London; the test's clock stands there."""
    shop = await given.merchant()
    order, reviewer = await given.order(shop), await given.reviewer(shop, "小A")
    approve: dict[str, Any] = {"approve": {}}
    assert (
        await client.as_(reviewer.token).codes("reviewServiceOrder", id=order.id, decision=approve)
        == []
    )
    owner = replace(client.as_(shop.owner.token), language="zh-CN")
    customer = replace(client.as_((await given.customer(shop)).token), language="zh-CN")
    for zone, time in (("Asia/Shanghai", "20:00"), ("Europe/London", "12:00")):
        await owner.do("setTimeZone", timeZone=zone)
        given.parts.authenticator.forget()
        refusal = await owner.refused("reviewServiceOrder", id=order.id, decision=approve)
        assert refusal["message"].startswith(f"小A 已于 2026-11-22 {time} ")
        verdicts = await customer.ask(
            """query($id: ID!) { serviceOrder(id: $id) {
              actions { blockers { message } } } }""",
            id=order.id,
        )
        messages = {
            blocker["message"] for verdict in verdicts["actions"] for blocker in verdict["blockers"]
        }
        assert not any("+00:00" in message for message in messages)
