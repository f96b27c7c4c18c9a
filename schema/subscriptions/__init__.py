"""The root type of subscriptions, composed of one class for each subject."""

import strawberry

from schema.subscriptions.exports import ExportSubscriptions
from schema.subscriptions.feed import FeedSubscriptions
from schema.subscriptions.quality_alerts import QualityAlertSubscriptions


@strawberry.type(
    description=(
        "The subscriptions of the API, over WebSockets (`graphql-transport-ws`) and "
        "server-sent events (`graphql-sse`). A subscription ends with an error code when its "
        "viewer may no longer read."
    )
)
class Subscription(FeedSubscriptions, ExportSubscriptions, QualityAlertSubscriptions):
    """The root of subscriptions."""
