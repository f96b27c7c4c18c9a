"""Refund ceilings: the greatest of all grants holds, and splitting a refund does not help."""

from typing import Any

import pytest

from domain.permissions import Permission
from domain.refusals.refusal import Refused
from domain.staffing import check_ceiling, refund_ceiling
from domain.statuses import Status
from tests.client import Client
from tests.given import OrderRef, Person, Shop, World

pytestmark = pytest.mark.anyio

REFUND = Permission.REFUND
CEILING = "refusals { ... on RefundAboveCeiling { ceiling permitted } }"
VIEWER = "{ viewer { refundCeiling } }"
PREVIEW = """query($roleId: ID!, $permissions: [Permission!], $ceiling: Money) {
  rolePreview(roleId: $roleId, permissions: $permissions, refundCeiling: $ceiling) {
    effects { name gains loses refundCeilingBefore refundCeilingAfter } orphaned } }"""


async def role(client: Client, name: str, ceiling: str | None, *permissions: str) -> str:
    """A role that may refund, by its id."""
    payload = await client.do(
        "createRole",
        "role { id refundCeiling }",
        name=name,
        permissions=["REFUND", "SERVICE_ORDER_READ", *permissions],
        refundCeiling=ceiling,
    )
    assert payload["refusals"] == []
    assert payload["role"]["refundCeiling"] == ceiling
    return str(payload["role"]["id"])


async def refund(client: Client, order: OrderRef, amount: str, **given: Any) -> Any:
    return await client.do(
        "refundServiceOrder", CEILING, id=order.id, amount=amount, method="BALANCE", **given
    )


async def grant(client: Client, person: Person, *roles: str, **given: Any) -> None:
    payload = await client.do("updateEmployee", id=person.global_id, roleIds=roles, **given)
    assert payload["refusals"] == []


async def ceiling_of(client: Client, person: Person) -> str | None:
    viewer = await client.as_(person.token).ask(VIEWER)
    ceiling: str | None = viewer["refundCeiling"]
    return ceiling


async def received(given: World, shop: Shop, **columns: Any) -> OrderRef:
    return await given.in_status(shop, Status.AWAITING_PROCESSING, **columns)


