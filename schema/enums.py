"""The domain's enums in the API, each value described."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

import strawberry

from domain.actors import ActorKind
from domain.applications import Expectation, LogisticsIn
from domain.clocks import CLOCKS, ClockKind
from domain.divisions import DivisionLevel
from domain.enrolment import EnrolmentStatus
from domain.events import EVENTS, EventKind
from domain.lifecycle import LIFECYCLE, Action
from domain.permissions import CATALOGUE, Holder, Permission
from domain.reasons import ReasonUse
from domain.scopes import ScopeGiver
from domain.statuses import STATUS_NAMES, Status
from domain.text import Text

E = TypeVar("E", bound=type[Enum])


def described(
    kind: E, description: str, values: Mapping[Any, str | Text], name: str | None = None
) -> E:
    """Bring an enum into the API. Every value needs a description, or nothing is built."""
    made = strawberry.enum(kind, name=name, description=description)
    for value in made.__strawberry_definition__.values:  # type: ignore[attr-defined]
        said = values[kind[value.name] if kind[value.name] in values else value.name]
        value.description = f"{said.zh}. {said.en}" if isinstance(said, Text) else said
    return made


described(
    Permission,
    "What a principal may be trusted to do. The query `permissions` explains each.",
    {line.permission: f"{line.name.zh}. {line.description.en}." for line in CATALOGUE},
)
described(
    Holder,
    "Which kind of principal a permission is for.",
    {
        Holder.STAFF: "Employees, by their roles; and the main account.",
        Holder.MAIN_ACCOUNT: "The main account alone.",
        Holder.CONNECTOR: "Connectors, as a scope of their token.",
        Holder.PLATFORM: "The platform's own people.",
    },
    name="PermissionHolder",
)
described(
    ScopeGiver,
    "Who gives a connector a scope.",
    {
        ScopeGiver.MERCHANT: "Whoever manages the merchant's settings, and holds it themselves.",
        ScopeGiver.PLATFORM: "The platform alone.",
    },
)
described(
    Status,
    "Where a service order stands.",
    STATUS_NAMES,
    name="ServiceOrderStatus",
)
described(
    Action,
    "What can be done to a service order. The query `lifecycle` says from where, and by whom.",
    {action: rule.name for action, rule in LIFECYCLE.items()},
    name="ServiceOrderAction",
)
described(
    ActorKind,
    "What kind of principal did something.",
    {
        ActorKind.PLATFORM: "The marketplace's own people.",
        ActorKind.MAIN_ACCOUNT: "主账号. The merchant's owner.",
        ActorKind.EMPLOYEE: "员工. Somebody who works for the merchant.",
        ActorKind.CONNECTOR: "A machine account: an ERP or a storefront.",
        ActorKind.CUSTOMER: "Who bought the goods.",
        ActorKind.SYSTEM: "The clock.",
    },
)
described(
    EnrolmentStatus,
    "How far a merchant's enrolment (开通自主售后) has come.",
    {
        EnrolmentStatus.NOT_ENROLLED: "未开通. It has never applied.",
        EnrolmentStatus.PENDING_REVIEW: "待审核. The platform must decide.",
        EnrolmentStatus.ENABLED: "已开通. The merchant can work on its orders.",
        EnrolmentStatus.REJECTED: "已驳回. Turned down, with a reason; it may apply again.",
        EnrolmentStatus.SUSPENDED: "已暂停. The platform stopped it; clocks keep running.",
    },
)
described(
    Expectation,
    "What the customer wants.",
    {
        Expectation.RETURN: "退货. The goods back for the money (JD's code 10).",
        Expectation.EXCHANGE: "换货. A new one (JD's code 20).",
        Expectation.REPAIR: "维修. The same one, mended (JD's code 30).",
    },
)
described(
    LogisticsIn,
    "How the goods come back to the merchant.",
    {
        LogisticsIn.CUSTOMER_SHIPS: "客户发货. The customer sends them (JD's code 40).",
        LogisticsIn.DROP_OFF: "客户送货. The customer brings them (JD's code 7).",
        LogisticsIn.PICKUP: "上门取件. They are picked up (JD's code 4).",
    },
)
described(
    ClockKind,
    "What is being waited for.",
    {
        rule.kind: f"{STATUS_NAMES[status].zh}. {STATUS_NAMES[status].en}."
        for status, rule in CLOCKS.items()
    },
)
described(
    DivisionLevel,
    "How large an administrative division is.",
    {
        DivisionLevel.PROVINCE: "省, 自治区, 直辖市, 特别行政区.",
        DivisionLevel.CITY: "市, 自治州, 盟.",
        DivisionLevel.DISTRICT: "区, 县, 旗.",
    },
)
described(
    ReasonUse,
    "What a reason is given for.",
    {
        ReasonUse.APPLICATION: "Why the customer applies.",
        ReasonUse.REVIEW: "Why the merchant decided as it did.",
    },
)
described(
    EventKind,
    "What happened to a service order.",
    {
        **{event: LIFECYCLE[action].name for action, event in EVENTS.items()},
        EventKind.SUBMITTED: Text("客户提交申请", "The customer applied"),
        EventKind.AUTO_APPROVAL_BLOCKED: Text(
            "缺少退货地址, 未能自动通过", "Due, but there was no return address to approve it to"
        ),
        EventKind.AUTO_APPROVAL_UNBLOCKED: Text(
            "已有退货地址, 恢复自动通过", "A return address was given; the clock looks again"
        ),
        EventKind.CONTACT_REVEALED: Text(
            "查看客户联系方式", "Somebody looked at the customer's phone and address"
        ),
        EventKind.CLOCK_MOVED: Text("计时因暂停时段顺延", "A pause moved the clock"),
    },
    name="ServiceOrderEventKind",
)
