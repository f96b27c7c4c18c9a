"""The application: its routes, the context of each request, and what goes on beside them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope
from strawberry import Schema

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from domain.text import Language
from execution.persisted_documents import PersistedDocuments, Trust
from execution.planned_execution import PlannedExecution
from jobs import loop
from jobs.keep_time import keep_time
from jobs.store_counts import keep_storing
from models.clock import SandboxClock
from models.health import Health
from parts import Parts
from resolvers.context import ClientRequest, Context
from resolvers.pictures import Pictures, media_type
from resolvers.store_availability import StoreUnreachable
from schema.build import build
from transport.client_address import client_address
from transport.edge import (
    STORE_AWAY,
    UNAVAILABLE,
    Application,
    HttpError,
    headers_of,
    overloaded,
)
from transport.header_values import quality_of, remembered
from transport.pages import graphiql_routes
from transport.view import GraphQLView


def create_app(
    parts: Parts,
    *,
    runs_clock: bool,
    is_demo: bool = False,
    schema: Schema | None = None,
    plans: bool = True,
) -> Application:
    """The ASGI application; with ``runs_clock`` it also approves what is overdue.

    Without ``plans`` the ordinary execution answers everything, to compare the two.
    With ``is_demo`` GraphiQL opens with the accounts and ids of the demo.

    Raises:
        BadDocuments: a trusted document is not fit for the schema.
    """
    schema = schema or build(explorable=parts.explorable)
    core = schema._schema  # noqa: SLF001 - Strawberry has no public way to the core schema
    documents = PersistedDocuments(core, parts.trust, parts.trusted)

    services = parts.services

    def open_context(scope: Scope) -> Context:
        headers = headers_of(scope)
        request = ClientRequest(
            now=parts.clock.now(),
            language=language_of(headers.get(b"accept-language", b"").decode("latin-1")),
            address=client_address(scope, parts.trusted_proxies),
            token=_token(headers.get(b"authorization")),
        )
        return Context(services, request)

    health = Health(parts.database)

    async def is_ready(_request: Request) -> Response:
        problem = await health.find_problem()
        if problem is not None:
            return JSONResponse({"status": problem}, status_code=503)
        time = parts.clock.state()
        # The store is every node's: without it each still serves all but pictures, and a balancer
        # that took them all out would end what works.
        pictures = {"pictures": "away"} if parts.pictures.is_away else {}
        status = {"status": time.unfit or "ok"} | time.as_json() | pictures
        return JSONResponse(status, status_code=503 if time.unfit else 200)

    async def show_picture(request: Request) -> Response:
        return await _picture(parts.pictures, request)

    planned = PlannedExecution(schema)
    if plans:
        planned.prepare(documents.trusted_texts)
    explorable = parts.explorable and parts.trust is not Trust.ONLY
    graphql = GraphQLView(
        schema,
        open_context,
        longest=parts.request_timeout,
        documents=documents,
        planned=planned.answer if plans else None,
    )
    return Application(
        [
            Route("/evidence/{merchant}/{file}", show_picture),
            Route("/healthz", _is_alive),
            Route("/readyz", is_ready),
            # Where the trusted documents are all that is taken, there is nothing to explore.
            *(graphiql_routes(is_demo=is_demo) if explorable else ()),
        ],
        whole={"/graphql": graphql.answer},
        lifespan=lambda _app: _running(parts, runs_clock=runs_clock),
    )


@contextlib.asynccontextmanager
async def _running(parts: Parts, *, runs_clock: bool) -> AsyncIterator[None]:
    """What goes on beside the requests, for as long as they are taken."""
    clock, stop = parts.clock, asyncio.Event()
    with contextlib.suppress(Unreachable):  # then nothing else is answered either
        await clock.measure(parts.database)
        if isinstance(clock, SandboxClock):
            await clock.follow(parts.database)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_storing(parts.attempts, parts.authenticator, stop))
        tasks.create_task(keep_time(parts.database, clock, stop))
        if runs_clock:
            tasks.create_task(loop.run(parts.database, clock, stop))
        elif isinstance(clock, SandboxClock):
            tasks.create_task(loop.follow(parts.database, clock, stop))
        yield
        stop.set()  # the clock finishes the batch that it is at
    await parts.pictures.close()
    await parts.database.close()


@remembered
def language_of(accepted: str) -> Language:
    """The first of the API's languages that an Accept-Language header asks for; else Chinese."""
    wanted = []
    for at, part in enumerate(accepted.split(",")):
        tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
        wanted.append((-quality_of(parameters), at, tag))
    for quality, _, tag in sorted(wanted):
        if quality < 0:
            for language in Language:
                if tag.split("-")[0] == language.split("-")[0].lower():
                    return language
    return Language.ZH


def _token(authorization: bytes | None) -> str | None:
    if authorization is None:
        return None
    scheme, _, token = authorization.decode("latin-1").partition(" ")
    # Another scheme is no token of ours, and answered as a bad one: never as nobody.
    return token.strip() if scheme.lower() == "bearer" else ""


async def _is_alive(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _picture(pictures: Pictures, request: Request) -> Response:
    merchant, file = request.path_params["merchant"], request.path_params["file"]
    sha256, _, suffix = file.partition(".")
    kind = media_type(suffix)
    expires = request.query_params.get("expires", "")
    signature = request.query_params.get("signature", "")
    if not (expires.isascii() and expires.isdigit()) or kind is None:
        raise HttpError(403, "The address of the picture is not valid")
    if not pictures.is_valid(f"{merchant}/{file}", expires=expires, signature=signature):
        raise HttpError(403, "The address of the picture has expired or was changed")
    try:
        data = await pictures.fetch(int(merchant), sha256)  # what was signed here is a number
    except StoreUnreachable as away:
        seconds = f"{away.retry_after.total_seconds():.0f}"
        headers = {"Retry-After": seconds}
        raise HttpError(503, STORE_AWAY, code=UNAVAILABLE, headers=headers) from away
    except Overloaded as busy:
        raise overloaded() from busy
    if data is None:
        raise HttpError(404, "There is no such picture")
    headers = {
        "Cache-Control": "private, max-age=300, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=kind, headers=headers)
