"""Addresses whose divisions the table no longer has, or writes otherwise than a parcel does."""

from functools import partial
from typing import Any, Final

import pytest
import sqlalchemy as sa
from alembic import command

from domain.actions import Action
from domain.events import EventKind
from models import alembic_commands
from models.application import applications
from models.merchant import return_addresses
from models.service_order import events, service_orders
from tests.client import Client
from tests.given import ADDRESS, Shop, World

pytestmark = pytest.mark.anyio

GONE: Final = {"district_code": "449999"}
"""A district that is in no table."""
REVIEW: Final = "serviceOrder { review { returnAddress { region districtCode } } }"
LIST: Final = "{ serviceOrders { nodes { review { returnAddress { region } } } } }"


async def change(given: World, table: sa.Table, **values: Any) -> None:
    """Set columns of every row, as an earlier version of the server left them."""
    async with given.parts.database.write() as connection:
        await connection.execute(sa.update(table).values(**values))


async def save(client: Client, shop: Shop, **codes: str) -> Any:
    owner = client.as_(shop.owner.token)
    return await owner.do(
        "saveReturnAddress", "returnAddress { id region }", address=ADDRESS | codes
    )


@pytest.mark.parametrize(
    ("saved", "region"),
    [("广东省 深圳市 老区", "广东省 深圳市 老区"), (None, "广东省 深圳市 449999")],
)
async def test_an_address_whose_division_is_gone_is_read_and_approved_to(
    client: Client, given: World, saved: str | None, region: str
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    await change(given, return_addresses, region=saved, **GONE)
    assert await owner.ask("{ returnAddresses { region } }") == [{"region": region}]
    order = await given.order(shop)
    payload = await owner.do("reviewServiceOrder", REVIEW, id=order.id, decision={"approve": {}})
    assert payload["refusals"] == []
    stored = (await given.row(order)).review_address
    assert (stored["region"], stored["district_code"]) == (region, "449999")
    [node] = (await owner.ask(LIST))["nodes"]
    assert node["review"]["returnAddress"] == {"region": region}


async def test_an_order_s_address_from_before_names_were_saved_is_read(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    await given.take(order, Action.APPROVE)
    stored = (await given.row(order)).review_address | GONE
    del stored["region"]
    await change(given, service_orders, review_address=stored)
    [node] = (await client.as_(shop.owner.token).ask(LIST))["nodes"]
    assert node["review"]["returnAddress"] == {"region": "广东省 深圳市 449999"}


@pytest.mark.parametrize(
    "codes",
    [
        ("320000", "320600", "320611"),
        ("350000", "350400", "350402"),
        ("370000", "370600", "370634"),
    ],
)
async def test_an_abolished_district_is_refused_for_new_addresses_and_readable_in_old_ones(
    client: Client, given: World, codes: tuple[str, str, str]
) -> None:
    shop = await given.merchant()
    names = ("provinceCode", "cityCode", "districtCode")
    payload = await save(client, shop, **dict(zip(names, codes, strict=True)))
    [refusal] = payload["refusals"]
    assert (refusal["code"], refusal["division"]) == ("UNKNOWN_DIVISION", codes[2])
    columns = dict(zip(("province_code", "city_code", "district_code"), codes, strict=True))
    await change(given, return_addresses, **columns)
    [address] = await client.as_(shop.owner.token).ask("{ returnAddresses { region } }")
    assert address["region"].split(" ")[2] in {"港闸区", "梅列区", "长岛县"}


@pytest.mark.parametrize(
    ("codes", "region"),
    [
        (("110000", "110100", "110105"), "北京市 朝阳区"),
        (("500000", "500200", "500235"), "重庆市 云阳县"),
        (("410000", "419000", "419001"), "河南省 济源市"),
        (("650000", "659000", "659013"), "新疆维吾尔自治区 草湖市"),
        (("440000", "441900", "441900"), "广东省 东莞市"),
        (("440000", "442000", "442000"), "广东省 中山市"),
        (("460000", "460400", "460400"), "海南省 儋州市"),
        (("620000", "620200", "620200"), "甘肃省 嘉峪关市"),
    ],
)
async def test_a_saved_address_has_the_region_that_stands_on_a_parcel(
    client: Client, given: World, codes: tuple[str, str, str], region: str
) -> None:
    names = ("provinceCode", "cityCode", "districtCode")
    payload = await save(client, await given.merchant(), **dict(zip(names, codes, strict=True)))
    assert payload["refusals"] == []
    assert payload["returnAddress"]["region"] == region


async def test_the_migration_copies_the_names_into_every_stored_address(given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    await given.take(order, Action.APPROVE)
    codes = {"province_code": "370000", "city_code": "370600", "district_code": "370634"}
    pickup = (await given.row(order)).review_address | codes
    await change(given, applications, pickup_address=pickup)
    database = given.parts.database

    async def stored() -> list[Any]:
        async with database.read() as connection:
            details = sa.select(events.c.details).where(events.c.kind == EventKind.APPROVED)
            return [
                (await connection.execute(statement)).scalar_one()
                for statement in (
                    sa.select(return_addresses.c.region),
                    sa.select(service_orders.c.review_address),
                    sa.select(applications.c.pickup_address),
                    details,
                )
            ]

    async def migrate(step: Any) -> None:
        async with database.write() as connection:
            await connection.run_sync(alembic_commands.with_config, step)

    await migrate(partial(command.downgrade, revision="0008"))
    async with database.read() as connection:
        old = (await connection.execute(sa.select(service_orders.c.review_address))).scalar_one()
    assert "region" not in old
    await migrate(partial(command.upgrade, revision="head"))
    region, address, application, details = await stored()
    assert region == address["region"] == "广东省 深圳市 南山区"
    assert address == old | {"region": region}
    assert application["region"] == "山东省 烟台市 长岛县"
    assert details["returnAddress"] == address
