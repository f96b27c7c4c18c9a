"""Pages of other origins read answers if, and only if, their origin is allowed."""

import json

import pytest
from httpx2 import Response as Answer
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope

from tests.http.toy import view
from transport.edge import Application
from transport.origins import PREFLIGHT_SECONDS, read_origins
from transport.request_limits import RequestLimits
from transport.routes import Route
from transport.streamed import StreamedFile

FRONT_END = "https://front.example.com"
APP = "capacitor://localhost"
ALLOWED = read_origins(f"{FRONT_END}, {APP},http://localhost:3000,")
STRANGERS = [
    "https://elsewhere.example.com",
    "http://front.example.com",
    "https://front.example.com:8443",
    "https://front.example.com.elsewhere.example.com",
    "https://x.front.example.com",
    "https://FRONT.example.com",
    "https://front.example.com, https://front.example.com",
    "http://localhost:3001",
    "null",
    "*",
    "",
]


async def send_file(_scope: Scope, _receive: Receive) -> StreamedFile:
    async def pieces():
        yield b"abc"

    return StreamedFile(pieces(), length=3, headers={})


async def boom(_scope: Scope, _receive: Receive) -> Response:
    raise RuntimeError


limits = RequestLimits(max_body_bytes=1000)
app = Application(
    [
        Route("/graphql", view.answer, methods=None),
        Route("/file", send_file),
        Route("/boom", boom),
    ],
    limits=limits,
    allowed_origins=ALLOWED,
)
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,x-apollo-operation-name",
}


@pytest.fixture
def client():
    limits.concurrent = 0
    return TestClient(app, raise_server_exceptions=False)


def everything(client: TestClient, origin: str | None) -> dict[str, Answer]:
    """An answer of each kind."""
    headers = {} if origin is None else {"origin": origin}
    hello = {"query": "{ hello }"}
    answers = {
        "200 POST": client.post("/graphql", json=hello, headers=headers),
        "200 GET": client.get("/graphql", params=hello, headers=headers),
        "200 multipart": client.post(
            "/graphql",
            data={"operations": json.dumps(hello), "map": "{}"},
            files={"0": b"x"},
            headers=headers,
        ),
        "200 events": client.post(
            "/graphql", json=hello, headers={**headers, "accept": "text/event-stream"}
        ),
        "200 streamed": client.get("/file", headers=headers),
        "400": client.post("/graphql", json=5, headers=headers),
        "401": client.post("/graphql", json=hello, headers={**headers, "authorization": "bearer"}),
        "404": client.get("/nowhere", headers=headers),
        "405": client.post("/file", headers=headers),
        "413": client.post("/graphql", content=b"x" * 1001, headers=headers),
        "500": client.get("/boom", headers=headers),
    }
    limits.concurrent = limits.max_concurrent
    answers["503"] = client.post("/graphql", json=hello, headers=headers)
    limits.concurrent = 0
    return answers


@pytest.mark.parametrize("origin", sorted(ALLOWED))
def test_a_page_of_an_allowed_origin_reads_every_answer_and_its_headers(
    client: TestClient, origin: str
) -> None:
    for kind, answer in everything(client, origin).items():
        assert kind == "401" or kind.startswith(str(answer.status_code))
        assert answer.headers["access-control-allow-origin"] == origin, kind
        exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
        assert {"x-request-id", "retry-after", "etag", "content-range"} <= set(exposed), kind
        assert "origin" in answer.headers["vary"].lower().split(", "), kind
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", [*STRANGERS, None])
def test_no_other_page_reads_an_answer_and_caches_keep_them_apart(
    client: TestClient, origin: str | None
) -> None:
    for kind, answer in everything(client, origin).items():
        assert "access-control-allow-origin" not in answer.headers, kind
        assert "origin" in answer.headers["vary"].lower().split(", "), kind


@pytest.mark.parametrize("path", ["/graphql", "/file", "/nowhere"])
def test_a_preflight_is_answered_without_work_even_by_a_full_server(
    client: TestClient, path: str
) -> None:
    limits.concurrent = limits.max_concurrent
    answer = client.options(path, headers={"origin": FRONT_END, **PREFLIGHT})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == FRONT_END
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST, PUT"
    assert answer.headers["access-control-allow-headers"] == "Authorization, Content-Type, *"
    assert answer.headers["access-control-max-age"] == str(PREFLIGHT_SECONDS)
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", STRANGERS)
def test_a_preflight_of_another_origin_is_refused(client: TestClient, origin: str) -> None:
    headers = {"origin": origin, "accept-language": "en", **PREFLIGHT}
    answer = client.options("/graphql", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["message"] == "Pages of this origin cannot use this server"
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_without_allowed_origins_nothing_is_said_about_them() -> None:
    client = TestClient(Application([Route("/graphql", view.answer, methods=None)]))
    answers = [
        client.post("/graphql", json={"query": "{ hello }"}, headers={"origin": FRONT_END}),
        client.options("/graphql", headers={"origin": FRONT_END, **PREFLIGHT}),
    ]
    assert [answer.status_code for answer in answers] == [200, 405]
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "Origin" not in answer.headers["vary"]


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "null",
        "front.example.com",
        "https://front.example.com/",
        "https://front.example.com/desk",
        "https://*.example.com",
        "https://Front.example.com",
        "https://desk:secret@front.example.com",
        "https://前端.example.com",
        "https://front.example.com:0",
        "https://front.example.com:",
        "https://front.example.com:443",
        "http://[::1]:80",
        "https://",
        "file://",
        "https://front.example.com https://other.example.com",
        f"{FRONT_END},*",
    ],
)
def test_what_no_browser_sends_as_an_origin_is_no_setting(text: str) -> None:
    with pytest.raises(ValueError, match=r"no origin such as|has the default port"):
        read_origins(text)


def test_origins_are_separated_by_commas() -> None:
    assert read_origins("") == frozenset()
    assert read_origins(" https://a.example , http://[::1]:3000,") == {
        "https://a.example",
        "http://[::1]:3000",
    }
