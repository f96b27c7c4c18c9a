"""China's administrative divisions (GB/T 2260): provinces, their cities, their districts.

Source: @vant/area-data 2.1.0 (MIT), brought to the state of `AS_OF`: 34 provinces, 369 cities and
3,476 districts. The towns of cities without districts have codes of that package, not of GB/T 2260.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from domain.refusals.enrolment import UnknownDivision
from domain.refusals.refusal import Refusal

_TABLE: Final = Path(__file__).parent / "data" / "cn_divisions.csv"
_ABOLISHED: Final = Path(__file__).parent / "data" / "cn_divisions_abolished.csv"

AS_OF: Final = date(2025, 12, 31)
"""The day of whose divisions the table is."""

PLACEHOLDERS: Final = frozenset({"县", "市辖区", "省直辖县", "自治区直辖县级行政区划"})
"""Names of the table that stand for a level that does not exist. No parcel bears them."""

WITHOUT_DISTRICTS: Final = frozenset({"441900", "442000", "460400", "620200"})
"""The cities that GB/T 2260 divides into no districts: 东莞, 中山, 儋州, 嘉峪关.

Their own code is taken as the district, as ERPs send it.
"""


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
    return _read(_TABLE)


@cache
def abolished() -> Mapping[str, Division]:
    """The divisions that new addresses cannot name, by code: abolished ones, and doubles."""
    return _read(_ABOLISHED)


def _read(table: Path) -> Mapping[str, Division]:
    with table.open(encoding="utf-8", newline="") as lines:
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
    """Refuse a code that is unknown, of the wrong level, or not below the preceding code.

    Abolished codes are unknown.
    """
    parent: str | None = None
    for level, code in zip(DivisionLevel, (province, city, district), strict=True):
        if level is DivisionLevel.DISTRICT and code == city in WITHOUT_DISTRICTS:
            continue
        division = divisions().get(code)
        if division is None or division.level is not level or division.parent != parent:
            return UnknownDivision(
                division=code, level=level.lower(), path=(f"{level.lower()}Code",)
            )
        parent = code
    return None


def region_of(*codes: str) -> str:
    """The names of a province, a city and a district as one writes them on a parcel.

    For example 广东省 深圳市 南山区, 北京市 朝阳区 or 河南省 济源市. A code that the table does not
    know stands for itself.
    """
    names: list[str] = []
    for code in codes:
        name = _name_of(code)
        if name and name not in PLACEHOLDERS and names[-1:] != [name]:
            names.append(name)
    return " ".join(names)


def _name_of(code: str) -> str:
    division = divisions().get(code) or abolished().get(code)
    return code if division is None else division.name
