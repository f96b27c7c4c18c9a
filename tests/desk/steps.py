"""The mutations that take an action on one order, with a good input for each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLSchema, get_named_type

from domain.lifecycle import LIFECYCLE, Action, Rule
from domain.statuses import Status
from schema.build import build
from tests.given import Shop
from tests.inputs import good_input, other_input

SCHEMA: Final[GraphQLSchema] = build()._schema

DECISIONS: Final[Mapping[Action, dict[str, Any]]] = {
    Action.APPROVE: {"approve": {}},
    Action.REJECT: {"reject": {"reason": "NOT_ELIGIBLE.USED", "customerNote": "已使用"}},
    Action.RESEND: {"resend": {"goods": "耳机", "later": True, "customerNote": "补发"}},
    Action.REQUEST_FEEDBACK: {"requestFeedback": {"question": "照片?"}},
    Action.RECORD_GIVE_UP: {"recordGiveUp": {"customerNote": "不退了"}},
}
"""What `reviewServiceOrder` is given for each action that it takes."""

NAMES: Final[Mapping[Action, str]] = {Action.NOTE: "addNote"}
"""The mutations whose name does not begin with the action, as `shipServiceOrder` does."""


@dataclass(frozen=True)
class Step:
    """An action and the mutation that takes it."""

    action: Action
    mutation: str

    @property
    def rule(self) -> Rule:
        return LIFECYCLE[self.action]

    @property
    def status(self) -> Status:
        """A status from which the action can be taken."""
        return next(status for status in Status if status in self.rule.sources)

    def input(self, shop: Shop) -> dict[str, Any]:
        if self.action in DECISIONS:
            return {"decision": DECISIONS[self.action]}
        return good_input(SCHEMA, self.mutation, shop)

    def other_input(self) -> dict[str, Any]:
        return other_input(SCHEMA, self.mutation)


def _mutation_of(action: Action) -> str | None:
    """The mutation whose name begins with the action's and that answers with an order."""
    if action in DECISIONS:
        return "reviewServiceOrder"
    if action in NAMES:
        return NAMES[action]
    first, *rest = action.lower().split("_")
    begins = re.compile(rf"{first}{''.join(word.title() for word in rest)}(?![a-z])")
    assert SCHEMA.mutation_type is not None
    for name, field in SCHEMA.mutation_type.fields.items():
        if begins.match(name) and "serviceOrder" in get_named_type(field.type).fields:
            return name
    return None


def _steps() -> Iterator[Step]:
    for action in Action:
        if (mutation := _mutation_of(action)) is not None:
            yield Step(action, mutation)


STEPS: Final[Mapping[Action, Step]] = {step.action: step for step in _steps()}
"""Every action that a mutation takes."""