async def test_above_the_ceiling_the_refusal_says_who_may(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    order = await received(given, shop)
    low, high = await role(owner, "退款一组", "50.00"), await role(owner, "退款二组", "100.00")
    one, two = await given.employee(shop, name="小A"), await given.employee(shop, name="小B")
    three = await given.employee(shop, REFUND, name="小C")
    gone = await given.employee(shop, REFUND, name="小D")
    await grant(owner, one, low)
    await grant(owner, two, low, high)
    await owner.do("disableEmployee", id=gone.global_id)
    asker = client.as_(one.token)
    payload = await refund(asker, order, "50.01")
    [refusal] = payload["refusals"]
    assert refusal["code"] == "REFUND_ABOVE_CEILING"
    assert refusal["message"] == "You may refund up to 50.00 yuan; 小B, 小C, 店主 may refund more."
    assert (refusal["ceiling"], refusal["permitted"]) == ("50.00", ["小B", "小C", "店主"])
    assert (await refund(asker, order, "50.00"))["refusals"] == []
    payload = await refund(client.as_(two.token), order, "100.01")
    assert payload["refusals"][0]["permitted"] == ["小C", "店主"]
    assert (await refund(client.as_(three.token), order, "138.99"))["refusals"] == []


async def test_a_refund_that_is_split_meets_the_ceiling_all_the_same(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    line = {"order_number": "P-1", "sku": "S-1"}
    inbound = {"carrier": "SF", "waybill": "1", "freight": 1_200}
    one = await received(given, shop, inbound=inbound, **line)
    two = await received(given, shop, **line)
    other = await received(given, shop)
    person = await given.employee(shop)
    await grant(owner, person, await role(owner, "退款组", "50.00"))
    asker = client.as_(person.token)
    assert (await refund(asker, one, "30.00", freight="10.00"))["refusals"] == []
    assert [r["code"] for r in (await refund(asker, two, "10.01"))["refusals"]] == [
        "REFUND_ABOVE_CEILING"
    ]
    assert (await refund(asker, two, "10.00"))["refusals"] == []
    assert (await refund(asker, other, "50.00"))["refusals"] == []
    # What others refund does not count.
    assert (await refund(owner, one, "100.00"))["refusals"] == []


async def test_at_most_ten_people_are_named_the_main_account_among_them(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    person = await given.employee(shop, name="小A")
    await grant(owner, person, await role(owner, "退款组", "1.00"))
    for number in range(12):
        await given.employee(shop, REFUND, name=f"员工{number}")
    payload = await refund(client.as_(person.token), await received(given, shop), "2.00")
    assert payload["refusals"][0]["permitted"] == [*(f"员工{n}" for n in range(9)), "店主"]


async def test_the_greatest_ceiling_holds_and_none_is_no_ceiling(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    low, high = await role(owner, "一组", "50.00"), await role(owner, "二组", "100.00")
    boundless = await role(owner, "三组", None)
    person = await given.employee(shop)
    assert await ceiling_of(client, person) == "0.00"
    for roles, own, ceiling in (
        ([low], {}, "50.00"),
        ([low, high], {}, "100.00"),
        ([low, high, boundless], {}, None),
        ([low], {"extraPermissions": ["REFUND"], "refundCeiling": "70.00"}, "70.00"),
        ([low], {"refundCeiling": "20.00"}, "50.00"),
        ([low], {"refundCeiling": None}, None),
        ([low], {"extraPermissions": []}, "50.00"),  # its own ceiling is that of an extra REFUND
        ([], {}, "0.00"),
    ):
        await grant(owner, person, *roles, **own)
        assert await ceiling_of(client, person) == ceiling, (roles, own)
    assert await ceiling_of(client, shop.owner) is None


async def test_what_is_left_out_of_an_update_leaves_the_ceiling(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    id_ = await role(owner, "退款组", "50.00")
    for said, ceiling in (
        ({"name": "退款一组"}, "50.00"),
        ({"permissions": ["REFUND"]}, "50.00"),
        ({"refundCeiling": "60.00"}, "60.00"),
        ({"refundCeiling": None}, None),
    ):
        payload = await owner.do("updateRole", "role { refundCeiling }", id=id_, **said)
        assert payload["role"]["refundCeiling"] == ceiling


async def test_the_ceiling_of_an_employees_own_grant(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    payload = await owner.do(
        "createEmployee",
        "employee { id extraPermissions refundCeiling }",
        login="new",
        password="correct-horse",
        name="新人",
        extraPermissions=["REFUND"],
        refundCeiling="30.00",
    )
    assert payload["employee"] == payload["employee"] | {
        "extraPermissions": ["REFUND"],
        "refundCeiling": "30.00",
    }
    said = {"id": shop.owner.global_id, "refundCeiling": "1.00"}
    assert await owner.codes("updateEmployee", **said) == ["MAIN_ACCOUNT_PROTECTED"]


async def test_a_preview_shows_the_ceilings(client: Client, given: World) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    id_ = await role(owner, "退款组", "50.00")
    person, other = await given.employee(shop, name="小A"), await given.employee(shop, name="小B")
    await grant(owner, person, id_)
    await grant(owner, other, id_, extraPermissions=["REFUND"])
    kept: dict[str, Any] = {"roleId": id_, "permissions": ["REFUND", "SERVICE_ORDER_READ"]}
    effect = {"name": "小A", "gains": [], "loses": [], "refundCeilingBefore": "50.00"}
    for ceiling in ("80.00", None):
        found = await owner.ask(PREVIEW, **kept, ceiling=ceiling)
        assert found == {"effects": [effect | {"refundCeilingAfter": ceiling}], "orphaned": []}
    without = PREVIEW.replace(", $ceiling: Money", "").replace(", refundCeiling: $ceiling", "")
    assert await owner.ask(without, **kept) == {"effects": [], "orphaned": []}
    found = await owner.ask(without, roleId=id_, permissions=["SERVICE_ORDER_READ"])
    assert found["effects"] == [effect | {"loses": ["REFUND"], "refundCeilingAfter": "0.00"}]


@pytest.mark.parametrize(
    ("ceiling", "held", "is_allowed"),
    [
        (None, None, True),
        (10_000, None, True),
        (10_000, 10_000, True),
        (10_001, 10_000, False),
        (None, 10_000, False),
        (0, 0, True),
        (1, 0, False),
    ],
)
def test_nobody_grants_a_higher_ceiling_than_they_hold(
    ceiling: int | None, held: int | None, *, is_allowed: bool
) -> None:
    if is_allowed:
        check_ceiling(ceiling, held=held, path=("refundCeiling",))
    else:
        with pytest.raises(Refused, match="CEILING_NOT_HELD"):
            check_ceiling(ceiling, held=held, path=("refundCeiling",))


def test_a_role_without_the_permission_gives_no_ceiling() -> None:
    roles: list[tuple[list[str] | None, int | None]] = [(["NOTE"], None), (None, None)]
    assert refund_ceiling(extra_permissions=["NOTE"], own_ceiling=None, roles=roles) == 0
