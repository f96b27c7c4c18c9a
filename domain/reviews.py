"""The merchant's decision on an order, and what it has to bring along."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from domain.lifecycle import Action

MAX_NOTE: Final = 500
"""How long a note or a question may be, in characters."""

MAX_BATCH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """What the merchant sends; carrier and waybill may follow later."""

    goods: str
    carrier: str | None = None
    waybill: str | None = None

    def stored(self) -> dict[str, Any]:  # Any, for it goes into a JSON column
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDecision:
    """One of the five outcomes; which of the rest is given depends on the action."""

    action: Action
    reason: str | None = None
    customer_note: str | None = None
    return_address_id: int | None = None
    shipment: Shipment | None = None
