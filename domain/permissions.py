"""Every permission there is, who can hold it, and what it means."""

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from domain.names import Named
from domain.text import Text


class Permission(Named):
    """What a principal may be trusted to do."""

    SERVICE_ORDER_READ = auto()
    REVIEW = auto()
    RECEIVE = auto()
    PROCESS = auto()
    REFUND = auto()
    NOTE = auto()
    CUSTOMER_CONTACT_READ = auto()
    EXPORT = auto()
    QUALITY_READ = auto()
    SETTINGS_MANAGE = auto()
    STAFF_MANAGE = auto()
    APPLICATION_SUBMIT = auto()
    CUSTOMER_ACT = auto()
    ENROLMENT_REVIEW = auto()
    INTERVENE = auto()
    CALENDAR_MANAGE = auto()
    MERCHANT_READ = auto()


class Holder(StrEnum):
    """Which kind of principal a permission is for."""

    STAFF = "STAFF"
    MAIN_ACCOUNT = "MAIN_ACCOUNT"
    CONNECTOR = "CONNECTOR"
    PLATFORM = "PLATFORM"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalogue."""

    permission: Permission
    holder: Holder
    name: Text
    description: Text


CATALOGUE: Final = (
    Entry(
        Permission.SERVICE_ORDER_READ,
        Holder.STAFF,
        Text("查看服务单", "Read service orders"),
        Text("查看队列、服务单、处理记录和统计数", "Queues, orders, timelines and counters"),
    ),
    Entry(
        Permission.REVIEW,
        Holder.STAFF,
        Text("审核", "Review"),
        Text(
            "作出审核决定(单个、批量)和预览审核结果",
            "The review decisions, single and batch, and the review plan",
        ),
    ),
    Entry(
        Permission.RECEIVE,
        Holder.STAFF,
        Text("收货", "Receive"),
        Text(
            "拆包登记、登记运单、提醒客户",
            "Registering receipt, waybills, reminding the customer",
        ),
    ),
    Entry(
        Permission.PROCESS,
        Holder.STAFF,
        Text("处理", "Process"),
        Text(
            "换新、维修、原返、关闭、撤销、申请平台介入、回复",
            "Exchange, repair, send back, close, undo, escalate and replies",
        ),
    ),
    Entry(
        Permission.REFUND,
        Holder.STAFF,
        Text("退款", "Refund"),
        Text("登记退款", "Recording a refund"),
    ),
    Entry(
        Permission.NOTE,
        Holder.STAFF,
        Text("内部备注", "Write notes"),
        Text("在服务单上写内部备注", "Internal notes on a service order"),
    ),
    Entry(
        Permission.CUSTOMER_CONTACT_READ,
        Holder.STAFF,
        Text("查看客户联系方式", "Read customer contacts"),
        Text(
            "查看未隐藏的电话和地址, 每次查看都有记录",
            "The unmasked phone and address of a customer; every reveal is logged",
        ),
    ),
    Entry(
        Permission.EXPORT,
        Holder.STAFF,
        Text("导出", "Export"),
        Text("批量导出服务单", "Bulk export of service orders"),
    ),
    Entry(
        Permission.QUALITY_READ,
        Holder.STAFF,
        Text("查看服务质量", "Read service quality"),
        Text("查看服务质量指标", "Service-quality figures"),
    ),
    Entry(
        Permission.SETTINGS_MANAGE,
        Holder.STAFF,
        Text("管理设置", "Manage settings"),
        Text(
            "管理开通申请、退货地址、原因、回调和接入",
            "Enrolment, return addresses, reasons, webhooks and connectors",
        ),
    ),
    Entry(
        Permission.STAFF_MANAGE,
        Holder.MAIN_ACCOUNT,
        Text("管理员工", "Manage staff"),
        Text(
            "管理角色和员工; 只属于主账号, 不可授予他人",
            "Roles and employees; held by the main account alone and never granted",
        ),
    ),
    Entry(
        Permission.APPLICATION_SUBMIT,
        Holder.CONNECTOR,
        Text("提交售后申请", "Submit applications"),
        Text("代客户提交售后申请", "Submitting applications for customers"),
    ),
    Entry(
        Permission.CUSTOMER_ACT,
        Holder.CONNECTOR,
        Text("代客户操作", "Act for customers"),
        Text("以指定客户的身份操作", "Acting as a named customer"),
    ),
    Entry(
        Permission.ENROLMENT_REVIEW,
        Holder.PLATFORM,
        Text("审核开通申请", "Review enrolments"),
        Text(
            "审核、暂停和恢复商家的自主售后",
            "Deciding, suspending and resuming the enrolment of merchants",
        ),
    ),
    Entry(
        Permission.INTERVENE,
        Holder.PLATFORM,
        Text("平台介入", "Intervene"),
        Text("对升级的服务单作出裁决", "Ruling on escalated service orders"),
    ),
    Entry(
        Permission.CALENDAR_MANAGE,
        Holder.PLATFORM,
        Text("管理日历", "Manage the calendar"),
        Text("设置暂停计时的时段", "Windows during which clocks are paused"),
    ),
    Entry(
        Permission.MERCHANT_READ,
        Holder.PLATFORM,
        Text("查看所有商家", "Read all merchants"),
        Text("查看所有商家的数据", "Reading across all merchants"),
    ),
)


def held_by(*holders: Holder) -> frozenset[Permission]:
    """Every permission that these kinds of principal can hold."""
    return frozenset(line.permission for line in CATALOGUE if line.holder in holders)


DELEGABLE: Final = held_by(Holder.STAFF)
"""What roles and employees can be given."""

MAIN_ACCOUNT: Final = held_by(Holder.STAFF, Holder.MAIN_ACCOUNT)
"""What a main account holds: everything in its merchant."""

PLATFORM: Final = held_by(Holder.PLATFORM)
CONNECTOR: Final = held_by(Holder.CONNECTOR)


DESK: Final = frozenset(
    {Permission.REVIEW, Permission.RECEIVE, Permission.PROCESS, Permission.REFUND}
)
"""What rests while a merchant is not enabled."""
