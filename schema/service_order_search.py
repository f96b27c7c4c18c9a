"""Finding service orders by what people have at hand: numbers, waybills, phones and names.

A search is a query of its own, which an index answers with at most ``MAX_MATCHES`` rows. The page
reads the orders of those rows by their keys and sorts them.
"""

from functools import partial
from typing import Any, Final

import sqlalchemy as sa
import strawberry

from database.among import Among
from database.any_of import AnyOf
from domain.refusals.refusal import BadInput
from domain.search_keys import (
    name_beginning,
    number_beginning,
    number_key,
    pasted,
    pasted_keys,
    phone_ending,
    waybill_key,
    written_forms,
)
from domain.text import Text
from models.application import applications
from models.service_order import service_orders
from models.waybill import waybills
from projection.conditions import NO_ROWS, Condition, IsIn, Template

MAX_MATCHES: Final = 1_000
"""The maximum number of applications or orders that a search considers."""

_LIMIT: Final = 2**63
_DIGITS: Final = 19
_LENGTHS: Final = (18, 19)
"""The numbers of digits of order numbers, from October 2024 to the end of their range."""

_LAST: Final = "\U0010ffff"
"""The last character: no stored key contains it."""

_order: Final = service_orders.c
_ID: Final = IsIn(_order.id)
_ORDER_NUMBER: Final = IsIn(_order.order_number)


Query = sa.Select[Any]


def _among(column: sa.ColumnElement[Any], merchant: Any, values: Any) -> Among:
    """A merchant's orders with one of the values. Any: parameters, or a query of the values."""
    return Among(_order.merchant_id, column, merchant, values)


def _latest(key: sa.ColumnElement[Any], id_: sa.ColumnElement[Any], *where: Any) -> Query:
    """The ids of rows, the highest keys first. Any: SQL conditions."""
    limit: sa.ColumnElement[int] = sa.literal_column(str(MAX_MATCHES))
    return sa.select(id_).where(*where).order_by(key.desc(), id_.desc()).limit(limit)


def _begins(key: sa.ColumnElement[Any], merchant: Any, start: Any, end: Any) -> Query:
    """A merchant's applications whose key is in a range. Any: parameters."""
    table = applications.c
    return _latest(key, table.id, table.merchant_id == merchant, key >= start, key < end)


def _of_applications(key: sa.ColumnElement[Any]) -> Template:
    return Template(
        lambda merchant, start, end: _among(
            _order.application_id, merchant, _begins(key, merchant, start, end)
        ),
        finds_few=True,
    )


def _by_waybills(merchant: Any, keys: Any) -> sa.ColumnElement[bool]:
    """The orders with one of the waybills. Any: parameters."""
    where = (waybills.c.merchant_id == merchant, AnyOf(waybills.c.waybill, keys))
    id_ = waybills.c.service_order_id
    return _among(_order.id, merchant, _latest(id_, id_, *where))


def _by_purchases(merchant: Any, keys: Any) -> sa.ColumnElement[bool]:
    """The orders of the purchases with one of the numbers. Any: parameters."""
    table = applications.c
    where = (table.merchant_id == merchant, AnyOf(table.order_key, keys))
    return _among(_order.application_id, merchant, _latest(table.order_key, table.id, *where))


def _by_number(merchant: Any, *bounds: Any) -> sa.ColumnElement[bool]:
    """The orders whose id is in one of the ranges, or whose purchase's number is in the last.

    Any: parameters, the start and the end of each range.
    """
    *ranges, start, end = bounds
    numbered = service_orders.alias("numbered").c
    purchased = service_orders.alias("purchased").c
    branches = [
        _latest(
            numbered.id,
            numbered.id,
            numbered.merchant_id == merchant,
            numbered.id >= low,
            numbered.id < high,
        )
        for low, high in zip(ranges[::2], ranges[1::2], strict=True)
    ]
    purchases = _begins(applications.c.order_key, merchant, start, end)
    of_purchases = sa.select(purchased.id).where(
        Among(purchased.merchant_id, purchased.application_id, merchant, purchases)
    )
    # Limits within a union need subqueries on SQLite.
    return _among(
        _order.id,
        merchant,
        sa.union_all(*(sa.select(branch.subquery().c.id) for branch in branches), of_purchases),
    )


_OF_ID: Final = Template(partial(_among, _order.id), finds_few=True)
_PURCHASE: Final = Template(_by_purchases, finds_few=True)
_WAYBILL: Final = Template(_by_waybills, finds_few=True)
_NAME: Final = _of_applications(applications.c.name_key)
_PHONE: Final = _of_applications(applications.c.phone_key)
_NUMBER: Final = Template(_by_number, finds_few=True)


