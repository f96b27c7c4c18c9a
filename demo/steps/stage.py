"""A step that is about to be taken, and what its change depends on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from demo import sayings
from demo.case import Case
from demo.replay import Replay
from domain.actions import Action
from domain.actors import Actor
from domain.desk.reviews import Shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """``replay`` is the order before the step; ``later`` are the actions that follow it."""

    random: Random
    case: Case
    replay: Replay
    action: Action
    actor: Actor
    at: datetime
    later: Sequence[Action]

    def parcel(self) -> tuple[str, str]:
        """A carrier and a waybill."""
        carrier, prefix = self.random.choice(sayings.CARRIERS)
        return carrier, f"{prefix}{self.random.randrange(10**11, 10**12)}"

    def shipment(self, goods: str | None = None) -> Shipment:
        carrier, waybill = self.parcel()
        return Shipment(goods=goods, carrier=carrier, waybill=waybill)

    @property
    def is_by_customer(self) -> bool:
        return self.actor == self.case.customer
