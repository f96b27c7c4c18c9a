"""Pictures: what is taken, what is made of it, and who gets to see it."""

import io
import re
import struct
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from PIL import Image

from domain.desk.evidence import MAX_PIXELS, PICTURE_BYTES_LIMIT
from domain.permissions import Permission
from domain.refusals.pictures import PictureTooLarge
from domain.refusals.refusal import Refused
from domain.text import Language
from models.evidence import evidence
from schema import ids
from tests.client import Client, Failed
from tests.given import World, jpeg
from tests.pictures.hostile import CLAIMED, tiny_webp

pytestmark = pytest.mark.anyio


def drawn(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 30), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(out, format=kind, **save)
    return out.getvalue()


def located(orientation: int = 1) -> Image.Exif:
    """What a phone writes into a picture: its make, how it was held, and where it was."""
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif[0x0112] = orientation
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (22.0, 32.0, 11.0)
    gps[3], gps[4] = "E", (113.0, 55.0, 44.0)
    return exif


async def uploader(client: Client, given: World) -> Client:
    shop = await given.merchant()
    return client.as_((await given.reviewer(shop)).token)


async def stored(given: World) -> int:
    async with given.parts.database.read() as connection:
        found = await connection.execute(sa.select(sa.func.count()).select_from(evidence))
        return int(found.scalar_one())


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")],
)
async def test_a_picture_is_served_without_anything_that_the_camera_wrote(
    client: Client, given: World, kind: str, media_type: str
) -> None:
    data = drawn(kind, exif=located())
    assert b"SecretPhone" in data
    asker = await uploader(client, given)
    # The name and the type that the client gives say nothing.
    payload = await asker.upload(data, "x.txt")
    assert payload["refusals"] == []
    found = payload["evidence"]
    assert (found["mediaType"], found["width"], found["height"]) == (media_type, 40, 30)
    response = await client.http.get(found["url"])
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]
    assert len(response.content) == found["bytes"]
    with Image.open(io.BytesIO(response.content)) as image:
        assert image.format == kind
        assert image.size == (40, 30)
        assert dict(image.getexif()) == {}
        assert image.getexif().get_ifd(0x8825) == {}
        assert not {"exif", "xmp", "comment", "icc_profile", "photoshop"} & set(image.info)
        image.load()
    assert b"SecretPhone" not in response.content
    assert b"Exif" not in response.content


async def test_comments_profiles_and_what_hangs_behind_the_picture_stay_behind(
    client: Client, given: World
) -> None:
    asker = await uploader(client, given)
    hidden = drawn("JPEG", comment=b"HIDDEN", icc_profile=b"HIDDEN" * 10) + b"HIDDEN<script>"
    png = drawn("PNG", pnginfo=_texts()) + b"HIDDEN"
    for data in (hidden, png):
        assert b"HIDDEN" in data
        found = (await asker.upload(data))["evidence"]
        assert b"HIDDEN" not in (await client.http.get(found["url"])).content


def _texts() -> Any:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415

    texts = PngInfo()
    texts.add_text("Comment", "HIDDEN")
    return texts


@pytest.mark.parametrize(("orientation", "size"), [(1, (40, 30)), (3, (40, 30)), (6, (30, 40))])
async def test_a_picture_stands_upright_though_nothing_says_so_any_more(
    client: Client, given: World, orientation: int, size: tuple[int, int]
) -> None:
    asker = await uploader(client, given)
    found = (await asker.upload(drawn("JPEG", exif=located(orientation))))["evidence"]
    assert (found["width"], found["height"]) == size


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("PNG", "LA"),
        ("PNG", "RGBA"),
        ("PNG", "I;16"),
        ("WEBP", "RGBA"),
    ],
)
async def test_every_kind_of_pixel_is_taken(
    client: Client, given: World, kind: str, mode: str
) -> None:
    out = io.BytesIO()
    Image.new(mode, (40, 30)).save(out, format=kind)
    asker = await uploader(client, given)
    payload = await asker.upload(out.getvalue())
    assert payload["refusals"] == []
    response = await client.http.get(payload["evidence"]["url"])
    with Image.open(io.BytesIO(response.content)) as image:
        image.load()
        assert (image.format, image.size) == (kind, (40, 30))


