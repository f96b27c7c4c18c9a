"""The catalogue of permissions, the roles that a merchant starts with, and who may grant what."""

from collections import Counter
from itertools import chain, combinations

import pytest

from domain.permissions import CATALOGUE, CONNECTOR, DELEGABLE, MAIN_ACCOUNT, PLATFORM, Permission
from domain.refusals.refusal import Refused
from domain.refusals.staff import NotDelegable, PermissionNotHeld
from domain.roles import STARTER_ROLES
from domain.staffing import check_grant

# The specification's §4, by hand.
FOR_STAFF = {
    "SERVICE_ORDER_READ",
    "REVIEW",
    "RECEIVE",
    "PROCESS",
    "REFUND",
    "NOTE",
    "ASSIGN",
    "CUSTOMER_CONTACT_READ",
    "EXPORT",
    "QUALITY_READ",
    "SETTINGS_MANAGE",
    "APPLICATION_SUBMIT",
}
FOR_CONNECTORS = {"APPLICATION_SUBMIT", "CUSTOMER_ACT", "REFUND_REPORT"}
FOR_THE_PLATFORM = {
    "ENROLMENT_REVIEW",
    "INTERVENE",
    "CALENDAR_MANAGE",
    "MERCHANT_READ",
    "PLATFORM_ACCOUNT_MANAGE",
    "QUALITY_MANAGE",
}


def test_the_catalogue_explains_every_permission_once_in_both_languages() -> None:
    counts = Counter(line.permission for line in CATALOGUE)
    assert counts == dict.fromkeys(Permission, 1), "see CATALOGUE in domain/permissions.py"
    for line in CATALOGUE:
        for text in (line.name, line.description):
            assert text.zh != text.en
            assert text.zh.isascii() is False
            assert text.en.isascii()


def test_permissions_are_for_those_whom_the_specification_names() -> None:
    named = FOR_STAFF | {"STAFF_MANAGE"} | FOR_CONNECTORS | FOR_THE_PLATFORM
    missing = set(Permission) - named
    assert not missing, (
        f"add {missing} to one of the sets above, in tests/domain/test_permissions.py"
    )
    assert set(Permission) == named
    assert {"APPLICATION_SUBMIT"} == FOR_STAFF & FOR_CONNECTORS
    assert DELEGABLE == FOR_STAFF
    assert set(MAIN_ACCOUNT) == {*FOR_STAFF, "STAFF_MANAGE"}
    assert CONNECTOR == FOR_CONNECTORS
    assert PLATFORM == FOR_THE_PLATFORM


def test_a_merchant_starts_with_five_role_groups() -> None:
    assert {role.name: role.permissions for role in STARTER_ROLES} == {
        "审核组": {"SERVICE_ORDER_READ", "REVIEW", "NOTE"},
        "收货组": {"SERVICE_ORDER_READ", "RECEIVE", "NOTE"},
        "处理组": {"SERVICE_ORDER_READ", "RECEIVE", "PROCESS", "NOTE"},
        "售后主管": FOR_STAFF,
        "只读": {"SERVICE_ORDER_READ", "QUALITY_READ"},
    }


SOME = [
    Permission.REVIEW,
    Permission.PROCESS,
    Permission.STAFF_MANAGE,
    Permission.CUSTOMER_ACT,
    Permission.INTERVENE,
]
SETS = [
    frozenset(chosen)
    for chosen in chain.from_iterable(combinations(SOME, size) for size in range(len(SOME) + 1))
]


@pytest.mark.parametrize("held", SETS, ids=lambda held: "+".join(sorted(held)) or "nothing")
def test_nobody_grants_what_they_do_not_hold_or_what_roles_cannot_carry(
    held: frozenset[Permission],
) -> None:
    for granted in SETS:
        fixed = granted & {"STAFF_MANAGE", "CUSTOMER_ACT", "INTERVENE"}
        beyond = granted - held
        if not fixed and not beyond:
            check_grant(granted, held=held, path=("permissions",))
            continue
        with pytest.raises(Refused) as refused:
            check_grant(granted, held=held, path=("permissions",))
        expected = (
            NotDelegable(permissions=tuple(sorted(fixed)), path=("permissions",))
            if fixed
            else PermissionNotHeld(permissions=tuple(sorted(beyond)), path=("permissions",))
        )
        assert refused.value.refusals == (expected,)
