"""The figures of service quality: each is one line, which says what it counts."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from enum import auto
from typing import Final

from domain.names import Named
from domain.quality.cases import MILLISECOND, NONE, CaseKind, Mark
from domain.text import Text

HOUR_MS: Final = timedelta(hours=1) // MILLISECOND


class Metric(Named):
    """A figure."""

    ON_TIME_REVIEW = auto()
    AUTO_APPROVAL = auto()
    REVIEW_HOURS_MEAN = auto()
    REVIEW_HOURS_P50 = auto()
    REVIEW_HOURS_P90 = auto()
    ON_TIME_RECEIPT = auto()
    ON_TIME_PROCESSING = auto()
    HANDLING_HOURS_MEAN = auto()
    HANDLING_HOURS_P50 = auto()
    HANDLING_HOURS_P90 = auto()
    APPROVAL = auto()
    REJECTION = auto()
    CANCELLATION = auto()
    SELF_COMPLETION = auto()
    INTERVENTION = auto()
    UNSOLVED = auto()
    REOPENED = auto()
    SATISFACTION = auto()
    BAD_REVIEWS = auto()
    HANDLED = auto()
    WORK_HOURS_MEAN = auto()
    OVERTURNED = auto()


class Measure(Named):
    """How the value of a figure follows from its cases."""

    RATE = auto()
    """Numerator by denominator."""
    MEAN = auto()
    """The sum of the amounts by their number."""
    P50 = auto()
    """The smallest amount that at least half of the cases do not exceed."""
    P90 = auto()
    """The smallest amount that at least nine in ten of the cases do not exceed."""
    COUNT = auto()
    """The number of cases."""


QUANTILES: Final[Mapping[Measure, int]] = {Measure.P50: 50, Measure.P90: 90}
"""In percent."""


class Unit(Named):
    """The unit of a value."""

    PART = auto()
    """A part of 1."""
    HOURS = auto()
    POINTS = auto()
    """From 1 to 5."""
    CASES = auto()


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure. It considers the cases of ``kinds`` that have all marks ``of``: its denominator.

    Those that also have the marks ``counts`` are the numerator of a rate.
    """

    metric: Metric
    name: Text
    text: Text
    measure: Measure
    kinds: tuple[CaseKind, ...]
    _: KW_ONLY
    of: Mark = NONE
    counts: Mark = NONE

    @property
    def unit(self) -> Unit:
        """The unit of the value."""
        match self.measure:
            case Measure.RATE:
                return Unit.PART
            case Measure.COUNT:
                return Unit.CASES
            case _:
                return Unit.POINTS if CaseKind.RATING in self.kinds else Unit.HOURS


_REVIEWS: Final = (CaseKind.REVIEW,)
_HANDLINGS: Final = (CaseKind.HANDLING,)
_REVIEW_HOURS: Final = Text(
    "从申请到审核决定的计时时长",
    "the running time of the review clock until the decision",
)
_HANDLING_HOURS: Final = Text(
    "申请到审核决定加收货到处理完成的计时时长",
    "the running time from application to decision and from receipt to processing",
)


def _hours(name: str, en: str, what: Text, how: Text) -> tuple[Text, Text]:
    zh, english = f"{how.zh}: {what.zh}", f"{how.en} of {what.en}"
    return Text(name, en), Text(f"{zh}, 暂停时间不计", f"{english}; pauses do not count")


_MEAN: Final = Text("平均值", "The mean")
_P50: Final = Text("中位数", "The median")
_P90: Final = Text("90 分位数", "The 90th percentile")

