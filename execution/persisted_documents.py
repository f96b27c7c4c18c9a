"""Finds the document that a request names by text or by hash: trusted or registered by a client.

Two protocols name a document by its hash: ``documentId``, of the GraphQL-over-HTTP proposal on
persisted documents, and Apollo's automatic persisted queries, ``extensions.persistedQuery``.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationType,
    parse,
)

from database.bounded_cache import BoundedCache
from execution.document_cache import BadDocuments, pin_document
from execution.guard import root_guards
from execution.limits import operations_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

    from graphql import GraphQLSchema, SelectionSetNode

MAX_REGISTERED: Final = 1_000
"""The number of registered documents that a process keeps; the least recently used goes first."""

MAX_REGISTERED_CHARACTERS: Final = 2_000_000
"""Characters of all registered documents together: a thousand of the longest take over 64 MB."""

PREFIX: Final = "sha256:"
"""The prefix of a ``documentId``."""


class Trust(StrEnum):
    """Which documents the server accepts."""

    OFF = "off"
    """Texts only; no document is known by its hash."""
    ON = "on"
    """Texts, trusted documents, and documents that clients register."""
    ONLY = "only"
    """Trusted documents, and nothing else."""


class DocumentFault(StrEnum):
    """Why a document is refused; the value is the code in the answer."""

    BAD_REQUEST = "BAD_REQUEST"
    """The request names no document, or two."""
    NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"


class DocumentError(Exception):
    """The document that a request names cannot be executed."""

    def __init__(self, message: str, fault: DocumentFault = DocumentFault.BAD_REQUEST) -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class PersistedDocument:
    """A document that is known by its hash."""

    text: str
    cache_lifetime: timedelta | None
    """How long a shared cache may keep an answer; None for a private or changing one."""


class RequestedDocument(NamedTuple):
    """The text to execute, and the persisted document that it comes from."""

    text: str
    document: PersistedDocument | None = None
    register_as: str | None = None
    """The hash under which to register the text, once it has been executed."""


def sha256_of(text: str) -> str:
    """The hash of a document: of its source text, unchanged, in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def names_of(text: str) -> set[str]:
    """The names that manifests give a text: its hash, by three algorithms.

    relay-compiler takes the MD5 by default, and the client preset before version 6 the SHA-1.
    Such a hash proves nothing; it is a name of a text in the operator's file.
    """
    encoded = text.encode()
    sha256 = sha256_of(text)
    sha1 = hashlib.sha1(encoded, usedforsecurity=False).hexdigest()
    md5 = hashlib.md5(encoded, usedforsecurity=False).hexdigest()
    return {sha256, PREFIX + sha256, sha1, md5}


