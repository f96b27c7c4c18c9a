"""What people type: trimmed, never empty, never too long, nothing that cannot be printed."""

import sys
import unicodedata

import pytest

from domain.refusals.refusal import BadInput
from domain.words import at_most, between, optional_words, words


def refused(value: str, longest: int = 5, shortest: int = 1) -> str:
    with pytest.raises(BadInput) as bad:
        words(value, "input", "name", longest=longest, shortest=shortest)
    assert bad.value.path == ("input", "name")
    assert bad.value.text.zh
    return bad.value.text.en


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("abc", "abc"), ("  小A \n", "小A"), ("\u3000京北\u3000", "京北"), ("a b\tc", "a b\tc")],
)
def test_space_around_the_words_is_dropped_and_space_within_them_kept(
    typed: str, kept: str
) -> None:
    assert words(typed, "name", longest=5) == kept


@pytest.mark.parametrize("typed", ["", " ", "\n\t", "\u3000", "\u2028"])
def test_nothing_but_space_is_empty(typed: str) -> None:
    assert refused(typed) == "This must not be empty."
    assert optional_words(typed, "name", longest=5) is None


def test_the_length_is_counted_in_characters_without_the_space_around() -> None:
    assert words("一二三四五", "name", longest=5) == "一二三四五"
    assert words("  12345  ", "name", longest=5) == "12345"
    assert refused("123456") == "This must have at most 5 characters."


def test_words_can_be_too_short() -> None:
    assert words("12345678", "password", longest=9, shortest=8) == "12345678"
    assert refused("1234567", longest=9, shortest=8)


def test_no_control_character_passes_but_line_ends_and_tabs() -> None:
    passed = []
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if unicodedata.category(character) in ("Cc", "Cs"):
            try:
                words(f"a{character}b", "name", longest=5)
            except BadInput as bad:
                assert bad.text.en == "This must not contain control characters."  # noqa: PT017 - thousands
            else:
                passed.append(character)
    assert passed == ["\t", "\n", "\r"]


def test_optional_words_are_checked_once_there_are_any() -> None:
    assert optional_words(None, "note", longest=5) is None
    assert optional_words(" hi ", "note", longest=5) == "hi"
    with pytest.raises(BadInput, match="at most 5"):
        optional_words("123456", "note", longest=5)


@pytest.mark.parametrize(("size", "fine"), [(0, False), (1, True), (3, True), (4, False)])
def test_lists_have_a_least_and_a_most(size: int, fine: bool) -> None:
    if fine:
        at_most([0] * size, "ids", least=1, most=3)
    else:
        with pytest.raises(BadInput, match="must have 1 to 3"):
            at_most([0] * size, "ids", least=1, most=3)


@pytest.mark.parametrize(("value", "fine"), [(0, False), (1, True), (3, True), (4, False)])
def test_numbers_have_a_least_and_a_most(value: int, fine: bool) -> None:
    if fine:
        assert between(value, "last", least=1, most=3) == value
    else:
        with pytest.raises(BadInput, match="must be between 1 and 3"):
            between(value, "last", least=1, most=3)
