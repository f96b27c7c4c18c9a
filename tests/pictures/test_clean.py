"""What a decoder makes of a picture: its colours, its size, and what may be missing of it."""

import io
import struct
import zlib
from random import Random
from typing import Any

import pytest
from PIL import Image

from domain.desk.evidence import PICTURE_BYTES_LIMIT
from resolvers.decoding.headers import BadPicture, TooManyPixels, read_header
from resolvers.decoding.worker import TooLarge, clean, encode
from tests.pictures import profiles
from tests.pictures.hostile import CLAIMED, tiny_webp

P3_RED = (234, 51, 35)
"""The red of sRGB in Display P3."""


def encoded(image: Image.Image, kind: str, **save: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind, **save)
    return out.getvalue()


def cleaned(data: bytes) -> Image.Image:
    read_header(data)
    answer, stored = clean(data)
    assert "error" not in answer, answer
    assert len(stored) < PICTURE_BYTES_LIMIT
    image = Image.open(io.BytesIO(stored))
    assert "icc_profile" not in image.info
    return image


def middle(image: Image.Image) -> tuple[int, ...]:
    pixel = image.convert("RGBA").getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    return pixel


def is_near(pixel: tuple[int, ...], expected: tuple[int, ...], by: int = 4) -> bool:
    return all(abs(one - other) <= by for one, other in zip(pixel, expected, strict=False))


def photo(size: tuple[int, int] = (320, 240), noise: int = 40) -> Image.Image:
    """A picture with detail everywhere, the same each time."""
    pixels = Image.frombytes("L", size, Random(8).randbytes(size[0] * size[1]))
    flat = Image.linear_gradient("L").resize(size)
    bands = [
        Image.blend(flat, pixels, noise / 100),
        flat,
        flat.transpose(Image.Transpose.ROTATE_180),
    ]
    return Image.merge("RGB", bands)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_colour_of_another_profile_becomes_that_of_srgb(kind: str) -> None:
    data = encoded(
        Image.new("RGB", (32, 32), P3_RED), kind, icc_profile=profiles.display_p3(), quality=100
    )
    assert is_near(middle(cleaned(data)), (255, 0, 0), by=6)


def test_the_alpha_of_a_picture_with_a_profile_stays() -> None:
    image = Image.new("RGBA", (32, 32), (*P3_RED, 77))
    for kind, save in (("PNG", {}), ("WEBP", {"lossless": True})):
        data = encoded(image, kind, icc_profile=profiles.display_p3(), **save)
        pixel = middle(cleaned(data))
        assert is_near(pixel, (255, 0, 0), by=6)
        assert pixel[3] == 77


def test_a_palette_and_a_grey_picture_are_converted_by_their_profile() -> None:
    palette = Image.new("RGB", (32, 32), P3_RED).quantize(4)
    data = encoded(palette, "PNG", icc_profile=profiles.display_p3())
    assert is_near(middle(cleaned(data)), (255, 0, 0), by=6)
    grey = Image.new("L", (32, 32), 128)
    bright, dark = (
        middle(cleaned(encoded(grey, "PNG", icc_profile=profiles.grey(gamma))))[0]
        for gamma in (1.0, 3.0)
    )
    assert dark < 120
    assert bright > 150


def test_inks_become_colours_by_their_profile_or_without_one() -> None:
    image = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    assert is_near(middle(cleaned(encoded(image, "JPEG", quality=100))), (255, 0, 0), by=8)
    pixel = middle(cleaned(encoded(image, "JPEG", quality=100, icc_profile=profiles.inks())))
    assert max(pixel[:3]) - min(pixel[:3]) < 12  # these inks have no colour


@pytest.mark.parametrize(
    "profile",
    [b"x", bytes(200), profiles.display_p3()[:150], profiles.inks(), b"\xff" * 5_000],
    ids=["a letter", "zeros", "cut", "of other colours", "noise"],
)
def test_a_profile_that_cannot_be_used_is_ignored(profile: bytes) -> None:
    data = encoded(Image.new("RGB", (32, 32), P3_RED), "PNG", icc_profile=profile)
    assert middle(cleaned(data))[:3] == P3_RED


def png(
    depth: int, colour: int, rows: list[bytes], transparent: bytes = b"", width: int = 4
) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, len(rows), depth, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    whole = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    if transparent:
        whole += chunk(b"tRNS", transparent)
    return whole + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def pixels_of(image: Image.Image) -> list[tuple[int, ...]]:
    rgba = image.convert("RGBA")
    return [rgba.getpixel((x, 0)) for x in range(image.width)]  # type: ignore[misc]  # tuples: it has bands


