"""Service orders, as clients see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
import strawberry
from strawberry.scalars import JSON

from domain.actors import ActorKind
from domain.applications import Expectation, LogisticsIn
from domain.clocks import CLOCKS, ClockKind
from domain.decision import decide
from domain.events import INTERNAL, EventKind
from domain.lifecycle import LIFECYCLE, Action
from domain.money import yuan
from domain.statuses import Status
from models.application import applications
from models.evidence import evidence
from models.merchant import default_addresses, merchants
from models.queries.service_orders import FACTS, facts
from models.service_order import events, service_orders
from models.staff import employees
from projection.conditions import Condition, Template
from projection.fields import Kept, Many
from resolvers.context import Context
from schema import ids
from schema.fields import column, computed, kept, many, one, part, projected
from schema.scalars import Money
from schema.types.application import Customer
from schema.types.evidence import Evidence
from schema.types.merchant import Merchant, PostalAddress, postal
from schema.types.node import Node
from schema.types.reason import Reason, reason_of
from schema.types.refusal import Refusal, present
from schema.types.staff import Assignee

if TYPE_CHECKING:
    from schema.types.application import Application

MAX_TIMELINE = 100


@projected(service_orders)
@strawberry.type(description="What the order is about: the item as it was bought.")
class ServiceOrderItem:
    """A snapshot of the item."""

    sku: str = column(service_orders.c.sku, "The merchant's number of the goods.")
    name: str = column(service_orders.c.item_name, "What the goods are called.")
    quantity: int = column(service_orders.c.quantity, "How many.")
    unit_price: Money = column(service_orders.c.unit_price, "The price of one, in yuan.", yuan)
    paid_amount: Money = column(service_orders.c.paid_amount, "What was paid for all.", yuan)


@strawberry.type(description="What the merchant sends to the customer.")
class Shipment:
    """A shipment."""

    goods: str = strawberry.field(description="What is sent.")
    carrier: str | None = strawberry.field(description="By whom; null if that follows later.")
    waybill: str | None = strawberry.field(description="The waybill; null if it follows later.")


def _pictures(column: sa.ColumnElement[Any]) -> Kept:
    return Kept("Evidence", column, {evidence.c.merchant_id: service_orders.c.merchant_id})


def _shipment(stored: dict[str, Any]) -> Shipment:
    return Shipment(**stored)


@projected(service_orders)
@strawberry.type(description="The latest review decision on an order.")
class ReviewDecision:
    """The review block."""

    decision: Action = column(service_orders.c.decision, "What was decided.")
    automatic: bool = column(
        service_orders.c.decided_by_kind,
        "Whether the clock decided, because nobody had in 48 hours.",
        lambda kind: kind is ActorKind.SYSTEM,
    )
    reviewer: str = column(service_orders.c.decided_by, "Who decided.")
    at: datetime = column(service_orders.c.decided_at, "When.")
    reason: Reason | None = computed(
        lambda context, code: reason_of(code, context.language),
        (service_orders.c.review_reason,),
        "The reason, if one was given.",
    )
    customer_note: str | None = column(
        service_orders.c.review_customer_note, "What the customer was told, or asked."
    )
    return_address: PostalAddress | None = computed(
        lambda _context, stored: postal(stored),
        (service_orders.c.review_address,),
        "Where the customer was told to send the goods; it never changes afterwards.",
    )
    shipment: Shipment | None = column(
        service_orders.c.review_shipment, "What is sent instead, for `RESEND`.", _shipment
    )
    evidence: list[Evidence] = kept(
        _pictures(service_orders.c.review_pictures),
        "The merchant's pictures; three at most.",
    )


@strawberry.type(
    description=(
        "A wait, and when it ends. Count with `serverTime`, not with the client's own clock."
    )
)
class Clock:
    """A clock of an order."""

    kind: ClockKind = strawberry.field(description="What is being waited for.")
    started_at: datetime = strawberry.field(description="Since when.")
    due_at: datetime | None = strawberry.field(
        description="When the time is over; null while the clock is paused."
    )
    paused_since: datetime | None = strawberry.field(
        description="Since when it is paused; null while it runs."
    )
    remaining: int = strawberry.field(
        description="What is left, in whole seconds; negative once it is overdue."
    )
    consequence: Action | None = strawberry.field(
        description="What the system does when it ends; null if being late is only counted."
    )


def _clock(
    context: Context, status: Status, started_at: datetime | None, due_at: datetime | None
) -> Clock | None:
    rule = CLOCKS.get(status)
    if rule is None or started_at is None or due_at is None:
        return None
    return Clock(
        kind=rule.kind,
        started_at=started_at,
        due_at=due_at,
        paused_since=None,
        remaining=_seconds(due_at - context.now),
        consequence=rule.consequence,
    )


def _review_clock(
    context: Context,
    status: Status,
    started_at: datetime,
    due_at: datetime | None,
    paused_at: datetime | None,
    left_ms: int | None,
) -> Clock | None:
    rule = CLOCKS[Status.PENDING_REVIEW]
    if status is Status.PENDING_REVIEW and due_at is not None:
        remaining = due_at - context.now
    elif status is Status.AWAITING_FEEDBACK and left_ms is not None:
        remaining = timedelta(milliseconds=left_ms)
    else:
        return None
    return Clock(
        kind=rule.kind,
        started_at=started_at,
        due_at=due_at,
        paused_since=paused_at,
        remaining=_seconds(remaining),
        consequence=rule.consequence,
    )


def _seconds(time: timedelta) -> int:
    return time // timedelta(seconds=1)


@strawberry.type(description="Whether the viewer may do something to the order now.")
class ActionVerdict:
    """The answer of the one decision function, which every mutation asks too."""

    action: Action = strawberry.field(description="What might be done.")
    allowed: bool = strawberry.field(description="Whether the viewer may do it now.")
    allowed_until: datetime | None = strawberry.field(
        description="When the clock takes it out of the viewer's hands; null if it never does."
    )
    blockers: list[Refusal] = strawberry.field(
        description="Everything that stands against it; empty if it is allowed."
    )


def _actions(context: Context, *found: Any) -> list[ActionVerdict]:  # Any: FACTS, in order
    order, actor = facts(*found), context.viewer.actor
    verdicts = (
        decide(order, actor, rule.action, context.now)
        for rule in LIFECYCLE.values()
        if (rule.customer if actor.kind is ActorKind.CUSTOMER else rule.permission is not None)
    )
    return [
        ActionVerdict(
            action=verdict.action,
            allowed=verdict.allowed,
            allowed_until=verdict.until,
            blockers=[present(blocker, context.language) for blocker in verdict.blockers],
        )
        for verdict in verdicts
    ]


@projected(events)
@strawberry.type(description="Who did something.")
class EventActor:
    """The actor of an event, as it was called then."""

    kind: ActorKind = column(events.c.actor_kind, "What kind of principal.")
    name: str = column(events.c.actor_name, "The name.")


@strawberry.type(description="A time during which a clock did not run.")
class Pause:
    """A pause."""

    start_at: datetime = strawberry.field(description="From when.")
    end_at: datetime = strawberry.field(description="Until when.")


@strawberry.type(description="Why the system approved an order, and when it had to.")
class AutoApprovalExplanation:
    """The explanation of an automatic approval."""

    rule: str = strawberry.field(description="The rule that was applied.")
    rule_version: int = strawberry.field(description="Its version.")
    started_at: datetime = strawberry.field(description="When the clock began to run.")
    pauses: list[Pause] = strawberry.field(description="When it did not run.")
    due_at: datetime = strawberry.field(description="When the time was over.")
    ran_at: datetime = strawberry.field(description="When the system approved; never before.")


def _explanation(
    _context: Context, stored: dict[str, Any] | None
) -> AutoApprovalExplanation | None:
    said = (stored or {}).get("explanation")
    if said is None:
        return None
    return AutoApprovalExplanation(
        rule=said["rule"],
        rule_version=said["ruleVersion"],
        started_at=datetime.fromisoformat(said["startedAt"]),
        pauses=[
            Pause(
                start_at=datetime.fromisoformat(pause["from"]),
                end_at=datetime.fromisoformat(pause["to"]),
            )
            for pause in said["pauses"]
        ],
        due_at=datetime.fromisoformat(said["dueAt"]),
        ran_at=datetime.fromisoformat(said["ranAt"]),
    )


@projected(events)
@strawberry.type(description="处理记录. One thing that happened to an order. It never changes.")
class ServiceOrderEvent:
    """An event of a timeline."""

    sequence: int = column(
        events.c.sequence, "1 for the first event; the order's `version` is the latest one's."
    )
    kind: EventKind = column(events.c.kind, "What happened.")
    at: datetime = column(events.c.at, "When.")
    actor: EventActor = part("EventActor", "Who did it.")
    from_status: Status | None = column(
        events.c.from_status, "Where the order stood before; null for the first event."
    )
    to_status: Status = column(events.c.to_status, "Where it stood afterwards.")
    customer_note: str | None = column(
        events.c.customer_note, "What was said between merchant and customer."
    )
    internal_note: str | None = column(
        events.c.internal_note, "What the staff noted; customers never see it."
    )
    explanation: AutoApprovalExplanation | None = computed(
        _explanation, (events.c.details,), "For `AUTO_APPROVED`: why, and when it was due."
    )
    details: JSON | None = column(
        events.c.details,
        "What the event brought along: an address, a shipment, findings. More may be added.",
    )


_LATEST = Template(
    lambda child, version, last: (
        # Not only as many as are shown: those that the order's row tells of, and none after.
        (child.c.sequence > version - last) & (child.c.sequence <= version)
    )
)
_TOLD = Template(
    lambda child, _version: sa.and_(*[child.c.kind != kind for kind in sorted(INTERNAL)])
)


def _shown(arguments: Mapping[str, Any], context: Context) -> Sequence[Condition]:
    latest = _LATEST(min(max(arguments["last"], 1), MAX_TIMELINE))
    return (latest, _TOLD()) if context.viewer.kind is ActorKind.CUSTOMER else (latest,)


def _timeline(
    last: Annotated[
        int,
        strawberry.argument(
            description=f"How many of the latest events, at most; {MAX_TIMELINE} is the most."
        ),
    ] = 50,
) -> list[ServiceOrderEvent]:
    raise NotImplementedError  # declares the argument; the projection fetches


@projected(
    service_orders,
    joins={
        merchants: lambda mine, other: other.c.id == mine.c.merchant_id,
        applications: lambda mine, other: (
            (other.c.merchant_id == mine.c.merchant_id) & (other.c.id == mine.c.application_id)
        ),
        employees: lambda mine, other: (
            (other.c.merchant_id == mine.c.merchant_id) & (other.c.id == mine.c.assignee_id)
        ),
        default_addresses: lambda mine, other: (
            (other.c.merchant_id == mine.c.merchant_id) & other.c.is_default
        ),
    },
)
@strawberry.type(
    description="服务单. One item of a customer's application, from review to the end."
)
class ServiceOrder(Node):
    """A service order."""

    id: strawberry.ID = computed(
        ids.of_tenant("ServiceOrder"),
        (service_orders.c.merchant_id, service_orders.c.id),
        "The id, unique over all types.",
    )
    number: str = column(service_orders.c.id, "服务单号. What people call the order by.", str)
    version: int = column(
        service_orders.c.version,
        "Counts the events of the order. Give it as `expectedVersion` to change only what you saw.",
    )
    status: Status = column(service_orders.c.status, "Where the order stands.")
    merchant: Merchant = one("Merchant", merchants, "Whose customer applied.")
    application: Annotated["Application", strawberry.lazy("schema.types.application")] = one(
        "Application", applications, "The application that the order came with."
    )
    order_number: str = column(
        service_orders.c.order_number, "The number of the purchase, as the storefront knows it."
    )
    customer: Customer = part("Customer", "Who applied.")
    expectation: Expectation = column(service_orders.c.expectation, "What the customer wants.")
    reason: Reason = computed(
        lambda context, code: reason_of(code, context.language),
        (service_orders.c.reason_code,),
        "Why the customer applied.",
    )
    description: str = column(service_orders.c.description, "What the customer wrote.")
    pictures: list[Evidence] = kept(
        _pictures(service_orders.c.pictures),
        "The customer's pictures; three at most.",
    )
    item: ServiceOrderItem = part("ServiceOrderItem", "The item, as it was bought.")
    logistics_in: LogisticsIn = column(
        service_orders.c.logistics_in, "How the goods come to the merchant."
    )
    assignee: Assignee | None = one("Assignee", employees, "Who is in charge, if anybody is.")
    review: ReviewDecision | None = part(
        "ReviewDecision", "The latest decision; null before the first.", service_orders.c.decision
    )
    clock: Clock | None = computed(
        _clock,
        (
            service_orders.c.status,
            service_orders.c.clock_started_at,
            service_orders.c.clock_due_at,
        ),
        "The clock of the present status; null once the order is finished.",
    )
    review_clock: Clock | None = computed(
        _review_clock,
        (
            service_orders.c.status,
            service_orders.c.review_started_at,
            service_orders.c.review_due_at,
            service_orders.c.review_paused_at,
            service_orders.c.review_left_ms,
        ),
        "The 48 hours of review: running, or paused while the customer is asked; else null.",
    )
    auto_approval_blocked: bool = column(
        service_orders.c.auto_approval_blocked,
        "Whether the system had to approve the order and had no address to approve it to.",
    )
    actions: list[ActionVerdict] = computed(
        _actions,
        FACTS,
        "What could be done, and whether the viewer may; the mutations ask the same.",
    )
    timeline: list[ServiceOrderEvent] = many(
        Many(
            "ServiceOrderEvent",
            parent=(service_orders.c.merchant_id, service_orders.c.id),
            child=(events.c.merchant_id, events.c.service_order_id),
            order_by=(events.c.sequence,),
            where=_shown,
            beside=(service_orders.c.version,),
            settled=True,  # events are never changed, and the version says which of them there are
        ),
        "处理记录. What happened, the first event first.",
        _timeline,
    )
    applied_at: datetime = column(
        service_orders.c.applied_at, "When the application was accepted; the review clock's start."
    )
    updated_at: datetime = column(service_orders.c.updated_at, "When the latest event happened.")
    finished_at: datetime | None = column(
        service_orders.c.finished_at, "When it was completed, rejected or cancelled."
    )
