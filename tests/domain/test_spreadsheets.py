"""No text of an export is read as a formula, and every text can be stored in a cell."""

import pytest

from domain.spreadsheets import LONGEST_CELL, disarmed, storable

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b"
BEFORE = ["", " ", '"', "'", "\u201c", "\u3000", "\u200b", "\ufeff", ' "', "\xa0'"]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE)
def test_a_text_that_could_be_a_formula_gets_an_apostrophe(before: str, sign: str) -> None:
    text = f"{before}{sign}cmd|' /C calc'!A0"
    assert disarmed(text) == f"'{text}"


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1", "\tx", "\rx", "\nx"])
def test_a_text_that_begins_with_a_tab_or_a_line_end_gets_one_too(text: str) -> None:
    assert disarmed(text) == f"'{text}"


@pytest.mark.parametrize("control", [chr(code) for code in range(32) if chr(code) not in "\t\n\r"])
def test_a_control_character_hides_no_formula(control: str) -> None:
    assert disarmed(f"{control}=1") == "'=1"


@pytest.mark.parametrize(
    "text", ["", "屏幕碎了", "a=1", "1-2", "a@b", "13812345678", '"好"', "’好"]
)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert disarmed(text) == storable(text) == text


def test_what_no_cell_can_hold_is_removed() -> None:
    assert storable("a\x00b\x0bc\x1fd\x7fe\ud800f\ufffeg\uffff") == "abcdefg"
    assert storable("a\tb\nc\rd") == "a\tb\nc\rd"
    assert len(storable("好" * 40_000)) == LONGEST_CELL
