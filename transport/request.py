"""Reads a GraphQL operation from an HTTP request, and refuses whatever is not one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request

from execution.persisted_documents import (
    PREFIX,
    DocumentError,
    DocumentFault,
    PersistedDocuments,
    RequestedDocument,
)
from transport.edge import JSON, HttpError, headers_of
from transport.header_values import quality_of, remembered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.types import Receive, Scope

GRAPHQL_JSON = "application/graphql-response+json"
MULTIPART = "multipart/form-data"

MAX_UPLOADED_FILES = 10
MAX_UPLOAD_PATHS = 50

_TYPE_NAMES: Final[Mapping[type, str]] = {dict: "an object", str: "a string"}
_TYPES: Final[Mapping[str, type]] = {
    "query": str,
    "variables": dict,
    "operationName": str,
    "extensions": dict,
    "documentId": str,
}
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class OperationRequest(NamedTuple):
    """The four parameters of GraphQL over HTTP, of the right types, and where the text is from."""

    query: str
    found: RequestedDocument
    variables: dict[str, object] | None
    operation_name: str | None
    extensions: dict[str, object] | None
    form: FormData | None
    """What holds the uploaded files, if there are any: to be closed in the end."""


@remembered
def negotiate(accept: str) -> str:
    """Choose the media type of the answer.

    Without a preference it is `application/json`, which older clients expect; of two equally
    welcome types the first one named wins.

    Raises:
        Refused: 406, when the client accepts neither.
    """
    if not accept.strip():
        return JSON
    offers = {GRAPHQL_JSON: GRAPHQL_JSON, JSON: JSON, "application/*": JSON, "*/*": JSON}
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
        Refused: 400, 403, 405 or 415, and whatever reading the body raises (413).
    """
    method = scope["method"]
    if method == "GET":
        return _operation(_from_query_string(QueryParams(scope["query_string"])), documents)
    if method != "POST":
        raise HttpError(405, "GraphQL takes GET and POST", headers={"Allow": "GET, POST"})
    headers = headers_of(scope)
    if b"content-encoding" in headers:
        _demand_uncoded(headers[b"content-encoding"].decode("latin-1"))
    if _media_type_of(headers.get(b"content-type", b"").decode("latin-1")) == MULTIPART:
        return await _from_multipart(Request(scope, receive), documents)
    return _operation(_parse_json(await _body(receive), "The request body"), documents)


def _demand_uncoded(coding: str) -> None:
    if coding.strip().lower() not in {"", "identity"}:
        raise HttpError(415, "A compressed request body is not supported")


@remembered
def _media_type_of(content_type: str) -> str:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media_type not in {JSON, MULTIPART}:
        raise HttpError(415, f"The content type must be {JSON} or {MULTIPART}")
    charsets = {p[8:].strip('"') for p in parameters if p.startswith("charset=")}
    if not charsets <= {"utf-8", "utf8"}:
        raise HttpError(415, "The request body must be encoded in UTF-8")
    return media_type


