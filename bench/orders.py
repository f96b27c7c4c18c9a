"""A million service orders, always the same: each follows from its number, by the product's rules.

The rules run once for each merchant, reviewer and story. The result is a template, whose instants
are relative to the application; an order is a template at a time.
"""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final

import sqlalchemy as sa

from bench.shops import MERCHANTS, STOREFRONT, Shop
from bench.stories import BEGIN, STORIES, WAYBILL
from bench.templates import Instant, OrderTemplate, Row
from domain.applications import Expectation, LogisticsIn
from domain.search_keys import waybill_key
from models.application import applications, search_keys
from models.service_order import events, service_orders

SPAN: Final = timedelta(days=365)
"""The time from the first application to the last."""

_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
_LOW_BITS: Final = 22
_SIZES: Final = (1, 1, 2, 1, 2)
"""The number of orders of one application after the other."""

_LARGEST: Final = 0.05
"""The first merchant's share of the applications; the others' shares fall off."""

_STORY_OF_HUNDRED: Final = tuple(
    story for story, (share, _) in enumerate(STORIES) for _ in range(share)
)

_REASONS: Final = (
    "QUALITY.BROKEN",
    "QUALITY.MALFUNCTION",
    "QUALITY.FLAW",
    "DELIVERY.WRONG_ITEM",
    "PREFERENCE.SIZE",
    "PREFERENCE.NOT_AS_DESCRIBED",
)
_COMPLAINTS: Final = (
    "收到时外包装破损严重，打开后发现商品表面有多处划痕，配件也少了一件。",
    "使用两天后无法正常开机，按照说明书重置多次没有效果，充电指示灯也不亮。",
    "实际尺码与页面描述相差较大，颜色也和图片不一致，家里人都说不合适。",
    "屏幕左下角有明显坏点，续航时间远低于宣传值，夜里待机一晚就没有电了。",
)
_PLEAS: Final = (
    "已经拍照留存并附上凭证，开箱视频也可以提供，请客服尽快联系我处理，谢谢。",
    "希望能够尽快安排上门取件，工作日晚上七点以后或者周末全天都有人在家接听电话。",
    "之前联系过客服两次都没有结果，这次希望得到明确的答复和处理时间，不要再拖延。",
)
_ENDING: Final = "商品完整保留，吊牌和包装都在。"
_GOODS: Final = ("无线降噪耳机", "不锈钢保温杯", "户外冲锋衣", "智能扫地机器人", "机械键盘")
_EXPECTATIONS: Final = tuple(expectation.value for expectation in Expectation)
_LOGISTICS: Final = (LogisticsIn.CUSTOMER_SHIPS.value, LogisticsIn.PICKUP.value)


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch of rows of each table, in chronological order."""

    applications: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    waybills: list[Row] = field(default_factory=list)


def make_rows(
    total: int, instant: Instant, *, merchants: int = MERCHANTS, batch: int = 20_000
) -> Iterator[Rows]:
    """Yield all rows, in batches of about ``batch`` orders."""
    shops = [Shop(number) for number in range(1, merchants + 1)]
    shares = _shares(merchants)
    step = int(SPAN.total_seconds()) // max(1, total * len(_SIZES) // sum(_SIZES))
    templates: dict[tuple[int, int, int], OrderTemplate] = {}
    rows, number, orders = Rows(), 0, 0
    while orders < total:
        random = _hash(number)
        shop = shops[min(bisect(shares, (random & 0xFFFFFF) / 0x1000000), merchants - 1)]
        application = _application(shop, number, number * step + (random >> 24) % step, instant)
        rows.applications.append(application.row)
        for item in range(1, 1 + min(_SIZES[number % len(_SIZES)], total - orders)):
            random = _hash(1_000_003 * item + number)
            key = (shop.id, _STORY_OF_HUNDRED[random % 100], (random >> 8) % len(shop.reviewers))
            if key not in templates:
                templates[key] = OrderTemplate.of(shop, STORIES[key[1]][1], shop.reviewers[key[2]])
            _order(rows, templates[key], application, item, random >> 16, instant)
            orders += 1
        number += 1
        if len(rows.orders) >= batch:
            yield rows
            rows = Rows()
    yield rows


def _shares(merchants: int) -> list[float]:
    """The cumulative shares of the merchants, up to 1."""
    tail = [1 / (rank + 12) for rank in range(1, merchants)]
    rest = (1 - _LARGEST) / sum(tail) if tail else 0.0
    return list(accumulate([_LARGEST, *(share * rest for share in tail)]))


def _hash(number: int) -> int:
    """64 pseudo-random bits: splitmix64."""
    mixed = (number * 0x9E3779B97F4A7C15 + 0x1234567) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return mixed ^ (mixed >> 31)


@dataclass(frozen=True, slots=True)
class _Application:
    shop: Shop
    number: int
    applied: int
    id: int
    order_number: str
    customer: str
    row: Row


_OFFSET_MS: Final = (BEGIN - _EPOCH) // timedelta(milliseconds=1)


def _application(shop: Shop, number: int, applied: int, instant: Instant) -> _Application:
    id_ = (_OFFSET_MS + applied * 1000) << _LOW_BITS
    order_number, customer = f"26{number:012}", f"customer-{number % 300_007}"
    name, phone = name_of(number), phone_of(number)
    row = [
        shop.id,
        id_,
        STOREFRONT.id,
        f"SF{number:012}",
        f"{_hash(number ^ 0x5555):064x}",
        order_number,
        customer,
        name,
        phone,
        None,
        instant(applied),
        *search_keys(order_number=order_number, name=name, phone=phone).values(),
    ]
    return _Application(shop, number, applied, id_, order_number, customer, row)


def name_of(number: int) -> str:
    """The name of the customer of an application."""
    return f"{'张王李赵刘陈杨黄'[number % 8]}先生{number % 1000}"


def waybill_of(number: int, item: int) -> str:
    """The waybill of an order's parcel, if it was sent."""
    return f"YC{number:09}{item:03}"


