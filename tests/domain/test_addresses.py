"""Addresses and China's divisions: the table as shipped, and what an address must have."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from domain.addresses import Address
from domain.divisions import below, check, divisions
from domain.refusals.enrolment import IncompleteAddress, UnknownDivision

NANSHAN = Address(
    contact="王店长",
    phone="13800138000",
    zip=None,
    province_code="440000",
    city_code="440300",
    district_code="440305",
    detail="科技园路 1 号",
)


def test_the_table_has_all_divisions() -> None:
    assert Counter(one.level for one in divisions().values()) == {
        "PROVINCE": 34,
        "CITY": 369,
        "DISTRICT": 3_479,
    }


def test_every_division_lies_in_one_of_the_level_above() -> None:
    above = {"PROVINCE": None, "CITY": "PROVINCE", "DISTRICT": "CITY"}
    for code, one in divisions().items():
        assert code == one.code
        assert len(code) == 6
        assert code.isascii()
        assert code.isdigit()
        assert one.name.strip() == one.name != ""
        parent = divisions()[one.parent].level if one.parent else None
        assert parent == above[one.level], one


def test_a_form_can_ask_level_by_level_and_reaches_every_division() -> None:
    provinces = below(None)
    cities = [city for province in provinces for city in below(province.code)]
    districts = [district for city in cities for district in below(city.code)]
    assert len(provinces) == 34
    assert {one.code for one in (*provinces, *cities, *districts)} == set(divisions())
    assert below(districts[0].code) == ()
    assert below("000000") == ()


def test_every_district_with_its_city_and_province_is_accepted() -> None:
    for district in divisions().values():
        if district.level == "DISTRICT":
            assert district.parent is not None
            city = divisions()[district.parent]
            assert city.parent is not None
            assert check(city.parent, city.code, district.code) is None


@pytest.mark.parametrize(
    ("codes", "level"),
    [
        (("999999", "440300", "440305"), "province"),  # unknown
        (("", "440300", "440305"), "province"),
        (("440300", "440300", "440305"), "province"),  # a city
        (("440305", "440300", "440305"), "province"),  # a district
        (("440000", "999999", "440305"), "city"),
        (("440000", "110100", "440305"), "city"),  # a city of another province
        (("440000", "440305", "440305"), "city"),  # a district
        (("440000", "440000", "440305"), "city"),  # the province
        (("440000", "440300", "999999"), "district"),
        (("440000", "440300", "440106"), "district"),  # a district of another city
        (("440000", "440300", "440300"), "district"),  # the city
        (("440000", "440300", "４４０３０５"), "district"),  # fullwidth digits
        (("440000", "440300", "440305 "), "district"),
    ],
)
def test_a_code_that_is_unknown_of_another_level_or_elsewhere_is_refused_by_name(
    codes: tuple[str, str, str], level: str
) -> None:
    wrong = dict(zip(("province", "city", "district"), codes, strict=True))[level]
    assert check(*codes) == UnknownDivision(division=wrong, level=level, path=(f"{level}Code",))


FIELDS = {
    "contact": "contact",
    "phone": "phone",
    "province_code": "provinceCode",
    "city_code": "cityCode",
    "district_code": "districtCode",
    "detail": "detail",
}


def test_every_combination_of_missing_fields_is_named() -> None:
    for size in range(1, len(FIELDS) + 1):
        for missing in combinations(FIELDS, size):
            address = replace(NANSHAN, **dict.fromkeys(missing, ""))
            named = tuple(FIELDS[name] for name in missing)
            assert address.problem() == IncompleteAddress(missing=named)


def test_an_address_needs_no_zip() -> None:
    assert NANSHAN.problem() is None
    assert replace(NANSHAN, zip="518000").problem() is None


def test_an_address_in_no_division_is_refused() -> None:
    assert replace(NANSHAN, city_code="110100").problem() == UnknownDivision(
        division="110100", level="city", path=("cityCode",)
    )


def test_an_address_says_its_region_and_survives_being_stored() -> None:
    assert NANSHAN.region == "广东省 深圳市 南山区"
    assert Address.read(NANSHAN.stored()) == NANSHAN
