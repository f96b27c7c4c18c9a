"""What an examination finds."""

from dataclasses import dataclass
from typing import Any

from domain.faults import NOTES, Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, where it is known with the merchant and the order."""

    fault: Fault
    said: str
    merchant_id: int | None = None
    order_id: int | None = None

    @property
    def is_note(self) -> bool:
        return self.fault in NOTES

    def line(self) -> str:
        places = {"merchant": self.merchant_id, "order": self.order_id}
        where = "".join(f" {name} {id_}" for name, id_ in places.items() if id_ is not None)
        return f"{'note: ' if self.is_note else ''}{self.fault}{where}: {self.said}"

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        return {
            "fault": self.fault,
            "note": self.is_note,
            # As text: larger numbers than a reader of JSON has to keep whole.
            "merchantId": None if self.merchant_id is None else str(self.merchant_id),
            "orderId": None if self.order_id is None else str(self.order_id),
            "said": self.said,
        }
