"""The columns of exports: their titles, what each is made from, and how."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import auto
from typing import Any, Final

from domain.actions import Action
from domain.addresses import Address
from domain.applications import Expectation, LogisticsIn
from domain.lifecycle import LIFECYCLE
from domain.masking import mask_name, mask_phone
from domain.money import yuan
from domain.names import Named
from domain.own_reasons import copied_reason
from domain.reasons import REASONS
from domain.statuses import STATUS_NAMES, Status
from domain.text import Text

Json = Mapping[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Coded:
    """A value with a stable code, for programs, and a name, for people."""

    code: str
    name: Text


Cell = str | int | Decimal | datetime | Coded | None
"""A value of an export. The formats show instants and coded values in different ways."""


class ExportColumn(Named):
    """A column that an export may have."""

    NUMBER = auto()
    STATUS = auto()
    ORDER_NUMBER = auto()
    APPLIED_AT = auto()
    EXPECTATION = auto()
    REASON = auto()
    DESCRIPTION = auto()
    ITEM_NAME = auto()
    SKU = auto()
    CATEGORY = auto()
    WAREHOUSE = auto()
    QUANTITY = auto()
    UNIT_PRICE = auto()
    PAID_AMOUNT = auto()
    LOGISTICS_IN = auto()
    ASSIGNEE = auto()
    DECISION = auto()
    DECIDED_AT = auto()
    DECIDED_BY = auto()
    REVIEW_REASON = auto()
    CUSTOMER_NOTE = auto()
    SHIPPED_AT = auto()
    CARRIER = auto()
    WAYBILL = auto()
    RECEIVED_AT = auto()
    PROCESSING = auto()
    PROCESSED_AT = auto()
    SENT_CARRIER = auto()
    SENT_WAYBILL = auto()
    SATISFACTION = auto()
    ESCALATED_AT = auto()
    DUE_AT = auto()
    UPDATED_AT = auto()
    FINISHED_AT = auto()
    CUSTOMER_REF = auto()
    CONTACT_NAME = auto()
    CONTACT_PHONE = auto()
    CONTACT_ADDRESS = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of exports.

    ``value`` takes the values of the columns of the database that ``needs`` names. ``masked`` does
    the same for people who may not read contacts; a column without it shows no contact.
    """

    title: Text
    needs: tuple[str, ...]
    value: Callable[..., Cell]
    masked: Callable[..., Cell] | None = None


def _same(value: Cell) -> Cell:
    return value


def _text(value: int) -> str:
    return str(value)  # a number of 19 digits: spreadsheet programs keep 15 of a number


def _amount(fen: int) -> Decimal:
    return Decimal(yuan(fen))


def _nothing(*_: object) -> None:
    return None


def _status(value: Status) -> Coded:
    return Coded(value, STATUS_NAMES[value])


def _expectation(value: Expectation) -> Coded:
    return Coded(value, _EXPECTATIONS[value])


def _logistics(value: LogisticsIn) -> Coded:
    return Coded(value, _LOGISTICS[value])


def _action(value: str | None) -> Coded | None:
    return None if value is None else Coded(value, LIFECYCLE[Action(value)].name)


def _reason(code: str | None, copy: Json | None) -> Coded | None:
    if code is None:
        return None
    reason = REASONS[code] if copy is None else copied_reason(code, copy)
    return Coded(code, reason.name)


def _of(*keys: str) -> Callable[[Json | None], Cell]:
    """A value within the JSON of a column, None where there is none."""

    def value(stored: Json | None) -> Cell:
        inner: Any = stored
        for key in keys:
            inner = None if inner is None else inner.get(key)
        return None if inner is None else str(inner)

    return value


_processing_action: Final = _of("action")


def _processing(stored: Json | None) -> Coded | None:
    action = _processing_action(stored)
    return _action(None if action is None else str(action))


def _address(stored: Json | None) -> str | None:
    if not stored:
        return None
    address = Address.read(stored)
    return f"{address.region} {address.detail} {address.contact} {address.phone}"


_EXPECTATIONS: Final[Mapping[Expectation, Text]] = {
    Expectation.RETURN: Text("退货", "Return"),
    Expectation.EXCHANGE: Text("换货", "Exchange"),
    Expectation.REPAIR: Text("维修", "Repair"),
}
_LOGISTICS: Final[Mapping[LogisticsIn, Text]] = {
    LogisticsIn.CUSTOMER_SHIPS: Text("客户发货", "The customer sends the goods"),
    LogisticsIn.DROP_OFF: Text("客户送货", "The customer brings the goods"),
    LogisticsIn.PICKUP: Text("上门取件", "A courier picks up the goods"),
}

