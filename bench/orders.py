"""A million service orders, the same each time: each follows from its number, by the rules.

The rules are asked once for each merchant, reviewer and story. What they answer is kept as a
template, in which the instants are counted from the application; an order is a template at a time.
"""

from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, Final

import orjson
import sqlalchemy as sa

from bench.shops import MERCHANTS, STOREFRONT, Shop
from domain.actors import SYSTEM, Actor, ActorKind
from domain.applications import Expectation, LogisticsIn
from domain.clocks import Clocks, ReviewClock, first_clocks
from domain.decision import OrderFacts, PastDecision, decide
from domain.enrolment import EnrolmentStatus
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE, Action, Status
from jobs.auto_approval import RULE, RULE_VERSION
from models.application import applications
from models.changes import shipping_change
from models.journal import Change, clock_columns, event_row, row_after
from models.service_order import events, service_orders

BEGIN: Final = datetime(2025, 10, 1, tzinfo=UTC)
SPAN: Final = timedelta(days=365)
"""When the first application was made, and the last."""

_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
_LOW_BITS: Final = 22
_SIZES: Final = (1, 1, 2, 1, 2)
"""How many orders one application after the other has."""

_LARGEST: Final = 0.05
"""The first merchant's share; the others have less and less."""

Row = list[Any]
"""The values of a row, in the order of the table's columns."""

Instant = Callable[[int], Any]
"""How a database is given an instant, from the seconds since ``BEGIN``."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is done in a story, how many hours after the application, and by whom."""

    action: Action
    after: int
    by: str


_ASKED: Final = Step(Action.REQUEST_FEEDBACK, 5, "reviewer")
_APPROVED: Final = Step(Action.APPROVE, 9, "reviewer")
_SHIPPED: Final = Step(Action.SHIP, 40, "customer")
_RECEIVED: Final = Step(Action.RECEIVE, 110, "receiver")

STORIES: Final[tuple[tuple[int, tuple[Step, ...]], ...]] = (
    (18, ()),
    (2, (_ASKED, Step(Action.RESPOND, 30, "customer"))),
    (5, (_ASKED,)),
    (8, (_APPROVED,)),
    (4, (Step(Action.AUTO_APPROVE, 48, "system"),)),
    (13, (_APPROVED, _SHIPPED)),
    (11, (_APPROVED, _SHIPPED, _RECEIVED)),
    (5, (Step(Action.RESEND, 20, "reviewer"),)),
    (13, (_APPROVED, _SHIPPED, _RECEIVED, Step(Action.CLOSE, 130, "processor"))),
    (10, (Step(Action.REJECT, 7, "reviewer"),)),
    (6, (Step(Action.RECORD_GIVE_UP, 26, "reviewer"),)),
    (5, (Step(Action.CANCEL, 3, "customer"),)),
)
"""How many of a hundred orders went how."""

_DRAWN: Final = tuple(at for at, (share, _) in enumerate(STORIES) for _ in range(share))

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
_EXPECTATIONS: Final = tuple(one.value for one in Expectation)
_LOGISTICS: Final = (LogisticsIn.CUSTOMER_SHIPS.value, LogisticsIn.PICKUP.value)
_CUSTOMER: Final = "\0customer"


@dataclass(frozen=True, slots=True)
class Made:
    """So many rows of each table, in the order of time."""

    applications: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)


