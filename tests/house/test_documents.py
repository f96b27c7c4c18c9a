"""The file of trusted documents is what `aftersales documents` writes, with clear errors."""

import hashlib
import json
from pathlib import Path

import pytest
from graphql import parse
from strawberry import Schema
from typer.testing import CliRunner

from cli import cli
from execution import manifest
from execution.document_cache import BadDocuments
from execution.limits import operations_of
from execution.persisted_documents import PersistedDocuments, Trust
from parts import parts_of
from settings import load
from transport.console import DOCUMENTS
from transport.pages import WEB, examples
from transport.request import operation_from

OURS = WEB / "documents.json"


def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(arguments), env=environment)
    return result.exit_code, result.stdout, result.stderr


def test_the_file_of_our_own_documents_is_what_the_command_writes() -> None:
    code, written, _ = run("documents", str(WEB / "examples"))
    assert code == 0
    assert OURS.read_text("utf-8") == written


def test_every_operation_of_our_own_tabs_is_in_the_file_once(schema: Schema) -> None:
    documents = json.loads(OURS.read_text("utf-8"))
    names = [text.split()[1].split("(")[0] for text in documents.values()]
    assert len(set(names)) == len(names)
    for tab in (*examples(), *examples(is_demo=True)):
        assert {
            operation.name.value for operation in operations_of(parse(tab.query)) if operation.name
        } <= set(names)
    for sha256, text in documents.items():
        assert sha256 == hashlib.sha256(text.encode()).hexdigest()
        assert "#" not in text
    assert len(
        list(PersistedDocuments(schema._schema, Trust.ONLY, documents).trusted_texts)
    ) == len(documents)


def folder_of(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.graphql").write_text(text, "utf-8")
    return tmp_path


def test_a_document_carries_the_fragments_it_uses_from_any_file(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        a="query A { reasons { ...R } }  query B { serverTime }",
        b="fragment R on Reason { code }",
    )
    code, written, _ = run("documents", str(folder), "--output", str(tmp_path / "made.json"))
    assert (code, written) == (0, "")
    made = manifest.read(tmp_path / "made.json")
    assert list(made.values()) == [
        "query A {\n  reasons {\n    ...R\n  }\n}\n\nfragment R on Reason {\n  code\n}",
        "query B {\n  serverTime\n}",
    ]


WRONG = {
    "no file": ({}, "there is no .graphql file"),
    "no operation": ({"a": "fragment R on Reason { code }"}, "there is no operation"),
    "no name": ({"a": "{ serverTime }"}, "a.graphql: an operation has no name"),
    "one name twice": (
        {"a": "query A { serverTime }", "b": "query A { serverTime }"},
        "b.graphql: A is in a.graphql too",
    ),
    "no GraphQL": ({"a": "query A {\n serverTime"}, "a.graphql: Syntax Error"),
    "types": ({"a": "type A { a: Int }"}, "a.graphql: holds more than operations"),
    "a field that is not there": ({"a": "query A { nope }"}, "A: Cannot query field 'nope'"),
    "a fragment that is not there": ({"a": "query A { ...R }"}, "A: Unknown fragment 'R'"),
    "too much": (
        {"a": "query A { " + " ".join(f"a{i}: serverTime" for i in range(60)) + " }"},
        "A: The query is too complex",
    ),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_what_cannot_be_trusted_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    files, message = WRONG[name]
    output = tmp_path / "made.json"
    code, stdout, stderr = run(
        "documents", str(folder_of(tmp_path, **files)), "--output", str(output)
    )
    assert (code, stdout) == (1, "")
    assert message in stderr
    assert not output.exists()


BAD_FILES = {
    "missing": (None, "No such file"),
    "no JSON": ("{", "is not JSON"),
    "a list": ("[]", "must be a JSON object"),
    "no texts": ('{"a": 1}', "must be a JSON object"),
    "a wrong hash": (
        '{"a": "query A { serverTime }"}',
        "a is not the SHA-256, SHA-1 or MD5 of its text",
    ),
    "no operations": ('{"format": "apollo-persisted-query-manifest"}', "must be of version 1"),
    "an operation without a body": (
        '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "a"}]}',
        "must be a JSON object",
    ),
    "an operation that is no object": (
        '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [1]}',
        "must be an object",
    ),
}


@pytest.mark.parametrize("name", list(BAD_FILES))
def test_a_bad_file_stops_the_start_with_one_line(tmp_path: Path, name: str) -> None:
    content, message = BAD_FILES[name]
    file = tmp_path / "documents.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(BadDocuments, match=message):
        parts_of(load(data_dir=tmp_path, trusted_documents_file=file))
    code, _, stderr = run(
        "serve",
        AFTERSALES_DATA_DIR=str(tmp_path),
        AFTERSALES_TRUSTED_DOCUMENTS="only",
        AFTERSALES_TRUSTED_DOCUMENTS_FILE=str(file),
    )
    assert code == 2
    assert message in stderr
    assert len(stderr.strip().splitlines()) == 1


MANIFESTS = Path(__file__).parent / "manifests"
"""Each as its tool wrote it, for one operation with a fragment."""

CODEGEN = "sha256:9ce46966f5cc64473d9b92680702e08e75af14d2c3671c986f5521e3bd4012a5"
APOLLO = "156e82dd2491754010f4de264f59b8385e097167431f76afff418f2bbcebb0f2"
RELAY = "6250a128f83fb26e6bd5a025b2af4434c86dd605158e7ba39787048d592d697b"


def persisted_query(sha256: str) -> dict[str, object]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256}}}


REQUESTS: dict[str, dict[str, object]] = {
    "client-preset": {"documentId": CODEGEN},
    "client-preset with Apollo": persisted_query(CODEGEN),
    "relay-compiler": {"documentId": "63c5274e385f8324dfeb8ea924c47254"},
    "relay-compiler-sha256": {"documentId": RELAY},
    "apollo": persisted_query(APOLLO),
}
"""What the client sends, by the name of the manifest."""


@pytest.mark.parametrize("name", list(REQUESTS))
def test_the_manifests_of_common_tools_are_taken_as_they_are(schema: Schema, name: str) -> None:
    trusted = manifest.read(MANIFESTS / f"{name.partition(' ')[0]}.json")
    documents = PersistedDocuments(schema._schema, Trust.ONLY, trusted)
    request = operation_from(REQUESTS[name], documents)
    assert [request.query] == list(documents.trusted_texts)
    assert "serviceOrders" in request.query


def test_a_server_that_trusts_nothing_reads_no_file(tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"
    settings = load(data_dir=tmp_path, trusted_documents=Trust.OFF, trusted_documents_file=missing)
    parts = parts_of(settings)
    assert (parts.trusted, parts.built) == ({}, {})


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the console is not built: make setup")
def test_the_documents_of_the_console_are_valid(schema: Schema) -> None:
    built = manifest.read(DOCUMENTS)
    documents = PersistedDocuments(schema._schema, Trust.ONLY, built)
    assert set(documents.checked_texts) == set(built.values())
