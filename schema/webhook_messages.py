"""The bodies of webhook messages, as the dispatcher sends them."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from graphql import GraphQLError

from auth.viewer import Viewer
from domain.feed import EventIdentity, FeedCursor
from domain.text import Language
from domain.webhooks import ALERT_RAISED, ALERT_RECOVERED, NotNow, message
from execution.stored_documents import StoredAnswer, StoredDocuments
from models.webhook import Row
from resolvers.context import ClientRequest, Context, Services
from schema import ids

SELECTED_FIELD: Final = "serviceOrder"
"""The root field of the documents that are stored with endpoints."""

MAX_MESSAGE: Final = 262_144
"""Bytes of a message. The selection of a larger one is left out."""

_TOO_LARGE: Final = {
    SELECTED_FIELD: None,
    "errors": [
        {
            "code": "QUERY_TOO_COMPLEX",
            "message": f"The message would have more than {MAX_MESSAGE:,} bytes.",
            "path": [SELECTED_FIELD],
        }
    ],
}
_TOLD: Final = ("metric", "side", "limit", "days")
"""What a message says of the threshold of an alert."""

_log = logging.getLogger("aftersales.webhooks")


class WebhookMessages:
    """Makes the body of a message from the rows of its endpoint and delivery."""

    def __init__(self, services: Services, documents: StoredDocuments) -> None:
        self._services = services
        self._documents = documents

    async def render(self, endpoint: Row, delivery: Row, viewer: Viewer) -> bytes:
        """The thin message, with the selection's answer for the viewer if the endpoint has one.

        Raises NotNow.
        """
        merchant_id = endpoint.merchant_id
        data: dict[str, Any] = {"merchantId": ids.encode("Merchant", merchant_id)}
        if delivery.service_order_id is None:
            data |= _details(merchant_id, delivery.type, delivery.details)
            return message(delivery.type, delivery.occurred_at, data)
        order_id = ids.encode("ServiceOrder", merchant_id, delivery.service_order_id)
        data |= {
            "serviceOrderId": order_id,
            "sequence": delivery.sequence,
            "cursor": _cursor(delivery),
        }
        if endpoint.selection is None:
            return message(delivery.type, delivery.occurred_at, data)
        selected = await self._selected(endpoint.selection, order_id, viewer)
        body = message(delivery.type, delivery.occurred_at, data | selected)
        if len(body) <= MAX_MESSAGE:
            return body
        return message(delivery.type, delivery.occurred_at, data | _TOO_LARGE)

    async def _selected(self, selection: str, order_id: str, viewer: Viewer) -> dict[str, Any]:
        request = ClientRequest(now=self._services.clock.now(), language=Language.ZH)
        context = Context(self._services, request, viewer)
        context.start_mutation()  # reads from the primary: a replica may not have the event yet
        try:
            answer = await self._documents.answer(selection, order_id, context)
        except NotNow:
            raise
        except Exception as bug:  # noqa: BLE001 - one bug must not stop the others
            # Otherwise the delivery would be tried for ever, and the order's others would wait.
            _log.exception("a message of webhook endpoint %s has no selection", viewer.id)
            answer = StoredAnswer(None, (GraphQLError("Internal error", original_error=bug),))
        selected: dict[str, Any] = {SELECTED_FIELD: answer.value}
        if answer.errors:
            selected["errors"] = [_error(error) for error in answer.errors]
        return selected


def _cursor(delivery: Row) -> str:
    event = EventIdentity.of(
        delivery.merchant_id, delivery.service_order_id, delivery.sequence, delivery.occurred_at
    )
    return FeedCursor(delivery.merchant_id, delivery.position, event).encoded()


def _details(merchant_id: int, type_: str, details: Mapping[str, Any]) -> dict[str, Any]:
    if type_ in (ALERT_RAISED, ALERT_RECOVERED):
        alert_id = ids.encode("QualityAlert", merchant_id, details["alertId"])
        threshold = {key: details["threshold"][key] for key in _TOLD}
        return {"qualityAlertId": alert_id, "owner": details["setBy"], **threshold}
    endpoint_id = ids.encode("WebhookEndpoint", merchant_id, details["endpointId"])
    return {"webhookEndpointId": endpoint_id, "reason": details["reason"]}


def _error(error: GraphQLError) -> dict[str, Any]:
    return {
        "code": (error.extensions or {}).get("code", "INTERNAL"),
        "message": error.message,
        "path": error.path,
    }
