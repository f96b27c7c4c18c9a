"""What a release promises: breaking changes of the SDL since the last one, and deprecations."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    StringValueNode,
    build_ast_schema,
    parse,
)
from graphql.utilities import BreakingChangeType, SchemaChange, find_schema_changes

ROOT: Final = Path(__file__).parents[1]
RELEASES: Final = ROOT / "docs" / "releases"
SDL: Final = "schema.graphql"

_HEADING = re.compile(r"^## (\d+\.\d+\.\d+)(?: \((unreleased|\d{4}-\d{2}-\d{2})\))?$", re.MULTILINE)
_UNTIL = re.compile(r"\bUntil (\d{4}-\d{2}-\d{2})\b")
_COORDINATE = r"(@?\w+(?:\.\w+)?(?:\(\w+:\))?)"

PLACES: Final[dict[BreakingChangeType, str]] = {
    BreakingChangeType.TYPE_REMOVED: rf"^(?:Standard scalar )?{_COORDINATE} was removed",
    BreakingChangeType.TYPE_CHANGED_KIND: rf"^{_COORDINATE} changed from",
    BreakingChangeType.TYPE_REMOVED_FROM_UNION: rf"union type {_COORDINATE}\.$",
    BreakingChangeType.VALUE_REMOVED_FROM_ENUM: rf"^Enum value {_COORDINATE} ",
    BreakingChangeType.REQUIRED_INPUT_FIELD_ADDED: rf"^A required field {_COORDINATE} ",
    BreakingChangeType.IMPLEMENTED_INTERFACE_REMOVED: rf"^{_COORDINATE} no longer",
    BreakingChangeType.FIELD_REMOVED: rf"^Field {_COORDINATE} ",
    BreakingChangeType.FIELD_CHANGED_KIND: rf"^Field {_COORDINATE} ",
    BreakingChangeType.REQUIRED_ARG_ADDED: rf"^A required argument {_COORDINATE} ",
    BreakingChangeType.ARG_REMOVED: rf"^Argument {_COORDINATE} ",
    BreakingChangeType.ARG_CHANGED_KIND: rf"^Argument {_COORDINATE} ",
    BreakingChangeType.DIRECTIVE_REMOVED: rf"^Directive {_COORDINATE} ",
    BreakingChangeType.DIRECTIVE_ARG_REMOVED: rf"^Argument {_COORDINATE} ",
    BreakingChangeType.REQUIRED_DIRECTIVE_ARG_ADDED: rf"^A required argument {_COORDINATE} ",
    BreakingChangeType.DIRECTIVE_REPEATABLE_REMOVED: rf"from {_COORDINATE}\.$",
    BreakingChangeType.DIRECTIVE_LOCATION_REMOVED: rf"from {_COORDINATE}\.$",
}
"""For each kind of breaking change, the coordinate of the changed element in its description."""


@dataclass(frozen=True)
class Release:
    """A version that clients use, and its SDL."""

    version: str
    sdl: str

    @property
    def number(self) -> tuple[int, ...]:
        return number_of(self.version)


@dataclass(frozen=True)
class Section:
    """The part of the changelog about one version."""

    version: str
    released: str | None
    """The date, or ``unreleased``."""
    text: str

    @property
    def breaking(self) -> set[str]:
        """The elements that the heading *Breaking* names in backticks."""
        parts = re.split(r"^### ", self.text, flags=re.MULTILINE)
        return {
            name
            for part in parts
            if part.startswith("Breaking\n")
            for name in re.findall(r"`([^`]+)`", part)
        }


def number_of(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def kept_releases() -> list[Release]:
    """The SDLs that the repository keeps, the oldest first."""
    files = RELEASES.glob("*.graphql")
    releases = [Release(file.stem, file.read_text("utf-8")) for file in files]
    return sorted(releases, key=lambda release: release.number)


@cache
def tagged_releases() -> list[Release]:
    """The SDLs at the tags of this checkout, the oldest first; none without git or tags."""
    tags = [tag for tag in _git("tag", "--list", "v*").split() if re.fullmatch(r"v[\d.]+", tag)]
    releases = [Release(tag[1:], _git("show", f"{tag}:{SDL}")) for tag in tags]
    return sorted(
        (release for release in releases if release.sdl), key=lambda release: release.number
    )


def last_release() -> Release:
    """The newest release, by tags, or else by the kept SDLs: a shallow checkout has no tags."""
    return max([*kept_releases(), *tagged_releases()], key=lambda release: release.number)


def sections(changelog: str) -> list[Section]:
    """The parts of the changelog, in its order."""
    headings = list(_HEADING.finditer(changelog))
    ends = [heading.start() for heading in headings[1:]] + [len(changelog)]
    return [
        Section(heading[1], heading[2], changelog[heading.end() : end])
        for heading, end in zip(headings, ends, strict=True)
    ]


@cache
def breaking_changes(old: str, new: str) -> list[tuple[str, SchemaChange]]:
    """Each breaking change between two SDLs, with the coordinate of the changed element."""
    changes = find_schema_changes(build_ast_schema(_parsed(old)), build_ast_schema(_parsed(new)))
    placed: list[tuple[str, SchemaChange]] = []
    for change in changes:
        if isinstance(change.type, BreakingChangeType):
            place = re.search(PLACES[change.type], change.description)
            assert place, f"graphql-core words {change.type.name} differently: {change.description}"
            placed.append((place[1], change))
    return placed


def unlisted(old: str, new: str, listed: set[str]) -> list[str]:
    """The breaking changes that no listed coordinate, or ``Type.*``, names."""
    return [
        f"`{coordinate}`: {change.description}"
        for coordinate, change in breaking_changes(old, new)
        if coordinate not in listed and f"{coordinate.partition('.')[0]}.*" not in listed
    ]


@cache
def _parsed(sdl: str) -> DocumentNode:
    return parse(sdl)


def deprecations(sdl: str) -> dict[str, str]:
    """The reason of every deprecated element, by its coordinate."""
    return dict(_deprecated(sdl))


def undated(sdl: str) -> list[str]:
    """The deprecated elements whose reason has no ``Until YYYY-MM-DD``, or no day of a calendar."""
    return [name for name, reason in deprecations(sdl).items() if until(reason) is None]


def removed_early(old: str, new: str, today: date) -> list[str]:
    """The elements that are gone before the day to which their deprecation promised them."""
    promised = {name: until(reason) for name, reason in deprecations(old).items()}
    return [
        f"`{coordinate}` was promised until {day}"
        for coordinate, _ in breaking_changes(old, new)
        if (day := promised.get(coordinate)) is not None and day > today
    ]


def until(reason: str) -> date | None:
    """The day that a reason names."""
    match = _UNTIL.search(reason)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _deprecated(sdl: str) -> Iterator[tuple[str, str]]:
    for definition in _parsed(sdl).definitions:
        name = getattr(definition, "name", None)
        if isinstance(definition, DirectiveDefinitionNode):
            yield from _of_arguments(f"@{definition.name.value}", definition.arguments)
        elif name is not None:
            members = getattr(definition, "fields", None) or getattr(definition, "values", None)
            for member in members or ():
                coordinate = f"{name.value}.{member.name.value}"
                yield from _reason(coordinate, member)
                yield from _of_arguments(coordinate, getattr(member, "arguments", None))


def _of_arguments(
    name: str, arguments: Sequence[InputValueDefinitionNode] | None
) -> Iterator[tuple[str, str]]:
    for argument in arguments or ():
        yield from _reason(f"{name}({argument.name.value}:)", argument)


def _reason(
    name: str, node: FieldDefinitionNode | EnumValueDefinitionNode | InputValueDefinitionNode
) -> Iterator[tuple[str, str]]:
    for directive in node.directives or ():
        if directive.name.value == "deprecated":
            values = [argument.value for argument in directive.arguments or ()]
            texts = [value.value for value in values if isinstance(value, StringValueNode)]
            yield name, "".join(texts)


def _git(*arguments: str) -> str:
    """What git prints; nothing where there is no git, no checkout or no such object."""
    try:
        ran = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, check=False, text=True
        )
    except FileNotFoundError:
        return ""
    return ran.stdout if ran.returncode == 0 else ""
