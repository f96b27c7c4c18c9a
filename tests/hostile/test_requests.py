"""Requests that are broken below GraphQL: bodies, types, multipart, addresses."""

import json
from typing import Any

import httpx2
import pytest

from tests.given import jpeg
from tests.hostile.conftest import Changes, Ground

pytestmark = [pytest.mark.anyio, pytest.mark.one_database]

JSON = "application/json"
QUERY = b'{"query": "{ serverTime }"}'
BODIES: dict[str, tuple[str | None, bytes, int, str]] = {
    "nothing": (JSON, b"", 400, "BAD_REQUEST"),
    "half an object": (JSON, b'{"query": "{ serverTime', 400, "BAD_REQUEST"),
    "no UTF-8": (JSON, b'{"query": "\xff\xfe"}', 400, "BAD_REQUEST"),
    "UTF-16": (JSON, '{"query": "{ serverTime }"}'.encode("utf-16"), 400, "BAD_REQUEST"),
    "a byte order mark": (JSON, b"\xef\xbb\xbf" + QUERY, 400, "BAD_REQUEST"),
    "a lone surrogate": (JSON, b'{"query": "{ a(b: \\"\\ud800\\") }"}', 400, "BAD_REQUEST"),
    "a number": (JSON, b"5", 400, "BAD_REQUEST"),
    "a string": (JSON, b'"{ serverTime }"', 400, "BAD_REQUEST"),
    "null": (JSON, b"null", 400, "BAD_REQUEST"),
    "a list": (JSON, b"[" + QUERY + b"]", 400, "BAD_REQUEST"),
    "an empty object": (JSON, b"{}", 400, "BAD_REQUEST"),
    "an empty query": (JSON, b'{"query": " "}', 400, "BAD_REQUEST"),
    "a query that is a list": (JSON, b'{"query": ["{ serverTime }"]}', 400, "BAD_REQUEST"),
    "variables that are a list": (
        JSON,
        b'{"query": "{ serverTime }", "variables": []}',
        400,
        "BAD_REQUEST",
    ),
    "variables that are text": (
        JSON,
        b'{"query": "{ serverTime }", "variables": "{}"}',
        400,
        "BAD_REQUEST",
    ),
    "an operation that is not there": (
        JSON,
        b'{"query": "{ serverTime }", "operationName": "X"}',
        400,
        "BAD_REQUEST",
    ),
    "an operation that is a number": (
        JSON,
        b'{"query": "{ serverTime }", "operationName": 5}',
        400,
        "BAD_REQUEST",
    ),
    "infinity": (JSON, b'{"query": "{ serverTime }", "variables": {"a": 1e400}}', 400, ""),
    "not a number": (JSON, b'{"query": "{ serverTime }", "variables": {"a": NaN}}', 400, ""),
    "lists in lists": (JSON, b"[" * 100_000, 400, "BAD_REQUEST"),
    "objects in objects": (JSON, b'{"query":' * 25_000, 400, "BAD_REQUEST"),
    "too large": (
        JSON,
        b'{"query": "{ serverTime } #' + b"x" * 512 * 1024 + b'"}',
        413,
        "PAYLOAD_TOO_LARGE",
    ),
    "text": ("text/plain", QUERY, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "a form": ("application/x-www-form-urlencoded", b"query={serverTime}", 415, ""),
    "GraphQL": ("application/graphql", b"{ serverTime }", 415, "UNSUPPORTED_MEDIA_TYPE"),
    "XML": ("application/xml", b"<query/>", 415, "UNSUPPORTED_MEDIA_TYPE"),
    "no type": (None, QUERY, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "a type of nonsense": ("\xe9\xfe; ;=;", QUERY, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "another charset": (f"{JSON}; charset=utf-16", QUERY, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "multipart without a boundary": ("multipart/form-data", QUERY, 400, "BAD_REQUEST"),
    "multipart of nothing": ("multipart/form-data; boundary=x", b"", 400, "BAD_REQUEST"),
    "multipart of JSON": ("multipart/form-data; boundary=x", QUERY, 400, "BAD_REQUEST"),
    "multipart without an end": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{',
        400,
        "BAD_REQUEST",
    ),
    "multipart with a broken header": (
        "multipart/form-data; boundary=x",
        b"--x\r\n\xff\xff\xff\r\n\r\n\r\n--x--\r\n",
        400,
        "BAD_REQUEST",
    ),
    "multipart with a boundary of nonsense": (
        "multipart/form-data; boundary=\xe9" + "x" * 500,
        QUERY,
        400,
        "BAD_REQUEST",
    ),
}


def verdict(response: httpx2.Response) -> tuple[int, str]:
    assert response.headers["content-type"].startswith("application/json")
    assert response.headers["x-request-id"]
    [error] = response.json()["errors"]
    assert error["message"]
    return response.status_code, error["extensions"]["code"]


@pytest.mark.parametrize("name", BODIES)
async def test_a_broken_body_is_answered_in_json_and_does_nothing(
    ground: Ground, changes: Changes, name: str
) -> None:
    media_type, body, status, code = BODIES[name]
    headers = {b"authorization": f"Bearer {ground.shop.owner.token}".encode()}
    if media_type is not None:
        headers[b"content-type"] = media_type.encode("latin-1")
    response = await ground.client.http.post("/graphql", content=body, headers=headers)
    found = verdict(response)
    assert found[0] == status
    assert found[1] == code or not code
    assert not await changes.any()


OPERATIONS: dict[str, Any] = {
    "query": "mutation($input: UploadEvidenceInput!) { uploadEvidence(input: $input) {"
    " evidence { id } refusals { code } } }",
    "variables": {"input": {"file": None}},
}
PLACE = {"0": ["variables.input.file"]}
FORMS: dict[str, tuple[Any, Any]] = {
    "no operations": (None, PLACE),
    "no map": (OPERATIONS, None),
    "operations that are no JSON": ("{", PLACE),
    "operations that are a list": ([OPERATIONS], PLACE),
    "operations that are a number": (5, PLACE),
    "a map that is no JSON": (OPERATIONS, "{"),
    "a map that is a list": (OPERATIONS, []),
    "a map to a number": (OPERATIONS, {"0": 5}),
    "a map to numbers": (OPERATIONS, {"0": [5]}),
    "a map of a file that was not sent": (OPERATIONS, {"1": ["variables.input.file"]}),
    "a place that is not there": (OPERATIONS, {"0": ["variables.other.file"]}),
    "a place outside the variables": (OPERATIONS, {"0": ["query"]}),
    "a place that is taken": (
        {**OPERATIONS, "variables": {"input": {"file": "x"}}},
        PLACE,
    ),
    "a place with a number of many digits": (
        {**OPERATIONS, "variables": {"input": [None]}},
        {"0": ["variables.input." + "9" * 5000]},
    ),
    "a place without a name": (OPERATIONS, {"0": [""]}),
    "a place of dots": (OPERATIONS, {"0": ["." * 5000]}),
    "a place in an attribute": (OPERATIONS, {"0": ["variables.__class__.file"]}),
    "many places": (OPERATIONS, {"0": ["variables.input.file"] * 1000}),
}


@pytest.mark.parametrize("name", FORMS)
async def test_a_broken_form_is_a_bad_request(ground: Ground, changes: Changes, name: str) -> None:
    fields = {
        key: said if isinstance(said, str) else json.dumps(said)
        for key, said in zip(("operations", "map"), FORMS[name], strict=True)
        if said is not None
    }
    response = await ground.client.http.post(
        "/graphql",
        data=fields,
        files={"0": ("photo.jpg", jpeg())},
        headers={"authorization": f"Bearer {ground.shop.owner.token}"},
    )
    assert verdict(response) == (400, "BAD_REQUEST")
    assert not await changes.any()


async def test_a_file_that_is_put_where_text_belongs_is_bad_input(
    ground: Ground, changes: Changes
) -> None:
    query = "mutation($input: AddNoteInput!) { addNote(input: $input) { refusals { code } } }"
    operations = {"query": query, "variables": {"input": {"id": ground.order.id, "text": None}}}
    response = await ground.client.http.post(
        "/graphql",
        data={
            "operations": json.dumps(operations),
            "map": json.dumps({"0": ["variables.input.text"]}),
        },
        files={"0": ("photo.jpg", jpeg())},
        headers={"authorization": f"Bearer {ground.shop.owner.token}"},
    )
    assert verdict(response) == (200, "BAD_USER_INPUT")
    assert not await changes.any()


async def test_many_files_are_too_many(ground: Ground, changes: Changes) -> None:
    files = {str(at): ("photo.jpg", jpeg()) for at in range(50)}
    response = await ground.client.http.post(
        "/graphql",
        data={"operations": json.dumps(OPERATIONS), "map": json.dumps(PLACE)},
        files=files,
        headers={"authorization": f"Bearer {ground.shop.owner.token}"},
    )
    assert verdict(response) == (400, "BAD_REQUEST")
    assert not await changes.any()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/graphql", 400),
        ("GET", "/graphql?query=mutation{signOut{done}}", 405),
        ("GET", "/graphql?query={serverTime}&variables={", 400),
        ("GET", "/graphql?query=%FF", 400),
        ("PUT", "/graphql", 405),
        ("DELETE", "/graphql", 405),
        ("PATCH", "/graphql", 405),
        ("OPTIONS", "/graphql", 405),
        ("POST", "/", 405),
        ("POST", "/healthz", 405),
        ("GET", "/nothing", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/assets/..%2F..%2Fpyproject.toml", 404),
        ("GET", "/assets/%2e%2e/index.html", 404),
        ("GET", "/" + "x" * 60_000, 404),
        ("GET", "/%00", 404),
        ("GET", "/%FF%FE", 404),
    ],
)
async def test_a_wrong_address_or_method_is_answered_in_json(
    ground: Ground, changes: Changes, method: str, path: str, status: int
) -> None:
    response = await ground.client.http.request(
        method, path, headers={"authorization": f"Bearer {ground.shop.owner.token}"}
    )
    found, code = verdict(response)
    assert found == status or (found, code) == (200, "GRAPHQL_PARSE_FAILED")
    assert code != "INTERNAL"
    assert not await changes.any()


@pytest.mark.parametrize(
    "headers",
    [
        {"accept-language": "zh;q=x, en;q=nan, ;;;q=1e999, *;q=0.5"},
        {"accept-language": "," * 5000},
        {"accept-language": "\xe9"},
        {"x-request-id": "a\x7fb" * 10},
        {"x-request-id": "x" * 5000},
        {"accept": "*/*;q=nan, application/json;q=-1"},
        {"cookie": "a=b" * 1000},
        {"x-forwarded-for": "127.0.0.1"},
    ],
    ids=lambda headers: next(iter(headers)) + str(len(next(iter(headers.values())))),
)
async def test_odd_headers_do_no_harm(ground: Ground, headers: dict[str, str]) -> None:
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    raw[b"content-type"] = JSON.encode()
    response = await ground.client.http.post("/graphql", content=QUERY, headers=raw)
    assert response.status_code in {200, 406}
    assert len(response.headers["x-request-id"]) <= 64
