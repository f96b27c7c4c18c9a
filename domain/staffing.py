"""The rules for granting permissions to roles and employees, and scopes to connectors."""

from collections.abc import Iterable

from domain.desk.refunds import Ceiling, effective_ceiling, is_within
from domain.money import yuan
from domain.permissions import DELEGABLE, Permission
from domain.refusals.refusal import Refused
from domain.refusals.staff import CeilingNotHeld, NotDelegable, PermissionNotHeld
from domain.scopes import PLATFORM_REQUIRES, SCOPES, ScopeGiver


def check_grant(
    granted: Iterable[Permission],
    *,
    held: frozenset[Permission],
    path: tuple[str, ...],
    grantable: frozenset[Permission] = DELEGABLE,
) -> None:
    """Refuse permissions that the granting person does not hold or that cannot be granted.

    Raises Refused.
    """
    permissions = frozenset(granted)
    if fixed := permissions - grantable:
        raise Refused(NotDelegable(permissions=tuple(sorted(fixed)), path=path))
    if missing := permissions - held:
        raise Refused(PermissionNotHeld(permissions=tuple(sorted(missing)), path=path))


def check_ceiling(ceiling: Ceiling, *, held: Ceiling, path: tuple[str, ...]) -> None:
    """Refuse a refund ceiling above that of the granting person. Raises Refused."""
    if held is not None and (ceiling is None or not is_within(ceiling, held)):
        raise Refused(CeilingNotHeld(ceiling=yuan(held), path=path))


def refund_ceiling(
    *,
    extra_permissions: Iterable[str] | None,
    own_ceiling: Ceiling,
    roles: Iterable[tuple[Iterable[str] | None, Ceiling]],
) -> Ceiling:
    """The effective ceiling of an employee; 0 for one who may not refund.

    ``own_ceiling`` belongs to REFUND as an extra permission. ``roles`` are the permissions and the
    ceiling of each role.
    """
    grants = [(extra_permissions, own_ceiling), *roles]
    return effective_ceiling(
        ceiling for permissions, ceiling in grants if Permission.REFUND in (permissions or ())
    )


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


def check_platform_scopes(
    scopes: Iterable[Permission], *, held: frozenset[Permission], path: tuple[str, ...]
) -> None:
    """Refuse scopes that the person cannot give to a connector of the platform. Raises Refused."""
    permissions = frozenset(scopes)
    if fixed := permissions - PLATFORM_REQUIRES.keys():
        raise Refused(NotDelegable(permissions=tuple(sorted(fixed)), path=path))
    if missing := {PLATFORM_REQUIRES[scope] for scope in permissions} - held:
        raise Refused(PermissionNotHeld(permissions=tuple(sorted(missing)), path=path))


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
