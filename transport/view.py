"""GraphQL over HTTP: one operation in, one JSON answer out, whatever the request looks like."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.deadlines import DEADLINES
from execution.limits import check_input_values
from execution.persisted_documents import PersistedDocuments
from execution.planned_execution import TemporarilyUnavailable
from models.clock import ClockUnfit
from resolvers.store_availability import StoreUnreachable
from transport.edge import (
    BUSY,
    JSON,
    OVERLOADED,
    STORE_AWAY,
    UNAVAILABLE,
    UNREACHABLE,
    UNTIMED,
    HttpError,
    bug_response,
    header,
    headers_of,
    internal_error,
    json_response,
    overloaded,
    refusal_response,
    request_id_of,
)
from transport.hanging_up import WhileConnected
from transport.request import GRAPHQL_JSON, OperationRequest, negotiate, read_operation

if TYPE_CHECKING:
    from starlette.types import Receive, Scope
    from strawberry.schema.base import BaseSchema

Context = TypeVar("Context")
Given_contra = TypeVar("Given_contra", contravariant=True)


class Planned(Protocol[Given_contra]):
    """Text, operation name, variables and context to the data; None for what it does not answer."""

    def __call__(
        self,
        text: str,
        operation_name: str | None,
        raw_variables: Mapping[str, object] | None,
        context: Given_contra,
        *,
        may_change: bool,
    ) -> Awaitable[dict[str, object] | None]: ...


_log = logging.getLogger("aftersales.http")

_ALLOWED = {
    "GET": frozenset({OperationType.QUERY}),
    "POST": frozenset({OperationType.QUERY, OperationType.MUTATION}),
}
_RETRIED = frozenset({OVERLOADED, UNAVAILABLE})

_PASSING: Final[Mapping[type[Overloaded | Unreachable | ClockUnfit], tuple[str, str]]] = {
    Overloaded: (OVERLOADED, BUSY),
    StoreUnreachable: (UNAVAILABLE, STORE_AWAY),
    Unreachable: (UNAVAILABLE, UNREACHABLE),
    ClockUnfit: (UNAVAILABLE, UNTIMED),
}
"""The code and the message of each state that passes; a subclass stands before its base."""
_ALWAYS_400 = frozenset({"BAD_REQUEST", "QUERY_TOO_COMPLEX"})


class GraphQLView(Generic[Context]):
    """GraphQL over HTTP as all audits of the npm package graphql-http want it.

    It is not Strawberry's own view: that reads batches, serves a page and streams, and answers 500
    to bodies such as `5`. The schema must carry `DocumentGate`, which refuses documents that are
    too complex, or ambiguous for lack of an operation name.

    `open_context` is called once per operation, after the request has proved to be well-formed;
    it may raise `Refused`, for instance with 401 for a bad token.
    """

    def __init__(
        self,
        schema: BaseSchema,
        open_context: Callable[[Scope], Context],
        *,
        longest: timedelta = timedelta(seconds=30),
        documents: PersistedDocuments | None = None,
        planned: Planned[Context] | None = None,
    ) -> None:
        core = schema._schema  # type: ignore[attr-defined] # noqa: SLF001 - the core schema
        self._documents = documents or PersistedDocuments(core)
        self._schema = schema
        self._open_context = open_context
        self._longest = longest
        self._planned = planned

    async def answer(self, scope: Scope, receive: Receive) -> Response:
        """Answer an HTTP request as a whole; it raises nothing."""
        media_type, form = JSON, None
        try:
            media_type = negotiate(header(scope, b"accept"))
            operation = await read_operation(scope, receive, self._documents)
            form = operation.form
            with DEADLINES.within(self._longest):
                if form is None:
                    return await self._answered(scope, operation, media_type)
                async with WhileConnected(receive):  # to decode a file for nobody costs too much
                    return await self._answered(scope, operation, media_type)
        except HttpError as refused:
            response = refusal_response(refused, media_type=media_type)
        except HTTPException as error:
            refusal = HttpError(error.status_code, error.detail, headers=error.headers)
            response = refusal_response(refusal, media_type=media_type)
        except TimeoutError:
            _log.warning("request %s took longer than %s", request_id_of(scope), self._longest)
            response = refusal_response(overloaded(), media_type=media_type)
        except ClientDisconnect:
            response = Response(status_code=400)  # nobody is there to read it
        except Exception:  # noqa: BLE001 -- a bug must be answered as JSON like the rest
            request_id = request_id_of(scope)
            _log.exception("request %s failed", request_id)
            response = bug_response(request_id, media_type=media_type)
        finally:
            if form is not None:
                await form.close()
        return response

    async def _answered(
        self, scope: Scope, operation: OperationRequest, media_type: str
    ) -> Response:
        excess = check_input_values(operation.variables or {})
        if excess is not None:
            too_much = ExecutionResult(data=None, errors=[excess])
            return _respond(too_much, media_type=media_type, scope=scope, cache_lifetime=None)
        context = self._open_context(scope)
        result = None
        if self._planned is not None:
            try:
                data = await self._planned(
                    operation.query,
                    operation.operation_name,
                    operation.variables,
                    context,
                    may_change=scope["method"] == "POST",
                )
                if data is not None:
                    result = ExecutionResult(data=data, errors=None)
            except TemporarilyUnavailable as none:
                result = ExecutionResult(data=none.data, errors=[none.error])
            except Exception:  # noqa: BLE001 - a bug of the plan; the ordinary execution has none
                _log.exception("request %s: planned execution failed", request_id_of(scope))
        if result is None:
            result = await self._execute(scope, operation, context)
        if result.data is not None:
            self._documents.register(operation.found)
        cache_lifetime = _cache_lifetime(scope, operation) if not result.errors else None
        return _respond(result, media_type=media_type, scope=scope, cache_lifetime=cache_lifetime)

    async def _execute(
        self, scope: Scope, operation: OperationRequest, context: Context
    ) -> ExecutionResult:
        try:
            return await self._schema.execute(
                operation.query,
                variable_values=operation.variables,
                context_value=context,
                operation_name=operation.operation_name,
                allowed_operation_types=_ALLOWED[scope["method"]],
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
            raise HttpError(400, "Subscriptions are not offered over HTTP") from error


def _cache_lifetime(scope: Scope, operation: OperationRequest) -> timedelta | None:
    """For how long anybody may keep the answer: what everybody is told, asked for by its hash."""
    document = operation.found.document
    if document is None or scope["method"] != "GET" or b"authorization" in headers_of(scope):
        return None
    return document.cache_lifetime


def _respond(
    result: ExecutionResult, *, media_type: str, scope: Scope, cache_lifetime: timedelta | None
) -> Response:
    """Word a result; `data` is only left out where nothing was executed (a request error)."""
    if result.data is not None and not result.errors and not result.extensions:
        return json_response(
            {"data": result.data}, media_type=media_type, cache_lifetime=cache_lifetime
        )
    request_id = request_id_of(scope)
    errors = [_worded(error, request_id=request_id) for error in result.errors or ()]
    extensions = {"extensions": result.extensions} if result.extensions else {}
    if result.data is None and all(error.path is None for error in result.errors or ()):
        status = _status_of_request_error(errors, media_type=media_type)
        return json_response({"errors": errors, **extensions}, status=status, media_type=media_type)
    content: dict[str, object] = {"data": result.data, **extensions}
    if errors:
        content["errors"] = errors
    if not _RETRIED.isdisjoint(map(_code, errors)) and not any((result.data or {}).values()):
        # Nothing was answered at all: that, a proxy and a client should see by the status.
        return json_response(
            content, status=503, media_type=media_type, headers=overloaded().headers
        )
    return json_response(content, media_type=media_type, cache_lifetime=cache_lifetime)


def _status_of_request_error(errors: list[dict[str, object]], *, media_type: str) -> int:
    """Follow GraphQL over HTTP: under `application/json`, what a document does wrong is a 200.

    Not so for a document that is refused for its weight or for being ambiguous: proxies and
    clients should see that without reading the body.
    """
    codes = {_code(error) for error in errors}
    if "INTERNAL" in codes:
        return 500
    return 400 if media_type == GRAPHQL_JSON or codes & _ALWAYS_400 else 200


def _worded(error: GraphQLError, *, request_id: str) -> dict[str, object]:
    """Give each error a code, and hide what was not meant for the client."""
    formatted: dict[str, object] = dict(error.formatted)
    if _code(formatted):
        return formatted
    cause = error.original_error
    for kind, (code, message) in _PASSING.items():
        if isinstance(cause, kind):
            # Not logged here: whoever notices such a state logs it once, not for each request.
            extensions = {"code": code, "retryAfter": cause.retry_after.total_seconds()}
            return {**formatted, "message": message, "extensions": extensions}
    if cause is not None and not isinstance(cause, GraphQLError):
        _log.error("request %s failed", request_id, exc_info=cause)
        return {**formatted, **internal_error(request_id)}
    extensions = {**(error.extensions or {}), "code": "BAD_USER_INPUT"}
    return {**formatted, "extensions": extensions}


def _code(error: dict[str, object]) -> object:
    extensions = error.get("extensions")
    return extensions.get("code") if isinstance(extensions, dict) else None
