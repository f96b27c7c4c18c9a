"""Whatever arrives at the GraphQL endpoint, the answer is JSON, and the status and code fit."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
import pytest
from httpx2 import Response as Answer
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope
from starlette.websockets import WebSocketDisconnect

from tests.http.toy import app, open_context, schema
from transport.edge import Application
from transport.request import GRAPHQL_JSON
from transport.request_limits import MAX_BODY_BYTES
from transport.responses import JSON
from transport.routes import Route
from transport.view import GraphQLView

OK = {"query": "{ hello }"}
TWO = "query A { hello } query B { order { id } }"
BOUNDARY = "multipart/form-data; boundary=b"


@dataclass(kw_only=True)
class Case:
    """A request, and what it must be told."""

    status: int
    code: str
    body: bytes = b""
    method: str = "POST"
    path: str = "/graphql"
    headers: dict[str, str] = field(default_factory=dict)


def posted(
    body: object, *, status: int = 400, code: str = "BAD_REQUEST", token: str | None = None
) -> Case:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": JSON, **({"authorization": f"Bearer {token}"} if token else {})}
    return Case(body=raw, headers=headers, status=status, code=code)


def got(path: str) -> Case:
    return Case(method="GET", path=path, status=400, code="BAD_REQUEST")


def multipart(body: bytes, content_type: str = BOUNDARY) -> Case:
    return Case(body=body, headers={"content-type": content_type}, status=400, code="BAD_REQUEST")


def parts(**values: str) -> Case:
    lines = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in values.items()
    ]
    return multipart(("".join(lines) + "--b--\r\n").encode())


BAD_REQUESTS = {
    "no body": posted(b""),
    "a number": posted(b"5"),
    "null": posted(b"null"),
    "a string": posted(b'"{ hello }"'),
    "bad UTF-8": posted(b'{"query": "\xff"}'),
    "a lone surrogate": posted(b'{"query": "\\ud800"}'),
    "broken JSON": posted(b"{"),
    "not a number": posted(b'{"query": NaN}'),
    "deep JSON": posted(b"[" * 100_000),
    "deep variables": posted(b'{"query":"{hello}","variables":' + b'{"a":' * 5000),
    "an empty batch": posted([]),
    "a batch": posted([OK]),
    "no query": posted({"variables": {}}),
    "an empty query": posted({"query": ""}),
    "a blank query": posted({"query": " \n"}),
    "a query of the wrong type": posted({"query": {"a": 1}}),
    "variables of the wrong type": posted({**OK, "variables": [1]}),
    "variables in a string": posted({**OK, "variables": "{}"}),
    "an operation name of the wrong type": posted({**OK, "operationName": 1}),
    "extensions of the wrong type": posted({**OK, "extensions": False}),
    "an operation name that is too long": posted({**OK, "operationName": "x" * 1_001}),
    "an unknown operation name": posted({**OK, "operationName": "Nope"}),
    "an empty operation name": posted({**OK, "operationName": ""}),
    "several operations without a name": posted({"query": TWO}),
    "only a fragment": posted({"query": "fragment F on Query { hello }"}),
    "a subscription": posted({"query": "subscription { ticks }"}),
    "GET without a query": got("/graphql"),
    "GET with broken variables": got("/graphql?query={hello}&variables={"),
    "GET with variables of the wrong type": got("/graphql?query={hello}&variables=[1]"),
    "multipart without a boundary": multipart(b"", "multipart/form-data"),
    "an empty multipart body": multipart(b""),
    "a multipart body cut off": multipart(
        b'--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{'
    ),
    "a multipart body of garbage": multipart(b"\x00\xff" * 99),
    "a part without a name": multipart(
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"
    ),
    "multipart without operations": parts(map="{}"),
    "multipart without a map": parts(operations=json.dumps(OK)),
    "multipart with broken operations": parts(operations="{", map="{}"),
    "multipart with a batch": parts(operations=json.dumps([OK]), map="{}"),
    "multipart with null operations": parts(operations="null", map="{}"),
    "multipart with a map of the wrong type": parts(operations=json.dumps(OK), map="[]"),
    "multipart with paths of the wrong type": parts(operations=json.dumps(OK), map='{"0": [1]}'),
    "multipart with a missing file": parts(
        operations=json.dumps({**OK, "variables": {"f": None}}), map='{"0": ["variables.f"]}'
    ),
    "multipart with text for a file": parts(
        operations=json.dumps({**OK, "variables": {"f": None}}), map='{"map": ["variables.f"]}'
    ),
    "multipart with too many fields": parts(operations=json.dumps(OK), map="{}", more="1"),
    "multipart with too many paths": parts(
        operations=json.dumps(OK), map=json.dumps({"map": ["variables.f"] * 51})
    ),
}

OTHERS = {
    "PUT": Case(method="PUT", status=405, code="METHOD_NOT_ALLOWED"),
    "DELETE": Case(method="DELETE", status=405, code="METHOD_NOT_ALLOWED"),
    "OPTIONS": Case(method="OPTIONS", status=405, code="METHOD_NOT_ALLOWED"),
    "a mutation over GET": Case(
        method="GET",
        path="/graphql?query=mutation{touch}",
        status=405,
        code="METHOD_NOT_ALLOWED",
    ),
    "no content type": Case(
        body=json.dumps(OK).encode(), status=415, code="UNSUPPORTED_MEDIA_TYPE"
    ),
    "an HTML form": Case(
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=b"query={hello}",
        status=415,
        code="UNSUPPORTED_MEDIA_TYPE",
    ),
    "JSON in another encoding": Case(
        headers={"content-type": "application/json; charset=utf-16"},
        body=json.dumps(OK).encode("utf-16"),
        status=415,
        code="UNSUPPORTED_MEDIA_TYPE",
    ),
    "a compressed body": Case(
        headers={"content-type": JSON, "content-encoding": "gzip"},
        body=b"\x1f\x8b",
        status=415,
        code="UNSUPPORTED_MEDIA_TYPE",
    ),
    "a client that wants HTML only": Case(
        headers={"content-type": JSON, "accept": "text/html"},
        body=json.dumps(OK).encode(),
        status=406,
        code="NOT_ACCEPTABLE",
    ),
    "a client that refuses JSON": Case(
        headers={"content-type": JSON, "accept": "application/json;q=0, text/csv;q=oops"},
        body=json.dumps(OK).encode(),
        status=406,
        code="NOT_ACCEPTABLE",
    ),
    "a body one byte too large": Case(
        headers={"content-type": JSON},
        body=b" " * (MAX_BODY_BYTES + 1),
        status=413,
        code="PAYLOAD_TOO_LARGE",
    ),
    "a bad token": posted(OK, token="bad", status=401, code="UNAUTHENTICATED"),
    "a bug while opening the context": posted(OK, token="bug", status=500, code="INTERNAL"),
    "an answer that is no JSON": posted({"query": "{ huge }"}, status=500, code="INTERNAL"),
    "an unknown path": Case(method="GET", path="/nope", status=404, code="NOT_FOUND"),
}

CASES = {**BAD_REQUESTS, **OTHERS}


@pytest.mark.parametrize("name", list(CASES))
def test_a_bad_request_gets_a_clear_json_error(client: TestClient, name: str) -> None:
    case = CASES[name]
    response = client.request(case.method, case.path, headers=case.headers, content=case.body)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert (response.status_code, code_of(response.json())) == (case.status, case.code)
    assert response.headers["x-request-id"]
    assert "data" not in response.json()
    assert "1234" not in response.text
    if case.status == 405:
        assert response.headers["allow"] in {"GET, POST", "POST"}
    if case.status == 401:
        assert response.headers["www-authenticate"] == "Bearer"


def code_of(answer: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    [error] = answer["errors"]
    assert error["message"]
    return error["extensions"]["code"]


def ask(client: TestClient, query: str, **more: object) -> Answer:
    return client.post("/graphql", json={"query": query, **more})


def test_a_query_is_answered_over_post_and_get(client: TestClient) -> None:
    assert ask(client, "{ hello }").json() == {"data": {"hello": "world"}}
    parameters = {"query": "query($v:[String!]){echo(value:$v)}", "variables": '{"v":["x"]}'}
    assert client.get("/graphql", params=parameters).json() == {"data": {"echo": ["x"]}}


def test_the_named_operation_is_run(client: TestClient) -> None:
    assert ask(client, TWO, operationName="B").json() == {"data": {"order": {"id": "o"}}}


def test_get_refuses_the_mutation_but_runs_the_query_beside_it(client: TestClient) -> None:
    both = "query A { hello } mutation B { touch }"
    refused = client.get("/graphql", params={"query": both, "operationName": "B"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert client.get("/graphql", params={"query": both, "operationName": "A"}).status_code == 200


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html, */*;q=0.8", JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}; charset=utf-8, {JSON};q=0.9", GRAPHQL_JSON),
        (f"{JSON};q=0.4, {GRAPHQL_JSON};q=0.5", GRAPHQL_JSON),
        (f"{JSON}, {GRAPHQL_JSON}", JSON),
        (f"{GRAPHQL_JSON};q=0, */*;q=0.1", JSON),
        (GRAPHQL_JSON.upper(), GRAPHQL_JSON),
    ],
)
def test_the_media_type_is_negotiated(client: TestClient, accept: str, media_type: str) -> None:
    response = client.post("/graphql", json=OK, headers={"accept": accept})
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.status_code == 200


def test_a_header_that_comes_in_pieces_is_read_as_one(client: TestClient) -> None:
    pieces = [("accept", "text/html"), ("accept", GRAPHQL_JSON), ("accept", f"{JSON};q=0.5")]
    response = client.post("/graphql", json=OK, headers=pieces)
    assert response.headers["content-type"] == f"{GRAPHQL_JSON}; charset=utf-8"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ even(value: 1) }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($v: Even!) { even(value: $v) }", "BAD_USER_INPUT"),
    ],
)
def test_a_request_error_is_a_200_for_old_clients_and_a_400_for_new_ones(
    client: TestClient, query: str, code: str
) -> None:
    for media_type, status in ((JSON, 200), (GRAPHQL_JSON, 400)):
        body = {"query": query, "variables": {"v": 1}}
        response = client.post("/graphql", json=body, headers={"accept": media_type})
        assert (response.status_code, code_of(response.json())) == (status, code)
        assert "data" not in response.json()


def test_a_bug_in_a_resolver_is_masked_and_logged_under_the_request_id(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="aftersales.http"):
        response = client.post(
            "/graphql", json={"query": "{ hello boom }"}, headers={"x-request-id": "abc-1"}
        )
    [error] = response.json()["errors"]
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "world", "boom": None}
    assert error["message"] == "Internal error"
    assert error["path"] == ["boom"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "abc-1"}
    assert "1234" not in response.text
    [record] = [r for r in caplog.records if r.name == "aftersales.http"]
    assert "abc-1" in record.getMessage()
    assert record.exc_info


@pytest.mark.parametrize("offered", ["a b", "x" * 65, "<script>", "a=1"])
def test_a_request_id_that_could_spoil_a_log_is_replaced(client: TestClient, offered: str) -> None:
    response = client.post("/graphql", json=OK, headers={"x-request-id": offered})
    assert len(response.headers["x-request-id"]) == 32


def test_a_file_is_uploaded_by_the_multipart_specification(client: TestClient) -> None:
    operations = {
        "query": "mutation($file: Upload!) { uploadEvidence(input: {file: $file}) }",
        "variables": {"file": None},
    }
    response = client.post(
        "/graphql",
        data={"operations": json.dumps(operations), "map": '{"0": ["variables.file"]}'},
        files={"0": ("p.png", b"12345", "image/png")},
    )
    assert response.json() == {"data": {"uploadEvidence": 5}}


@pytest.mark.parametrize(
    "path",
    [
        "variables",
        "variables.nope",
        "variables.file.deeper",
        "variables.taken",
        "variables.list.7",
        "variables.list.x",
        "variables.list." + "9" * 5000,
        "query",
        "operationName",
        "",
        "..",
        "__class__",
    ],
)
def test_a_file_can_only_go_where_a_variable_is_null(client: TestClient, path: str) -> None:
    operations = {**OK, "variables": {"file": None, "taken": "x", "list": [None]}}
    response = client.post(
        "/graphql",
        data={"operations": json.dumps(operations), "map": json.dumps({"0": [path]})},
        files={"0": ("p.png", b"12345", "image/png")},
    )
    assert (response.status_code, code_of(response.json())) == (400, "BAD_REQUEST")


def test_deep_variables_within_json_s_own_limit_do_no_harm(client: TestClient) -> None:
    body = b'{"query":"query($v:[String!]){echo(value:$v)}","variables":{"v":'
    body += b"[" * 1000 + b"]" * 1000 + b"}}"
    response = client.post("/graphql", content=body, headers={"content-type": JSON})
    assert code_of(response.json()) == "BAD_USER_INPUT"


def test_a_web_socket_is_refused(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/graphql"):
        pass  # pragma: no cover


@pytest.mark.anyio
@pytest.mark.parametrize("declared", [None, b"10", b"-1", b"x", b"9" * 5000])
async def test_the_body_is_bounded_whatever_its_header_says(declared: bytes | None) -> None:
    headers = [(b"content-type", JSON.encode())]
    if declared is not None:
        headers.append((b"content-length", declared))
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": headers,
    }
    chunks = 0
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal chunks
        chunks += 1
        return {"type": "http.request", "body": b" " * 65_536, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] == 413
    assert code_of(orjson.loads(sent[1]["body"])) == "PAYLOAD_TOO_LARGE"
    assert chunks <= MAX_BODY_BYTES // 65_536 + 1


def test_a_bug_on_another_route_is_json_too(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_scope: Scope, _receive: Receive) -> Response:
        raise RuntimeError("the password is 1234")

    edge = Application([Route("/", broken)])
    response = TestClient(edge).get("/")
    assert (response.status_code, code_of(response.json())) == (500, "INTERNAL")
    assert "1234" not in response.text
    assert response.headers["x-request-id"] in caplog.text


@pytest.mark.anyio
async def test_a_client_that_leaves_early_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", JSON.encode())],
    }

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        pass

    await app(scope, receive, send)
    assert not caplog.records


def planned_by(answer: Callable[[], dict[str, object] | None]) -> TestClient:
    """A server whose planned execution answers so."""

    async def planned(*_: object, **__: object) -> dict[str, object] | None:
        return answer()

    view = GraphQLView(schema, open_context, planned=planned)
    return TestClient(Application([Route("/graphql", view.answer, methods=None)]))


def test_a_bug_of_the_plan_is_logged_under_the_request_and_the_query_is_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> dict[str, object] | None:
        raise ZeroDivisionError

    headers = {"x-request-id": "the-request"}
    response = planned_by(fail).post("/graphql", json={"query": "{ hello }"}, headers=headers)
    assert response.json() == {"data": {"hello": "world"}}
    [record] = [one for one in caplog.records if one.name == "aftersales.http"]
    assert record.levelname == "ERROR"
    assert "the-request" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_what_cannot_be_planned_is_no_bug(caplog: pytest.LogCaptureFixture) -> None:
    response = planned_by(lambda: None).post("/graphql", json={"query": "{ hello }"})
    assert response.json() == {"data": {"hello": "world"}}
    assert caplog.records == []
