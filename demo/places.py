"""Invented customers with addresses: real districts, invented streets."""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from domain.addresses import Address
from domain.divisions import Division, DivisionLevel, divisions

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
)
_GIVEN: Final = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "洋",
    "艳",
    "勇",
    "杰",
    "秀英",
    "志强",
    "建国",
    "晓明",
    "雨桐",
    "子涵",
    "欣怡",
    "梓轩",
    "浩然",
    "思远",
    "嘉琪",
    "文博",
    "佳慧",
    "俊杰",
    "诗雨",
    "海燕",
    "国栋",
    "丽华",
    "晨曦",
    "若兰",
)
_STREETS: Final = ("人民路", "解放路", "建设大街", "和平街", "滨河路", "文化路", "新华街", "学院路")
_COMMUNITIES: Final = ("锦绣家园", "阳光花园", "翠湖苑", "金桂小区", "书香里", "御景湾", "安居苑")
_LONGEST_TOWN: Final = 4
_BEHIND_CUSTOMS: Final = "700000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer of one of the merchants."""

    ref: str
    name: str
    phone: str
    address: Address


def full_name(random: Random) -> str:
    return random.choice(_SURNAMES) + random.choice(_GIVEN)


def phone(number: int) -> str:
    """A number of the block 1380013xxxx, which manuals use for examples."""
    return f"1380013{number % 10_000:04}"


def customer(random: Random, number: int) -> Customer:
    name, phone_number = full_name(random), phone(number)
    return Customer(
        ref=f"C{100_000 + number}",
        name=name,
        phone=phone_number,
        address=Address(
            contact=name, phone=phone_number, zip=None, detail=_detail(random), **_district(random)
        ),
    )


def address(district: str, *, contact: str, phone: str, zip: str, detail: str) -> Address:
    """An address by the code of its district."""
    return Address(
        contact=contact, phone=phone, zip=zip, detail=detail, **_path(divisions()[district])
    )


def _detail(random: Random) -> str:
    street, community = random.choice(_STREETS), random.choice(_COMMUNITIES)
    house, block, unit = random.randint(1, 320), random.randint(1, 28), random.randint(1, 4)
    flat = random.randint(1, 26) * 100 + random.randint(1, 4)
    return f"{street}{house}号{community}{block}栋{unit}单元{flat}室"


def _district(random: Random) -> dict[str, str]:
    return _path(random.choice(_urban()))


@cache
def _urban() -> tuple[Division, ...]:
    """Urban districts: the invented streets would not be plausible elsewhere."""
    return tuple(
        division
        for division in divisions().values()
        if division.level is DivisionLevel.DISTRICT
        and division.name.endswith("区")
        and len(division.name) <= _LONGEST_TOWN
        and division.code < _BEHIND_CUSTOMS
        and divisions()[division.parent or ""].name.endswith("市")
    )


def _path(district: Division) -> dict[str, str]:
    city = divisions()[district.parent or ""]
    return {
        "province_code": city.parent or "",
        "city_code": city.code,
        "district_code": district.code,
    }