class PersistedDocuments:
    """The documents that a process knows by their hash."""

    def __init__(
        self,
        schema: GraphQLSchema,
        trust: Trust = Trust.ON,
        trusted: Mapping[str, str] | None = None,
        built: Mapping[str, str] | None = None,
    ) -> None:
        """Check the trusted texts, keyed by a hash, like the text of any request.

        ``built`` are trusted, too: the documents of our own pages, each of which is checked when it
        is asked for first. They are many, and their build has checked them.

        Raises:
            BadDocuments: one of ``trusted`` exceeds the limits, or is not valid for the schema.
        """
        self.trust = trust
        self._schema = schema
        self._trusted: dict[str, PersistedDocument] = {}
        self._sha256_by_hash: dict[str, str] = {}
        self._registered: BoundedCache[str, PersistedDocument] = BoundedCache(
            MAX_REGISTERED,
            max_weight=MAX_REGISTERED_CHARACTERS,
            weigh=lambda document: len(document.text),
        )
        self._unchecked: dict[str, str] = {}
        """The built documents that nobody has asked for, by their SHA-256."""
        if trust is Trust.OFF:
            return
        for hash_, text in (trusted or {}).items():
            try:
                document = pin_document(schema, text)
            except BadDocuments as bad:
                raise BadDocuments(f"the trusted document {hash_}: {bad}") from bad
            sha256 = self._sha256_by_hash[hash_] = sha256_of(text)
            self._trusted[sha256] = PersistedDocument(text, _cache_lifetime(schema, document))
        for hash_, text in (built or {}).items():
            sha256 = self._sha256_by_hash[hash_] = sha256_of(text)
            if sha256 not in self._trusted:
                self._unchecked[sha256] = text

    @property
    def trusted_texts(self) -> Iterator[str]:
        yield from self.checked_texts
        yield from self._unchecked.values()

    @property
    def checked_texts(self) -> Iterator[str]:
        """The trusted texts that have been checked."""
        return (document.text for document in self._trusted.values())

    def find(self, text: str | None, hash_: str | None) -> RequestedDocument:
        """Find the document that a request names by its text, by its hash, or by both.

        The hash is the SHA-256, or the one of the manifest.

        Raises:
            DocumentError: it is not known, not trusted, or does not have that hash.
        """
        if not (text and text.strip()):
            text = None
        sha256 = self._sha256_by_hash.get(hash_, hash_) if hash_ else None
        if text is None and sha256 is None:
            raise DocumentError("The request has no `query`")
        if self.trust is Trust.OFF:
            if text is None:
                raise _not_supported()
            return RequestedDocument(text)
        if sha256 is None:
            return self._by_text(text or "")
        document = self._find_trusted(sha256) or self._registered.get(sha256)
        if text is not None and text != (document and document.text) and sha256_of(text) != sha256:
            raise DocumentError("The hash is not the one of the `query` beside it")
        if document is not None:
            return RequestedDocument(document.text, document)
        if self.trust is Trust.ONLY:
            raise _not_trusted()
        if text is None:
            raise _not_found()
        return RequestedDocument(text, register_as=sha256)

    def register(self, requested: RequestedDocument) -> None:
        """Register a text that came with a hash, after it has been executed.

        Not earlier: documents that are too complex or invalid would evict valid ones.
        """
        sha256 = requested.register_as
        if sha256 is None or sha256 in self._registered:
            return
        document = PersistedDocument(
            requested.text, _cache_lifetime(self._schema, parse(requested.text))
        )
        self._registered.put(sha256, document)

    def _by_text(self, text: str) -> RequestedDocument:
        if self.trust is not Trust.ONLY:
            return RequestedDocument(text)
        document = self._find_trusted(sha256_of(text))
        if document is None:
            raise _not_trusted()
        return RequestedDocument(document.text, document)

    def _find_trusted(self, sha256: str) -> PersistedDocument | None:
        text = self._unchecked.pop(sha256, None)
        if text is not None:
            lifetime = None
            # A build for another schema: the answer to the request tells the errors.
            with contextlib.suppress(BadDocuments):
                lifetime = _cache_lifetime(self._schema, pin_document(self._schema, text))
            self._trusted[sha256] = PersistedDocument(text, lifetime)
        return self._trusted.get(sha256)


def _cache_lifetime(schema: GraphQLSchema, document: DocumentNode) -> timedelta | None:
    """The shortest cache lifetime of all root fields; None if one of them has none."""
    query = schema.query_type
    guards = root_guards(schema)
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    shortest: timedelta | None = None
    for operation in operations_of(document):
        if operation.operation is not OperationType.QUERY or query is None:
            return None
        for name in _root_fields(operation.selection_set, fragments):
            guard = guards.get((query.name, name))
            if guard is None or guard.cache_lifetime is None:
                return None
            shortest = min(shortest or guard.cache_lifetime, guard.cache_lifetime)
    return shortest


def _root_fields(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[str]:
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, FragmentSpreadNode):
            yield from _root_fields(fragments[selection.name.value].selection_set, fragments)
        elif isinstance(selection, InlineFragmentNode):
            yield from _root_fields(selection.selection_set, fragments)


def _not_found() -> DocumentError:
    # The message and the code are Apollo's: its clients send the text when they read either.
    return DocumentError("PersistedQueryNotFound", DocumentFault.NOT_FOUND)


def _not_supported() -> DocumentError:
    return DocumentError("PersistedQueryNotSupported", DocumentFault.NOT_SUPPORTED)


def _not_trusted() -> DocumentError:
    return DocumentError("This server takes trusted documents only", DocumentFault.NOT_TRUSTED)
