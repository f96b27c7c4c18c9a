"""What people type: cleaned, trimmed, never empty, never too long, nothing that is no text."""

import sys
import unicodedata
from collections.abc import Callable

import pytest

from domain.characters import TREATMENTS, cleaned, folded
from domain.refusals.refusal import BadInput
from domain.words import (
    MAX_PHONE,
    at_most,
    between,
    line,
    optional_line,
    optional_phone,
    optional_words,
    phone,
    reference,
    secret,
    words,
)

EVERY = [chr(number) for number in range(sys.maxunicode + 1)]
IGNORABLE = [
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
]
"""Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt."""
WHITE_SPACE = [
    *((0x09, 0x0D), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680)),
    *((0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
]
"""White_Space of Unicode's PropList.txt."""
PREPENDED = [*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD]
"""Format characters that show a sign: of Arabic, Syriac and Kaithi numbers."""

Reader = Callable[[str], str]


def characters_in(ranges: list[tuple[int, int]]) -> list[str]:
    return [chr(number) for first, last in ranges for number in range(first, last + 1)]


def read_line(value: str) -> str:
    return line(value, "input", "name", longest=5)


def read_words(value: str) -> str:
    return words(value, "input", "name", longest=5)


def outcome(read: Reader, value: str) -> str:
    """What a text becomes, or the message of its refusal."""
    try:
        return read(value)
    except BadInput as bad:
        return bad.text.en if bad.path == ("input", "name") else "another path"


EMPTY = "This must not be empty."
CONTROL = "This must not contain control characters."
DIRECTION = "This must not contain characters that turn the direction of text."
LINE_END = "This must be a single line."


def test_every_character_has_one_treatment_at_most() -> None:
    treated = [
        number
        for _, ranges in TREATMENTS
        for first, last in ranges
        for number in range(first, last + 1)
    ]
    assert len(treated) == len(set(treated))


@pytest.mark.parametrize("read", [read_line, read_words])
def test_no_text_of_characters_that_show_nothing_passes_as_filled_in(read: Reader) -> None:
    blank = [*characters_in(IGNORABLE), *characters_in(WHITE_SPACE), "\u2800"]
    marks = [one for one in EVERY if unicodedata.category(one) in {"Mn", "Me"}]
    for character in [*blank, *marks]:
        for text in (character, character * 3, f" {character}\u200b"):
            assert outcome(read, text) in {EMPTY, DIRECTION}, hex(ord(character))


@pytest.mark.parametrize("read", [read_line, read_words])
def test_no_ignorable_character_survives_in_a_name(read: Reader) -> None:
    for character in characters_in(IGNORABLE):
        for text in (f"审核组{character}", f"审{character}核组", f"{character}审核组"):
            kept = outcome(read, text)
            # A variation selector may choose the form of the ideograph before it.
            variant = text.startswith("审") and unicodedata.category(character) == "Mn"
            expected = {"审核组", "审 核组", DIRECTION} | ({text} if variant else set())
            assert kept in expected, hex(ord(character))
            if kept != DIRECTION:
                assert folded(kept) in {"审核组", "审 核组"}


@pytest.mark.parametrize("character", ["\u202a", "\u202d", "\u202e", "\u2066", "\u2068", "\u2069"])
@pytest.mark.parametrize("read", [read_line, read_words])
def test_characters_that_turn_the_direction_are_refused(read: Reader, character: str) -> None:
    assert outcome(read, f"a{character}b") == DIRECTION


def test_whole_categories_are_kept_but_for_the_table() -> None:
    """Letters, marks, numbers, punctuation, symbols, and characters that Unicode adds later."""
    treated = {
        chr(number)
        for _, ranges in TREATMENTS
        for first, last in ranges
        for number in range(first, last + 1)
    }
    for character in EVERY:
        if character not in treated:
            category = unicodedata.category(character)
            assert category not in {"Cc", "Cs", "Zs", "Zl", "Zp"}, hex(ord(character))
            assert category != "Cf" or ord(character) in PREPENDED, hex(ord(character))
            whole = f"a{character}b"
            assert cleaned(whole) == unicodedata.normalize("NFC", whole)


def test_every_control_character_is_refused_but_tabs_and_line_ends() -> None:
    for character in EVERY:
        if (
            unicodedata.category(character) in {"Cc", "Cs"}
            and character not in "\t\n\x0b\x0c\r\x85"
        ):
            for read in (read_line, read_words):
                assert outcome(read, f"a{character}b") == CONTROL
    for plane in range(0, 0x110000, 0x10000):
        assert outcome(read_line, f"a{chr(plane + 0xFFFE)}b") == CONTROL


def test_line_ends_are_refused_in_a_line_and_line_feeds_in_a_text() -> None:
    for end in ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"):
        assert outcome(read_line, f"a{end}b") == LINE_END
        assert outcome(read_words, f"a{end}b") == "a\nb"
        assert outcome(read_line, f"{end}ab{end}") == "ab"
    assert outcome(read_words, "a\r\n\r\nb") == "a\n\nb"


def test_runs_of_white_space_become_one_space_in_a_line_and_stay_in_a_text() -> None:
    for space in characters_in(WHITE_SPACE):
        if outcome(read_line, f"a{space}b") != LINE_END:
            assert outcome(read_line, f"a{space}{space} b") == "a b"
            if unicodedata.normalize("NFC", space) == space:  # U+2000 and U+2001 are not
                assert outcome(read_words, f"a{space}b") == f"a{space}b"
    assert outcome(read_line, "a\u2800\u3164b") == "a b"


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d👩\u200d👧\u200d👦",
        "👩🏽\u200d⚕\ufe0f",
        "🏳\ufe0f\u200d🌈",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "葛\U000e0100城",
        "می\u200cخواهم",
        "क्\u200dष",
        "क्\u200cष",
        "ᠠ\u180b",
        "한국어",
        "𠮷野家",
        "\ue000",
        "שלום",
    ],
)
def test_joiners_and_selectors_that_a_script_or_an_emoji_needs_are_kept(text: str) -> None:
    assert line(text, longest=20) == unicodedata.normalize("NFC", text)
    assert words(text, longest=20) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("审\u200d核", "审核"),
        ("a\u200cb", "ab"),
        ("😀\u200d", "😀"),
        ("\u200d😀", "😀"),
        ("a\ufe0f\ufe0f", "a\ufe0f"),
        (" \ufe0fa", "a"),
        ("a\U000e0100", "a"),
        ("a\U000e0067", "a"),
        ("می\u200c", "می"),
    ],
)
def test_stray_joiners_and_selectors_are_removed(text: str, kept: str) -> None:
    assert line(text, longest=20) == kept


