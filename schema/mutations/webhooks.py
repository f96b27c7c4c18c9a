"""Mutations of a merchant's webhook endpoints, and of the deliveries to them."""

import strawberry

from domain.events import EventKind
from domain.outgoing import MAX_URL
from domain.permissions import Permission
from domain.refusals.refusal import Refused
from domain.refusals.webhooks import SelectionNotAllowed
from domain.webhooks import MAX_DESCRIPTION, MAX_ENDPOINTS, MAX_SELECTION
from domain.words import at_most, between, optional_line, secret, words
from execution.sources import object_source
from execution.stored_documents import STORED_DOCUMENTS, StoredDocuments
from resolvers.context import Context
from resolvers.staff.unchanged import UNCHANGED
from resolvers.webhooks.create import create_endpoint
from resolvers.webhooks.ping import ping_endpoint
from resolvers.webhooks.resend import resend_delivery
from resolvers.webhooks.rotate import rotate_secret
from resolvers.webhooks.switch import disable_endpoint, enable_endpoint
from resolvers.webhooks.update import delete_endpoint, update_endpoint
from resolvers.webhooks.values import EndpointValues
from schema import ids
from schema.fields import Info, mutation
from schema.types.payload import DonePayload, refusals_field
from schema.types.refusal import Refusal
from schema.types.webhook import WebhookDelivery, WebhookEndpoint, WebhookTestResult

_MAX_VERSION = 2**31 - 1
_URL = (
    f"It begins with `https://` and leads to a public host, port 443 or 8443. At most {MAX_URL:,} "
    "characters."
)
_DESCRIPTION = f"What the endpoint is for. At most {MAX_DESCRIPTION} characters."
_KINDS = "The kinds of events to send. Null: all, new kinds included."
_SELECTION = (
    "A GraphQL query whose answer each message holds, as it is when the message is sent: "
    "`query($id: ID!) { serviceOrder(id: $id) { … } }`. It has this one variable and this one "
    f"field at its root. At most {MAX_SELECTION:,} characters. Null: messages hold ids and a "
    "cursor alone."
)
_SCOPES = (
    "The permissions with which the selection is answered: permissions with the `scopeGiver` "
    "`MERCHANT` in the query `permissions`, such as `SERVICE_ORDER_READ`. The viewer must hold "
    "what each scope requires."
)


@strawberry.input(
    description=f"The webhook endpoint to create. A merchant can have {MAX_ENDPOINTS} of them."
)
class CreateWebhookEndpointInput:
    """An endpoint."""

    url: str = strawberry.field(description=f"The address. {_URL}")
    description: str | None = strawberry.field(default=None, description=_DESCRIPTION)
    kinds: list[EventKind] | None = strawberry.field(default=None, description=_KINDS)
    selection: str | None = strawberry.field(default=None, description=_SELECTION)
    scopes: list[Permission] = strawberry.field(default_factory=list, description=_SCOPES)

    def read(self, context: Context) -> EndpointValues:
        """Raises BadInput or Refused."""
        return EndpointValues(
            url=_url(self.url),
            description=_description(self.description),
            kinds=_kinds(self.kinds),
            selection=_selection(context, self.selection),
            scopes=self.scopes,
        )


@strawberry.input(
    description="The changes to a webhook endpoint. Fields that are left out do not change."
)
class UpdateWebhookEndpointInput:
    """A change."""

    id: strawberry.ID = strawberry.field(description="The id of the endpoint.")
    expected_version: int = strawberry.field(
        description=(
            "The `version` of the endpoint that the change is based on. If it has changed, the "
            "request is refused with `WEBHOOK_ENDPOINT_CHANGED`."
        )
    )
    url: str | None = strawberry.field(default=None, description=f"The new address. {_URL}")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_DESCRIPTION} Null removes it."
    )
    kinds: list[EventKind] | None = strawberry.field(default=strawberry.UNSET, description=_KINDS)
    selection: str | None = strawberry.field(default=strawberry.UNSET, description=_SELECTION)
    scopes: list[Permission] | None = strawberry.field(default=None, description=_SCOPES)

    def read(self, context: Context) -> EndpointValues:
        """Raises BadInput or Refused."""
        unset = strawberry.UNSET
        return EndpointValues(
            url=UNCHANGED if self.url is None else _url(self.url),
            description=(
                UNCHANGED if self.description is unset else _description(self.description)
            ),
            kinds=UNCHANGED if self.kinds is unset else _kinds(self.kinds),
            selection=(
                UNCHANGED if self.selection is unset else _selection(context, self.selection)
            ),
            scopes=UNCHANGED if self.scopes is None else self.scopes,
        )