def test_sixteen_bit_grey_with_transparency_is_not_white() -> None:
    row = struct.pack(">4H", 0, 20_000, 40_000, 65_535)
    image = cleaned(png(16, 0, [row] * 4, struct.pack(">H", 20_000)))
    assert pixels_of(image) == [
        (0, 0, 0, 255),
        (77, 77, 77, 0),
        (155, 155, 155, 255),
        (255, 255, 255, 255),
    ]
    plain = cleaned(png(16, 0, [row] * 4))
    assert [pixel[0] for pixel in pixels_of(plain)] == [0, 77, 155, 255]


def test_the_transparent_colour_is_found_in_every_depth() -> None:
    for depth, row, grey, expected in (
        (1, b"\x50", 1, [(0, 255), (255, 0), (0, 255), (255, 0)]),
        (2, b"\x1b", 2, [(0, 255), (85, 255), (170, 0), (255, 255)]),
        (4, b"\x05\xaf", 5, [(0, 255), (85, 0), (170, 255), (255, 255)]),
        (8, b"\x00\x55\xaa\xff", 0x55, [(0, 255), (85, 0), (170, 255), (255, 255)]),
    ):
        image = cleaned(png(depth, 0, [row] * 4, struct.pack(">H", grey)))
        assert [(pixel[0], pixel[3]) for pixel in pixels_of(image)] == expected, depth
    for depth, form in ((8, ">3B"), (16, ">3H")):
        most = 2**depth - 1
        row = b"".join(struct.pack(form, *colour) for colour in ([0, most, 0], [most, 0, 0]) * 2)
        image = cleaned(png(depth, 2, [row] * 4, struct.pack(">3H", most, 0, 0)))
        assert [pixel[3] for pixel in pixels_of(image)] == [255, 0, 255, 0], depth


def test_what_is_stored_is_never_larger_than_what_may_be_uploaded() -> None:
    """The reported one: 811,904 bytes became 939,285."""
    noisy = photo((2_800, 1_900), noise=60)
    data = encoded(noisy, "JPEG", quality=52, progressive=True, optimize=True)
    assert 600_000 < len(data) < PICTURE_BYTES_LIMIT
    assert len(encoded(noisy, "JPEG", quality=90)) > PICTURE_BYTES_LIMIT
    assert cleaned(data).size == noisy.size


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_no_quality_makes_small_enough_is_scaled_down(mode: str, kind: str) -> None:
    noise = photo((200, 200), noise=100).convert(mode)
    most = len(encoded(noise, kind, **({} if kind == "PNG" else {"quality": 55}))) // 3
    stored, image = encode(kind, noise, limit=most)
    assert len(stored) < most
    assert image.width < 200
    with pytest.raises(TooLarge):
        encode(kind, noise, limit=30)


def test_a_palette_stays_one() -> None:
    data = encoded(photo().quantize(16), "PNG")
    assert cleaned(data).mode == "P"
    assert cleaned(encoded(photo().convert("1"), "PNG")).mode == "1"


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
def test_a_jpeg_that_lacks_only_its_last_bytes_is_taken(progressive: bool) -> None:
    whole = encoded(photo((640, 480)), "JPEG", quality=85, progressive=progressive)
    for missing in (1, 2, 3, 20, len(whole) // 200):
        assert cleaned(whole[:-missing]).size == (640, 480), missing


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
@pytest.mark.parametrize("part", [0.05, 0.25, 0.5, 0.75, 0.85])
def test_a_jpeg_that_lacks_more_is_not(progressive: bool, part: float) -> None:
    whole = encoded(photo((640, 480)), "JPEG", quality=85, progressive=progressive)
    answer, stored = clean(whole[: int(len(whole) * part)])
    assert "error" in answer
    assert stored == b""


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_another_format_that_is_cut_off_is_not_taken(kind: str) -> None:
    answer, _ = clean(encoded(photo(), kind)[:-200])
    assert "error" in answer


def test_of_an_animation_the_first_frame_is_stored() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ((255, 0, 0), (0, 0, 255))]
    for kind, save in (("PNG", {}), ("WEBP", {"lossless": True})):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **save)
        image = cleaned(data)
        assert getattr(image, "n_frames", 1) == 1
        assert is_near(middle(image), (255, 0, 0))


def test_a_gif_is_refused() -> None:
    with pytest.raises(BadPicture):
        read_header(encoded(photo((32, 32)), "GIF"))


def test_too_many_pixels_are_told_from_what_is_no_picture() -> None:
    with pytest.raises(TooManyPixels) as error:
        read_header(tiny_webp(CLAIMED))
    assert error.value.pixels == 40_000_000
