"""Pictures that are sent to an address of their own, of this server or of an S3 bucket."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from obstore.store import LocalStore

from app import create_app
from domain.desk.evidence import PICTURE_BYTES_LIMIT
from domain.permissions import Permission
from parts import Parts
from resolvers.pictures import Pictures
from resolvers.uploads import KEPT
from schema import ids
from tests.client import Client
from tests.given import Shop, World, jpeg
from tests.pictures.bucket import bucket
from transport.request_limits import RULES

pytestmark = pytest.mark.anyio


async def prepared(client: Client, **given: Any) -> dict[str, Any]:
    payload = await client.do("prepareEvidenceUpload", "upload { id url expiresAt }", **given)
    assert payload["refusals"] == []
    upload: dict[str, Any] = payload["upload"]
    return upload


async def finished(client: Client, upload: dict[str, Any]) -> Any:
    return await client.do("finishEvidenceUpload", "evidence { id url }", uploadId=upload["id"])


async def refusal_of(client: Client, upload: dict[str, Any]) -> Any:
    payload = await finished(client, upload)
    assert payload["evidence"] is None
    [refusal] = payload["refusals"]
    assert refusal["path"] == ["uploadId"]
    return refusal["code"]


async def send(client: Client, upload: dict[str, Any], data: bytes) -> httpx2.Response:
    return await client.http.put(
        upload["url"], content=data, headers={"content-type": "image/jpeg"}
    )


async def test_a_picture_that_was_sent_to_its_address_becomes_evidence(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    upload = await prepared(owner)
    left = datetime.fromisoformat(upload["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    assert await refusal_of(owner, upload) == "NOT_FOUND"  # nothing has arrived

    # What is no picture, or too large, is refused as in an upload; what is sent again replaces it.
    too_large = await send(owner, upload, b"x" * PICTURE_BYTES_LIMIT)
    assert too_large.status_code == 413
    extensions = too_large.json()["errors"][0]["extensions"]
    limit = PICTURE_BYTES_LIMIT - 1
    assert extensions == {"code": "PAYLOAD_TOO_LARGE", "limit": limit, "evidenceRules": RULES}
    for data in (b"", b"not a picture" * 1000, b"x" * limit):
        assert (await send(owner, upload, data)).status_code == 204
        assert await refusal_of(owner, upload) == "NOT_A_PICTURE"
    sent = await send(owner, upload, jpeg())
    assert (sent.status_code, sent.content) == (204, b"")

    evidence = (await finished(owner, upload))["evidence"]
    assert (await client.http.get(evidence["url"])).status_code == 200
    assert (await owner.upload(jpeg()))["evidence"]["id"] == evidence["id"]
    assert (await finished(owner, upload))["evidence"] == evidence  # after a lost answer
    store = given.parts.pictures.store
    assert isinstance(store, LocalStore)
    (file,) = Path(str(store.prefix)).glob("uploads/*/*")
    assert file.parts[-2:] == (str(shop.id), ids.decode(upload["id"]).parts[1])
    assert await given.parts.pictures.folders() == {str(shop.id)}  # uploads lie beside merchants
    await _is_its_viewers_alone(client, given, shop, upload)
    await _is_at_no_other_address(client, upload)

    # The three files are deleted when nobody can use them any more.
    uploads, now = given.parts.uploads, datetime.now(UTC)
    assert await uploads.delete_old(now + KEPT - timedelta(minutes=1)) == 0
    assert await uploads.delete_old(now + KEPT + timedelta(minutes=1)) == 3
    assert await uploads.delete_old(now + KEPT + timedelta(minutes=1)) == 0
    assert await refusal_of(owner, upload) == "NOT_FOUND"
    assert (await client.http.get(evidence["url"])).status_code == 200


async def _is_its_viewers_alone(
    client: Client, given: World, shop: Shop, upload: dict[str, Any]
) -> None:
    other = await given.merchant("另一家")
    tokens = [
        (await given.reviewer(shop)).token,
        (await given.customer(shop)).token,
        other.owner.token,
    ]
    for token in tokens:
        assert await refusal_of(client.as_(token), upload) == "NOT_FOUND"
    owner = client.as_(shop.owner.token)
    merchant, name, until, signature = ids.decode(upload["id"]).parts
    for changed in (
        (other.id, name, until, signature),
        (merchant, "0" * 32, until, signature),
        (merchant, name, int(until) + 1, signature),
        (merchant, name, until, signature[:-1]),
        (merchant, f"../{name}", until, signature),
        ("", "", "", ""),
    ):
        id_ = ids.encode("EvidenceUpload", *changed)
        assert await refusal_of(owner, {"id": id_}) == "NOT_FOUND"
    # A storefront of the platform says for which merchant, and a customer has uploads of their own.
    everywhere = client.as_((await given.connector(None, [Permission.APPLICATION_SUBMIT])).token)
    for asker, named in (
        (everywhere, {"merchantId": other.global_id}),
        (client.as_((await given.customer(shop)).token), {}),
    ):
        own = await prepared(asker, **named)
        assert (await send(asker, own, jpeg(50))).status_code == 204
        evidence = (await finished(asker, own))["evidence"]
        assert ids.decode(evidence["id"]).parts[0] == str(other.id if named else shop.id)


async def _is_at_no_other_address(client: Client, upload: dict[str, Any]) -> None:
    parts = urlsplit(upload["url"])
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    expires, signature = query["expires"], query["signature"]
    for address in (
        parts.path,
        f"{parts.path}?expires={expires}",
        f"{parts.path}?expires={int(expires) + 1}&signature={signature}",
        f"{parts.path}?expires=x&signature=%FF%00",
        f"{parts.path[:-1]}?{parts.query}",
        f"{parts.path.replace('/uploads/', '/uploads/0')}?{parts.query}",
    ):
        response = await client.http.put(address, content=jpeg())
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (
            403,
            "FORBIDDEN",
        )
    assert (await client.http.get(upload["url"])).status_code == 405


async def test_an_upload_is_over_after_its_hour_and_its_address_after_a_quarter(
    client: Client, given: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    upload = await prepared(owner)
    assert (await send(owner, upload, jpeg())).status_code == 204

    class Later(datetime):
        by = timedelta()

        @classmethod
        def now(cls, tz: Any = None) -> "Later":
            return cls.fromtimestamp((datetime.now(tz) + cls.by).timestamp(), tz)

    monkeypatch.setattr("resolvers.uploads.datetime", Later)
    for minutes, status, codes in (
        (14, 204, []),
        (16, 403, []),
        (59, 403, []),
        (61, 403, ["NOT_FOUND"]),
    ):
        Later.by = timedelta(minutes=minutes)
        assert (await send(owner, upload, jpeg())).status_code == status
        refusals = (await finished(owner, upload))["refusals"]
        assert [refusal["code"] for refusal in refusals] == codes


@pytest.mark.asked_once
async def test_a_picture_goes_straight_to_the_bucket_where_the_store_is_s3(
    parts: Parts, given: World, schema: Any
) -> None:
    shop = await given.merchant()
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(bucket())
        pictures = Pictures(served.store, parts.keys, decoders=parts.pictures.decoders)
        own = replace(parts, pictures=pictures)
        app = create_app(own, runs_clock=False, schema=schema)
        client = await stack.enter_async_context(Client.of(app))
        owner = client.as_(shop.owner.token)
        upload = await prepared(owner)
        assert upload["url"].startswith(f"http://127.0.0.1:{served.port}/pictures/pre/fix/uploads/")
        assert await refusal_of(owner, upload) == "NOT_FOUND"
        headers = {"content-type": "image/jpeg"}
        http = await stack.enter_async_context(httpx2.AsyncClient())
        for data, code in (
            (b"x" * 3_000_000, "PICTURE_TOO_LARGE"),  # nothing but the address limits a bucket
            (b"", "NOT_A_PICTURE"),
            (b"not a picture", "NOT_A_PICTURE"),
            (jpeg(), None),
        ):
            response = await http.put(upload["url"], content=data, headers=headers)
            assert response.status_code == 200
            if code is not None:
                assert await refusal_of(owner, upload) == code
        evidence = (await finished(owner, upload))["evidence"]
        assert (await client.http.get(evidence["url"])).status_code == 200
        # The address is for one name and for sending alone.
        changed = upload["url"].replace(f"/uploads/{shop.id}/", f"/uploads/{shop.id}/0")
        assert (await http.put(changed, content=jpeg())).status_code == 403
        assert (await http.get(upload["url"])).status_code == 403
        # Where clients cannot reach the bucket, they send to this server.
        indirect = create_app(replace(own, direct_uploads=False), runs_clock=False, schema=schema)
        client = await stack.enter_async_context(Client.of(indirect))
        owner = client.as_(shop.owner.token)
        upload = await prepared(owner)
        assert upload["url"].startswith(f"/uploads/{shop.id}/")
        assert (await send(owner, upload, jpeg(40))).status_code == 204
        assert (await finished(owner, upload))["refusals"] == []
