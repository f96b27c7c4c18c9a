"""The edge finds the route of a request, and treats every response alike."""

import pytest
from httpx2 import Response as Answer
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope

from transport.edge import Application
from transport.request_limits import RequestLimits
from transport.responses import json_response
from transport.routes import Route


async def say(scope: Scope, receive: Receive) -> Response:
    """Answer with the method, the parameters of the path, and 9,999 bytes."""
    while (await receive()).get("more_body"):
        pass
    return JSONResponse([scope["method"], scope.get("path_params", {}), "x" * 9999])


@pytest.fixture
def client() -> TestClient:
    routes = [
        Route("/exact", say),
        Route("/any", say, methods=None),
        Route("/files/{name}", say),
        Route("/files/fixed", say, methods=frozenset({"POST"})),
        Route("/slash/", say),
    ]
    app = Application(routes, limits=RequestLimits(max_body_bytes=10))
    return TestClient(app, follow_redirects=False)


def code_of(response: Answer) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    ("path", "parameters"),
    [("/exact", {}), ("/any", {}), ("/files/a", {"name": "a"}), ("/files/a%20b", {"name": "a b"})],
)
def test_a_route_is_found_by_its_path(client, path: str, parameters: dict[str, str]) -> None:
    assert client.get(path).json()[:2] == ["GET", parameters]


@pytest.mark.parametrize("path", ["/", "/nowhere", "/Exact", "/any/", "/any/more", "/files/a/b"])
def test_no_route_is_a_404(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, code_of(response)) == (404, "NOT_FOUND")
    assert response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/exact", "GET, HEAD"),
        ("DELETE", "/files/a", "GET, HEAD"),
        ("GET", "/files/fixed", "POST"),
    ],
)
def test_another_method_is_a_405(client: TestClient, method: str, path: str, allowed: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, code_of(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == allowed


def test_head_is_answered_like_get(client: TestClient) -> None:
    assert client.head("/exact").status_code == 200
    assert client.head("/any").status_code == 200


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/exact/", "/exact"),
        ("/exact//?a=b", "/exact?a=b"),
        ("/files/a/", "/files/a"),
        ("/slash", "/slash/"),
    ],
)
def test_a_slash_too_many_or_too_few_is_redirected(client, path: str, target: str) -> None:
    response = client.get(path)
    assert response.status_code == 307
    assert response.headers["location"] == f"http://testserver{target}"
    assert response.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/any", "/exact", "/files/a"])
def test_every_route_is_signed_compressed_and_protected_from_sniffing(client, path: str) -> None:
    response = client.get(path, headers={"accept-encoding": "gzip", "x-request-id": "mine"})
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["x-request-id"] == "mine"
    assert response.headers.get_list("x-content-type-options") == ["nosniff"]


@pytest.mark.parametrize("path", ["/any", "/files/fixed"])
def test_every_body_is_limited(client: TestClient, path: str) -> None:
    assert client.post(path, content=b"x" * 10).status_code == 200
    response = client.post(path, content=b"x" * 11)
    assert (response.status_code, code_of(response)) == (413, "PAYLOAD_TOO_LARGE")


def test_a_header_is_sent_once() -> None:
    async def answer(_scope: Scope, _receive: Receive) -> Response:
        return json_response({})

    response = TestClient(Application([Route("/", answer)])).get("/")
    names = [name for name, _ in response.headers.multi_items()]
    assert len(names) == len(set(names))


def test_a_bug_of_a_handler_is_json(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_scope: Scope, _receive: Receive) -> Response:
        raise RuntimeError("the password is 1234")

    response = TestClient(Application([Route("/", broken, methods=None)])).get("/")
    assert (response.status_code, code_of(response)) == (500, "INTERNAL")
    assert "1234" not in response.text
    assert response.headers["x-request-id"] in caplog.text


def test_an_error_of_starlette_is_json() -> None:
    async def refuse(_scope: Scope, _receive: Receive) -> Response:
        raise HTTPException(406, "No", headers={"x-why": "because"})

    response = TestClient(Application([Route("/", refuse)])).get("/")
    assert (response.status_code, code_of(response)) == (406, "NOT_ACCEPTABLE")
    assert response.headers["x-why"] == "because"
