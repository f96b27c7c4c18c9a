"""Pages of the queues: whole, in order, both ways, while the desk goes on working."""

import base64
import json
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from domain.statuses import Status
from tests.client import Client, Failed
from tests.conftest import NOON, StoppedClock
from tests.given import OrderRef, Shop, World

pytestmark = pytest.mark.anyio

ORDERINGS = {
    "APPLIED_AT_DESC": ("applied_at", True),
    "APPLIED_AT_ASC": ("applied_at", False),
    "UPDATED_AT_DESC": ("updated_at", True),
    "UPDATED_AT_ASC": ("updated_at", False),
    "DUE_AT_ASC": ("clock_due_at", False),
    "DUE_AT_DESC": ("clock_due_at", True),
}
QUERY = """query($orderBy: ServiceOrderOrdering!, $filter: ServiceOrderFilter,
    $first: Int, $after: String, $last: Int, $before: String) {
  serviceOrders(orderBy: $orderBy, filter: $filter,
      first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id } } nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


async def page(client: Client, order_by: str = "APPLIED_AT_DESC", **given: Any) -> Any:
    found = await client.ask(QUERY, orderBy=order_by, **given)
    assert [edge["node"] for edge in found["edges"]] == found["nodes"]
    if found["edges"]:
        assert found["pageInfo"]["startCursor"] == found["edges"][0]["cursor"]
        assert found["pageInfo"]["endCursor"] == found["edges"][-1]["cursor"]
    return found


def id_of(found: Any) -> list[str]:
    return [node["id"] for node in found["nodes"]]


async def many(given: World, shop: Shop, count: int) -> list[tuple[OrderRef, dict[str, Any]]]:
    """Orders at few instants, so that many share one."""
    random, made = Random(7), []
    for _ in range(count):
        columns = {
            name: NOON + timedelta(minutes=random.randrange(12))
            for name in ("applied_at", "updated_at", "clock_due_at")
        }
        made.append((await given.order(shop, **columns), columns))
    return made


async def walk(client: Client, order_by: str, size: int, *, backward: bool) -> list[str]:
    """Every id, page by page, in the order of the list."""
    found: list[str] = []
    cursor, pages = None, 0
    while True:
        asked = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        now = await page(client, order_by, **asked)
        ids = id_of(now)
        found = [*ids, *found] if backward else [*found, *ids]
        info = now["pageInfo"]
        pages += 1
        more, came = "hasNextPage", "hasPreviousPage"
        if backward:
            more, came = came, more
        assert info[came] is (pages > 1)
        if not info[more]:
            return found
        assert len(ids) == size
        cursor = info["startCursor" if backward else "endCursor"]


async def test_every_ordering_is_whole_both_ways_and_tells_equal_instants_apart(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    made = await many(given, shop, 110)
    await many(given, other, 3)
    finished = await given.in_status(shop, Status.COMPLETED)
    owner = client.as_(shop.owner.token)
    for order_by, (column, down) in ORDERINGS.items():
        shown = sorted(made, key=lambda one: (one[1][column], one[0].key), reverse=down)
        expected = [order.id for order, _ in shown]
        if column != "clock_due_at":
            row = await given.row(finished)
            expected.append(finished.id)
            assert getattr(row, column) == NOON  # as the oldest of its instant
            expected = [
                order.id
                for order, _ in sorted(
                    [*made, (finished, {column: NOON})],
                    key=lambda one: (one[1][column], one[0].key),
                    reverse=down,
                )
            ]
        assert await walk(owner, order_by, 40, backward=False) == expected, order_by
        assert await walk(owner, order_by, 40, backward=True) == expected, order_by


@pytest.mark.parametrize("size", [1, 100])
async def test_a_page_has_one_to_a_hundred_orders(client: Client, given: World, size: int) -> None:
    shop = await given.merchant()
    await given.application(shop, 101)
    owner = client.as_(shop.owner.token)
    assert len(id_of(await page(owner, first=size))) == size
    assert len(id_of(await page(owner, last=size))) == size
    assert len(id_of(await page(owner))) == 20


async def test_what_changes_between_two_pages_costs_no_order_its_place(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    made = [order.id for order, _ in await many(given, shop, 105)]
    owner = client.as_(shop.owner.token)
    for order_by, reverse in (("APPLIED_AT_ASC", False), ("APPLIED_AT_DESC", True)):
        found: list[str] = []
        after, new = None, []
        while True:
            now = await page(owner, order_by, first=25, after=after)
            found += id_of(now)
            after = now["pageInfo"]["endCursor"]
            if not now["pageInfo"]["hasNextPage"]:
                break
            # The one that the cursor names is decided, others are, and new ones come.
            clock.pass_(timedelta(minutes=1))
            for id_ in (found[-1], found[0], made[len(found) // 2]):
                await owner.codes(
                    "reviewServiceOrder",
                    id=id_,
                    decision={"recordGiveUp": {"customerNote": "不退了"}},
                )
            new.append((await given.order(shop, applied_at=NOON - timedelta(hours=1))).id)
        assert len(found) == len(set(found))
        assert set(made) <= set(found)
        # New ones stand at the one end, which is behind us or still ahead.
        assert (set(new) <= set(found)) is reverse
        made += new


async def test_a_queue_that_is_worked_off_from_the_front_loses_and_repeats_nothing(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 60)
    owner = client.as_(shop.owner.token)
    seen: list[str] = []
    after = None
    waiting = {"status": ["PENDING_REVIEW"]}
    while len(seen) < len(orders):
        now = await page(owner, "DUE_AT_ASC", filter=waiting, first=20, after=after)
        ids = id_of(now)
        assert ids
        seen += ids
        after = now["pageInfo"]["endCursor"]
        decision = {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}}
        await owner.do("reviewServiceOrders", ids=ids, decision=decision)
    assert seen == [order.id for order in orders]
    assert id_of(await page(owner, "DUE_AT_ASC", filter=waiting)) == []


async def test_between_two_cursors_lies_what_lies_between_them(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    await given.application(shop, 10)
    owner = client.as_(shop.owner.token)
    whole = await page(owner, first=10)
    ids, cursors = id_of(whole), [edge["cursor"] for edge in whole["edges"]]
    between = {"after": cursors[2], "before": cursors[7]}
    assert id_of(await page(owner, **between)) == ids[3:7]
    assert id_of(await page(owner, **between, first=2)) == ids[3:5]
    assert id_of(await page(owner, **between, last=2)) == ids[5:7]
    assert id_of(await page(owner, after=cursors[7], before=cursors[2])) == []
    assert id_of(await page(owner, before=cursors[3])) == ids[:3]
    empty = await page(owner, after=cursors[9])
    assert empty["edges"] == []
    assert empty["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": None,
    }


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


BAD_CURSORS = [
    "x",
    "é",
    "\0",
    "\u2028",
    "=" * 100,
    "A" * 600,
    packed([]),
    packed(["applied"]),
    packed(["applied", 1]),
    packed(["applied", 1, 2, 3]),
    packed(["applied", "1", 2]),
    packed(["applied", 1, "2"]),
    packed(["applied", 1.5, 2]),
    packed(["applied", True, True]),
    packed(["applied", None, None]),
    packed(["applied", 10**23, 2]),
    packed(["applied", -(10**23), 2]),
    packed(["applied", 10**30, 2]),
    packed(["applied", 1, 2**63]),
    packed(["applied+", 1, 2]),
    packed({"applied": 1}),
    packed("applied"),
]


async def test_a_page_that_makes_no_sense_is_bad_input(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"first": 0}, "first"),
        ({"first": -1}, "first"),
        ({"first": 101}, "first"),
        ({"first": 2**31 - 1}, "first"),
        ({"last": 0}, "last"),
        ({"last": 101}, "last"),
        ({"first": 1, "last": 1}, "last"),
    ]
    wrong += [({name: one}, name) for name in ("after", "before") for one in BAD_CURSORS]
    for asked, argument in wrong:
        with pytest.raises(Failed) as failure:
            await page(owner, **asked)
        expected = {"code": "BAD_USER_INPUT", "argument": [argument]}
        assert failure.value.extensions == expected, asked


async def test_a_cursor_is_good_for_the_list_and_the_order_it_came_from_alone(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    await given.application(shop, 3)
    owner = client.as_(shop.owner.token)
    cursors = {
        order_by: (await page(owner, order_by))["pageInfo"]["startCursor"] for order_by in ORDERINGS
    }
    for order_by in ORDERINGS:
        for other, cursor in cursors.items():
            if other == order_by:
                assert len(id_of(await page(owner, order_by, after=cursor))) == 2
            else:
                with pytest.raises(Failed) as failure:
                    await page(owner, order_by, after=cursor)
                assert failure.value.code == "BAD_USER_INPUT"
    people = "query($after: String) { employees(after: $after) { totalCount } }"
    # Not even the count is answered after another list's cursor.
    with pytest.raises(Failed) as failure:
        await owner.ask(people, after=cursors["APPLIED_AT_DESC"])
    assert failure.value.code == "BAD_USER_INPUT"


async def test_another_merchant_s_cursor_opens_no_door(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    theirs = await given.application(other, 3)
    mine = await given.application(shop, 2)
    cursor = (await page(client.as_(other.owner.token), "APPLIED_AT_ASC"))["pageInfo"]
    found = await page(
        client.as_(shop.owner.token), "APPLIED_AT_ASC", after=cursor["startCursor"], first=100
    )
    assert set(id_of(found)) <= {order.id for order in mine}
    assert not set(id_of(found)) & {order.id for order in theirs}
    assert id_of(found)
