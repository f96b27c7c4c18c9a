"""The file of an export is sent at its signed address, in pieces."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from resolvers import export_files
from tests.client import Client
from tests.conftest import StoppedClock
from tests.exports.running import ask, run_all, see
from tests.given import World

pytestmark = pytest.mark.anyio


async def address(client: Client, given: World) -> str:
    """The address of the file of an export of one order."""
    shop = await given.merchant()
    await given.order(shop)
    owner = client.as_(shop.owner.token)
    export = await ask(owner, "SKU")
    await run_all(given.parts)
    url: str = (await see(owner, export))["url"]
    return url


async def get(client: Client, url: str, method: str = "GET") -> httpx2.Response:
    parts = urlsplit(url)
    return await client.http.request(method, f"{parts.path}?{parts.query}")


async def test_the_file_is_downloaded_without_a_token_under_a_name(
    client: Client, given: World
) -> None:
    url = await address(client, given)
    response = await get(client, url)
    assert response.content == b"\xef\xbb\xbfSKU\r\nSKU-0\r\n"
    headers = response.headers
    name = urlsplit(url).path.rpartition("/")[2]
    assert name.endswith("-1.csv")
    assert headers["content-disposition"] == (
        f'attachment; filename="service-orders-{name}"; '
        f"filename*=UTF-8''%E6%9C%8D%E5%8A%A1%E5%8D%95-{name}"
    )
    assert headers["content-type"] == "text/csv; charset=utf-8"
    assert headers["content-length"] == str(len(response.content))
    assert headers["cache-control"] == "private, no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "x-request-id" in headers


async def test_a_file_is_read_from_the_store_in_pieces(
    client: Client, given: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "PIECE_BYTES", 5)
    url = await address(client, given)
    merchant, name = urlsplit(url).path.rsplit("/", 2)[1:]
    files = given.parts.export_files
    size = await files.size(int(merchant), name)
    assert size is not None
    pieces = [piece async for piece in files.pieces(int(merchant), name, size)]
    assert [len(piece) for piece in pieces] == [5, 5, 5, 0][: size // 5] + [size % 5] * bool(
        size % 5
    )
    assert (await get(client, url)).content == b"".join(pieces)


async def test_head_answers_the_size_alone(client: Client, given: World) -> None:
    url = await address(client, given)
    response = await get(client, url, "HEAD")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == "15"


async def test_an_address_that_was_changed_is_refused(client: Client, given: World) -> None:
    url = urlsplit(await address(client, given))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    later, other = str(int(query["expires"]) + 1), query["signature"][:-2] + "xx"
    changed: list[tuple[str, dict[str, str]]] = [
        (url.path, query | {"expires": later}),
        (url.path, query | {"expires": "x"}),
        (url.path, query | {"signature": other}),
        (url.path.replace("-1.csv", "-2.csv"), query),
        (url.path.replace("/exports/", "/exports/1"), query),
        (url.path.replace("/exports/", "/exports/x"), query),
        (url.path, {}),
    ]
    for path, values in changed:
        response = await client.http.get(
            f"{path}?{urlencode(values)}", headers={"accept-language": "en"}
        )
        assert response.status_code == 403, (path, values)
        message = response.json()["errors"][0]["message"]
        assert message == "The address of the export has expired or was changed"


@pytest.mark.parametrize(
    ("time", "status"),
    [(timedelta(days=1) - timedelta(seconds=1), 200), (timedelta(days=1), 403)],
)
async def test_the_address_is_valid_for_a_day(
    client: Client, given: World, clock: StoppedClock, time: timedelta, status: int
) -> None:
    url = await address(client, given)
    clock.pass_(time)
    assert (await get(client, url)).status_code == status


async def test_a_file_that_is_gone_is_not_found(client: Client, given: World) -> None:
    url = await address(client, given)
    merchant, name = urlsplit(url).path.rsplit("/", 2)[1:]
    await given.parts.export_files.delete(int(merchant), [name])
    assert (await get(client, url)).status_code == 404
