"""Documents by their hash: registered, trusted, or refused with a code that says what to do."""

import hashlib
import json
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from execution.document_cache import BadDocuments, pin_document
from execution.limits import LIMITS
from execution.persisted_documents import (
    MAX_REGISTERED_CHARACTERS,
    DocumentError,
    PersistedDocuments,
    RequestedDocument,
    Trust,
    sha256_of,
)
from tests.http.toy import open_context, schema
from transport.edge import Application
from transport.request import GRAPHQL_JSON
from transport.responses import JSON
from transport.routes import Route
from transport.view import GraphQLView

core = schema._schema

HELLO = "query Hello { hello }"
ECHO = "query Echo($value: [String!]) { echo(value: $value) }"
TOUCH = "mutation Touch { touch }"
MD5 = hashlib.md5(ECHO.encode(), usedforsecurity=False).hexdigest()
TRUSTED = {sha256_of(text): text for text in (ECHO, TOUCH)} | {MD5: ECHO}
WAYS = ["documentId", "persistedQuery"]


def client_of(trust: Trust = Trust.ON) -> TestClient:
    documents = PersistedDocuments(core, trust, TRUSTED)
    view = GraphQLView(schema, open_context, documents=documents)
    return TestClient(Application([Route("/graphql", view.answer, methods=None)]))


def by(way: str, text: str) -> dict[str, Any]:
    """The parameter that asks for a text by its hash."""
    if way == "documentId":
        return {"documentId": f"sha256:{sha256_of(text)}"}
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(text)}}}


def ask(
    client: TestClient, method: str, parameters: dict[str, Any], accept: str = JSON
) -> Response:
    if method == "POST":
        return client.post("/graphql", json=parameters, headers={"accept": accept})
    said = {k: v if isinstance(v, str) else json.dumps(v) for k, v in parameters.items()}
    return client.get("/graphql", params=said, headers={"accept": accept})


