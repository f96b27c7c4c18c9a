"""Postal addresses in China: required fields, and how they are stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from domain import divisions
from domain.refusals.enrolment import IncompleteAddress
from domain.refusals.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address. Each division code is the parent of the next.

    ``region`` are the names of the divisions, as they were when the address was saved: the table
    can change. Without it, the names are those of today.
    """

    contact: str
    phone: str
    zip: str | None
    province_code: str
    city_code: str
    district_code: str
    detail: str
    region: str = ""

    def __post_init__(self) -> None:
        if not self.region:  # also for NULL, in rows from before regions were saved
            codes = (self.province_code, self.city_code, self.district_code)
            object.__setattr__(self, "region", divisions.region_of(*codes))

    @classmethod
    def read(cls, stored: Mapping[str, str]) -> Self:
        return cls(**stored)

    def stored(self) -> dict[str, Any]:  # Any: the value of a JSON column
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def problem(self, *path: str) -> Refusal | None:
        """Why the address is refused, None if it is valid. ``path`` leads to the address."""
        missing = tuple(_missing(self))
        if missing:
            return IncompleteAddress(missing=missing, path=path)
        refusal = divisions.check(self.province_code, self.city_code, self.district_code)
        return refusal and replace(refusal, path=(*path, *refusal.path))


_REQUIRED = {
    "contact": "contact",
    "phone": "phone",
    "province_code": "provinceCode",
    "city_code": "cityCode",
    "district_code": "districtCode",
    "detail": "detail",
}


def _missing(address: Address) -> Iterator[str]:
    for attribute, field in _REQUIRED.items():
        if not getattr(address, attribute):
            yield field
