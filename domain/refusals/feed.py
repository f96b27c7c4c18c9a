"""Refusals about the feed of events."""

from dataclasses import dataclass

from domain.refusals.refusal import Refusal
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class CursorExpired(Refusal):
    """The feed no longer has every event after the cursor."""

    text = Text(
        "游标已失效: 其后的部分事件已不在保留期内。请读取新的快照并重新开始",
        "The cursor has expired: some events after it are no longer kept. Read a new "
        "snapshot and start again.",
    )