DEFINITIONS: Final[Mapping[Metric, Definition]] = {
    definition.metric: definition
    for definition in (
        Definition(
            Metric.ON_TIME_REVIEW,
            Text("及时审核率", "On-time review"),
            Text(
                "审核决定中, 商家在期限内作出的比例; 系统超时通过不算及时",
                "Of the review decisions, those that the merchant made before the deadline. "
                "An automatic approval is not on time",
            ),
            Measure.RATE,
            _REVIEWS,
            counts=Mark.ON_TIME,
        ),
        Definition(
            Metric.AUTO_APPROVAL,
            Text("超时自动通过率", "Auto-approval"),
            Text(
                "审核决定中, 系统超时自动通过的比例",
                "Of the review decisions, the automatic approvals at the deadline",
            ),
            Measure.RATE,
            _REVIEWS,
            counts=Mark.AUTOMATIC,
        ),
        Definition(
            Metric.REVIEW_HOURS_MEAN,
            *_hours("平均审核时长", "Review hours, mean", _REVIEW_HOURS, _MEAN),
            Measure.MEAN,
            _REVIEWS,
        ),
        Definition(
            Metric.REVIEW_HOURS_P50,
            *_hours("审核时长中位数", "Review hours, median", _REVIEW_HOURS, _P50),
            Measure.P50,
            _REVIEWS,
        ),
        Definition(
            Metric.REVIEW_HOURS_P90,
            *_hours("审核时长 90 分位", "Review hours, 90th percentile", _REVIEW_HOURS, _P90),
            Measure.P90,
            _REVIEWS,
        ),
        Definition(
            Metric.ON_TIME_RECEIPT,
            Text("及时收货率", "On-time receipt"),
            Text(
                "拆包登记中, 在期限内登记的比例",
                "Of the receipts, those registered before the deadline",
            ),
            Measure.RATE,
            (CaseKind.RECEIPT,),
            counts=Mark.ON_TIME,
        ),
        Definition(
            Metric.ON_TIME_PROCESSING,
            Text("及时处理率", "On-time processing"),
            Text(
                "商家的处理中, 在期限内完成的比例; 已撤销的处理不计",
                "Of the merchant's processing steps, those before the deadline. Steps that were "
                "undone do not count",
            ),
            Measure.RATE,
            (CaseKind.PROCESSING,),
            counts=Mark.ON_TIME,
        ),
        Definition(
            Metric.HANDLING_HOURS_MEAN,
            *_hours("平均处理时长", "Handling hours, mean", _HANDLING_HOURS, _MEAN),
            Measure.MEAN,
            _HANDLINGS,
        ),
        Definition(
            Metric.HANDLING_HOURS_P50,
            *_hours("处理时长中位数", "Handling hours, median", _HANDLING_HOURS, _P50),
            Measure.P50,
            _HANDLINGS,
        ),
        Definition(
            Metric.HANDLING_HOURS_P90,
            *_hours("处理时长 90 分位", "Handling hours, 90th percentile", _HANDLING_HOURS, _P90),
            Measure.P90,
            _HANDLINGS,
        ),
        Definition(
            Metric.APPROVAL,
            Text("审核通过率", "Approval"),
            Text(
                "审核决定中, 同意的比例, 含补发新品和系统自动通过",
                "Of the review decisions, those for the customer: approvals, automatic ones "
                "included, and new items sent without a return",
            ),
            Measure.RATE,
            _REVIEWS,
            counts=Mark.APPROVED,
        ),
        Definition(
            Metric.REJECTION,
            Text("审核驳回率", "Rejection"),
            Text("审核决定中, 驳回的比例", "Of the review decisions, the rejections"),
            Measure.RATE,
            _REVIEWS,
            counts=Mark.REJECTED,
        ),
        Definition(
            Metric.CANCELLATION,
            Text("取消率", "Cancellation"),
            Text(
                "结束的服务单中, 取消的比例",
                "Of the orders that ended, those that were cancelled, given up or expired",
            ),
            Measure.RATE,
            (CaseKind.END,),
            counts=Mark.CANCELLED,
        ),
        Definition(
            Metric.SELF_COMPLETION,
            Text("自主完成率", "Self-completion"),
            Text(
                "完成或驳回的服务单中, 无平台裁决的比例",
                "Of the orders that were completed or rejected, those without a ruling of the "
                "platform",
            ),
            Measure.RATE,
            (CaseKind.END,),
            of=Mark.CONCLUDED,
            counts=Mark.UNAIDED,
        ),
        Definition(
            Metric.INTERVENTION,
            Text("平台介入率", "Intervention"),
            Text(
                "结束的服务单中, 平台作过裁决的比例",
                "Of the orders that ended, those on which the platform ruled",
            ),
            Measure.RATE,
            (CaseKind.END,),
            counts=Mark.INTERVENED,
        ),
        Definition(
            Metric.UNSOLVED,
            Text("未解决率", "Unsolved"),
            Text(
                "交客户确认的处理结果中, 客户反馈未解决的比例",
                "Of the results that customers were asked to confirm, those that they reported as "
                "not solved",
            ),
            Measure.RATE,
            (CaseKind.RESULT,),
            counts=Mark.UNSOLVED,
        ),
        Definition(
            Metric.REOPENED,
            Text("驳回撤回率", "Reopened"),
            Text(
                "驳回的决定中, 商家后来撤回的比例",
                "Of the rejections, those that the merchant took back",
            ),
            Measure.RATE,
            _REVIEWS,
            of=Mark.REJECTED,
            counts=Mark.REOPENED,
        ),
        Definition(
            Metric.SATISFACTION,
            Text("满意度", "Satisfaction"),
            Text("客户评分的平均值, 1 至 5 分", "The mean of the customers' ratings, 1 to 5"),
            Measure.MEAN,
            (CaseKind.RATING,),
        ),
        Definition(
            Metric.BAD_REVIEWS,
            Text("差评率", "Bad reviews"),
            Text("客户评分中, 1 分和 2 分的比例", "Of the customers' ratings, those of 1 or 2"),
            Measure.RATE,
            (CaseKind.RATING,),
            counts=Mark.BAD,
        ),
        Definition(
            Metric.HANDLED,
            Text("处理量", "Handled"),
            Text(
                "员工完成的审核, 收货和处理的次数",
                "The number of reviews, receipts and processing steps of employees",
            ),
            Measure.COUNT,
            (CaseKind.REVIEW, CaseKind.RECEIPT, CaseKind.PROCESSING),
            of=Mark.BY_PERSON,
        ),
        Definition(
            Metric.WORK_HOURS_MEAN,
            *_hours(
                "员工平均时长",
                "Work hours, mean",
                Text(
                    "员工的每次审核和处理的计时时长",
                    "the running time of each review and processing step of employees",
                ),
                _MEAN,
            ),
            Measure.MEAN,
            (CaseKind.REVIEW, CaseKind.PROCESSING),
            of=Mark.BY_PERSON,
        ),
        Definition(
            Metric.OVERTURNED,
            Text("决定被推翻率", "Overturned"),
            Text(
                "员工的审核决定中, 后来被撤回或被平台裁决推翻的比例",
                "Of the review decisions of employees, those that were taken back, or overruled by "
                "the platform",
            ),
            Measure.RATE,
            _REVIEWS,
            of=Mark.BY_PERSON,
            counts=Mark.OVERTURNED,
        ),
    )
}
"""The figures. The API, the SQL, the documentation, the doctor and the tests derive from it."""

VERSION: Final = 1
"""The version of the definitions: to be raised whenever a figure would change for old events."""
