"""An export is asked for, run by a job, and holds the orders of its filter."""

import json
from datetime import timedelta

import pytest

from domain.exports import MAX_UNFINISHED
from domain.permissions import Permission
from domain.statuses import Status
from tests.client import Client, Failed
from tests.conftest import StoppedClock
from tests.exports.running import ask, download, exported, rows_of, run_all, see
from tests.given import World

pytestmark = pytest.mark.anyio


async def test_orders_are_exported_to_a_file(client: Client, given: World) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, items=3)
    owner = client.as_(shop.owner.token)
    export = await ask(owner, "NUMBER", "STATUS", "SKU")
    assert export == {
        "id": export["id"],
        "status": "QUEUED",
        "format": "CSV",
        "columns": ["NUMBER", "STATUS", "SKU"],
        "total": 3,
        "rowsWritten": 0,
        "bytes": None,
        "revealsContacts": False,
        "error": None,
        "url": None,
        "requestedBy": {"kind": "MAIN_ACCOUNT", "name": "店主"},
        "createdAt": given.now.isoformat(),
        "startedAt": None,
        "finishedAt": None,
        "expiresAt": None,
        "updatedAt": given.now.isoformat(),
    }
    assert await run_all(given.parts) == 1
    done = await see(owner, export)
    assert (done["status"], done["rowsWritten"]) == ("DONE", 3)
    assert done["expiresAt"] == (given.now + timedelta(days=1)).isoformat()
    content = await download(owner, done["url"])
    assert len(content) == done["bytes"]
    assert rows_of(content) == [
        ["Number", "Status", "SKU"],
        *[
            [str(order.key), "Waiting for the merchant's decision", f"SKU-{index}"]
            for index, order in enumerate(orders)
        ],
    ]


@pytest.mark.parametrize("page", [1, 3])
async def test_pages_leave_out_no_order_and_double_none(
    client: Client, given: World, clock: StoppedClock, page: int
) -> None:
    """Several orders were applied for at the same instant."""
    shop = await given.merchant()
    orders = await given.application(shop, items=3)
    clock.pass_(timedelta(seconds=1))
    orders += await given.application(shop)
    owner = client.as_(shop.owner.token)
    export = await ask(owner, "NUMBER")
    await run_all(given.parts, page=page)
    content = await download(owner, (await see(owner, export))["url"])
    assert rows_of(content)[1:] == [[str(order.key)] for order in orders]


