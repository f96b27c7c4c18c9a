"""What the results of a subscription are, and how its stream ends."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from strawberry.types import ExecutionResult

if TYPE_CHECKING:
    from graphql import GraphQLError

    from database.shared_reads import SharedReads

T = TypeVar("T")

Result = bytes | Mapping[str, object] | ExecutionResult
"""One result of a subscription: `{"data": …}` encoded as JSON, the same as an object, or a result
whose errors are still to be worded. Bytes are sent as they are: many streams can share them."""


class SubscriptionRefused(Exception):
    """A subscription does not start. Its errors are worded like those of a query."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class StreamEnded(Exception):
    """A stream ends before its client ends it, for a reason that the client can tell by a code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Chunk(Generic[T]):
    """What the resolver of a subscription yields: values, each of which becomes a result.

    ``identity`` is equal for equal values. Streams of the same selection and viewer that yield an
    equal chunk, with the same ``reads``, share its results.
    """

    values: Sequence[T]
    identity: Hashable
    reads: SharedReads
