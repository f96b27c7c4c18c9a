"""What an escalation and the platform's ruling on it add to their steps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.actions import Action
from domain.desk.refunds import freight_of
from domain.desk.rulings import Ruling
from domain.destinations import Destination
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
    destination: Destination | None = None,
    inbound: Mapping[str, Any] | None = None,  # Any: JSON
    earlier_freight: int | None = None,
) -> Change:
    """The change of a ruling. ``by`` is the name of the person on the platform.

    ``destination`` is where the goods go back to. ``inbound`` is the shipment before the ruling and
    ``earlier_freight`` the freight before that one: a second return costs the customer again.
    """
    details: dict[str, Any] = {"remedy": ruling.remedy, "amount": ruling.stored_amount}
    stored = {"action": ruling.action, "by": by, "at": at.isoformat(), "note": ruling.text}
    values: dict[str, Any] = {"ruling": stored | details}
    if ruling.action is Action.RULE_RETURN and destination is not None:
        address, rule = destination.address.stored(), destination.rule
        details |= {"returnAddress": address, "returnAddressRule": rule}
        freight = freight_of(inbound, earlier_freight) or None
        values |= {
            **_SENT_AGAIN,
            "review_address": address,
            "review_address_rule": rule,
            "earlier_freight": freight,
        }
    return Change(
        values=values,
        customer_note=ruling.text,
        details={name: value for name, value in details.items() if value is not None} or None,
    )
