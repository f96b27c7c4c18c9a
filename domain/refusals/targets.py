"""Refusals about a merchant's own targets."""

from dataclasses import dataclass

from domain.refusals.refusal import Refusal, fact
from domain.statuses import Status
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class TargetBeyondWindow(Refusal):
    """A target is longer than the platform's own window, which a merchant cannot extend."""

    text = Text(
        "内部时限最长 {longest} 分钟: 平台时限不能延长, 单个服务单的 48 小时也不能延长",
        "The target can be {longest} minutes at most. The platform's window cannot be extended, and"
        " neither can the 48 hours of a single order.",
    )
    status: Status = fact("The status that the target is for.")
    longest: int = fact("The platform's window in minutes: the longest target possible.")
