"""A small schema and application, so that these tests know nothing of the product."""

from collections.abc import AsyncGenerator
from typing import NewType

import strawberry
from starlette.datastructures import Headers, UploadFile
from starlette.types import Scope
from strawberry.file_uploads import Upload
from strawberry.schema.config import StrawberryConfig

from execution.document_gate import DocumentGate
from transport.edge import Application
from transport.errors import HttpError
from transport.pages import graphiql_routes
from transport.routes import Route
from transport.view import GraphQLView

Even = NewType("Even", int)


def parse_even(value: object) -> Even:
    if not isinstance(value, int) or value % 2:
        raise ValueError("not even")
    return Even(value)


@strawberry.type
class PageInfo:
    has_next_page: bool = False


@strawberry.interface
class Thing:
    id: strawberry.ID


@strawberry.type
class Picture(Thing):
    id: strawberry.ID = strawberry.ID("p")


@strawberry.type
class Order(Thing):
    id: strawberry.ID = strawberry.ID("o")

    @strawberry.field
    def pictures(self) -> list[Picture]:
        return [Picture()]

    @strawberry.field
    def self(self) -> "Order":
        return Order()

    @strawberry.field
    def related(self, first: int = 20) -> "OrderConnection":
        return OrderConnection(page_info=PageInfo(has_next_page=first > 1))


@strawberry.type
class OrderConnection:
    page_info: PageInfo = strawberry.field(default_factory=PageInfo)

    @strawberry.field
    def nodes(self) -> list[Order]:
        return [Order()]


@strawberry.input
class SignInInput:
    account: str
    password: str


@strawberry.type
class SignInPayload:
    access_token: str | None
    refresh_token: str | None


@strawberry.input
class UploadInput:
    file: Upload
    note: str | None = None


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    def order(self) -> Order:
        return Order()

    @strawberry.field
    def thing(self) -> Thing:
        return Order()

    @strawberry.field
    def orders(self, first: int | None = None, last: int | None = None) -> OrderConnection:
        return OrderConnection(page_info=PageInfo(has_next_page=first != last))

    @strawberry.field
    def nodes(self, ids: list[strawberry.ID]) -> list[Order]:
        return [Order(id=given) for given in ids]

    @strawberry.field
    def even(self, value: Even) -> int:
        return value

    @strawberry.field
    def echo(self, value: list[str] | None = None) -> list[str] | None:
        return value

    @strawberry.field
    def huge(self) -> strawberry.scalars.JSON:
        return strawberry.scalars.JSON(2**70)

    @strawberry.field
    def boom(self) -> int | None:
        raise RuntimeError("the password is 1234")

    @strawberry.field
    def authorization(self, info: strawberry.Info) -> str | None:
        header: str | None = info.context["authorization"]
        return header


@strawberry.type
class Mutation:
    @strawberry.mutation
    def touch(self) -> int:
        return 1

    @strawberry.mutation
    def sign_in(self, input: SignInInput) -> SignInPayload:
        if input.password == "wrong":
            return SignInPayload(access_token=None, refresh_token=None)
        return SignInPayload(access_token=f"token-of-{input.account}", refresh_token="r")

    @strawberry.mutation
    async def upload_evidence(self, input: UploadInput) -> int:
        assert isinstance(input.file, UploadFile)
        return len(await input.file.read())


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncGenerator[int, None]:
        yield 1


def open_context(scope: Scope) -> dict[str, str | None]:
    authorization = Headers(scope=scope).get("authorization")
    if authorization == "Bearer bad":
        headers = {"WWW-Authenticate": "Bearer"}
        raise HttpError(401, "The access token is not valid", headers=headers)
    if authorization == "Bearer bug":
        raise RuntimeError("the password is 1234")
    return {"authorization": authorization}


schema = strawberry.Schema(
    Query,
    Mutation,
    Subscription,
    extensions=[DocumentGate],
    config=StrawberryConfig(
        scalar_map={Even: strawberry.scalar(name="Even", parse_value=parse_even)}
    ),
)

view = GraphQLView(schema, open_context)
app = Application([*graphiql_routes(), Route("/graphql", view.answer, methods=None)])
