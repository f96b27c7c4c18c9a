"""Rulings of the platform on escalated orders, and what the merchant has to do after one."""

from dataclasses import dataclass
from enum import StrEnum

from domain.actions import Action
from domain.money import yuan


class Remedy(StrEnum):
    """How the merchant makes it good."""

    REFUND = "REFUND"
    """退款."""
    EXCHANGE = "EXCHANGE"
    """换新."""
    REPAIR = "REPAIR"
    """维修."""
    OTHER = "OTHER"
    """其他: as the text of the ruling says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A ruling. ``remedy`` belongs to RULE_PROCESS, ``amount`` to a refund, in fen."""

    action: Action
    text: str
    remedy: Remedy | None = None
    amount: int | None = None

    @property
    def stored_amount(self) -> str | None:
        return None if self.amount is None else yuan(self.amount)
