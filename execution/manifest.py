"""The manifest of trusted documents: written from a folder of operations, read at startup.

It has the format of the tools for persisted operations: one JSON object that maps the hash of each
document to its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from execution.persisted_documents import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graphql import GraphQLSchema


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
    """Read a manifest. Its documents are not validated here, because that takes the schema.

    Raises:
        BadDocuments: the file is missing or malformed, or a hash does not match its text.
    """
    try:
        documents = orjson.loads(file.read_bytes())
    except OSError as error:
        raise BadDocuments(f"{file}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise BadDocuments(f"{file}: is not JSON") from error
    if not isinstance(documents, dict) or not all(
        isinstance(text, str) for text in documents.values()
    ):
        raise BadDocuments(f"{file}: must be a JSON object of hashes and texts")
    for sha256, text in documents.items():
        if sha256 != sha256_of(text):
            raise BadDocuments(f"{file}: {sha256[:80]} is not the SHA-256 of its text")
    return documents


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
