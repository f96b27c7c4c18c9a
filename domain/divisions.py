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
    """How large a division is."""

    PROVINCE = "PROVINCE"
    CITY = "CITY"
    DISTRICT = "DISTRICT"


@dataclass(frozen=True, slots=True)
class Division:
    """A province, a city or a district; ``parent`` is the code of the division above."""

    code: str
    name: str
    parent: str | None
    level: DivisionLevel


@cache
def divisions() -> Mapping[str, Division]:
    """The whole table by code, in its own order."""
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
    """The divisions directly below one, or the provinces below None."""
    return tuple(one for one in divisions().values() if one.parent == parent)


def check(province: str, city: str, district: str) -> Refusal | None:
    """Refuse codes that are unknown, of the wrong level, or not each the parent of the next."""
    above: str | None = None
    for level, code in zip(DivisionLevel, (province, city, district), strict=True):
        found = divisions().get(code)
        if found is None or found.level is not level or found.parent != above:
            return UnknownDivision(
                division=code, level=level.lower(), path=(f"{level.lower()}Code",)
            )
        above = code
    return None


def name_of(code: str) -> str:
    return divisions()[code].name
