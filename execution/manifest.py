"""The manifest of trusted documents: written from a folder of operations, read at startup.

It is written as one JSON object that maps the hash of each document to its text. It is read in the
formats of the tools that clients are built with: graphql-codegen's client preset (keys with
``sha256:``), relay-compiler (MD5 by default), and Apollo's generate-persisted-query-manifest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    Source,
    parse,
    print_ast,
    separate_operations,
)

from execution.document_cache import BadDocuments, pin_document
from execution.persisted_documents import PREFIX, names_of, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from graphql import GraphQLSchema

_APOLLO: Final = "apollo-persisted-query-manifest"
"""The value of ``format`` in the manifests of Apollo's tool."""


def collect(folder: Path, schema: GraphQLSchema) -> dict[str, str]:
    """The texts of the operations below a folder by their hashes, each with its fragments.

    Each operation becomes a document of its own, as in the tools that clients are built with.
    Fragments may be in any file of the folder.

    Raises:
        BadDocuments: there are errors; the message has a line for each file or operation.
    """
    files = sorted(folder.rglob("*.graphql"))
    if not files:
        raise BadDocuments(f"{folder}: there is no .graphql file")
    definitions = _definitions(folder, files)
    documents: dict[str, str] = {}
    errors: list[str] = []
    for name, operation in separate_operations(DocumentNode(definitions=definitions)).items():
        text = print_ast(operation)
        try:
            pin_document(schema, text)
        except BadDocuments as bad:
            errors.append(f"{name}: {bad}")
        documents[sha256_of(text)] = text
    if errors:
        raise BadDocuments("\n".join(errors))
    if not documents:
        raise BadDocuments(f"{folder}: there is no operation in it")
    return documents


def encode(documents: dict[str, str]) -> bytes:
    """The content of a manifest."""
    return orjson.dumps(documents, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read(file: Path) -> dict[str, str]:
    """Read a manifest: texts by their hashes. They are not validated here: that takes the schema.

    Raises:
        BadDocuments: the file is missing or malformed, or a hash does not match its text.
    """
    try:
        content = orjson.loads(file.read_bytes())
    except OSError as error:
        raise BadDocuments(f"{file}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise BadDocuments(f"{file}: is not JSON") from error
    try:
        documents = dict(_entries(content))
    except _MalformedError as error:
        raise BadDocuments(f"{file}: {error}") from error
    return documents


class _MalformedError(Exception):
    """A manifest is not of a known format."""


def _entries(content: object) -> Iterator[tuple[str, str]]:
    """The hashes and texts of a manifest, without prefixes. Raises _MalformedError."""
    if not isinstance(content, dict):
        raise _MalformedError("must be a JSON object of hashes and texts")
    is_apollo = content.get("format") == _APOLLO
    for id_, text in _apollo(content) if is_apollo else content.items():
        if not isinstance(id_, str) or not isinstance(text, str):
            raise _MalformedError("must be a JSON object of hashes and texts")
        # An id that is not the hash of its text could stand for anything.
        if id_ not in names_of(text):
            raise _MalformedError(f"{id_[:80]} is not the SHA-256, SHA-1 or MD5 of its text")
        yield id_.removeprefix(PREFIX), text


def _apollo(content: dict[str, object]) -> Iterator[tuple[object, object]]:
    operations = content.get("operations")
    if content.get("version") != 1 or not isinstance(operations, list):
        raise _MalformedError(f"must be of version 1 of {_APOLLO}")
    for operation in operations:
        if not isinstance(operation, dict):
            raise _MalformedError("each of `operations` must be an object")
        yield operation.get("id"), operation.get("body")


def _definitions(
    folder: Path, files: Iterable[Path]
) -> tuple[OperationDefinitionNode | FragmentDefinitionNode, ...]:
    """The definitions of all files. Raises BadDocuments if a name is missing or used twice."""
    files_by_name: dict[tuple[str, str], Path] = {}
    errors: list[str] = []
    definitions = []
    for file in files:
        path = file.relative_to(folder)
        try:
            document = parse(Source(file.read_text("utf-8"), str(path)))
        except (GraphQLSyntaxError, UnicodeDecodeError) as error:
            errors.append(f"{path}: {_message(error)}")
            continue
        for definition in document.definitions:
            if not isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
                errors.append(f"{path}: holds more than operations and fragments")
            elif definition.name is None:
                errors.append(f"{path}: an operation has no name")
            else:
                key = (definition.kind, name := definition.name.value)
                if key in files_by_name:
                    errors.append(f"{path}: {name} is in {files_by_name[key]} too")
                files_by_name.setdefault(key, path)
                definitions.append(definition)
    if errors:
        raise BadDocuments("\n".join(errors))
    return tuple(definitions)


def _message(error: GraphQLError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8"
    location = error.locations[0] if error.locations else None
    return f"{error.message} (line {location.line})" if location else error.message
