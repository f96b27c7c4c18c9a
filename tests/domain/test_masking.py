"""A masked phone number shows the last four digits at most, and of eleven the first three."""

import re

import pytest

from domain.masking import mask_name, mask_phone

DIGITS = "98765432101357924680"


def shown(phone: str) -> str:
    return re.sub(r"\D", "", mask_phone(phone))


@pytest.mark.parametrize("length", range(21))
def test_of_no_length_is_more_shown_than_the_last_four_and_of_eleven_the_first_three(
    length: int,
) -> None:
    phone = DIGITS[:length]
    masked = mask_phone(phone)
    assert len(masked) == length
    if length < 8:
        assert masked == "*" * length
    elif length == 11:
        assert masked == phone[:3] + "****" + phone[-4:]
    else:
        assert masked == "*" * (length - 4) + phone[-4:]


@pytest.mark.parametrize("prefix", ["", "+86", "+86 ", "86", "0086 ", "(+86)", " "])
@pytest.mark.parametrize("written", ["13812345678", "138 1234 5678", "138-1234-5678"])
def test_a_country_code_spaces_and_hyphens_do_not_shift_what_is_hidden(
    prefix: str, written: str
) -> None:
    assert mask_phone(prefix + written) == "138****5678"


@pytest.mark.parametrize(
    "phone",
    [
        "0755-2655 1234",
        "010-12345678 转 801",
        "13812345678,80",
        "400-800-8888-1234",
        "+1 555 123 4567",
    ],
)
def test_of_another_number_only_four_digits_are_shown(phone: str) -> None:
    digits = re.sub(r"\D", "", phone)
    assert shown(phone) == (digits[:3] * (len(digits) == 11)) + digits[-4:]


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("91234567", "****4567"),
        ("5551234", "*******"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("call me", "*******"),
        ("转 80", "****"),
        ("", ""),
    ],
)
def test_short_numbers_and_words_are_hidden(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(("name", "masked"), [("王小明", "王**"), ("李", "李*"), ("Ann", "A**")])
def test_of_a_name_the_first_character_is_shown(name: str, masked: str) -> None:
    assert mask_name(name) == masked
