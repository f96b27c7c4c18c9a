"""Every refusal has a code of its own, and words in both languages that carry its facts."""

import re
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from string import Formatter
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from domain import refusals as package
from domain.actors import ActorKind, NamedActor
from domain.refusals.general import NotFound
from domain.refusals.orders import StaleVersion
from domain.refusals.refusal import Refusal
from domain.refusals.registry import REFUSALS
from domain.text import Language
from domain.wording import DEFAULT_ZONE, worded

INSTANT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def placeholder(kind: Any) -> Any:
    """A value of the kind that is easily found again in a message."""
    if get_origin(kind) is tuple:
        return (placeholder(get_args(kind)[0]),)
    if isinstance(kind, UnionType):
        return placeholder(get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[-1]
    if kind is NamedActor:
        return NamedActor(kind=ActorKind.EMPLOYEE, name="ein-Wort")
    return {str: "ein-Wort", str | None: "ein-Wort", int: 4711, bool: True, datetime: INSTANT}[kind]


def made(kind: type[Refusal]) -> Refusal:
    hints = get_type_hints(kind)
    return kind(
        **{one.name: placeholder(hints[one.name]) for one in fields(kind) if one.name != "path"}
    )


def facts_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_codes_are_the_names_in_capitals_and_no_two_are_the_same() -> None:
    codes = [kind.code() for kind in REFUSALS]
    assert len(codes) >= 30
    assert max(Counter(codes).values()) == 1
    assert all(re.fullmatch(r"[A-Z]+(_[A-Z]+)*", code) for code in codes)
    assert (NotFound.code(), StaleVersion.code()) == ("NOT_FOUND", "STALE_VERSION")


def test_every_class_of_the_package_is_registered() -> None:
    modules = [
        import_module(f"{package.__name__}.{module.name}")
        for module in iter_modules(package.__path__)
    ]
    classes = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Refusal) and value is not Refusal
    }
    assert classes == set(REFUSALS)


@pytest.mark.parametrize(
    "blocker",
    [
        "MISSING_PERMISSION",
        "WRONG_STATUS",
        "MERCHANT_NOT_ENABLED",
        "STALE_VERSION",
        "ALREADY_DECIDED",
        "NO_RETURN_ADDRESS",
        "DIFFERENT_APPLICATIONS",
        "DEADLINE_PASSED",
        "NOT_YOURS",
    ],
)
def test_every_blocker_of_the_specification_is_there(blocker: str) -> None:
    assert blocker in {kind.code() for kind in REFUSALS}


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_says_its_facts_in_both_languages(kind: type[Refusal]) -> None:
    refusal = made(kind)
    zh, en = refusal.message(Language.ZH), refusal.message(Language.EN)
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert en.isascii()
    assert facts_in(kind.text.zh) == facts_in(kind.text.en) <= {one.name for one in fields(kind)}
    for fact in fields(kind):
        if fact.name in facts_in(kind.text.zh):
            value = getattr(refusal, fact.name)
            for language, message in ((Language.ZH, zh), (Language.EN, en)):
                said = worded(value, language, DEFAULT_ZONE, fact.metadata["names"])
                numbers = {f"{said:,}", str(said)} if isinstance(said, int) else {str(said)}
                assert any(number in message for number in numbers)


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_and_every_fact_of_it_is_described(kind: type[Refusal]) -> None:
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")  # what dataclass writes by itself
    for one in fields(kind):
        if one.name != "path":
            assert one.metadata["description"].endswith("."), one.name


def test_several_values_of_a_fact_are_listed() -> None:
    kind = next(kind for kind in REFUSALS if kind.code() == "INCOMPLETE_ADDRESS")
    refusal = kind(missing=("phone", "cityCode"))  # type: ignore[call-arg]
    assert refusal.message(Language.EN) == "The address lacks: phone number, city."
    assert refusal.message(Language.ZH) == "地址缺少: 电话、城市"
