"""Addresses and China's divisions: the table as shipped, and what an address must have."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise

import pytest

from domain.addresses import Address
from domain.divisions import (
    AS_OF,
    PLACEHOLDERS,
    WITHOUT_DISTRICTS,
    abolished,
    below,
    check,
    divisions,
    region_of,
)
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
        "DISTRICT": 3_476,
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


def paths() -> Iterator[tuple[str, str, str]]:
    """The codes of every address that is accepted."""
    for district in divisions().values():
        if district.level == "DISTRICT":
            city = divisions()[district.parent or ""]
            yield city.parent or "", city.code, district.code
    for code in WITHOUT_DISTRICTS:
        yield divisions()[code].parent or "", code, code


@pytest.mark.parametrize(
    ("codes", "region"),
    [
        (("440000", "440300", "440305"), "广东省 深圳市 南山区"),
        (("110000", "110100", "110105"), "北京市 朝阳区"),
        (("500000", "500200", "500235"), "重庆市 云阳县"),
        (("410000", "419000", "419001"), "河南省 济源市"),
        (("650000", "659000", "659013"), "新疆维吾尔自治区 草湖市"),
        (("620000", "620200", "620201"), "甘肃省 嘉峪关市"),
        (("440000", "441900", "441900"), "广东省 东莞市"),
        (("320000", "320600", "320611"), "江苏省 南通市 港闸区"),
        (("440000", "440300", "449999"), "广东省 深圳市 449999"),
        (("990000", "990100", "990101"), "990000 990100 990101"),
        (("", "", ""), ""),
    ],
)
def test_a_region_is_written_as_on_a_parcel(codes: tuple[str, str, str], region: str) -> None:
    assert region_of(*codes) == region


def test_no_region_of_the_table_has_a_placeholder_or_a_name_twice() -> None:
    for codes in paths():
        assert check(*codes) is None
        names = region_of(*codes).split(" ")
        assert not PLACEHOLDERS.intersection(names), names
        assert all(name != below_ for name, below_ in pairwise(names)), names
        assert names[0] == divisions()[codes[0]].name
        assert len(" ".join(names)) <= 100


def test_names_that_only_contain_a_placeholder_stay() -> None:
    counties = [
        one for one in divisions().values() if one.name.endswith("县") and one.level == "DISTRICT"
    ]
    assert len(counties) > 1_000
    for county in counties:
        city = divisions()[county.parent or ""]
        assert region_of(city.parent or "", city.code, county.code).endswith(county.name)


def test_abolished_codes_are_refused_and_stay_readable() -> None:
    assert set(abolished()) == {"320590", "320611", "350402", "370634"}
    for code, division in abolished().items():
        city = divisions()[division.parent or ""]
        codes = (city.parent or "", city.code, code)
        assert check(*codes) == UnknownDivision(
            division=code, level="district", path=("districtCode",)
        )
        assert code not in divisions()
        assert code not in {one.code for one in below(city.code)}
        assert region_of(*codes).endswith(division.name)


def test_the_table_is_of_the_end_of_2025() -> None:
    assert AS_OF.isoformat() == "2025-12-31"
    assert divisions()["659013"].name == "草湖市"
    parks = [one for one in below("320500") if "工业园区" in one.name]
    assert [one.name for one in parks] == ["苏州工业园区"]


@pytest.mark.parametrize("code", ["441900", "442000", "460400", "620200"])
def test_a_city_without_districts_is_its_own_district(code: str) -> None:
    assert {code} <= WITHOUT_DISTRICTS
    province = divisions()[code].parent or ""
    assert check(province, code, code) is None
    assert region_of(province, code, code).count(divisions()[code].name) == 1
    for town in below(code):
        assert check(province, code, town.code) is None


def test_no_other_city_is_its_own_district() -> None:
    for city in divisions().values():
        if city.level == "CITY" and city.code not in WITHOUT_DISTRICTS:
            assert check(city.parent or "", city.code, city.code) is not None


def test_a_stored_address_keeps_the_names_that_it_was_saved_with() -> None:
    stored = NANSHAN.stored() | {"district_code": "449999"}
    assert Address.read(stored).region == "广东省 深圳市 南山区"
    # One from before names were saved has those of today, or the bare code.
    del stored["region"]
    assert Address.read(stored).region == "广东省 深圳市 449999"