async def test_only_orders_of_the_filter_and_of_the_merchant_are_exported(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    await given.order(other)
    await given.order(shop)
    [rejected] = [await given.in_status(shop, Status.REJECTED)]
    chosen = {"status": ["REJECTED", "CANCELLED"], "phone": "5678"}
    own = {"merchantId": shop.global_id, "number": str(rejected.key)}
    for filter_ in (chosen, own):
        content = await exported(
            client.as_(shop.owner.token), given.parts, "NUMBER", filter=filter_
        )
        assert rows_of(content)[1:] == [[str(rejected.key)]]


@pytest.mark.parametrize("name", ["applicationId", "merchantId", "assigneeId", "reviewerId"])
async def test_a_filter_with_another_merchant_s_id_is_refused(
    client: Client, given: World, name: str
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await given.order(other)
    ids = {"applicationId": order.application_id, "merchantId": other.global_id}
    refusal = await client.as_(shop.owner.token).refused(
        "exportServiceOrders",
        columns=["NUMBER"],
        format="CSV",
        filter={name: ids.get(name, other.owner.global_id)},
    )
    assert (refusal["code"], refusal["path"]) == ("NOT_FOUND", ["filter", name])


async def test_an_order_applied_for_after_the_request_is_left_out(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    owner = client.as_(shop.owner.token)
    export = await ask(owner, "NUMBER")
    clock.pass_(timedelta(seconds=1))
    await given.order(shop)
    await run_all(given.parts)
    content = await download(owner, (await see(owner, export))["url"])
    assert rows_of(content)[1:] == [[str(order.key)]]


async def test_what_is_overdue_is_so_as_of_the_request(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    await given.order(shop)
    owner = client.as_(shop.owner.token)
    export = await ask(owner, "NUMBER", filter={"overdue": True})
    clock.pass_(timedelta(days=3))
    await run_all(given.parts)
    assert (await see(owner, export))["rowsWritten"] == 0


async def test_the_titles_are_in_the_language_of_the_request(client: Client, given: World) -> None:
    shop = await given.merchant()
    await given.order(shop)
    owner = client.as_(shop.owner.token)
    owner.language = "zh-CN"
    content = await exported(owner, given.parts, "NUMBER", "STATUS", "REASON")
    [titles, row] = rows_of(content)
    assert titles == ["服务单号", "状态", "申请原因"]
    assert row[1:] == ["待审核", "商品损坏"]


async def test_each_line_of_ndjson_is_an_object_with_codes(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    content = await exported(
        client.as_(shop.owner.token),
        given.parts,
        *("NUMBER", "STATUS", "APPLIED_AT", "REASON", "PAID_AMOUNT", "QUANTITY", "DECIDED_AT"),
        format="NDJSON",
    )
    assert [json.loads(line) for line in content.decode().splitlines()] == [
        {
            "NUMBER": str(order.key),
            "STATUS": "PENDING_REVIEW",
            "APPLIED_AT": "2026-11-22T20:00:00+08:00",
            "REASON": "QUALITY.BROKEN",
            "PAID_AMOUNT": "189.00",
            "QUANTITY": 1,
            "DECIDED_AT": None,
        }
    ]


async def test_a_file_without_orders_has_its_titles(client: Client, given: World) -> None:
    shop = await given.merchant()
    content = await exported(client.as_(shop.owner.token), given.parts, "NUMBER")
    assert content == b"\xef\xbb\xbfNumber\r\n"


@pytest.mark.parametrize("columns", [[], ["NUMBER", "SKU", "NUMBER"]])
async def test_columns_are_chosen_once_each(
    client: Client, given: World, columns: list[str]
) -> None:
    shop = await given.merchant()
    with pytest.raises(Failed) as failed:
        await client.as_(shop.owner.token).do("exportServiceOrders", columns=columns, format="CSV")
    assert failed.value.extensions == {"code": "BAD_USER_INPUT", "argument": ["columns"]}


async def test_a_bad_filter_is_refused_before_anything_is_stored(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    with pytest.raises(Failed) as failed:
        await owner.do(
            "exportServiceOrders", columns=["SKU"], format="CSV", filter={"dueWithin": -1}
        )
    assert failed.value.extensions["argument"] == ["filter", "dueWithin"]
    assert (await owner.ask("{ exports { totalCount } }"))["totalCount"] == 0


async def test_a_merchant_has_five_unfinished_exports_at_most(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    owner = client.as_(shop.owner.token)
    for _ in range(MAX_UNFINISHED):
        await ask(owner)
    refusal = await owner.refused("exportServiceOrders", columns=["SKU"], format="CSV")
    assert (refusal["code"], refusal["limit"]) == ("TOO_MANY_EXPORTS", MAX_UNFINISHED)
    await ask(client.as_(other.owner.token))
    await run_all(given.parts)
    await ask(owner)


async def test_more_orders_than_an_export_may_have_are_refused_beforehand(
    client: Client, given: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.exports.start.MAX_ROWS", 2)
    shop = await given.merchant()
    await given.application(shop, items=3)
    owner = client.as_(shop.owner.token)
    refusal = await owner.refused("exportServiceOrders", columns=["SKU"], format="CSV")
    assert (refusal["code"], refusal["limit"], refusal["path"]) == (
        "EXPORT_TOO_LARGE",
        2,
        ["filter"],
    )
    await ask(owner, filter={"sku": "SKU-0"})


async def test_more_orders_than_were_counted_fail_the_export(
    client: Client, given: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.exports.run.MAX_ROWS", 2)
    shop = await given.merchant()
    await given.application(shop, items=3)
    owner = client.as_(shop.owner.token)
    export = await ask(owner)
    await run_all(given.parts)
    failed = await see(owner, export)
    assert (failed["status"], failed["error"]) == ("FAILED", "TOO_MANY_ROWS")


async def test_the_latest_exports_come_first(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    ids = [(await ask(owner))["id"] for _ in range(3)]
    page = await owner.ask(
        "{ exports(first: 2) { nodes { id } totalCount pageInfo { hasNextPage } } }"
    )
    assert page == {
        "nodes": [{"id": ids[2]}, {"id": ids[1]}],
        "totalCount": 3,
        "pageInfo": {"hasNextPage": True},
    }


async def test_every_column_shows_what_an_order_says(client: Client, given: World) -> None:
    shop = await given.merchant()
    person = await given.employee(shop, Permission.REVIEW, name="小B")
    await given.in_status(
        shop,
        Status.AWAITING_CONFIRMATION,
        assignee_id=person.id,
        review_reason="AGREED.OTHER",
        review_customer_note="补发",
        category="耳机",
        warehouse="北京",
        shipped_at=given.now,
        received_at=given.now,
        processed_at=given.now,
        inbound={"carrier": "SF", "waybill": "SF1", "freight": None},
        processing={"action": "EXCHANGE", "by": "小B", "outbound": {"waybill": "JD1"}},
        satisfaction=5,
    )
    columns = (await client.ask('{ __type(name: "ExportColumn") { enumValues { name } } }'))[
        "enumValues"
    ]
    content = await exported(
        client.as_(
            (await given.employee(shop, Permission.EXPORT, Permission.SERVICE_ORDER_READ)).token
        ),
        given.parts,
        *[column["name"] for column in columns],
    )
    titles, row = rows_of(content)
    cells = dict(zip(titles, row, strict=True))
    assert cells | {"Number": "", "Order number": "", "Due at": ""} == {
        "Number": "",
        "Status": "Waiting for the customer to confirm the outcome",
        "Order number": "",
        "Applied at": "2026-11-22 20:00:00",
        "Expectation": "Return",
        "Reason": "Broken",
        "Description": "屏幕碎了",
        "Item": "蓝牙耳机",
        "SKU": "SKU-0",
        "Category": "耳机",
        "Warehouse": "北京",
        "Quantity": "1",
        "Unit price (yuan)": "199.00",
        "Amount paid (yuan)": "189.00",
        "Way to the merchant": "The customer sends the goods",
        "Assignee": "小B",
        "Decision": "Send a new item without a return",
        "Decided at": "2026-11-22 20:00:00",
        "Decided by": "小Z",
        "Reason of the decision": cells["Reason of the decision"],
        "Note to the customer": "补发",
        "Shipped at": "2026-11-22 20:00:00",
        "Carrier of the return": "SF",
        "Waybill of the return": "SF1",
        "Received at": "2026-11-22 20:00:00",
        "Processing": "Exchange",
        "Processed at": "2026-11-22 20:00:00",
        "Carrier to the customer": "",
        "Waybill to the customer": "JD1",
        "Satisfaction": "5",
        "Escalated at": "",
        "Due at": "",
        "Updated at": "2026-11-22 20:00:00",
        "Finished at": "",
        "Customer": "customer-1",
        "Contact name": "李**",
        "Contact phone": "138****5678",
        "Contact address": "",
    }
