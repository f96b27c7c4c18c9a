"""The decoder process: it reads pictures from standard input and writes cleaned ones to output.

It has resource limits, because a decoder at work cannot be stopped from within its process. It ends
when its input ends, and so with its parent. It imports little, because it is started often.
"""

import hashlib
import io
import json
import math
import os
import signal
import sys
import time
import warnings
from contextlib import suppress
from typing import BinaryIO, Final

from PIL import Image, ImageOps

from domain.desk.evidence import FORMATS, MAX_PIXELS, PICTURE_BYTES_LIMIT
from resolvers.decoding.colours import in_srgb
from resolvers.decoding.frames import HEAD
from resolvers.decoding.truncated import mended

if sys.platform != "win32":
    import resource

_NICENESS: Final = 5
"""Requests have priority over pictures."""
_QUALITIES: Final = {"JPEG": (90, 80, 70, 55), "PNG": (None,), "WEBP": (90, 80, 70, 55)}
"""Tried in this order until the picture is small enough; a PNG has no quality."""
_SCALES: Final = 4
"""How often a picture is scaled down that no quality makes small enough."""
THUMBNAIL_FORMAT: Final = "WEBP"
THUMBNAIL_QUALITY: Final = 80
_MAX_HEIGHT: Final = 16_383
"""WebP has no higher pictures; the screenshot of a long conversation is."""
_MARGIN: Final = 0.9
"""Scaled pictures compress a little worse than their pixels say."""


class TooLarge(Exception):
    """The picture cannot be made as small as a picture must be."""


def main(memory: int, cpu_s: int) -> None:
    """Answer each picture with a line of JSON, followed by the clean picture if there is one.

    ``memory`` limits the process, in bytes; ``cpu_s`` limits the CPU time of each picture.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # a server that stops still finishes its requests
    warnings.simplefilter("ignore")  # untrusted pictures must not fill the log
    _limit_memory(memory)
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to standard error, not among the answers
    while len(head := source.read(HEAD.size)) == HEAD.size:
        width, length = HEAD.unpack(head)
        data = source.read(length)
        _limit_cpu(cpu_s)
        _write_answer(answers, *(thumbnail(data, width) if width else clean(data)))


def _limit_memory(memory: int) -> None:
    if sys.platform == "win32":
        return
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # macOS takes no limit of the address space; there only the number of pixels is bounded.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _limit_cpu(cpu_s: int) -> None:
    """Have the system end the process if this picture takes longer."""
    if sys.platform == "win32":
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + cpu_s, hard))


def _write_answer(answers: BinaryIO, answer: dict[str, object], clean: bytes) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.write(clean)
    answers.flush()


def clean(data: bytes) -> tuple[dict[str, object], bytes]:
    """The answer and the bytes of the clean picture, or an error and no bytes."""
    try:
        format_, upright = _decode(data)
        encoded, upright = encode(format_, upright)
    except TooLarge as error:
        return {"error": "it cannot be made small enough", "too_large": error.args[0]}, b""
    except Exception as error:  # noqa: BLE001 - a decoder may raise anything
        return {"error": f"{type(error).__name__}: {error}"}, b""
    return _answer(format_, encoded, upright)


def thumbnail(data: bytes, width: int) -> tuple[dict[str, object], bytes]:
    """The same for a picture that was cleaned before, as wide as ``width`` or WebP can be."""
    try:
        with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
            width = min(width, max(1, image.width * _MAX_HEIGHT // image.height))
            size = width, min(_MAX_HEIGHT, max(1, round(image.height * width / image.width)))
            image.draft(None, size)  # a JPEG is decoded in a half, a quarter or an eighth at once
            small = image.convert("RGBA" if image.has_transparency_data else "RGB").resize(
                size, Image.Resampling.LANCZOS, reducing_gap=2.0
            )
        encoded = _encoded(THUMBNAIL_FORMAT, small, THUMBNAIL_QUALITY)
    except Exception as error:  # noqa: BLE001 - a decoder may raise anything
        return {"error": f"{type(error).__name__}: {error}"}, b""
    return _answer(THUMBNAIL_FORMAT, encoded, small)


def _answer(format_: str, encoded: bytes, image: Image.Image) -> tuple[dict[str, object], bytes]:
    picture = {
        "sha256": hashlib.sha256(encoded).hexdigest(),
        "media_type": FORMATS[format_],
        "bytes": len(encoded),
        "width": image.width,
        "height": image.height,
    }
    return {"picture": picture}, encoded


def _decode(data: bytes) -> tuple[str, Image.Image]:
    """The format, and the picture turned upright."""
    with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
        # The header was checked before, but the decoder may read another size from it.
        if image.width * image.height > MAX_PIXELS:
            raise Image.DecompressionBombError(image.size)
        try:
            image.load()
        except OSError:
            if image.format != "JPEG":
                raise
            return "JPEG", in_srgb(ImageOps.exif_transpose(mended(data)), data)
        # Many phones append a second picture to a JPEG, which makes it an MPO.
        format_ = "JPEG" if image.format == "MPO" else str(image.format)
        upright = ImageOps.exif_transpose(image)
        upright.format = image.format
        return format_, in_srgb(upright, data)


def encode(
    format_: str, upright: Image.Image, limit: int = PICTURE_BYTES_LIMIT
) -> tuple[bytes, Image.Image]:
    """Encode the pixels alone, without location and other metadata.

    The result has fewer bytes than ``limit``: its quality is lowered, or it is scaled down, if
    needed. Raises TooLarge.
    """
    if format_ == "JPEG" and upright.mode not in {"L", "RGB"}:
        upright = upright.convert("RGB")
    upright.info.clear()  # the metadata that encoders would write
    size = 0
    for _ in range(1 + _SCALES):
        for quality in _QUALITIES[format_]:
            clean = _encoded(format_, upright, quality)
            size = len(clean)
            if size < limit:
                return clean, upright
        scale = _MARGIN * math.sqrt(limit / size)
        width, height = (max(1, int(side * scale)) for side in upright.size)
        if upright.mode in {"1", "P"}:  # their pixels cannot be mixed
            upright = upright.convert("L" if upright.mode == "1" else "RGB")
        upright = upright.resize((width, height), Image.Resampling.LANCZOS)
    raise TooLarge(size)


def _encoded(format_: str, upright: Image.Image, quality: int | None) -> bytes:
    buffer = io.BytesIO()
    upright.save(buffer, format=format_, **({} if quality is None else {"quality": quality}))
    return buffer.getvalue()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