def outcome(response: Response) -> object:
    """The data, or the code of the one error."""
    answer = response.json()
    if "errors" in answer:
        [error] = answer["errors"]
        assert error["message"]
        return error["extensions"]["code"]
    return answer["data"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("way", WAYS)
def test_a_client_registers_a_text_and_then_asks_by_its_hash(method: str, way: str) -> None:
    client = client_of()
    unknown = ask(client, method, by(way, HELLO))
    assert outcome(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert outcome(ask(client, method, {"query": HELLO, **by(way, HELLO)})) == {"hello": "world"}
    for other in WAYS:
        assert outcome(ask(client, method, by(other, HELLO))) == {"hello": "world"}


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL_JSON, 400)])
def test_a_hash_that_is_not_known_is_no_failure_of_http_to_older_clients(
    accept: str, status: int
) -> None:
    response = ask(client_of(), "POST", by("persistedQuery", HELLO), accept)
    assert (response.status_code, response.headers["cache-control"]) == (
        status,
        "private, no-store",
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_trusted_document_is_known_from_the_start(method: str, way: str) -> None:
    parameters = {**by(way, ECHO), "variables": {"value": ["x"]}}
    assert outcome(ask(client_of(), method, parameters)) == {"echo": ["x"]}


def test_a_mutation_by_its_hash_is_not_run_over_get() -> None:
    client = client_of()
    assert ask(client, "GET", by("documentId", TOUCH)).status_code == 405
    assert outcome(ask(client, "POST", by("documentId", TOUCH))) == {"touch": 1}


def test_a_multipart_request_may_name_its_document_by_the_hash() -> None:
    response = client_of().post(
        "/graphql",
        data={"operations": json.dumps(by("documentId", TOUCH)), "map": "{}"},
        files={"unused": ("x", b"x")},
    )
    assert outcome(response) == {"touch": 1}


NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
SAID = {"hello": "world"}
NULL = {"echo": None}

TAKEN: dict[str, tuple[dict[str, Any], object, object, object]] = {
    #                                   the request, and what it gets with:  off, on, only
    "a text": ({"query": HELLO}, SAID, SAID, NOT_TRUSTED),
    "a text that is trusted": ({"query": ECHO}, NULL, NULL, NULL),
    "a trusted hash": (by("documentId", ECHO), NOT_SUPPORTED, NULL, NULL),
    "a trusted hash, as Apollo": (by("persistedQuery", ECHO), NOT_SUPPORTED, NULL, NULL),
    "a trusted MD5, as Relay": ({"documentId": MD5}, NOT_SUPPORTED, NULL, NULL),
    "a trusted hash without its prefix": (
        {"documentId": sha256_of(ECHO)},
        NOT_SUPPORTED,
        NULL,
        NULL,
    ),
    "an unknown MD5": ({"documentId": "0" * 32}, NOT_SUPPORTED, NOT_FOUND, NOT_TRUSTED),
    "another hash": (by("documentId", HELLO), NOT_SUPPORTED, NOT_FOUND, NOT_TRUSTED),
    "another, as Apollo": (by("persistedQuery", HELLO), NOT_SUPPORTED, NOT_FOUND, NOT_TRUSTED),
    "a text and its hash": ({"query": HELLO, **by("documentId", HELLO)}, SAID, SAID, NOT_TRUSTED),
    "a trusted text and hash": ({"query": ECHO, **by("persistedQuery", ECHO)}, NULL, NULL, NULL),
    "a text and a trusted hash": (
        {"query": HELLO, **by("documentId", ECHO)},
        SAID,
        "BAD_REQUEST",
        "BAD_REQUEST",
    ),
    "a blank text and a trusted hash": (
        {"query": " ", **by("documentId", ECHO)},
        NOT_SUPPORTED,
        NULL,
        NULL,
    ),
    "introspection": ({"query": "{ __typename }"}, {"__typename": "Query"}, None, NOT_TRUSTED),
}


@pytest.mark.parametrize("name", list(TAKEN))
@pytest.mark.parametrize("trust", list(Trust))
def test_what_is_taken_depends_on_whom_the_server_trusts(name: str, trust: Trust) -> None:
    parameters, off, on, only = TAKEN[name]
    expected = {Trust.OFF: off, Trust.ON: on or off, Trust.ONLY: only}[trust]
    response = ask(client_of(trust), "POST", parameters)
    assert outcome(response) == expected
    if expected == NOT_TRUSTED:
        assert response.status_code == 403


def test_where_only_trusted_documents_are_taken_nothing_can_be_registered() -> None:
    client = client_of(Trust.ONLY)
    for _ in range(3):
        registering = {"query": HELLO, **by("persistedQuery", HELLO)}
        assert outcome(ask(client, "POST", registering)) == NOT_TRUSTED
        assert outcome(ask(client, "POST", by("persistedQuery", HELLO))) == NOT_TRUSTED


MALFORMED: dict[str, dict[str, Any]] = {
    "an MD5 with the prefix": {"documentId": f"sha256:{MD5}"},
    "an MD5 beside another text": {"query": HELLO, "documentId": MD5},
    "an id with another prefix": {"documentId": f"md5:{sha256_of(ECHO)}"},
    "an id in capitals": {"documentId": f"sha256:{sha256_of(ECHO).upper()}"},
    "an id that is cut": {"documentId": f"sha256:{sha256_of(ECHO)[:-1]}"},
    "an empty id": {"documentId": ""},
    "an id that is no text": {"documentId": 7},
    "a persisted query that is no object": {"extensions": {"persistedQuery": True}},
    "a persisted query of another version": {
        "extensions": {"persistedQuery": {"version": 2, "sha256Hash": sha256_of(ECHO)}}
    },
    "a persisted query without a hash": {"extensions": {"persistedQuery": {"version": 1}}},
    "a persisted query with a bad hash": {
        "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x" * 64}}
    },
    "two ways that differ": {**by("documentId", ECHO), **by("persistedQuery", TOUCH)},
    "a hash of another text": {"query": HELLO, **by("persistedQuery", "{ hello }")},
    "neither a text nor a hash": {"variables": {}},
}


