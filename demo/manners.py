"""How well each of the demo's merchants works, so that their figures differ.

A manner changes the shares of statuses, the weights of the ways to them, the waits before the
staff's steps, and the ratings. What a merchant may do at all, the rules say, for all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.actions import Action
from domain.lifecycle import RULINGS
from domain.statuses import Status

Stars = tuple[int, int, int, int, int]
"""The weights of ratings of 5, 4, 3, 2 and 1."""

_CONTENT: Final[Stars] = (12, 5, 2, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # to be hashed: by identity
class Manner:
    """How a merchant works.

    ``rejected`` is its number of rejected orders, of a thousand. ``leanings`` multiply the weight
    of each way that contains the action. ``review``, ``receipt`` and ``processing`` multiply the
    waits before the staff's steps.
    """

    rejected: int = 85
    leanings: Mapping[Action, float] = field(default_factory=dict)
    review: float = 1
    receipt: float = 1
    processing: float = 1
    stars: Stars = _CONTENT
    stars_after_objection: Stars = (2, 3, 3, 3, 3)

    def leaning(self, actions: tuple[Action, ...]) -> float:
        """What the weight of a way with these actions is multiplied by."""
        product = 1.0
        for action in dict.fromkeys(actions):
            product *= self.leanings.get(action, 1)
        return product

    def pace(self, action: Action) -> float:
        """What the wait before a step is multiplied by; customers and the platform keep theirs."""
        if action in _REVIEWS:
            return self.review
        if action is Action.RECEIVE:
            return self.receipt
        return self.processing if action in _PROCESSING else 1


_REVIEWS: Final = frozenset(
    {Action.APPROVE, Action.REJECT, Action.RESEND, Action.REQUEST_FEEDBACK, Action.RECORD_GIVE_UP}
)
_PROCESSING: Final = frozenset(
    {
        Action.REFUND,
        Action.EXCHANGE,
        Action.REPAIR,
        Action.SEND_BACK,
        Action.SOLVE,
        Action.REPLY,
        Action.CLOSE,
    }
)

EVEN: Final = Manner()
MANNERS: Final[Mapping[str, Manner]] = {
    # Quick and fair.
    "digital": Manner(
        rejected=60,
        leanings={
            Action.AUTO_APPROVE: 0.1,
            Action.REOPEN: 0.5,
            Action.ESCALATE: 0.3,
            Action.REPORT_UNSOLVED: 0.6,
        },
        review=0.6,
        receipt=0.7,
        processing=0.75,
        stars=(30, 8, 2, 1, 1),
    ),
    # Rejects a lot, and often has to take it back.
    "home": Manner(
        rejected=190,
        leanings={
            Action.REOPEN: 5,
            Action.ESCALATE: 1.2,
            **dict.fromkeys(RULINGS - {Action.RULE_UPHOLD}, 3.0),
        },
        receipt=1.5,
        stars=(9, 5, 3, 2, 2),
    ),
    # Decides in time, and then leaves the goods lying.
    "outdoor": Manner(
        rejected=70,
        leanings={Action.AUTO_APPROVE: 0.6, Action.REPORT_UNSOLVED: 2.5, Action.CLOSE: 0.5},
        review=0.9,
        receipt=1.7,
        processing=1.6,
        stars=(6, 5, 4, 4, 5),
        stars_after_objection=(1, 1, 2, 4, 6),
    ),
    # Leaves decisions to the clock.
    "food": Manner(
        rejected=45,
        leanings={Action.AUTO_APPROVE: 4},
        review=2.2,
        receipt=1.4,
        processing=1.2,
        stars=(8, 5, 3, 2, 2),
    ),
    "book": Manner(
        leanings={Action.AUTO_APPROVE: 0.4, Action.REPORT_UNSOLVED: 0.8},
        review=0.8,
        stars=(16, 7, 2, 1, 1),
    ),
    "toys": Manner(
        rejected=120,
        leanings={Action.AUTO_APPROVE: 1.4, Action.REPORT_UNSOLVED: 1.4},
        receipt=1.3,
        processing=1.2,
        stars=(10, 5, 4, 3, 2),
    ),
}
"""By the key of the merchant."""


def manner_of(key: str) -> Manner:
    """The manner of a merchant."""
    return MANNERS.get(key, EVEN)


def shares_of(manner: Manner, shares: Mapping[Status, int]) -> Mapping[Status, int]:
    """The shares with the merchant's own share of rejected orders; fewer complete for it."""
    more = manner.rejected - shares[Status.REJECTED]
    return {
        **shares,
        Status.REJECTED: manner.rejected,
        Status.COMPLETED: shares[Status.COMPLETED] - more,
    }
