"""Connectors: what they may do, on whose behalf, and for how long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from auth.authenticator import USE_NOTED_EVERY
from domain.permissions import Permission
from domain.scopes import SCOPES, ScopeGiver
from models.accounts import connectors
from resolvers.settings.connectors import DEFAULT_LIFE, LONGEST_LIFE
from tests.client import Client, Failed
from tests.given import Person, Shop, World
from tests.sign_in.signing import Wall, node

pytestmark = pytest.mark.anyio

P = Permission
ORDERS = "{ serviceOrders { nodes { id } } }"
SHAPE = "connector { id name scopes createdBy { name } owner { name } expiresAt lastUsedAt }"


@pytest.fixture
async def shop(given: World) -> Shop:
    return await given.merchant()


async def made(client: Client, by: Person, *scopes: Permission, **given: Any) -> Any:
    payload = await client.as_(by.token).do(
        "createConnector", f"{SHAPE} token", name="ERP", scopes=scopes, **given
    )
    assert payload["refusals"] == [], payload
    return payload


async def codes(client: Client, token: str, query: str = ORDERS) -> list[str]:
    try:
        await client.as_(token).ask_all(query)
    except Failed as failed:
        return failed.codes
    return []


# Who gives what


async def test_who_may_not_read_orders_makes_no_connector_that_can(
    client: Client, given: World, shop: Shop
) -> None:
    settings = await given.employee(shop, P.SETTINGS_MANAGE)
    refusal = await client.as_(settings.token).refused(
        "createConnector", "token", name="ERP", scopes=["SERVICE_ORDER_READ"]
    )
    assert refusal["code"] == "PERMISSION_NOT_HELD"
    assert refusal["path"] == ["scopes"]
    connector = await made(client, settings, P.APPLICATION_SUBMIT)
    assert await codes(client, connector["token"]) == ["FORBIDDEN"]


async def test_a_connector_for_an_erp_reads_the_orders_of_its_merchant_and_does_nothing(
    client: Client, given: World, shop: Shop
) -> None:
    order, other = await given.order(shop), await given.order(await given.merchant("另一家"))
    person = await given.employee(shop, P.SETTINGS_MANAGE, P.SERVICE_ORDER_READ)
    erp = client.as_((await made(client, person, P.SERVICE_ORDER_READ))["token"])
    assert await erp.ask(ORDERS) == {"nodes": [{"id": order.id}]}
    assert await erp.ask("query($id: ID!) { serviceOrder(id: $id) { id } }", id=other.id) is None
    with pytest.raises(Failed) as failure:
        await erp.do("reviewServiceOrder", id=order.id, decision={"approve": {}})
    assert failure.value.code == "FORBIDDEN"


@pytest.mark.parametrize("scope", sorted(Permission))
async def test_a_merchant_gives_what_the_table_says_and_nothing_else(
    client: Client, shop: Shop, scope: Permission
) -> None:
    payload = await client.as_(shop.owner.token).do(
        "createConnector", "token", name="ERP", scopes=[scope]
    )
    is_merchants = scope in SCOPES and SCOPES[scope].giver is ScopeGiver.MERCHANT
    expected = [] if is_merchants else ["NOT_DELEGABLE"]
    assert [one["code"] for one in payload["refusals"]] == expected


async def test_the_platform_alone_lets_a_connector_act_for_customers(
    client: Client, given: World, shop: Shop
) -> None:
    connector = await made(client, shop.owner, P.APPLICATION_SUBMIT)
    id_, storefront = connector["connector"]["id"], client.as_(connector["token"])
    platform = client.as_((await given.platform(P.ENROLMENT_REVIEW)).token)
    with pytest.raises(Failed) as failure:
        await storefront.do("issueCustomerToken", customerRef="c-1")
    assert failure.value.code == "FORBIDDEN"
    for scope in ("APPLICATION_SUBMIT", "SERVICE_ORDER_READ", "REVIEW"):
        refusal = await platform.refused("grantConnectorScopes", id=id_, scopes=[scope])
        assert refusal["code"] == "NOT_DELEGABLE"
    granted = await platform.do("grantConnectorScopes", SHAPE, id=id_, scopes=["CUSTOMER_ACT"])
    assert granted["connector"]["scopes"] == ["APPLICATION_SUBMIT", "CUSTOMER_ACT"]
    issued = await storefront.do("issueCustomerToken", "accessToken", customerRef="c-1")
    assert await codes(client, issued["accessToken"]) == []
    taken = await platform.do("grantConnectorScopes", SHAPE, id=id_, scopes=[])
    assert taken["connector"]["scopes"] == ["APPLICATION_SUBMIT"]
    # The customers' tokens end with the scope, not fifteen minutes later.
    assert await codes(client, issued["accessToken"]) == ["UNAUTHENTICATED"]


async def test_the_platform_sees_a_merchants_connectors_when_it_says_whose(
    client: Client, given: World, shop: Shop
) -> None:
    connector = await made(client, shop.owner)
    platform = client.as_((await given.platform(P.ENROLMENT_REVIEW)).token)
    query = "query($m: ID) { connectors(merchantId: $m) { id } }"
    assert await platform.ask(query, m=shop.global_id) == [{"id": connector["connector"]["id"]}]
    with pytest.raises(Failed) as failure:
        await platform.ask(query)
    assert failure.value.code == "BAD_USER_INPUT"
    other = await given.merchant("另一家")
    with pytest.raises(Failed) as failure:
        await client.as_(shop.owner.token).ask(query, m=other.global_id)
    assert failure.value.code == "NOT_FOUND"


# On whose behalf


async def test_a_connector_says_who_made_it_and_rests_while_they_may_not(
    client: Client, given: World, shop: Shop
) -> None:
    owner = client.as_(shop.owner.token)
    person = await given.employee(shop, P.SETTINGS_MANAGE, P.SERVICE_ORDER_READ, name="小B")
    connector = await made(client, person, P.SERVICE_ORDER_READ, P.APPLICATION_SUBMIT)
    assert connector["connector"]["createdBy"] == connector["connector"]["owner"] == {"name": "小B"}
    token = connector["token"]
    held = "{ viewer { permissions { permission } } }"

    async def permissions() -> list[str]:
        found = await client.as_(token).ask(held)
        return [one["permission"] for one in found["permissions"]]

    async def give(*these: str) -> None:
        payload = await owner.do("updateEmployee", id=person.global_id, extraPermissions=these)
        assert payload["refusals"] == []

    assert await permissions() == ["SERVICE_ORDER_READ", "APPLICATION_SUBMIT"]
    await give("SETTINGS_MANAGE")
    assert await permissions() == ["APPLICATION_SUBMIT"]
    assert await codes(client, token) == ["FORBIDDEN"]
    await give("SERVICE_ORDER_READ")
    assert await permissions() == []
    await give("SETTINGS_MANAGE", "SERVICE_ORDER_READ")
    assert await permissions() == ["SERVICE_ORDER_READ", "APPLICATION_SUBMIT"]
    await owner.do("disableEmployee", id=person.global_id)
    assert await permissions() == []


async def test_a_permission_that_the_owner_has_by_a_role_counts(
    client: Client, given: World, shop: Shop
) -> None:
    person = await given.employee(shop, P.SETTINGS_MANAGE, roles=["只读", "审核组"])
    connector = await made(client, person, P.SERVICE_ORDER_READ)
    assert await codes(client, connector["token"]) == []


async def test_a_connector_is_handed_over_to_somebody_who_holds_what_it_takes(
    client: Client, given: World, shop: Shop
) -> None:
    owner = client.as_(shop.owner.token)
    leaving = await given.employee(shop, P.SETTINGS_MANAGE, P.SERVICE_ORDER_READ, name="小B")
    staying = await given.employee(shop, P.SETTINGS_MANAGE, name="小C", roles=["审核组"])
    unfit = await given.employee(shop, P.SETTINGS_MANAGE, name="小D")
    connector = await made(client, leaving, P.SERVICE_ORDER_READ)
    id_ = connector["connector"]["id"]
    await owner.do("disableEmployee", id=leaving.global_id)
    assert await codes(client, connector["token"]) == ["FORBIDDEN"]
    refusal = await owner.refused("handOverConnector", SHAPE, id=id_, employeeId=unfit.global_id)
    assert (refusal["code"], refusal["path"]) == ("RECIPIENT_NOT_PERMITTED", ["employeeId"])
    gone = await owner.refused("handOverConnector", id=id_, employeeId=leaving.global_id)
    assert gone["code"] == "NOT_FOUND"
    # Nobody passes on what they do not hold: they may still have the token.
    refusal = await client.as_(unfit.token).refused(
        "handOverConnector", id=id_, employeeId=staying.global_id
    )
    assert refusal["code"] == "PERMISSION_NOT_HELD"
    done = await owner.do("handOverConnector", SHAPE, id=id_, employeeId=staying.global_id)
    assert (done["connector"]["owner"], done["connector"]["createdBy"]) == (
        {"name": "小C"},
        {"name": "小B"},
    )
    assert await codes(client, connector["token"]) == []
    taken = await owner.do("handOverConnector", SHAPE, id=id_)
    assert taken["connector"]["owner"] == {"name": "店主"}
    other = await given.merchant("另一家")
    refusal = await client.as_(other.owner.token).refused("handOverConnector", id=id_)
    assert refusal["code"] == "NOT_FOUND"


async def test_a_connector_of_a_merchant_without_an_owner_may_do_nothing(
    client: Client, given: World, shop: Shop
) -> None:
    connector = await given.connector(shop, sorted(SCOPES))
    async with given.parts.database.write() as connection:
        nobodys = sa.update(connectors).where(connectors.c.id == connector.id)
        await connection.execute(nobodys.values(owner_id=None))
    assert await codes(client, connector.token) == ["FORBIDDEN"]


async def test_an_account_of_another_merchant_is_no_owner(
    client: Client, given: World, shop: Shop
) -> None:
    other = await given.merchant("另一家")
    connector = await given.connector(shop, sorted(SCOPES))
    async with given.parts.database.write() as connection:
        theirs = sa.update(connectors).where(connectors.c.id == connector.id)
        await connection.execute(theirs.values(owner_id=other.owner.id))
    assert await codes(client, connector.token) == ["FORBIDDEN"]


async def test_the_scope_of_a_platforms_storefront_needs_no_owner(
    client: Client, given: World, shop: Shop
) -> None:
    storefront = client.as_((await given.connector()).token)
    issued = await storefront.do(
        "issueCustomerToken", "accessToken", customerRef="c-1", merchantId=shop.global_id
    )
    assert await codes(client, issued["accessToken"]) == []


# For how long


async def test_a_connector_expires_after_a_year_or_when_it_was_said_to(
    given: World, shop: Shop, schema
) -> None:
    async with node(given.parts, schema) as client:
        soon = datetime.now(UTC) + timedelta(days=2)
        short = await made(client, shop.owner, P.SERVICE_ORDER_READ, expiresAt=soon.isoformat())
        usual = await made(client, shop.owner, P.SERVICE_ORDER_READ)
        life = datetime.fromisoformat(usual["connector"]["expiresAt"]) - datetime.now(UTC)
        assert abs(life - DEFAULT_LIFE) < timedelta(minutes=1)
        assert datetime.fromisoformat(short["connector"]["expiresAt"]) == soon
        assert await codes(client, short["token"]) == []
    later = Wall(timedelta(days=2, minutes=1))
    async with node(given.parts, schema, wall=later) as client:
        assert await codes(client, short["token"]) == ["UNAUTHENTICATED"]
        assert await codes(client, usual["token"]) == []
    later = Wall(DEFAULT_LIFE + timedelta(minutes=1))
    async with node(given.parts, schema, wall=later) as client:
        assert await codes(client, usual["token"]) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "ahead", [timedelta(days=-1), LONGEST_LIFE + timedelta(days=1)], ids=["past", "too far"]
)
async def test_a_connector_cannot_expire_in_the_past_or_in_more_than_two_years(
    client: Client, shop: Shop, ahead: timedelta
) -> None:
    with pytest.raises(Failed) as failure:
        await client.as_(shop.owner.token).do(
            "createConnector",
            name="ERP",
            scopes=[],
            expiresAt=(datetime.now(UTC) + ahead).isoformat(),
        )
    assert failure.value.code == "BAD_USER_INPUT"
    assert failure.value.extensions["argument"] == ["expiresAt"]


async def test_the_last_use_is_noted_once_an_hour_and_beside_the_requests(
    given: World, shop: Shop, schema
) -> None:
    async with node(given.parts, schema) as client:
        connector = await made(client, shop.owner, P.SERVICE_ORDER_READ)

    async def last_used() -> datetime | None:
        async with given.parts.database.read() as connection:
            return await connection.scalar(sa.select(connectors.c.last_used_at))

    notes = given.parts.authenticator
    await notes.viewer(connector["token"], fresh=True)
    assert await last_used() is None
    await notes.store_uses()
    first = await last_used()
    assert first is not None
    assert datetime.now(UTC) - first < timedelta(minutes=1)
    await notes.viewer(connector["token"], fresh=True)
    await notes.store_uses()
    assert await last_used() == first
    async with given.parts.database.write() as connection:
        earlier = first - USE_NOTED_EVERY
        await connection.execute(sa.update(connectors).values(last_used_at=earlier))
    await notes.viewer(connector["token"], fresh=True)
    await notes.store_uses()
    second = await last_used()
    assert second is not None
    assert second > first