async def _body(receive: Receive) -> bytes:
    """The whole body; usually it comes at once."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            return b"".join((*chunks, body)) if chunks else body
        chunks.append(body)


def _from_query_string(parameters: Mapping[str, str]) -> dict[str, object]:
    read: dict[str, object] = dict(parameters)
    for name in ("variables", "extensions"):
        if text := parameters.get(name):
            read[name] = _parse_json(text, f"`{name}`")
        else:
            read.pop(name, None)
    return read


def _parse_json(text: str | bytes, what: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:  # bad UTF-8 and too deep nesting included
        raise HttpError(400, f"{what} is not valid JSON") from error


def _operation(
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
    said = parameters.get
    extensions = said("extensions")
    try:
        found = documents.find(said("query"), _hash(said("documentId"), extensions))
    except DocumentError as error:
        raise _document_refused(error) from error
    return OperationRequest(
        found.text, found, said("variables"), said("operationName"), extensions, form
    )


def _document_refused(error: DocumentError) -> HttpError:
    fault = error.fault
    return HttpError(
        403 if fault is DocumentFault.NOT_TRUSTED else 400,
        str(error),
        code=fault,
        document=fault in {DocumentFault.NOT_FOUND, DocumentFault.NOT_SUPPORTED},
    )


def _hash(document_id: str | None, extensions: dict[str, object] | None) -> str | None:
    """Read which document is asked for by its hash, if one is, in either way to say it."""
    sha256 = None
    if document_id is not None:
        sha256 = document_id.removeprefix(PREFIX)
        if sha256 == document_id or not _SHA256.fullmatch(sha256):
            raise HttpError(400, f"`documentId` must be `{PREFIX}` and 64 hexadecimal digits")
    persisted = extensions.get("persistedQuery") if extensions else None
    if persisted is None:
        return sha256
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise HttpError(400, "`persistedQuery` must be an object with `version` 1")
    said = persisted.get("sha256Hash")
    if not isinstance(said, str) or not _SHA256.fullmatch(said):
        raise HttpError(400, "`sha256Hash` must be 64 hexadecimal digits")
    if sha256 not in (None, said):
        raise HttpError(400, "`documentId` and `persistedQuery` name different documents")
    return said


async def _from_multipart(request: Request, documents: PersistedDocuments) -> OperationRequest:
    form = await _form(request)
    try:
        return _operation(_placed(form), documents, form)
    except BaseException:
        await form.close()
        raise


def _placed(form: FormData) -> object:
    """Follow the GraphQL multipart request specification: `operations`, `map`, then the files."""
    operations = _parse_json(_text_field(form, "operations"), "`operations`")
    if isinstance(operations, list):
        return operations  # refused as a batch, in the same words as any other
    files_to_paths = _parse_json(_text_field(form, "map"), "`map`")
    if not isinstance(files_to_paths, dict):
        raise HttpError(400, "`map` must be an object")
    placements = list(_placements(files_to_paths))
    if len(placements) > MAX_UPLOAD_PATHS:
        raise HttpError(400, f"`map` names more than {MAX_UPLOAD_PATHS} places")
    for name, path in placements:
        file = form.get(name)
        if not isinstance(file, UploadFile):
            raise HttpError(400, f"`map` names the file `{name}`, which was not sent")
        _place(operations, path, file)
    return operations


async def _form(request: Request) -> FormData:
    try:
        return await request.form(max_files=MAX_UPLOADED_FILES, max_fields=2)
    except MultiPartException as error:
        raise HttpError(400, f"The multipart body is malformed: {error.message}") from error
    except HTTPException as error:  # what starlette makes of it inside an application
        raise HttpError(400, f"The multipart body is malformed: {error.detail}") from error
    except (ValueError, LookupError, AssertionError) as error:
        raise HttpError(400, "The multipart body is malformed") from error


def _text_field(form: FormData, name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str):
        raise HttpError(400, f"The multipart body has no field `{name}`")
    return value


def _placements(files_to_paths: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, paths in files_to_paths.items():
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise HttpError(400, "`map` must give a list of paths for each file")
        for path in paths:
            yield name, path


def _place(operations: object, path: str, file: UploadFile) -> None:
    """Put a file where its path points: into the variables, at a place that holds null."""
    first, *keys = path.split(".")
    holder: Any = operations
    try:
        for key in (first, *keys[:-1]):
            holder = holder[int(key) if isinstance(holder, list) else key]
        last = int(keys[-1]) if isinstance(holder, list) else keys[-1]
        if first != "variables" or holder[last] is not None:
            raise LookupError(path)  # noqa: TRY301 -- one wording for every wrong path
        holder[last] = file
    except (LookupError, TypeError, ValueError) as error:
        message = f"`map` points to `{path}`, which is not a null in the variables"
        raise HttpError(400, message) from error
