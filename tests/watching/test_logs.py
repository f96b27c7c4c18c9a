"""Each line of the log names its request, as text and as JSON, and tells nothing personal."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app import create_app
from parts import Parts
from tests.client import SIGN_IN, Client
from tests.given import PASSWORD, World
from transport.current_request import begin_request, name_of_request
from watching.counts import Counts, RequestCounts
from watching.log_lines import JsonLines, TextLines

pytestmark = pytest.mark.anyio


@pytest.fixture
def lines() -> Iterator[dict[str, io.StringIO]]:
    """What a server would write, in each format."""
    streams = {"text": io.StringIO(), "json": io.StringIO()}
    root = logging.getLogger()
    handlers = [
        _handler(streams["text"], TextLines(name_of_request)),
        _handler(streams["json"], JsonLines(name_of_request)),
    ]
    for handler in handlers:
        root.addHandler(handler)
    access = logging.getLogger("aftersales.access")
    level = access.level
    access.setLevel(logging.INFO)
    yield streams
    access.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


def _handler(stream: io.StringIO, lines: logging.Formatter) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(lines)
    return handler


async def test_every_line_of_a_request_has_its_id_in_both_formats(
    given: World, parts: Parts, schema: Any, lines: dict[str, io.StringIO]
) -> None:
    watched = replace(parts, access_log=True, counts=Counts(requests=RequestCounts()))
    shop = await given.merchant()
    async with Client.of(create_app(watched, runs_clock=False, schema=schema)) as client:
        body = {"query": SIGN_IN, "variables": {"login": shop.owner.login, "password": "mistyped"}}
        await client.post(body, **{"x-request-id": "from-the-client"})
        await client.post({"query": "query Mine { viewer { name } }"})
        await client.as_(shop.owner.token).post({"query": "{ viewer { name } }"})
        await client.http.get("/evidence/1/2.jpg?signature=secret")
        async with parts.database.write() as connection:
            await connection.exec_driver_sql("ALTER TABLE application RENAME TO lost")
        answer = await client.as_(shop.owner.token).post(
            {"query": '{ serviceOrders(filter: {phone: "13812345678"}) { nodes { id } } }'}
        )
        async with parts.database.write() as connection:
            await connection.exec_driver_sql("ALTER TABLE lost RENAME TO application")
    objects = [json.loads(line) for line in lines["json"].getvalue().splitlines()]
    ours = [line for line in objects if line["logger"].startswith("aftersales.")]

    refused = [line for line in ours if line["requestId"] == "from-the-client"]
    assert [line["logger"] for line in refused] == ["aftersales.sign_in", "aftersales.access"]
    facts = ("method", "operation", "outcome", "status")
    access = [line for line in ours if line["logger"] == "aftersales.access"]
    assert [tuple(line[fact] for fact in facts) for line in access] == [
        ("POST", "signIn", "refused", 200),
        ("POST", "viewer", "ok", 200),
        ("POST", "viewer", "ok", 200),
        ("GET", "/evidence", "denied", 403),
        ("POST", "serviceOrders", "failed", 200),
    ]
    assert all(line["milliseconds"] > 0 and line["time"].endswith("Z") for line in access)
    assert len({line["requestId"] for line in access}) == 5

    request_id = answer.json()["errors"][0]["extensions"]["requestId"]
    failed = [line for line in ours if line["requestId"] == request_id]
    assert [line["level"] for line in failed] == ["error", "error", "info"]
    assert all("Traceback" in line["exception"] for line in failed[:2])

    text = lines["text"].getvalue()
    assert "from-the-client" in text
    assert text.count(request_id) == len(failed)
    for personal in (shop.owner.login, PASSWORD, "mistyped", "13812345678", "secret", "2.jpg"):
        assert personal not in text
        assert personal not in lines["json"].getvalue()


def test_a_line_without_a_request_has_no_id_and_one_with_it_not_twice() -> None:
    lines = TextLines(name_of_request)

    def line(message: str) -> str:
        record = logging.LogRecord("aftersales.x", logging.INFO, "", 0, message, (), None)
        return lines.format(record)

    assert line("the clock runs").endswith("INFO aftersales.x the clock runs")
    begin_request({"headers": [(b"x-request-id", b"r-1")]})
    assert line("the clock runs").endswith("the clock runs [r-1]")
    assert line("request r-1 failed").endswith("request r-1 failed")
