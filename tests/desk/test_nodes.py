"""Any object by its id: of every type, of other merchants, and ids that never were."""

import base64

import pytest
import sqlalchemy as sa

from domain.permissions import Permission
from models.ids import new_id
from models.pause_window import pause_windows
from schema import ids
from tests.client import Client, Failed
from tests.given import OrderRef, Shop, World, jpeg

pytestmark = pytest.mark.anyio

OF_ITSELF = {"Merchant", "Enrolment", "Connector", "PauseWindow"}
"""Types whose ids have no merchant in them."""

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
NODES = """query($ids: [ID!]!) { nodes(ids: $ids) { __typename id
  ... on ServiceOrder { status merchant { name } } ... on Merchant { name }
  ... on Role { permissions } ... on Employee { login } ... on ReturnAddress { detail }
  ... on Application { serviceOrders { status } } ... on Evidence { mediaType } } }"""


async def one_of_each(client: Client, given: World, shop: Shop) -> dict[str, str]:
    """An id of each type of a merchant's objects."""
    order: OrderRef = await given.order(shop)
    photo = await client.as_(shop.owner.token).upload(jpeg())
    return {
        "ServiceOrder": order.id,
        "Application": order.application_id,
        "Merchant": shop.global_id,
        "ReturnAddress": ids.encode("ReturnAddress", shop.id, shop.address_id),
        "Evidence": photo["evidence"]["id"],
        "Role": shop.roles["审核组"],
        "Employee": shop.owner.global_id,
        "Connector": ids.encode("Connector", (await given.connector(shop, [])).id),
        "Enrolment": ids.encode("Enrolment", shop.id),
        "PauseWindow": await pause_window(given),
    }


async def pause_window(given: World) -> str:
    id_ = new_id()
    row = {"name": "春节", "start_at": given.now, "end_at": given.now, "declared_by": "平台"}
    async with given.parts.database.write() as connection:
        await connection.execute(
            sa.insert(pause_windows).values(id=id_, declared_at=given.now, **row)
        )
    return ids.encode("PauseWindow", id_)