def made(
    total: int, instant: Instant, *, merchants: int = MERCHANTS, batch: int = 20_000
) -> Iterator[Made]:
    """All rows, in batches of about so many orders."""
    shops = [Shop(number) for number in range(1, merchants + 1)]
    shares = _shares(merchants)
    step = int(SPAN.total_seconds()) // max(1, total * len(_SIZES) // sum(_SIZES))
    templates: dict[tuple[int, int, int], Template] = {}
    rows, number, done = Made(), 0, 0
    while done < total:
        drawn = _hash(number)
        shop = shops[min(bisect(shares, (drawn & 0xFFFFFF) / 0x1000000), merchants - 1)]
        application = _application(shop, number, number * step + (drawn >> 24) % step, instant)
        rows.applications.append(application.row)
        for item in range(1, 1 + min(_SIZES[number % len(_SIZES)], total - done)):
            lot = _hash(1_000_003 * item + number)
            key = (shop.id, _DRAWN[lot % 100], (lot >> 8) % len(shop.reviewers))
            if key not in templates:
                templates[key] = Template.of(shop, STORIES[key[1]][1], shop.reviewers[key[2]])
            _order(rows, templates[key], application, item, lot >> 16, instant)
            done += 1
        number += 1
        if len(rows.orders) >= batch:
            yield rows
            rows = Made()
    yield rows


def _shares(merchants: int) -> list[float]:
    """Where each merchant's share ends, between 0 and 1."""
    tail = [1 / (rank + 12) for rank in range(1, merchants)]
    rest = (1 - _LARGEST) / sum(tail) if tail else 0.0
    return list(accumulate([_LARGEST, *(one * rest for one in tail)]))


def _hash(number: int) -> int:
    """64 bits that look random: splitmix64."""
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
    row = [
        shop.id,
        id_,
        STOREFRONT.id,
        f"SF{number:012}",
        f"{_hash(number ^ 0x5555):064x}",
        order_number,
        customer,
        f"{'张王李赵刘陈杨黄'[number % 8]}先生{number % 1000}",
        f"139{number % 100_000_000:08}",
        None,
        instant(applied),
    ]
    return _Application(shop, number, applied, id_, order_number, customer, row)


def _order(
    rows: Made, template: "Template", of: _Application, item: int, lot: int, instant: Instant
) -> None:
    shop, number = of.shop, of.number
    id_ = of.id + item
    words = _COMPLAINTS[lot % 4], _COMPLAINTS[(lot >> 2) % 4], _PLEAS[(lot >> 4) % 3]
    description = f"订单{number}第{item}件：{words[0]}{words[1]}{words[2]}{_ENDING}"
    price = 990 + lot % 200_000
    order = template.order.at(of.applied, instant, of.customer)
    for place, value in zip(
        _OWN,
        (
            id_,
            of.id,
            of.order_number,
            of.customer,
            _EXPECTATIONS[(lot >> 8) % 3],
            _REASONS[(lot >> 10) % 6],
            description,
            shop.albums[(lot >> 12) % len(shop.albums)],
            _LOGISTICS[(lot >> 20) % 4 == 0],
            f"{100_000 + lot % 20_000}",
            f"{_GOODS[lot % 5]} 型号{lot % 90 + 10}",
            1 + (lot >> 22) % 3,
            price,
            price * (1 + (lot >> 22) % 3),
            shop.people[(lot >> 24) % 9 + 1].id if (lot >> 28) % 10 < 8 else None,
        ),
        strict=True,
    ):
        order[place] = value
    rows.orders.append(order)
    for sequence, told in enumerate(template.events):
        event = told.at(of.applied, instant, of.customer)
        event[_EVENT_ORDER] = id_
        if sequence == 0:
            event[_EVENT_NOTE] = description
        rows.events.append(event)


def _places(table: sa.Table, *names: str) -> tuple[int, ...]:
    known = list(table.c.keys())
    return tuple(known.index(name) for name in names)


_OWN: Final = _places(
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
_EVENT_ORDER, _EVENT_NOTE = _places(events, "service_order_id", "customer_note")
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
]:
    raise AssertionError("the columns of applications have changed: see _application")


