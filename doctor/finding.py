"""A finding of an examination."""

from dataclasses import dataclass
from typing import Any

from doctor.faults import NOTES, Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault, with the merchant and the order where they are known."""

    fault: Fault
    detail: str
    merchant_id: int | None = None
    order_id: int | None = None

    @property
    def is_note(self) -> bool:
        return self.fault in NOTES

    def line(self) -> str:
        ids = {"merchant": self.merchant_id, "order": self.order_id}
        where = "".join(f" {name} {id_}" for name, id_ in ids.items() if id_ is not None)
        return f"{'note: ' if self.is_note else ''}{self.fault}{where}: {self.detail}"

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        return {
            "fault": self.fault,
            "note": self.is_note,
            # As text: a JSON parser need not keep integers this large exact.
            "merchantId": None if self.merchant_id is None else str(self.merchant_id),
            "orderId": None if self.order_id is None else str(self.order_id),
            "said": self.detail,
        }
