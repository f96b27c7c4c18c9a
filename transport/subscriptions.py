"""One subscription as a stream of encoded results, whichever transport carries it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import orjson
from graphql import GraphQLError, GraphQLSchema, OperationType
from strawberry.types import ExecutionResult

from execution.limits import check_input_values
from execution.operation_kind import operation_kind
from execution.streams import Result, StreamEnded, SubscriptionRefused
from transport.current_request import begin_request
from transport.errors import HttpError
from transport.headers import request_id_of
from transport.language import request_language, translated
from transport.results import formatted_errors
from transport.stream_limits import KEEP_ALIVE_S, SocketBounds, StreamLimits

if TYPE_CHECKING:
    from starlette.types import Scope

    from domain.text import Language
    from execution.persisted_documents import PersistedDocuments
    from transport.request import OperationRequest

Context = TypeVar("Context")
Context_contra = TypeVar("Context_contra", contravariant=True)


class Subscribe(Protocol[Context_contra]):
    """Executes a subscription, or refuses a document that has errors or no operation of that name.

    The generator may raise SubscriptionRefused before its first result, and StreamEnded at any
    time. It is closed when its client has gone. Any other exception is worded like that of a field.
    """

    def __call__(
        self,
        text: str,
        operation_name: str | None,
        raw_variables: Mapping[str, object] | None,
        context: Context_contra,
        /,
    ) -> AsyncGenerator[Result, None]: ...


@dataclass(frozen=True)
class Subscriptions(Generic[Context]):
    """What every subscription of a process needs."""

    schema: GraphQLSchema
    documents: PersistedDocuments
    subscribe: Subscribe[Context]
    open_context: Callable[[Scope], Context]
    """Called once per subscription. It may raise `HttpError`."""
    viewer_of: Callable[[Context], Awaitable[Hashable]]
    """Whose subscription it is, for the limit of each viewer."""
    limits: StreamLimits = field(default_factory=StreamLimits)
    socket_bounds: SocketBounds = field(default_factory=SocketBounds)
    keep_alive_s: float = KEEP_ALIVE_S
    public_url: str = ""
    """Whose pages may open a WebSocket, besides those of the host that it is asked for."""
    allowed_origins: Collection[str] = ()
    """Other origins whose pages may, too."""

    def is_subscription(self, operation: OperationRequest) -> bool | None:
        """None if the document has errors, or no operation of that name."""
        kind = operation_kind(self.schema, operation.query, operation.operation_name)
        return None if kind is None else kind is OperationType.SUBSCRIPTION

    async def results(
        self, scope: Scope, operation: OperationRequest
    ) -> AsyncGenerator[bytes, None]:
        """The encoded results. What it raises, `stream_errors` words."""
        begin_request(scope)
        with self.limits.seat():
            excess = check_input_values(operation.variables or {})
            if excess is not None:
                raise SubscriptionRefused([excess])
            context = self.open_context(scope)
            with self.limits.seat_of(await self.viewer_of(context)):
                stream = self.subscribe(
                    operation.query, operation.operation_name, operation.variables, context
                )
                async with aclosing(stream):
                    async for result in stream:
                        self.documents.register(operation.found)
                        yield _encoded(result, scope)


def _encoded(result: Result, scope: Scope) -> bytes:
    if isinstance(result, bytes):
        return result
    if not isinstance(result, ExecutionResult):
        return orjson.dumps(result)
    content: dict[str, object] = {"data": result.data}
    if result.errors:
        content["errors"] = formatted_errors(
            result.errors, request_id=request_id_of(scope), language=request_language(scope)
        )
    return orjson.dumps(content)


def stream_errors(error: Exception, scope: Scope) -> list[dict[str, object]]:
    """Word the exception with which a stream ended. A bug is logged."""
    language, request_id = request_language(scope), request_id_of(scope)
    if isinstance(error, HttpError | StreamEnded):
        return [stream_error(error.code, error.message, language)]
    errors = (
        error.errors
        if isinstance(error, SubscriptionRefused)
        else [GraphQLError(str(error), original_error=error)]
    )
    return formatted_errors(errors, request_id=request_id, language=language)


def stream_error(code: str, message: str, language: Language) -> dict[str, object]:
    return {"message": translated(message, language), "extensions": {"code": code}}
