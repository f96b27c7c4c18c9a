"""Which answers are compressed, and how: gzip, for whoever asks, where it saves more than it costs.

zstd would make them smaller in less time, and would be one more package with a compiled part; gzip
comes with Python, and everybody understands it.
"""

import zlib
from typing import Final

from transport.header_values import quality_of, remembered

GZIP: Final = "gzip"

MIN_BYTES: Final = 1024
"""Below that an answer fits into one or two packets either way."""

FAST: Final = 1
SMALL: Final = 9
"""For what is compressed once and sent often."""

_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS


@remembered
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a client that sends this header would rather have an answer compressed."""
    qualities: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        qualities[coding] = quality_of(parameters)
    gzip = qualities.get(GZIP, qualities.get("*", 0.0))
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


def compressed(content: bytes, *, level: int = FAST) -> bytes:
    """The content in gzip's format, without a name or a time: the same bytes each time."""
    packer = zlib.compressobj(level, zlib.DEFLATED, _GZIP_FORMAT)
    return packer.compress(content) + packer.flush()