@dataclass(frozen=True, slots=True)
class Cells:
    """A row in which instants are seconds after the application.

    ``instants`` are columns, ``texts`` are JSON in which instants are written out, and
    ``customers`` are columns that hold the customer's reference.
    """

    values: Row
    instants: tuple[tuple[int, int], ...]
    texts: tuple[tuple[int, str, tuple[int, ...]], ...]
    customers: tuple[int, ...]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Cells":
        row: Row = []
        instants, texts, customers = [], [], []
        for place, value in enumerate(values.values()):
            kept = value
            if isinstance(value, datetime):
                instants.append((place, _seconds(value)))
            elif value == _CUSTOMER:
                customers.append(place)
            elif isinstance(value, dict | list):
                kept = orjson.dumps(value).decode()
                if found := _instants_in(value):
                    text = kept.replace("%", "%%")
                    for one in found:
                        text = text.replace(one.isoformat(), "%s", 1)
                    texts.append((place, text, tuple(map(_seconds, found))))
            elif isinstance(value, str):
                kept = str(value)
            row.append(kept)
        return cls(row, tuple(instants), tuple(texts), tuple(customers))

    def at(self, applied: int, instant: Instant, customer: str) -> Row:
        row = self.values.copy()
        for place, after in self.instants:
            row[place] = instant(applied + after)
        for place, text, afters in self.texts:
            row[place] = text % tuple(
                (BEGIN + timedelta(seconds=applied + after)).isoformat() for after in afters
            )
        for place in self.customers:
            row[place] = customer
        return row


def _seconds(at: datetime) -> int:
    return int((at - BEGIN).total_seconds())


def _instants_in(value: object) -> list[datetime]:
    """Every instant in JSON, in the order in which it is written."""
    if isinstance(value, dict):
        return [one for each in value.values() for one in _instants_in(each)]
    if isinstance(value, list):
        return [one for each in value for one in _instants_in(each)]
    if isinstance(value, str) and value.endswith("+00:00"):
        return [datetime.fromisoformat(value)]
    return []


@dataclass(frozen=True, slots=True)
class Template:
    """What a story leaves behind at a merchant."""

    order: Cells
    events: tuple[Cells, ...]

    @classmethod
    def of(cls, shop: Shop, story: tuple[Step, ...], reviewer: Actor) -> "Template":
        told = _Told(shop, reviewer)
        for step in story:
            told.take(step)
        return cls(Cells.of(told.order), tuple(map(Cells.of, told.events)))


class _Told:
    """An order on its way, as ``models/journal`` would write it; applied for at ``BEGIN``."""

    def __init__(self, shop: Shop, reviewer: Actor) -> None:
        self._shop = shop
        self._actors = {
            "reviewer": reviewer,
            "receiver": shop.receiver,
            "processor": shop.processor,
            "system": SYSTEM,
            "customer": Actor(
                kind=ActorKind.CUSTOMER,
                id=0,
                name=_CUSTOMER,
                merchant_id=shop.id,
                customer_ref=_CUSTOMER,
            ),
        }
        self._clocks: Clocks = first_clocks(BEGIN, ())
        self.order: dict[str, Any] = dict.fromkeys(service_orders.c.keys()) | {
            "merchant_id": shop.id,
            "version": 1,
            "status": Status.PENDING_REVIEW,
            "review_pictures": [],
            "review_started_at": BEGIN,
            **clock_columns(self._clocks),
            "auto_approval_blocked": False,
            "applied_at": BEGIN,
            "updated_at": BEGIN,
        }
        self.events: list[dict[str, Any]] = [
            dict.fromkeys(events.c.keys())
            | {
                "merchant_id": shop.id,
                "sequence": 1,
                "kind": EventKind.SUBMITTED,
                "at": BEGIN,
                "actor_kind": STOREFRONT.kind,
                "actor_id": STOREFRONT.id,
                "actor_name": STOREFRONT.name,
                "to_status": Status.PENDING_REVIEW,
            }
        ]

    def take(self, step: Step) -> None:
        """Raises AssertionError if the rules do not allow it."""
        at, actor = BEGIN + timedelta(hours=step.after), self._actors[step.by]
        verdict = decide(self._facts(), actor, step.action, at)
        if not verdict.allowed:
            raise AssertionError(f"{step} is not allowed: {verdict.blockers}")
        source, target = self.order["status"], LIFECYCLE[step.action].target
        change = _change(step.action, self._shop, self._clocks.review, at)
        if target is not None:
            self._clocks = self._clocks.enter(target, at, ())
        self.order |= row_after(step.action, actor, self._clocks, change, now=at)
        self.order |= {"version": self.order["version"] + 1, "updated_at": at}
        key = (self._shop.id, 0, self.order["version"])
        event = event_row(key, EVENTS[step.action], actor, change, at=at)
        self.events.append(
            dict.fromkeys(events.c.keys())
            | event
            | {"from_status": source, "to_status": self.order["status"]}
        )

    def _facts(self) -> OrderFacts:
        order = self.order
        decided = order["decision"] and PastDecision(
            action=order["decision"],
            by=order["decided_by"],
            by_kind=order["decided_by_kind"],
            at=order["decided_at"],
        )
        return OrderFacts(
            merchant_id=self._shop.id,
            customer_ref=_CUSTOMER,
            enrolment=EnrolmentStatus.ENABLED,
            status=order["status"],
            version=order["version"],
            has_return_address=True,
            due_at=order["clock_due_at"],
            finished_at=order["finished_at"],
            last_action=order["last_action"],
            decided=decided,
        )


