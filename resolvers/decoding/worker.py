"""The process that decodes: pictures come on standard input, one at a time, and go out clean.

It runs with limits, because a decoder that is at work cannot be stopped from within its process.
It ends when its input does, and so with its parent. It imports little: it is started often.
"""

import hashlib
import io
import json
import math
import os
import signal
import struct
import sys
import time
import warnings
from contextlib import suppress
from typing import BinaryIO, Final

from PIL import Image, ImageOps

from domain.evidence import FORMATS, MAX_PIXELS

if sys.platform != "win32":
    import resource

LENGTH: Final = struct.Struct(">I")
"""How long a picture is, before it."""
_NICENESS: Final = 5
"""Requests go first: a picture can wait."""
_QUALITY: Final = {"JPEG": {"quality": 90}, "PNG": {}, "WEBP": {"quality": 90}}


def main(memory: int, processor_s: int) -> None:
    """Answer each picture with a line of JSON, and the clean one behind it if there is one.

    ``memory`` is what the process may have, in bytes; ``processor_s`` is for each picture.
    """
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)  # a server that stops still finishes what it is at
    warnings.simplefilter("ignore")  # a stranger's picture is no reason to fill the log
    _limit(memory)
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        data = source.read(*LENGTH.unpack(head))
        _allow(processor_s)
        _answer(answers, *_cleaned(data))


def _limit(memory: int) -> None:
    if sys.platform == "win32":
        return
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # macOS takes no limit of the address space; there the number of pixels is the bound.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _allow(processor_s: int) -> None:
    """Let the system end the process if this picture takes longer."""
    if sys.platform == "win32":
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + processor_s, hard))


def _answer(answers: BinaryIO, said: dict[str, object], clean: bytes) -> None:
    answers.write(json.dumps(said).encode() + b"\n")
    answers.write(clean)
    answers.flush()


def _cleaned(data: bytes) -> tuple[dict[str, object], bytes]:
    """What the clean picture is, and its bytes; or why it is none, and nothing."""
    try:
        kind, upright = _decode(data)
        clean = _encode(kind, upright)
    except Exception as error:  # noqa: BLE001 - a decoder that is fed with anything raises anything
        return {"error": f"{type(error).__name__}: {error}"}, b""
    picture = {
        "sha256": hashlib.sha256(clean).hexdigest(),
        "media_type": FORMATS[kind],
        "bytes": len(clean),
        "width": upright.width,
        "height": upright.height,
    }
    return {"picture": picture}, clean


def _decode(data: bytes) -> tuple[str, Image.Image]:
    """The format and the picture, the right way up."""
    with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
        # It was read from the header before; what the decoder makes of it is what counts.
        if image.width * image.height > MAX_PIXELS:
            raise Image.DecompressionBombError(image.size)
        image.load()
        # Many phones write a second picture behind the first, and that makes their JPEG an MPO.
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        return kind, ImageOps.exif_transpose(image)


def _encode(kind: str, upright: Image.Image) -> bytes:
    """The pixels alone: location and other metadata stay behind."""
    if "transparency" in upright.info:
        upright = upright.convert("RGBA")
    if kind == "JPEG" and upright.mode not in {"L", "RGB"}:
        upright = upright.convert("RGB")
    upright.info.clear()  # all that encoders would write besides the pixels
    out = io.BytesIO()
    upright.save(out, format=kind, **_QUALITY[kind])
    return out.getvalue()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
