"""What the merchant sends to the customer after receipt, as the processing block tells it."""

from collections.abc import Mapping
from typing import Any, Final

from domain.actions import Action

SENDING: Final = frozenset(
    {Action.EXCHANGE, Action.REPAIR, Action.SEND_BACK, Action.RETURN_CANCELLED}
)
"""The actions of the processing block with which the merchant sends something."""

_SENT: Final = ("newOrderNumber", "outbound")
"""The parts of the block that say what was sent."""


def is_sending(processing: Mapping[str, Any] | None) -> bool:  # Any: JSON
    """Whether the block tells of something that was sent, or is to be sent."""
    if processing is None:
        return False
    return processing.get("action") in SENDING or bool(carried_over(processing))


def carried_over(processing: Mapping[str, Any] | None) -> dict[str, Any]:  # Any: JSON
    """What a refund keeps of the block, so that its waybill can still be added or corrected."""
    kept = {name: (processing or {}).get(name) for name in _SENT}
    return {name: value for name, value in kept.items() if value is not None}
