"""The timeline of a service order: its events, and which of them the viewer sees."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
import strawberry
from strawberry.scalars import JSON

from domain.actors import ActorKind
from domain.events import EventKind
from domain.statuses import Status
from models.service_order import events, service_orders
from projection.conditions import Condition, Template
from projection.fields import Column, Computed, Constant, ToMany
from resolvers.context import Context
from schema.customers import actor_kind, actor_name, event_details
from schema.fields import column, computed, kept, part, projected
from schema.types.evidence import EVENT_PICTURES, Evidence

MAX_TIMELINE = 100


@projected(events)
@strawberry.type(
    description="The actor of an event. Customers see the merchant instead of its staff."
)
class EventActor:
    """The actor of an event, named as at the time of the event."""

    kind: ActorKind = column(
        events.c.actor_kind,
        "The kind of principal. Customers see `EMPLOYEE` for all of the merchant's staff.",
        customers=Computed(actor_kind, (events.c.actor_kind,)),
    )
    name: str = column(
        events.c.actor_name,
        "The actor's name at the time of the event. Customers do not see the names of people.",
        customers=Computed(actor_name, (events.c.actor_kind, events.c.actor_name)),
    )


@strawberry.type(description="A period during which a clock did not run.")
class Pause:
    """A pause."""

    start_at: datetime = strawberry.field(description="The start of the pause.")
    end_at: datetime = strawberry.field(description="The end of the pause.")


@strawberry.type(
    description=(
        "The explanation of a step that the system took at a deadline: the rule, and how the "
        "deadline was computed. The deadline is the start, the rule's window, the pauses and the "
        "grace together."
    )
)
class AutoApprovalExplanation:
    """The explanation of a step of the system. It has kept the name of its first use."""

    rule: str = strawberry.field(description="The name of the rule.")
    rule_version: int = strawberry.field(description="The version of the rule.")
    started_at: datetime = strawberry.field(description="When the clock started.")
    pauses: list[Pause] = strawberry.field(
        description=(
            "The periods during which the clock did not run: pause windows and, for the review, "
            "questions to the customer "
            "and approvals that were withdrawn."
        )
    )
    grace: int = strawberry.field(
        description=(
            "The seconds that the review was extended by, so that the merchant has at least four "
            "hours after a customer's answer. 0 for other clocks."
        )
    )
    due_at: datetime = strawberry.field(description="The deadline.")
    ran_at: datetime = strawberry.field(
        description="When the system took the step; never before the deadline."
    )


def _explanation(
    _context: Context, details: dict[str, Any] | None
) -> AutoApprovalExplanation | None:
    stored = (details or {}).get("explanation")
    if stored is None:
        return None
    return AutoApprovalExplanation(
        rule=stored["rule"],
        rule_version=stored["ruleVersion"],
        started_at=datetime.fromisoformat(stored["startedAt"]),
        pauses=[
            Pause(
                start_at=datetime.fromisoformat(pause["from"]),
                end_at=datetime.fromisoformat(pause["to"]),
            )
            for pause in stored["pauses"]
        ],
        grace=stored.get("graceSeconds", 0),
        due_at=datetime.fromisoformat(stored["dueAt"]),
        ran_at=datetime.fromisoformat(stored["ranAt"]),
    )


@projected(events)
@strawberry.type(
    description="处理记录. An event on a service order's timeline. Events never change."
)
class ServiceOrderEvent:
    """An event of a timeline."""

    sequence: int = column(
        events.c.sequence,
        "The position on the timeline, from 1, without gaps: customers see a numbering of their "
        "own. The order's `version` is the latest sequence.",
        customers=Column(events.c.customer_sequence),
    )
    kind: EventKind = column(events.c.kind, "The kind of event.")
    at: datetime = column(events.c.at, "When the event happened.")
    actor: EventActor = part("EventActor", "The actor that caused the event.")
    from_status: Status | None = column(
        events.c.from_status,
        "The status of the order before the event. Null for the first event.",
    )
    to_status: Status = column(events.c.to_status, "The status of the order after the event.")
    customer_note: str | None = column(
        events.c.customer_note,
        "The message between merchant and customer. Null if the event has none.",
    )
    internal_note: str | None = column(
        events.c.internal_note,
        "The staff's internal note, which customers never see. Null if the event has none.",
        customers=Constant(None),
    )
    explanation: AutoApprovalExplanation | None = computed(
        _explanation,
        (events.c.details,),
        "For `AUTO_APPROVED`, `FEEDBACK_EXPIRED`, `SHIPMENT_EXPIRED` and `AUTO_CONFIRMED`: the "
        "rule and the deadline behind the step. Null for other kinds.",
    )
    pictures: list[Evidence] = kept(
        EVENT_PICTURES,
        "凭证图片. The pictures that were given with the event. Decisions and applications from "
        "before pictures were recorded here have theirs in `ServiceOrder.review` and "
        "`ServiceOrder.pictures`.",
    )
    details: JSON | None = column(
        events.c.details,
        "Further data of the event, such as an address, a shipment or findings, by kind of event. "
        "New keys may be added. Null if the event has none, or none that the viewer may see.",
        customers=Computed(event_details, (events.c.details,)),
    )


# The upper bounds keep out events that were added after the order's row was read.
_LATEST = Template(
    lambda child, version, last: (child.c.sequence > version - last) & (child.c.sequence <= version)
)
_CUSTOMERS_LATEST = Template(
    lambda child, version, last: (
        (child.c.customer_sequence > version - last) & (child.c.customer_sequence <= version)
    )
)


def _conditions(latest: Template) -> Callable[[Mapping[str, Any], Context], Sequence[Condition]]:
    def conditions(arguments: Mapping[str, Any], _context: Context) -> Sequence[Condition]:
        return (latest(min(max(arguments["last"], 1), MAX_TIMELINE)),)

    return conditions


def _events(
    version: sa.ColumnElement[Any],
    where: Callable[[Mapping[str, Any], Context], Sequence[Condition]],
) -> ToMany:
    return ToMany(
        "ServiceOrderEvent",
        parent=(service_orders.c.merchant_id, service_orders.c.id),
        child=(events.c.merchant_id, events.c.service_order_id),
        order_by=(events.c.sequence,),
        where=where,
        parent_columns=(version,),
        # Events never change, and the version says which of them there are.
        needs_snapshot=False,
    )


TIMELINE: Final = _events(service_orders.c.version, _conditions(_LATEST))
"""The latest events of an order."""
CUSTOMERS_TIMELINE: Final = _events(
    service_orders.c.customer_version, _conditions(_CUSTOMERS_LATEST)
)
"""The latest events of an order that its customer sees."""


def timeline_arguments(
    last: Annotated[
        int,
        strawberry.argument(
            description=f"The number of latest events to return, at most {MAX_TIMELINE}."
        ),
    ] = 50,
) -> list[ServiceOrderEvent]:
    """Declares the argument; the projection fetches the events."""
    raise NotImplementedError
