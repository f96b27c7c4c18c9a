"""How messages name values: statuses, actions, permissions, fields and instants, as people do."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from domain.actions import Action
from domain.actors import SYSTEM, NamedActor
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import LIFECYCLE
from domain.outgoing import MAX_URL, UrlProblem
from domain.permissions import CATALOGUE, Permission
from domain.statuses import STATUS_NAMES, Status
from domain.text import Language, Text

DEFAULT_ZONE: Final[tzinfo] = ZoneInfo("Asia/Shanghai")
"""The time zone of instants in messages, unless the merchant has another."""

Names = Mapping[str, Text]
"""The names of values: of strings, or of the values of one enum."""

NAMES: Final[Mapping[type[object], Names]] = {
    Status: dict(STATUS_NAMES.items()),
    Action: {action: rule.name for action, rule in LIFECYCLE.items()},
    Permission: {entry.permission: entry.name for entry in CATALOGUE},
    EnrolmentStatus: {
        EnrolmentStatus.NOT_ENROLLED: Text("未开通", "Not enrolled"),
        EnrolmentStatus.PENDING_REVIEW: Text("开通审核中", "Enrolment under review"),
        EnrolmentStatus.ENABLED: Text("已开通", "Enabled"),
        EnrolmentStatus.REJECTED: Text("开通未通过", "Enrolment rejected"),
        EnrolmentStatus.SUSPENDED: Text("已暂停", "Suspended"),
    },
}
"""The names of the values of each enum, which may share values with another."""

DECISIONS: Final[Names] = {
    Action.APPROVE: Text("同意了客户发货", "approved the request"),
    Action.REJECT: Text("拒绝了申请", "rejected the request"),
    Action.RESEND: Text("决定补发新品", "decided to send a new item"),
    Action.REQUEST_FEEDBACK: Text("请客户补充信息", "asked the customer a question"),
    Action.RECORD_GIVE_UP: Text("登记了客户放弃", "recorded that the customer gave up"),
    Action.AUTO_APPROVE: Text("因超时自动通过了申请", "approved the request automatically"),
}
"""What an actor did who took a decision."""

ACTORS: Final[Names] = {SYSTEM.name: Text(SYSTEM.name, "The system")}
"""Actors that have no name of their own. Other actors are called by their names."""

FIELDS: Final[Names] = {
    "contact": Text("联系人", "contact name"),
    "phone": Text("电话", "phone number"),
    "provinceCode": Text("省份", "province"),
    "cityCode": Text("城市", "city"),
    "districtCode": Text("区县", "district"),
    "detail": Text("详细地址", "street address"),
    "carrier": Text("承运商", "carrier"),
    "waybill": Text("运单号", "waybill number"),
    "returnAddress": Text("退货地址", "return address"),
}
"""The fields of inputs that a message can miss."""

LEVELS: Final[Names] = {
    "province": Text("省级", "province"),
    "city": Text("地级", "city"),
    "district": Text("县级", "district"),
}

KINDS: Final[Names] = {
    "Application": Text("申请单", "application"),
    "Connector": Text("连接器", "connector"),
    "Customer": Text("客户", "customer"),
    "Employee": Text("员工", "employee"),
    "Enrolment": Text("开通申请", "enrolment"),
    "EvaluationPlan": Text("评价方案", "evaluation plan"),
    "Evidence": Text("图片", "picture"),
    "EvidenceUpload": Text("图片上传", "upload of a picture"),
    "Export": Text("导出", "export"),
    "Feed": Text("事件流", "feed"),
    "Merchant": Text("商家", "merchant"),
    "NoteTemplate": Text("备注模板", "note template"),
    "PauseWindow": Text("暂停时段", "pause window"),
    "PlatformAccount": Text("平台账号", "platform account"),
    "Reason": Text("原因", "reason"),
    "Refund": Text("退款", "refund"),
    "ReturnAddress": Text("退货地址", "return address"),
    "Role": Text("角色", "role"),
    "Session": Text("会话", "session"),
    "ServiceOrder": Text("服务单", "service order"),
    "WebhookDelivery": Text("Webhook 投递", "webhook delivery"),
    "WebhookEndpoint": Text("Webhook 端点", "webhook endpoint"),
}
"""The types of objects that may not be found."""

URL_PROBLEMS: Final[Names] = {
    UrlProblem.TOO_LONG: Text(
        f"地址最多 {MAX_URL:,} 个字符", f"it has more than {MAX_URL:,} characters"
    ),
    UrlProblem.MALFORMED: Text("地址格式不正确", "it is not a URL"),
    UrlProblem.SCHEME: Text("地址须使用 HTTPS", "it does not begin with https://"),
    UrlProblem.CREDENTIALS: Text("地址不能含有用户名或密码", "it has a user name or a password"),
    UrlProblem.FRAGMENT: Text("地址不能含有 #", "it has a fragment"),
    UrlProblem.HOST: Text("主机名不是公网域名", "the host is not a public name"),
    UrlProblem.PORT: Text("端口须为 443 或 8443", "the port is neither 443 nor 8443"),
    UrlProblem.ADDRESS: Text(
        "主机不是公网 IP 地址", "the host is an IP address that is not public"
    ),
    UrlProblem.OWN: Text("主机属于本平台", "the host is the platform's own"),
}
"""What is wrong with the address of a webhook."""


def worded(
    value: object, language: Language, zone: tzinfo = DEFAULT_ZONE, names: Names | None = None
) -> object:
    """A fact as a message says it. A number stays one, for the message to format.

    ``names`` are the names of the fact's values, if they are not those of an enum.
    """
    if isinstance(value, tuple):
        separator = ", " if language is Language.EN else "、"
        return separator.join(str(worded(item, language, zone, names)) for item in value)
    if isinstance(value, NamedActor):
        return worded(value.name, language, zone, names)
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    text = None
    if isinstance(value, str):
        text = (names or {}).get(value) or NAMES.get(type(value), {}).get(value)
    return value if text is None else text.in_(language)
