"""Refusals of submitted applications."""

from dataclasses import InitVar, dataclass
from datetime import tzinfo

from domain.refusals.refusal import BadInput, Refusal, fact
from domain.text import Language, Text
from domain.wording import DEFAULT_ZONE


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


@dataclass(frozen=True, kw_only=True)
class QuantityExceeded(Refusal):
    """More units of a purchase line are applied for than were bought, over all its open orders."""

    text = Text(
        "{sku} 共购买 {purchased} 件, 已申请 {already_applied} 件, 超出可申请数量",
        "{purchased} units of {sku} were bought, and {already_applied} are applied for already.",
    )
    sku: str = fact("The stock-keeping number of the purchase line.")
    purchased: int = fact("The number of units that were bought.")
    already_applied: int = fact("The number of units that earlier orders of the line hold.")
    open_orders: tuple[str, ...] = fact(
        "The numbers of the earlier service orders that hold units of the line; at most 20."
    )


@dataclass(frozen=True, kw_only=True)
class PaidAbovePrice(Refusal):
    """More was paid for an item than its unit price times its quantity."""

    text = Text("实付金额超过商品总价 {price} 元", "No more than {price} yuan can have been paid.")
    price: str = fact("The unit price times the quantity, in yuan.")


@dataclass(frozen=True, kw_only=True)
class InvalidInput(Refusal):
    """A value of one item of a batch is too long, malformed or out of range."""

    text = Text("输入有误", "The input is invalid.")
    problem: InitVar[Text]
    """The message, which is that of the check: no fact."""

    def __post_init__(self, problem: Text) -> None:
        object.__setattr__(self, "_problem", problem)

    @classmethod
    def of(cls, bad: BadInput, *path: str) -> "InvalidInput":
        """The refusal of an item at this path."""
        return cls(problem=bad.text, path=(*path, *bad.path))

    def message(self, language: Language, zone: tzinfo = DEFAULT_ZONE) -> str:  # noqa: ARG002 - no instants
        problem: Text = self._problem  # type: ignore[attr-defined] # set above
        return problem.in_(language)
