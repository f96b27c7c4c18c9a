"""The rules for granting permissions to roles and employees, and scopes to connectors."""

from collections.abc import Iterable

from domain.permissions import DELEGABLE, Permission
from domain.refusals.refusal import Refused
from domain.refusals.staff import NotDelegable, PermissionNotHeld
from domain.scopes import SCOPES, ScopeGiver


def check_grant(
    granted: Iterable[Permission], *, held: frozenset[Permission], path: tuple[str, ...]
) -> None:
    """Refuse permissions that the granting person does not hold or that cannot be granted.

    Raises Refused.
    """
    permissions = frozenset(granted)
    if fixed := permissions - DELEGABLE:
        raise Refused(NotDelegable(permissions=tuple(sorted(fixed)), path=path))
    if missing := permissions - held:
        raise Refused(PermissionNotHeld(permissions=tuple(sorted(missing)), path=path))


def check_scopes(
    scopes: Iterable[Permission],
    *,
    giver: ScopeGiver,
    held: frozenset[Permission],
    path: tuple[str, ...],
) -> None:
    """Refuse scopes that this giver cannot grant or whose requirement the person does not hold.

    Raises Refused.
    """
    permissions = frozenset(scopes)
    grantable = {scope for scope in permissions if scope in SCOPES and SCOPES[scope].giver is giver}
    if fixed := permissions - grantable:
        raise Refused(NotDelegable(permissions=tuple(sorted(fixed)), path=path))
    if giver is ScopeGiver.MERCHANT and (missing := missing_for(grantable, held)):
        raise Refused(PermissionNotHeld(permissions=missing, path=path))


def missing_for(
    scopes: Iterable[Permission], held: frozenset[Permission]
) -> tuple[Permission, ...]:
    """The permissions that a person lacks to own a connector with these scopes."""
    requirements = {SCOPES[scope].requires for scope in scopes if scope in SCOPES}
    required = {permission for permission in requirements if permission is not None}
    return tuple(sorted({Permission.SETTINGS_MANAGE, *required} - held))


def working_scopes(
    scopes: Iterable[Permission], owner: frozenset[Permission] | None
) -> frozenset[Permission]:
    """The scopes that work now: those that the connector's owner could still grant.

    ``owner`` holds the owner's permissions. None: a connector of the platform.
    """
    valid = frozenset(scope for scope in scopes if scope in SCOPES)
    if owner is None:
        return valid
    if Permission.SETTINGS_MANAGE not in owner:
        return frozenset()
    return frozenset(scope for scope in valid if SCOPES[scope].requires in (None, *owner))
