"""The file of trusted documents: made from a folder of operations, and read at the start.

It is what tools for persisted operations write and read: one JSON object, from the hash of each
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

from execution.document_gate import BadDocuments, admit
from execution.documents import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graphql import GraphQLSchema


def collect(folder: Path, schema: GraphQLSchema) -> dict[str, str]:
    """The text of each operation below a folder by its hash, with the fragments that it uses.

    Each operation becomes a document of its own, as it does in the tools that clients are built
    with; fragments may stand in any file of the folder.

    Raises:
        BadDocuments: what is wrong, a line for each file or operation.
    """
    files = sorted(folder.rglob("*.graphql"))
    if not files:
        raise BadDocuments(f"{folder}: there is no .graphql file")
    definitions = _named(folder, files)
    found: dict[str, str] = {}
    wrong: list[str] = []
    for name, operation in separate_operations(DocumentNode(definitions=definitions)).items():
        text = print_ast(operation)
        try:
            admit(schema, text)
        except BadDocuments as bad:
            wrong.append(f"{name}: {bad}")
        found[sha256_of(text)] = text
    if wrong:
        raise BadDocuments("\n".join(wrong))
    if not found:
        raise BadDocuments(f"{folder}: there is no operation in it")
    return found


def written(documents: dict[str, str]) -> bytes:
    """The file's content."""
    return orjson.dumps(documents, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read(file: Path) -> dict[str, str]:
    """Read the file; whether its documents are fit is found out with the schema.

    Raises:
        BadDocuments: it is missing or malformed, or a hash is not the one of its text.
    """
    try:
        content = orjson.loads(file.read_bytes())
    except OSError as error:
        raise BadDocuments(f"{file}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise BadDocuments(f"{file}: is not JSON") from error
    if not isinstance(content, dict) or not all(isinstance(one, str) for one in content.values()):
        raise BadDocuments(f"{file}: must be a JSON object of hashes and texts")
    for sha256, text in content.items():
        if sha256 != sha256_of(text):
            raise BadDocuments(f"{file}: {sha256[:80]} is not the SHA-256 of its text")
    return content


def _named(
    folder: Path, files: Iterable[Path]
) -> tuple[OperationDefinitionNode | FragmentDefinitionNode, ...]:
    """Every definition of the files, each with a name that no other has."""
    places: dict[tuple[str, str], Path] = {}
    wrong: list[str] = []
    definitions = []
    for file in files:
        here = file.relative_to(folder)
        try:
            document = parse(Source(file.read_text("utf-8"), str(here)))
        except (GraphQLSyntaxError, UnicodeDecodeError) as error:
            wrong.append(f"{here}: {_said(error)}")
            continue
        for definition in document.definitions:
            if not isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
                wrong.append(f"{here}: holds more than operations and fragments")
            elif definition.name is None:
                wrong.append(f"{here}: an operation has no name")
            else:
                key = (definition.kind, name := definition.name.value)
                if key in places:
                    wrong.append(f"{here}: {name} is in {places[key]} too")
                places.setdefault(key, here)
                definitions.append(definition)
    if wrong:
        raise BadDocuments("\n".join(wrong))
    return tuple(definitions)


def _said(error: GraphQLError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8"
    place = error.locations[0] if error.locations else None
    return f"{error.message} (line {place.line})" if place else error.message
