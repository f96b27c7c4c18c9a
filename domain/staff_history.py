"""The kinds of entries in the histories of a merchant's staff and of the platform's accounts."""

from collections.abc import Mapping
from enum import auto
from typing import Any

from domain.names import Named

Values = Mapping[str, Any]  # Any: JSON
"""What a history says of a person or a role, by the names of ``StaffField``."""


class StaffEventKind(Named):
    """A change of a merchant's staff."""

    EMPLOYEE_CREATED = auto()
    EMPLOYEE_CHANGED = auto()
    EMPLOYEE_DISABLED = auto()
    EMPLOYEE_ENABLED = auto()
    ROLE_CREATED = auto()
    ROLE_CHANGED = auto()
    ROLE_DELETED = auto()
    PASSWORD_RESET_ISSUED = auto()
    PASSWORD_RESET = auto()
    PASSWORD_CHANGED = auto()
    SINGLE_SIGN_ON_CHANGED = auto()
    IDENTITY_LINKED = auto()
    IDENTITY_UNLINKED = auto()


class PlatformAccountEventKind(Named):
    """A change of the platform's accounts."""

    ACCOUNT_CREATED = auto()
    ACCOUNT_CHANGED = auto()
    ACCOUNT_DISABLED = auto()
    PASSWORD_RESET = auto()
    PASSWORD_RESET_ISSUED = auto()
    PASSWORD_CHANGED = auto()
    SINGLE_SIGN_ON_CHANGED = auto()
    IDENTITY_LINKED = auto()
    IDENTITY_UNLINKED = auto()


class StaffField(Named):
    """Something that a change of staff changes."""

    NAME = auto()
    LOGIN = auto()
    PERMISSIONS = auto()
    ROLES = auto()
    EMPLOYEES = auto()
    REFUND_CEILING = auto()
    DISABLED = auto()


def changes(before: Values, after: Values) -> dict[str, dict[str, Any]] | None:
    """The fields that differ, before and after; None if none does."""
    names = sorted(before.keys() | after.keys())
    changed = [
        name
        for name in names
        if name not in before or name not in after or before[name] != after[name]
    ]
    if not changed:
        return None
    return {
        "before": {name: before[name] for name in changed if name in before},
        "after": {name: after[name] for name in changed if name in after},
    }