_NOTES: Final[Mapping[Action, str]] = {
    Action.APPROVE: "您好，申请已通过，请在七天内寄回商品并保留好运单号。",
    Action.REJECT: "很抱歉，商品已使用，影响二次销售，无法受理。",
    Action.RESEND: "您好，补发的商品已经安排，不需要寄回。",
    Action.REQUEST_FEEDBACK: "请补充一张故障部位的清晰照片。",
    Action.RECORD_GIVE_UP: "与客户电话沟通，客户决定保留商品。",
    Action.RESPOND: "照片已经补充，请查看。",
    Action.CANCEL: "不想折腾了，取消吧。",
    Action.CLOSE: "检测无故障，与客户沟通后关闭。",
}


def _change(action: Action, shop: Shop, review: ReviewClock, at: datetime) -> Change:
    """What the use case of an action brings along."""
    match action:
        case Action.SHIP:
            return shipping_change(carrier="云驰快递", waybill="YC100200300400", freight=None)
        case Action.RECEIVE:
            found = ("packing", "function", "appearance", "accessories", "invoice")
            return Change(details=dict.fromkeys(found, "完好"))
        case Action.RESPOND | Action.CANCEL | Action.CLOSE:
            return Change(customer_note=_NOTES[action])
        case _:
            return _decided(action, shop, review, at)


def _decided(action: Action, shop: Shop, review: ReviewClock, at: datetime) -> Change:
    note = _NOTES.get(action)
    details: dict[str, Any] = {}
    values: dict[str, Any] = {"review_reason": None, "review_shipment": None}
    if LIFECYCLE[action].needs_address:
        details["returnAddress"] = shop.address.stored()
    if action is Action.REJECT:
        details["reason"] = values["review_reason"] = "NOT_ELIGIBLE.USED"
    if action is Action.RESEND:
        shipment = {"goods": "同款新品", "carrier": None, "waybill": None}
        details["shipment"] = values["review_shipment"] = shipment
    if action is Action.AUTO_APPROVE:
        details["explanation"] = {
            "rule": RULE,
            "ruleVersion": RULE_VERSION,
            "startedAt": review.started_at.isoformat(),
            "pauses": [],
            "dueAt": review.due_at and review.due_at.isoformat(),
            "ranAt": at.isoformat(),
        }
    return Change(
        values=values
        | {
            "review_customer_note": note,
            "review_address": details.get("returnAddress"),
            "review_pictures": [],
        },
        customer_note=note,
        details=details or None,
    )
