"""The explanation of a step that the system took at a deadline."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers.context import Context


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


def explanation_of(
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
