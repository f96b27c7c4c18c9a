"""The input of a receipt: the findings of the inspection, with pictures."""

from typing import Protocol

import strawberry

from domain.applications import MAX_QUANTITY
from domain.desk.evidence import MAX_PICTURES
from domain.desk.receipts import (
    AccessoriesFinding,
    AppearanceFinding,
    Finding,
    FunctionFinding,
    GoodsFinding,
    InvoiceFinding,
    PackingFinding,
    Receipt,
)
from domain.desk.reviews import MAX_NOTE
from domain.names import Named
from domain.words import between, optional_words

_FINDING = "The finding."
_REMARK = f"A remark. At most {MAX_NOTE} characters."
EVIDENCE = (
    f"The ids of pictures that the merchant's staff uploaded, at most {MAX_PICTURES}. More are "
    "refused with `TOO_MANY_PICTURES`."
)


@strawberry.input(description="The condition of the packaging.")
class PackingInput:
    """A finding on the packaging."""

    finding: PackingFinding = strawberry.field(description=_FINDING)
    remark: str | None = strawberry.field(default=None, description=_REMARK)


@strawberry.input(description="Whether the goods work.")
class FunctionInput:
    """A finding on the function."""

    finding: FunctionFinding = strawberry.field(description=_FINDING)
    remark: str | None = strawberry.field(default=None, description=_REMARK)


@strawberry.input(description="The condition of the goods' appearance.")
class AppearanceInput:
    """A finding on the appearance."""

    finding: AppearanceFinding = strawberry.field(description=_FINDING)
    remark: str | None = strawberry.field(default=None, description=_REMARK)


@strawberry.input(description="Whether the accessories are complete.")
class AccessoriesInput:
    """A finding on the accessories."""

    finding: AccessoriesFinding = strawberry.field(description=_FINDING)
    remark: str | None = strawberry.field(default=None, description=_REMARK)


@strawberry.input(description="Whether the invoice is included.")
class InvoiceInput:
    """A finding on the invoice."""

    finding: InvoiceFinding = strawberry.field(description=_FINDING)
    remark: str | None = strawberry.field(default=None, description=_REMARK)


class _FindingInput(Protocol):
    @property
    def finding(self) -> Named: ...
    @property
    def remark(self) -> str | None: ...


@strawberry.input(description="The inspection of received goods.")
class InspectionInput:
    """The fields of every receipt."""

    packing: PackingInput = strawberry.field(description="The condition of the packaging.")
    function: FunctionInput = strawberry.field(description="Whether the goods work.")
    appearance: AppearanceInput = strawberry.field(
        description="The condition of the goods' appearance."
    )
    accessories: AccessoriesInput = strawberry.field(
        description="Whether the accessories are complete."
    )
    invoice: InvoiceInput = strawberry.field(description="Whether the invoice is included.")
    received_quantity: int = strawberry.field(
        description=(
            f"The number of units that arrived, 0 to {MAX_QUANTITY}. It may differ from the "
            "quantity of the item."
        )
    )
    goods: GoodsFinding = strawberry.field(
        description="Whether the goods are those of the application."
    )
    remark: str | None = strawberry.field(
        default=None, description=f"Other remarks. At most {MAX_NOTE} characters."
    )
    evidence_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description=EVIDENCE)

    def read(self, *path: str) -> Receipt:
        """Raises BadInput."""
        return Receipt(
            packing=_finding(self.packing, *path, "packing"),
            function=_finding(self.function, *path, "function"),
            appearance=_finding(self.appearance, *path, "appearance"),
            accessories=_finding(self.accessories, *path, "accessories"),
            invoice=_finding(self.invoice, *path, "invoice"),
            received_quantity=between(
                self.received_quantity, *path, "receivedQuantity", least=0, most=MAX_QUANTITY
            ),
            goods=self.goods,
            remark=optional_words(self.remark, *path, "remark", longest=MAX_NOTE),
        )


def _finding(value: _FindingInput, *path: str) -> Finding:
    remark = optional_words(value.remark, *path, "remark", longest=MAX_NOTE)
    return Finding(value.finding, remark)
