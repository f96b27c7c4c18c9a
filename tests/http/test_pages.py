"""GraphiQL is served from our own files alone, and says so when they are missing."""

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest
from graphql import parse, validate
from starlette.testclient import TestClient

from schema.build import build
from transport.edge import Application
from transport.pages import ASSETS, WEB, examples, graphiql_routes

TESTS = Path(__file__).parents[1]


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """Our own files, and stand-ins for what npm installs."""
    for path in ASSETS.values():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"/* {path} */")
    for name in ("index.html", "missing.html"):
        shutil.copy(WEB / name, tmp_path)
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "02-b.graphql").write_text("{ b }")
    (tmp_path / "examples" / "01-a.graphql").write_text("{ a }")
    (tmp_path / "examples" / "01-a.json").write_text('{"x": 1}')
    return tmp_path


def client_of(web: Path, *, is_demo: bool = False) -> TestClient:
    return TestClient(Application(graphiql_routes(web, is_demo=is_demo)))


def test_the_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(web: Path) -> None:
    response = client_of(web).get("/graphiql")
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "<title>aftersales</title>" in response.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|://", response.text)
    for path in re.findall(r'(?:src|href)="([^"]+)"', response.text):
        assert path.removeprefix("/assets/") in ASSETS


@pytest.mark.parametrize(
    ("host", "sources"),
    [
        ("desk.example.com", "'self' ws://desk.example.com wss://desk.example.com"),
        ("127.0.0.1:8000", "'self' ws://127.0.0.1:8000 wss://127.0.0.1:8000"),
        ("[::1]:8000", "'self' ws://[::1]:8000 wss://[::1]:8000"),
        ("a;script-src *", "'self'"),
        ("a b", "'self'"),
        ("*", "'self'"),
    ],
)
def test_the_page_may_open_a_websocket_to_its_own_server_alone(
    web: Path, host: str, sources: str
) -> None:
    response = client_of(web).get("/graphiql", headers={"host": host})
    policy = response.headers["content-security-policy"]
    assert policy.split("; ")[2] == f"connect-src {sources}"
    assert policy.count("script-src") == 1


@pytest.mark.parametrize("name", list(ASSETS))
def test_an_asset_is_served_and_revalidated(web: Path, name: str) -> None:
    client = client_of(web)
    response = client.get(f"/assets/{name}")
    assert (response.status_code, response.text) == (200, f"/* {ASSETS[name]} */")
    again = client.get(f"/assets/{name}", headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_long_file_is_compressed_once_for_whoever_asks(web: Path) -> None:
    script = "let x = 1;" * 9999
    (web / ASSETS["react.js"]).write_text(script)
    client = client_of(web)
    with client.stream("GET", "/assets/react.js", headers={"accept-encoding": "gzip"}) as coded:
        raw = b"".join(coded.iter_raw())
    plain = client.get("/assets/react.js", headers={"accept-encoding": "identity"})
    assert coded.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw).decode() == plain.text == script
    assert coded.headers["content-length"] == str(len(raw))
    assert "content-encoding" not in plain.headers
    assert coded.headers["etag"] != plain.headers["etag"]
    for response, accepted in ((coded, "gzip"), (plain, "identity")):
        assert response.headers["vary"] == "Accept-Encoding"
        asked = {"accept-encoding": accepted, "if-none-match": response.headers["etag"]}
        assert client.get("/assets/react.js", headers=asked).status_code == 304
    crossed = {"accept-encoding": "gzip", "if-none-match": plain.headers["etag"]}
    assert client.get("/assets/react.js", headers=crossed).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/assets/",
        "/assets/package.json",
        "/assets/node_modules/react/index.js",
        "/assets/..%2Fpackage.json",
        "/assets/../package.json",
    ],
)
def test_nothing_else_is_served(web: Path, path: str) -> None:
    response = client_of(web).get(path)
    assert response.status_code == 404
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_a_page_without_its_files_says_how_to_get_them(web: Path) -> None:
    shutil.move(web / "node_modules", web / "elsewhere")
    client = client_of(web)
    assert client.get("/graphiql").status_code == 503
    assert "make setup" in client.get("/graphiql").text
    shutil.move(web / "elsewhere", web / "node_modules")
    assert client.get("/graphiql").status_code == 200  # no restart needed


def test_the_examples_come_in_the_order_of_their_numbers(web: Path) -> None:
    assert client_of(web).get("/examples.json").json() == [
        {"name": "01-a", "query": "{ a }", "variables": '{"x": 1}', "finders": {}},
        {"name": "02-b", "query": "{ b }", "variables": None, "finders": {}},
    ]


@pytest.mark.parametrize("broken", ["", "{", "[]", "1"])
def test_broken_variables_of_an_example_stop_the_start(web: Path, broken: str) -> None:
    (web / "examples" / "01-a.json").write_text(broken)
    with pytest.raises(ValueError, match=r"01-a\.json"):
        graphiql_routes(web)


def test_a_demo_s_examples_add_to_the_others_and_replace_their_variables(web: Path) -> None:
    demo = web / "examples" / "demo"
    demo.mkdir()
    (demo / "01-a.json").write_text('{"x": 2}')
    (demo / "01-a.txt").write_text("Try also:\nx = 3\n")
    (demo / "015-c.graphql").write_text("{ c }")
    assert client_of(web, is_demo=True).get("/examples.json").json() == [
        {
            "name": "01-a",
            "query": "# Try also:\n# x = 3\n#\n{ a }",
            "variables": '{"x": 2}',
            "finders": {},
        },
        {"name": "015-c", "query": "{ c }", "variables": None, "finders": {}},
        {"name": "02-b", "query": "{ b }", "variables": None, "finders": {}},
    ]
    names = [one["name"] for one in client_of(web).get("/examples.json").json()]
    assert names == ["01-a", "02-b"]


def test_the_variables_outside_a_demo_are_empty_or_say_what_goes_there() -> None:
    for example in examples():
        for text in texts_in(json.loads(example.variables or "{}")):
            assert re.fullmatch(r"|<found when this runs>", text), example.name


def test_every_example_of_a_demo_has_the_same_operations_outside_it_but_for_the_clock() -> None:
    outside = {one.name: one for one in examples()}
    for example in examples(is_demo=True):
        if example.name != "06-two-days-later":
            assert example.query.endswith(outside[example.name].query)


def texts_in(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in texts_in(one)]


@pytest.mark.parametrize("folder", [WEB, TESTS / "http", TESTS / "browser"])
def test_what_npm_installs_is_pinned_without_addresses(folder: Path) -> None:
    lock = (folder / "package-lock.json").read_text()
    assert "://" not in lock
    for name, package in json.loads(lock)["packages"].items():
        assert not name or package["integrity"].startswith("sha512-")


@pytest.mark.parametrize("is_demo", [False, True])
def test_every_variable_that_is_found_has_a_finder_of_valid_requests(
    is_demo: bool,
) -> None:
    core = build()._schema
    for example in examples(is_demo=is_demo):
        found = {
            name
            for name, value in json.loads(example.variables or "{}").items()
            if "<found when this runs>" in texts_in([value])
        }
        steps = [step for steps in example.finders.values() for step in steps]
        assert found <= {name for step in steps for name in step["take"]}, example.name
        for step in steps:
            assert validate(core, parse(step["query"])) == [], step["query"]
            if not is_demo:
                assert "token" not in step
                assert not step["query"].startswith("mutation"), "a finder changes nothing"
