"""Webhook endpoints, and the deliveries to them."""

from datetime import datetime

import strawberry

from domain.actors import ActorKind
from domain.events import EventKind
from domain.outgoing import DeliveryFailure
from domain.permissions import Permission
from domain.webhooks import DeliveryStatus, DisabledReason, message_id
from models.webhook import webhook_deliveries, webhook_endpoints
from outgoing.answer import Answer
from resolvers.context import Context
from schema import ids
from schema.fields import column, computed, projected
from schema.types.actor import Actor, actor_of


def _owner(context: Context, merchant_id: int, id_: int, name: str) -> Actor:
    return actor_of(context, ActorKind.EMPLOYEE, name, id_, merchant_id)


def _overlap(context: Context, until: datetime | None) -> datetime | None:
    return until if until is not None and context.services.wall.now() < until else None


def _order_id(_context: Context, merchant_id: int, id_: int | None) -> strawberry.ID | None:
    return None if id_ is None else strawberry.ID(ids.encode("ServiceOrder", merchant_id, id_))


@projected(webhook_endpoints)
@strawberry.type(
    description=(
        "Webhook 端点. An address to which the merchant's events are sent, by the Standard "
        "Webhooks specification."
    )
)
class WebhookEndpoint:
    """An endpoint."""

    id: strawberry.ID = computed(
        ids.of_tenant("WebhookEndpoint"),
        (webhook_endpoints.c.merchant_id, webhook_endpoints.c.id),
        "The globally unique id.",
    )
    version: int = column(
        webhook_endpoints.c.version, "The number of the latest change, for `expectedVersion`."
    )
    url: str = column(webhook_endpoints.c.url, "The address that the messages are sent to.")
    description: str | None = column(
        webhook_endpoints.c.description, "What the endpoint is for. Null if not given."
    )
    kinds: list[EventKind] | None = column(
        webhook_endpoints.c.kinds,
        "The kinds of events that are sent. Null: all.",
        lambda stored: None if stored is None else [EventKind(value) for value in stored],
    )
    selection: str | None = column(
        webhook_endpoints.c.selection,
        "The GraphQL query whose answer each message holds. Null: messages hold ids and a cursor "
        "alone.",
    )
    scopes: list[Permission] = column(
        webhook_endpoints.c.scopes,
        "The permissions with which the selection is answered. A scope works only while the owner "
        "holds the permission that the scope requires.",
        lambda stored: [Permission(value) for value in stored],
    )
    owner: Actor = computed(
        _owner,
        (
            webhook_endpoints.c.merchant_id,
            webhook_endpoints.c.owner_id,
            webhook_endpoints.c.owner,
        ),
        "The person who created or last changed it, and whose permissions limit its scopes.",
    )
    former_secret_until: datetime | None = computed(
        _overlap,
        (webhook_endpoints.c.overlap_until,),
        "When the former secret stops signing after a rotation. Null if it no longer signs.",
    )
    failing_since: datetime | None = column(
        webhook_endpoints.c.failing_since,
        "When the first attempt failed since the last success. Null if the last one succeeded.",
    )
    disabled_at: datetime | None = column(
        webhook_endpoints.c.disabled_at, "When it was disabled. Null while it is enabled."
    )
    disabled_reason: DisabledReason | None = column(
        webhook_endpoints.c.disabled_reason, "Why it is disabled. Null while it is enabled."
    )
    created_at: datetime = column(webhook_endpoints.c.created_at, "When it was created.")
    updated_at: datetime = column(webhook_endpoints.c.updated_at, "When it was last changed.")


@projected(webhook_deliveries)
@strawberry.type(
    description=(
        "Webhook 投递. A message to a webhook endpoint, with its last attempt. Deliveries are "
        "kept for 30 days."
    )
)
class WebhookDelivery:
    """A delivery."""

    id: strawberry.ID = computed(
        lambda _context, *key: ids.encode("WebhookDelivery", *key),
        (
            webhook_deliveries.c.merchant_id,
            webhook_deliveries.c.endpoint_id,
            webhook_deliveries.c.id,
        ),
        "The globally unique id.",
    )
    message_id: str = computed(
        lambda _context, id_: message_id(id_),
        (webhook_deliveries.c.id,),
        "The `webhook-id` of the message, the same for each attempt.",
    )
    type: str = column(
        webhook_deliveries.c.type,
        "The type of the message: `service_order.` and the kind of the event in lower case, "
        "`quality_alert.raised`, `quality_alert.recovered`, or `webhook_endpoint.disabled`.",
    )
    occurred_at: datetime = column(
        webhook_deliveries.c.occurred_at, "When the event happened: the message's `timestamp`."
    )
    service_order_id: strawberry.ID | None = computed(
        _order_id,
        (webhook_deliveries.c.merchant_id, webhook_deliveries.c.service_order_id),
        "The id of the service order. Null for a message that is about none.",
    )
    sequence: int | None = column(
        webhook_deliveries.c.sequence,
        "The position of the event on the order's timeline. Null without an order.",
    )
    status: DeliveryStatus = column(webhook_deliveries.c.status, "The status.")
    attempts: int = column(
        webhook_deliveries.c.attempts,
        "The number of attempts since it was created or last resent.",
    )
    next_attempt_at: datetime | None = column(
        webhook_deliveries.c.next_attempt_at,
        "The earliest time of the next attempt. It is later if the endpoint fails, or an earlier "
        "delivery of the same order is not finished. Null if the delivery is finished.",
    )
    first_attempt_at: datetime | None = column(
        webhook_deliveries.c.first_attempt_at,
        "When it was first attempted. It is retried until three days later. Null if not yet.",
    )
    last_attempt_at: datetime | None = column(
        webhook_deliveries.c.last_attempt_at, "When it was last attempted. Null if not yet."
    )
    answer_status: int | None = column(
        webhook_deliveries.c.answer_status,
        "The HTTP status of the last answer. Null if there was none.",
    )
    failure: DeliveryFailure | None = column(
        webhook_deliveries.c.failure,
        "Why the last attempt has no usable answer. Null if it has one.",
    )
    duration_ms: int | None = column(
        webhook_deliveries.c.duration_ms,
        "The duration of the last attempt, in milliseconds. Null if there was none.",
    )
    answer: str | None = column(
        webhook_deliveries.c.answer,
        "The first kilobyte of the last answer. Null if there was none.",
    )
    created_at: datetime = column(
        webhook_deliveries.c.created_at, "When the delivery was created from the event."
    )
    finished_at: datetime | None = column(
        webhook_deliveries.c.finished_at,
        "When it was delivered or given up. Null if it is not finished.",
    )


@strawberry.type(description="What came back from a test message.")
class WebhookTestResult:
    """An answer."""

    delivered: bool = strawberry.field(
        description="Whether the endpoint accepted the message, with a status from 200 to 299."
    )
    answer_status: int | None = strawberry.field(
        description="The HTTP status of the answer. Null if there was none."
    )
    failure: DeliveryFailure | None = strawberry.field(
        description="Why there is no usable answer. Null if there is one."
    )
    duration_ms: int = strawberry.field(description="The duration in milliseconds.")
    answer: str = strawberry.field(description="The first kilobyte of the answer.")

    @classmethod
    def of(cls, answer: Answer) -> "WebhookTestResult":
        return cls(
            delivered=answer.delivered,
            answer_status=answer.status,
            failure=answer.failure,
            duration_ms=round(answer.duration.total_seconds() * 1000),
            answer=answer.text,
        )
