"""The timeline of a service order: its events, and which of them the viewer sees."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry
from strawberry.scalars import JSON

from domain.actors import ActorKind
from domain.events import INTERNAL, EventKind
from domain.statuses import Status
from models.service_order import events
from projection.conditions import Condition, Template
from resolvers.context import Context
from schema.fields import column, computed, part, projected

MAX_TIMELINE = 100


@projected(events)
@strawberry.type(description="The actor of an event.")
class EventActor:
    """The actor of an event, named as at the time of the event."""

    kind: ActorKind = column(events.c.actor_kind, "The kind of principal.")
    name: str = column(events.c.actor_name, "The actor's name at the time of the event.")


@strawberry.type(description="A period during which a clock did not run.")
class Pause:
    """A pause."""

    start_at: datetime = strawberry.field(description="The start of the pause.")
    end_at: datetime = strawberry.field(description="The end of the pause.")


@strawberry.type(
    description="The explanation of an automatic approval: the rule and the computed deadline."
)
class AutoApprovalExplanation:
    """The explanation of an automatic approval."""

    rule: str = strawberry.field(description="The name of the rule.")
    rule_version: int = strawberry.field(description="The version of the rule.")
    started_at: datetime = strawberry.field(description="When the review clock started.")
    pauses: list[Pause] = strawberry.field(
        description="The periods during which the review clock did not run."
    )
    due_at: datetime = strawberry.field(description="The deadline of the review.")
    ran_at: datetime = strawberry.field(
        description="When the system approved the order; never before the deadline."
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
        "The position on the timeline, from 1. The order's `version` is the latest sequence.",
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
    )
    explanation: AutoApprovalExplanation | None = computed(
        _explanation,
        (events.c.details,),
        "For `AUTO_APPROVED`: the rule and the deadline behind the approval. Null for other kinds.",
    )
    details: JSON | None = column(
        events.c.details,
        "Further data of the event, such as an address, a shipment or findings, by kind of event. "
        "New keys may be added. Null if the event has none.",
    )


_LATEST = Template(
    lambda child, version, last: (
        # The upper bound keeps out events that were added after the order's row was read.
        (child.c.sequence > version - last) & (child.c.sequence <= version)
    )
)
_NOT_INTERNAL = Template(
    lambda child, _version: sa.and_(*[child.c.kind != kind for kind in sorted(INTERNAL)])
)


def timeline_conditions(arguments: Mapping[str, Any], context: Context) -> Sequence[Condition]:
    """The latest events, for customers without the internal ones."""
    latest = _LATEST(min(max(arguments["last"], 1), MAX_TIMELINE))
    return (latest, _NOT_INTERNAL()) if context.viewer.kind is ActorKind.CUSTOMER else (latest,)


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
