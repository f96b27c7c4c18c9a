"""Refusals about evaluation plans."""

from dataclasses import dataclass

from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class EvaluationPlanOutdated(Refusal):
    """Another plan was published since the expected version."""

    text = Text(
        "评价方案已有新版本 {current_version}, 请核对后重试",
        "The current evaluation plan has version {current_version}; check it and try again.",
    )
    current_version: int = fact("The version of the current plan; 0 if there is none.")


@dataclass(frozen=True, kw_only=True)
class EvaluationPlanUnchanged(Refusal):
    """The plan has the same criteria as the current one."""

    text = Text("与当前评价方案相同", "The plan is the same as the current one.")
    current_version: int = fact("The version of the current plan.")
