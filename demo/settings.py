"""The settings of the demo's merchants: return address rules, own reasons and note templates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import SQLModel

from demo.ids import Ids
from demo.plans import Plan
from domain.actions import Action
from domain.addresses import Address
from domain.destinations import AddressRule, AddressRules, RuleKind
from domain.text import Text
from models.merchant import ReturnAddressRule
from models.note_template import NoteTemplate
from models.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReason:
    """A reason of a merchant, or a group of reasons if it has no ``parent``."""

    code: str
    name: Text
    parent: str | None = None
    decisions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template of a note to the customer."""

    name: str
    text: Text
    decisions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a merchant.

    ``prefixes`` are those of SKUs that go to another return address than the default, each with
    the index of the address among the merchant's.
    """

    prefixes: tuple[tuple[str, int], ...] = ()
    reasons: tuple[OwnReason, ...] = ()
    templates: tuple[Template, ...] = ()


_NONE: Final = Settings()
_SETTINGS: Final = {
    "home": Settings(
        prefixes=(("HM-24", 1), ("HM-23", 1)),
        reasons=(
            OwnReason(code="XR.HOME_VISIT", name=Text("上门服务", "Visits at home")),
            OwnReason(
                code="XR.INSTALLED",
                name=Text("已预约上门安装调试", "A visit for installation is booked"),
                parent="XR.HOME_VISIT",
                decisions=(Action.REJECT,),
            ),
            OwnReason(code="XA.HOME_USE", name=Text("居家使用", "Use at home")),
            OwnReason(
                code="XA.NOISE", name=Text("噪音太大", "It is too loud"), parent="XA.HOME_USE"
            ),
        ),
        templates=(
            Template(
                name="同意寄回",
                text=Text(
                    "服务单 {number}: 请把 {goods} 寄到 {returnAddress}。",
                    "Service order {number}: please send {goods} to {returnAddress}.",
                ),
                decisions=(Action.APPROVE,),
            ),
        ),
    )
}
"""By the key of the merchant; the others have none."""


def address_rules(
    plan: Plan, addresses: Sequence[Address], address_ids: Sequence[int]
) -> AddressRules | None:
    """The merchant's rules; None without any."""
    prefixes = _SETTINGS.get(plan.key, _NONE).prefixes
    if not prefixes:
        return None
    return AddressRules(
        version=1,
        rules=[
            AddressRule(kind=RuleKind.SKU_PREFIX, value=value, address_id=address_ids[index])
            for value, index in prefixes
        ],
        addresses={address_ids[index]: addresses[index] for _, index in prefixes},
    )


def rows(
    plan: Plan, merchant_id: int, rules: AddressRules | None, since: datetime
) -> Iterator[SQLModel]:
    """The rows of the settings, whose addresses stand in the database already."""
    settings = _SETTINGS.get(plan.key, _NONE)
    for position, rule in enumerate(rules.rules if rules else (), start=1):
        yield ReturnAddressRule(
            merchant_id=merchant_id,
            position=position,
            kind=rule.kind,
            value=rule.value,
            address_id=rule.address_id,
        )
    for position, reason in enumerate(settings.reasons, start=1):
        yield Reason(
            merchant_id=merchant_id,
            code=reason.code,
            parent=reason.parent,
            name_zh=reason.name.zh,
            name_en=reason.name.en,
            decisions=list(reason.decisions),
            position=position,
            created_at=since,
            updated_at=since,
        )
    # Ids of their own: those of the showcase follow the merchants', and examples name them.
    ids = Ids()
    for position, template in enumerate(settings.templates, start=1):
        yield NoteTemplate(
            merchant_id=merchant_id,
            id=ids.at(since),
            name=template.name,
            text_zh=template.text.zh,
            text_en=template.text.en,
            decisions=list(template.decisions),
            position=position,
            created_at=since,
            updated_at=since,
        )
