"""The merchant's review decision and the data that it carries."""

from dataclasses import asdict, dataclass
from enum import auto
from typing import Any, Final

from domain.actions import Action
from domain.names import Named

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


class NoteLanguage(Named):
    """The language of a note that is made from a template."""

    ZH = auto()
    EN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChoice:
    """The template that a note is made from. ``path`` leads to the template's id in the input."""

    id: int
    language: NoteLanguage
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDecision:
    """One of the five outcomes. The action determines which other fields are set.

    ``note_template`` stands in place of ``customer_note``.
    """

    action: Action
    reason: str | None = None
    customer_note: str | None = None
    note_template: TemplateChoice | None = None
    return_address_id: int | None = None
    shipment: Shipment | None = None