@pytest.mark.parametrize("name", list(MALFORMED))
def test_a_malformed_hash_is_a_bad_request(name: str) -> None:
    response = ask(client_of(), "POST", MALFORMED[name])
    assert (response.status_code, outcome(response)) == (400, "BAD_REQUEST")


UNFIT = {
    "no GraphQL": "{ hello",
    "a field that is not there": "{ nope }",
    "too many aliases": "{ " + " ".join(f"a{i}: hello" for i in range(LIMITS.aliases + 1)) + " }",
}


@pytest.mark.parametrize("name", list(UNFIT))
def test_a_text_that_is_unfit_is_not_registered(name: str) -> None:
    client = client_of()
    refused = ask(client, "POST", {"query": UNFIT[name], **by("persistedQuery", UNFIT[name])})
    assert "errors" in refused.json()
    assert outcome(ask(client, "POST", by("persistedQuery", UNFIT[name]))) == NOT_FOUND


@pytest.mark.parametrize("name", list(UNFIT))
def test_a_trusted_document_that_is_unfit_stops_the_start(name: str) -> None:
    sha256 = sha256_of(UNFIT[name])
    with pytest.raises(BadDocuments, match=sha256):
        PersistedDocuments(core, Trust.ONLY, {sha256: UNFIT[name]})


def test_a_built_document_is_found_by_its_hash_and_word_for_word() -> None:
    built = {sha256_of(text): text for text in (ECHO, TOUCH)}
    documents = PersistedDocuments(core, Trust.ONLY, built=built)
    assert list(documents.checked_texts) == []
    assert documents.find(None, sha256_of(ECHO)).text == ECHO
    assert documents.find(TOUCH, None).text == TOUCH
    assert list(documents.checked_texts) == [ECHO, TOUCH] == list(documents.trusted_texts)


@pytest.mark.parametrize("name", list(UNFIT))
def test_a_built_document_that_is_unfit_stops_no_start_and_answers_its_errors(name: str) -> None:
    built = {sha256_of(text): text for text in (UNFIT[name], ECHO)}
    documents = PersistedDocuments(core, Trust.ONLY, built=built)
    view = GraphQLView(schema, open_context, documents=documents)
    client = TestClient(Application([Route("/graphql", view.answer, methods=None)]))
    for _ in range(2):
        answer = ask(client, "POST", by("documentId", UNFIT[name])).json()
        assert answer["errors"]
        assert "data" not in answer
    assert "errors" not in ask(client, "POST", by("documentId", ECHO)).json()


def test_a_trusted_document_is_parsed_once() -> None:
    assert pin_document(core, ECHO) is pin_document(core, ECHO)


def registered(documents: PersistedDocuments, text: str) -> bool:
    try:
        documents.find(None, sha256_of(text))
    except DocumentError:
        return False
    return True


def test_what_was_used_least_recently_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution.persisted_documents.MAX_REGISTERED", 3)
    documents = PersistedDocuments(core)
    texts = [f"query Number{i} {{ hello }}" for i in range(4)]
    for text in texts[:3]:
        documents.register(documents.find(text, sha256_of(text)))
    assert registered(documents, texts[0])
    documents.register(documents.find(texts[3], sha256_of(texts[3])))
    assert [registered(documents, text) for text in texts] == [True, False, True, True]


def test_registered_texts_are_bounded_in_all_and_not_only_by_their_number() -> None:
    documents = PersistedDocuments(core)
    texts = [f"query Q{i} {{ hello }} #" + "x" * 50_000 for i in range(60)]
    for text in texts:
        documents.register(RequestedDocument(text, register_as=sha256_of(text)))
    kept = [text for text in texts if registered(documents, text)]
    assert texts[-1] in kept
    assert MAX_REGISTERED_CHARACTERS - 60_000 < sum(map(len, kept)) <= MAX_REGISTERED_CHARACTERS


def test_registering_twice_counts_once() -> None:
    documents = PersistedDocuments(core)
    for _ in range(3):
        documents.register(RequestedDocument(HELLO, register_as=sha256_of(HELLO)))
    assert documents._registered.weight == len(HELLO)
