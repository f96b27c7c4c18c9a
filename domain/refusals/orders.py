"""Refusals of actions on service orders, single and in a batch."""

from dataclasses import dataclass
from datetime import datetime

from domain.actions import Action
from domain.actors import NamedActor
from domain.enrolment import EnrolmentStatus
from domain.refusals.refusal import Refusal, fact
from domain.statuses import Status
from domain.text import Text
from domain.wording import ACTORS, DECISIONS, FIELDS


@dataclass(frozen=True, kw_only=True)
class WrongStatus(Refusal):
    """The current status of the order does not allow the action."""

    text = Text(
        "当前状态为“{status}”, 不能执行此操作",
        'The status of the order is "{status}", which does not allow this action.',
    )
    status: Status = fact("The current status of the order.")
    allowed_from: tuple[Status, ...] = fact("The statuses that allow the action.")


@dataclass(frozen=True, kw_only=True)
class WrongLastStep(Refusal):
    """The status allows the action, but only right after certain other actions."""

    text = Text(
        "此操作只能紧接在以下操作之后: {expected}",
        "This action is possible only right after: {expected}.",
    )
    expected: tuple[Action, ...] = fact("The actions of which one must have been the last step.")


@dataclass(frozen=True, kw_only=True)
class AlreadyDecided(Refusal):
    """A person or the system has already decided on the order."""

    text = Text("{by} 已于 {at} {decision}", "{by} already {decision} at {at}.")
    by: NamedActor = fact("The actor that decided.", ACTORS)
    at: datetime = fact("When the decision was made.")
    decision: Action = fact("The action that was decided.", DECISIONS)
    automatic: bool = fact("Whether the system decided because the review deadline had passed.")


@dataclass(frozen=True, kw_only=True)
class StaleVersion(Refusal):
    """The order has changed: its version is not the expected version."""

    text = Text(
        "服务单已更新到版本 {current}, 请刷新",
        "The order is now at version {current}; read it again.",
    )
    retryable = True
    current: int = fact("The current version of the order.")


@dataclass(frozen=True, kw_only=True)
class MerchantNotEnabled(Refusal):
    """The merchant's enrolment is not `ENABLED`, so its staff cannot process orders."""

    text = Text(
        "商家不能处理服务单, 其开通状态为“{enrolment}”",
        'The merchant cannot process orders: its enrolment status is "{enrolment}".',
    )
    enrolment: EnrolmentStatus = fact("The status of the merchant's enrolment.")


@dataclass(frozen=True, kw_only=True)
class NoReturnAddress(Refusal):
    """No return address is given, and the merchant has no default return address."""

    text = Text("缺少退货地址", "A return address is missing.")
    missing: tuple[str, ...] = fact("The names of the missing fields.", FIELDS)


@dataclass(frozen=True, kw_only=True)
class DeadlinePassed(Refusal):
    """The deadline for the action has passed."""

    text = Text("此操作已于 {due_at} 截止", "The deadline for this action passed at {due_at}.")
    due_at: datetime = fact("The deadline that has passed.")


@dataclass(frozen=True, kw_only=True)
class NotDue(Refusal):
    """The system may not take the action before the deadline."""

    text = Text("此操作在 {due_at} 之前不能执行", "This action is not due before {due_at}.")
    retryable = True
    due_at: datetime = fact("When the action is due.")


@dataclass(frozen=True, kw_only=True)
class NotInTransit(Refusal):
    """The goods were not sent, or have already arrived."""

    text = Text("没有在途的包裹", "No parcel is on its way.")


@dataclass(frozen=True, kw_only=True)
class NotArrived(Refusal):
    """No parcel has arrived, or it was already sent back."""

    text = Text("没有可退回的包裹", "There is no parcel to send back.")


@dataclass(frozen=True, kw_only=True)
class AlreadyEscalated(Refusal):
    """The platform has already been asked to step in."""

    text = Text("此单已于 {at} 申请平台介入", "The platform was asked to step in at {at}.")
    at: datetime = fact("When the platform was asked.")


@dataclass(frozen=True, kw_only=True)
class NothingSent(Refusal):
    """The merchant has not sent anything to the customer, so there is no waybill to correct."""

    text = Text("没有发给客户的包裹", "Nothing was sent to the customer.")


@dataclass(frozen=True, kw_only=True)
class AlreadyReopened(Refusal):
    """The order was reopened before. A rejection can be taken back once."""

    text = Text(
        "已于 {at} 撤回过驳回, 只能撤回一次", "A rejection was taken back at {at}, once only."
    )
    at: datetime = fact("When the order was reopened.")


@dataclass(frozen=True, kw_only=True)
class ApprovedBySystem(Refusal):
    """The system approved the order at the review deadline, and that approval stands."""

    text = Text(
        "系统已于 {at} 超时自动通过, 不能撤回",
        "The system approved the order at the deadline, {at}; this cannot be withdrawn.",
    )
    at: datetime = fact("When the system approved the order.")


@dataclass(frozen=True, kw_only=True)
class NoReviewTimeLeft(Refusal):
    """The approval was made after the review deadline, so no time is left for another review."""

    text = Text(
        "同意时审核时限已过, 不能撤回",
        "The approval was made after the review deadline; this cannot be withdrawn.",
    )


@dataclass(frozen=True, kw_only=True)
class NotEscalated(Refusal):
    """Nobody has asked the platform to step in, or it has ruled since."""

    text = Text("没有待裁决的平台介入申请", "The order does not wait for a ruling of the platform.")


@dataclass(frozen=True, kw_only=True)
class AlreadyRuled(Refusal):
    """The platform has ruled on the order, and its ruling stands."""

    text = Text("平台已于 {at} 作出裁决", "The platform ruled on the order at {at}.")
    at: datetime = fact("When the platform ruled.")


@dataclass(frozen=True, kw_only=True)
class PersonalDataErased(Refusal):
    """The customer's personal data was erased. The order never changes again."""

    text = Text(
        "客户个人信息已于 {at} 删除, 服务单不能再变更",
        "The customer's personal data was erased at {at}; the order can no longer change.",
    )
    at: datetime = fact("When it was erased.")


@dataclass(frozen=True, kw_only=True)
class NoWaybill(Refusal):
    """The shipment has no carrier or no waybill. Only a drop-off needs neither."""

    text = Text("缺少承运商或运单号", "The carrier or the waybill number is missing.")
    missing: tuple[str, ...] = fact("The names of the missing fields.", FIELDS)


@dataclass(frozen=True, kw_only=True)
class DifferentApplications(Refusal):
    """A batch approval or a parcel includes orders of more than one application."""

    text = Text(
        "批量同意、发货和收货只能用于同一申请单的服务单",
        "The orders of a batch approval or of a parcel must belong to the same application.",
    )
    applications: int = fact("The number of applications that the orders belong to.")


@dataclass(frozen=True, kw_only=True)
class PlanChanged(Refusal):
    """The data that the plan is based on has changed. The batch did nothing."""

    text = Text(
        "预览后数据已变化, 请重新预览",
        "The data has changed since the plan was made; request a new plan.",
    )
    retryable = True


@dataclass(frozen=True, kw_only=True)
class OtherRefused(Refusal):
    """The batch is atomic and another of its orders was refused. This order was acceptable."""

    text = Text("同批次的其他服务单被拒绝", "Another order of the batch was refused.")
    retryable = True
