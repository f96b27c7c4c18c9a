"""The docs say what the code says: the lifecycle, the refusals, the errors, the settings."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path

import pytest
from strawberry import Schema
from typer.core import TyperGroup
from typer.main import get_command

from cli import cli
from doctor.faults import FAULTS, Fault
from domain.actions import Action, Need, Rule
from domain.clocks import CLOCKS, ClockKind
from domain.lifecycle import LIFECYCLE
from domain.refusals.refusal import Refusal
from domain.refusals.registry import REFUSALS
from domain.statuses import STATUS_NAMES, Status
from execution import limits
from execution.persisted_documents import DocumentFault
from settings import PREFIX, Settings
from tests.steps import WAYS
from transport import errors

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    path: str

    @property
    def text(self) -> str:
        return (ROOT / self.path).read_text("utf-8")

    def should_have(self, lines: Iterable[str]) -> str:
        """The message of a failed test: what to add to the page."""
        return "\n".join([f"add to {self.path}:", *lines])


LIFECYCLE_PAGE = Page("docs/lifecycle.md")
REFUSALS_PAGE = Page("docs/refusals.md")
DOCTOR_PAGE = Page("docs/doctor.md")
OPERATING_PAGE = Page("docs/operating.md")
README = (ROOT / "README.md").read_text("utf-8")

_ARROW = re.compile(r" *(?P<source>\w+) --> (?P<target>\w+): (?P<action>\w+)")
_NAME = re.compile(r"`(\w+)`")
_COMMAND = re.compile(r"`aftersales ([\w-]+)")


def rows(page: str) -> Iterator[list[str]]:
    """The cells of every row of every table."""
    for line in page.splitlines():
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            yield [cell.strip() for cell in cells]


def rows_of(page: Page, expected: Mapping[str, str]) -> dict[str, list[str]]:
    """For each name the row that begins with it; ``expected`` has a row to add for each name."""
    lines = [(name[1], row) for row in rows(page.text) if (name := _NAME.fullmatch(row[0]))]
    named = [(name, row) for name, row in lines if name in expected]
    missing = [row for name, row in expected.items() if name not in dict(named)]
    assert missing == [], page.should_have(missing)
    counts = Counter(name for name, _ in named)
    assert counts.total() == len(counts), f"{page.path} has two rows of one name: {counts}"
    return dict(named)


# The lifecycle


def test_the_diagram_is_the_lifecycle() -> None:
    block = re.findall(r"```mermaid\n(.*?)```", LIFECYCLE_PAGE.text, re.DOTALL)[0]
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
    missing = sorted(set(expected) - set(drawn))
    arrows = [f"    {source} --> {target}: {action}" for source, target, action in missing]
    assert missing == [], LIFECYCLE_PAGE.should_have(arrows)
    assert sorted(drawn) == sorted(expected), "docs/lifecycle.md draws arrows that no rule has"
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


def action_rows() -> dict[str, str]:
    """A row of the table of actions for every action."""
    return {rule.action: _action_row(rule) for rule in LIFECYCLE.values()}


def _action_row(rule: Rule) -> str:
    named = " or ".join(f"`{permission}`" for permission in rule.staff)
    who = [f"staff, {named}"] if rule.staff else []
    who += [f"platform, `{rule.platform}`"] if rule.platform else []
    who += ["customer"] if rule.customer else []
    who += ["system, at the deadline"] if rule.system else []
    cells = (
        f"`{rule.action}`",
        rule.name.zh,
        ", ".join(f"`{status}`" for status in Status if status in rule.sources),
        f"`{rule.target}`" if rule.target else "stays",
        "; ".join(who),
        ", ".join(rule.carries).replace("|", " \\| ") or "–",
        "the mutation, or **not yet**",
    )
    return f"| {' | '.join(cells)} |"


def test_the_table_of_actions_is_the_lifecycle(schema: Schema) -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    for name, row in rows_of(LIFECYCLE_PAGE, action_rows()).items():
        action = Action(name)
        rule = LIFECYCLE[action]
        _, zh, source, target, who, carries, mutations = row
        hint = f"the row of {name} in docs/lifecycle.md should be:\n{_action_row(rule)}"
        assert zh.lstrip("①②③④⑤") == rule.name.zh, hint
        assert statuses_of(source) == rule.sources, hint
        assert _NAME.findall(target) == ([rule.target] if rule.target else []), hint
        assert _NAME.findall(who) == [
            *rule.staff,
            *filter(None, [rule.connector, rule.platform]),
        ], hint
        assert ("customer" in who) is rule.customer, hint
        assert ("system" in who) is rule.system, hint
        assert plain(carries) == (",".join(rule.carries) or "–"), hint
        if action in WAYS:
            taken_by = WAYS[action].mutation
            assert taken_by in mutations, f"the row of {name} in docs/lifecycle.md: name {taken_by}"
        unknown = {*_NAME.findall(mutations)} - set(mutation.fields)
        assert unknown == set(), f"the row of {name} in docs/lifecycle.md: no such mutation"


def test_the_table_of_actions_says_what_limits_an_action() -> None:
    table = rows_of(LIFECYCLE_PAGE, action_rows())
    limited = {rule.action: rule for rule in LIFECYCLE.values() if rule.within or rule.after}
    assert set(limited) == {"UNDO", "REPORT_UNSOLVED", "SOLVE", "UPDATE_SHIPMENT", "REOPEN"}, (
        "say in docs/lifecycle.md, in the column `from`, what limits the new action, and check it"
        " in tests/house/test_docs.py"
    )
    for action, rule in limited.items():
        assert set(_NAME.findall(table[action][2])) >= rule.after
    for action in (Action.REPORT_UNSOLVED, Action.UPDATE_SHIPMENT, Action.REOPEN):
        assert _days(limited[action]) in table[action][2]


def test_the_table_of_needs_is_the_lifecycle() -> None:
    codes = {kind.code() for kind in REFUSALS}
    for name, row in rows_of(LIFECYCLE_PAGE, {need: f"| `{need}` |" for need in Need}).items():
        _, _, actions, refusal = row
        needed_by = {rule.action for rule in LIFECYCLE.values() if Need(name) in rule.needs}
        assert {*_NAME.findall(actions)} == needed_by, name
        assert {*_NAME.findall(refusal)} <= codes, name


def test_the_table_of_clocks_says_their_consequences_and_rules() -> None:
    kinds = {clock.kind: clock for clock in CLOCKS.values()}
    for name, row in rows_of(LIFECYCLE_PAGE, {kind: f"| `{kind}` |" for kind in kinds}).items():
        clock = kinds[ClockKind(name)]
        consequence = [clock.consequence] if clock.consequence else []
        assert row[1] == in_words(clock.window), name
        assert _NAME.findall(row[2]) == consequence, name
        assert _NAME.findall(row[3]) == ([clock.name] if consequence else []), name


def _days(rule: Rule) -> str:
    assert rule.within
    [window] = rule.within.values()
    return f"{window.days} days"


def status_rows() -> dict[str, str]:
    """A row of the table of statuses for every status."""
    clocks = {status: f"`{rule.kind}`, {in_words(rule.window)}" for status, rule in CLOCKS.items()}
    return {
        status: f"| `{status}` | {name.zh} | {name.en} | {clocks.get(status, '–')} |"
        for status, name in STATUS_NAMES.items()
    }


def test_the_table_of_statuses_says_their_names_and_clocks() -> None:
    expected = status_rows()
    for name, row in rows_of(LIFECYCLE_PAGE, expected).items():
        _, zh, _, clock, *_ = expected[name].strip("| ").split(" | ")
        assert (row[1], row[3]) == (zh, clock), LIFECYCLE_PAGE.should_have([expected[name]])


def in_words(window: timedelta) -> str:
    hours = window // timedelta(hours=1)
    return f"{hours} hours" if hours <= 48 else f"{hours // 24} days"


# Refusals and errors


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def refusal_row(kind: type[Refusal]) -> str:
    """A row of the tables of refusals."""
    facts = [f"`{name}`" for name in facts_of(kind)]
    cells = (
        f"`{kind.code()}`",
        f"`{kind.__name__}`",
        "when it is given",
        ", ".join(facts) or "–",
        "yes" if kind.retryable else "no",
        "what a client does",
    )
    return f"| {' | '.join(cells)} |"


def facts_of(kind: type[Refusal]) -> list[str]:
    return [camel(field.name) for field in fields(kind) if field.name != "path"]


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_is_documented_with_its_type_its_facts_and_whether_to_try_again(
    kind: type[Refusal],
) -> None:
    hint = REFUSALS_PAGE.should_have([refusal_row(kind)])
    named = [
        row
        for row in rows(REFUSALS_PAGE.text)
        if row[:2] == [f"`{kind.code()}`", f"`{kind.__name__}`"]
    ]
    assert len(named) == 1, hint
    [row] = named
    assert _NAME.findall(row[3]) == facts_of(kind), hint
    assert row[4] == ("yes" if kind.retryable else "no"), hint
    assert len(row[2]) > 10, "the row does not say when the refusal is given"


def test_no_refusal_is_documented_that_is_not_there() -> None:
    documented = {
        name[1]
        for row in rows(REFUSALS_PAGE.text)
        if len(row) > 4 and (name := _NAME.fullmatch(row[0])) and row[4] in ("yes", "no")
    }
    unknown = documented - {kind.code() for kind in REFUSALS}
    assert unknown == set(), "docs/refusals.md has rows of refusals that do not exist"


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
        name for row in rows(REFUSALS_PAGE.text) for cell in row[:2] for name in _NAME.findall(cell)
    }
    rest = sorted(used - documented)
    assert rest == [], REFUSALS_PAGE.should_have([f"a row of the error {code}" for code in rest])


# Faults


def test_every_fault_is_documented_as_it_is_described() -> None:
    expected = {fault.value: f"| `{fault}` | {FAULTS[fault]} |" for fault in Fault}
    for name, row in rows_of(DOCTOR_PAGE, expected).items():
        assert row[1] == FAULTS[Fault(name)], f"docs/doctor.md should have:\n{expected[name]}"


# Settings and commands


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    variable = f"{PREFIX}{name.upper()}"
    named = [row for row in rows(OPERATING_PAGE.text) if row[0] == f"`{variable}`"]
    assert len(named) == 1, OPERATING_PAGE.should_have([f"one row of `{variable}`"])
    assert named[0][-1], f"the row of `{variable}` does not say what it is for"


@pytest.mark.parametrize("page", [OPERATING_PAGE.text, README], ids=["operating", "README"])
def test_no_setting_is_documented_that_does_not_exist(page: str) -> None:
    names = set(re.findall(rf"\b{PREFIX}[A-Z_]+", page))
    assert names <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_every_command_is_documented_and_no_other() -> None:
    documented = [
        match[1] for row in rows(OPERATING_PAGE.text) if (match := _COMMAND.match(row[0]))
    ]
    group = get_command(cli)
    assert isinstance(group, TyperGroup)
    assert sorted(documented) == sorted(group.commands)


def test_the_readme_has_the_test_command_as_a_reader_types_it() -> None:
    assert re.search(r"^    make test\b", README, re.MULTILINE)
