"""The routes of the console: the page, its files, and what they may load."""

import gzip
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from demo.people import LOGINS, PASSWORD
from transport.console import CONSOLE, console_routes
from transport.edge import Application

PAGE = "<!doctype html><title>aftersales</title>"
SCRIPT = "let x = 1;" * 999
ASSET = "/console/assets/index-a1B2c3.js"


@pytest.fixture
def console(tmp_path: Path) -> Path:
    (tmp_path / "missing.html").write_text((CONSOLE / "missing.html").read_text("utf-8"))
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text(PAGE)
    (tmp_path / "dist" / "documents.json").write_text("{}")
    (tmp_path / "secret.js").write_text("secret")
    (assets / "index-a1B2c3.js").write_text(SCRIPT)
    (assets / "index-a1B2c3.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (assets / "index-a1B2c3.js.br").write_bytes(b"brotli")
    return tmp_path


def client_of(console: Path) -> TestClient:
    return TestClient(Application(console_routes(console)))


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/queue", "/console/orders/x"])
def test_every_path_of_the_console_is_the_page_and_never_kept(console: Path, path: str) -> None:
    response = client_of(console).get(path)
    assert (response.status_code, response.text) == (200, PAGE)
    assert response.headers["cache-control"] == "no-store"
    policy = response.headers["content-security-policy"]
    assert "script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert policy.count("http") == 0


def test_the_first_page_is_the_console_and_keeps_what_was_asked_for(console: Path) -> None:
    response = client_of(console).get("/?lang=en", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (307, "/console?lang=en")


@pytest.mark.parametrize(
    ("accepted", "coding"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)]
)
def test_a_file_is_kept_for_good_and_comes_compressed(
    console: Path, accepted: str, coding: str | None
) -> None:
    with client_of(console).stream("GET", ASSET, headers={"accept-encoding": accepted}) as response:
        body = b"".join(response.iter_raw())
    assert response.headers.get("content-encoding") == coding
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["vary"] == "Accept-Encoding"
    sent = {"br": b"brotli", "gzip": gzip.compress(SCRIPT.encode())}.get(coding or "")
    assert body[10:] == (sent or SCRIPT.encode())[10:]  # gzip's header has a time


@pytest.mark.parametrize(
    "path",
    ["assets/other.js", "assets/../../secret.js", "assets/..%2F..%2Fsecret.js", "assets/"],
)
def test_nothing_but_files_of_the_build_is_served(console: Path, path: str) -> None:
    response = client_of(console).get(f"/console/{path}")
    assert response.status_code == 404 or response.text == PAGE
    assert "secret" not in response.text


def test_only_a_demo_tells_its_accounts() -> None:
    told = [
        TestClient(Application(console_routes(is_demo=is_demo)))
        .get("/console/settings.json")
        .json()
        for is_demo in (True, False)
    ]
    demo = told[0]["demo"]
    assert (demo["password"], set(demo["logins"]) - set(LOGINS)) == (PASSWORD, set())
    assert told[1] == {"demo": None}


def test_a_console_that_is_not_built_says_how_to_build_it(console: Path) -> None:
    client = client_of(console)
    (console / "dist" / "documents.json").rename(console / "later")
    assert client.get("/console").status_code == 503
    assert "make setup" in client.get("/console").text
    (console / "missing.html").unlink()
    assert client.get("/console").json()["errors"][0]["extensions"]["code"] == "NOT_INSTALLED"
    (console / "later").rename(console / "dist" / "documents.json")
    assert client.get("/console").status_code == 200  # no restart needed