def test_texts_are_composed() -> None:
    assert line("e\u0301", longest=1) == "é"
    assert words("\u1112\u1161\u11ab", longest=1) == "한"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("审核组", "审核组\u200b"),
        ("审核组", "\u3000审核组 "),
        ("A组", "a组"),
        ("ABC", "ＡＢＣ"),
        ("Straße", "STRASSE"),
        ("é", "e\u0301"),
        ("1组", "１组"),
        ("审 核", "审\u3000 核"),
        ("葛", "葛\U000e0100"),
        ("a", "a\ufe0f"),
        ("ﬁ", "fi"),
    ],
)
def test_names_that_read_the_same_are_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)
    assert folded(folded(one)) == folded(one)


@pytest.mark.parametrize(("one", "other"), [("审核组", "审核"), ("A 组", "A组"), ("1", "2")])
def test_names_that_read_differently_are_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("abc", "abc"), ("  小A \n", "小A"), ("\u3000京北\u3000", "京北"), ("a b\tc", "a b\tc")],
)
def test_space_around_the_words_is_dropped_and_space_within_them_kept(
    typed: str, kept: str
) -> None:
    assert words(typed, "name", longest=5) == kept


@pytest.mark.parametrize("typed", ["", " ", "\n\t", "\u3000", "\u2028", "\u200b", "\u2800"])
def test_nothing_but_space_is_empty(typed: str) -> None:
    assert outcome(read_words, typed) == outcome(read_line, typed) == EMPTY
    assert optional_words(typed, "name", longest=5) is None
    assert optional_line(typed, "name", longest=5) is None
    assert optional_phone(typed, "phone") is None


def test_the_length_is_counted_in_characters_of_the_cleaned_text() -> None:
    assert outcome(read_line, "一二三四五") == "一二三四五"
    assert outcome(read_line, "  1\u200b2345  ") == "12345"
    assert outcome(read_line, "123456") == "This must have at most 5 characters."
    assert outcome(read_line, "1" + "\u200b" * 20) == "This must have at most 5 characters."


def test_words_can_be_too_short() -> None:
    assert secret("12345678", "password", longest=9, shortest=8) == "12345678"
    with pytest.raises(BadInput, match="at least 8"):
        secret("1234567", "password", longest=9, shortest=8)
    assert words("", "text", longest=5, shortest=0) == ""


@pytest.mark.parametrize(
    "typed",
    ["13812345678", "\u202d13812345678\u202c", "\u206613812345678\u2069 ", "\u200b13812345678"],
)
def test_marks_of_direction_around_a_pasted_phone_are_removed(typed: str) -> None:
    assert phone(typed, "phone") == optional_phone(typed, "phone") == "13812345678"
    with pytest.raises(BadInput, match=f"at most {MAX_PHONE}"):
        phone("1" * (MAX_PHONE + 1), "phone")


def test_a_reference_is_trimmed_and_otherwise_kept_or_refused() -> None:
    def read(value: str) -> str:
        return reference(value, "input", "name", longest=5)

    assert outcome(read, " A-1 ") == "A-1"
    assert outcome(read, "e\u0301") == "e\u0301"
    assert outcome(read, "A  1") == "A  1"
    assert outcome(read, "A\n1") == LINE_END
    assert outcome(read, " ") == EMPTY
    for character in characters_in(IGNORABLE):
        hidden = "This must not contain invisible characters."
        assert outcome(read, f"A{character}") in {hidden, DIRECTION}


def test_a_secret_is_kept_as_it_is() -> None:
    assert secret(" pass  word\u200b1 ", "password", longest=20) == "pass  word\u200b1"
    assert secret("e\u0301", "password", longest=20) == "e\u0301"
    with pytest.raises(BadInput):
        secret("a\0b", "password", longest=20)


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
