"""Refusals of exports."""

from dataclasses import dataclass

from domain.exports import ExportStatus
from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class TooManyExports(Refusal):
    """The merchant has the maximum number of queued and running exports. Retry when one ends."""

    text = Text(
        "最多同时进行 {limit} 个导出, 请等待其中一个完成或取消",
        "At most {limit} exports can be queued or running. Wait for one to end, or cancel it.",
    )
    retryable = True
    limit: int = fact("The maximum number of queued and running exports of a merchant.")


@dataclass(frozen=True, kw_only=True)
class ExportTooLarge(Refusal):
    """More orders match the filter than an export may have."""

    text = Text(
        "导出最多 {limit:,} 行, 请缩小筛选范围",
        "An export has at most {limit:,} rows. Narrow the filter.",
    )
    limit: int = fact("The maximum number of rows.")


@dataclass(frozen=True, kw_only=True)
class ExportOver(Refusal):
    """The export has ended and cannot be cancelled."""

    text = Text("导出已结束, 不能取消", "The export has ended and cannot be cancelled.")
    export_status: ExportStatus = fact("The status of the export.")
