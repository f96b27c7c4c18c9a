"""The docs say what the code says: the lifecycle, the refusals, the errors, the settings."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from strawberry import Schema
from typer.core import TyperGroup
from typer.main import get_command

from cli import cli
from domain.clocks import CLOCKS
from domain.faults import FAULTS, Fault
from domain.lifecycle import LIFECYCLE, Action, Rule
from domain.refusals.refusal import Refusal
from domain.refusals.registry import REFUSALS
from domain.statuses import STATUS_NAMES, Status
from execution import limits
from execution.persisted_documents import DocumentFault
from settings import PREFIX, Settings
from transport import errors

ROOT = Path(__file__).parents[2]
LIFECYCLE_PAGE = (ROOT / "docs" / "lifecycle.md").read_text("utf-8")
REFUSALS_PAGE = (ROOT / "docs" / "refusals.md").read_text("utf-8")
DOCTOR_PAGE = (ROOT / "docs" / "doctor.md").read_text("utf-8")
OPERATING_PAGE = (ROOT / "docs" / "operating.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")

_ARROW = re.compile(r" *(?P<source>\w+) --> (?P<target>\w+): (?P<action>\w+)")
_NAME = re.compile(r"`(\w+)`")
_COMMAND = re.compile(r"`aftersales (\w+)")


def rows(page: str) -> Iterator[list[str]]:
    """The cells of every line of every table."""
    for line in page.splitlines():
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            yield [cell.strip() for cell in cells]


def rows_of(page: str, names: list[str]) -> dict[str, list[str]]:
    """For each name the row that begins with it; every name has exactly one."""
    lines = [(name[1], row) for row in rows(page) if (name := _NAME.fullmatch(row[0]))]
    named = [(name, row) for name, row in lines if name in names]
    assert sorted(name for name, _ in named) == sorted(names)
    return dict(named)


# The lifecycle


def test_the_diagram_is_the_lifecycle() -> None:
    [block] = re.findall(r"```mermaid\n(.*?)```", LIFECYCLE_PAGE, re.DOTALL)
    head, *lines = block.strip().splitlines()
    assert head == "stateDiagram-v2"
    arrows = [line for line in lines if "[*]" not in line]
    drawn = [
        match.group("source", "target", "action")
        for match in map(_ARROW.fullmatch, arrows)
        if match
    ]
    assert len(drawn) == len(arrows)
    expected = [
        (source.value, rule.target.value, rule.action.value)
        for rule in LIFECYCLE.values()
        if rule.target is not None
        for source in rule.sources
    ]
    assert sorted(drawn) == sorted(expected)
    starts = [line.strip() for line in lines if "[*]" in line]
    assert starts[0].startswith("[*] --> PENDING_REVIEW")
    ends = {"COMPLETED --> [*]", "REJECTED --> [*]", "CANCELLED --> [*]"}
    assert set(starts[1:]) <= ends


def statuses_of(cell: str) -> set[Status]:
    """The statuses that a cell means: those it names, or `any`, but those it names."""
    named = {Status(name) for name in _NAME.findall(cell) if name in set(Status)}
    return set(Status) - named if cell.startswith("any") else named


def plain(cell: str) -> str:
    return re.sub(r"[\\\s`]", "", cell)


def test_the_table_of_actions_is_the_lifecycle(schema: Schema) -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    for name, row in rows_of(LIFECYCLE_PAGE, [*Action]).items():
        rule = LIFECYCLE[Action(name)]
        _, zh, source, target, who, carries, today = row
        assert zh.lstrip("①②③④⑤") == rule.name.zh
        assert statuses_of(source) == rule.sources, name
        assert _NAME.findall(target) == ([rule.target] if rule.target else []), name
        assert _NAME.findall(who) == ([rule.permission] if rule.permission else []), name
        assert ("customer" in who) is rule.customer, name
        assert ("system" in who) is rule.system, name
        assert plain(carries) == (",".join(rule.carries) or "–"), name
        assert {*_NAME.findall(today)} <= set(mutation.fields), name


def test_the_table_of_actions_says_what_limits_an_action() -> None:
    table = rows_of(LIFECYCLE_PAGE, [*Action])
    limited = {rule.action: rule for rule in LIFECYCLE.values() if rule.within or rule.undoes}
    assert set(limited) == {"UNDO", "REPORT_UNSOLVED"}
    assert set(_NAME.findall(table["UNDO"][2])) >= set(limited[Action.UNDO].undoes)
    assert _days(limited[Action.REPORT_UNSOLVED]) in table["REPORT_UNSOLVED"][2]


def _days(rule: Rule) -> str:
    assert rule.within
    return f"{rule.within[Status.COMPLETED].days} days"


def test_the_table_of_statuses_says_their_names_and_clocks() -> None:
    for name, row in rows_of(LIFECYCLE_PAGE, [*Status]).items():
        status = Status(name)
        assert row[1] == STATUS_NAMES[status].zh
        clock = CLOCKS.get(status)
        if clock is None:
            assert row[3] == "–"
        else:
            assert _NAME.findall(row[3]) == [clock.kind]
            assert in_words(clock.window) in row[3], name


def in_words(window: timedelta) -> str:
    hours = window // timedelta(hours=1)
    return f"{hours} hours" if hours <= 48 else f"{hours // 24} days"


# Refusals and errors


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_is_documented_with_its_type_its_facts_and_whether_to_try_again(
    kind: type[Refusal],
) -> None:
    [row] = [
        row for row in rows(REFUSALS_PAGE) if row[:2] == [f"`{kind.code()}`", f"`{kind.__name__}`"]
    ]
    facts = [camel(field.name) for field in fields(kind) if field.name != "path"]
    assert _NAME.findall(row[3]) == facts
    assert row[4] == ("yes" if kind.retryable else "no")
    assert len(row[2]) > 10


def test_no_refusal_is_documented_that_is_not_there() -> None:
    documented = {
        name[1]
        for row in rows(REFUSALS_PAGE)
        if len(row) > 4 and (name := _NAME.fullmatch(row[0])) and row[4] in ("yes", "no")
    }
    assert documented == {kind.code() for kind in REFUSALS}


def codes_in(file: Path) -> Iterator[str]:
    """The codes that a module writes: ``{"code": "..."}`` and ``Refused(..., code="...")``."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    yield from _constant(value)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "code":
                    yield from _constant(keyword.value)


