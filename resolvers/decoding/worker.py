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
import struct
import sys
import time
import warnings
from contextlib import suppress
from typing import BinaryIO, Final

from PIL import Image, ImageOps

from domain.desk.evidence import FORMATS, MAX_PIXELS

if sys.platform != "win32":
    import resource

LENGTH: Final = struct.Struct(">I")
"""The length of a picture, sent before it."""
_NICENESS: Final = 5
"""Requests have priority over pictures."""
_QUALITY: Final = {"JPEG": {"quality": 90}, "PNG": {}, "WEBP": {"quality": 90}}


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
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        data = source.read(*LENGTH.unpack(head))
        _limit_cpu(cpu_s)
        _write_answer(answers, *_clean(data))


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


def _clean(data: bytes) -> tuple[dict[str, object], bytes]:
    """The answer and the bytes of the clean picture, or an error and no bytes."""
    try:
        format_, upright = _decode(data)
        clean = _encode(format_, upright)
    except Exception as error:  # noqa: BLE001 - a decoder may raise anything
        return {"error": f"{type(error).__name__}: {error}"}, b""
    picture = {
        "sha256": hashlib.sha256(clean).hexdigest(),
        "media_type": FORMATS[format_],
        "bytes": len(clean),
        "width": upright.width,
        "height": upright.height,
    }
    return {"picture": picture}, clean


def _decode(data: bytes) -> tuple[str, Image.Image]:
    """The format, and the picture turned upright."""
    with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
        # The header was checked before, but the decoder may read another size from it.
        if image.width * image.height > MAX_PIXELS:
            raise Image.DecompressionBombError(image.size)
        image.load()
        # Many phones append a second picture to a JPEG, which makes it an MPO.
        format_ = "JPEG" if image.format == "MPO" else str(image.format)
        return format_, ImageOps.exif_transpose(image)


def _encode(format_: str, upright: Image.Image) -> bytes:
    """Encode the pixels alone, without location and other metadata."""
    if "transparency" in upright.info:
        upright = upright.convert("RGBA")
    if format_ == "JPEG" and upright.mode not in {"L", "RGB"}:
        upright = upright.convert("RGB")
    upright.info.clear()  # the metadata that encoders would write
    buffer = io.BytesIO()
    upright.save(buffer, format=format_, **_QUALITY[format_])
    return buffer.getvalue()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
