"""The inputs and payloads of the mutations of webhooks."""

import strawberry

from domain.events import EventKind
from domain.outgoing import MAX_URL
from domain.permissions import Permission
from domain.refusals.refusal import Refused
from domain.refusals.webhooks import SelectionNotAllowed
from domain.webhooks import MAX_DESCRIPTION, MAX_ENDPOINTS, MAX_SELECTION
from domain.words import at_most, optional_line, secret, words
from execution.stored_documents import STORED_DOCUMENTS, StoredDocuments
from resolvers.context import Context
from resolvers.staff.unchanged import UNCHANGED
from resolvers.webhooks.values import EndpointValues
from schema.types.payload import refusals_field
from schema.types.refusal import Refusal
from schema.types.webhook import WebhookDelivery, WebhookEndpoint, WebhookTestResult

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
            "Whether to give up the unfinished deliveries and the events since the endpoint was "
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
        raise Refused(SelectionNotAllowed(reason=problem.rstrip("."), path=("selection",)))
    return text
