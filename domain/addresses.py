"""Postal addresses in China: required fields, and how they are stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from domain import divisions
from domain.refusals.enrolment import IncompleteAddress
from domain.refusals.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address. Each division code is the parent of the next."""

    contact: str
    phone: str
    zip: str | None
    province_code: str
    city_code: str
    district_code: str
    detail: str

    @classmethod
    def read(cls, stored: Mapping[str, str]) -> Self:
        return cls(**stored)

    def stored(self) -> dict[str, Any]:  # Any: the value of a JSON column
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def region(self) -> str:
        """The names of the three divisions: 广东省 深圳市 南山区."""
        codes = (self.province_code, self.city_code, self.district_code)
        return " ".join(divisions.name_of(code) for code in codes)

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
