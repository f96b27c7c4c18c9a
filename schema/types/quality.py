"""Figures of service quality, and the cases that they count."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import auto
from typing import Final

import strawberry

from domain.names import Named
from domain.permissions import Permission
from domain.quality.cases import CaseKind, Mark
from domain.quality.figures import Figure
from domain.quality.metrics import DEFINITIONS, HOUR_MS, Measure, Metric, Unit
from domain.quality.periods import LONGEST, Period, month_of, week_of
from domain.quality.series import Dimension
from domain.refusals.refusal import BadInput
from domain.text import Text
from execution.sources import object_source, page_source
from models.quality import quality_cases
from models.queries.quality_tallies import Scope
from models.service_order import service_orders
from models.staff import employees
from projection.conditions import Conditions, IsIn, Template, equals
from projection.pages import Order, PageArguments
from resolvers.context import Context
from resolvers.quality.report import Point, Report
from schema.days import read_day
from schema.enums import described
from schema.fields import column, computed, one, projected
from schema.types.merchant import Merchant
from schema.types.node import Connection
from schema.types.service_order import ServiceOrder
from schema.types.staff import Assignee

_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}")

described(
    Metric,
    "指标. A figure of service quality. The query `qualityMetrics` returns their definitions.",
    {
        metric: f"{one.name.zh}. {one.name.en}: {one.text.en[0].lower()}{one.text.en[1:]}."
        for metric, one in DEFINITIONS.items()
    },
    name="QualityMetric",
)
described(
    Measure,
    "How the value of a figure follows from its cases.",
    {
        Measure.RATE: Text("比例", "The numerator by the denominator"),
        Measure.MEAN: Text("平均值", "The total by the denominator"),
        Measure.P50: Text("中位数", "The smallest amount that half of the cases do not exceed"),
        Measure.P90: Text(
            "90 分位数", "The smallest amount that nine in ten of the cases do not exceed"
        ),
        Measure.COUNT: Text("次数", "The number of cases"),
    },
    name="QualityMeasure",
)
described(
    Unit,
    "The unit of a figure's value.",
    {
        Unit.PART: Text("比例, 0 至 1", "A part of the whole, 0 to 1"),
        Unit.HOURS: Text("小时", "Hours of running time: pauses do not count"),
        Unit.POINTS: Text("分, 1 至 5", "Points, 1 to 5"),
        Unit.CASES: Text("次", "A number of cases"),
    },
    name="QualityUnit",
)
described(
    Dimension,
    "What a series of figures is divided by.",
    {
        Dimension.DAY: Text("按天", "By day, in the merchant's time zone"),
        Dimension.EMPLOYEE: Text("按员工", "By the employee who did the work"),
        Dimension.REASON: Text("按申请原因", "By the reason of the order"),
        Dimension.CATEGORY: Text("按商品类目", "By the category of the goods"),
    },
    name="QualityDimension",
)
described(
    CaseKind,
    "What a case of service quality is.",
    {
        CaseKind.REVIEW: Text("审核", "A review that ended in a decision"),
        CaseKind.RECEIPT: Text("收货", "A receipt of goods"),
        CaseKind.PROCESSING: Text("处理", "A processing step of the merchant"),
        CaseKind.HANDLING: Text(
            "申请到处理完成",
            "The first processing after a receipt, with the hours of the review, too",
        ),
        CaseKind.RESULT: Text("处理结果", "A result that the customer was asked to confirm"),
        CaseKind.END: Text("结束", "The end of an order"),
        CaseKind.RATING: Text("评分", "A rating by the customer"),
    },
    name="QualityCaseKind",
)


class QualityMark(Named):
    """The names of ``domain.quality.cases.Mark``."""

    ON_TIME = auto()
    AUTOMATIC = auto()
    BY_PERSON = auto()
    APPROVED = auto()
    REJECTED = auto()
    REOPENED = auto()
    OVERTURNED = auto()
    UNSOLVED = auto()
    CANCELLED = auto()
    CONCLUDED = auto()
    INTERVENED = auto()
    UNAIDED = auto()
    BAD = auto()


described(
    QualityMark,
    "What is true of a case.",
    {
        QualityMark.ON_TIME: Text("及时", "Before the deadline"),
        QualityMark.AUTOMATIC: Text("系统自动", "By the system, at the deadline"),
        QualityMark.BY_PERSON: Text("员工完成", "By an employee"),
        QualityMark.APPROVED: Text("同意", "The decision was for the customer"),
        QualityMark.REJECTED: Text("驳回", "The decision was a rejection"),
        QualityMark.REOPENED: Text("驳回被撤回", "The rejection was taken back"),
        QualityMark.OVERTURNED: Text("决定被推翻", "The decision was taken back or overruled"),
        QualityMark.UNSOLVED: Text("客户反馈未解决", "The customer reported it as not solved"),
        QualityMark.CANCELLED: Text("取消", "The order was cancelled, given up or expired"),
        QualityMark.CONCLUDED: Text("完成或驳回", "The order was completed or rejected"),
        QualityMark.INTERVENED: Text("平台介入", "The platform ruled on the order"),
        QualityMark.UNAIDED: Text("自主完成", "Completed or rejected without a ruling"),
        QualityMark.BAD: Text("差评", "A rating of 1 or 2"),
    },
)


class Part(Named):
    """A part of the cases of a figure."""

    DENOMINATOR = auto()
    NUMERATOR = auto()


described(
    Part,
    "Which of the cases that a figure considers.",
    {
        Part.DENOMINATOR: "All of them.",
        Part.NUMERATOR: "Those that the numerator counts. Of a figure that is no rate: all.",
    },
    name="QualityPart",
)


def _hours(_context: Context, kind: CaseKind, amount: int | None) -> float | None:
    return None if amount is None or kind is CaseKind.RATING else amount / HOUR_MS


def _points(_context: Context, kind: CaseKind, amount: int | None) -> int | None:
    return amount if kind is CaseKind.RATING else None


@projected(
    quality_cases,
    joins={
        service_orders: lambda case, order: (
            (order.c.merchant_id == case.c.merchant_id) & (order.c.id == case.c.service_order_id)
        ),
        employees: lambda case, employee: (
            (employee.c.merchant_id == case.c.merchant_id) & (employee.c.id == case.c.employee_id)
        ),
    },
)
@strawberry.type(
    description=(
        "质量个案. A piece of work or an outcome that figures count. An order can have several of "
        "a kind, for example if it was reviewed again."
    )
)
class QualityCase:
    """A case."""

    kind: CaseKind = column(quality_cases.c.kind, "What it is.")
    at: datetime = column(quality_cases.c.at, "When it happened.")
    day: str = column(
        quality_cases.c.day,
        "The day that it belongs to, in the merchant's time zone, as `YYYY-MM-DD`.",
        lambda stored: date.fromordinal(stored).isoformat(),
    )
    marks: list[QualityMark] = column(
        quality_cases.c.marks,
        "What is true of it.",
        lambda stored: [QualityMark(str(mark.name)) for mark in Mark(stored)],
    )
    hours: float | None = computed(
        _hours,
        (quality_cases.c.kind, quality_cases.c.amount),
        "The running time in hours: of a review from the application, of a receipt from the "
        "shipment, of a processing step from the receipt. A `HANDLING` has those of the review and "
        "the processing. Null for results, ends and ratings.",
    )
    points: int | None = computed(
        _points,
        (quality_cases.c.kind, quality_cases.c.amount),
        "The customer's rating, 1 to 5. Null for all other kinds.",
    )
    employee: Assignee | None = one(
        "Assignee",
        employees,
        "The employee who did the work; of a result, an end or a rating who worked on the order "
        "last. Null for the system, connectors and customers.",
    )
    service_order: ServiceOrder = one("ServiceOrder", service_orders, "The order.")


@strawberry.type(description="The value of a figure.")
class QualityValue:
    """A value."""

    metric: Metric = strawberry.field(description="The figure.")
    numerator: int | None = strawberry.field(
        description="分子. The number of cases that the figure counts. Null unless it is a rate."
    )
    denominator: int = strawberry.field(
        description="分母. The number of cases that the figure considers."
    )
    total: float | None = strawberry.field(
        description="The sum of the hours or points of a mean. Null for any other figure."
    )
    value: float | None = strawberry.field(
        description=(
            "The value, in the unit of the figure. Null if it considers no case; a count is 0 then."
        )
    )


@strawberry.type(description="A figure of service quality, and the cases behind it.")
class QualityFigure(QualityValue):
    """A figure."""

    name: str = strawberry.field(description="The name, in the language of the request.")
    definition: str = strawberry.field(
        description="What the figure is, in the language of the request."
    )
    unit: Unit = strawberry.field(description="The unit of the value.")
    orders: Connection[QualityCase] | None = strawberry.field(
        description=(
            "服务单. The cases that the figure counts, oldest first, each with its order: as many "
            "as the denominator, or with `part: NUMERATOR` as the numerator; `totalCount` is exact "
            "for any number. An order with several cases is listed once for each. Null for viewers "
            "who may not read orders."
        )
    )


@strawberry.type(description="The figures of one day, employee, reason or category.")
class QualityPoint:
    """A point of a series. One of its first four fields has a value, or none of them."""

    day: str | None = strawberry.field(
        description="The day, as `YYYY-MM-DD`. Null unless the series is by day."
    )
    employee: Assignee | None = strawberry.field(
        description=(
            "The employee. Null unless the series is by employee, and for the work of the system, "
            "connectors and customers."
        )
    )
    reason: str | None = strawberry.field(
        description="The code of the reason. Null unless the series is by reason."
    )
    category: str | None = strawberry.field(
        description=(
            "The category. Null unless the series is by category, and for orders without one."
        )
    )
    figures: list[QualityValue] = strawberry.field(description="The figures.")


@strawberry.type(description="服务质量报告. The figures of a merchant in a period.")
class QualityReport:
    """A report."""

    merchant: Merchant = strawberry.field(description="The merchant.")
    first_day: str = strawberry.field(description="The first day, as `YYYY-MM-DD`.")
    last_day: str = strawberry.field(description="The last day, as `YYYY-MM-DD`.")
    time_zone: str = strawberry.field(description="The time zone of the days.")
    is_current: bool = strawberry.field(
        description=(
            "Whether every event up to now is counted. False for a moment after each event, and "
            "while the figures are computed anew after a change of the time zone."
        )
    )
    figures: list[QualityFigure] = strawberry.field(description="The figures.")
    series: list[QualityPoint] = strawberry.field(
        description=(
            "The figures by day, employee, reason or category: see the argument `by`. Days are in "
            "their order, and include those without a case. Anything else is sorted by the number "
            "of cases, most first, and at most 500 are returned."
        )
    )


@strawberry.type(description="The definition of a figure of service quality.")
class QualityMetricDefinition:
    """A definition."""

    metric: Metric = strawberry.field(description="The figure.")
    name: str = strawberry.field(description="The name, in the language of the request.")
    name_zh: str = strawberry.field(description="The name in Chinese.")
    name_en: str = strawberry.field(description="The name in English.")
    definition: str = strawberry.field(
        description="What the figure is, in the language of the request."
    )
    definition_zh: str = strawberry.field(description="The definition in Chinese.")
    definition_en: str = strawberry.field(description="The definition in English.")
    measure: Measure = strawberry.field(description="How the value follows from the cases.")
    unit: Unit = strawberry.field(description="The unit of the value.")


@strawberry.input(description="A range of days, both included.")
class DayRange:
    """A range."""

    first: str = strawberry.field(description="The first day, as `YYYY-MM-DD`.")
    last: str = strawberry.field(
        description=f"The last day, as `YYYY-MM-DD`; at most {LONGEST} days in all."
    )


@strawberry.input(
    one_of=True,
    description="A period of days in the merchant's time zone. Set exactly one field.",
)
class QualityPeriod:
    """A period."""

    day: str | None = strawberry.field(
        default=strawberry.UNSET, description="One day, as `YYYY-MM-DD`."
    )
    week: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The week, Monday to Sunday, that has this day, as `YYYY-MM-DD`.",
    )
    month: str | None = strawberry.field(
        default=strawberry.UNSET, description="A month, as `YYYY-MM`."
    )
    range: DayRange | None = strawberry.field(
        default=strawberry.UNSET, description="Any range of days."
    )

    def read(self, *path: str) -> Period:
        """Raises BadInput."""
        if self.day:
            day = read_day(self.day, *path, "day")
            return Period(day, day)
        if self.week:
            return _read_week(self.week, *path, "week")
        if self.month:
            return read_month(self.month, *path, "month")
        if self.range:
            path = (*path, "range")
            first = read_day(self.range.first, *path, "first")
            period = Period(first, read_day(self.range.last, *path, "last"))
            if not 1 <= period.days <= LONGEST:
                message = Text(
                    f"须为 1 至 {LONGEST} 天", f"The range must have 1 to {LONGEST} days."
                )
                raise BadInput((*path, "last"), message)
            return period
        raise BadInput(path, Text("需要一个时段", "Set one of the fields."))


def _read_week(value: str, *path: str) -> Period:
    try:
        return week_of(read_day(value, *path))
    except OverflowError:
        message = Text("该周超出日期范围", "This week ends after the last date there is.")
        raise BadInput(path, message) from None


def read_month(value: str, *path: str) -> Period:
    """Raises BadInput for anything but a month."""
    try:
        if _MONTH.fullmatch(value):
            return month_of(date.fromisoformat(f"{value}-01"))
    except (ValueError, OverflowError):
        pass
    raise BadInput(path, Text("须为月份, 例如 2026-10", "This must be a month such as 2026-10."))


CASES: Final = Order(
    "quality cases",
    (
        quality_cases.c.day,
        quality_cases.c.at,
        quality_cases.c.service_order_id,
        quality_cases.c.sequence,
    ),
)
OF_MERCHANT: Final = equals(quality_cases.c.merchant_id)
OF_EMPLOYEE: Final = equals(quality_cases.c.employee_id)
_OF_KINDS: Final = IsIn(quality_cases.c.kind)
IN_DAYS: Final = Template(quality_cases.c.day.between)
_HAS_MARKS: Final = Template(lambda marks: quality_cases.c.marks.bitwise_and(marks) == marks)


def report_of(
    context: Context, report: Report, part: Part, arguments: PageArguments
) -> QualityReport:
    """The report, whose figures have a page of their cases."""
    scope = report.scope
    reads_orders = context.viewer.may(Permission.SERVICE_ORDER_READ, Permission.MERCHANT_READ)
    return QualityReport(
        merchant=object_source("Merchant", (scope.merchant_id,)),
        first_day=scope.period.first.isoformat(),
        last_day=scope.period.last.isoformat(),
        time_zone=report.time_zone,
        is_current=report.is_current,
        figures=[
            _figure(context, scope, figure, part, arguments if reads_orders else None)
            for figure in report.figures
        ],
        series=[_point(scope, point) for point in report.series],
    )


def values_of(figures: Iterable[Figure]) -> list[QualityValue]:
    """The figures without the cases behind them."""
    return [
        QualityValue(
            metric=figure.metric,
            numerator=figure.numerator,
            denominator=figure.denominator,
            total=figure.total,
            value=figure.value,
        )
        for figure in figures
    ]


def definitions(context: Context) -> list[QualityMetricDefinition]:
    """The definitions of all figures."""
    return [
        QualityMetricDefinition(
            metric=one.metric,
            name=one.name.in_(context.language),
            name_zh=one.name.zh,
            name_en=one.name.en,
            definition=one.text.in_(context.language),
            definition_zh=one.text.zh,
            definition_en=one.text.en,
            measure=one.measure,
            unit=one.unit,
        )
        for one in DEFINITIONS.values()
    ]


def _figure(
    context: Context, scope: Scope, figure: Figure, part: Part, arguments: PageArguments | None
) -> QualityFigure:
    definition = DEFINITIONS[figure.metric]
    # Not counted anew: that stops at ``MAX_TOTAL``, and sees a later state than the figure.
    is_all = part is Part.DENOMINATOR or figure.numerator is None
    total = figure.denominator if is_all else figure.numerator
    return QualityFigure(
        metric=figure.metric,
        numerator=figure.numerator,
        denominator=figure.denominator,
        total=figure.total,
        value=figure.value,
        name=definition.name.in_(context.language),
        definition=definition.text.in_(context.language),
        unit=definition.unit,
        orders=None
        if arguments is None
        else page_source(
            "QualityCase", _conditions(scope, figure.metric, part), CASES, arguments, total=total
        ),
    )


def _conditions(scope: Scope, metric: Metric, part: Part) -> Conditions:
    definition = DEFINITIONS[metric]
    marks = definition.of
    if part is Part.NUMERATOR:
        marks |= definition.counts
    where: Conditions = (
        OF_MERCHANT(scope.merchant_id),
        _OF_KINDS(definition.kinds),
        IN_DAYS(scope.period.first.toordinal(), scope.period.last.toordinal()),
    )
    if scope.employee_id is not None:
        where = (*where, OF_EMPLOYEE(scope.employee_id))
    if marks:
        where = (*where, _HAS_MARKS(int(marks)))
    return where


def _point(scope: Scope, point: Point) -> QualityPoint:
    group, by = point.group, point.by
    return QualityPoint(
        day=date.fromordinal(int(group)).isoformat() if by is Dimension.DAY and group else None,
        employee=object_source("Assignee", (scope.merchant_id, group))
        if by is Dimension.EMPLOYEE and group
        else None,
        reason=str(group) if by is Dimension.REASON else None,
        category=None if by is not Dimension.CATEGORY or group is None else str(group),
        figures=values_of(point.figures),
    )
