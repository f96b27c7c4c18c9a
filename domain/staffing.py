"""Who may grant what to whom, and what becomes of a grant."""

from collections.abc import Iterable

from domain.permissions import DELEGABLE, Permission
from domain.refusals.refusal import Refused
from domain.refusals.staff import NotDelegable, PermissionNotHeld
from domain.scopes import SCOPES, ScopeGiver


def check_grant(
    granted: Iterable[Permission], *, held: frozenset[Permission], path: tuple[str, ...]
) -> None:
    """Nobody grants what they do not hold, nor what roles cannot carry. Raises Refused."""
    wanted = frozenset(granted)
    if fixed := wanted - DELEGABLE:
        raise Refused(NotDelegable(permissions=tuple(sorted(fixed)), path=path))
    if beyond := wanted - held:
        raise Refused(PermissionNotHeld(permissions=tuple(sorted(beyond)), path=path))


def check_scopes(
    scopes: Iterable[Permission],
    *,
    giver: ScopeGiver,
    held: frozenset[Permission],
    path: tuple[str, ...],
) -> None:
    """A connector gets from nobody what they do not hold, nor what is not theirs to give.

    Raises Refused.
    """
    wanted = frozenset(scopes)
    given = {one for one in wanted if one in SCOPES and SCOPES[one].giver is giver}
    if fixed := wanted - given:
        raise Refused(NotDelegable(permissions=tuple(sorted(fixed)), path=path))
    if giver is ScopeGiver.MERCHANT and (beyond := missing_for(given, held)):
        raise Refused(PermissionNotHeld(permissions=beyond, path=path))


def missing_for(
    scopes: Iterable[Permission], held: frozenset[Permission]
) -> tuple[Permission, ...]:
    """What somebody lacks to stand for a connector with these scopes."""
    taken = {SCOPES[one].takes for one in scopes if one in SCOPES}
    needed = {Permission.SETTINGS_MANAGE, *(one for one in taken if one is not None)}
    return tuple(sorted(needed - held))


def working_scopes(
    scopes: Iterable[Permission], owner: frozenset[Permission] | None
) -> frozenset[Permission]:
    """Those that work now: a scope rests while the connector's owner could not give it.

    ``owner`` is what the owner holds; None for a connector of the platform's own.
    """
    known = frozenset(one for one in scopes if one in SCOPES)
    if owner is None:
        return known
    if Permission.SETTINGS_MANAGE not in owner:
        return frozenset()
    return frozenset(one for one in known if SCOPES[one].takes in (None, *owner))
