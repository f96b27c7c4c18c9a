"""What a header says is known before anything is decoded, and costs next to nothing to read."""

import contextlib
import io
import struct
import time
from random import Random

import pytest
from PIL import Image

from domain.desk.evidence import MAX_PIXELS, PICTURE_BYTES_LIMIT
from resolvers.decoding.headers import (
    MAX_SCANS,
    MAX_SEGMENTS,
    BadPicture,
    Header,
    read_header,
)
from tests.pictures import hostile
from tests.pictures.hostile import canvas, encoded, frame, vp8l, webp

SIZES = [(1, 1), (40, 30), (641, 479), (16_383, 3)]


def saved(*frames: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    frames[0].save(out, format=kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize("size", SIZES)
def test_the_size_of_every_kind_of_picture_is_read(size: tuple[int, int]) -> None:
    pictures = [
        ("JPEG", encoded("JPEG", size)),
        ("JPEG", encoded("JPEG", size, "L", comment=b"\xff\xd9\xff\xc0\xff\xda" * 9)),
        ("JPEG", encoded("JPEG", size, "CMYK", progressive=True)),
        ("JPEG", encoded("JPEG", size, icc_profile=bytes(200_000), exif=b"Exif\0\0" + bytes(99))),
        ("JPEG", saved(Image.new("RGB", size), Image.new("RGB", (99, 99)), kind="MPO")),
        ("JPEG", encoded("JPEG", size, restart_marker_blocks=1)),
        ("PNG", encoded("PNG", size)),
        ("PNG", encoded("PNG", size, "P")),
        ("WEBP", encoded("WEBP", size)),
        ("WEBP", encoded("WEBP", size, lossless=True)),
        ("WEBP", encoded("WEBP", size, "RGBA", exif=b"Exif\0\0", icc_profile=b"x" * 99)),
        ("WEBP", saved(*[Image.new("RGB", size, one) for one in ("red", "blue")], kind="WEBP")),
    ]
    for kind, data in pictures:
        assert read_header(data) == Header(kind, *size)
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == size


def sof(marker: int = 0xC0, depth: int = 8, size: tuple[int, int] = (40, 30)) -> bytes:
    body = struct.pack(">BHHB", depth, size[1], size[0], 1) + b"\1\x11\0"
    return bytes([0xFF, marker]) + struct.pack(">H", 2 + len(body)) + body


SOS = b"\xff\xda\0\x08\1\1\0\0\x3f\0"
END = b"\xff\xd9"


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(segments) + END


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + bytes(9)


BAD = {
    "nothing": b"",
    "the beginning of a JPEG": b"\xff\xd8",
    "a JPEG without a scan": jpeg(sof()),
    "a JPEG without a frame": jpeg(SOS),
    "a JPEG whose frame stands behind its end": jpeg() + sof() + SOS,
    "a JPEG of two frames": jpeg(sof(), sof(), SOS),
    "a JPEG of 12 bits": jpeg(sof(0xC1, 12), SOS),
    "a lossless JPEG": jpeg(sof(0xC3), SOS),
    "a hierarchical JPEG": jpeg(sof(0xC5), SOS),
    "a JPEG with arithmetic codes": jpeg(sof(0xCA), SOS),
    "a JPEG without a height": jpeg(sof(size=(40, 0)), SOS),
    "a JPEG within a JPEG": jpeg(sof(), b"\xff\xd8", SOS),
    "a JPEG of 65,535 × 65,535": jpeg(sof(size=(65_535, 65_535)), SOS),
    "a JPEG of many scans": jpeg(sof(0xC2), SOS * (MAX_SCANS + 1)),
    "a JPEG of many segments": jpeg(b"\xff\xfe\0\2" * MAX_SEGMENTS, sof(), SOS),
    "a PNG of nothing": png(0, 30),
    "a PNG that begins with another chunk": png(40, 30).replace(b"IHDR", b"iCCP"),
    "a PNG of one pixel too many": png(MAX_PIXELS + 1, 1),
    "a PNG that is cut off": png(40, 30)[:18],
    "a WebP of 38 bytes and 40 megapixels": hostile.tiny_webp(hostile.CLAIMED),
    "a WebP of nothing": webp(),
    "a WebP whose canvas is too large": webp((b"VP8X", canvas(1 << 24, 1 << 24))),
    "a WebP whose canvas is smaller": webp((b"VP8X", canvas(9, 9)), (b"VP8L", vp8l(5000, 5000))),
    "a WebP whose canvas is larger": webp((b"VP8X", canvas(5000, 5000)), (b"VP8L", vp8l(9, 9))),
    "a WebP of many chunks": webp(*[(b"ICCP", b"")] * MAX_SEGMENTS, (b"VP8L", vp8l(9, 9))),
    "a WebP with no key frame": webp((b"VP8 ", b"\1" + bytes(9))),
    "an animation on a large canvas": webp(
        (b"VP8X", canvas(*hostile.CLAIMED, animated=True)),
        (b"ANMF", frame(0, 0, (9, 9), of=(9, 9))),
    ),
    "an animation beside its canvas": webp(
        (b"VP8X", canvas(20, 20, animated=True)), (b"ANMF", frame(16, 0, (9, 9), of=(9, 9)))
    ),
    "an animation whose frame is larger than it says": webp(
        (b"VP8X", canvas(20, 20, animated=True)), (b"ANMF", frame(0, 0, (9, 9), of=(5000, 5000)))
    ),
    "a GIF": encoded("GIF"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_costs_too_much_or_is_no_picture_is_refused(name: str) -> None:
    with pytest.raises(BadPicture):
        read_header(BAD[name])


def test_as_many_pixels_and_scans_as_there_may_be_are_taken() -> None:
    assert len(hostile.tiny_webp(hostile.LARGEST)) == 38
    assert read_header(hostile.tiny_webp(hostile.LARGEST)) == Header("WEBP", 5000, 5000)
    assert read_header(png(MAX_PIXELS, 1)) == Header("PNG", MAX_PIXELS, 1)
    assert read_header(jpeg(sof(0xC2), SOS * MAX_SCANS)) == Header("JPEG", 40, 30)


@pytest.mark.parametrize(
    "data",
    [
        jpeg(sof(), SOS, b"\xff" * PICTURE_BYTES_LIMIT),
        jpeg(sof(), SOS, b"\xff\0" * (PICTURE_BYTES_LIMIT // 2)),
        jpeg(sof(), SOS, b"\xff\xd0" * (PICTURE_BYTES_LIMIT // 2)),
        jpeg(sof(), SOS, b"\0" * PICTURE_BYTES_LIMIT),
        jpeg(sof(), b"\xff\xfe\0\2" * (PICTURE_BYTES_LIMIT // 4), SOS),
        jpeg(sof(), SOS * (PICTURE_BYTES_LIMIT // len(SOS))),
        webp(*[(b"ICCP", b"")] * (PICTURE_BYTES_LIMIT // 8)),
    ],
    ids=["fill", "escapes", "restarts", "zeros", "segments", "scans", "chunks"],
)
def test_reading_the_header_of_a_hostile_file_takes_no_time(data: bytes) -> None:
    spent = []
    for _ in range(3):
        before = time.thread_time()
        with contextlib.suppress(BadPicture):
            assert read_header(data) == Header("JPEG", 40, 30)
        spent.append(time.thread_time() - before)
    assert min(spent) < 0.05


def test_whatever_is_cut_off_or_changed_is_a_picture_or_none_and_no_bug() -> None:
    random = Random(8)
    whole = [
        encoded("JPEG", exif=b"Exif\0\0" + bytes(50)),
        encoded("JPEG", progressive=True),
        encoded("PNG"),
        encoded("WEBP", mode="RGBA", exif=b"Exif\0\0"),
        saved(*[Image.new("RGB", (9, 9), one) for one in ("red", "blue")], kind="WEBP"),
    ]
    taken = refused = 0
    for data in whole:
        inputs = [data[:length] for length in range(len(data))]
        for _ in range(2000):
            changed = bytearray(data)
            for _ in range(random.choice([1, 2, 8])):
                changed[random.randrange(min(len(data), 120))] = random.randrange(256)
            inputs.append(bytes(changed))
        for one in inputs:
            try:
                header = read_header(one)
            except BadPicture:
                refused += 1
            else:
                taken += 1
                assert 0 < header.width * header.height <= MAX_PIXELS
    assert taken
    assert refused
