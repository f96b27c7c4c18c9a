"""The catalogue of permissions: the kind of principal that can hold each, and its meaning."""

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from domain.names import Named
from domain.text import Text


class Permission(Named):
    """A permission that a principal can hold."""

    SERVICE_ORDER_READ = auto()
    REVIEW = auto()
    RECEIVE = auto()
    PROCESS = auto()
    REFUND = auto()
    NOTE = auto()
    ASSIGN = auto()
    CUSTOMER_CONTACT_READ = auto()
    EXPORT = auto()
    QUALITY_READ = auto()
    SETTINGS_MANAGE = auto()
    STAFF_MANAGE = auto()
    APPLICATION_SUBMIT = auto()
    CUSTOMER_ACT = auto()
    REFUND_REPORT = auto()
    ENROLMENT_REVIEW = auto()
    INTERVENE = auto()
    CALENDAR_MANAGE = auto()
    MERCHANT_READ = auto()
    PLATFORM_ACCOUNT_MANAGE = auto()
    QUALITY_MANAGE = auto()


class Holder(StrEnum):
    """The kind of principal that can hold a permission."""

    STAFF = "STAFF"
    MAIN_ACCOUNT = "MAIN_ACCOUNT"
    CONNECTOR = "CONNECTOR"
    PLATFORM = "PLATFORM"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the catalogue. ``also`` are further kinds of principal that can hold it."""

    permission: Permission
    holder: Holder
    name: Text
    description: Text
    also: tuple[Holder, ...] = ()

    @property
    def holders(self) -> tuple[Holder, ...]:
        return (self.holder, *self.also)


CATALOGUE: Final = (
    Entry(
        Permission.SERVICE_ORDER_READ,
        Holder.STAFF,
        Text("查看服务单", "Read service orders"),
        Text("查看队列、服务单、处理记录和统计数", "Read queues, orders, timelines and counters"),
    ),
    Entry(
        Permission.REVIEW,
        Holder.STAFF,
        Text("审核", "Review"),
        Text(
            "作出审核决定(单个、批量)和预览审核结果",
            "Make review decisions, single or in a batch, and plan batches",
        ),
    ),
    Entry(
        Permission.RECEIVE,
        Holder.STAFF,
        Text("收货", "Receive"),
        Text(
            "拆包登记、登记运单、提醒客户",
            "Register receipt and waybills, and remind the customer",
        ),
    ),
    Entry(
        Permission.PROCESS,
        Holder.STAFF,
        Text("处理", "Process"),
        Text(
            "换新、维修、原返、关闭、撤销、申请平台介入、回复",
            "Exchange, repair, send back, close, undo, escalate and reply",
        ),
    ),
    Entry(
        Permission.REFUND,
        Holder.STAFF,
        Text("退款", "Refund"),
        Text("登记退款", "Record refunds"),
    ),
    Entry(
        Permission.NOTE,
        Holder.STAFF,
        Text("内部备注", "Write notes"),
        Text("在服务单上写内部备注", "Write internal notes on service orders"),
    ),
    Entry(
        Permission.ASSIGN,
        Holder.STAFF,
        Text("分配", "Assign"),
        Text(
            "把服务单分配给同事, 或收回同事的服务单",
            "Assign service orders to colleagues, and take them from colleagues",
        ),
    ),
    Entry(
        Permission.CUSTOMER_CONTACT_READ,
        Holder.STAFF,
        Text("查看客户联系方式", "Read customer contacts"),
        Text(
            "查看未隐藏的电话和地址, 每次查看都有记录",
            "Reveal phone and address of a customer; the timeline records each reveal",
        ),
    ),
    Entry(
        Permission.EXPORT,
        Holder.STAFF,
        Text("导出", "Export"),
        Text("批量导出服务单", "Export service orders in bulk"),
    ),
    Entry(
        Permission.QUALITY_READ,
        Holder.STAFF,
        Text("查看服务质量", "Read service quality"),
        Text("查看服务质量指标", "Read service-quality figures"),
    ),
    Entry(
        Permission.SETTINGS_MANAGE,
        Holder.STAFF,
        Text("管理设置", "Manage settings"),
        Text(
            "管理开通申请、退货地址、原因、回调和接入",
            "Manage enrolment, return addresses, reasons, webhooks and connectors",
        ),
    ),
    Entry(
        Permission.STAFF_MANAGE,
        Holder.MAIN_ACCOUNT,
        Text("管理员工", "Manage staff"),
        Text(
            "管理角色和员工; 只属于主账号, 不可授予他人",
            "Manage roles and employees; only the main account holds it, and it cannot be granted",
        ),
    ),
    Entry(
        Permission.APPLICATION_SUBMIT,
        Holder.CONNECTOR,
        Text("提交售后申请", "Submit applications"),
        Text("代客户提交售后申请", "Submit applications for customers"),
        also=(Holder.STAFF,),
    ),
    Entry(
        Permission.CUSTOMER_ACT,
        Holder.CONNECTOR,
        Text("代客户操作", "Act for customers"),
        Text("以指定客户的身份操作", "Act as a named customer"),
    ),
    Entry(
        Permission.REFUND_REPORT,
        Holder.CONNECTOR,
        Text("报告退款结果", "Report refunds"),
        Text("报告退款的支付结果", "Reporting whether the payment of a refund succeeded"),
    ),
    Entry(
        Permission.ENROLMENT_REVIEW,
        Holder.PLATFORM,
        Text("审核开通申请", "Review enrolments"),
        Text(
            "审核、暂停和恢复商家的自主售后",
            "Decide on, suspend and resume the enrolment of merchants",
        ),
    ),
    Entry(
        Permission.INTERVENE,
        Holder.PLATFORM,
        Text("平台介入", "Intervene"),
        Text("对升级的服务单作出裁决", "Rule on escalated service orders"),
    ),
    Entry(
        Permission.CALENDAR_MANAGE,
        Holder.PLATFORM,
        Text("管理日历", "Manage the calendar"),
        Text("设置暂停计时的时段", "Declare pause windows, during which no clock runs"),
    ),
    Entry(
        Permission.MERCHANT_READ,
        Holder.PLATFORM,
        Text("查看所有商家", "Read all merchants"),
        Text("查看所有商家的数据", "Read the data of all merchants"),
    ),
    Entry(
        Permission.PLATFORM_ACCOUNT_MANAGE,
        Holder.PLATFORM,
        Text("管理平台账号", "Manage platform accounts"),
        Text(
            "新增、更改和停用平台账号, 查看其变更记录",
            "Create, change and disable platform accounts, and read their history",
        ),
    ),
    Entry(
        Permission.QUALITY_MANAGE,
        Holder.PLATFORM,
        Text("管理评价方案", "Manage evaluation plans"),
        Text(
            "试算和发布商家评价方案, 设置平台的预警阈值",
            "Preview and publish the plans that score merchants, and set the platform's thresholds",
        ),
    ),
)


def held_by(*holders: Holder) -> frozenset[Permission]:
    """The permissions that these kinds of principal can hold."""
    return frozenset(
        entry.permission for entry in CATALOGUE if not set(holders).isdisjoint(entry.holders)
    )


DELEGABLE: Final = held_by(Holder.STAFF)
"""The permissions that roles and employees can be granted."""

MAIN_ACCOUNT: Final = held_by(Holder.STAFF, Holder.MAIN_ACCOUNT)
"""The permissions of a main account: all permissions within its merchant."""

PLATFORM: Final = held_by(Holder.PLATFORM)
CONNECTOR: Final = held_by(Holder.CONNECTOR)


DESK: Final = frozenset(
    {Permission.REVIEW, Permission.RECEIVE, Permission.PROCESS, Permission.REFUND}
)
"""The permissions that staff cannot use while the merchant is not enabled."""
