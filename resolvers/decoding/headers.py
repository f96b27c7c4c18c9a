"""Reading a picture's header, before a decoder allocates memory for the picture."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.desk.evidence import MAX_PIXELS

MAX_SCANS: Final = 100
"""A progressive JPEG has about ten scans; the most that an optimizer was seen to write is 25.

For each scan the decoder processes the whole picture, even if the scan contains no data.
"""
MAX_SEGMENTS: Final = 1_000
"""Segments of a JPEG, or chunks before the first frame of a WebP."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
# A zero byte escapes 0xFF in the data of a scan, and restart markers belong to the data. The
# pattern does not match runs of 0xFF as a whole: it would backtrack at each of their bytes.
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive, with Huffman codes."""
_OTHER_FRAMES: Final = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_VP8_START: Final = b"\x9d\x01\x2a"
_VP8L_SIGNATURE: Final = 0x2F


class BadPicture(Exception):
    """The data is no picture of an accepted format, or would cost too much to decode."""


class TooManyPixels(BadPicture):
    """The picture has more pixels than a picture may have."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width} × {height} pixels")
        self.pixels = width * height


@dataclass(frozen=True, slots=True)
class Header:
    """The format by the decoder's name, and the size in pixels before it is turned upright."""

    format: str
    width: int
    height: int


def read_header(data: bytes) -> Header:
    """Raises BadPicture, also for too many pixels, scans or segments."""
    if data.startswith(_JPEG):
        header = _jpeg(data)
    elif data.startswith(_PNG):
        header = _png(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        header = Header("WEBP", *_webp(data))
    else:
        raise BadPicture("it begins like no picture that is taken")
    if not header.width * header.height:
        raise BadPicture("no pixels")
    if header.width * header.height > MAX_PIXELS:
        raise TooManyPixels(header.width, header.height)
    return header


def _jpeg(data: bytes) -> Header:
    header, scans = None, 0
    for marker, offset in _segments(data):
        if marker in _FRAMES:
            if header is not None:
                raise BadPicture("a second frame")
            if _number(data, offset + 2, 1) != 8:  # noqa: PLR2004 - the only depth that is decoded
                raise BadPicture("samples are not of 8 bits")
            header = Header("JPEG", _number(data, offset + 5, 2), _number(data, offset + 3, 2))
        elif marker in _OTHER_FRAMES:
            raise BadPicture("a frame of a rare kind")
        elif marker == _SOS:
            scans += 1
            if scans > MAX_SCANS:
                raise BadPicture(f"more than {MAX_SCANS} scans")
    if header is None or not scans:
        raise BadPicture("no frame, or no scan")
    return header


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The markers of the first picture, each with the offset of its segment."""
    offset = len(_JPEG)
    for _ in range(MAX_SEGMENTS):
        match = _MARKER.search(data, offset)
        if match is None:
            return  # truncated; the decoder reports it
        offset, marker = match.end(), data[match.end() - 1]
        if marker == _EOI:
            return
        if marker == _SOI:
            raise BadPicture("a picture begins within a picture")
        yield marker, offset
        if marker != _TEM:
            offset += _number(data, offset, 2)
    raise BadPicture(f"more than {MAX_SEGMENTS} segments")


def _png(data: bytes) -> Header:
    start = len(_PNG)
    if data[start : start + 8] != b"\x00\x00\x00\x0dIHDR":
        raise BadPicture("no header")
    return Header("PNG", _number(data, start + 8, 4), _number(data, start + 12, 4))


def _webp(data: bytes) -> tuple[int, int]:
    canvas: tuple[int, int] | None = None
    for name, offset in _chunks(data, 12):
        if name == b"VP8X" and canvas is None:
            canvas = _number_le(data, offset + 4, 3) + 1, _number_le(data, offset + 7, 3) + 1
        elif name == b"ANMF" and canvas is not None:
            _check_frame(data, offset, canvas)
            return canvas
        elif name in {b"VP8 ", b"VP8L"}:
            size = _bitstream_size(data, name, offset)
            if canvas not in {None, size}:
                raise BadPicture("the canvas has another size than the picture on it")
            return size
    raise BadPicture("no picture within")


def _check_frame(data: bytes, offset: int, canvas: tuple[int, int]) -> None:
    """Check that an animation's first frame lies on the canvas and has the size that it states."""
    left, top, width, height = (_number_le(data, offset + 3 * index, 3) for index in range(4))
    size = width + 1, height + 1
    if left * 2 + size[0] > canvas[0] or top * 2 + size[1] > canvas[1]:
        raise BadPicture("a frame beside its canvas")
    for name, start in _chunks(data, offset + 16):
        if name in {b"VP8 ", b"VP8L"}:
            if _bitstream_size(data, name, start) != size:
                raise BadPicture("a frame has another size than the picture in it")
            return
    raise BadPicture("no picture in the first frame")


def _chunks(data: bytes, offset: int) -> Iterator[tuple[bytes, int]]:
    """The chunks of a WebP, each with the offset of its data."""
    for _ in range(MAX_SEGMENTS):
        if offset + 8 > len(data):
            return
        yield data[offset : offset + 4], offset + 8
        length = _number_le(data, offset + 4, 4)
        offset += 8 + length + length % 2
    raise BadPicture(f"more than {MAX_SEGMENTS} chunks")


def _bitstream_size(data: bytes, name: bytes, offset: int) -> tuple[int, int]:
    if name == b"VP8L":
        packed = _number_le(data, offset + 1, 4)
        if data[offset] != _VP8L_SIGNATURE:
            raise BadPicture("no lossless picture")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if data[offset + 3 : offset + 6] != _VP8_START:
        raise BadPicture("no key frame")
    return _number_le(data, offset + 6, 2) & 0x3FFF, _number_le(data, offset + 8, 2) & 0x3FFF


def _number(data: bytes, offset: int, size: int) -> int:
    """A big-endian number. Raises BadPicture if the data is too short."""
    if offset + size > len(data):
        raise BadPicture("it is cut off")
    return int.from_bytes(data[offset : offset + size], "big")


def _number_le(data: bytes, offset: int, size: int) -> int:
    """A little-endian number. Raises BadPicture if the data is too short."""
    if offset + size > len(data):
        raise BadPicture("it is cut off")
    return int.from_bytes(data[offset : offset + size], "little")
