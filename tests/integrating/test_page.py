"""The page holds nothing that no test runs, and names no code that does not exist."""

import json
import re
from pathlib import Path
from typing import Final

import pytest
from graphql import parse, validate
from strawberry import Schema

from domain.permissions import Permission
from domain.quality.thresholds import SetBy
from tests.integrating.page import PROGRAMS, TEXT

HERE: Final = Path(__file__).parent
REFUSALS: Final = (HERE.parents[1] / "docs" / "refusals.md").read_text("utf-8")


def test_every_block_of_code_is_a_program_that_a_test_runs() -> None:
    assert len(PROGRAMS) == len(re.findall(r"^```(?:python|js)\n", TEXT, re.MULTILINE)) > 0
    tests = "".join(file.read_text("utf-8") for file in HERE.glob("test_*.py"))
    assert [name for name in PROGRAMS if f'"{name}"' not in tests] == []


@pytest.mark.parametrize("query", re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL))
def test_a_query_that_is_shown_is_valid(schema: Schema, query: str) -> None:
    assert validate(schema._schema, parse(query)) == []


def test_every_code_that_is_named_is_documented() -> None:
    others = {*Permission, *SetBy, "AFTERSALES_FEED_DAYS"}
    codes = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", TEXT)) - others
    assert "CURSOR_EXPIRED" in codes
    assert {code for code in codes if f"`{code}`" not in REFUSALS} == set()


def test_examples_in_json_are_valid() -> None:
    examples = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert examples
    for example in examples:
        json.loads(example)
