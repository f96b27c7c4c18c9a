"""Reading the dictionary of reasons: the platform's, and a merchant's own."""

from collections.abc import Iterable, Sequence
from typing import Final

from auth.viewer import Viewer
from domain.actions import Action
from domain.own_reasons import Entry, OwnDictionary, own_use
from domain.permissions import Permission
from domain.reasons import ReasonUse
from models.queries.reasons import browse
from resolvers.context import Context
from resolvers.tenancy import merchant_for

_STAFF: Final = (
    Permission.SERVICE_ORDER_READ,
    Permission.REVIEW,
    Permission.SETTINGS_MANAGE,
    Permission.MERCHANT_READ,
)


async def read_reasons(
    context: Context,
    merchant_id: int | None,
    *,
    use: ReasonUse | None,
    decision: Action | None,
    include_retired: bool,
) -> Sequence[Entry]:
    """The dictionary of the merchant; without one, the platform's.

    Customers and storefronts see a merchant's own reasons for applications, and none for reviews.
    Raises Refused for another merchant than the viewer's, Unauthenticated if nobody asks for one.
    """
    viewer = context.viewer if merchant_id is not None else context.viewer_or_none
    dictionary = OwnDictionary()
    if viewer is not None and (merchant_id or viewer.merchant_id) is not None:
        merchant = merchant_for(context, merchant_id)
        async with context.read() as connection:
            dictionary = await browse(connection, merchant)
    entries = [
        entry
        for entry in dictionary.entries()
        if use in (None, entry.reason.use)
        and (include_retired or entry.retired_at is None)
        and _may_see(viewer, entry)
    ]
    return entries if decision is None else list(_for_decision(entries, decision))


def _may_see(viewer: Viewer | None, entry: Entry) -> bool:
    is_internal = own_use(entry.reason.code) is ReasonUse.REVIEW
    return not is_internal or (viewer is not None and viewer.may(*_STAFF))


def _for_decision(entries: Sequence[Entry], decision: Action) -> Iterable[Entry]:
    """The reasons that the decision takes, and their groups."""
    groups = {entry.reason.parent for entry in entries if decision in entry.reason.decisions}
    return (
        entry
        for entry in entries
        if decision in entry.reason.decisions or entry.reason.code in groups
    )
