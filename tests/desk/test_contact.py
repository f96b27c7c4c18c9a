"""A customer's contact: masked everywhere, shown to few, and every look is written down."""

import pytest
import sqlalchemy as sa

from domain.permissions import DELEGABLE, Permission
from domain.roles import STARTER_ROLES
from models.application import applications
from tests.client import Client
from tests.given import ADDRESS, ITEM, World

pytestmark = pytest.mark.anyio

SHAPE = """contact { name phone address { contact phone region detail } }
  serviceOrder { version timeline(last: 1) { kind actor { kind name } } }"""
PHONE, NAME = "13812345678", "李小花"


async def test_a_look_is_written_down_each_time(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    person = await given.employee(
        shop, Permission.CUSTOMER_CONTACT_READ, Permission.SERVICE_ORDER_READ, name="小C"
    )
    asker = client.as_(person.token)
    for version in (2, 3):
        payload = await asker.do("revealCustomerContact", SHAPE, id=order.id)
        assert payload == {
            "refusals": [],
            "contact": {"name": NAME, "phone": PHONE, "address": None},
            "serviceOrder": {
                "version": version,
                "timeline": [
                    {
                        "kind": "CONTACT_REVEALED",
                        "actor": {"kind": "EMPLOYEE", "name": "小C"},
                    }
                ],
            },
        }


async def test_the_pickup_address_is_part_of_the_contact(client: Client, given: World) -> None:
    shop = await given.merchant()
    storefront = client.as_((await given.connector(shop)).token)
    made = await storefront.do(
        "submitApplication",
        "application { serviceOrders { id } }",
        externalRef="A",
        orderNumber="P",
        customerRef="c",
        customerName=NAME,
        customerPhone=PHONE,
        pickupAddress=ADDRESS,
        items=[ITEM],
    )
    [order] = made["application"]["serviceOrders"]
    payload = await client.as_(shop.owner.token).do("revealCustomerContact", SHAPE, id=order["id"])
    assert payload["contact"]["address"] == {
        "contact": "王店长",
        "phone": "13800138000",
        "region": "广东省 深圳市 南山区",
        "detail": "科技园路 1 号",
    }


async def test_everywhere_else_name_and_phone_are_masked(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    masked = {"name": "李**", "phone": "138****5678"}
    whole = """{ serviceOrders { nodes {
        customer { name phone } application { customer { name phone } }
        timeline { customerNote internalNote details } } } }"""
    node = """query($id: ID!) { node(id: $id) {
        ... on Application { customer { name phone } } } }"""
    people = [shop.owner, await given.platform(), await given.customer(shop)]
    people.append(await given.employee(shop, *sorted(DELEGABLE)))
    for person in people:
        asker = client.as_(person.token)
        [found] = (await asker.ask(whole))["nodes"]
        assert found["customer"] == masked
        assert found["application"]["customer"] == masked
        assert await asker.ask(node, id=order.application_id) == {"customer": masked}
        response = await asker.post({"query": whole})
        assert PHONE not in response.text
        assert NAME not in response.text


@pytest.mark.parametrize("role", [role.name for role in STARTER_ROLES])
async def test_of_the_groups_only_the_supervisors_see_a_contact(
    client: Client, given: World, role: str
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    person = await given.employee(shop, roles=[role])
    codes = await client.as_(person.token).codes("revealCustomerContact", id=order.id)
    assert codes == ([] if role == "售后主管" else ["FORBIDDEN"])
    assert (await given.row(order)).version == (2 if role == "售后主管" else 1)


async def test_another_merchant_s_contact_is_not_found_and_nothing_is_written(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await given.order(other)
    payload = await client.as_(shop.owner.token).do("revealCustomerContact", SHAPE, id=order.id)
    assert [refusal["code"] for refusal in payload["refusals"]] == ["NOT_FOUND"]
    assert payload["contact"] is None
    assert (await given.row(order)).version == 1


@pytest.mark.parametrize(
    ("name", "phone", "expected"),
    [
        ("李", "13812345678", {"name": "李*", "phone": "138****5678"}),
        ("Ann", "5551234", {"name": "A**", "phone": "*******"}),
        ("王小明明", "55512345", {"name": "王***", "phone": "****2345"}),
        ("😀😀", "1", {"name": "😀*", "phone": "*"}),
    ],
)
async def test_short_names_and_phones_are_masked_too(
    client: Client, given: World, name: str, phone: str, expected: dict[str, str]
) -> None:
    shop = await given.merchant()
    await given.order(shop)
    async with given.parts.database.write() as connection:
        await connection.execute(
            sa.update(applications).values(customer_name=name, customer_phone=phone)
        )
    query = "{ serviceOrders { nodes { customer { name phone } } } }"
    [found] = (await client.as_(shop.owner.token).ask(query))["nodes"]
    assert found["customer"] == expected
