"""The root type of subscriptions, composed of one class for each subject."""

import strawberry

from schema.subscriptions.exports import ExportSubscriptions
from schema.subscriptions.feed import FeedSubscriptions


@strawberry.type(
    description=(
        "The subscriptions of the API, over WebSockets (`graphql-transport-ws`) and event streams "
        "(`graphql-sse`). A stream ends with a coded error when its viewer may not read on."
    )
)
class Subscription(FeedSubscriptions, ExportSubscriptions):
    """The root of subscriptions."""
