"""No log holds passwords, tokens or the phones of customers."""

import json
import logging

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.client import SIGN_IN, Client, Failed
from tests.given import PASSWORD, World, jpeg

pytestmark = pytest.mark.anyio

REFRESH = """mutation($token: String!) { refreshSession(input: {refreshToken: $token}) {
  accessToken refreshToken refusals { code } } }"""


async def test_no_secret_is_logged_however_much_is(
    client: Client, given: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop = await given.merchant()
    secrets = {PASSWORD, shop.owner.token}

    signed_in = await client.ask(SIGN_IN, login=shop.owner.login, password=PASSWORD)
    owner = client.as_(signed_in["accessToken"])
    fresh = await client.ask(REFRESH, token=signed_in["refreshToken"])
    assert fresh["refusals"] == []
    await client.ask(SIGN_IN, login=shop.owner.login, password="mistyped-password")
    uploaded = await owner.upload(jpeg(), "IMG_secret_name.jpg")
    assert uploaded["refusals"] == []
    hired = await owner.do(
        "createEmployee", "employee { id }", login="xiao-b", password="fresh-password", name="小B"
    )
    assert hired["refusals"] == []
    connector = await owner.do(
        "createConnector", "connector { id } token", name="商城前台", scopes=["APPLICATION_SUBMIT"]
    )
    await client.as_((await given.platform()).token).do(
        "grantConnectorScopes", id=connector["connector"]["id"], scopes=["CUSTOMER_ACT"]
    )
    storefront = client.as_(connector["token"])
    customer = await storefront.do("issueCustomerToken", "accessToken", customerRef="c-1")
    with pytest.raises(Failed) as denied:
        await client.as_("a-token-of-nobody").ask("{ viewer { name } }")
    assert denied.value.code == "UNAUTHENTICATED"

    secrets |= {
        signed_in["accessToken"],
        signed_in["refreshToken"],
        fresh["accessToken"],
        fresh["refreshToken"],
        "mistyped-password",
        "IMG_secret_name",
        "fresh-password",
        connector["token"],
        customer["accessToken"],
        "a-token-of-nobody",
    }
    assert len(secrets) >= 11  # a session that is renewed within the second has the same token
    assert all(len(secret) > 8 for secret in secrets)
    # The log has everything, down to the parameters of statements.
    if given.parts.database.writing.dialect.name == "sqlite":  # asyncpg logs nothing at all
        assert "INSERT INTO" in caplog.text
    assert {secret for secret in secrets if secret in caplog.text} == set()
    # Nor the last part of a token, which is the secret one.
    tails = {secret.rsplit(".", 1)[-1].rsplit("_", 1)[-1] for secret in secrets}
    assert {tail for tail in tails if len(tail) > 8 and tail in caplog.text} == set()


async def _break(connection: AsyncConnection, table: str) -> None:
    """Make every insert into the table fail."""
    trigger = f"CREATE TRIGGER broken_{table} BEFORE INSERT ON {table}"
    if connection.dialect.name == "sqlite":
        broken = f"BEGIN SELECT RAISE(ABORT, 'broken {table}'); END"
        await connection.exec_driver_sql(f"{trigger} {broken}")
        return
    await connection.exec_driver_sql(
        f"CREATE FUNCTION broken_{table}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'broken {table}'; END $$"
    )
    await connection.exec_driver_sql(f"{trigger} EXECUTE FUNCTION broken_{table}()")


async def test_a_bug_is_logged_without_what_the_client_sent(
    client: Client, given: World, caplog: pytest.LogCaptureFixture
) -> None:
    shop = await given.merchant()
    storefront = client.as_((await given.connector(shop)).token)
    async with given.parts.database.write() as connection:
        for table in ("sign_in", "application"):
            await _break(connection, table)

    with pytest.raises(Failed) as failed:
        await client.ask(SIGN_IN, login=shop.owner.login, password=PASSWORD)
    assert failed.value.code == "INTERNAL"
    assert set(failed.value.extensions) == {"code", "requestId"}
    assert failed.value.extensions["requestId"] in caplog.text
    with pytest.raises(Failed) as failed:
        await storefront.do(
            "submitApplication",
            externalRef="A-1",
            orderNumber="P-1",
            customerRef="c-1",
            customerName="李小花",
            customerPhone="13812345678",
            items=[
                {
                    "expectation": "RETURN",
                    "reason": "QUALITY.BROKEN",
                    "description": "屏幕碎了",
                    "sku": "SKU-1",
                    "name": "蓝牙耳机",
                    "quantity": 1,
                    "unitPrice": "199.00",
                    "paidAmount": "189.00",
                }
            ],
        )
    assert failed.value.code == "INTERNAL"

    assert caplog.text.count("Traceback") >= 2
    assert "broken sign_in" in caplog.text
    assert "broken application" in caplog.text
    for secret in (PASSWORD, shop.owner.login, "13812345678", "李小花", storefront.token):
        assert str(secret) not in caplog.text


SEARCH = "query($filter: ServiceOrderFilter) { serviceOrders(filter: $filter) { nodes { id } } }"
BROUGHT = {"phone": "13812345678", "customerName": "李小花", "waybill": "SF1234567890"}


async def test_no_search_is_logged_not_even_one_that_fails(
    client: Client, given: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.WARNING, logger="httpx2")  # the client's own log, with addresses
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    assert (await owner.ask(SEARCH, filter=BROUGHT)) == {"nodes": []}
    variables = json.dumps({"filter": BROUGHT})
    answer = await owner.get({"query": SEARCH, "variables": variables})
    assert answer.status_code == 200
    with pytest.raises(Failed) as failed:
        await owner.ask(SEARCH, filter={**BROUGHT, "phone": "138****"})
    assert "138" not in str(failed.value)
    async with given.parts.database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE application RENAME TO lost")
    with pytest.raises(Failed) as failed:
        await owner.ask(SEARCH, filter=BROUGHT)
    assert failed.value.code == "INTERNAL"
    assert "Traceback" in caplog.text
    told = caplog.text + str(failed.value)
    backwards = BROUGHT["phone"][::-1]
    assert [text for text in (*BROUGHT.values(), backwards) if text in told] == []