def phone_of(number: int) -> str:
    """The phone of the customer of an application."""
    return f"139{number % 100_000_000:08}"


def _order(
    rows: Rows,
    template: OrderTemplate,
    application: _Application,
    item: int,
    random: int,
    instant: Instant,
) -> None:
    shop, number = application.shop, application.number
    id_ = application.id + item
    words = _COMPLAINTS[random % 4], _COMPLAINTS[(random >> 2) % 4], _PLEAS[(random >> 4) % 3]
    description = f"订单{number}第{item}件：{words[0]}{words[1]}{words[2]}{_ENDING}"
    price = 990 + random % 200_000
    order = template.order.filled(application.applied, instant, application.customer)
    for column, value in zip(
        _ORDER_COLUMNS,
        (
            id_,
            application.id,
            application.order_number,
            application.customer,
            _EXPECTATIONS[(random >> 8) % 3],
            _REASONS[(random >> 10) % 6],
            description,
            shop.albums[(random >> 12) % len(shop.albums)],
            _LOGISTICS[(random >> 20) % 4 == 0],
            f"{100_000 + random % 20_000}",
            f"{_GOODS[random % 5]} 型号{random % 90 + 10}",
            1 + (random >> 22) % 3,
            price,
            price * (1 + (random >> 22) % 3),
            shop.employees[(random >> 24) % 9 + 1].id if (random >> 28) % 10 < 8 else None,
        ),
        strict=True,
    ):
        order[column] = value
    if order[_INBOUND] is not None:
        waybill = waybill_of(number, item)
        order[_INBOUND] = order[_INBOUND].replace(WAYBILL, waybill)
        rows.waybills.append([shop.id, waybill_key(waybill), id_])
    rows.orders.append(order)
    for index, event_template in enumerate(template.events):
        event = event_template.filled(application.applied, instant, application.customer)
        event[_EVENT_ORDER] = id_
        if index == 0:
            event[_EVENT_NOTE] = description
        if event[_EVENT_DETAILS] is not None:
            event[_EVENT_DETAILS] = event[_EVENT_DETAILS].replace(WAYBILL, waybill_of(number, item))
        rows.events.append(event)


def _positions(table: sa.Table, *names: str) -> tuple[int, ...]:
    columns = list(table.c.keys())
    return tuple(columns.index(name) for name in names)


_ORDER_COLUMNS: Final = _positions(
    service_orders,
    "id",
    "application_id",
    "order_number",
    "customer_ref",
    "expectation",
    "reason_code",
    "description",
    "pictures",
    "logistics_in",
    "sku",
    "item_name",
    "quantity",
    "unit_price",
    "paid_amount",
    "assignee_id",
)
(_INBOUND,) = _positions(service_orders, "inbound")
_EVENT_ORDER, _EVENT_NOTE, _EVENT_DETAILS = _positions(
    events, "service_order_id", "customer_note", "details"
)
if list(applications.c.keys()) != [
    "merchant_id",
    "id",
    "connector_id",
    "external_ref",
    "content_hash",
    "order_number",
    "customer_ref",
    "customer_name",
    "customer_phone",
    "pickup_address",
    "applied_at",
    "order_key",
    "name_key",
    "phone_key",
]:
    raise AssertionError("the columns of applications have changed: see _application")
