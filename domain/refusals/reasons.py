"""Refusals about reasons: whether a decision takes them, and a merchant's own."""

from dataclasses import dataclass

from domain.actions import Action
from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class ReasonNotForDecision(Refusal):
    """The reason is meant for other decisions."""

    text = Text(
        "原因 {reason} 不适用于此决定 ({decision})",
        "The reason {reason} is not meant for this decision ({decision}).",
    )
    reason: str = fact("The reason code that was given.")
    decision: Action = fact("The decision.")
    decisions: tuple[Action, ...] = fact("The decisions that take the reason.")


@dataclass(frozen=True, kw_only=True)
class ReasonRetired(Refusal):
    """The merchant has retired the reason or its group. Orders that have it keep it."""

    text = Text("原因 {reason} 已停用", "The reason {reason} is retired.")
    reason: str = fact("The reason code that was given.")


@dataclass(frozen=True, kw_only=True)
class ReasonNotRetired(Refusal):
    """The reason is in use: there is nothing to restore."""

    text = Text("原因 {reason} 未停用", "The reason {reason} is not retired.")
    reason: str = fact("The reason code that was given.")


@dataclass(frozen=True, kw_only=True)
class ReasonCodeTaken(Refusal):
    """The merchant has a reason with this code, perhaps a retired one."""

    text = Text("原因代码 {reason} 已存在", "There is a reason with the code {reason} already.")
    reason: str = fact("The code.")


@dataclass(frozen=True, kw_only=True)
class TooManyReasons(Refusal):
    """The merchant has as many reasons of its own as a merchant can have."""

    text = Text(
        "每个商家最多 {limit} 个自定义原因", "A merchant can have {limit} own reasons at most."
    )
    limit: int = fact("The most reasons that a merchant can have, retired ones included.")
