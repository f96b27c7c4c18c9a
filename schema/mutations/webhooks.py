"""Mutations of a merchant's webhook endpoints, and of the deliveries to them."""

import strawberry

from domain.permissions import Permission
from domain.words import between
from execution.sources import object_source
from resolvers.context import Context
from resolvers.webhooks.create import create_endpoint
from resolvers.webhooks.delete import delete_endpoint
from resolvers.webhooks.disable import disable_endpoint
from resolvers.webhooks.enable import enable_endpoint
from resolvers.webhooks.ping import ping_endpoint
from resolvers.webhooks.resend import resend_delivery
from resolvers.webhooks.rotate import rotate_secret
from resolvers.webhooks.update import update_endpoint
from schema import ids
from schema.fields import Info, mutation
from schema.types.payload import DeletedPayload
from schema.types.webhook import WebhookEndpoint, WebhookTestResult
from schema.types.webhook_input import (
    CreateWebhookEndpointInput,
    EnableWebhookEndpointInput,
    ResendWebhookDeliveryInput,
    ResendWebhookDeliveryPayload,
    TestWebhookEndpointPayload,
    UpdateWebhookEndpointInput,
    WebhookEndpointInput,
    WebhookEndpointPayload,
    WebhookSecretPayload,
)

_MAX_VERSION = 2**31 - 1


@strawberry.type
class WebhookMutations:
    """Mutations of webhooks."""

    @mutation(Permission.SETTINGS_MANAGE)
    async def create_webhook_endpoint(
        self, info: Info, input: CreateWebhookEndpointInput
    ) -> WebhookSecretPayload:
        """新增 Webhook 端点. Creates a webhook endpoint. Later events are sent to it."""
        key, secret_ = await create_endpoint(info.context, input.read(info.context))
        return WebhookSecretPayload(webhook_endpoint=_endpoint(key), secret=secret_)

    @mutation(Permission.SETTINGS_MANAGE)
    async def update_webhook_endpoint(
        self, info: Info, input: UpdateWebhookEndpointInput
    ) -> WebhookEndpointPayload:
        """修改 Webhook 端点. Changes a webhook endpoint. The viewer becomes its owner.

        Deliveries that are not finished go to the new address.
        """
        version = between(input.expected_version, "expectedVersion", least=0, most=_MAX_VERSION)
        id_, values = _id(info.context, input.id), input.read(info.context)
        key = await update_endpoint(info.context, id_, values, expected_version=version)
        return WebhookEndpointPayload(webhook_endpoint=_endpoint(key))

    @mutation(Permission.SETTINGS_MANAGE)
    async def rotate_webhook_secret(
        self, info: Info, input: WebhookEndpointInput
    ) -> WebhookSecretPayload:
        """更换 Webhook 密钥. Replaces the secret of a webhook endpoint.

        For 24 hours, messages are signed with the former secret, too. If it is replaced again
        within that time, the first one no longer signs.
        """
        key, secret_ = await rotate_secret(info.context, _id(info.context, input.id))
        return WebhookSecretPayload(webhook_endpoint=_endpoint(key), secret=secret_)

    @mutation(Permission.SETTINGS_MANAGE)
    async def disable_webhook_endpoint(
        self, info: Info, input: WebhookEndpointInput
    ) -> WebhookEndpointPayload:
        """停用 Webhook 端点. Disables a webhook endpoint. Its events wait until it is enabled."""
        key = await disable_endpoint(info.context, _id(info.context, input.id))
        return WebhookEndpointPayload(webhook_endpoint=_endpoint(key))

    @mutation(Permission.SETTINGS_MANAGE)
    async def enable_webhook_endpoint(
        self, info: Info, input: EnableWebhookEndpointInput
    ) -> WebhookEndpointPayload:
        """启用 Webhook 端点. Enables a webhook endpoint that is disabled.

        It continues where it stopped. Events that the feed no longer has are not sent.
        """
        id_ = _id(info.context, input.id)
        key = await enable_endpoint(info.context, id_, skip_missed=input.skip_missed)
        return WebhookEndpointPayload(webhook_endpoint=_endpoint(key))

    @mutation(Permission.SETTINGS_MANAGE)
    async def delete_webhook_endpoint(
        self, info: Info, input: WebhookEndpointInput
    ) -> DeletedPayload:
        """删除 Webhook 端点. Deletes a webhook endpoint and its deliveries."""
        await delete_endpoint(info.context, _id(info.context, input.id))
        return DeletedPayload(done=True, deleted_id=input.id)

    @mutation(Permission.SETTINGS_MANAGE)
    async def test_webhook_endpoint(
        self, info: Info, input: WebhookEndpointInput
    ) -> TestWebhookEndpointPayload:
        """测试 Webhook 端点. Sends a message of the type `ping` now, and returns what came back.

        A disabled endpoint can be tested too. The test is not a delivery and is not retried.
        """
        merchant = ids.encode("Merchant", info.context.merchant_id)
        data = {"merchantId": merchant, "webhookEndpointId": input.id}
        answer = await ping_endpoint(info.context, _id(info.context, input.id), data)
        return TestWebhookEndpointPayload(result=WebhookTestResult.of(answer))

    @mutation(Permission.SETTINGS_MANAGE)
    async def resend_webhook_delivery(
        self, info: Info, input: ResendWebhookDeliveryInput
    ) -> ResendWebhookDeliveryPayload:
        """重新投递. Sends a finished delivery again, with the same `webhook-id`.

        It is retried for three days, like a new delivery.
        """
        key = ids.delivery_within(info.context.merchant_id, input.id, "id")
        delivery = object_source("WebhookDelivery", await resend_delivery(info.context, *key))
        return ResendWebhookDeliveryPayload(webhook_delivery=delivery)


def _endpoint(key: tuple[int, int]) -> WebhookEndpoint:
    endpoint: WebhookEndpoint = object_source("WebhookEndpoint", key)
    return endpoint


def _id(context: Context, id_: strawberry.ID) -> int:
    """Raises BadInput or Refused."""
    return ids.within(context.merchant_id, "WebhookEndpoint", id_, "id")
