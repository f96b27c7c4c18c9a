"""China's administrative divisions (GB/T 2260): provinces, their cities, their districts.

Source: @vant/area-data 2.1.0 (MIT), 34 provinces, 369 cities and 3,479 districts.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from domain.refusals.enrolment import UnknownDivision
from domain.refusals.refusal import Refusal

_TABLE = Path(__file__).parent / "data" / "cn_divisions.csv"


class DivisionLevel(StrEnum):
    """The level of a division."""

    PROVINCE = "PROVINCE"
    CITY = "CITY"
    DISTRICT = "DISTRICT"


@dataclass(frozen=True, slots=True)
class Division:
    """A province, a city or a district. ``parent`` is the code of its parent division."""

    code: str
    name: str
    parent: str | None
    level: DivisionLevel


@cache
def divisions() -> Mapping[str, Division]:
    """The table by code, in the order of the file."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: Division(
                code=row["code"],
                name=row["name"],
                parent=row["parent_code"] or None,
                level=DivisionLevel(row["level"].upper()),
            )
            for row in csv.DictReader(lines)
        }


@cache
def below(parent: str | None) -> tuple[Division, ...]:
    """The divisions directly below a parent. Below None are the provinces."""
    return tuple(division for division in divisions().values() if division.parent == parent)


def check(province: str, city: str, district: str) -> Refusal | None:
    """Refuse a code that is unknown, of the wrong level, or not below the preceding code."""
    parent: str | None = None
    for level, code in zip(DivisionLevel, (province, city, district), strict=True):
        division = divisions().get(code)
        if division is None or division.level is not level or division.parent != parent:
            return UnknownDivision(
                division=code, level=level.lower(), path=(f"{level.lower()}Code",)
            )
        parent = code
    return None


def name_of(code: str) -> str:
    return divisions()[code].name
