"""JPEGs that lack their last bytes, as phones and chats sometimes send them.

The decoder fills what is missing. How much that is, it does not say; so the picture is decoded
again without a few more bytes: the first line that changes is about the last line that is there.
"""

import io
from typing import Final

from PIL import Image, ImageChops

_EOI: Final = b"\xff\xd9"
_SHORTER: Final = (64, 1_024)
_BLOCK: Final = 16
"""The most lines that are encoded together."""
_PART: Final = 20
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
_PROGRESSIVE: Final = 0xC2
_SOS: Final = 0xDA
_NO_SEGMENTS: Final = frozenset({0x00, 0x01, 0xFF, *range(0xD0, 0xD9)})
"""What follows 0xFF without a length: escaped data, fill bytes, restart markers."""
_LAST_COEFFICIENT: Final = 63


def mended(data: bytes) -> Image.Image:
    """The whole picture, for a file that lacks less than a twentieth of its lines.

    Raises OSError if it lacks more.
    """
    if not _has_all_scans(data):
        message = "scans are missing"
        raise OSError(message)
    image = _decoded(data)
    for count in (*_SHORTER, len(data) // _PART):
        box = ImageChops.difference(image, _decoded(data[:-count])).getbbox()
        if box is not None:
            missing = image.height - box[1]
            if missing > max(_BLOCK, image.height // _PART) or missing * 2 > image.height:
                message = f"about {missing} of {image.height} lines are missing"
                raise OSError(message)
            break
    return image


def _decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data + _EOI), formats=["JPEG"])
    image.load()
    return image


def _has_all_scans(data: bytes) -> bool:
    """Whether a scan with the last bits of every coefficient has begun, for each component."""
    components: set[int] = set()
    complete: dict[int, set[int]] = {}
    progressive, offset = False, 2
    while 0 <= (offset := data.find(b"\xff", offset)) < len(data) - 4:
        marker = data[offset + 1]
        if marker in _NO_SEGMENTS:
            offset += 1
            continue
        length = int.from_bytes(data[offset + 2 : offset + 4], "big")
        segment = data[offset + 4 : offset + 2 + length]
        if marker in _FRAMES:
            progressive = marker == _PROGRESSIVE
            components = set(segment[6::3])
        elif marker == _SOS and segment:
            count = segment[0]
            first, last, bits = segment[1 + 2 * count : 4 + 2 * count]
            if not progressive or not bits & 0x0F:
                end = last if progressive else _LAST_COEFFICIENT
                for component in segment[1 : 1 + 2 * count : 2]:
                    complete.setdefault(component, set()).update(range(first, end + 1))
        offset += 2 + length
    every = set(range(_LAST_COEFFICIENT + 1))
    return bool(components) and all(complete.get(one) == every for one in components)
