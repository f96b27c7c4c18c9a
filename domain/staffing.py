"""Who may grant what to whom."""

from collections.abc import Iterable

from domain.permissions import DELEGABLE, Permission
from domain.refusals import NotDelegable, PermissionNotHeld, Refused


def check_grant(
    granted: Iterable[Permission], *, held: frozenset[Permission], path: tuple[str, ...]
) -> None:
    """Nobody grants what they do not hold, nor what roles cannot carry. Raises Refused."""
    wanted = frozenset(granted)
    if fixed := wanted - DELEGABLE:
        raise Refused(NotDelegable(permissions=tuple(sorted(fixed)), path=path))
    if beyond := wanted - held:
        raise Refused(PermissionNotHeld(permissions=tuple(sorted(beyond)), path=path))
