"""Planned subscriptions: what a resolver yields becomes encoded results, shared among streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from graphql import GraphQLError, GraphQLSchema

from auth.authenticator import Unauthenticated
from database.availability import Unreachable
from database.connection_limiter import Overloaded
from domain.refusals.refusal import BadInput, Refused
from execution.document_cache import check_document, shared_document
from execution.root_steps import RootStep, RootStepPlanner
from execution.streams import Chunk, StreamEnded, SubscriptionRefused
from projection.selection import Operation
from projection.variables import BadVariables, Variables

if TYPE_CHECKING:
    from strawberry import Schema

    from auth.viewer import Viewer
    from execution.checked_document import CheckedDocument, PreparedOperation
    from resolvers.context import Context
    from resolvers.feed.viewer_watch import Watched

_WORDED: Final = (GraphQLError, BadInput, Refused, Unauthenticated)
"""The exceptions that the guard of a field words; any other is a bug."""

_STREAM: Final = "stream"
"""The key of plans. Not that of planned execution, which keeps a list of steps."""

Chunks = AsyncGenerator[Chunk[Any], None]
"""Any: values of whatever type the API declares."""


class PlannedSubscriptions:
    """Executes subscriptions."""

    def __init__(self, schema: Schema) -> None:
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001 - no public way to it

    async def subscribe(
        self,
        text: str,
        operation_name: str | None,
        raw_variables: Mapping[str, object] | None,
        context: Context,
        /,
    ) -> AsyncGenerator[bytes, None]:
        """Yield the encoded results until the viewer may no longer read.

        Raises SubscriptionRefused before the first result, and StreamEnded at any time.
        """
        checked, operation = self._check(text, operation_name, context)
        try:
            variables = operation.coerce_variables(raw_variables or {})
        except BadVariables as bad:
            raise SubscriptionRefused(bad.errors) from bad
        step = self._step(checked, operation, variables)
        guard, watch = step.field.guard, context.services.viewer_watch

        async def check(viewer: Viewer) -> None:
            context.viewer_or_none = viewer
            await guard.check(context, fresh=False)

        has_begun = False
        try:
            async with context.services.database.stream_turn:
                await guard.check(context, fresh=True)
                await watch.check_merchant(context.viewer)
            with watch.watching(context.request.token or "", check) as watched:
                context.watched = watched
                stream = _Stream(step, variables, orjson.dumps(raw_variables), context, watched)
                async with aclosing(stream.results()) as results:
                    async for result in results:
                        has_begun = True
                        yield result
        except _WORDED as error:
            worded = guard.worded(error, context)
            if worded is None:
                raise
            if not has_begun:
                raise SubscriptionRefused([worded]) from error
            code = str((worded.extensions or {}).get("code"))
            raise StreamEnded(code, worded.message) from error
        except (Overloaded, Unreachable) as error:
            message = "The server cannot read the database now"
            raise StreamEnded("UNAVAILABLE", message) from error

    def _check(
        self, text: str, operation_name: str | None, context: Context
    ) -> tuple[CheckedDocument, PreparedOperation]:
        """Raises SubscriptionRefused."""
        checked = check_document(self._schema, text, context.shared)
        if checked is None:
            try:
                errors = shared_document(self._schema, text, (), context.shared).errors
            except GraphQLError as error:
                errors = (error,)
            raise SubscriptionRefused(errors)
        operation = checked.operation(operation_name)
        if operation is None or not operation.is_subscription:
            message = "The request must name one subscription of the document"
            unnamed = GraphQLError(message, extensions={"code": "BAD_REQUEST"})
            raise SubscriptionRefused([unnamed])
        return checked, operation

    def _step(
        self, checked: CheckedDocument, prepared: PreparedOperation, variables: Variables
    ) -> RootStep:
        name, plans = prepared.name, checked.plans

        def plan() -> RootStep:
            operation = Operation(self._schema, checked.fragments, variables, name)
            (step,) = RootStepPlanner(self._schema, plans).steps(operation, prepared.definition)
            return step

        return plans.get(name, variables, (_STREAM,), plan)


@dataclass(frozen=True, slots=True)
class _Stream:
    """A subscription that runs."""

    step: RootStep
    variables: Variables
    variables_key: bytes
    context: Context
    watched: Watched

    async def results(self) -> AsyncGenerator[bytes, None]:
        chunks: Chunks = self.step.resolve(self.context, self.variables)
        async with aclosing(chunks):
            while True:
                chunk = await self._unless_ended(lambda: anext(chunks, None))
                if chunk is None:
                    return
                request = self.context.request
                now = self.context.services.clock.now()
                self.context.request = request._replace(now=now)
                for result in await self._encoded(chunk):
                    if self.watched.ended.done():
                        self.watched.ended.result()
                    yield result

    async def _unless_ended(self, make: Callable[[], Awaitable[Chunk[Any] | None]]) -> Any:
        """Any: ``anext`` with a default. Raises what ended the stream."""
        task = asyncio.ensure_future(make())
        try:
            await asyncio.wait((task, self.watched.ended), return_when=asyncio.FIRST_COMPLETED)
            if self.watched.ended.done():
                self.watched.ended.result()
            return await task
        finally:
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def _encoded(self, chunk: Chunk[Any]) -> Awaitable[list[bytes]]:
        """The results of a chunk: encoded once for all streams whose results are equal."""
        viewer = self.context.viewer
        viewer_key = (viewer.number, viewer.permissions, viewer.refund_ceiling)
        key = (self.step, self.variables_key, viewer_key, self.context.language, chunk.identity)

        async def encode() -> list[bytes]:
            step = self.step
            values = await step.shaper.shape(
                chunk.reads, chunk.values, self.context, self.variables
            )
            return [orjson.dumps({"data": {step.key: value}}) for value in values]

        return chunk.reads.once(key, encode)