@strawberry.input(description="The webhook endpoint.")
class WebhookEndpointInput:
    """An endpoint."""

    id: strawberry.ID = strawberry.field(description="The id of the endpoint.")


@strawberry.input(description="The webhook endpoint to enable.")
class EnableWebhookEndpointInput(WebhookEndpointInput):
    """An endpoint."""

    skip_missed: bool = strawberry.field(
        default=False,
        description=(
            "Whether to give up the deliveries that are not finished, and the events since it was "
            "disabled."
        ),
    )


@strawberry.input(description="The delivery to send again.")
class ResendWebhookDeliveryInput:
    """A delivery."""

    id: strawberry.ID = strawberry.field(description="The id of the delivery.")


@strawberry.type(description="The saved webhook endpoint.")
class WebhookEndpointPayload:
    """A payload with an endpoint."""

    webhook_endpoint: WebhookEndpoint | None = strawberry.field(
        default=None, description="The webhook endpoint. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type(description="The webhook endpoint and its new secret.")
class WebhookSecretPayload(WebhookEndpointPayload):
    """A payload with a secret."""

    secret: str | None = strawberry.field(
        default=None,
        description=(
            "The secret that verifies the messages, `whsec_` and base64. It is shown only once. "
            "Null if the request was refused."
        ),
    )


@strawberry.type(description="What came back from the test message.")
class TestWebhookEndpointPayload:
    """A payload with the result of a test."""

    result: WebhookTestResult | None = strawberry.field(
        default=None, description="What came back. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


@strawberry.type(description="The delivery that is to be sent again.")
class ResendWebhookDeliveryPayload:
    """A payload with a delivery."""

    webhook_delivery: WebhookDelivery | None = strawberry.field(
        default=None, description="The delivery. Null if the request was refused."
    )
    refusals: list[Refusal] = refusals_field()


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

        For 24 hours messages are signed with the former secret too.
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

        It goes on where it stopped, as far as the feed still has the events.
        """
        id_ = _id(info.context, input.id)
        key = await enable_endpoint(info.context, id_, skip_missed=input.skip_missed)
        return WebhookEndpointPayload(webhook_endpoint=_endpoint(key))

    @mutation(Permission.SETTINGS_MANAGE)
    async def delete_webhook_endpoint(self, info: Info, input: WebhookEndpointInput) -> DonePayload:
        """删除 Webhook 端点. Deletes a webhook endpoint and its deliveries."""
        await delete_endpoint(info.context, _id(info.context, input.id))
        return DonePayload(done=True)

    @mutation(Permission.SETTINGS_MANAGE)
    async def test_webhook_endpoint(
        self, info: Info, input: WebhookEndpointInput
    ) -> TestWebhookEndpointPayload:
        """测试 Webhook 端点. Sends a message of the type `ping` now, and returns what came back.

        A disabled endpoint can be tested too. The test is no delivery and is not repeated.
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

        It is tried again for three days like a new one.
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


def _url(value: str) -> str:
    return secret(value, "url", longest=MAX_URL)


def _description(value: str | None) -> str | None:
    return optional_line(value, "description", longest=MAX_DESCRIPTION)


def _kinds(value: list[EventKind] | None) -> list[EventKind] | None:
    if value is not None:
        at_most(value, "kinds", least=1, most=len(EventKind))
    return value


def _selection(context: Context, value: str | None) -> str | None:
    """Raises BadInput or Refused."""
    if value is None:
        return None
    text = words(value, "selection", longest=MAX_SELECTION)
    documents: StoredDocuments = context.shared[STORED_DOCUMENTS]
    problem = documents.problem_of(text)
    if problem is not None:
        raise Refused(SelectionNotAllowed(reason=problem, path=("selection",)))
    return text