COLUMNS: Final[Mapping[ExportColumn, Column]] = {
    ExportColumn.NUMBER: Column(Text("服务单号", "Number"), ("id",), _text),
    ExportColumn.STATUS: Column(Text("状态", "Status"), ("status",), _status),
    ExportColumn.ORDER_NUMBER: Column(Text("订单号", "Order number"), ("order_number",), _same),
    ExportColumn.APPLIED_AT: Column(Text("申请时间", "Applied at"), ("applied_at",), _same),
    ExportColumn.EXPECTATION: Column(
        Text("客户期望", "Expectation"), ("expectation",), _expectation
    ),
    ExportColumn.REASON: Column(Text("申请原因", "Reason"), ("reason_code", "own_reason"), _reason),
    ExportColumn.DESCRIPTION: Column(Text("问题描述", "Description"), ("description",), _same),
    ExportColumn.ITEM_NAME: Column(Text("商品名称", "Item"), ("item_name",), _same),
    ExportColumn.SKU: Column(Text("商品编码", "SKU"), ("sku",), _same),
    ExportColumn.CATEGORY: Column(Text("类目", "Category"), ("category",), _same),
    ExportColumn.WAREHOUSE: Column(Text("仓库", "Warehouse"), ("warehouse",), _same),
    ExportColumn.QUANTITY: Column(Text("数量", "Quantity"), ("quantity",), _same),
    ExportColumn.UNIT_PRICE: Column(
        Text("单价(元)", "Unit price (yuan)"), ("unit_price",), _amount
    ),
    ExportColumn.PAID_AMOUNT: Column(
        Text("实付金额(元)", "Amount paid (yuan)"), ("paid_amount",), _amount
    ),
    ExportColumn.LOGISTICS_IN: Column(
        Text("返件方式", "Way to the merchant"), ("logistics_in",), _logistics
    ),
    ExportColumn.ASSIGNEE: Column(Text("负责人", "Assignee"), ("assignee",), _same),
    ExportColumn.DECISION: Column(Text("审核结论", "Decision"), ("decision",), _action),
    ExportColumn.DECIDED_AT: Column(Text("审核时间", "Decided at"), ("decided_at",), _same),
    ExportColumn.DECIDED_BY: Column(Text("审核人", "Decided by"), ("decided_by",), _same),
    ExportColumn.REVIEW_REASON: Column(
        Text("审核原因", "Reason of the decision"), ("review_reason", "own_review_reason"), _reason
    ),
    ExportColumn.CUSTOMER_NOTE: Column(
        Text("审核留言", "Note to the customer"), ("review_customer_note",), _same
    ),
    ExportColumn.SHIPPED_AT: Column(Text("客户发货时间", "Shipped at"), ("shipped_at",), _same),
    ExportColumn.CARRIER: Column(
        Text("寄回承运商", "Carrier of the return"), ("inbound",), _of("carrier")
    ),
    ExportColumn.WAYBILL: Column(
        Text("寄回运单号", "Waybill of the return"), ("inbound",), _of("waybill")
    ),
    ExportColumn.RECEIVED_AT: Column(Text("收货时间", "Received at"), ("received_at",), _same),
    ExportColumn.PROCESSING: Column(Text("处理方式", "Processing"), ("processing",), _processing),
    ExportColumn.PROCESSED_AT: Column(Text("处理时间", "Processed at"), ("processed_at",), _same),
    ExportColumn.SENT_CARRIER: Column(
        Text("发出承运商", "Carrier to the customer"), ("processing",), _of("outbound", "carrier")
    ),
    ExportColumn.SENT_WAYBILL: Column(
        Text("发出运单号", "Waybill to the customer"), ("processing",), _of("outbound", "waybill")
    ),
    ExportColumn.SATISFACTION: Column(Text("满意度", "Satisfaction"), ("satisfaction",), _same),
    ExportColumn.ESCALATED_AT: Column(
        Text("申请平台介入时间", "Escalated at"), ("escalated_at",), _same
    ),
    ExportColumn.DUE_AT: Column(Text("截止时间", "Due at"), ("clock_due_at",), _same),
    ExportColumn.UPDATED_AT: Column(Text("更新时间", "Updated at"), ("updated_at",), _same),
    ExportColumn.FINISHED_AT: Column(Text("完结时间", "Finished at"), ("finished_at",), _same),
    ExportColumn.CUSTOMER_REF: Column(Text("客户标识", "Customer"), ("customer_ref",), _same),
    ExportColumn.CONTACT_NAME: Column(
        Text("客户姓名", "Contact name"), ("customer_name",), _same, mask_name
    ),
    ExportColumn.CONTACT_PHONE: Column(
        Text("客户电话", "Contact phone"), ("customer_phone",), _same, mask_phone
    ),
    ExportColumn.CONTACT_ADDRESS: Column(
        Text("客户地址", "Contact address"), ("pickup_address",), _address, _nothing
    ),
}

CONTACT_COLUMNS: Final = frozenset(
    column for column, entry in COLUMNS.items() if entry.masked is not None
)
"""The columns that show a contact to people who may read it."""


@dataclass(frozen=True, slots=True)
class Table:
    """The chosen columns of an export, with the contacts masked or not."""

    columns: tuple[ExportColumn, ...]
    reveals: bool

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the database that the rows are made from, each once."""
        return tuple(
            dict.fromkeys(need for column in self.columns for need in COLUMNS[column].needs)
        )

    def reader(self) -> Callable[[Sequence[Any]], list[Cell]]:
        """What makes the cells of an order from the values of ``needs``. Any: of columns."""
        position = {need: index for index, need in enumerate(self.needs)}
        entries = [COLUMNS[column] for column in self.columns]
        readers = [
            (
                entry.value if self.reveals or entry.masked is None else entry.masked,
                [position[need] for need in entry.needs],
            )
            for entry in entries
        ]
        return lambda row: [value(*[row[index] for index in own]) for value, own in readers]
