"""Long answers are compressed for whoever asks for it, and never for anybody else."""

import gzip
import json
from typing import Any

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope

from tests.http.toy import app
from transport.compression import (
    MAX_COMPRESSED_ON_LOOP,
    MIN_BYTES,
    accepts_gzip,
    compressed,
)
from transport.edge import Application
from transport.header_values import MAX_CACHED
from transport.routes import Route

ECHO = "query($value: [String!]) { echo(value: $value) }"

ACCEPTED = {
    "": False,
    "gzip": True,
    "GZIP": True,
    "gzip, deflate, br, zstd": True,
    "br;q=1.0, gzip;q=0.8, *;q=0.1": True,
    "deflate": False,
    "br": False,
    "*": True,
    "identity": False,
    "gzip;q=0": False,
    "gzip;q=0.0, *": False,
    "*;q=0": False,
    "gzip; q=0.5 , identity;q=1": False,
    "gzip;q=0.5, identity;q=0.5": True,
    "gzip;q=1, identity;q=0.5": True,
    "*, identity;q=0.1": True,
    "gzip;q=much": False,
    ";,;q=": False,
    "gzip" + ", x" * MAX_CACHED: True,
}


@pytest.mark.parametrize("header", list(ACCEPTED))
def test_weights_are_respected(header: str) -> None:
    assert [accepts_gzip(header) for _ in range(2)] == [ACCEPTED[header]] * 2


def ask(length: int, accept_encoding: str) -> tuple[dict[str, str], bytes, Any]:
    """The headers, the bytes as they were sent and the answer, whose JSON has so many bytes."""
    value = "x" * (length - len('{"data":{"echo":[""]}}'))
    body = json.dumps({"query": ECHO, "variables": {"value": [value]}})
    headers = {"content-type": "application/json", "accept-encoding": accept_encoding}
    with (
        TestClient(app) as client,
        client.stream("POST", "/graphql", content=body, headers=headers) as response,
    ):
        raw = b"".join(response.iter_raw())
    plain = gzip.decompress(raw) if "content-encoding" in response.headers else raw
    assert json.loads(plain) == {"data": {"echo": [value]}}
    return dict(response.headers), raw, plain


@pytest.mark.parametrize("length", [MIN_BYTES, 30_000, MAX_COMPRESSED_ON_LOOP + 1])
def test_a_long_answer_is_compressed_for_whoever_asks(length: int) -> None:
    headers, raw, plain = ask(length, "gzip")
    assert headers["content-encoding"] == "gzip"
    assert headers["content-length"] == str(len(raw))
    assert len(raw) < len(plain) == length


@pytest.mark.parametrize(
    ("length", "accept_encoding"),
    [(MIN_BYTES - 1, "gzip"), (30_000, "identity"), (30_000, "gzip;q=0"), (30_000, "zstd")],
)
def test_a_short_answer_or_one_for_somebody_else_is_sent_as_it_is(
    length: int, accept_encoding: str
) -> None:
    headers, raw, _ = ask(length, accept_encoding)
    assert "content-encoding" not in headers
    assert headers["content-length"] == str(len(raw)) == str(length)


@pytest.mark.parametrize(("length", "accept_encoding"), [(100, ""), (30_000, "gzip")])
def test_every_answer_says_that_the_coding_was_chosen(length: int, accept_encoding: str) -> None:
    headers, _, _ = ask(length, accept_encoding)
    assert "Accept-Encoding" in headers["vary"]
    assert headers["x-request-id"]


def test_the_same_content_is_compressed_to_the_same_bytes() -> None:
    assert compressed(b"x" * 9999) == compressed(b"x" * 9999)
    assert gzip.decompress(compressed(b"x" * 9999)) == b"x" * 9999


LONG = b"x" * 9999
CODED = {"content-encoding": "br"}
OTHERS: dict[str, Response] = {
    "a picture": Response(LONG, media_type="image/jpeg"),
    "a page": Response(LONG, media_type="text/html"),
    "what is compressed already": Response(LONG, headers=CODED, media_type="application/json"),
    "nothing": Response(status_code=204),
}


@pytest.mark.parametrize("name", list(OTHERS))
def test_nothing_else_is_compressed_on_its_way(name: str) -> None:
    async def answer(_scope: Scope, _receive: Receive) -> Response:
        return OTHERS[name]

    edge = Application([Route("/", answer)])
    with TestClient(edge).stream("GET", "/", headers={"accept-encoding": "gzip"}) as response:
        assert response.headers.get("content-encoding") == OTHERS[name].headers.get(
            "content-encoding"
        )
        assert b"".join(response.iter_raw()) == OTHERS[name].body