def _constant(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


def test_every_top_level_error_is_documented() -> None:
    folders = ("execution", "schema", "transport")
    files = [ROOT / "app.py", *(file for name in folders for file in (ROOT / name).rglob("*.py"))]
    used = {code for file in files for code in codes_in(file)}
    used |= {limits.CODE, *errors.CODES.values(), *DocumentFault}
    assert used >= {
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "BAD_USER_INPUT",
        "BAD_REQUEST",
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "QUERY_TOO_COMPLEX",
        "NOT_FOUND",
        "PAYLOAD_TOO_LARGE",
        "INTERNAL",
    }
    documented = {
        name for row in rows(REFUSALS_PAGE) for cell in row[:2] for name in _NAME.findall(cell)
    }
    assert used - documented == set()


# Faults


def test_every_fault_is_documented_as_it_is_described() -> None:
    for name, row in rows_of(DOCTOR_PAGE, [*Fault]).items():
        assert row[1] == FAULTS[Fault(name)]


# Settings and commands


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    variable = f"{PREFIX}{name.upper()}"
    [row] = [row for row in rows(OPERATING_PAGE) if row[0] == f"`{variable}`"]
    assert row[-1]


@pytest.mark.parametrize("page", [OPERATING_PAGE, README], ids=["operating", "README"])
def test_no_setting_is_documented_that_does_not_exist(page: str) -> None:
    names = set(re.findall(rf"\b{PREFIX}[A-Z_]+", page))
    assert names <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_every_command_is_documented_and_no_other() -> None:
    documented = [match[1] for row in rows(OPERATING_PAGE) if (match := _COMMAND.match(row[0]))]
    group = get_command(cli)
    assert isinstance(group, TyperGroup)
    assert sorted(documented) == sorted(group.commands)


def test_the_readme_has_the_test_command_as_a_reader_types_it() -> None:
    assert re.search(r"^    make test\b", README, re.MULTILINE)
