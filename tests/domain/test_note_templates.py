"""Placeholders of templates, and the notes that templates make."""

import pytest

from domain.actions import Action
from domain.addresses import Address
from domain.desk.note_templates import (
    PLACEHOLDERS,
    NoteTemplate,
    note_for,
    template_problem,
    usability_problem,
)
from domain.desk.reviews import MAX_NOTE, NoteLanguage
from domain.reasons import DECISIONS
from domain.refusals.notes import (
    NoEnglishText,
    NoteTooLong,
    PlaceholderEmpty,
    TemplateNotForDecision,
    UnknownPlaceholder,
)

ADDRESS = Address(
    contact="王店长",
    phone="13800138000",
    zip="518000",
    province_code="440000",
    city_code="440300",
    district_code="440305",
    detail="科技园路 1 号",
)
ZH, EN = NoteLanguage.ZH, NoteLanguage.EN


def template(text: str, text_en: str | None = None, *decisions: Action) -> NoteTemplate:
    return NoteTemplate(text_zh=text, text_en=text_en, decisions=decisions)


def note(
    text: str, goods: str = "蓝牙耳机", address: Address | None = ADDRESS
) -> tuple[str | None, object]:
    return note_for(template(text), ZH, "id", number=7, goods=goods, address=address)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("没有占位符", "没有占位符"),
        ("服务单 {number}: {goods}", "服务单 7: 蓝牙耳机"),
        (
            "请寄到 {returnAddress}。",
            "请寄到 王店长 13800138000 广东省 深圳市 南山区 科技园路 1 号 518000。",
        ),
        ("{number}{number}", "77"),
        ("{{number}}", "{number}"),
        ("{{{number}}}", "{7}"),
        ("{{ }}", "{ }"),
        ("第一行\n第二行 {number}", "第一行\n第二行 7"),
    ],
)
def test_placeholders_are_replaced_and_doubled_braces_are_braces(text: str, expected: str) -> None:
    assert template_problem(text, "textZh") is None
    assert note(text) == (expected, None)


@pytest.mark.parametrize(
    ("text", "placeholder"),
    [
        ("{name}", "{name}"),
        ("{Number}", "{Number}"),
        ("{ number }", "{ number }"),
        ("{}", "{}"),
        ("{returnaddress}", "{returnaddress}"),
        ("{number", "{"),
        ("number}", "}"),
        ("{number} {phone} {goods}", "{phone}"),
        ("{{{{x} }}", "}"),
        ("{number!r}", "{number!r}"),
        ("{goods.__class__}", "{goods.__class__}"),
    ],
)
def test_another_placeholder_or_a_single_brace_is_refused_and_named(
    text: str, placeholder: str
) -> None:
    assert template_problem(text, "textZh") == UnknownPlaceholder(
        placeholder=placeholder, known=PLACEHOLDERS, path=("textZh",)
    )


def test_what_takes_the_place_of_a_placeholder_is_not_read_again() -> None:
    assert note("{goods}", goods="{number} {{x}} {") == ("{number} {{x}} {", None)


def test_a_note_without_an_address_cannot_name_it() -> None:
    text, problem = note("请寄到 {returnAddress}", address=None)
    assert (text, problem) == (None, PlaceholderEmpty(placeholder="{returnAddress}", path=("id",)))
    assert note("{{returnAddress}}", address=None) == ("{returnAddress}", None)


def test_the_note_has_five_hundred_characters_at_most_after_all_is_replaced() -> None:
    assert note("{goods}", goods="好" * MAX_NOTE) == ("好" * MAX_NOTE, None)
    text, problem = note("{goods}", goods="好" * (MAX_NOTE + 1))
    assert (text, problem) == (
        None,
        NoteTooLong(length=MAX_NOTE + 1, limit=MAX_NOTE, path=("id",)),
    )
    assert note("{{" * MAX_NOTE) == ("{" * MAX_NOTE, None)


def test_the_note_is_in_chinese_unless_english_is_asked_for() -> None:
    both = template("单 {number}", "Order {number}")
    for language, expected in ((ZH, "单 7"), (EN, "Order 7")):
        made = note_for(both, language, "id", number=7, goods="x", address=None)
        assert made.text == expected
    chinese = template("单 {number}")
    assert usability_problem(chinese, ZH, Action.REJECT) is None
    assert usability_problem(chinese, EN, Action.REJECT, "id") == NoEnglishText(path=("id",))


def test_a_template_is_for_the_decisions_that_it_names_or_for_all() -> None:
    rejecting = template("好", None, Action.REJECT)
    for decision in DECISIONS:
        assert usability_problem(template("好"), ZH, decision) is None
        problem = usability_problem(rejecting, ZH, decision)
        if decision is Action.REJECT:
            assert problem is None
        else:
            expected = TemplateNotForDecision(decision=decision, decisions=(Action.REJECT,))
            assert problem == expected
