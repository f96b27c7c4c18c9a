"""Where goods go: the first rule that fits, or else the default address."""

from dataclasses import replace
from itertools import permutations

import pytest

from domain.addresses import Address
from domain.destinations import (
    DEFAULT,
    AddressRule,
    AddressRules,
    Destination,
    Goods,
    RuleKind,
    destination,
)

HOME = Address(
    contact="王店长",
    phone="13800138000",
    zip=None,
    province_code="440000",
    city_code="440300",
    district_code="440305",
    detail="一号",
)
ADDRESSES = {id_: replace(HOME, detail=f"仓库 {id_}") for id_ in (1, 2, 3)}
RULES = (
    AddressRule(kind=RuleKind.SKU_PREFIX, value="AB-", address_id=1),
    AddressRule(kind=RuleKind.CATEGORY, value="手机", address_id=2),
    AddressRule(kind=RuleKind.WAREHOUSE, value="南仓", address_id=3),
)
EVERYTHING = Goods(sku="AB-1", category="手机", warehouse="南仓")


@pytest.mark.parametrize(
    ("kind", "value", "goods", "fits"),
    [
        ("SKU_PREFIX", "AB-", Goods(sku="AB-"), True),
        ("SKU_PREFIX", "AB-", Goods(sku="AB"), False),
        ("SKU_PREFIX", "AB-", Goods(sku="ab-1"), False),
        ("SKU_PREFIX", "AB-", Goods(sku="XAB-1"), False),
        ("CATEGORY", "手机", Goods(sku="X", category="手机"), True),
        ("CATEGORY", "手机", Goods(sku="手机", category="手机壳"), False),
        ("CATEGORY", "手机", Goods(sku="X", warehouse="手机"), False),
        ("WAREHOUSE", "南仓", Goods(sku="X", warehouse="南仓"), True),
        ("WAREHOUSE", "南仓", Goods(sku="南仓"), False),
    ],
)
def test_a_rule_fits_exactly_what_it_names(kind: str, value: str, goods: Goods, fits: bool) -> None:
    rule = AddressRule(kind=RuleKind(kind), value=value, address_id=1)
    assert rule.fits(goods) is fits


def test_of_rules_that_all_fit_the_first_one_wins_in_every_order() -> None:
    for rules in permutations(RULES):
        stored = AddressRules(version=1, rules=rules, addresses=ADDRESSES).stored()
        first = rules[0]
        expected = Destination(address=ADDRESSES[first.address_id], rule=first.name)
        assert destination(EVERYTHING, stored, HOME) == expected
        assert destination(EVERYTHING, stored, None) == expected
        assert destination(Goods(sku="X"), stored, HOME) == Destination(address=HOME, rule=DEFAULT)
        assert destination(Goods(sku="X"), stored, None) is None
    assert destination(EVERYTHING, None, None) is None


def test_what_is_stored_is_read_again() -> None:
    rules = AddressRules(version=3, rules=list(RULES), addresses=ADDRESSES)
    assert AddressRules.read(rules.stored()) == rules
