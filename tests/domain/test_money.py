"""Fen in the database, yuan in the API, and nothing lost between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import fen, yuan


@given(st.integers(min_value=0, max_value=10**13 - 1))
def test_every_amount_comes_back_as_it_went(amount: int) -> None:
    assert fen(yuan(amount)) == amount


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("0", 0),
        ("0.0", 0),
        ("0.01", 1),
        ("0.1", 10),
        ("12", 1_200),
        ("12.3", 1_230),
        ("12.34", 1_234),
        ("99999999999.99", 9_999_999_999_999),
    ],
)
def test_an_amount_is_read(said: str, amount: int) -> None:
    assert fen(said) == amount


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0, "0.00"), (1, "0.01"), (10, "0.10"), (1_234, "12.34"), (-5, "-0.05"), (-1_234, "-12.34")],
)
def test_an_amount_is_written_with_two_decimals(amount: int, said: str) -> None:
    assert yuan(amount) == said


@pytest.mark.parametrize(
    "said",
    [
        "",
        "NaN",
        "Infinity",
        "1e5",
        "1E5",
        "-1",
        "-0",
        "+1",
        "1.234",
        "1.",
        ".5",
        "01",
        "00",
        " 1",
        "1 ",
        "1\n",
        "1,000",
        "1_000",
        "0x10",
        "１２",  # fullwidth digits
        "1２",
        "1.２",
        "١٢",  # Arabic digits
        "1٢",
        "¥1",
        "100000000000",  # beyond all prices
        "9" * 5_000,
    ],
)
def test_anything_but_plain_digits_with_two_decimals_at_most_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="An amount is digits"):
        fen(said)
