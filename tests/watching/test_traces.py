"""A trace shows the request, its statements and the jobs, and no value of them."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.responses import Response
from starlette.types import Receive, Scope

from app import create_app
from database.statement_spans import trace_statements
from jobs import loop
from jobs.sequencer import sequence
from parts import Parts
from tests.client import SIGN_IN, Client
from tests.conftest import NOON
from tests.given import PASSWORD, World
from transport.edge import Application
from transport.routes import Route
from watching.otlp import OtlpTracer
from watching.tracing import TRACING, summary_of

pytestmark = pytest.mark.anyio

PARENT: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED: Final = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


@dataclass
class Collector:
    """Receives what OpenTelemetry sends over HTTP."""

    bodies: list[bytes] = field(default_factory=list)
    url: str = ""

    def spans(self) -> list[Any]:  # Any: protobuf's messages
        return [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector, to which this process sends its traces."""
    received = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        received.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
        stop = trace_statements()
        TRACING.tracer = OtlpTracer(received.url, 1.0)
        yield received
        TRACING.close()
        TRACING.tracer = None
        stop()
        server.shutdown()
        thread.join()


def facts(span: Any) -> dict[str, str]:
    return {
        fact.key: fact.value.string_value or str(fact.value.int_value) for fact in span.attributes
    }


async def test_a_trace_has_the_request_its_statements_and_the_jobs_without_values(
    given: World, parts: Parts, schema: Any, collector: Collector
) -> None:
    shop = await given.merchant()
    past = NOON - timedelta(seconds=1)
    await given.order(shop, review_due_at=past, clock_due_at=past)
    page = "query($phone: String) { serviceOrders(filter: {phone: $phone}) { nodes { id } } }"
    body = {"query": page, "variables": {"phone": "13812345678"}}
    async with Client.of(create_app(parts, runs_clock=False, schema=schema)) as client:
        owner = client.as_(shop.owner.token)
        await owner.post(body, traceparent=PARENT, **{"x-request-id": "r-1"})
        await owner.post(body, traceparent=UNSAMPLED)
        await client.ask(SIGN_IN, login=shop.owner.login, password="mistyped")
        await client.http.get("/healthz", headers={"traceparent": "nonsense"})
    await loop.tick(parts.database, NOON)
    await sequence(parts.database, NOON)
    TRACING.close()
    spans = collector.spans()
    by_id = {span.span_id: span for span in spans}

    [read] = [span for span in spans if span.name == "serviceOrders"]
    assert read.trace_id.hex() == PARENT[3:35]
    assert read.parent_span_id.hex() == PARENT[36:52]
    assert facts(read) == {
        "graphql.operation.name": "serviceOrders",
        "http.request.method": "POST",
        "http.response.status_code": "200",
        "aftersales.outcome": "ok",
        "aftersales.request_id": "r-1",
    }
    below = [span.name for span in spans if span.parent_span_id == read.span_id]
    assert any(name.startswith("SELECT ") for name in below)
    assert UNSAMPLED[3:35] not in {span.trace_id.hex() for span in spans}

    roots = {span.name for span in spans if span.parent_span_id not in by_id}
    assert roots == {"serviceOrders", "signIn", "/healthz", "job sweep", "job feed"}
    [sweep] = [span for span in spans if span.name == "job sweep"]
    assert facts(sweep) == {"aftersales.orders": "1"}
    assert any(span.parent_span_id == sweep.span_id for span in spans)
    sent = b"".join(collector.bodies)
    for personal in (b"13812345678", shop.owner.login.encode(), PASSWORD.encode(), b"mistyped"):
        assert personal not in sent


async def test_a_collector_that_is_away_fails_no_request() -> None:
    async def fine(_scope: Scope, _receive: Receive) -> Response:
        return Response("fine")

    tracer = OtlpTracer("http://127.0.0.1:9/v1/traces", 1.0, timeout_s=0.2)
    async with Client.of(Application([Route("/", fine)], tracer=tracer)) as client:
        assert (await client.http.get("/")).text == "fine"
    tracer.close()


@pytest.mark.parametrize(
    ("statement", "summary"),
    [
        ('SELECT a FROM "service_order" WHERE id = ?', "SELECT service_order"),
        ("INSERT INTO event_outbox (a) VALUES ($1)", "INSERT event_outbox"),
        ("UPDATE feed_head SET a = 1", "UPDATE feed_head"),
        ("BEGIN IMMEDIATE", "OTHER"),
    ],
)
def test_a_statement_is_named_by_what_it_does_and_where(statement: str, summary: str) -> None:
    assert summary_of(statement) == summary
