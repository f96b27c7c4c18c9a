"""Hostile pictures sent to a real server: what they cost it, and what others notice of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from resolvers.decoding.decoders import MAX_MEMORY
from tests.client import SIGN_IN, Client, Failed
from tests.given import PASSWORD, Shop, World, jpeg
from tests.pictures.hostile import CLAIMED, LARGEST, jpeg_of_scans, tiny_webp
from tests.pictures.processes import children_of, peak_of
from tests.serving.process import Command, eventually

pytestmark = pytest.mark.anyio

REFUSED = {
    "evidence": None,
    "refusals": [{"__typename": "NotAPicture", "code": "NOT_A_PICTURE"}],
}


@asynccontextmanager
async def served(database_url: str) -> AsyncIterator[tuple[Command, Client]]:
    async with Command.start(
        "serve", "--port", "PORT", database_url=database_url, clock="false"
    ) as command:
        await command.ready()
        async with command.client() as client:
            yield command, client


async def sign_in(client: Client, shop: Shop) -> None:
    payload = await client.ask(SIGN_IN, login=shop.owner.login, password=PASSWORD)
    assert payload["refusals"] == []


async def test_six_webps_of_38_bytes_cost_bounded_memory_and_sign_in_answers_meanwhile(
    database_url: str, given: World
) -> None:
    shop = await given.merchant()
    token = (await given.customer(shop)).token
    async with served(database_url) as (command, client):
        asker, server = client.as_(token), command.process.pid
        before, idle = peak_of(server), await command.latency()
        claimed, largest = tiny_webp(CLAIMED), tiny_webp(LARGEST)
        assert (len(claimed), len(largest)) == (38, 38)
        uploads = [asyncio.create_task(asker.upload(claimed)) for _ in range(6)]
        codes = [[one["code"] for one in (await upload)["refusals"]] for upload in uploads]
        assert codes == [["PICTURE_TOO_LARGE"]] * 6
        assert children_of(server) == []
        # As many pixels as are taken are decoded, as many at a time as may be.
        uploads = [asyncio.create_task(asker.upload(largest)) for _ in range(6)]
        await eventually(lambda: bool(children_of(server)))
        await sign_in(client, shop)
        assert await command.latency() < max(0.1, 5 * idle)
        assert not all(one.done() for one in uploads)
        answers = await asyncio.gather(*uploads, return_exceptions=True)
        # On a machine that is busy some have waited for too long.
        late = [one for one in answers if isinstance(one, Failed) and one.code == "OVERLOADED"]
        done = [one["evidence"]["width"] for one in answers if isinstance(one, dict)]
        assert done == [LARGEST[0]] * (6 - len(late))
        assert done
        decoders = children_of(server)
        assert 1 <= len(decoders) <= 2
        assert max(map(peak_of, decoders)) < MAX_MEMORY
        assert peak_of(server) - before < 64 << 20


async def test_six_jpegs_of_thousands_of_scans_are_refused_without_being_decoded(
    database_url: str, given: World
) -> None:
    shop = await given.merchant()
    token = (await given.customer(shop)).token
    data = jpeg_of_scans(7_000)
    assert 400_000 < len(data) < 800_000
    async with served(database_url) as (command, client):
        idle = await command.latency()
        uploads = [asyncio.create_task(client.as_(token).upload(data)) for _ in range(6)]
        assert await command.latency() < max(0.1, 5 * idle)
        await sign_in(client, shop)
        assert [await one for one in uploads] == [REFUSED] * 6
        assert children_of(command.process.pid) == []


async def test_a_client_that_hangs_up_frees_its_place_and_its_picture_is_not_decoded_further(
    database_url: str, given: World
) -> None:
    shop = await given.merchant()
    token = (await given.customer(shop)).token
    async with served(database_url) as (command, client):
        asker, server = client.as_(token), command.process.pid
        for _ in range(3):  # more than there are places
            async with command.client() as other:
                leaving = [
                    asyncio.create_task(other.as_(token).upload(tiny_webp(LARGEST)))
                    for _ in range(2)
                ]
                await eventually(
                    lambda: (
                        len([pid for pid in children_of(server) if peak_of(pid) > 60 << 20]) == 2
                    )
                )
                for one in leaving:
                    one.cancel()  # which closes its connection
                await asyncio.wait(leaving)
            await eventually(lambda: children_of(server) == [])
        assert (await asker.upload(jpeg()))["evidence"]["width"] == 32


async def test_more_pictures_than_may_wait_are_told_to_come_again(
    database_url: str, given: World
) -> None:
    shop = await given.merchant()
    token = (await given.customer(shop)).token
    async with served(database_url) as (command, client):

        async def upload() -> str:
            try:
                await client.as_(token).upload(tiny_webp(LARGEST))
            except Failed as failed:
                return failed.code
            except httpx2.HTTPError as error:
                return type(error).__name__
            return ""

        uploads = [asyncio.create_task(upload()) for _ in range(30)]
        first, _ = await asyncio.wait(uploads, return_when=asyncio.FIRST_COMPLETED)
        assert {one.result() for one in first} == {"OVERLOADED"}
        await sign_in(client, shop)
        for one in uploads:
            one.cancel()
        await asyncio.wait(uploads)
        await eventually(lambda: children_of(command.process.pid) == [])
