"""The picture in docs/architecture.md shows the imports between the rooms, and no others."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ROOMS: list[str] = PROJECT["tool"]["importlinter"]["root_packages"]
DOORS: list[str] = PROJECT["tool"]["setuptools"]["py-modules"]

Arrow = tuple[str, str]

_ARROW = re.compile(r" +(\w+) (-->|-\.->) (\w+)")


def modules_of(file: Path) -> Iterator[str]:
    """The top-level modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def real_imports() -> dict[Arrow, Path]:
    """The imports between two rooms, each with a file that has it. The doors are one room."""
    files = [(room, file) for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
    files += [("doors", ROOT / f"{module}.py") for module in DOORS]
    room_of = dict.fromkeys(DOORS, "doors") | {room: room for room in ROOMS}
    return {
        (room, room_of[module]): file.relative_to(ROOT)
        for room, file in files
        for module in modules_of(file)
        if module in room_of and room_of[module] != room
    }


def picture() -> str:
    [block] = re.findall(r"```mermaid\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return block


def arrows(kind: str) -> set[Arrow]:
    matches = [match for line in picture().splitlines() if (match := _ARROW.fullmatch(line))]
    assert len(matches) == sum("->" in line for line in picture().splitlines())
    return {(match[1], match[3]) for match in matches if match[2] == kind}


def reachable(room: str, drawn: set[Arrow]) -> set[str]:
    rooms, waiting = set[str](), [room]
    while waiting:
        source = waiting.pop()
        targets = {target for start, target in drawn if start == source} - rooms
        rooms |= targets
        waiting += targets
    return rooms


def test_every_room_is_drawn_and_stands_in_the_table() -> None:
    boxes = set(re.findall(r"^ +(\w+)\[", picture(), re.MULTILINE))
    assert boxes == {*ROOMS, "doors"}
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| [`")]
    assert {room for room in ROOMS if not any(f"(../{room}/)" in row for row in rows)} == set()


def test_every_arrow_is_an_import() -> None:
    missing = arrows("-->") - real_imports().keys()
    assert missing == set(), f"no file imports along these arrows of {PAGE.name}: {missing}"


def test_every_import_follows_the_arrows() -> None:
    drawn = arrows("-->")
    undrawn = {
        f"{room} --> {target}: {file}"
        for (room, target), file in real_imports().items()
        if target not in reachable(room, drawn)
    }
    assert undrawn == set(), f"{PAGE.name} has no way along its arrows for these imports"


def test_the_arrows_lead_down() -> None:
    drawn = arrows("-->")
    assert [room for room in (*ROOMS, "doors") if room in reachable(room, drawn)] == []


def test_a_dashed_arrow_is_a_call_without_an_import() -> None:
    assert arrows("-.->") & real_imports().keys() == set()


def test_every_term_of_the_glossary_names_its_module_and_is_one_sentence() -> None:
    _, _, glossary = PAGE.read_text("utf-8").partition("## Glossary")
    rows = [line.strip("| ").split(" | ") for line in glossary.splitlines() if " | [" in line]
    assert len(rows) > 30
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=str.lower)
    for term, meaning, module in rows:
        assert meaning.endswith("."), term
        assert re.fullmatch(r"\[`[\w/]+\.py`\]\(\.\./[\w/]+\.py\)", module), term
