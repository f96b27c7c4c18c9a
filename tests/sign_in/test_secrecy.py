"""What is secret is in no log and in no answer."""

import logging

import pytest
import sqlalchemy as sa

from tests.client import Client, Failed
from tests.given import PASSWORD, World

pytestmark = pytest.mark.anyio


async def test_no_password_and_no_token_is_ever_logged(
    client: Client, given: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop = await given.merchant()
    session = await client.do(
        "signIn", "accessToken refreshToken", login=shop.owner.login, password=PASSWORD
    )
    owner = client.as_(session["accessToken"])
    await client.do("signIn", login=shop.owner.login, password="wrong-secret")
    new = await client.do(
        "refreshSession", "accessToken refreshToken", refreshToken=session["refreshToken"]
    )
    made = await owner.do("createConnector", "connector { id } token", name="商城", scopes=[])
    platform = client.as_((await given.platform()).token)
    await platform.do("grantConnectorScopes", id=made["connector"]["id"], scopes=["CUSTOMER_ACT"])
    issued = await client.as_(made["token"]).do(
        "issueCustomerToken", "accessToken", customerRef="c-1"
    )
    await owner.do("createEmployee", login="new", password="hired-secret", name="新人")
    with pytest.raises(Failed):
        await owner.do("createEmployee", login="x" * 65, password="refused-secret", name="新人")
    with pytest.raises(Failed):
        await client.do("signIn", login=["mistyped-secret"], password={"a": "mistyped-secret"})
    await client.as_(new["accessToken"] + "x").post({"query": "{ viewer { name } }"})
    await client.do("refreshSession", refreshToken=session["refreshToken"])
    assert caplog.records
    for secret in (
        PASSWORD,
        "wrong-secret",
        "hired-secret",
        "refused-secret",
        "mistyped-secret",
        session["accessToken"],
        session["refreshToken"],
        new["accessToken"],
        new["refreshToken"],
        made["token"],
        issued["accessToken"],
    ):
        assert secret
        assert secret not in caplog.text


async def test_a_failing_database_puts_nobody_s_data_into_the_log(
    client: Client, given: World, caplog: pytest.LogCaptureFixture
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    async with given.parts.database.write() as connection:
        for table in ("return_address_rule", "return_address"):
            await connection.execute(sa.text(f"DROP TABLE {table}"))
    address = {
        "contact": "王店长",
        "phone": "13800138000",
        "provinceCode": "440000",
        "cityCode": "440300",
        "districtCode": "440305",
        "detail": "科技园路 1 号",
    }
    with pytest.raises(Failed) as failure:
        await owner.do("saveReturnAddress", address=address)
    assert failure.value.codes == ["INTERNAL"]
    assert "return_address" not in str(failure.value)
    assert failure.value.extensions["requestId"] in caplog.text
    missing = {"sqlite": "no such table", "postgresql": 'relation "return_address" does not exist'}
    assert missing[given.parts.database.writing.dialect.name] in caplog.text
    assert str(shop.id) not in caplog.text


async def test_neither_a_hash_nor_a_secret_is_a_field_of_the_api(schema) -> None:
    fields = {
        f"{kind.name}.{name}"
        for kind in schema._schema.type_map.values()
        for name in getattr(kind, "fields", ())
        if any(word in name.lower() for word in ("password", "hash", "secret", "token"))
    }
    assert fields == {
        "CreateConnectorPayload.token",
        "CreateEmployeeInput.password",
        "CreateWebhookEndpointPayload.secret",
        "RotateWebhookSecretPayload.secret",
        "Mutation.rotateWebhookSecret",
        "WebhookEndpoint.formerSecretUntil",
        "IssueCustomerTokenPayload.accessToken",
        "Mutation.issueCustomerToken",
        "RefreshSessionInput.refreshToken",
        "RefreshSessionPayload.accessToken",
        "RefreshSessionPayload.refreshToken",
        "RegisterMerchantInput.password",
        "ReviewServiceOrdersInput.planToken",
        "ReviewPlan.planToken",
        "SignInInput.deviceToken",
        "SignInInput.password",
        "SignInPayload.accessToken",
        "SignInPayload.deviceToken",
        "SignInPayload.refreshToken",
        "CreatePlatformAccountInput.password",
        "ChangePasswordInput.currentPassword",
        "ChangePasswordInput.newPassword",
        "Mutation.changePassword",
        "Mutation.issueEmployeePasswordReset",
        "Mutation.issueMainAccountPasswordReset",
        "Mutation.issuePlatformPasswordReset",
        "Mutation.redeemPasswordReset",
        "RedeemPasswordResetInput.newPassword",
        "LinkSingleSignOnInput.currentPassword",
        "SetSingleSignOnInput.currentPassword",
        "CompleteSingleSignOnInput.deviceToken",
        "CompleteSingleSignOnPayload.accessToken",
        "CompleteSingleSignOnPayload.deviceToken",
        "CompleteSingleSignOnPayload.refreshToken",
        "SetSingleSignOnInput.clientSecret",
        "SingleSignOn.hasClientSecret",
        "CreatePlatformConnectorPayload.token",
        "Mutation.resetPlatformPassword",
        "ResetPlatformPasswordInput.password",
    }
