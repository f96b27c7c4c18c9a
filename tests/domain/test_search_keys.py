"""What is stored and what people paste get the same form: numbers, waybills, phones and names."""

import pytest

from domain.refusals.refusal import BadInput
from domain.search_keys import (
    MAX_KEY,
    MAX_PASTED,
    name_beginning,
    name_key,
    number_beginning,
    number_key,
    pasted,
    pasted_keys,
    phone_ending,
    phone_key,
    waybill_key,
    written_forms,
)


@pytest.mark.parametrize(
    "written",
    [
        "P1234",
        " P1234\n",
        "P 12 34",
        "#P1234",
        "# P1234",
        "＃Ｐ１２３４",
        "P\u200b1234\ufeff",
        "P1234\u202e",
    ],
)
def test_a_number_is_the_same_however_it_is_pasted(written: str) -> None:
    assert number_key(written) == "P1234"


def test_letters_keep_their_case_in_numbers_and_not_in_waybills() -> None:
    assert number_key("ab-1") == "ab-1"
    assert waybill_key(" sf 1００-1 ") == "SF100-1"


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+86 138 1234 5678",
        "86 13812345678",
        "0086-13812345678",
        "(+86)13812345678",
        "１３８１２３４５６７８",
    ],
)
def test_a_phone_is_the_same_however_it_is_written(written: str) -> None:
    assert phone_key(written) == "87654321831"
    assert phone_ending(written, "phone") == "87654321831"


def test_a_phone_that_begins_like_the_country_code_keeps_its_digits() -> None:
    assert phone_key("86123456") == "65432168"
    assert phone_key("010-8612 3456") == "65432168010"
    assert phone_key("02112345678 ext. 9") == "987654321120"


@pytest.mark.parametrize(
    "written", ["5678", " 56 78 ", "５６７８", "138****5678", "138＊＊＊＊5678"]
)
def test_the_last_four_digits_are_the_beginning_of_a_phones_key(written: str) -> None:
    key = phone_ending(written, "phone")
    assert key == "8765"
    assert phone_key("13812345678").startswith(key)


@pytest.mark.parametrize("written", ["abc", "5678a", "王5678", "five"])
def test_what_no_phone_is_finds_nothing(written: str) -> None:
    assert phone_ending(written, "phone") is None


@pytest.mark.parametrize("written", ["", "567", "1-2-3", "****", "138****567", "+86"])
def test_a_phone_needs_four_digits(written: str) -> None:
    with pytest.raises(BadInput) as error:
        phone_ending(written, "filter", "phone")
    assert error.value.path == ("filter", "phone")


@pytest.mark.parametrize("digits", ["0012", "0086", "8612", "008612", "86123456", "00000"])
def test_last_digits_that_begin_like_a_country_code_are_kept(digits: str) -> None:
    assert phone_ending(digits, "phone") == digits[::-1]


def test_names_are_compared_without_spaces_width_and_case() -> None:
    assert name_key(" Ｌi Xiao　hua\u200b") == "lixiaohua"
    assert name_beginning("LI x", "name") == "lix"
    assert name_key("﷽" * 64).isprintable()
    assert len(name_key("ﷺ" * 64)) == MAX_KEY


def test_the_key_of_a_beginning_is_the_beginning_of_the_key() -> None:
    for text in ("P 12３4", "王小明", "Anna-Maria", "#2026 1122", "ﬃx y", "A" * 64):
        for key in (number_key, waybill_key, name_key):
            for end in range(len(text) + 1):
                assert key(text).startswith(key(text[:end]))


@pytest.mark.parametrize("separator", [",", "，", "\n", "\r\n", ";", "；", "、", "\t", " , \n"])
def test_a_pasted_list_is_separated_by_commas_and_lines(separator: str) -> None:
    assert pasted(separator.join(["1 1", "#2", "３"]) + separator, "number") == ["1 1", "#2", "３"]


def test_a_pasted_list_names_each_number_once_and_keeps_their_order() -> None:
    assert pasted("2,1,2", "number") == ["2", "1"]


def test_a_pasted_list_has_at_most_fifty_numbers() -> None:
    most = [str(number) for number in range(MAX_PASTED)]
    assert pasted(",".join(most), "number") == most
    for wrong in (",".join([*most, "x"]), "", " ,\n", "1" * 4001):
        with pytest.raises(BadInput):
            pasted(wrong, "number")


def test_a_line_of_pasted_order_numbers_is_a_number_too() -> None:
    assert pasted_keys("A,1\n#２ 3", "number") == ["A", "1", "23", "A,1"]
    assert pasted_keys("#", "number") == []


def test_a_pasted_number_is_looked_for_in_each_form_that_a_storefront_may_have_stored() -> None:
    assert written_forms("#１0 01") == ["#１0 01", "#10 01", "1001", "#1001"]
    assert written_forms("1001") == ["1001", "#1001"]
    assert written_forms("1\0") == ["1", "#1"]
    assert all(form.isprintable() for form in written_forms("1\ud800\n2"))


def test_the_beginning_of_a_number_has_four_characters_and_of_a_name_two() -> None:
    assert number_beginning("# 12 34", "prefix") == "1234"
    for read, text in ((number_beginning, "#12 3"), (name_beginning, " 王\u200b")):
        with pytest.raises(BadInput, match="at least"):
            read(text, "filter")
        with pytest.raises(BadInput, match="at most 64"):
            read("x" * 65, "filter")
