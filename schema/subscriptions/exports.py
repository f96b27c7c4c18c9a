"""Subscriptions of exports."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from domain.permissions import Permission
from execution.streams import Chunk
from resolvers.exports.watch import stream_export
from schema import ids
from schema.fields import Info, subscription
from schema.queries.exports import export_source
from schema.types.export import Export


@strawberry.type
class ExportSubscriptions:
    """Subscriptions of exports."""

    @subscription(Permission.EXPORT)
    async def export_changed(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id of the export.")],
    ) -> AsyncGenerator[Chunk[Export], None]:
        """导出进度. Sends an export: now, and when it changes. Ends when the export ends.

        At most once a second.
        """
        context = info.context
        number = ids.within(context.merchant_id, "Export", id, "id")
        async with aclosing(stream_export(context, context.merchant_id, number)) as stream:
            async for changed_at, reads in stream:
                yield Chunk(
                    (export_source(context, (context.merchant_id, number)),), changed_at, reads
                )
