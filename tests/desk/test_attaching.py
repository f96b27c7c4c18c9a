"""Which pictures somebody may attach: the staff any of its merchant's, others what they sent."""

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from domain.actors import ActorKind
from models import alembic_commands
from models.evidence import evidence_uploads
from schema import ids
from tests.client import Client
from tests.given import ITEM, OrderRef, Shop, World, jpeg

pytestmark = pytest.mark.anyio

QUESTION = {"requestFeedback": {"question": "请补充照片"}}


async def upload(client: Client, width: int = 32, **given: Any) -> str:
    return str((await client.upload(jpeg(width), **given))["evidence"]["id"])


async def asked(client: Client, given: World, shop: Shop, ref: str) -> OrderRef:
    """A customer's order about which the merchant has asked something."""
    order = await given.order(shop, customer_ref=ref)
    owner = client.as_(shop.owner.token)
    assert await owner.codes("reviewServiceOrder", id=order.id, decision=QUESTION) == []
    return order


def application(ref: str, *pictures: str, **rest: Any) -> dict[str, Any]:
    customer = {"customerRef": ref, "customerName": "李小花", "customerPhone": "13812345678"}
    items = [ITEM | {"evidenceIds": list(pictures)}]
    return {"externalRef": f"A-{ref}-{len(pictures)}", "orderNumber": "P1", "items": items} | (
        customer | rest
    )


async def test_a_customer_attaches_what_they_uploaded_and_nobody_else_s(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    order = await asked(client, given, shop, "c-1")
    customer = client.as_((await given.customer(shop, "c-1")).token)
    neighbour = client.as_((await given.customer(shop, "c-2")).token)
    storefront = client.as_((await given.connector(shop)).token)
    own = await upload(customer, 10)
    others = [
        await upload(neighbour, 11),
        await upload(client.as_(shop.owner.token), 12),
        await upload(storefront, 13),
    ]
    unknown = ids.encode("Evidence", shop.id, "0" * 64)
    refusals = [
        await customer.refused(
            "respondToFeedback", id=order.id, text="见图", evidenceIds=[own, one]
        )
        for one in (*others, unknown)
    ]
    assert (refusals[0]["code"], refusals[0]["kind"]) == ("NOT_FOUND", "Evidence")
    assert refusals[0]["path"] == ["evidenceIds", "1"]
    assert refusals == refusals[:1] * 4  # whose it is, or whether it is at all, is not told
    assert (await given.row(order)).version == 2
    assert await customer.codes("respondToFeedback", id=order.id, evidenceIds=[own]) == []


async def test_two_customers_who_sent_the_same_bytes_may_both_attach_them(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    customers = {ref: client.as_((await given.customer(shop, ref)).token) for ref in ("c-1", "c-2")}
    pictures = set()
    for customer in customers.values():
        pictures |= {await upload(customer), await upload(customer)}
    assert len(pictures) == 1
    for ref, customer in customers.items():
        order = await asked(client, given, shop, ref)
        said = {"id": order.id, "evidenceIds": list(pictures)}
        assert await customer.codes("respondToFeedback", **said) == []
    stranger = client.as_((await given.customer(shop, "c-3")).token)
    order = await asked(client, given, shop, "c-3")
    said = {"id": order.id, "evidenceIds": list(pictures)}
    assert await stranger.codes("respondToFeedback", **said) == ["NOT_FOUND"]


async def test_a_customer_is_the_same_one_through_whichever_storefront(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    order = await asked(client, given, shop, "c-1")
    phone, web = [client.as_((await given.customer(shop, "c-1")).token) for _ in range(2)]
    assert phone.token != web.token
    namesake = client.as_((await given.customer(other, "c-1")).token)
    elsewhere = ids.decode(await upload(namesake, 11)).parts[1]
    stranger = ids.encode("Evidence", shop.id, elsewhere)
    said = {"id": order.id, "evidenceIds": [stranger]}
    assert await web.codes("respondToFeedback", **said) == ["NOT_FOUND"]
    said = {"id": order.id, "evidenceIds": [await upload(phone)]}
    assert await web.codes("respondToFeedback", **said) == []


async def test_a_storefront_attaches_what_it_uploaded_or_the_customer_whom_it_names(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    mine, theirs = [client.as_((await given.connector(shop)).token) for _ in range(2)]
    customer = client.as_((await given.customer(shop, "c-1")).token)
    neighbour = client.as_((await given.customer(shop, "c-2")).token)
    others = [
        await upload(theirs, 10),
        await upload(neighbour, 11),
        await upload(client.as_(shop.owner.token), 12),
    ]
    for one in others:
        refusal = await mine.refused("submitApplication", **application("c-1", one))
        assert (refusal["code"], refusal["kind"]) == ("NOT_FOUND", "Evidence")
        assert refusal["path"] == ["items", "0", "evidenceIds", "0"]
    own, sent = await upload(mine, 13), await upload(customer, 14)
    shape = "application { serviceOrders { pictures { id } } }"
    payload = await mine.do("submitApplication", shape, **application("c-1", own, sent))
    assert payload["refusals"] == []
    [order] = payload["application"]["serviceOrders"]
    assert order["pictures"] == [{"id": own}, {"id": sent}]
    # In another customer's name, the same picture is not there.
    assert await mine.codes("submitApplication", **application("c-2", sent)) == ["NOT_FOUND"]


async def test_a_storefront_of_the_platform_attaches_its_own_at_each_merchant(
    client: Client, given: World
) -> None:
    shops = [await given.merchant(name) for name in ("京北数码", "另一家")]
    platform = client.as_((await given.connector(None)).token)
    pictures = [await upload(platform, merchantId=shop.global_id) for shop in shops]
    for shop, own, other in zip(shops, pictures, reversed(pictures), strict=True):
        said = application("c-1", own, merchantId=shop.global_id)
        assert await platform.codes("submitApplication", **said) == []
        said = application("c-1", own, other, merchantId=shop.global_id)
        assert await platform.codes("submitApplication", **said) == ["NOT_FOUND"]


async def test_the_staff_attaches_whatever_its_merchant_has(client: Client, given: World) -> None:
    shop = await given.merchant()
    order = await given.order(shop)
    uploaders = [
        (await given.customer(shop)).token,
        (await given.connector(shop)).token,
        shop.owner.token,
    ]
    pictures = [await upload(client.as_(one), 10 + at) for at, one in enumerate(uploaders)]
    reviewer = client.as_((await given.reviewer(shop)).token)
    decision = {"reject": {"reason": "EVIDENCE.INSUFFICIENT", "customerNote": "凭证不足"}}
    said = {"id": order.id, "decision": decision, "evidenceIds": pictures}
    assert await reviewer.codes("reviewServiceOrder", **said) == []


async def test_what_was_uploaded_before_stays_its_storefront_s(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    storefront = client.as_((await given.connector(shop)).token)
    own = await upload(storefront, 10)
    await upload(client.as_((await given.customer(shop)).token), 11)
    database = given.parts.database
    for step in (
        partial(command.downgrade, revision="0005"),
        partial(command.upgrade, revision="head"),
    ):
        async with database.write() as connection:
            await connection.run_sync(alembic_commands.with_config, step)
    async with database.read() as connection:
        kinds = await connection.execute(sa.select(evidence_uploads.c.uploader_kind))
        # Which customer it was is not known: they upload it again.
        assert kinds.scalars().all() == [ActorKind.CONNECTOR]
    assert await storefront.codes("submitApplication", **application("c-1", own)) == []
