"""The ASGI application: its routes, the context of a request, and its background tasks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope
from strawberry import Schema

from auth.authenticator import Unauthenticated
from database.availability import Unreachable
from database.connection_limiter import Overloaded
from domain.text import Language
from execution.operation_labels import OperationLabels
from execution.persisted_documents import PersistedDocuments, Trust
from execution.planned_execution import PlannedExecution
from execution.planned_subscriptions import PlannedSubscriptions
from execution.stored_documents import STORED_DOCUMENTS, StoredDocuments
from jobs import loop
from jobs.backlog import keep_measuring
from jobs.delete_uploads import keep_deleting
from jobs.exports.loop import keep_exporting
from jobs.keep_time import keep_time
from jobs.mark_commits import keep_marking
from jobs.retention import keep_erasing
from jobs.store_counts import keep_storing
from jobs.webhooks.dispatch import Dispatcher
from jobs.webhooks.turn import Sender
from models.clock import SandboxClock
from models.health import Health
from parts import Parts
from readings import Readings
from resolvers.context import ClientRequest, Context
from schema.build import build
from schema.webhook_messages import SELECTED_FIELD, WebhookMessages
from signed_files import export_response, picture_response, upload_response
from transport.client_address import client_address
from transport.connections import Connections
from transport.console import console_routes
from transport.edge import Application
from transport.headers import header, headers_of
from transport.language import named_language
from transport.pages import graphiql_routes
from transport.request import OperationRequest
from transport.request_limits import RequestLimits
from transport.routes import Route
from transport.stream_limits import StreamLimits
from transport.streamed import StreamedFile
from transport.subscriptions import Subscriptions
from transport.view import GraphQLView
from transport.watch import OPERATION, REFUSED, RequestWatch
from watching.tracing import TRACING


def create_app(
    parts: Parts,
    *,
    runs_clock: bool,
    is_demo: bool = False,
    schema: Schema | None = None,
    plans: bool = True,
    connections: Connections | None = None,
) -> Application:
    """Build the ASGI application.

    Args:
        parts: what the server is made of.
        runs_clock: also run the jobs of the clock, such as the approval of overdue orders.
        is_demo: open GraphiQL with the accounts and ids of the demo.
        schema: the schema, if it is built already.
        plans: False to answer everything by the ordinary execution, for comparison.
        connections: the register of the process's connections, for its metrics.

    Raises:
        BadDocuments: a trusted document does not fit the schema.
    """
    schema = schema or build(explorable=parts.explorable)
    core = schema._schema  # noqa: SLF001 - Strawberry has no public way to the core schema
    documents = PersistedDocuments(core, parts.trust, parts.trusted, parts.built)

    services = parts.services
    stored_documents = StoredDocuments(schema, SELECTED_FIELD)

    def open_context(scope: Scope) -> Context:
        headers = headers_of(scope)
        language = named_language(header(scope, b"accept-language"))
        request = ClientRequest(
            now=parts.clock.now(),
            language=language or Language.ZH,
            description_language=language or Language.EN,
            address=client_address(scope, parts.trusted_proxies),
            token=_token(headers.get(b"authorization")),
            user_agent=headers.get(b"user-agent", b""),
        )
        return Context(services, request, shared={STORED_DOCUMENTS: stored_documents})

    health = Health(parts.database)

    async def check_readiness(_scope: Scope, _receive: Receive) -> Response:
        problem = await health.find_problem()
        if problem is not None:
            return JSONResponse({"status": problem}, status_code=503)
        time = parts.clock.state()
        # Not a 503: all nodes share the store, and a load balancer would take out every one of
        # them, though they still answer everything but pictures.
        pictures = {"pictures": "away"} if parts.pictures.is_away else {}
        content = {"status": time.unfit or "ok"} | time.as_json() | pictures
        return JSONResponse(content, status_code=503 if time.unfit else 200)

    async def show_picture(scope: Scope, _receive: Receive) -> Response:
        return await picture_response(parts.thumbnails, scope)

    async def receive_upload(scope: Scope, receive: Receive) -> Response:
        return await upload_response(parts.uploads, scope, receive)

    async def send_export(scope: Scope, _receive: Receive) -> StreamedFile:
        return await export_response(parts.export_files, scope, parts.clock.now())

    planned = PlannedExecution(schema)
    if plans:
        planned.prepare(documents.checked_texts)
    counts = parts.counts.requests
    is_watched = counts is not None or parts.access_log or TRACING.tracer is not None
    streams = StreamLimits(parts.streams, parts.streams_per_viewer)
    subscriptions = Subscriptions(
        core,
        documents,
        PlannedSubscriptions(schema).subscribe,
        open_context,
        _viewer_number,
        limits=streams,
        public_url=parts.public_url,
        allowed_origins=parts.allowed_origins,
    )
    explorable = parts.explorable and parts.trust is not Trust.ONLY
    graphql = GraphQLView(
        schema,
        open_context,
        timeout=parts.request_timeout,
        documents=documents,
        planned=planned.answer if plans else None,
        subscriptions=subscriptions,
        note=_noting(documents) if is_watched else None,
    )
    routes = [
        Route("/graphql", graphql.answer, methods=None),
        Route("/evidence/{merchant}/{file}", show_picture),
        Route("/exports/{merchant}/{file}", send_export),
        Route("/uploads/{merchant}/{name}", receive_upload, methods=frozenset({"PUT"})),
        Route("/healthz", _check_liveness),
        Route("/readyz", check_readiness),
        *console_routes(is_demo=is_demo),
        # A server that accepts only trusted documents has nothing to explore.
        *(graphiql_routes(is_demo=is_demo) if explorable else ()),
    ]
    limits = RequestLimits()
    readings = Readings(parts=parts, requests=limits, streams=streams, connections=connections)
    return Application(
        routes,
        lifespan=lambda _app: _running(parts, stored_documents, runs_clock=runs_clock),
        allowed_origins=parts.allowed_origins,
        limits=limits,
        watch=RequestWatch(counts, routes, logs=parts.access_log) if is_watched else None,
        snapshot=readings.snapshot,
        tracer=TRACING.tracer,
    )


def _noting(documents: PersistedDocuments) -> Callable[[Scope, OperationRequest, Context], None]:
    """Notes in a request's scope the name of its operation, and whether a rule has refused it."""
    labels = OperationLabels(documents.trusted_texts)

    def note(scope: Scope, operation: OperationRequest, context: Context) -> None:
        name = operation.operation_name
        scope[OPERATION] = labels.label(operation.query, name, context.shared)
        if context.mutation is not None and context.mutation.is_refused:
            scope[REFUSED] = True

    return note


