"""The changes that use cases share with the demo and the benchmarks."""

from domain.money import yuan
from models.journal import Change


def shipping_change(*, carrier: str, waybill: str, freight: int | None) -> Change:
    """What the step `SHIP` writes. ``freight`` is in fen."""
    details = {"carrier": carrier, "waybill": waybill}
    if freight is not None:
        details["freight"] = yuan(freight)
    return Change(details=details)
