"""What an escalation and the platform's ruling on it add to their steps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.actions import Action
from domain.addresses import Address
from domain.desk.refunds import freight_of
from domain.desk.rulings import Ruling
from models.journal.change import Change

_SENT_AGAIN: Final[Mapping[str, Any]] = {
    "inbound": None,
    "receipt": None,
    "receipt_pictures": [],
    "shipped_at": None,
    "received_at": None,
    "returned_at": None,
}
"""The columns of an earlier shipment, which the next one fills again. The timeline keeps them."""


def escalation_change(reason: str) -> Change:
    """The change of an escalation: the order waits for a ruling, whatever was ruled before."""
    return Change(values={"ruled_at": None}, customer_note=reason)


def ruling_change(
    ruling: Ruling,
    *,
    by: str,
    at: datetime,
    address: Address | None = None,
    inbound: Mapping[str, Any] | None = None,  # Any: JSON
    earlier_freight: int | None = None,
) -> Change:
    """The change of a ruling. ``by`` is the name of the person on the platform.

    ``address`` is where the goods go back to. ``inbound`` is the shipment before the ruling and
    ``earlier_freight`` the freight before that one: a second return costs the customer again.
    """
    details: dict[str, Any] = {"remedy": ruling.remedy, "amount": ruling.stored_amount}
    stored = {"action": ruling.action, "by": by, "at": at.isoformat(), "note": ruling.text}
    values: dict[str, Any] = {"ruling": stored | details}
    if ruling.action is Action.RULE_RETURN:
        stored_address = None if address is None else address.stored()
        details["returnAddress"] = stored_address
        freight = freight_of(inbound, earlier_freight) or None
        values |= {**_SENT_AGAIN, "review_address": stored_address, "earlier_freight": freight}
    return Change(
        values=values,
        customer_note=ruling.text,
        details={name: value for name, value in details.items() if value is not None} or None,
    )
