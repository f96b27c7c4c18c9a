"""Refusals about a merchant's enrolment and its addresses."""

from dataclasses import dataclass

from domain.enrolment import EnrolmentStatus
from domain.refusals.refusal import Refusal, fact
from domain.text import Text
from domain.wording import FIELDS, LEVELS


@dataclass(frozen=True, kw_only=True)
class WrongEnrolmentStatus(Refusal):
    """The current status of the enrolment does not allow the action."""

    text = Text(
        "商家的开通状态为“{enrolment}”, 不能执行此操作",
        'The status of the enrolment is "{enrolment}", which does not allow this action.',
    )
    enrolment: EnrolmentStatus = fact("The current status of the enrolment.")
    allowed_enrolments: tuple[EnrolmentStatus, ...] = fact("The statuses that allow the action.")


@dataclass(frozen=True, kw_only=True)
class IncompleteAddress(Refusal):
    """A required field of the address is missing or empty."""

    text = Text("地址缺少: {missing}", "The address lacks: {missing}.")
    missing: tuple[str, ...] = fact("The names of the missing or empty fields.", FIELDS)


@dataclass(frozen=True, kw_only=True)
class UnknownDivision(Refusal):
    """The division code is unknown, or not part of the given parent division."""

    text = Text(
        "{division} 不是有效的{level}行政区划代码", "{division} is not the code of a {level} there."
    )
    division: str = fact("The division code that was given.")
    level: str = fact(
        "The level that the code was given for: `province`, `city` or `district`.", LEVELS
    )


@dataclass(frozen=True, kw_only=True)
class DefaultAddressInUse(Refusal):
    """The default return address cannot be deleted while the merchant is enabled."""

    text = Text(
        "开通期间不能删除默认退货地址",
        "The default return address cannot be deleted while the merchant is enabled.",
    )


@dataclass(frozen=True, kw_only=True)
class ReturnAddressInUse(Refusal):
    """Return address rules name the address, so it cannot be deleted."""

    text = Text(
        "退货地址规则仍在使用该地址: {rules}",
        "Return address rules still name this address: {rules}.",
    )
    rules: tuple[str, ...] = fact("The rules that name the address, such as `SKU_PREFIX AB-`.")


@dataclass(frozen=True, kw_only=True)
class AddressRulesChanged(Refusal):
    """Somebody has set the return address rules since the client read them."""

    text = Text(
        "退货地址规则已更新到版本 {current}, 请刷新",
        "The return address rules are now at version {current}; read them again.",
    )
    retryable = True
    current: int = fact("The current version of the rules.")
