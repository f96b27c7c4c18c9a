"""HTTP responses for GraphQL results, and the wording of their errors."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from graphql import GraphQLError

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from database.outages import Outage
from models.clock import ClockUnfit
from resolvers.store_availability import StoreUnreachable
from transport.errors import (
    CLOCK_UNFIT,
    DATABASE_UNREACHABLE,
    MERCHANTS_OF_A_MACHINE,
    NODE_UNREACHABLE,
    OVERLOADED,
    SERVER_OVERLOADED,
    STORE_UNREACHABLE,
    UNAVAILABLE,
    overloaded,
)
from transport.language import translated
from transport.request import GRAPHQL_JSON
from transport.responses import JsonResponse, internal_error, json_response

if TYPE_CHECKING:
    from datetime import timedelta

    from starlette.responses import Response
    from strawberry.types import ExecutionResult

    from domain.text import Language

_log: Final = logging.getLogger("aftersales.http")

_TRANSIENT: Final[Mapping[type[Overloaded | Unreachable | ClockUnfit], tuple[str, str]]] = {
    Overloaded: (OVERLOADED, SERVER_OVERLOADED),
    StoreUnreachable: (UNAVAILABLE, STORE_UNREACHABLE),
    Unreachable: (UNAVAILABLE, DATABASE_UNREACHABLE),
    ClockUnfit: (UNAVAILABLE, CLOCK_UNFIT),
}
"""The code and the message of each error after which a client may retry. A subclass stands before
its base."""

_RETRYABLE_CODES: Final = frozenset({OVERLOADED, UNAVAILABLE})
_ALWAYS_400: Final = frozenset({"BAD_REQUEST", "QUERY_TOO_COMPLEX"})


def result_response(
    result: ExecutionResult,
    *,
    media_type: str,
    request_id: str,
    language: Language,
    cache_lifetime: timedelta | None = None,
) -> Response:
    """The response for a result. `data` is left out only if nothing was executed."""
    if result.data is not None and not result.errors and not result.extensions:
        return json_response(
            {"data": result.data}, media_type=media_type, cache_lifetime=cache_lifetime
        )
    errors = formatted_errors(result.errors or (), request_id=request_id, language=language)
    response = _response_with(errors, result, media_type=media_type, cache_lifetime=cache_lifetime)
    response.error_code = str(_code(errors[0])) if errors else None
    return response


def _response_with(
    errors: list[dict[str, object]],
    result: ExecutionResult,
    *,
    media_type: str,
    cache_lifetime: timedelta | None,
) -> JsonResponse:
    extensions = {"extensions": result.extensions} if result.extensions else {}
    if result.data is None and all(error.path is None for error in result.errors or ()):
        status = _request_error_status(errors, media_type=media_type)
        return json_response({"errors": errors, **extensions}, status=status, media_type=media_type)
    content: dict[str, object] = {"data": result.data, **extensions}
    if errors:
        content["errors"] = errors
    if not _RETRYABLE_CODES.isdisjoint(map(_code, errors)) and not any(
        (result.data or {}).values()
    ):
        # No field has an answer: proxies and clients should see that by the status.
        return json_response(
            content, status=503, media_type=media_type, headers=overloaded().headers
        )
    return json_response(content, media_type=media_type, cache_lifetime=cache_lifetime)


def formatted_errors(
    errors: Iterable[GraphQLError], *, request_id: str, language: Language
) -> list[dict[str, object]]:
    """The errors as objects: each with a code, in the language; a bug is logged and hidden."""
    formatted = [_format(error, request_id=request_id) for error in errors]
    for error in formatted:
        error["message"] = translated(str(error["message"]), language)
    return formatted


def _request_error_status(errors: list[dict[str, object]], *, media_type: str) -> int:
    """Follow GraphQL over HTTP: under `application/json`, an error of the document is a 200.

    But not for a document that is too complex or ambiguous: proxies and clients should see that
    without reading the body.
    """
    codes = {_code(error) for error in errors}
    if "INTERNAL" in codes:
        return 500
    return 400 if media_type == GRAPHQL_JSON or codes & _ALWAYS_400 else 200


def _format(error: GraphQLError, *, request_id: str) -> dict[str, object]:
    """Give each error a code, and hide what is not meant for the client."""
    formatted: dict[str, object] = dict(error.formatted)
    if _code(formatted):
        return formatted
    cause = error.original_error
    for kind, (code, message) in _TRANSIENT.items():
        if isinstance(cause, kind):
            # Not logged here: the part that detects such a state logs it once for all requests.
            extensions: dict[str, object] = {
                "code": code,
                "retryAfter": cause.retry_after.total_seconds(),
            }
            if isinstance(cause, Unreachable) and cause.outage is Outage.NODE_AWAY:
                extensions["missing"] = MERCHANTS_OF_A_MACHINE
                return {**formatted, "message": NODE_UNREACHABLE, "extensions": extensions}
            return {**formatted, "message": message, "extensions": extensions}
    if cause is not None and not isinstance(cause, GraphQLError):
        _log.error("request %s failed", request_id, exc_info=cause)
        return {**formatted, **internal_error(request_id)}
    bad_input = {**(error.extensions or {}), "code": "BAD_USER_INPUT"}
    return {**formatted, "extensions": bad_input}


def _code(error: dict[str, object]) -> object:
    extensions = error.get("extensions")
    return extensions.get("code") if isinstance(extensions, dict) else None
