"""Queries of exports."""

from typing import Annotated, Any

import strawberry

from domain.permissions import Permission
from execution.sources import object_source, page_source
from models.export import exports
from projection.conditions import equals
from projection.pages import Order
from resolvers.context import Context
from schema import ids
from schema.arguments import After, Before, First, Last, window
from schema.fields import Info, query
from schema.types.export import Export
from schema.types.node import Connection

_LATEST = Order("exports", (exports.c.id,), descending=True)
_OF_MERCHANT = equals(exports.c.merchant_id)


@strawberry.type
class ExportQueries:
    """Queries of exports."""

    @query(Permission.EXPORT)
    def export(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of the export.")],
    ) -> Export | None:
        """导出. Returns an export. Null if the viewer's merchant has no such export."""
        global_id = ids.decode(id, "id")
        if global_id.type_name != "Export":
            return None
        return export_source(info.context, ids.key_in(global_id, "Export", "id"))

    @query(Permission.EXPORT)
    def exports(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Export]:
        """导出记录. Returns the exports of the viewer's merchant, latest first."""
        where = (_OF_MERCHANT(info.context.merchant_id),)
        return page_source("Export", where, _LATEST, window(first, after, last, before))


def export_source(context: Context, key: tuple[int, int]) -> Any:
    """An export of the viewer's merchant. Any: a source stands for its object."""
    return object_source("Export", key, (_OF_MERCHANT(context.merchant_id),))
