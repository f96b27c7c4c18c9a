"""Refusals of refunds."""

from dataclasses import dataclass
from datetime import datetime

from domain.refusals.refusal import Refusal, fact
from domain.text import Text


@dataclass(frozen=True, kw_only=True)
class RefundPending(Refusal):
    """A refund waits for the outcome of its payment."""

    text = Text("有 {pending} 笔退款尚未到账", "Refunds whose payment is not known yet: {pending}.")
    retryable = True
    pending: int = fact("How many refunds wait for their outcome.")


@dataclass(frozen=True, kw_only=True)
class NoRefundPending(Refusal):
    """No refund of the order waits for the outcome of its payment."""

    text = Text("没有待到账的退款", "No refund waits for its outcome.")


@dataclass(frozen=True, kw_only=True)
class RefundTooLarge(Refusal):
    """More would be refunded than was paid for the item, over all its service orders."""

    text = Text("最多可退 {refundable} 元", "At most {refundable} yuan can be refunded.")
    refundable: str = fact("What can still be refunded, in yuan.")


@dataclass(frozen=True, kw_only=True)
class FreightTooLarge(Refusal):
    """More freight would be refunded than the customer paid for sending the goods."""

    text = Text(
        "最多可退运费 {refundable} 元", "At most {refundable} yuan of freight can be refunded."
    )
    refundable: str = fact("The freight that can still be refunded, in yuan.")


@dataclass(frozen=True, kw_only=True)
class TooManyRefunds(Refusal):
    """The order has as many refunds as an order can have."""

    text = Text("每单最多 {limit} 笔退款", "An order can have {limit} refunds at most.")
    limit: int = fact("The most refunds that an order can have.")


@dataclass(frozen=True, kw_only=True)
class RefundAboveCeiling(Refusal):
    """The viewer would refund more of a purchased item than the viewer may, freight included."""

    text = Text(
        "您的退款上限为 {ceiling} 元, 可由 {permitted} 处理",
        "You may refund up to {ceiling} yuan; {permitted} may refund more.",
    )
    ceiling: str = fact(
        "What the viewer may refund of one purchased item, all refunds together, in yuan."
    )
    permitted: tuple[str, ...] = fact("Names of people who may refund the amount; at most ten.")


@dataclass(frozen=True, kw_only=True)
class RefundAlreadyReported(Refusal):
    """Another outcome of the refund's payment was reported before."""

    text = Text("退款结果已登记", "Another outcome of this refund was already reported.")
    succeeded: bool = fact("Whether the reported outcome is that the refund was paid.")
    at: datetime = fact("When the outcome was reported.")