@strawberry.input
class ServiceOrderSearch:
    """The fields of the filter that find orders by what people have at hand."""

    number: str | None = strawberry.field(
        default=None,
        description=(
            "The orders with these numbers (服务单号), as pasted: at most 50, separated by "
            "commas or line ends. Spaces, `#` and full-width digits are understood."
        ),
    )
    order_number: str | None = strawberry.field(
        default=None,
        description=(
            "Orders of the purchases with these numbers (订单号), as pasted: at most 50, like "
            "`number`."
        ),
    )
    number_prefix: str | None = strawberry.field(
        default=None,
        description=(
            "Orders whose own number or whose purchase's number begins with this (单号前缀), of at "
            "least 4 characters. If more than 1,000 numbers do, only the highest are searched."
        ),
    )
    waybill: str | None = strawberry.field(
        default=None,
        description=(
            "Orders with these waybills (运单号), from or to the customer, as pasted: at most 50, "
            "like `number`. Waybills that were corrected later are found too."
        ),
    )
    phone: str | None = strawberry.field(
        default=None,
        description=(
            "Orders whose customer's phone number (手机号) ends with these digits, at least 4, or "
            "is this number."
        ),
    )
    customer_name: str | None = strawberry.field(
        default=None,
        description=(
            "Orders whose customer's name (客户姓名) begins with this, of at least 2 characters. "
            "If more than 1,000 names do, only the last by name are searched."
        ),
    )

    def search(self, merchant_id: int | None) -> list[Condition]:
        """The conditions of the given fields. Raises BadInput.

        All but the numbers are searched for within one merchant.
        """
        conditions: list[Condition] = []
        if self.number is not None:
            numbers = [number_key(text) for text in pasted(self.number, "filter", "number")]
            ids = [int(number) for number in numbers if _is_id(number)]
            conditions.append(_one_of(_ID, _OF_ID, merchant_id, ids))
        if self.order_number is not None:
            path = ("filter", "orderNumber")
            if merchant_id is None:
                # The keys are those of one merchant: no index finds them at all.
                written = pasted(self.order_number, *path)
                values = [form for number in written for form in written_forms(number)]
            else:
                values = pasted_keys(self.order_number, *path)
            conditions.append(_one_of(_ORDER_NUMBER, _PURCHASE, merchant_id, values))
        for name, value, read in (
            ("numberPrefix", self.number_prefix, _number_prefix),
            ("waybill", self.waybill, _waybill),
            ("phone", self.phone, _phone),
            ("customerName", self.customer_name, _name),
        ):
            if value is None:
                continue
            if merchant_id is None:
                raise BadInput(("filter", name), _NEEDS_MERCHANT)
            conditions.append(read(merchant_id, value, "filter", name))
        return conditions


_NEEDS_MERCHANT: Final = Text(
    "请同时指定商家",
    "This is searched for at one merchant: name the merchant as well.",
)


def _one_of(
    anywhere: IsIn, at_merchant: Template, merchant_id: int | None, values: list[Any]
) -> Condition:
    if not values:
        return NO_ROWS()
    return anywhere(values) if merchant_id is None else at_merchant(merchant_id, values)


def _is_id(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) <= _DIGITS and int(number) < _LIMIT


def _number_prefix(merchant_id: int, text: str, *path: str) -> Condition:
    key = number_beginning(text, *path)
    ranges = [bound for digits in _LENGTHS for bound in _range(key, digits)]
    return _NUMBER(merchant_id, *ranges, key, key + _LAST)


def _range(prefix: str, digits: int) -> tuple[int, int]:
    """The numbers of that many digits that begin with the prefix: from the first, to the second."""
    missing = digits - len(prefix)
    if missing < 0 or not _is_id(prefix):
        return 0, 0
    scale = 10**missing
    start = int(prefix) * scale
    return min(start, _LIMIT - 1), min(start + scale, _LIMIT - 1)


def _waybill(merchant_id: int, text: str, *path: str) -> Condition:
    keys = [key for number in pasted(text, *path) if (key := waybill_key(number))]
    return _WAYBILL(merchant_id, keys) if keys else NO_ROWS()


def _phone(merchant_id: int, text: str, *path: str) -> Condition:
    key = phone_ending(text, *path)
    return NO_ROWS() if key is None else _PHONE(merchant_id, key, key + _LAST)


def _name(merchant_id: int, text: str, *path: str) -> Condition:
    key = name_beginning(text, *path)
    return _NAME(merchant_id, key, key + _LAST)
