"""What anybody may keep, and that nobody may keep the rest."""

from datetime import timedelta

import pytest
from httpx2 import Response

from app import create_app
from execution.persisted_documents import PersistedDocuments, Trust, sha256_of
from parts import Parts
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import World

pytestmark = pytest.mark.anyio

LIFECYCLE = "query L { lifecycle { statuses { status name } } }"
KEPT = "public, max-age=600"
NOT_KEPT = "private, no-store"

DOCUMENTS = {
    "the lifecycle": (LIFECYCLE, KEPT),
    "all that never changes": (
        """query All { lifecycle { rules { action } } reasons { code } permissions { name }
        divisions { code } }""",
        KEPT,
    ),
    "what never changes, in fragments": (
        """query F { ...R ... on Query { permissions { name } } }
        fragment R on Query { reasons { code } }""",
        KEPT,
    ),
    "the time": ("query T { serverTime }", NOT_KEPT),
    "the time beside the lifecycle": (
        "query B { lifecycle { rules { action } } serverTime }",
        NOT_KEPT,
    ),
    "the time in a fragment": (
        "query F { reasons { code } ...T } fragment T on Query { serverTime }",
        NOT_KEPT,
    ),
    "who asks": ("query V { viewer { name } }", NOT_KEPT),
    "introspection": ("query I { __schema { types { name } } }", NOT_KEPT),
    "orders": ("query O { serviceOrders { nodes { id } } }", NOT_KEPT),
}


async def got(client: Client, text: str, **headers: str) -> Response:
    parameters = {"documentId": f"sha256:{sha256_of(text)}"}
    return await client.http.get("/graphql", params=parameters, headers=headers)


async def test_only_what_everybody_is_told_may_be_kept(parts: Parts, schema) -> None:
    trusted = {sha256_of(text): text for text, _ in DOCUMENTS.values()}
    documented = Parts(parts.database, parts.keys, parts.pictures, parts.clock, trusted=trusted)
    async with Client.of(create_app(documented, runs_clock=False, schema=schema)) as client:
        for name, (text, expected) in DOCUMENTS.items():
            response = await got(client, text)
            assert response.headers["cache-control"] == expected, name
            assert set(response.headers["vary"].split(", ")) == {
                "Accept",
                "Accept-Language",
                "Authorization",
                "Accept-Encoding",
            }


async def test_by_its_text_over_post_or_with_credentials_it_is_not_kept(
    client: Client, given: World
) -> None:
    by_hash = {"documentId": f"sha256:{sha256_of(LIFECYCLE)}"}
    registering = await client.post({"query": LIFECYCLE, **by_hash})
    by_text = await client.http.get("/graphql", params={"query": LIFECYCLE})
    posted = await client.post(by_hash)
    signed = await got(client, LIFECYCLE, authorization="Bearer nobody")
    for response in (registering, by_text, posted, signed):
        assert response.json()["data"]
        assert response.headers["cache-control"] == NOT_KEPT
    assert (await got(client, LIFECYCLE)).headers["cache-control"] == KEPT


async def test_an_answer_with_errors_is_not_kept(client: Client) -> None:
    text = "query D($code: String) { divisions(parentCode: $code) { code } }"
    by_hash = {"documentId": f"sha256:{sha256_of(text)}"}
    await client.post({"query": text, **by_hash})
    for code, expected in (('"110000"', KEPT), ("7", NOT_KEPT)):
        parameters = {**by_hash, "variables": f'{{"code": {code}}}'}
        response = await client.http.get("/graphql", params=parameters)
        assert ("errors" in response.json()) is (expected == NOT_KEPT)
        assert response.headers["cache-control"] == expected


async def test_what_may_be_kept_is_the_same_for_everybody_at_any_time(
    client: Client, given: World, clock: StoppedClock
) -> None:
    shop = await given.merchant()
    owner = await client.sign_in(shop.owner.login)
    text = DOCUMENTS["all that never changes"][0]
    first = await client.post({"query": text})
    clock.pass_(timedelta(days=400))
    assert (await client.post({"query": text})).content == first.content
    assert (await owner.post({"query": text})).content == first.content


async def test_a_server_that_takes_trusted_documents_alone_serves_no_graphiql(
    parts: Parts, schema
) -> None:
    texts = {sha256_of(LIFECYCLE): LIFECYCLE}
    for trust, status in ((Trust.ON, 200), (Trust.ONLY, 404)):
        trusting = Parts(
            parts.database, parts.keys, parts.pictures, parts.clock, trust=trust, trusted=texts
        )
        async with Client.of(create_app(trusting, runs_clock=False, schema=schema)) as client:
            assert (await client.http.get("/examples.json")).status_code == status
            assert ((await client.http.get("/graphiql")).status_code == 404) is (status == 404)
            assert (await client.http.get("/")).headers["location"] == "/console"
            assert (await client.http.get("/healthz")).status_code == 200


def test_a_registered_document_is_weighed_like_a_trusted_one(schema) -> None:
    documents = PersistedDocuments(schema._schema)
    documents.register(documents.find(LIFECYCLE, sha256_of(LIFECYCLE)))
    found = documents.find(None, sha256_of(LIFECYCLE)).document
    assert found is not None
    assert found.cache_lifetime == timedelta(minutes=10)
