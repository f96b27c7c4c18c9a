"""The domain's enums as GraphQL enums, with a description of each value."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

import strawberry

from domain.actions import Action
from domain.actors import ActorKind
from domain.applications import Expectation, LogisticsIn
from domain.clocks import CLOCKS, ClockKind
from domain.desk.receipts import (
    AccessoriesFinding,
    AppearanceFinding,
    FunctionFinding,
    GoodsFinding,
    InvoiceFinding,
    PackingFinding,
)
from domain.desk.refunds import RefundMethod, RefundOutcome, RefundStatus
from domain.desk.reviews import NoteLanguage
from domain.destinations import RuleKind
from domain.divisions import DivisionLevel
from domain.enrolment import EnrolmentStatus
from domain.events import EVENTS, EventKind
from domain.exports import ExportStatus
from domain.lifecycle import LIFECYCLE
from domain.permissions import CATALOGUE, Holder, Permission
from domain.personal_data import ErasureCause
from domain.queues import QUEUE_STATUSES, Queue
from domain.reasons import ReasonUse
from domain.scopes import ScopeGiver
from domain.statuses import STATUS_NAMES, Status
from domain.text import Text

E = TypeVar("E", bound=type[Enum])


def described(
    kind: E, description: str, values: Mapping[Any, str | Text], name: str | None = None
) -> E:
    """Declare a GraphQL enum. Raises KeyError for a value without a description."""
    enum = strawberry.enum(kind, name=name, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        text = values[kind[value.name] if kind[value.name] in values else value.name]
        value.description = f"{text.zh}. {text.en}." if isinstance(text, Text) else text
    return enum


described(
    Permission,
    "A permission that a principal can hold. The query `permissions` returns the catalogue.",
    {entry.permission: f"{entry.name.zh}. {entry.description.en}." for entry in CATALOGUE},
)
described(
    Holder,
    "The kind of principal that can hold a permission.",
    {
        Holder.STAFF: "Employees and the main account.",
        Holder.MAIN_ACCOUNT: "The main account only.",
        Holder.CONNECTOR: "Connectors, as a scope of their token.",
        Holder.PLATFORM: "The platform's own staff.",
    },
    name="PermissionHolder",
)
described(
    ScopeGiver,
    "Who grants a scope to a connector.",
    {
        ScopeGiver.MERCHANT: (
            "The merchant's staff who hold `SETTINGS_MANAGE` and what the scope requires."
        ),
        ScopeGiver.PLATFORM: "The platform only.",
    },
)
described(
    Status,
    "The status of a service order.",
    STATUS_NAMES,
    name="ServiceOrderStatus",
)
described(
    Action,
    "An action on a service order. The query `lifecycle` returns which statuses allow an action "
    "and "
    "who can take it.",
    {action: rule.name for action, rule in LIFECYCLE.items()},
    name="ServiceOrderAction",
)
described(
    ActorKind,
    "The kind of principal that acts.",
    {
        ActorKind.PLATFORM: "The platform's own staff.",
        ActorKind.MAIN_ACCOUNT: "主账号. The main account of a merchant.",
        ActorKind.EMPLOYEE: "员工. An employee of a merchant.",
        ActorKind.CONNECTOR: "A machine account of an ERP or a storefront.",
        ActorKind.CUSTOMER: "The customer who bought the goods.",
        ActorKind.SYSTEM: "The system, acting at a deadline.",
    },
)
described(
    EnrolmentStatus,
    "The status of a merchant's enrolment (开通自主售后).",
    {
        EnrolmentStatus.NOT_ENROLLED: "未开通. The merchant has never applied.",
        EnrolmentStatus.PENDING_REVIEW: "待审核. Waiting for the platform's decision.",
        EnrolmentStatus.ENABLED: "已开通. The merchant's staff can process orders.",
        EnrolmentStatus.REJECTED: "已驳回. Rejected, with a reason. The merchant may apply again.",
        EnrolmentStatus.SUSPENDED: "已暂停. Suspended by the platform. Order clocks keep running.",
    },
)
described(
    RuleKind,
    "What a return address rule (退货地址规则) compares.",
    {
        RuleKind.SKU_PREFIX: "SKU 前缀. The beginning of the SKU, exactly as written.",
        RuleKind.CATEGORY: "类目. The category of the item, exactly as written.",
        RuleKind.WAREHOUSE: "仓库. The warehouse of the item, exactly as written.",
    },
    name="ReturnAddressRuleKind",
)
described(
    Expectation,
    "The outcome that the customer expects.",
    {
        Expectation.RETURN: "退货. Return the goods for a refund (code 10 of JD).",
        Expectation.EXCHANGE: "换货. Exchange the goods for new ones (code 20 of JD).",
        Expectation.REPAIR: "维修. Repair the goods (code 30 of JD).",
    },
)
described(
    LogisticsIn,
    "How the goods return to the merchant.",
    {
        LogisticsIn.CUSTOMER_SHIPS: "客户发货. The customer sends the goods (code 40 of JD).",
        LogisticsIn.DROP_OFF: "客户送货. The customer brings the goods (code 7 of JD).",
        LogisticsIn.PICKUP: "上门取件. A courier picks up the goods (code 4 of JD).",
    },
)
described(
    PackingFinding,
    "The condition of the packaging.",
    {
        PackingFinding.INTACT: "包装完好. Intact.",
        PackingFinding.OPENED: "已拆封. Opened.",
        PackingFinding.DAMAGED: "破损. Damaged.",
        PackingFinding.MISSING: "无包装. There is no packaging.",
    },
)
described(
    FunctionFinding,
    "Whether the goods work.",
    {
        FunctionFinding.WORKING: "功能正常. They work.",
        FunctionFinding.FAULTY: "有故障. They are faulty.",
        FunctionFinding.NOT_TESTED: "未检测. They were not tested.",
    },
)
described(
    AppearanceFinding,
    "The condition of the goods' appearance.",
    {
        AppearanceFinding.LIKE_NEW: "外观如新. Like new.",
        AppearanceFinding.USED: "有使用痕迹. Signs of use.",
        AppearanceFinding.DAMAGED: "外观损坏. Damaged.",
    },
)
described(
    AccessoriesFinding,
    "Whether the accessories are complete.",
    {
        AccessoriesFinding.COMPLETE: "配件齐全. Complete.",
        AccessoriesFinding.INCOMPLETE: "配件不全. Some are missing.",
        AccessoriesFinding.MISSING: "无配件. All are missing.",
    },
)
described(
    InvoiceFinding,
    "Whether the invoice is included.",
    {
        InvoiceFinding.ENCLOSED: "附发票. It is in the parcel.",
        InvoiceFinding.MISSING: "缺发票. It was issued and is not in the parcel.",
        InvoiceFinding.NOT_ISSUED: "未开票. None was issued on paper.",
    },
)
described(
    GoodsFinding,
    "Whether the goods are those of the application.",
    {
        GoodsFinding.AS_APPLIED: "与申请一致. They are.",
        GoodsFinding.WRONG_GOODS: "货不对板. They are other goods.",
        GoodsFinding.INCOMPLETE: "数量不足. Some of them are missing.",
    },
)
described(
    ClockKind,
    "What a clock waits for.",
    {
        rule.kind: f"{STATUS_NAMES[status].zh}. {STATUS_NAMES[status].en}."
        for status, rule in CLOCKS.items()
    },
)
described(
    DivisionLevel,
    "The level of an administrative division.",
    {
        DivisionLevel.PROVINCE: "省, 自治区, 直辖市, 特别行政区. A province or equivalent.",
        DivisionLevel.CITY: "市, 自治州, 盟. A city or equivalent.",
        DivisionLevel.DISTRICT: "区, 县, 旗. A district or equivalent.",
    },
)
described(
    ReasonUse,
    "The use of a reason.",
    {
        ReasonUse.APPLICATION: "The customer's reason for an application.",
        ReasonUse.REVIEW: "The merchant's reason for a review decision.",
    },
)
described(
    RefundMethod,
    "How the money of a refund goes back.",
    {
        RefundMethod.ORIGINAL_PAYMENT: "原路退回. To where the payment came from.",
        RefundMethod.BALANCE: "账户余额. To the customer's balance at the marketplace.",
        RefundMethod.OFFLINE: "线下转账. Transferred by the merchant.",
    },
)
described(
    RefundStatus,
    "Whether the money of a refund was paid.",
    {
        RefundStatus.SUBMITTED: "退款中. Submitted; the outcome of the payment is not known yet.",
        RefundStatus.SUCCEEDED: "退款成功. Paid.",
        RefundStatus.FAILED: "退款失败. Not paid. It no longer counts as refunded.",
    },
)
described(
    RefundOutcome,
    "The outcome of a refund's payment.",
    {
        RefundOutcome.SUCCEEDED: "退款成功. The money was paid.",
        RefundOutcome.FAILED: "退款失败. The money was not paid.",
    },
)
described(
    EventKind,
    "The kind of event on a service order's timeline.",
    {
        **{event: LIFECYCLE[action].name for action, event in EVENTS.items()},
        EventKind.SUBMITTED: Text("客户提交申请", "The customer applied"),
        EventKind.AUTO_APPROVAL_BLOCKED: Text(
            "缺少退货地址, 未能自动通过",
            "The review deadline passed, but the merchant has no return address",
        ),
        EventKind.AUTO_APPROVAL_UNBLOCKED: Text(
            "已有退货地址, 恢复自动通过",
            "The merchant has a return address again; automatic approval resumes",
        ),
        EventKind.CONTACT_REVEALED: Text(
            "查看客户联系方式", "An employee revealed the customer's contact details"
        ),
        EventKind.CLOCK_MOVED: Text("计时因暂停时段顺延", "A pause window moved the deadline"),
        EventKind.PERSONAL_DATA_ERASED: Text(
            "客户个人信息已删除", "The customer's personal data was erased"
        ),
    },
    name="ServiceOrderEventKind",
)
described(
    ErasureCause,
    "Why personal data (客户个人信息) was erased.",
    {
        ErasureCause.RETENTION: Text("保存期已过", "The order finished longer ago than it is kept"),
        ErasureCause.REQUEST: Text("按客户要求", "The customer asked for it"),
    },
)
described(
    Queue,
    "A queue of service orders that wait for the merchant.",
    {
        queue: f"{STATUS_NAMES[status].zh}. Orders in `{status}`."
        for queue, status in QUEUE_STATUSES.items()
    },
    name="ServiceOrderQueue",
)
described(
    NoteLanguage,
    "The language of a note that is made from a template.",
    {
        NoteLanguage.ZH: "中文. The Chinese text.",
        NoteLanguage.EN: "英文. The English text. Refused if the template has none.",
    },
)
described(
    ExportStatus,
    "The status of an export.",
    {
        ExportStatus.QUEUED: Text("排队中", "It has not started yet"),
        ExportStatus.RUNNING: Text("导出中", "It is being written"),
        ExportStatus.DONE: Text("已完成", "The file can be downloaded"),
        ExportStatus.FAILED: Text("失败", "It failed; `error` says why"),
        ExportStatus.CANCELLED: Text("已取消", "It was cancelled"),
        ExportStatus.EXPIRED: Text("已过期", "The file was deleted after a day"),
    },
)
