"""Pictures for phones: the rules that can be asked for, thumbnails, and what caches may keep."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from obstore.store import LocalStore
from PIL import Image

from database.connection_limiter import Overloaded
from domain.desk.evidence import PICTURE_BYTES_LIMIT, THUMBNAIL_WIDTHS, thumbnail_width
from resolvers.decoding.decoders import Decoders
from resolvers.pictures import URL_WINDOW
from schema import ids
from tests.client import Client
from tests.given import World
from transport.request_limits import MAX_BODY_BYTES, RULES

pytestmark = pytest.mark.anyio

RULE_FIELDS = "maxPictures maxBytes maxPixels mediaTypes thumbnailWidths"
URLS = """query($id: ID!, $width: Int) { node(id: $id) { ... on Evidence {
  url itself: url(width: null) small: url(width: 100) exact: url(width: 320) over: url(width: 641)
  wide: url(width: 5000) none: url(width: -1) asked: url(width: $width) } } }"""


def photo(width: int = 1000, height: int = 500, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    out, image = io.BytesIO(), Image.radial_gradient("L").resize((width, height)).convert(mode)
    if mode == "LA":
        image.putalpha(128)
    image.save(out, format=kind)
    return out.getvalue()


async def image_at(client: Client, url: str) -> Image.Image:
    response = await client.http.get(url)
    assert response.status_code == 200, response.text
    image = Image.open(io.BytesIO(response.content))
    image.load()
    assert response.headers["content-type"] == f"image/{(image.format or '').lower()}"
    return image


async def urls_of(client: Client, evidence: dict[str, Any], width: int | None) -> dict[str, str]:
    answer = await client.ask(URLS, id=evidence["id"], width=width)
    return dict(answer)


def folder_of(given: World) -> Path:
    store = given.parts.pictures.store
    assert isinstance(store, LocalStore)
    return Path(str(store.prefix))


async def test_the_rules_can_be_asked_for_and_a_photo_above_them_is_told_them(
    client: Client, given: World
) -> None:
    rules = await client.ask(f"{{ evidenceRules {{ {RULE_FIELDS} }} }}")
    assert rules == RULES
    assert rules["maxBytes"] == PICTURE_BYTES_LIMIT - 1
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    # What a phone sends: larger than a picture may be, and larger than a request may be.
    payload = await owner.upload(b"\xff\xd8" + bytes(1_500_000))
    assert [refusal["code"] for refusal in payload["refusals"]] == ["PICTURE_TOO_LARGE"]
    response = await owner.http.post(
        "/graphql",
        data={"operations": "{}", "map": "{}"},
        files={"0": bytes(6_000_000)},
        headers={"accept-language": "zh"},
    )
    assert response.status_code == 413
    [error] = response.json()["errors"]
    assert error["message"] == f"请求正文超过 {MAX_BODY_BYTES} 字节"
    assert error["extensions"] == {
        "code": "PAYLOAD_TOO_LARGE",
        "limit": MAX_BODY_BYTES,
        "evidenceRules": rules,
    }


async def test_a_thumbnail_has_the_next_larger_width_and_is_made_once(
    client: Client, given: World
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    evidence = (await owner.upload(photo()))["evidence"]
    urls = await urls_of(owner, evidence, 161)
    assert urls["url"] == urls["itself"] == urls["wide"] == urls["over"] == evidence["url"]
    assert urls["none"] == urls["small"]
    assert urls["asked"] == urls["exact"]
    for name, width in (("small", 160), ("exact", 320)):
        image = await image_at(client, urls[name])
        assert (image.format, image.size) == ("WEBP", (width, width // 2))
    sha256 = ids.decode(evidence["id"]).parts[1]
    files = sorted(file.name for file in folder_of(given).glob(f"{shop.id}/*/*"))
    assert files == [sha256, f"{sha256}-160", f"{sha256}-320"]
    # It is served as it is stored; another picture of another kind has its own.
    (thumbnail,) = folder_of(given).glob(f"{shop.id}/*/*-160")
    stored = thumbnail.read_bytes()
    assert (await client.http.get(urls["small"])).content == stored
    clear = (await owner.upload(photo(400, 3000, "PNG", "LA")))["evidence"]
    image = await image_at(client, (await urls_of(owner, clear, None))["small"])
    assert (image.mode, image.size) == ("RGBA", (160, 1200))
    # No other width has an address: the signature is for one.
    for changed in (urls["small"].replace("-160", "-161"), urls["small"].replace("-160", "")):
        assert (await client.http.get(changed)).status_code == 403


async def test_a_thumbnail_that_cannot_be_made_now_is_shown_as_the_picture(
    client: Client, given: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    evidence = (await owner.upload(photo()))["evidence"]
    url = (await urls_of(owner, evidence, None))["small"]

    async def refuse(_self: Decoders, _data: bytes, _width: int) -> Any:
        raise Overloaded

    with monkeypatch.context() as patched:
        patched.setattr(Decoders, "thumbnail", refuse)
        assert (await image_at(client, url)).size == (1000, 500)
        response = await client.http.get(url)
        assert response.headers["cache-control"] == "private, max-age=60"
        assert response.headers["etag"] == (await client.http.get(evidence["url"])).headers["etag"]
    assert (await image_at(client, url)).size == (160, 80)
    for file in folder_of(given).glob(f"{shop.id}/*/*"):
        file.unlink()
    assert (await client.http.get(url)).status_code == 404


async def test_caches_keep_a_picture_and_its_address_for_an_hour(
    client: Client, given: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    evidence = (await owner.upload(photo()))["evidence"]
    expires = int(re.findall(r"expires=(\d+)", evidence["url"])[0])
    start = expires - int(URL_WINDOW.total_seconds()) - 3600

    class Moved(datetime):
        at = 0

        @classmethod
        def now(cls, tz: Any = None) -> "Moved":
            return cls.fromtimestamp(cls.at, tz)

    monkeypatch.setattr("resolvers.pictures.datetime", Moved)
    addresses = []
    for Moved.at in (start - 1, start, start + 3599, start + 3600):
        addresses.append((await urls_of(owner, evidence, None))["url"])
    before, first, last, after = addresses
    assert first == last == evidence["url"]
    assert len({before, first, after}) == 3
    assert [urlsplit(address).path for address in addresses] == [urlsplit(first).path] * 4
    Moved.at = int(datetime.now(UTC).timestamp())

    url = (await urls_of(owner, evidence, None))["exact"]
    for address in (evidence["url"], url):
        whole = await client.http.get(address)
        assert whole.headers["cache-control"] == "private, max-age=3600, immutable"
        assert whole.headers["accept-ranges"] == "bytes"
        etag, size = whole.headers["etag"], len(whole.content)
        for known in (etag, f'"other", W/{etag}', "*"):
            same = await client.http.get(address, headers={"if-none-match": known})
            assert (same.status_code, same.content) == (304, b"")
            assert same.headers["etag"] == etag
            assert same.headers["cache-control"] == whole.headers["cache-control"]
        other = await client.http.get(address, headers={"if-none-match": etag.strip('"')})
        assert other.status_code == 200
        for asked, start_, stop in (
            ("bytes=0-9", 0, 10),
            ("bytes=10-", 10, size),
            ("bytes=-10", size - 10, size),
            (f"bytes=5-{size + 100}", 5, size),
            (f"bytes=-{size + 100}", 0, size),
        ):
            part = await client.http.get(address, headers={"range": asked, "if-range": etag})
            assert (part.status_code, part.content) == (206, whole.content[start_:stop])
            assert part.headers["content-range"] == f"bytes {start_}-{stop - 1}/{size}"
        for asked in (f"bytes={size}-", "bytes=-0"):
            none = await client.http.get(address, headers={"range": asked})
            assert (none.status_code, none.content) == (416, b"")
            assert none.headers["content-range"] == f"bytes */{size}"
        for headers in (
            {"range": "bytes=0-9", "if-range": '"other"'},
            {"range": "bytes=0-1,4-5"},
            {"range": "bytes=9-0"},
            {"range": "bytes=-"},
            {"range": f"bytes=0-{'9' * 5000}"},
            {"range": "lines=0-9"},
        ):
            assert (await client.http.get(address, headers=headers)).content == whole.content


@pytest.mark.parametrize(
    ("wanted", "width", "expected"),
    [
        (1, 4000, 160),
        (160, 4000, 160),
        (161, 4000, 320),
        (1280, 1281, 1280),
        (1281, 4000, None),
        (160, 161, 160),
        (160, 160, None),
        (200, 300, None),
    ],
)
async def test_a_thumbnail_is_never_wider_than_the_picture(
    wanted: int, width: int, expected: int | None
) -> None:
    assert thumbnail_width(wanted, width) == expected
    assert expected is None or expected in THUMBNAIL_WIDTHS


async def test_the_thumbnail_of_a_picture_that_is_too_high_is_narrower(
    client: Client, given: World
) -> None:
    owner = client.as_((await given.merchant()).owner.token)
    evidence = (await owner.upload(photo(170, 20_000)))["evidence"]
    image = await image_at(client, (await urls_of(owner, evidence, None))["small"])
    assert (image.format, image.size) == ("WEBP", (139, 16_353))


async def test_a_thumbnail_of_a_picture_that_is_erased_meanwhile_is_not_kept(
    client: Client, given: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await given.merchant()
    owner = client.as_(shop.owner.token)
    evidence = (await owner.upload(photo()))["evidence"]
    url = (await urls_of(owner, evidence, 160))["small"]
    make = Decoders.thumbnail

    async def make_slowly(decoders: Decoders, picture: bytes, width: int) -> Any:
        made = await make(decoders, picture, width)
        await given.parts.pictures.delete(shop.id, ids.decode(evidence["id"]).parts[1])
        return made

    monkeypatch.setattr(Decoders, "thumbnail", make_slowly)
    assert (await client.http.get(url)).status_code == 404
    assert list(folder_of(given).glob(f"{shop.id}/*/*")) == []
