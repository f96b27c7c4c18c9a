"""What a person sets of a webhook endpoint, and who may set it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auth.viewer import Viewer
from domain.events import EventKind
from domain.permissions import Permission
from domain.refusals.refusal import Refused
from domain.refusals.webhooks import UrlNotAllowed
from domain.scopes import ScopeGiver
from domain.staffing import check_scopes
from outgoing.address_guard import AddressGuard
from outgoing.target import BadUrl, Target
from resolvers.staff.unchanged import UNCHANGED, Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointValues:
    """The values to set; UNCHANGED leaves a value as it is. ``selection`` has been checked."""

    url: str | Unchanged = UNCHANGED
    description: str | Unchanged | None = UNCHANGED
    kinds: Sequence[EventKind] | Unchanged | None = UNCHANGED
    selection: str | Unchanged | None = UNCHANGED
    scopes: Sequence[Permission] | Unchanged = UNCHANGED

    def columns(self, guard: AddressGuard) -> dict[str, Any]:  # Any: of the columns
        """The columns to set. Raises Refused for an address that must not be called."""
        columns: dict[str, Any] = {}
        if not isinstance(self.url, Unchanged):
            columns["url"] = checked_target(guard, self.url).url
        if not isinstance(self.description, Unchanged):
            columns["description"] = self.description
        if not isinstance(self.kinds, Unchanged):
            columns["kinds"] = None if self.kinds is None else sorted(set(self.kinds))
        if not isinstance(self.selection, Unchanged):
            columns["selection"] = self.selection
        if not isinstance(self.scopes, Unchanged):
            columns["scopes"] = sorted(set(self.scopes))
        return columns


def checked_target(guard: AddressGuard, url: str) -> Target:
    """Where a request goes. No name is looked up. Raises Refused."""
    try:
        return guard.read(url)
    except BadUrl as bad:
        raise Refused(UrlNotAllowed(problem=bad.problem, path=("url",))) from None


def check_holds(viewer: Viewer, scopes: Sequence[str]) -> None:
    """Refuse a viewer who does not hold what the scopes require. Raises Refused.

    Also for a change of the address alone: whoever sets the address receives what the scopes show.
    """
    permissions = [Permission(scope) for scope in scopes]
    check_scopes(permissions, giver=ScopeGiver.MERCHANT, held=viewer.permissions, path=("scopes",))
