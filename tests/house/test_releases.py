"""A version says what it breaks, and how long a deprecated element lives."""

import re
import tomllib
from datetime import date, timedelta
from importlib.metadata import version

import pytest
from graphql import build_schema
from graphql.utilities import BreakingChangeType
from typer.testing import CliRunner

from cli import cli
from settings import PREFIX, Settings
from tests.releases import (
    PLACES,
    ROOT,
    breaking_changes,
    kept_releases,
    last_release,
    number_of,
    removed_early,
    sections,
    tagged_releases,
    undated,
    unlisted,
)

CHANGELOG = ROOT / "CHANGELOG.md"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

OLD = """
directive @old on FIELD
directive @narrow(a: Int) repeatable on FIELD | QUERY
interface Node { id: ID! }
union Any = A | B
enum Colour { RED GREEN @deprecated(reason: "Take RED. Until 2027-05-31.") }
input Filter { a: Int }
scalar Gone
type A implements Node { id: ID!, f(x: Int, y: Int): Int!, g: Int, h: Gone }
type B { id: ID! }
type Query { any: Any, colour: Colour, a(filter: Filter): A, kind: B }
"""
NEW = """
directive @narrow(b: Int!) on FIELD
interface Node { id: ID! }
union Any = A
enum Colour { RED }
input Filter { a: Int, b: Int! }
type A { id: ID!, f(x: String, z: Int!): Int }
input B { id: ID! }
type Query { any: Any, colour: Colour, a(filter: Filter): A, kind(b: B): Int }
"""
BROKEN = {
    "@old",
    "@narrow",
    "@narrow(a:)",
    "@narrow(b:)",
    "Any",
    "Colour.GREEN",
    "Filter.b",
    "Gone",
    "A",
    "A.f",
    "A.f(x:)",
    "A.f(y:)",
    "A.f(z:)",
    "A.g",
    "A.h",
    "B",
    "Query.kind",
}


def test_every_breaking_change_since_the_last_release_is_in_the_changelog() -> None:
    released = last_release()
    newer = [
        section
        for section in sections(CHANGELOG.read_text("utf-8"))
        if number_of(section.version) > released.number
    ]
    listed = {name for section in newer for name in section.breaking}
    missing = unlisted(released.sdl, (ROOT / "schema.graphql").read_text("utf-8"), listed)
    lines = "\n".join(missing)
    assert missing == [], (
        f"breaking changes since {released.version}: undo them, or name each under ### Breaking"
        f" of a newer version in CHANGELOG.md:\n{lines}"
    )


def test_nothing_goes_before_the_day_to_which_its_deprecation_promised_it() -> None:
    current = (ROOT / "schema.graphql").read_text("utf-8")
    early = removed_early(last_release().sdl, current, date.today())  # noqa: DTZ011 - any zone will do
    assert early == [], "restore these"


def test_every_deprecation_names_the_day_until_which_the_element_lives() -> None:
    missing = undated((ROOT / "schema.graphql").read_text("utf-8"))
    assert missing == [], "begin or end each reason with: Until YYYY-MM-DD."


def test_the_changelog_has_a_section_for_each_version_with_the_newest_first() -> None:
    parts = sections(CHANGELOG.read_text("utf-8"))
    headings = re.findall(r"^## .*", CHANGELOG.read_text("utf-8"), re.MULTILINE)
    assert len(parts) == len(headings), headings
    numbers = [number_of(part.version) for part in parts]
    assert numbers == sorted(numbers, reverse=True)
    assert parts[0].version == VERSION, "the version of pyproject.toml is the newest"
    assert all(part.released is not None for part in parts), "a date, or unreleased"
    assert {part.version for part in parts if part.released == "unreleased"} <= {VERSION}
    kept = {release.version for release in kept_releases()}
    released = {part.version for part in parts if part.released != "unreleased"}
    assert kept == released, "docs/releases/ keeps the SDL of each released version"


def test_a_tag_has_the_sdl_that_the_repository_keeps() -> None:
    kept = {release.version: release.sdl for release in kept_releases()}
    tags = {release.version: release.sdl for release in tagged_releases()}
    assert {name: sdl for name, sdl in tags.items() if kept.get(name) != sdl} == {}


def test_the_command_prints_the_version_of_the_package() -> None:
    printed = CliRunner().invoke(cli, ["--version"]).output
    assert printed == f"{version('aftersales')}\n" == f"{VERSION}\n", "make setup"


def test_help_and_settings_cut_nothing_at_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    address = f"https://{'a-long-name.' * 9}example.test"
    environment = {f"{PREFIX}PUBLIC_URL": address}
    printed = CliRunner().invoke(cli, ["settings"], env=environment).output
    for name, field in Settings.model_fields.items():
        assert f"{PREFIX}{name.upper()}=" in printed
        assert field.description
        assert " ".join(field.description.split()) in " ".join(printed.split())
    assert f"{PREFIX}PUBLIC_URL={address}\n" in printed
    narrow = [line for line in printed.splitlines() if not line.startswith(PREFIX)]
    assert max(map(len, narrow)) <= 80
    for arguments in ([], ["quality"]):
        text = CliRunner().invoke(cli, [*arguments, "--help"]).output
        assert "..." not in text.replace("[ARGS]...", "")
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= 80


# The checks themselves, on made-up schemas


def test_each_kind_of_breaking_change_is_found_at_its_element() -> None:
    changes = list(breaking_changes(OLD, NEW))
    assert {change.type for _, change in changes} == set(PLACES) == set(BreakingChangeType)
    assert {coordinate for coordinate, _ in changes} == BROKEN


def test_a_breaking_change_passes_only_when_the_changelog_names_it() -> None:
    text = "\n### Schema\n\n- `A.f` is new.\n\n### Breaking\n\n- `A.*` and `Colour.GREEN`.\n"
    [section] = sections(f"## 9.9.9 (unreleased)\n{text}")
    assert section.breaking == {"A.*", "Colour.GREEN"}
    places = {line.split("`")[1] for line in unlisted(OLD, NEW, section.breaking)}
    named = {"Colour.GREEN", "A", *(place for place in BROKEN if place.startswith("A."))}
    assert places == BROKEN - named
    assert unlisted(OLD, NEW, BROKEN) == []
    assert unlisted(OLD, OLD, set()) == []


def test_a_deprecated_element_stays_until_its_day() -> None:
    last = date(2027, 5, 31)
    gone = ["`Colour.GREEN` was promised until 2027-05-31"]
    assert removed_early(OLD, NEW, last - timedelta(days=1)) == gone
    assert removed_early(OLD, NEW, last) == []


def test_a_deprecation_of_any_element_needs_its_day() -> None:
    reason = '@deprecated(reason: "Take the other. {}")'
    dateless, wrong, dated = (
        reason.format(text) for text in ("Soon.", "Until 2027-02-30.", "Until 2027-02-28.")
    )
    sdl = f"""
    directive @d(a: Int {dateless}, b: Int {dated}) on FIELD
    enum E {{ A {wrong} B {dated} C @deprecated }}
    input I {{ a: Int {dateless}, b: Int {dated} }}
    interface N {{ f: Int {dateless} }}
    type Query {{ f(a: Int {dateless}): Int {wrong}, g(i: I, e: E): N {dated} }}
    """
    build_schema(sdl)
    assert undated(sdl) == ["@d(a:)", "E.A", "E.C", "I.a", "N.f", "Query.f", "Query.f(a:)"]
