"""The two-level dictionary of reasons for applications and for review decisions.

These are the platform's. A merchant has its own in addition: see ``domain/own_reasons.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.actions import Action
from domain.text import Text

DECISIONS: Final = (
    Action.APPROVE,
    Action.REJECT,
    Action.RESEND,
    Action.REQUEST_FEEDBACK,
    Action.RECORD_GIVE_UP,
)
"""The decisions that can have a reason."""


class ReasonUse(StrEnum):
    """The use of a reason."""

    APPLICATION = "APPLICATION"
    REVIEW = "REVIEW"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason. ``parent`` None: a group, which cannot be chosen itself.

    ``decisions`` are those that take the reason: none for an application's reason or a group.
    """

    code: str
    use: ReasonUse
    name: Text
    parent: str | None = None
    decisions: tuple[Action, ...] = ()


def _group(
    use: ReasonUse, code: str, name: Text, *reasons: tuple[str, Text, *tuple[Action, ...]]
) -> tuple[Reason, ...]:
    return (
        Reason(code, use, name),
        *(
            Reason(f"{code}.{suffix}", use, reason_name, parent=code, decisions=decisions)
            for suffix, reason_name, *rest in reasons
            for decisions in [tuple(rest)]
        ),
    )


REASONS: Final[Mapping[str, Reason]] = {
    reason.code: reason
    for group in (
        _group(
            ReasonUse.APPLICATION,
            "QUALITY",
            Text("质量问题", "Quality"),
            ("BROKEN", Text("商品损坏", "Broken")),
            ("MALFUNCTION", Text("功能故障", "Does not work")),
            ("FLAW", Text("外观瑕疵", "Flawed")),
            ("EXPIRED", Text("临期或过期", "Near or past its date")),
        ),
        _group(
            ReasonUse.APPLICATION,
            "DELIVERY",
            Text("配送问题", "Delivery"),
            ("WRONG_ITEM", Text("商品发错", "Wrong item")),
            ("MISSING_PARTS", Text("少件漏发", "Parts are missing")),
            ("DAMAGED_PACKAGE", Text("包装破损", "Package damaged")),
        ),
        _group(
            ReasonUse.APPLICATION,
            "PREFERENCE",
            Text("个人原因", "Change of mind"),
            ("UNWANTED", Text("不想要了", "No longer wanted")),
            ("SIZE", Text("尺码不合适", "Does not fit")),
            ("NOT_AS_DESCRIBED", Text("与描述不符", "Not as described")),
        ),
        _group(
            ReasonUse.REVIEW,
            "NOT_ELIGIBLE",
            Text("不符合售后政策", "Outside the policy"),
            ("TOO_LATE", Text("超出售后期", "The period is over"), Action.REJECT),
            ("USED", Text("商品已使用影响二次销售", "Used beyond resale"), Action.REJECT),
            ("MAN_MADE", Text("人为损坏", "Damaged by the customer"), Action.REJECT),
            (
                "NO_RETURN_GOODS",
                Text("特殊商品不支持退货", "Goods that are not taken back"),
                Action.REJECT,
            ),
        ),
        _group(
            ReasonUse.REVIEW,
            "EVIDENCE",
            Text("凭证问题", "Evidence"),
            (
                "INSUFFICIENT",
                Text("凭证不足", "Not enough evidence"),
                Action.REJECT,
                Action.REQUEST_FEEDBACK,
            ),
            (
                "INCONSISTENT",
                Text("描述与凭证不符", "Evidence and description differ"),
                Action.REJECT,
                Action.REQUEST_FEEDBACK,
            ),
        ),
        _group(
            ReasonUse.REVIEW,
            "AGREED",
            Text("与客户协商一致", "Agreed with the customer"),
            (
                "REFUND_ONLY",
                Text("已协商仅退款", "A refund without return was agreed"),
                Action.REJECT,
                Action.RECORD_GIVE_UP,
            ),
            (
                "KEEP_GOODS",
                Text("客户同意保留商品", "The customer keeps the goods"),
                Action.REJECT,
                Action.RESEND,
                Action.RECORD_GIVE_UP,
            ),
            (
                "OTHER",
                Text("其他协商结果", "Another agreement"),
                Action.APPROVE,
                Action.REJECT,
                Action.RESEND,
                Action.RECORD_GIVE_UP,
            ),
        ),
    )
    for reason in group
}


def is_reason(code: str, use: ReasonUse) -> bool:
    """Whether the code is a reason for this use, and not a group."""
    reason = REASONS.get(code)
    return reason is not None and reason.use is use and reason.parent is not None
