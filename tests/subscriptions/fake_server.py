"""Serves subscriptions that do as they are told: ``python -m tests.subscriptions.fake_server``."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncGenerator, Hashable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import orjson
import strawberry
import uvicorn
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from starlette.responses import Response
from starlette.types import Receive, Scope
from strawberry.types import ExecutionResult

from database.connection_limiter import Overloaded
from execution.document_gate import DocumentGate
from execution.persisted_documents import PersistedDocuments
from execution.streams import Result, StreamEnded, SubscriptionRefused
from tests.subscriptions.serving import FRONT_END
from transport.connections import ReadingBounds
from transport.edge import Application
from transport.errors import HttpError
from transport.headers import header
from transport.protocol import protocol_of
from transport.responses import json_response
from transport.routes import Route
from transport.stream_limits import SocketBounds, StreamLimits
from transport.subscriptions import Subscriptions
from transport.view import GraphQLView

LARGE: Final = orjson.dumps({"data": {"flood": "x" * 20_000}})


class Context(NamedTuple):
    viewer: str
    language: str


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "world"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def touch(self) -> int:
        return 1


async def _never(*_arguments: object) -> AsyncGenerator[int, None]:
    yield 0  # the fake below answers


@strawberry.type
class Subscription:
    @strawberry.subscription
    def count(self, to: int, pause: float = 0.0) -> AsyncGenerator[int, None]:
        return _never(to, pause)

    @strawberry.subscription
    def idle(self) -> AsyncGenerator[int, None]:
        return _never()

    @strawberry.subscription
    def flood(self) -> AsyncGenerator[int, None]:
        return _never()

    @strawberry.subscription
    def whoami(self) -> AsyncGenerator[int, None]:
        return _never()

    @strawberry.subscription
    def fails(self, how: str) -> AsyncGenerator[int, None]:
        return _never(how)

    @strawberry.subscription
    def told(self) -> AsyncGenerator[int, None]:
        return _never()


class Fake:
    """A `Subscribe` that counts what is open and what was closed."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self.open = 0
        self.ended = 0
        self.told = asyncio.Event()

    async def subscribe(
        self,
        text: str,
        _operation_name: str | None,
        raw_variables: Mapping[str, object] | None,
        context: Context,
    ) -> AsyncGenerator[Result, None]:
        document = parse(text)
        if errors := validate(self._schema, document):
            raise SubscriptionRefused(errors)
        [operation] = document.definitions
        assert isinstance(operation, OperationDefinitionNode)
        [field] = operation.selection_set.selections
        assert isinstance(field, FieldNode)
        values: dict[str, Any] = dict(raw_variables or {})
        self.open += 1
        try:
            async for result in getattr(self, f"_{field.name.value}")(context, **values):
                yield result
        finally:
            self.open -= 1
            self.ended += 1

    async def _count(
        self, _context: Context, to: int, pause: float = 0
    ) -> AsyncGenerator[Result, None]:
        for number in range(1, to + 1):
            await asyncio.sleep(pause)
            yield {"data": {"count": number}}

    async def _idle(self, _context: Context) -> AsyncGenerator[Result, None]:
        await asyncio.Event().wait()
        yield b""

    async def _flood(self, _context: Context) -> AsyncGenerator[Result, None]:
        while True:
            await asyncio.sleep(0)
            yield LARGE

    async def _told(self, _context: Context) -> AsyncGenerator[Result, None]:
        """Many wait for the same event, whose payload is encoded once."""
        payload = b'{"data":{"told":1}}'
        while True:
            await self.told.wait()
            yield payload

    async def _whoami(self, context: Context) -> AsyncGenerator[Result, None]:
        yield {"data": {"whoami": f"{context.viewer} {context.language}"}}

    async def _fails(self, _context: Context, how: str) -> AsyncGenerator[Result, None]:
        if how == "refused":
            extensions = {"code": "FORBIDDEN"}
            raise SubscriptionRefused([GraphQLError("Not yours", extensions=extensions)])
        if how == "overloaded":
            raise Overloaded
        if how == "partly":
            yield ExecutionResult(
                data={"fails": None}, errors=[GraphQLError("Not this one", path=["fails"])]
            )
            return
        yield {"data": {"fails": 1}}
        if how == "ended":
            raise StreamEnded("CURSOR_EXPIRED", "The cursor is too old")
        raise RuntimeError("the password is 1234")


def application(socket: SocketBounds, limits: StreamLimits, keep_alive_s: float) -> Application:
    schema = strawberry.Schema(Query, Mutation, Subscription, extensions=[DocumentGate])
    documents = PersistedDocuments(schema._schema)
    fake = Fake(schema._schema)

    def open_context(scope: Scope) -> Context:
        token = header(scope, b"authorization").removeprefix("Bearer ")
        if token == "bad":
            raise HttpError(401, "The access token is not valid")
        return Context(token, header(scope, b"accept-language"))

    async def viewer_of(context: Context) -> Hashable:
        return context.viewer

    subscriptions = Subscriptions(
        schema._schema,
        documents,
        fake.subscribe,
        open_context,
        viewer_of,
        limits=limits,
        socket_bounds=socket,
        keep_alive_s=keep_alive_s,
        public_url="https://desk.example.com",
        allowed_origins={FRONT_END},
    )
    view = GraphQLView(
        schema,
        open_context,
        timeout=timedelta(seconds=1),
        documents=documents,
        subscriptions=subscriptions,
    )

    async def state(_scope: Scope, _receive: Receive) -> Response:
        return json_response({"open": fake.open, "ended": fake.ended, "seats": limits.open})

    async def tell(_scope: Scope, _receive: Receive) -> Response:
        fake.told.set()
        fake.told.clear()
        return json_response({})

    return Application(
        [
            Route("/graphql", view.answer, methods=None),
            Route("/healthz", state),
            Route("/tell", tell),
        ],
        allowed_origins={FRONT_END},
    )


def main(port: str, bounds: str, socket: str = "{}", limits: str = "{}", keep: str = "12") -> None:
    """Serve until told to stop."""
    logging.basicConfig(level="INFO")
    app = application(
        SocketBounds(**json.loads(socket)), StreamLimits(**json.loads(limits)), json.loads(keep)
    )
    uvicorn.run(
        app,
        port=int(port),
        access_log=False,
        http=protocol_of(ReadingBounds(**json.loads(bounds)), {FRONT_END}),
        ws="none",
        loop="uvloop",
        lifespan="off",
        timeout_graceful_shutdown=30,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