async def test_every_type_of_node_can_be_fetched_again(
    client: Client, given: World, schema
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    found = await one_of_each(client, given, shop)
    core = schema._schema
    assert set(found) == {
        kind.name for kind in core.get_implementations(core.type_map["Node"]).objects
    }
    for name, id_ in found.items():
        assert await owner.ask(NODE, id=id_) == {"__typename": name, "id": id_}


async def test_many_types_come_in_the_order_asked_with_their_own_fields(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    found = await one_of_each(client, given, shop)
    second = await given.order(shop)
    asked = [
        found["Merchant"],
        second.id,
        found["Role"],
        found["ServiceOrder"],
        found["Employee"],
        found["Merchant"],
        found["Evidence"],
        found["ReturnAddress"],
        found["Application"],
    ]
    nodes = await owner.ask(NODES, ids=asked)
    assert [node["id"] for node in nodes] == asked
    assert (
        nodes[0]
        == nodes[5]
        == {
            "__typename": "Merchant",
            "id": found["Merchant"],
            "name": "京北数码",
        }
    )
    assert nodes[1]["merchant"] == {"name": "京北数码"}
    assert nodes[2]["permissions"] == ["NOTE", "REVIEW", "SERVICE_ORDER_READ"]
    assert nodes[4]["login"] == shop.owner.login
    assert nodes[6]["mediaType"] == "image/jpeg"
    assert nodes[7]["detail"] == "科技园路 1 号"
    assert nodes[8]["serviceOrders"] == [{"status": "PENDING_REVIEW"}]


async def test_another_merchant_s_objects_are_null_in_their_places(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    owner = client.as_(shop.owner.token)
    mine = await one_of_each(client, given, shop)
    theirs = await one_of_each(client, given, other)
    for name, id_ in theirs.items():
        if name == "PauseWindow":
            continue
        assert await owner.ask(NODE, id=id_) is None
        missing = ids.encode(name, shop.id, "0" * 64 if name == "Evidence" else 1)
        if name not in OF_ITSELF:
            assert await owner.ask(NODE, id=missing) is None
        # Their number under my own name finds nothing either.
        parts = ids.decode(id_).parts
        if len(parts) == 2 and name != "Evidence":
            assert await owner.ask(NODE, id=ids.encode(name, shop.id, parts[1])) is None
    assert await owner.ask(NODE, id=ids.encode("Merchant", 1)) is None
    mixed = [mine["ServiceOrder"], theirs["ServiceOrder"], theirs["Role"], mine["Role"]]
    nodes = await owner.ask(NODES, ids=mixed)
    assert [node and node["id"] for node in nodes] == [mixed[0], None, None, mixed[3]]


def raw(text: str | bytes) -> str:
    said = text if isinstance(text, bytes) else text.encode()
    return base64.urlsafe_b64encode(said).rstrip(b"=").decode()


BAD_IDS = [
    "",
    "x",
    "é",
    "😀",
    "\0",
    " ",
    "=" * 8,
    "A" * 201,
    "A" * 100_000,
    raw("ServiceOrder"),
    raw("ServiceOrder:"),
    raw("ServiceOrder:1"),
    raw("ServiceOrder:1:2:3"),
    raw("ServiceOrder:x:y"),
    raw("ServiceOrder:-1:2"),
    raw("ServiceOrder:+1:2"),
    raw("ServiceOrder: 1:2"),
    raw("ServiceOrder:1_0:2"),
    raw("ServiceOrder:1e3:2"),
    raw("ServiceOrder:１:2"),
    raw(f"ServiceOrder:{2**63}:1"),
    raw(f"ServiceOrder:1:{2**63}"),
    raw(f"ServiceOrder:1:{'9' * 120}"),
    raw("serviceorder:1:2"),
    raw("Viewer:1"),
    raw("Connector:1:2"),
    raw("__class__:1:2"),
    raw(":1:2"),
    raw("1:2"),
    raw(b"ServiceOrder:\xff:2"),
    raw("ServiceOrder:1:2\0"),
    raw("Merchant:1:2"),
    raw("Evidence:1"),
    raw("'; DROP TABLE service_order; --:1"),
]


async def test_what_never_was_an_id_is_bad_input(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    for id_ in BAD_IDS:
        with pytest.raises(Failed) as failure:
            await owner.ask(NODE, id=id_)
        expected = {"code": "BAD_USER_INPUT", "argument": ["id"]}
        assert failure.value.extensions == expected, id_
        with pytest.raises(Failed) as failure:
            await owner.ask(NODES, ids=[shop.global_id, id_])
        assert failure.value.extensions == expected | {"argument": ["ids", "1"]}, id_


async def test_a_hundred_nodes_and_no_more(client: Client, given: World) -> None:
    shop = await given.merchant()
    orders = await given.application(shop, 100)
    owner = client.as_(shop.owner.token)
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    asked = [order.id for order in orders]
    assert [node["id"] for node in await owner.ask(query, ids=asked)] == asked
    assert await owner.ask(query, ids=[]) == []
    with pytest.raises(Failed) as failure:
        await owner.ask(query, ids=[*asked, shop.global_id])
    assert failure.value.code == "BAD_USER_INPUT"


OPEN = {"Merchant", "PauseWindow"}
"""What every viewer sees: its own merchant, and the platform's pauses."""

NOBODY: frozenset[str] = frozenset()
DESK = frozenset({"ServiceOrder", "Application"})
WHO: list[tuple[str, tuple[Permission, ...], frozenset[str]]] = [
    ("employee", (), NOBODY),
    ("employee", (Permission.NOTE, Permission.RECEIVE, Permission.EXPORT), NOBODY),
    ("employee", (Permission.SERVICE_ORDER_READ,), DESK | {"ReturnAddress", "Evidence"}),
    ("employee", (Permission.REVIEW,), frozenset({"Evidence"})),
    (
        "employee",
        (Permission.SETTINGS_MANAGE,),
        frozenset({"ReturnAddress", "Connector", "Enrolment"}),
    ),
    ("customer", (), DESK),
    ("connector", (Permission.APPLICATION_SUBMIT,), frozenset({"Evidence"})),
    ("platform", (Permission.CALENDAR_MANAGE,), NOBODY),
    (
        "platform",
        (Permission.MERCHANT_READ,),
        DESK | {"ReturnAddress", "Evidence", "Enrolment"},
    ),
    ("platform", (Permission.ENROLMENT_REVIEW,), frozenset({"Connector", "Enrolment"})),
]


@pytest.mark.parametrize(
    ("kind", "permissions", "sees"), WHO, ids=[" ".join((who[0], *who[1])) for who in WHO]
)
async def test_a_node_is_null_without_the_permission_that_its_type_takes(
    client: Client,
    given: World,
    kind: str,
    permissions: tuple[Permission, ...],
    sees: frozenset[str],
) -> None:
    shop = await given.merchant()
    match kind:
        case "employee":
            person = await given.employee(shop, *permissions)
        case "customer":
            person = await given.customer(shop)
        case "connector":
            person = await given.connector(shop, permissions)
        case _:
            person = await given.platform(*permissions)
    asker = client.as_(person.token)
    found = await one_of_each(client, given, shop)
    for name, id_ in found.items():
        expected = {"__typename": name, "id": id_} if name in sees | OPEN else None
        response = await asker.post({"query": NODE, "variables": {"id": id_}})
        assert response.json() == {"data": {"node": expected}}, name
        missing = ids.encode(name, shop.id, "0" * 64 if name == "Evidence" else 1)
        if name not in OF_ITSELF:
            assert await asker.ask(NODE, id=missing) is None
    nodes = await asker.ask(NODES, ids=list(found.values()))
    assert [node is not None for node in nodes] == [name in sees | OPEN for name in found]


async def test_a_storefront_that_acts_for_customers_reads_no_orders_itself(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    storefront = client.as_((await given.connector(shop, [Permission.CUSTOMER_ACT])).token)
    order = await given.order(shop)
    for id_ in (order.id, order.application_id):
        assert await storefront.ask(NODE, id=id_) is None
    assert await storefront.ask("{ serviceOrders { totalCount } }") == {"totalCount": 0}


async def test_the_platform_reads_across_merchants_and_works_for_none(
    client: Client, given: World
) -> None:
    shops = [await given.merchant(), await given.merchant("另一家")]
    orders = [await given.order(shop) for shop in shops]
    platform = client.as_((await given.platform()).token)
    query = """query($filter: ServiceOrderFilter) {
      serviceOrders(filter: $filter, orderBy: APPLIED_AT_ASC) {
        nodes { id merchant { name } } } }"""
    whole = await platform.ask(query, filter=None)
    assert [(node["id"], node["merchant"]["name"]) for node in whole["nodes"]] == [
        (orders[0].id, "京北数码"),
        (orders[1].id, "另一家"),
    ]
    for shop, order in zip(shops, orders, strict=True):
        one = await platform.ask(query, filter={"merchantId": shop.global_id})
        assert [node["id"] for node in one["nodes"]] == [order.id]
    for name, said in (
        ("addNote", {"text": "好"}),
        ("reviewServiceOrder", {"decision": {"approve": {}}}),
        ("revealCustomerContact", {}),
    ):
        assert await platform.codes(name, id=orders[0].id, **said) == ["FORBIDDEN"]


async def test_platform_staff_who_may_not_read_merchants_see_no_orders(
    client: Client, given: World
) -> None:
    order = await given.order(await given.merchant())
    platform = client.as_((await given.platform(Permission.ENROLMENT_REVIEW)).token)
    for query in ("{ serviceOrders { totalCount } }", "{ queueSummary { autoApprovalBlocked } }"):
        with pytest.raises(Failed) as failure:
            await platform.ask(query)
        assert failure.value.code == "FORBIDDEN"
    assert await platform.ask(NODE, id=order.id) is None
