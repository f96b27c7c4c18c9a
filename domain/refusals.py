"""Everything the rules can answer instead of yes: a code, the facts, and words in two languages.

A refusal is data. ``Refused`` carries refusals out of a use case; the edge turns each of them into
its GraphQL type, which is made from the classes here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar, Final

from domain.actors import ActorKind
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import Action, Status
from domain.permissions import Permission
from domain.text import Language, Text

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def fact(description: str) -> Any:  # noqa: ANN401 - a field stands for a value of any type
    """A fact of a refusal, with the description that the API gives it."""
    return field(metadata={"description": description})


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One reason why something was not done."""

    text: ClassVar[Text]
    retryable: ClassVar[bool] = False

    path: tuple[str, ...] = ()

    @classmethod
    def code(cls) -> str:
        """The stable code: the name of the class in capitals."""
        return _WORD.sub("_", cls.__name__).upper()

    def message(self, language: Language) -> str:
        return self.text.in_(language).format(**dict(self._words()))

    def _words(self) -> Iterator[tuple[str, str]]:
        for one in fields(self):
            value = getattr(self, one.name)
            words = value if isinstance(value, tuple) else (value,)
            yield one.name, ", ".join(str(word) for word in words)


class Refused(Exception):
    """A use case said no. Nothing was changed."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(refusal.code() for refusal in refusals))
        self.refusals = refusals


class BadInput(Exception):
    """An argument that no rule needs to look at: too long, malformed, out of range.

    ``path`` leads to the value inside the arguments.
    """

    def __init__(self, path: tuple[str, ...], text: Text) -> None:
        super().__init__(f"{'.'.join(path)}: {text.en}")
        self.path = path
        self.text = text


# Who and what


@dataclass(frozen=True, kw_only=True)
class NotFound(Refusal):
    """No such object, or none that you may know of."""

    text = Text("找不到 {kind}", "There is no such {kind}.")
    kind: str = fact("The type of the object that was looked for.")


@dataclass(frozen=True, kw_only=True)
class MissingPermission(Refusal):
    """You do not hold the permission that this takes."""

    text = Text("需要权限 {permission}", "This takes the permission {permission}.")
    permission: Permission = fact("The permission that is missing.")


@dataclass(frozen=True, kw_only=True)
class NotYours(Refusal):
    """The action belongs to somebody else: another customer, the customer, or the system."""

    text = Text("您不能执行此操作", "This is not for you to do.")


# Service orders


@dataclass(frozen=True, kw_only=True)
class WrongStatus(Refusal):
    """The order is not in a status from which this can be done."""

    text = Text(
        "当前状态 {status} 不允许此操作",
        "This cannot be done to an order that is {status}.",
    )
    status: Status = fact("Where the order stands.")
    allowed_from: tuple[Status, ...] = fact("The statuses from which it can be done.")


@dataclass(frozen=True, kw_only=True)
class AlreadyDecided(Refusal):
    """Somebody, or the clock, was faster."""

    text = Text("{by} 已于 {at} 作出决定: {decision}", "{by} decided this at {at}: {decision}.")
    by: str = fact("The name of whoever decided.")
    by_kind: ActorKind = fact("What kind of principal decided.")
    at: datetime = fact("When it was decided.")
    decision: Action = fact("What was decided.")
    automatic: bool = fact("Whether the system decided because the deadline had come.")


@dataclass(frozen=True, kw_only=True)
class StaleVersion(Refusal):
    """The order changed after you read it."""

    text = Text(
        "服务单已更新到版本 {current}, 请刷新",
        "The order has moved on to version {current}; read it again.",
    )
    retryable = True
    current: int = fact("The version that the order has now.")


@dataclass(frozen=True, kw_only=True)
class MerchantNotEnabled(Refusal):
    """The merchant may not work on orders: it is not admitted, or suspended."""

    text = Text(
        "商家未开通自主售后: {enrolment}",
        "The merchant's after-sales desk is not enabled: {enrolment}.",
    )
    enrolment: EnrolmentStatus = fact("How far the merchant's enrolment has come.")


@dataclass(frozen=True, kw_only=True)
class NoReturnAddress(Refusal):
    """There is no address to which the customer could send the goods."""

    text = Text("缺少退货地址", "A return address is missing.")
    missing: tuple[str, ...] = fact("What has to be given, as field names.")


@dataclass(frozen=True, kw_only=True)
class DeadlinePassed(Refusal):
    """It can no longer be done."""

    text = Text("已于 {due_at} 截止", "The time for this ended at {due_at}.")
    due_at: datetime = fact("When the time ended.")


@dataclass(frozen=True, kw_only=True)
class NotDue(Refusal):
    """The system does nothing before its time."""

    text = Text("未到截止时间 {due_at}", "This is not due before {due_at}.")
    retryable = True
    due_at: datetime = fact("When it is due.")


@dataclass(frozen=True, kw_only=True)
class DifferentApplications(Refusal):
    """Orders are approved together only if they come from one application."""

    text = Text(
        "批量同意只能用于同一申请单的服务单",
        "A batch can approve the orders of one application only.",
    )
    applications: int = fact("From how many applications the given orders come.")


@dataclass(frozen=True, kw_only=True)
class PlanChanged(Refusal):
    """What the plan showed is no longer so; nothing was done."""

    text = Text(
        "预览后数据已变化, 请重新预览", "Something changed after the plan was made; plan again."
    )
    retryable = True


@dataclass(frozen=True, kw_only=True)
class OtherRefused(Refusal):
    """The batch was to be all or none, and another of its orders was refused; this one was fine."""

    text = Text("同批次的其他服务单被拒绝", "Another order of the batch was refused.")
    retryable = True


# Evidence


@dataclass(frozen=True, kw_only=True)
class TooManyPictures(Refusal):
    """More pictures than may be attached."""

    text = Text(
        "最多 {limit} 张图片, 收到 {found} 张", "At most {limit} pictures; {found} were given."
    )
    limit: int = fact("How many may be attached.")
    found: int = fact("How many were given.")


@dataclass(frozen=True, kw_only=True)
class PictureTooLarge(Refusal):
    """The file is too large; nothing was stored."""

    text = Text(
        "图片 {bytes} 字节, 必须小于 {limit} 字节",
        "The picture has {bytes} bytes; it must be smaller than {limit}.",
    )
    bytes: int = fact("The size of the file, in bytes.")
    limit: int = fact("The size that a file must stay under, in bytes.")


@dataclass(frozen=True, kw_only=True)
class NotAPicture(Refusal):
    """The file does not decode as a picture of an accepted format, whatever it is called."""

    text = Text("不是有效图片, 支持 {accepted}", "This is not a valid picture; send {accepted}.")
    accepted: tuple[str, ...] = fact("The formats that are accepted.")


# Enrolment and addresses


@dataclass(frozen=True, kw_only=True)
class WrongEnrolmentStatus(Refusal):
    """The enrolment is not at a point from which this can be done."""

    text = Text(
        "当前开通状态 {status} 不允许此操作",
        "This cannot be done while the enrolment is {status}.",
    )
    status: EnrolmentStatus = fact("How far the enrolment has come.")
    allowed_from: tuple[EnrolmentStatus, ...] = fact("From where it can be done.")


@dataclass(frozen=True, kw_only=True)
class IncompleteAddress(Refusal):
    """An address needs a contact, a phone, a detail line and all three division codes."""

    text = Text("地址缺少: {missing}", "The address lacks: {missing}.")
    missing: tuple[str, ...] = fact("The fields that are missing or empty.")


@dataclass(frozen=True, kw_only=True)
class UnknownDivision(Refusal):
    """A division code that is not in the table, or not below the one given above it."""

    text = Text("行政区划代码 {division} 无效 ({level})", "{division} is no {level} here.")
    division: str = fact("The code that was given.")
    level: str = fact("For which level it was given: province, city or district.")


@dataclass(frozen=True, kw_only=True)
class DefaultAddressInUse(Refusal):
    """The default address cannot be deleted while the merchant is enabled."""

    text = Text(
        "开通期间不能删除默认退货地址",
        "The default return address cannot be deleted while the merchant is enabled.",
    )


# Staff


@dataclass(frozen=True, kw_only=True)
class NameTaken(Refusal):
    """Another one has this name already."""

    text = Text("名称已被使用: {name}", "The name is taken: {name}.")
    name: str = fact("The name that is taken.")


@dataclass(frozen=True, kw_only=True)
class PermissionNotHeld(Refusal):
    """Nobody grants what they do not hold."""

    text = Text(
        "您没有这些权限, 不能授予: {permissions}",
        "You cannot grant what you do not hold: {permissions}.",
    )
    permissions: tuple[Permission, ...] = fact("What you tried to grant without holding it.")


@dataclass(frozen=True, kw_only=True)
class NotDelegable(Refusal):
    """These permissions are not for roles and employees."""

    text = Text("这些权限不能授予: {permissions}", "These cannot be granted: {permissions}.")
    permissions: tuple[Permission, ...] = fact("The permissions that cannot be granted here.")


@dataclass(frozen=True, kw_only=True)
class RecipientNotPermitted(Refusal):
    """Whoever is to have it lacks permissions that it takes."""

    text = Text("接收人没有这些权限: {permissions}", "The recipient does not hold: {permissions}.")
    permissions: tuple[Permission, ...] = fact("What the recipient lacks.")


@dataclass(frozen=True, kw_only=True)
class MainAccountProtected(Refusal):
    """The main account can be neither disabled nor restricted."""

    text = Text("主账号不可停用或限制", "The main account can be neither disabled nor restricted.")


# Signing in


@dataclass(frozen=True, kw_only=True)
class InvalidCredentials(Refusal):
    """The login or the password is wrong; which of them is not told."""

    text = Text("账号或密码错误", "The login or the password is wrong.")


@dataclass(frozen=True, kw_only=True)
class AccountDisabled(Refusal):
    """The account exists, the password is right, but it was disabled."""

    text = Text("账号已停用", "The account is disabled.")


@dataclass(frozen=True, kw_only=True)
class TooManyAttempts(Refusal):
    """Too many failed sign-ins for this login, or from this address; wait."""

    text = Text(
        "尝试次数过多, 请于 {retry_at} 后重试", "Too many attempts; try again after {retry_at}."
    )
    retryable = True
    retry_at: datetime = fact("When signing in can be tried again.")


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Refusal):
    """The refresh token is spent, expired or revoked: sign in again."""

    text = Text("会话已结束, 请重新登录", "The session has ended; sign in again.")


# Intake


@dataclass(frozen=True, kw_only=True)
class ExternalRefReused(Refusal):
    """The reference was used before, for an application with other content."""

    text = Text(
        "外部编号 {external_ref} 已用于其他内容的申请",
        "The reference {external_ref} belongs to an application with other content.",
    )
    external_ref: str = fact("The reference that was used before.")


@dataclass(frozen=True, kw_only=True)
class UnknownReason(Refusal):
    """A reason code that is not in the dictionary, or not a reason of the second level."""

    text = Text("原因代码 {reason} 无效", "{reason} is not a reason of the dictionary.")
    reason: str = fact("The code that was given.")


# Repeating


@dataclass(frozen=True, kw_only=True)
class IdempotencyKeyReused(Refusal):
    """The key was used within the last 24 hours, for something else."""

    text = Text(
        "此幂等键已用于其他请求", "The idempotency key was used before, with another input."
    )


@dataclass(frozen=True, kw_only=True)
class InProgress(Refusal):
    """A request with the same key is being carried out right now."""

    text = Text(
        "相同幂等键的请求正在处理, 请稍后重试",
        "A request with the same idempotency key is still running; try again.",
    )
    retryable = True


# The sandbox and the calendar


@dataclass(frozen=True, kw_only=True)
class SandboxOff(Refusal):
    """This server runs on real time."""

    text = Text("未启用沙箱时钟", "The sandbox clock is off on this server.")


@dataclass(frozen=True, kw_only=True)
class WindowOverlaps(Refusal):
    """The pause window overlaps one that is declared already."""

    text = Text("与已有暂停时段重叠", "The window overlaps one that is declared already.")
    start_at: datetime = fact("When the other window begins.")
    end_at: datetime = fact("When the other window ends.")


def _all(of: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in of.__subclasses__():
        yield one
        yield from _all(one)


REFUSALS: Final = tuple(_all(Refusal))
"""Every kind of refusal, in the order of this file."""
