"""The actions of a service order, each with the verdict of the rules for the viewer."""

from datetime import datetime
from typing import Any

import strawberry

from domain.actions import Action, Rule
from domain.actors import ActorKind
from domain.decision import decide
from domain.lifecycle import LIFECYCLE
from models.queries.service_orders import facts
from resolvers.context import Context
from schema.types.refusal import Refusal, present


@strawberry.type(description="Whether the viewer may take an action on the order now.")
class ActionVerdict:
    """The verdict of ``decide``, which every mutation calls too."""

    action: Action = strawberry.field(description="The action.")
    allowed: bool = strawberry.field(description="Whether the viewer may take the action now.")
    allowed_until: datetime | None = strawberry.field(
        description=(
            "When the action stops being allowed because of a deadline. Null if no deadline "
            "applies, or if the action is not allowed."
        )
    )
    blockers: list[Refusal] = strawberry.field(
        description="Every reason why the action is not allowed. Empty if it is allowed."
    )


def verdicts(context: Context, *columns: Any) -> list[ActionVerdict]:  # Any: values of FACTS
    """The verdict on every action that the viewer's kind of principal can ever take."""
    order, actor = facts(*columns), context.viewer.actor
    decisions = (
        decide(order, actor, rule.action, context.now)
        for rule in LIFECYCLE.values()
        if _concerns(rule, actor.kind)
    )
    return [
        ActionVerdict(
            action=verdict.action,
            allowed=verdict.allowed,
            allowed_until=verdict.until,
            blockers=present(verdict.blockers, context),
        )
        for verdict in decisions
    ]


def _concerns(rule: Rule, kind: ActorKind) -> bool:
    """Whether principals of this kind can ever take the rule's action."""
    match kind:
        case ActorKind.CUSTOMER:
            return rule.customer
        case ActorKind.CONNECTOR:
            return rule.connector is not None
        case ActorKind.PLATFORM:
            return rule.platform is not None
        case _:
            return bool(rule.staff)
