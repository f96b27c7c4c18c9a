"""Everything of the API is described in Chinese too, by the table `schema/descriptions/zh.csv`."""

import re
from pathlib import Path

import pytest
import strawberry
from graphql import build_client_schema, get_introspection_query, print_schema
from typer.testing import CliRunner

from app import create_app
from cli import cli
from domain.text import Language
from parts import Parts
from schema.build import build
from schema.descriptions.elements import elements_of
from schema.descriptions.table import chinese, key_of
from tests.client import Client

SDL = Path(__file__).parents[2] / "schema.zh-CN.graphql"
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_element_of_the_api_is_described_in_chinese(schema: strawberry.Schema) -> None:
    missing = {
        element.name: element.english
        for element in elements_of(schema._schema)
        if key_of(element) is None
    }
    assert missing == {}, "add rows for these English descriptions to schema/descriptions/zh.csv"


def test_no_row_of_the_table_is_there_in_vain(schema: strawberry.Schema) -> None:
    read = {key_of(element) for element in elements_of(schema._schema)}
    assert set(chinese()) - read == set(), "no element has this name and English description"


def test_every_chinese_description_is_written_in_chinese() -> None:
    assert [key for key, text in chinese().items() if not HAN.search(text)] == []
    assert [key for key, text in chinese().items() if text == key.english] == []
    assert [key for key, text in chinese().items() if text != text.strip() or "  " in text] == []


def test_chinese_descriptions_keep_the_names_that_they_quote() -> None:
    """A name in backquotes is one of the API, so that it stays as it is."""
    quoted = re.compile(r"`([^`]+)`")
    lost = {
        key.english: names
        for key, text in chinese().items()
        if (names := {*quoted.findall(key.english)} ^ {*quoted.findall(text)})
    }
    assert lost == {}


def test_the_chinese_terms_of_an_english_description_stand_in_the_chinese_one() -> None:
    lost = {
        key.name: terms
        for key, text in chinese().items()
        if (
            terms := [
                term for term in re.findall(r"[\u4e00-\u9fff]+", key.english) if term not in text
            ]
        )
    }
    assert lost == {}


def test_the_chinese_sdl_is_what_the_command_prints() -> None:
    result = CliRunner().invoke(cli, ["schema", "--lang", "zh"])
    assert result.exit_code == 0
    assert SDL.read_text("utf-8") == result.stdout, "run `make schema`"


def test_the_sdl_in_each_language_differs_in_descriptions_alone(
    schema: strawberry.Schema,
) -> None:
    def bare(text: str) -> list[str]:
        definitions = re.sub(r'"""(?:[^"]|"(?!""))*"""', "", text).split("\n\n")
        return sorted(re.sub(r"\s+", " ", definition) for definition in definitions)

    translated = build(language=Language.ZH).as_str()
    assert bare(translated) == bare(schema.as_str())
    assert build().as_str() == schema.as_str()


LANGUAGES = {"": "en", "*": "en", "en-GB": "en", "zh-CN,zh;q=0.9,en;q=0.8": "zh", "zh": "zh"}


@pytest.mark.anyio
async def test_the_introspection_answers_in_the_language_of_the_request(
    parts: Parts, schema: strawberry.Schema
) -> None:
    query = get_introspection_query(
        specified_by_url=True,
        input_value_deprecation=True,
        one_of=True,
        schema_description=True,
    )
    expected = {
        "en": print_schema(schema._schema),
        "zh": print_schema(build(language=Language.ZH)._schema),
    }
    async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as client:
        for _ in range(2):
            for header, language in LANGUAGES.items():
                body = {"query": query}
                answer = (await client.post(body, **{"accept-language": header})).json()
                printed = print_schema(build_client_schema(answer["data"]))
                assert printed == expected[language], header
