"""Reads a GraphQL operation from an HTTP request, and refuses a request that has none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.datastructures import FormData, QueryParams
from starlette.requests import ClientDisconnect, Request

from execution.persisted_documents import (
    PREFIX,
    DocumentError,
    DocumentFault,
    PersistedDocuments,
    RequestedDocument,
)
from transport.errors import HttpError
from transport.header_values import cached_by_value, quality_of
from transport.headers import headers_of
from transport.multipart import operations_of, parse_json, read_form
from transport.responses import JSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope

GRAPHQL_JSON: Final = "application/graphql-response+json"
EVENT_STREAM: Final = "text/event-stream"
MULTIPART: Final = "multipart/form-data"

_TYPE_NAMES: Final[Mapping[type, str]] = {dict: "an object", str: "a string"}
_TYPES: Final[Mapping[str, type]] = {
    "query": str,
    "variables": dict,
    "operationName": str,
    "extensions": dict,
    "documentId": str,
}
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_DOCUMENT_ID: Final = re.compile(r"(?:sha256:)?[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}")
"""The SHA-256, or the bare hash by which relay-compiler or the client preset names a document."""


class OperationRequest(NamedTuple):
    """The four parameters of GraphQL over HTTP, checked for their types, and the document."""

    query: str
    found: RequestedDocument
    variables: dict[str, object] | None
    operation_name: str | None
    extensions: dict[str, object] | None
    form: FormData | None
    """The form that holds the uploaded files, if any. It must be closed."""


@cached_by_value
def negotiate(accept: str) -> str:
    """Choose the media type of the response.

    Without a preference it is `application/json`, which older clients expect. Of two types with
    equal weight the first one named wins.

    Raises:
        HttpError: 406, if the client accepts neither.
    """
    if not accept.strip():
        return JSON
    offers = {
        GRAPHQL_JSON: GRAPHQL_JSON,
        JSON: JSON,
        EVENT_STREAM: EVENT_STREAM,
        "application/*": JSON,
        "*/*": JSON,
    }
    best, best_quality = None, 0.0
    for media_range in accept.split(","):
        name, *parameters = (part.strip().lower() for part in media_range.split(";"))
        offer, quality = offers.get(name), quality_of(parameters)
        if offer and quality > best_quality:
            best, best_quality = offer, quality
    if best is None:
        raise HttpError(406, f"The answer can be {GRAPHQL_JSON} or {JSON}, and nothing else")
    return best


async def read_operation(
    scope: Scope, receive: Receive, documents: PersistedDocuments
) -> OperationRequest:
    """Read the operation from the query string (GET) or the body (POST).

    Raises:
        HttpError: 400, 403, 405 or 415; 413 from ``receive``.
    """
    method = scope["method"]
    if method == "GET":
        return operation_from(
            _query_string_parameters(QueryParams(scope["query_string"])), documents
        )
    if method != "POST":
        raise HttpError(405, "GraphQL takes GET and POST", headers={"Allow": "GET, POST"})
    headers = headers_of(scope)
    if b"content-encoding" in headers:
        _require_uncompressed(headers[b"content-encoding"].decode("latin-1"))
    if _media_type_of(headers.get(b"content-type", b"").decode("latin-1")) == MULTIPART:
        return await _read_multipart(Request(scope, receive), documents)
    return operation_from(parse_json(await read_body(receive), "The request body"), documents)


def _require_uncompressed(coding: str) -> None:
    if coding.strip().lower() not in {"", "identity"}:
        raise HttpError(415, "A compressed request body is not supported")


@cached_by_value
def _media_type_of(content_type: str) -> str:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media_type not in {JSON, MULTIPART}:
        raise HttpError(415, f"The content type must be {JSON} or {MULTIPART}")
    charsets = {p[8:].strip('"') for p in parameters if p.startswith("charset=")}
    if not charsets <= {"utf-8", "utf8"}:
        raise HttpError(415, "The request body must be encoded in UTF-8")
    return media_type


async def read_body(receive: Receive) -> bytes:
    """The whole body; usually it comes in one message. Raises ClientDisconnect."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            return b"".join((*chunks, body)) if chunks else body
        chunks.append(body)


def _query_string_parameters(query: Mapping[str, str]) -> dict[str, object]:
    parameters: dict[str, object] = dict(query)
    for name in ("variables", "extensions"):
        if text := query.get(name):
            parameters[name] = parse_json(text, f"`{name}`")
        else:
            parameters.pop(name, None)
    return parameters


def operation_from(
    parameters: object, documents: PersistedDocuments, form: FormData | None = None
) -> OperationRequest:
    if isinstance(parameters, list):
        raise HttpError(400, "Batching is not enabled: send one operation per request")
    if not isinstance(parameters, dict):
        raise HttpError(400, "The request must be a JSON object with a `query`")
    for name, value in parameters.items():
        expected = _TYPES.get(name)
        if expected is not None and value is not None and not isinstance(value, expected):
            raise HttpError(400, f"`{name}` must be {_TYPE_NAMES[expected]} or null")
    extensions = parameters.get("extensions")
    try:
        hash_ = _hash(parameters.get("documentId"), extensions)
        found = documents.find(parameters.get("query"), hash_)
    except DocumentError as error:
        raise _document_http_error(error) from error
    return OperationRequest(
        query=found.text,
        found=found,
        variables=parameters.get("variables"),
        operation_name=parameters.get("operationName"),
        extensions=extensions,
        form=form,
    )


def _document_http_error(error: DocumentError) -> HttpError:
    fault = error.fault
    return HttpError(
        403 if fault is DocumentFault.NOT_TRUSTED else 400,
        str(error),
        code=fault,
        about_document=fault in {DocumentFault.NOT_FOUND, DocumentFault.NOT_SUPPORTED},
    )


def _hash(document_id: str | None, extensions: dict[str, object] | None) -> str | None:
    """The hash of the requested document, by `documentId` or `persistedQuery`; None without."""
    hash_ = None
    if document_id is not None:
        hash_ = document_id.removeprefix(PREFIX)
        if not _DOCUMENT_ID.fullmatch(document_id):
            raise HttpError(
                400, f"`documentId` must be `{PREFIX}` and a hash, or one of a manifest"
            )
    persisted = extensions.get("persistedQuery") if extensions else None
    if persisted is None:
        return hash_
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise HttpError(400, "`persistedQuery` must be an object with `version` 1")
    persisted_hash = persisted.get("sha256Hash")
    # Apollo Client with the hashes of the client preset sends them with their prefix.
    if isinstance(persisted_hash, str):
        persisted_hash = persisted_hash.removeprefix(PREFIX)
    if not isinstance(persisted_hash, str) or not _SHA256.fullmatch(persisted_hash):
        raise HttpError(400, "`sha256Hash` must be 64 hexadecimal digits")
    if hash_ not in (None, persisted_hash):
        raise HttpError(400, "`documentId` and `persistedQuery` name different documents")
    return persisted_hash


async def _read_multipart(request: Request, documents: PersistedDocuments) -> OperationRequest:
    form = await read_form(request)
    try:
        return operation_from(operations_of(form), documents, form)
    except BaseException:
        await form.close()
        raise
