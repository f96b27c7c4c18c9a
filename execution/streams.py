"""What the results of a subscription are, and how its stream ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from strawberry.types import ExecutionResult

if TYPE_CHECKING:
    from graphql import GraphQLError

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