async def test_a_phone_s_jpeg_with_a_second_picture_in_it_is_a_jpeg(
    client: Client, given: World
) -> None:
    out = io.BytesIO()
    first, second = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (20, 10), "blue")
    first.save(out, format="MPO", save_all=True, append_images=[second])
    asker = await uploader(client, given)
    payload = await asker.upload(out.getvalue())
    assert payload["refusals"] == []
    found = payload["evidence"]
    assert (found["mediaType"], found["width"], found["height"]) == ("image/jpeg", 40, 30)
    response = await client.http.get(found["url"])
    assert len(response.content) < len(out.getvalue())
    with Image.open(io.BytesIO(response.content)) as image:
        assert (image.format, image.size) == ("JPEG", (40, 30))


async def test_an_animation_becomes_its_first_picture(client: Client, given: World) -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    frames[0].save(out, format="WEBP", save_all=True, append_images=frames[1:])
    asker = await uploader(client, given)
    found = (await asker.upload(out.getvalue()))["evidence"]
    response = await client.http.get(found["url"])
    with Image.open(io.BytesIO(response.content)) as image:
        assert getattr(image, "n_frames", 1) == 1


async def test_the_same_picture_is_the_same_evidence_and_stored_once(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    reviewer = client.as_((await given.reviewer(shop)).token)
    owner = client.as_(shop.owner.token)
    customer = client.as_((await given.customer(shop)).token)
    found = [(await asker.upload(jpeg()))["evidence"] for asker in (reviewer, owner, customer)]
    assert len({one["id"] for one in found}) == 1
    assert await stored(given) == 1
    # The same pixels with other metadata are the same picture; other pixels are another.
    tagged = (await owner.upload(jpeg(exif=located())))["evidence"]
    assert tagged["id"] == found[0]["id"]
    assert (await owner.upload(jpeg(33)))["evidence"]["id"] != found[0]["id"]
    assert await stored(given) == 2
    # Each merchant has its own.
    theirs = (await client.as_(other.owner.token).upload(jpeg()))["evidence"]
    assert theirs["id"] != found[0]["id"]
    assert await stored(given) == 3


def png_of(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG whose header says how large it is, whatever follows."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body


JPEG = drawn("JPEG")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NO_PICTURES = {
    "nothing": b"",
    "text": b"not a picture at all",
    "html": b"<html><img src=x onerror=alert(1)>",
    "svg": SVG,
    "gif": drawn("GIF"),
    "bmp": drawn("BMP"),
    "tiff": drawn("TIFF"),
    "ico": drawn("ICO"),
    "pdf": b"%PDF-1.7\n",
    "zip": b"PK\x03\x04" + bytes(60),
    "jpeg, the beginning": JPEG[:20],
    "jpeg, half": JPEG[: len(JPEG) // 2],
    "jpeg, the end": JPEG[20:],
    "png, half": drawn("PNG")[:500],
    "webp, half": drawn("WEBP")[:100],
    "png of nothing": png_of(0, 0),
    "png without rows": png_of(40, 30),
    "png with a broken sum": drawn("PNG")[:-20] + b"x" * 20,
    "jpeg in the name of a png": b"\x89PNG\r\n\x1a\n" + JPEG,
}


BOMBS: Final = {
    "a bomb": png_of(20_000, 20_000, bytes(20_001 * 2_000)),
    "a bomb that only says so": png_of(2**31 - 1, 2**31 - 1),
    "a little bomb": png_of(9_500, 9_500),
    "one pixel too many": png_of(MAX_PIXELS + 1, 1),
}


async def test_a_picture_of_too_many_pixels_is_refused_as_such(
    client: Client, given: World
) -> None:
    asker = await uploader(client, given)
    refusals = [{"__typename": "PictureTooLarge", "code": "PICTURE_TOO_LARGE"}]
    for name, data in BOMBS.items():
        payload = await asker.upload(data, "photo.png")
        assert payload == {"evidence": None, "refusals": refusals}, name
    assert await stored(given) == 0


async def test_what_is_no_picture_is_refused_whatever_it_is_called(
    client: Client, given: World
) -> None:
    asker = await uploader(client, given)
    refusals = [{"__typename": "NotAPicture", "code": "NOT_A_PICTURE"}]
    for name, data in NO_PICTURES.items():
        assert len(data) < PICTURE_BYTES_LIMIT
        for filename in ("photo.jpg", "photo.png", "../../etc/passwd"):
            payload = await asker.upload(data, filename)
            assert payload == {"evidence": None, "refusals": refusals}, name
    assert await stored(given) == 0


async def test_a_broken_picture_of_any_kind_is_refused_and_breaks_nothing(
    client: Client, given: World
) -> None:
    from random import Random  # noqa: PLC0415

    random = Random(3)
    asker = await uploader(client, given)
    whole = [drawn(kind, exif=located(6)) for kind in ("JPEG", "PNG", "WEBP")]
    taken = refused = 0
    for round_ in range(90):
        data = bytearray(whole[round_ % 3])
        for _ in range(random.choice([1, 4, 30])):
            data[random.randrange(len(data))] = random.randrange(256)
        payload = await asker.upload(bytes(data))
        if payload["refusals"]:
            assert payload["refusals"][0]["code"] == "NOT_A_PICTURE"
            refused += 1
        else:
            taken += 1
    assert refused
    assert taken


@pytest.mark.parametrize(("size", "accepted"), [(819_199, True), (819_200, False)])
async def test_a_picture_is_smaller_than_eight_hundred_kilobytes(
    client: Client, given: World, size: int, accepted: bool
) -> None:
    asker = await uploader(client, given)
    payload = await asker.upload(JPEG + b"\0" * (size - len(JPEG)))
    assert (payload["refusals"] == []) is accepted
    if not accepted:
        assert payload["refusals"] == [
            {"__typename": "PictureTooLarge", "code": "PICTURE_TOO_LARGE"}
        ]
    assert await stored(given) == int(accepted)


async def test_too_many_pixels_are_told_with_the_limit(client: Client, given: World) -> None:
    asker = await uploader(client, given)
    payload = await asker.upload(tiny_webp(CLAIMED))
    assert payload["refusals"] == [{"__typename": "PictureTooLarge", "code": "PICTURE_TOO_LARGE"}]
    assert await stored(given) == 0
    with pytest.raises(Refused) as refused:
        await given.parts.pictures.put(1, tiny_webp(CLAIMED))
    refusal = PictureTooLarge(
        bytes=38, limit=819_200, pixels=40_000_000, pixel_limit=25_000_000, path=("file",)
    )
    assert refused.value.refusals == (refusal,)
    assert refusal.message(Language.ZH) == "图片须小于 819,200 字节, 且不超过 25,000,000 像素"


async def test_an_address_that_was_changed_is_refused(client: Client, given: World) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    asker = client.as_(shop.owner.token)
    found = (await asker.upload(jpeg()))["evidence"]
    second = (await asker.upload(jpeg(33)))["evidence"]
    url = found["url"]
    assert (await client.http.get(url)).status_code == 200
    parts = urlsplit(url)
    said = parse_qs(parts.query)
    [expires], [signature] = said["expires"], said["signature"]
    hashes = [ids.decode(one["id"]).parts[1] for one in (found, second)]
    changed = [
        parts.path,
        f"{parts.path}?expires={expires}",
        f"{parts.path}?signature={signature}",
        f"{parts.path}?expires={int(expires) + 1}&signature={signature}",
        f"{parts.path}?expires={expires}0&signature={signature}",
        f"{parts.path}?expires=-1&signature={signature}",
        f"{parts.path}?expires=٣&signature={signature}",
        f"{parts.path}?expires={'9' * 5000}&signature={signature}",
        f"{parts.path}?expires={expires}&signature={signature[:-1]}",
        f"{parts.path}?expires={expires}&signature={signature}x",
        f"{parts.path}?expires={expires}&signature=",
        f"{parts.path}?expires={expires}&signature=%FF%00é",
        url.replace(hashes[0], hashes[1]),
        url.replace(".jpg", ".png"),
        url.replace(".jpg", ".svg"),
        url.replace(".jpg", ""),
        url.replace(f"/{shop.id}/", f"/{other.id}/"),
        url.replace(f"/{shop.id}/", f"/0{shop.id}/"),
        url.replace(f"/{shop.id}/", f"/{'9' * 5000}/"),
    ]
    for one in changed:
        response = await client.http.get(one)
        assert response.status_code in {403, 404}, one
        assert response.headers["content-type"].startswith("application/json")
        assert response.json()["errors"][0]["extensions"]["code"] in {"FORBIDDEN", "NOT_FOUND"}
    refused = await client.http.get(changed[3])
    assert refused.status_code == 403


async def test_an_address_expires_after_fifteen_to_seventy_five_minutes(
    client: Client, given: World
) -> None:
    asker = await uploader(client, given)
    found = (await asker.upload(jpeg()))["evidence"]
    expires = datetime.fromtimestamp(int(re.findall(r"expires=(\d+)", found["url"])[0]), UTC)
    lasts = expires - datetime.now(UTC)
    assert timedelta(minutes=14, seconds=50) < lasts <= timedelta(minutes=75)
    # One that was made some time ago is signed as well, and refused.
    path = urlsplit(found["url"]).path
    name = path.removeprefix("/evidence/")
    for ago, status in ((1, 403), (-60, 200)):
        then = int(datetime.now(UTC).timestamp()) - ago
        signature = given.parts.keys.sign("picture", f"{name}?{then}")
        response = await client.http.get(f"{path}?expires={then}&signature={signature}")
        assert response.status_code == status


async def test_a_signature_for_something_else_opens_no_picture(
    client: Client, given: World
) -> None:
    asker = await uploader(client, given)
    path = urlsplit((await asker.upload(jpeg()))["evidence"]["url"]).path
    then = int(datetime.now(UTC).timestamp()) + 600
    message = f"{path.removeprefix('/evidence/')}?{then}"
    signature = given.parts.keys.sign("review plan", message)
    response = await client.http.get(f"{path}?expires={then}&signature={signature}")
    assert response.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/evidence/1/..%2F..%2Faftersales.db",
        "/evidence/1/%2e%2e/aftersales.db",
        "/evidence/x/y.jpg",
        "/evidence/-1/y.jpg",
        "/evidence/1/",
        "/evidence/",
        f"/evidence/{'9' * 5000}/y.jpg",
        "/evidence/1/%00.jpg",
    ],
)
async def test_no_other_file_is_served(client: Client, path: str) -> None:
    response = await client.http.get(f"{path}?expires=99999999999&signature=x")
    assert response.status_code in {403, 404}
    assert response.json()["errors"]


async def test_a_picture_that_is_lost_is_not_found(client: Client, given: World) -> None:
    shop = await given.merchant()
    path = f"{shop.id}/{'0' * 64}.jpg"
    then = int(datetime.now(UTC).timestamp()) + 600
    signature = given.parts.keys.sign("picture", f"{path}?{then}")
    response = await client.http.get(f"/evidence/{path}?expires={then}&signature={signature}")
    assert response.status_code == 404
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_storefront_of_the_platform_says_for_which_merchant(
    client: Client, given: World
) -> None:
    shop, other = await given.merchant(), await given.merchant("另一家")
    scopes = [Permission.APPLICATION_SUBMIT]
    everywhere = client.as_((await given.connector(None, scopes)).token)
    with pytest.raises(Failed) as failure:
        await everywhere.upload(jpeg())
    assert failure.value.extensions == {"code": "BAD_USER_INPUT", "argument": ["merchantId"]}
    found = (await everywhere.upload(jpeg(), merchantId=shop.global_id))["evidence"]
    assert ids.decode(found["id"]).parts[0] == str(shop.id)
    own = client.as_((await given.connector(shop, scopes)).token)
    for asker, merchant in ((own, other.global_id), (everywhere, ids.encode("Merchant", 1))):
        payload = await asker.upload(jpeg(), merchantId=merchant)
        assert [one["code"] for one in payload["refusals"]] == ["NOT_FOUND"]
    assert await stored(given) == 1
