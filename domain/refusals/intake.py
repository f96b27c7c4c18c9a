"""Refusals of submitted applications."""

from dataclasses import dataclass

from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class ExternalRefReused(Refusal):
    """The external reference belongs to an application with different content."""

    text = Text(
        "外部编号 {external_ref} 已用于其他内容的申请",
        "The reference {external_ref} belongs to an application with different content.",
    )
    external_ref: str = fact("The external reference.")


@dataclass(frozen=True, kw_only=True)
class UnknownReason(Refusal):
    """The reason code is unknown, names a group, or is for another use."""

    text = Text("原因代码 {reason} 无效", "{reason} is not a valid reason code.")
    reason: str = fact("The reason code that was given.")


@dataclass(frozen=True, kw_only=True)
class NoPickupAddress(Refusal):
    """An item is to be picked up, and the application has no pickup address."""

    text = Text("上门取件需要取件地址", "Goods can only be picked up from a pickup address.")
