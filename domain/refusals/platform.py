"""Refusals about the sandbox clock, the calendar of pause windows and the platform's accounts."""

from dataclasses import dataclass
from datetime import datetime

from domain.actors import NamedActor
from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class SandboxOff(Refusal):
    """The server has no sandbox clock: it runs on real time."""

    text = Text("未启用沙箱时钟", "This server has no sandbox clock.")


@dataclass(frozen=True, kw_only=True)
class WindowOverlaps(Refusal):
    """The pause window overlaps an existing pause window."""

    text = Text("与已有暂停时段重叠", "The pause window overlaps an existing pause window.")
    start_at: datetime = fact("The start of the existing window.")
    end_at: datetime = fact("The end of the existing window.")


@dataclass(frozen=True, kw_only=True)
class WindowHasBegun(Refusal):
    """The pause window has begun: only a window that lies ahead can be changed or withdrawn."""

    text = Text("暂停时段已开始, 不能更改", "The pause window has begun and cannot be changed.")
    start_at: datetime = fact("The start of the window.")


@dataclass(frozen=True, kw_only=True)
class WindowWithdrawn(Refusal):
    """The pause window was changed or withdrawn before."""

    text = Text("暂停时段已更改或撤回", "The pause window was changed or withdrawn before.")
    by: NamedActor = fact("The person who did it.")
    at: datetime = fact("When it was done.")


@dataclass(frozen=True, kw_only=True)
class LastAccountManager(Refusal):
    """No other enabled account could manage the platform's accounts any more."""

    text = Text(
        "这是最后一个能管理平台账号的账号, 不可停用或限制",
        "This is the last account that can manage platform accounts; it cannot be disabled or"
        " limited.",
    )
