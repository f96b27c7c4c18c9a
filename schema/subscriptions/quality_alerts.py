"""The subscription of the log of alerts."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from domain.refusals.refusal import BadInput
from domain.text import Text
from execution.sources import object_source
from execution.streams import Chunk
from projection.pages import BadPage
from resolvers.feed.read_feed import feed_for
from resolvers.quality.watch_alerts import stream_alerts
from schema import ids
from schema.fields import Info, subscription
from schema.queries.quality_alerts import READERS, AlertMerchant
from schema.types.quality_alert import LOG, QualityAlertEvent


@strawberry.type
class QualityAlertSubscriptions:
    """Subscriptions of alerts."""

    @subscription(*READERS)
    async def quality_alerts(
        self,
        info: Info,
        after: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "Begin after this cursor: the last one that was received, or one of "
                    "`qualityAlertEvents`. Without it, begin with what happens from now on."
                )
            ),
        ] = None,
        merchant_id: AlertMerchant = None,
    ) -> AsyncGenerator[Chunk[QualityAlertEvent], None]:
        """质量预警. Sends alerts that are raised, and alerts that have recovered, each once.

        After a lost connection, subscribe again after the last cursor: nothing is missed.
        """
        context, position = info.context, _position(after)
        merchant = feed_for(context, ids.optional_merchant(merchant_id, "merchantId"))
        async with aclosing(stream_alerts(context, merchant, position)) as stream:
            async for keys, reads in stream:
                values = [object_source("QualityAlertEvent", key) for key in keys]
                yield Chunk(values, tuple(keys), reads)


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        [position] = LOG.decode_cursor(cursor, "after")
    except BadPage as bad:
        raise BadInput((bad.argument,), Text(str(bad), str(bad))) from bad
    return int(position)
