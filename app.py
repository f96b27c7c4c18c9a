"""Where everything is wired together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

import obstore.store
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope
from strawberry import Schema

from auth.authenticator import Authenticator
from auth.keys import Keys
from domain.text import Language
from jobs import loop
from models.clock import Clock, SandboxClock, WallClock
from models.database import Database
from models.lane import Overloaded
from models.reach import Unreachable
from models.schema_version import is_current
from resolvers.context import Context
from resolvers.pictures import Pictures, media_type
from schema import manifest
from schema.build import build
from schema.documents import Documents, Trust
from schema.header_values import quality_of, remembered
from schema.http_edge import Application, Refused, headers_of
from schema.pages import WEB, graphiql_routes
from schema.planned import PlannedExecution, Planning
from schema.view import GraphQLView
from settings import Settings

OURS = WEB / "documents.json"
"""The documents of our own pages."""


@dataclass(frozen=True)
class Parts:
    """What a server is made of."""

    database: Database
    keys: Keys
    pictures: Pictures
    clock: Clock
    request_timeout: timedelta = timedelta(seconds=30)
    trust: Trust = Trust.ON
    trusted: Mapping[str, str] = field(default_factory=dict)
    """The texts of the trusted documents by their hashes."""
    running: set[tuple[object, ...]] = field(default_factory=set)
    """The idempotency keys under which something is being done."""

    @cached_property
    def authenticator(self) -> Authenticator:
        return Authenticator(self.database, self.keys)


def parts_of(settings: Settings) -> Parts:
    """Put the parts together from the settings; nothing is connected yet. Raises BadDocuments."""
    keys = settings.keys()
    where = settings.pictures_url or str(settings.data_dir / "pictures")
    store = (
        obstore.store.from_url(where)
        if "://" in where
        else obstore.store.LocalStore(where, automatic_cleanup=False, mkdir=True)
    )
    return Parts(
        database=Database.open(
            settings.database,
            settings.limits,
            read_url=settings.replica,
            listen_url=settings.database_listen_url or None,
        ),
        keys=keys,
        pictures=Pictures(store, keys, settings.public_url),
        clock=SandboxClock() if settings.sandbox else WallClock(),
        request_timeout=timedelta(seconds=settings.request_timeout),
        trust=settings.trusted_documents,
        trusted=_trusted(settings),
    )


def _trusted(settings: Settings) -> dict[str, str]:
    trust, file = settings.trusted_documents, settings.trusted_documents_file
    if trust is Trust.OFF or (trust is Trust.ON and file is None and not OURS.exists()):
        return {}  # an installation may lack our pages, and so their documents
    return manifest.read(file or OURS)


def create_app(
    parts: Parts,
    *,
    runs_clock: bool,
    is_demo: bool = False,
    schema: Schema | None = None,
    planning: Planning = Planning.KNOWN,
) -> Application:
    """The ASGI application; with ``runs_clock`` it also approves what is overdue.

    With ``is_demo`` GraphiQL opens with the accounts and ids of the demo.

    Without ``planning`` every query takes the ordinary way, to see that it answers the same.

    Raises:
        BadDocuments: a trusted document is not fit for the schema.
    """
    schema = schema or build()
    core = schema._schema  # noqa: SLF001 - Strawberry has no public way to the core schema
    documents = Documents(core, parts.trust, parts.trusted)

    def open_context(scope: Scope) -> Context:
        headers = headers_of(scope)
        return Context(
            database=parts.database,
            authenticator=parts.authenticator,
            keys=parts.keys,
            pictures=parts.pictures,
            clock=parts.clock,
            running=parts.running,
            now=parts.clock.now(),
            language=language_of(headers.get(b"accept-language", b"").decode("latin-1")),
            token=_token(headers.get(b"authorization")),
        )

    async def is_ready(_request: Request) -> Response:
        try:
            async with parts.database.read(vital=True) as connection:
                await connection.execute(sa.select(1))
            if not await is_current(parts.database):
                return JSONResponse({"status": "migrations are behind"}, status_code=503)
        except Unreachable:
            return JSONResponse({"status": "the database is away"}, status_code=503)
        except Overloaded:
            return JSONResponse({"status": "overloaded"}, status_code=503)
        return JSONResponse({"status": "ok"})

    async def show_picture(request: Request) -> Response:
        return await _picture(parts.pictures, request)

    planned = PlannedExecution(schema, planning)
    planned.prepare(documents.texts)
    graphql = GraphQLView(
        schema,
        open_context,
        longest=parts.request_timeout,
        documents=documents,
        planned=planned.answer,
    )
    return Application(
        [
            Route("/evidence/{merchant}/{file}", show_picture),
            Route("/healthz", _is_alive),
            Route("/readyz", is_ready),
            # Where the trusted documents are all that is taken, there is nothing to explore.
            *(graphiql_routes(is_demo=is_demo) if parts.trust is not Trust.ONLY else ()),
        ],
        whole={"/graphql": graphql.answer},
        lifespan=lambda _app: _running(parts, runs_clock=runs_clock),
    )


@contextlib.asynccontextmanager
async def _running(parts: Parts, *, runs_clock: bool) -> AsyncIterator[None]:
    """What goes on beside the requests, for as long as they are taken."""
    clock, stop = parts.clock, asyncio.Event()
    if isinstance(clock, SandboxClock):
        with contextlib.suppress(Unreachable):  # then nothing else is answered either
            await clock.follow(parts.database)
    async with asyncio.TaskGroup() as tasks:
        if runs_clock:
            tasks.create_task(loop.run(parts.database, clock, stop))
        elif isinstance(clock, SandboxClock):
            tasks.create_task(loop.follow(parts.database, clock, stop))
        yield
        stop.set()  # the clock finishes the batch that it is at
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
        raise Refused(403, "The address of the picture is not valid")
    if not pictures.is_valid(f"{merchant}/{file}", expires=expires, signature=signature):
        raise Refused(403, "The address of the picture has expired or was changed")
    data = await pictures.fetch(int(merchant), sha256)  # what was signed here is a number
    if data is None:
        raise Refused(404, "There is no such picture")
    headers = {
        "Cache-Control": "private, max-age=300, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=kind, headers=headers)
