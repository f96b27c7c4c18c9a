"""The merchant's review decision and the data that it carries."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from domain.actions import Action

MAX_NOTE: Final = 500
"""The maximum length of a note or a question, in characters."""

MAX_BATCH: Final = 100
"""The maximum number of orders in a batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """Goods that the merchant sends. Carrier and waybill are None if not known yet.

    ``goods`` is None for the goods of the order itself, which go back or are replaced.
    """

    goods: str | None = None
    carrier: str | None = None
    waybill: str | None = None

    def stored(self) -> dict[str, Any]:  # Any: the value of a JSON column
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDecision:
    """One of the five outcomes. The action determines which other fields are set."""

    action: Action
    reason: str | None = None
    customer_note: str | None = None
    return_address_id: int | None = None
    shipment: Shipment | None = None
