"""GraphQL over HTTP: one operation per request, one JSON response."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from database.deadlines import DEADLINES
from execution.limits import check_input_values
from execution.persisted_documents import PersistedDocuments
from execution.planned_execution import TemporarilyUnavailable
from transport.disconnect import CancelledOnDisconnect
from transport.errors import HttpError, overloaded
from transport.event_stream import EventStream, as_events
from transport.headers import header, headers_of, request_id_of
from transport.language import request_language
from transport.request import EVENT_STREAM, OperationRequest, negotiate, read_operation
from transport.responses import JSON, bug_response, error_response
from transport.results import result_response
from transport.routes import Streamed
from transport.subscriptions import Subscriptions
from transport.websocket_handshake import Opening, asks_for_websocket, check_handshake

if TYPE_CHECKING:
    from starlette.types import Receive, Scope
    from strawberry.schema.base import BaseSchema

Context = TypeVar("Context")
Context_contra = TypeVar("Context_contra", contravariant=True)


class Planned(Protocol[Context_contra]):
    """Executes an operation by its plan. Returns the data, or None if there is no plan."""

    def __call__(
        self,
        text: str,
        operation_name: str | None,
        raw_variables: Mapping[str, object] | None,
        context: Context_contra,
        *,
        may_change: bool,
    ) -> Awaitable[dict[str, object] | None]: ...


SERVER_ERROR: Final = 500

_STREAMED_ALONE: Final = "Subscriptions are answered as `text/event-stream`, or over a WebSocket"

_log: Final = logging.getLogger("aftersales.http")

_ALLOWED_OPERATIONS: Final = {
    "GET": frozenset({OperationType.QUERY}),
    "POST": frozenset({OperationType.QUERY, OperationType.MUTATION}),
}


class GraphQLView(Generic[Context]):
    """The handler of `/graphql`. It passes all audits of the npm package graphql-http.

    Strawberry's own view reads batches, serves a page, streams, and answers 500 to bodies such as
    `5`. The schema must carry `DocumentGate`, which refuses documents that are too complex, or
    ambiguous for lack of an operation name.

    `open_context` is called once per operation, for well-formed requests only. It may raise
    `HttpError`, for instance with 401 for a bad token.
    """

    def __init__(
        self,
        schema: BaseSchema,
        open_context: Callable[[Scope], Context],
        *,
        timeout: timedelta = timedelta(seconds=30),
        documents: PersistedDocuments | None = None,
        planned: Planned[Context] | None = None,
        subscriptions: Subscriptions[Context] | None = None,
        note: Callable[[Scope, OperationRequest, Context], None] | None = None,
    ) -> None:
        """``note`` is called with each operation that was executed, also in vain."""
        core = schema._schema  # type: ignore[attr-defined] # noqa: SLF001 - the core schema
        self._documents = documents or PersistedDocuments(core)
        self._schema = schema
        self._open_context = open_context
        self._timeout = timeout
        self._planned = planned
        self._subscriptions = subscriptions
        self._note = note

    async def answer(self, scope: Scope, receive: Receive) -> Response | Streamed:
        """Answer an HTTP request. Errors are worded here, in the negotiated media type."""
        media_type, form, language = JSON, None, request_language(scope)
        try:
            if self._subscriptions is not None and asks_for_websocket(scope):
                subscriptions = self._subscriptions
                check_handshake(scope, subscriptions.public_url, subscriptions.allowed_origins)
                return Opening(self._subscriptions)
            media_type = negotiate(header(scope, b"accept"))
            if media_type == EVENT_STREAM:
                media_type = JSON  # of refusals, and of the results inside the events
                return await self._answer_in_events(scope, receive)
            operation = await read_operation(scope, receive, self._documents)
            form = operation.form
            with DEADLINES.within(self._timeout):
                if form is None:
                    return await self._answer_operation(scope, operation, media_type)
                # Decoding an uploaded file costs too much for a client that has disconnected.
                async with CancelledOnDisconnect(receive):
                    return await self._answer_operation(scope, operation, media_type)
        except HttpError as error:
            response = error_response(error, language=language, media_type=media_type)
        except TimeoutError:
            _log.warning("request %s took longer than %s", request_id_of(scope), self._timeout)
            response = error_response(overloaded(), language=language, media_type=media_type)
        except ClientDisconnect:
            response = Response(status_code=400)  # nobody reads it
        except Exception:  # noqa: BLE001 -- a bug must be answered as JSON like the rest
            request_id = request_id_of(scope)
            _log.exception("request %s failed", request_id)
            response = bug_response(request_id, language=language, media_type=media_type)
        finally:
            if form is not None:
                await form.close()
        return response

    async def _answer_in_events(self, scope: Scope, receive: Receive) -> Response | Streamed:
        operation = await read_operation(scope, receive, self._documents)
        if operation.form is not None:
            await operation.form.close()
            raise HttpError(406, "The answer to an upload cannot be an event stream")
        subscriptions = self._subscriptions
        if subscriptions is not None and subscriptions.is_subscription(operation) is not False:
            return EventStream(subscriptions, operation)
        with DEADLINES.within(self._timeout):
            response = await self._answer_operation(scope, operation, JSON)
        return response if response.status_code >= SERVER_ERROR else as_events(response)

    async def _answer_operation(
        self, scope: Scope, operation: OperationRequest, media_type: str
    ) -> Response:
        request_id, language = request_id_of(scope), request_language(scope)
        excess = check_input_values(operation.variables or {})
        if excess is not None:
            refused = ExecutionResult(data=None, errors=[excess])
            return result_response(
                refused, media_type=media_type, request_id=request_id, language=language
            )
        context = self._open_context(scope)
        try:
            result = await self._execute_planned(scope, operation, context)
            if result is None:
                result = await self._execute(scope, operation, context)
        finally:
            if self._note is not None:
                self._note(scope, operation, context)
        if result.data is not None:
            self._documents.register(operation.found)
        return result_response(
            result,
            media_type=media_type,
            request_id=request_id,
            language=language,
            cache_lifetime=None if result.errors else _cache_lifetime(scope, operation),
        )

    async def _execute_planned(
        self, scope: Scope, operation: OperationRequest, context: Context
    ) -> ExecutionResult | None:
        """None if the ordinary execution must answer."""
        if self._planned is None:
            return None
        try:
            data = await self._planned(
                operation.query,
                operation.operation_name,
                operation.variables,
                context,
                may_change=scope["method"] == "POST",
            )
        except TemporarilyUnavailable as unanswered:
            return ExecutionResult(data=unanswered.data, errors=unanswered.errors)
        except Exception:  # noqa: BLE001 - a bug of the plan; the ordinary execution may lack it
            _log.exception("request %s: planned execution failed", request_id_of(scope))
            return None
        return None if data is None else ExecutionResult(data=data, errors=None)

    async def _execute(
        self, scope: Scope, operation: OperationRequest, context: Context
    ) -> ExecutionResult:
        try:
            return await self._schema.execute(
                operation.query,
                variable_values=operation.variables,
                context_value=context,
                operation_name=operation.operation_name,
                allowed_operation_types=_ALLOWED_OPERATIONS[scope["method"]],
                operation_extensions=operation.extensions,
            )
        except MissingQueryError as error:
            raise HttpError(400, "The request has no `query`") from error
        except CannotGetOperationTypeError as error:
            raise HttpError(400, error.as_http_error_reason()) from error
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                message = "Mutations are not allowed over GET"
                raise HttpError(405, message, headers={"Allow": "POST"}) from error
            raise HttpError(400, _STREAMED_ALONE) from error


def _cache_lifetime(scope: Scope, operation: OperationRequest) -> timedelta | None:
    """How long shared caches may keep the answer: set for a public document asked for by hash."""
    document = operation.found.document
    if document is None or scope["method"] != "GET" or b"authorization" in headers_of(scope):
        return None
    return document.cache_lifetime
