"""One item of an application, and the people who work on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

from demo.goods import Goods
from demo.people import Shop
from demo.pictures import Album
from demo.replay import Impossible
from domain.actions import Action
from domain.actors import SYSTEM, Actor
from domain.applications import Expectation, LogisticsIn
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import LIFECYCLE
from domain.permissions import DESK, Permission

_BY_CUSTOMER: Final = 0.9
"""The share of steps that the customer takes, where the staff may take them too."""

_IN_TURN: Final = 0.4
"""That share where both sides have their say."""

_BY_CONNECTOR: Final = 0.9
"""The share of payments whose outcome a connector reports; the staff reports the others."""

_CHANCES: Final[Mapping[Permission, Mapping[str, int]]] = {
    Permission.REVIEW: {"reviewer": 8, "supervisor": 2, "owner": 1},
    Permission.RECEIVE: {"processor": 6, "supervisor": 1},
    Permission.PROCESS: {"processor": 6, "supervisor": 1},
    Permission.REFUND: {"supervisor": 4, "owner": 1},
    Permission.NOTE: {"reviewer": 3, "processor": 2, "supervisor": 1},
}
"""The weight of each job among those that hold a permission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One item of an application. ``paid`` in fen."""

    shop: Shop
    album: Album
    customer: Actor
    goods: Goods
    quantity: int
    paid: int
    expectation: Expectation
    reason: str
    description: str
    logistics_in: LogisticsIn

    @property
    def may_resend(self) -> bool:
        """Whether the merchant may resend: the delivery was wrong or incomplete."""
        return self.reason.startswith("DELIVERY.")

    def actor(self, random: Random, action: Action, at: datetime) -> Actor:
        """An actor who may take this step at this time. Raises Impossible."""
        rule = LIFECYCLE[action]
        if rule.system:
            return SYSTEM
        is_open = self.shop.enrolment_at(at) is EnrolmentStatus.ENABLED
        by_staff = rule.permission is not None and (is_open or rule.permission not in DESK)
        share = _IN_TURN if action is Action.REPLY else _BY_CUSTOMER
        if rule.customer and (not by_staff or random.random() < share):
            return self.customer
        if rule.connector is not None and random.random() < _BY_CONNECTOR:
            return self.shop.payments
        if rule.platform is not None:
            return self.shop.platform
        if rule.permission is None:
            raise Impossible(f"nobody does {action}")
        chances = _CHANCES[rule.permission]
        (job,) = random.choices(list(chances), list(chances.values()))
        actor: Actor = getattr(self.shop, job)
        return actor
