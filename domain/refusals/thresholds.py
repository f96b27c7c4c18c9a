"""Refusals about the thresholds of figures."""

from dataclasses import dataclass

from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class QualityThresholdsChanged(Refusal):
    """Somebody has set the thresholds since the client read them."""

    text = Text(
        "预警阈值已更新到版本 {current}, 请刷新",
        "The thresholds are now at version {current}; read them again.",
    )
    retryable = True
    current: int = fact("The current version of the thresholds.")