def dispatcher(parts: Parts, documents: StoredDocuments, stop: asyncio.Event) -> Dispatcher:
    """The dispatcher of webhooks, which runs where the clock runs."""
    sender = Sender(
        database=parts.database,
        clock=parts.clock,
        wall=parts.wall,
        keys=parts.keys,
        client=parts.outgoing,
        counts=parts.counts.jobs,
        render=WebhookMessages(parts.services, documents).render,
    )
    return Dispatcher(sender, stop)


async def run_clock(
    parts: Parts,
    documents: StoredDocuments,
    stop: asyncio.Event,
    *,
    placed: Callable[[], None] = lambda: None,
) -> None:
    """Run the clock, the feed, webhooks, exports and erasing until told to stop.

    ``placed`` is called when the feed has new events.
    """
    webhooks = dispatcher(parts, documents, stop)

    def ring() -> None:
        placed()
        webhooks.ring()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(webhooks.run())
        tasks.create_task(keep_exporting(parts.exporting, stop))
        if parts.counts.requests is not None:
            tasks.create_task(keep_measuring(parts.database, parts.clock, parts.counts.jobs, stop))
        tasks.create_task(keep_deleting(parts.uploads.delete_old, stop))
        tasks.create_task(keep_erasing(parts.retention, stop))
        await loop.run(
            parts.database,
            parts.clock,
            stop,
            retention=parts.feed_retention,
            placed=ring,
            counts=parts.counts.jobs,
        )


@contextlib.asynccontextmanager
async def _running(
    parts: Parts, documents: StoredDocuments, *, runs_clock: bool
) -> AsyncIterator[None]:
    """Run the background tasks while the server accepts requests."""
    clock, stop = parts.clock, asyncio.Event()
    with contextlib.suppress(Overloaded, Unreachable):  # a later measurement will do
        await parts.database.find_distribution()
        await clock.measure(parts.database)
        if isinstance(clock, SandboxClock):
            await clock.follow(parts.database)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_storing(parts.attempts, parts.authenticator, stop))
        tasks.create_task(keep_time(parts.database, clock, stop, parts.counts))
        if parts.marked_file is not None:
            tasks.create_task(keep_marking(parts.database, parts.marked_file, stop))
        tasks.create_task(parts.services.follower.run(stop))
        tasks.create_task(parts.services.viewer_watch.run(stop))
        if runs_clock:
            follower = parts.services.follower
            tasks.create_task(run_clock(parts, documents, stop, placed=follower.ring))
        elif isinstance(clock, SandboxClock):
            tasks.create_task(loop.follow(parts.database, clock, stop))
        yield
        stop.set()  # the clock finishes its current batch
    await parts.pictures.close()
    await parts.database.close()
    await asyncio.to_thread(TRACING.close)


async def _viewer_number(context: Context) -> int | None:
    """Who subscribes. None for a stranger, and for a bad token, whose refusal execution words."""
    with contextlib.suppress(Unauthenticated):
        async with context.services.database.stream_turn:
            await context.authenticate(fresh=False)
    viewer = context.viewer_or_none
    return None if viewer is None else viewer.number


def _token(authorization: bytes | None) -> str | None:
    if authorization is None:
        return None
    scheme, _, token = authorization.decode("latin-1").partition(" ")
    # Another scheme counts as a bad token, not as a request without a token.
    return token.strip() if scheme.lower() == "bearer" else ""


async def _check_liveness(_scope: Scope, _receive: Receive) -> Response:
    return JSONResponse({"status": "ok"})
