"""Pictures that cost much to decode, made by code."""

import io
import struct
from typing import Any

from PIL import Image

LARGEST = 5_000, 5_000
"""As many pixels as a picture may have."""
CLAIMED = 6_400, 6_250
"""The 40 megapixels that were taken once."""


def encoded(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, format=kind, **save)
    return out.getvalue()


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def vp8l(width: int, height: int) -> bytes:
    """One colour, however many pixels: eleven bytes."""
    bits = [(0x2F, 8), (width - 1, 14), (height - 1, 14), (0, 1), (0, 3)]
    bits += [(0, 1)] * 3  # no transform, no cache, one group of codes
    bits += [(1, 1), (0, 1), (0, 1), (0, 1)] * 5  # each of its codes has one symbol
    packed = length = 0
    for value, size in bits:
        packed |= value << length
        length += size
    return packed.to_bytes((length + 7) // 8, "little")


def tiny_webp(size: tuple[int, int]) -> bytes:
    """A real WebP of 38 bytes that says how large it is, and is."""
    return webp((b"VP8L", vp8l(*size) + bytes(18 - len(vp8l(*size)))))


def canvas(width: int, height: int, *, animated: bool = False) -> bytes:
    """What a VP8X chunk holds."""
    flags = bytes([0b10 if animated else 0, 0, 0, 0])
    return flags + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def frame(left: int, top: int, size: tuple[int, int], *, of: tuple[int, int]) -> bytes:
    """What an ANMF chunk holds: a picture of one size that says it is of another."""
    numbers = (left // 2, top // 2, size[0] - 1, size[1] - 1, 100)
    head = b"".join(one.to_bytes(3, "little") for one in numbers) + b"\0"
    return head + webp((b"VP8L", vp8l(*of)))[12:]


def jpeg_of_scans(scans: int, size: tuple[int, int] = LARGEST) -> bytes:
    """A progressive JPEG whose last scan comes again and again; about 40 bytes each."""
    whole = encoded("JPEG", size, progressive=True)
    start = whole.rindex(b"\xff\xda")
    end = whole.rindex(b"\xff\xd9")
    before = whole.count(b"\xff\xda")
    return whole[:start] + whole[start:end] * (scans - before + 1) + whole[end:]
