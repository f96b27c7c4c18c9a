"""Every message is a sentence for the person who reads it, in their language."""

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import pytest

from domain.actions import Action
from domain.actors import SYSTEM, ActorKind, NamedActor
from domain.addresses import Address
from domain.enrolment import EnrolmentStatus
from domain.lifecycle import LIFECYCLE
from domain.permissions import Permission
from domain.refusals.enrolment import IncompleteAddress
from domain.refusals.general import MissingPermission, NotFound
from domain.refusals.orders import AlreadyDecided, MerchantNotEnabled, WrongStatus
from domain.refusals.refusal import Refusal
from domain.refusals.registry import REFUSALS
from domain.statuses import Status
from domain.text import Language
from domain.wording import ACTORS, DECISIONS, NAMES

AT = datetime(2026, 12, 24, 10, 25, 57, 788673, tzinfo=UTC)
MACHINE_WORD = re.compile(r"\b[A-Z]+_[A-Z_]+\b|\b[a-z]+[A-Z]\w*|\b[a-z]+_[a-z_]+\b|[{}]|\bNone\b")
ISO_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT|[+-]\d\d:\d\d|\d\d:\d\d:\d\d")
CHINESE = re.compile(r"[\u3400-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]+")
ACRONYMS = {"ID", "JPEG", "PNG", "WEBP", "SKU", "HTTPS", "IP", "Webhook"}
"""Names that Chinese uses as they are."""


def values_of(fact: Any, hint: Any) -> list[Any]:
    """Values that a fact can have: each of an enum's, each that has a name, or an example."""
    if get_origin(hint) is tuple:
        return [(value,) for value in values_of(fact, get_args(hint)[0])]
    hints = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]
    names = fact.metadata.get("names")
    if names and names != ACTORS:
        return [hints[0](name) for name in names]
    if issubclass(hints[0], Enum):
        return list(hints[0])
    if hints[0] is NamedActor:
        return [NamedActor(kind=ActorKind.EMPLOYEE, name="0")]
    return [{str: "0", int: 4711, bool: True, datetime: AT}[hints[0]]]


def messages_of(kind: type[Refusal]) -> Iterator[tuple[str, str]]:
    """The messages in both languages, for every value of each fact."""
    hints = get_type_hints(kind)
    facts = {
        fact.name: values_of(fact, hints[fact.name]) for fact in fields(kind) if fact.name != "path"
    }
    first = {name: values[0] for name, values in facts.items()}
    for name, values in facts.items() or [("", [None])]:
        for value in values:
            refusal = kind(**(first | ({name: value} if name else {})))
            yield refusal.message(Language.ZH), refusal.message(Language.EN)


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_no_message_holds_a_machine_s_word_or_the_other_language(kind: type[Refusal]) -> None:
    for zh, en in messages_of(kind):
        for message in (zh, en):
            assert not MACHINE_WORD.search(message), message
            assert not ISO_INSTANT.search(message), message
            words = set(re.findall(r"\w+", message, re.ASCII))
            members = {str(member) for enum in NAMES for member in enum}  # type: ignore[attr-defined]  # each is an enum
            assert not words & members - ACRONYMS, message
        assert CHINESE.search(zh)
        assert not set(ENGLISH.findall(zh)) - ACRONYMS, zh
        assert not CHINESE.search(en), en
        assert en.endswith(".")


def test_every_value_has_a_name_in_both_languages() -> None:
    for enum in (Status, Action, Permission, EnrolmentStatus):
        assert set(NAMES[enum]) == set(enum)
    assert set(DECISIONS) == {action for action, rule in LIFECYCLE.items() if rule.decides}


def decided(by: str = "客服小A", decision: Action = Action.APPROVE) -> AlreadyDecided:
    kind = ActorKind.SYSTEM if by == SYSTEM.name else ActorKind.EMPLOYEE
    return AlreadyDecided(
        by=NamedActor(kind=kind, name=by), at=AT, decision=decision, automatic=False
    )


def test_a_decision_is_told_with_the_time_of_the_merchant_to_the_minute() -> None:
    assert decided().message(Language.ZH) == "客服小A 已于 2026-12-24 18:25 同意了客户发货"
    new_york = ZoneInfo("America/New_York")
    assert decided("Ann", Action.REJECT).message(Language.EN, new_york) == (
        "Ann already rejected the request at 2026-12-24 05:25."
    )
    assert decided(SYSTEM.name, Action.AUTO_APPROVE).message(Language.EN) == (
        "The system already approved the request automatically at 2026-12-24 18:25."
    )


def test_statuses_permissions_and_fields_are_called_by_their_names() -> None:
    status = WrongStatus(status=Status.REJECTED, allowed_from=())
    assert status.message(Language.ZH) == "当前状态为“审核不通过”, 不能执行此操作"
    # The same word names a status of an order and one of an enrolment.
    enrolment = MerchantNotEnabled(enrolment=EnrolmentStatus.REJECTED)
    assert "“开通未通过”" in enrolment.message(Language.ZH)
    permission = MissingPermission(permission=Permission.SERVICE_ORDER_READ)
    assert permission.message(Language.ZH) == "需要权限“查看服务单”"
    assert permission.message(Language.EN) == (
        'This requires the permission "Read service orders".'
    )
    assert NotFound(kind="ServiceOrder").message(Language.ZH) == "找不到此服务单"
    assert NotFound(kind="ServiceOrder").message(Language.EN) == "There is no such service order."


def test_an_incomplete_address_names_what_is_missing() -> None:
    empty = Address(
        contact="", phone="", zip=None, province_code="", city_code="", district_code="", detail=""
    )
    problem = empty.problem()
    assert isinstance(problem, IncompleteAddress)
    assert problem.message(Language.ZH) == "地址缺少: 联系人、电话、省份、城市、区县、详细地址"
    assert IncompleteAddress(missing=("districtCode",)).message(Language.ZH) == "地址缺少: 区县"
